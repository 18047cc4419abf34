"""What crosses a process or is saved: pure pydantic, shared by SDK and engine.

The brief says what an editor asks for. All its times are whole frames in the *source* clock of the hole, at the
frame rate of the request, so that a trim or a move changes nothing in it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Role = Literal["dialogue", "effects", "ambience", "music"]
ROLES: tuple[Role, ...] = ("dialogue", "effects", "ambience", "music")
TRACK_NAMES: dict[str, str] = {
    "dialogue": "DX",
    "effects": "FX",
    "ambience": "BG",
    "music": "MX",
    "mix": "MIX",
}
"""Short names of the roles: track names in the cut, file name parts in the store."""


Part = Literal["picture", "dialogue", "effects", "ambience", "music"]
"""What of a take can be made anew by itself: the picture, or one stem."""
PARTS: tuple[Part, ...] = ("picture", *ROLES)


class Wire(BaseModel):
    """Base of saved and sent models: frozen, unknown fields refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True, ser_json_inf_nan="null"
    )


class Line(Wire):
    """One speaker's dialogue."""

    speaker: str
    text: str
    manner: str = ""
    """How it is said, free words: "tired, low"."""
    lips: bool = True
    """False for V.O. and O.S.: nobody's lips move."""
    at_frames: int
    """First frame of speech, source clock."""
    length_frames: int | None = None
    """Length if the editor fixed it, else estimated when the shot is laid out."""
    speed: float = 1.0
    """Speech factor; 1.27 is 27 % faster (`fit="tighten"`)."""


class Cue(Wire):
    """A timed sound instruction."""

    role: Role
    text: str
    at_frames: int
    """Source clock."""
    length_frames: int | None = None
    hit: bool = False
    """The music accents here."""


class Reference(Wire):
    """A file that guides generation: a still, a voice, a recorded line."""

    kind: Literal["still", "voice", "line", "plate"]
    path: str
    """As written by the editor: relative to the cut, or absolute."""
    sha256: str = ""
    """Of its bytes; empty only where the file could not be read (then there is a finding)."""
    speaker: str = ""
    at_frames: int | None = None
    """Of a recorded line: where it begins (source clock); None = with the shot."""
    part: tuple[int, int] | None = None
    """Of a recorded line: first sample and count at 48 kHz, where it is not the whole file."""
    heard: bool = True
    """False where the cut itself plays the recording: the lips follow it, the dialogue stem has nothing of it."""


class Voice(Wire):
    """Who a speaker is: words for the model's voice knobs."""

    speaker: str
    description: str


class Brief(Wire):
    """What the editor asks of one shot. Empty sound fields leave the model free; `sound=False` asks for silence."""

    prompt: str = ""
    negative: str = ""
    style: str = ""
    camera: str = ""
    lines: tuple[Line, ...] = ()
    cues: tuple[Cue, ...] = ()
    voices: tuple[Voice, ...] = ()
    references: tuple[Reference, ...] = ()
    seed: int | None = None
    sound: bool = True
    follows: str = ""
    """Name of the shot whose end is this one's beginning (`REF: SH010 end`); empty = as the scene has it."""

    @property
    def is_empty(self) -> bool:
        """True where nothing at all is asked."""
        return not (self.prompt or self.lines or self.cues or self.references or self.camera or self.follows)


class BedMusic(Wire):
    """The music bed a shot lies under: enough of it to know its beats."""

    text: str
    seed: int | None = None
    hits_frames: tuple[int, ...] = ()
    """Its accents, in the clock of the bed."""
    end_frame: int
    """What the cut uses of it when it is made, in the clock of the bed: it ends there."""
    at_frame: int
    """Frame of the source clock at which the bed begins; may be long before the shot."""


class Scene(Wire):
    """What a shot inherits where its own brief is silent: place, hour and weather, and who the people are."""

    setting: str = ""
    """Words of the ambience bed that holds the scene together."""
    cast: tuple[Voice, ...] = ()
    """Everyone of the scene, by name; an empty description where no VOICE says more."""
    before: tuple[str, ...] = ()
    """What the picture of earlier shots was to be: the scene's first, then the last `SCENE_REACH`, oldest first."""
    music: BedMusic | None = None
    """The music bed over the shot."""


SCENE_REACH = 8
"""So many shots back a scene is remembered: enough for any dialogue, and a request stays small in a long one."""


class Understanding(Wire):
    """What a model's reader makes of the words of a brief."""

    understood: dict[str, str] = {}
    """What the words were taken to say -> the words."""
    guessed: tuple[str, ...] = ()
    """What was decided without words, or otherwise than they say."""
    ignored: tuple[str, ...] = ()
    """Words that change nothing."""


class Finding(Wire):
    """One remark of planning, checking or conforming; `error` findings make a command exit with 1."""

    level: Literal["info", "warning", "error"]
    code: str
    """Stable for machines: "line_too_long", "sync_offset", ..."""
    message: str
    """What, where, the rule, the nearest legal value or the command that mends it."""
    shot: str = ""
    timecode: str = ""


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8: the form that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha256_of(value: Any) -> str:
    """sha256 (hex) of the canonical JSON of a JSON value."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


class FileRecord(Wire):
    """One file of a take."""

    name: str
    """File name inside the take's folder."""
    bytes: int = Field(ge=0)
    sha256: str
