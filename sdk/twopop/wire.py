"""What crosses a process or is saved, shared by SDK and engine: dataclasses that pydantic reads and writes.

pydantic is loaded when something is first read or written: importing it costs more than planning a whole cut, and
an editor's console pays that each time it starts.

The brief says what an editor asks for. All its times are whole frames in the *source* clock of the hole, at the
frame rate of the request, so that a trim or a move changes nothing in it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, cast

if TYPE_CHECKING:
    from pydantic import TypeAdapter

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


class Wire:
    """Base of what is saved or sent: frozen, keyword-only. Reading refuses unknown fields and wrong types."""

    __slots__ = ()
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid", "ser_json_inf_nan": "null"}

    @classmethod
    def model_validate(cls, value: Any) -> Self:
        """One of these from a mapping, checked (pydantic's ValidationError, a ValueError)."""
        return _adapter(cls).validate_python(value)

    @classmethod
    def model_validate_json(cls, text: str | bytes) -> Self:
        """One of these from JSON, checked (pydantic's ValidationError, a ValueError)."""
        return _adapter(cls).validate_json(text)

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """The names of its fields, in order."""
        return tuple(each.name for each in fields(cast(Any, cls)))

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """A copy with other values, which are not checked."""
        return replace(cast(Any, self), **update)

    def model_dump(self, *, mode: Literal["json"] = "json", exclude: Collection[str] = ()) -> dict[str, Any]:
        """Its fields as JSON values; `mode` is there for callers that hold pydantic's own models as well."""
        return {name: _json_value(getattr(self, name)) for name in self.field_names() if name not in exclude}

    def model_dump_json(self, *, indent: int | None = None, exclude: Collection[str] = ()) -> str:
        """JSON text."""
        return _adapter(type(self)).dump_json(self, indent=indent, exclude=set(exclude)).decode()


@cache
def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(cls)


def _json_value(value: Any) -> Any:
    """A field as pydantic writes it in JSON."""
    if isinstance(value, Wire):
        return value.model_dump()
    if isinstance(value, tuple | list):
        return [_json_value(each) for each in cast(list[Any], value)]
    if isinstance(value, dict):
        return {str(key): _json_value(each) for key, each in cast(dict[Any, Any], value).items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value) if isinstance(value, Fraction | Path) else value


@dataclass(frozen=True, slots=True)
class Within:
    """Limits of a number where it is read: `Annotated[int, Within(0, 100)]`. Infinity and NaN are always refused."""

    low: float
    high: float | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        schema = {**handler(source), "ge": self.low}
        if self.high is not None:
            schema["le"] = self.high
        return {**schema, "allow_inf_nan": False} if schema["type"] == "float" else schema


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue(Wire):
    """A timed sound instruction."""

    role: Role
    text: str
    at_frames: int
    """Source clock."""
    length_frames: int | None = None
    hit: bool = False
    """The music accents here."""


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice(Wire):
    """Who a speaker is: words for the model's voice knobs."""

    speaker: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding(Wire):
    """What a model's reader makes of the words of a brief."""

    understood: dict[str, str] = field(default_factory=dict[str, str])
    """What the words were taken to say -> the words."""
    guessed: tuple[str, ...] = ()
    """What was decided without words, or otherwise than they say."""
    ignored: tuple[str, ...] = ()
    """Words that change nothing."""


Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Wire):
    """One remark of planning, checking or conforming; `error` findings make a command exit with 1."""

    level: Level
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord(Wire):
    """One file of a take."""

    name: str
    """File name inside the take's folder."""
    bytes: Annotated[int, Within(0)]
    sha256: str
