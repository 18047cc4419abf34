"""From instructions with a place in a shot to its brief. All frames are in the shot's source clock."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from .errors import SpottingError
from .markers import SOUND_WORDS, Instruction, speaker_name
from .prompts import read_prompt
from .references import ReferenceFiles, clean_path, is_sound_file, reference_kind
from .settings import Settings
from .wire import ROLES, Brief, Cue, Level, Line, Reference, Role, Voice

TIMED = frozenset(("DX", *SOUND_WORDS))
"""Words whose place in time matters."""

_MAX_SEED = 2**31 - 1
_END_OF = re.compile(r"(?:(?:the )?end of (?:the )?(?:shot )?(\S+)|(?:shot )?(\S+?)(?:'s)? end)$", re.I)
"""`REF: SH010 end`, `REF: end of SH010`: no file, the end of a shot."""
_SIGNED = re.compile(r"([+-]?)\s*(\d{1,6})\s*(?:f|frames?)?$", re.I)


class Placed(NamedTuple):
    """One instruction with its place in a shot (source clock)."""

    said: Instruction
    at_frames: int
    length_frames: int | None = None
    order: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a brief that is not right; becomes a finding where the shot's name and timecode are known."""

    level: Level
    code: str
    message: str
    at_frames: int | None = None
    """Where (source clock); None = the shot as a whole."""


@dataclass(slots=True)
class Draft:
    """A brief in the making, everything in time order. (Tuples: ten empty lists for each of 10,000 shots cost time.)"""

    prompts: tuple[tuple[str, int], ...] = ()
    """Texts with their places."""
    negative: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    camera: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    cues: tuple[Cue, ...] = ()
    voices: tuple[tuple[str, str], ...] = ()
    """Speaker and description, or the path of a sound file."""
    references: tuple[Reference, ...] = ()
    seed: int | None = None
    sound: bool = True
    keep: bool = False
    lock: bool = False
    follows: str = ""
    head_frames: int = 0
    tail_frames: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def asks(self) -> bool:
        """True where there is content to generate, not only a direction (STYLE, VOICE, LOCK ...)."""
        return bool(self.prompts or self.lines or self.cues or self.camera or self.references or self.follows)

    @property
    def says_anything(self) -> bool:
        """True where any field of a brief is set."""
        return self.asks or bool(self.negative or self.style or self.voices or self.seed is not None) or not self.sound


def draft_of(placed: Iterable[Placed]) -> Draft:
    """What instructions from one source (clip markers, or markers above it) ask for."""
    draft = Draft()
    for item in sorted(placed, key=lambda p: (p.at_frames, p.order)):
        _add(draft, item)
    return draft


def draft_of_brief(brief: Brief, origin_frames: int) -> Draft:
    """A brief stated in metadata, as the strongest source. `origin_frames`: first frame of the media, where its
    prompt text has no place of its own."""
    return Draft(
        prompts=((brief.prompt, origin_frames),) if brief.prompt else (),
        negative=(brief.negative,) if brief.negative else (),
        style=(brief.style,) if brief.style else (),
        camera=(brief.camera,) if brief.camera else (),
        lines=tuple(line.model_copy(update={"speaker": speaker_name(line.speaker)}) for line in brief.lines),
        cues=brief.cues,
        voices=tuple((speaker_name(voice.speaker), voice.description) for voice in brief.voices),
        references=tuple(r.model_copy(update={"speaker": speaker_name(r.speaker)}) for r in brief.references),
        seed=brief.seed,
        sound=brief.sound,
        follows=brief.follows,
    )


def merged(strong: Draft, weak: Draft) -> Draft:
    """Both, where `strong` wins: words it has are its own; lines, cues and files are added unless they collide."""
    taken = {(line.speaker, line.at_frames) for line in strong.lines}
    sounding = {(cue.role, cue.at_frames) for cue in strong.cues}
    files = {(ref.kind, ref.path, ref.speaker) for ref in strong.references}
    hidden = [name for name in ("prompts", "camera") if getattr(strong, name) and getattr(weak, name)]
    problems = tuple(Problem("info", "overridden", _overridden(name)) for name in hidden)
    voiced = {speaker for speaker, _ in strong.voices}
    return Draft(
        prompts=strong.prompts or weak.prompts,
        negative=strong.negative or weak.negative,
        style=strong.style or weak.style,
        camera=strong.camera or weak.camera,
        lines=strong.lines + tuple(line for line in weak.lines if (line.speaker, line.at_frames) not in taken),
        cues=strong.cues + tuple(cue for cue in weak.cues if (cue.role, cue.at_frames) not in sounding),
        voices=strong.voices + tuple(voice for voice in weak.voices if voice[0] not in voiced),
        references=strong.references + tuple(r for r in weak.references if (r.kind, r.path, r.speaker) not in files),
        seed=weak.seed if strong.seed is None else strong.seed,
        sound=strong.sound and weak.sound,
        keep=strong.keep or weak.keep,
        lock=strong.lock or weak.lock,
        follows=strong.follows or weak.follows,
        head_frames=max(strong.head_frames, weak.head_frames),
        tail_frames=max(strong.tail_frames, weak.tail_frames),
        problems=strong.problems + weak.problems + problems,
    )


def finished(draft: Draft, settings: Settings, cast: dict[str, str], files: ReferenceFiles) -> Brief:
    """The brief of a draft: prompt text understood, settings and cast added, references hashed.

    A draft that says nothing gives an empty brief. Problems found on the way are added to `draft.problems`.
    """
    prompt = _read_prompts(draft)
    lines = sorted(draft.lines, key=lambda line: line.at_frames) if len(draft.lines) > 1 else draft.lines
    cues = sorted(draft.cues, key=lambda cue: cue.at_frames) if len(draft.cues) > 1 else draft.cues
    voices, voice_files = _voices(lines, {**cast, **dict(draft.voices)}) if lines else ((), ())
    references = (*draft.references, *voice_files)
    if not draft.sound and (lines or cues):
        said = f"SILENT and {'DX' if lines else 'a sound'} are asked for: there is no sound. Remove one of the two."
        _complain(draft, "warning", "silent_with_sound", said, min(each.at_frames for each in (*lines, *cues)))
    return Brief(
        prompt=_sentences([settings.prompt, prompt]) if settings.prompt else prompt,
        negative=", ".join(filter(None, (settings.negative, *draft.negative))),
        style=", ".join(draft.style) or settings.style,
        camera=", ".join(draft.camera),
        lines=tuple(lines),
        cues=tuple(cues),
        voices=voices,
        references=tuple(_hashed(r, files, draft) for r in references) if references else (),
        seed=draft.seed,
        sound=draft.sound,
        follows=draft.follows,
    )


def _add(draft: Draft, item: Placed) -> None:
    """One instruction into its field."""
    said, word = item.said, item.said.word
    if word == "PROMPT":
        draft.prompts += ((said.text, item.at_frames),)
    elif word == "DX":
        line = Line(
            speaker=said.speaker,
            text=said.text,
            manner=said.manner,
            lips=said.lips,
            at_frames=item.at_frames,
            length_frames=item.length_frames,
        )
        draft.lines += (line,)
    elif role := SOUND_WORDS.get(word):
        hit = word == "HIT"
        cue = Cue(role=role, text=said.text, at_frames=item.at_frames, length_frames=item.length_frames, hit=hit)
        draft.cues += (cue,)
    elif word == "CAM":
        draft.camera += (said.text,)
    elif word == "STYLE":
        draft.style += (said.text,)
    elif word == "NEG":
        draft.negative += (said.text,)
    else:
        _direct(draft, item)
    if not said.text and word not in ("HIT", "SILENT", "KEEP", "LOCK"):
        message = f"{word}: says nothing. Write its text after the colon."
        _complain(draft, "warning", "empty_instruction", message, item.at_frames)


def _complain(draft: Draft, level: Level, code: str, message: str, at_frames: int | None = None) -> None:
    draft.problems += (Problem(level, code, message, at_frames),)


def _direct(draft: Draft, item: Placed) -> None:
    """Instructions about the shot rather than its content, and files."""
    said, word = item.said, item.said.word
    if word == "SILENT":
        draft.sound = False
    elif word == "KEEP":
        draft.keep = True
    elif word == "LOCK":
        draft.lock = True
    elif word == "VOICE":
        draft.voices += ((said.speaker, said.text),)
    elif word == "REF":
        _refer(draft, item)
    elif word == "SEED":
        if said.text.isascii() and said.text.isdigit() and int(said.text) <= _MAX_SEED:
            draft.seed = int(said.text)
        elif said.text:
            message = f'SEED: "{said.text}" is no seed. Use a whole number from 0 to {_MAX_SEED}.'
            _complain(draft, "warning", "bad_seed", message, item.at_frames)
    elif word == "EXTEND":
        _extend(draft, item)


def _extend(draft: Draft, item: Placed) -> None:
    for part in filter(None, re.split(r"[,;/\s]+(?=[+-])", item.said.text)):
        if found := _SIGNED.match(part.strip()):
            frames = int(found[2])
            if found[1] == "-":
                draft.head_frames = max(draft.head_frames, frames)
            else:
                draft.tail_frames = max(draft.tail_frames, frames)
        elif item.said.text:
            message = f'EXTEND: "{item.said.text}" is no count of frames. Use +24 for the tail, -24 for the head.'
            _complain(draft, "warning", "bad_extend", message, item.at_frames)
            return


def _refer(draft: Draft, item: Placed) -> None:
    path = clean_path(item.said.text)
    if not path:
        return
    if found := _END_OF.match(path):
        draft.follows = found[1] or found[2]
        return
    try:
        kind = reference_kind(path)
        at = item.at_frames if kind == "line" else None
        draft.references += (Reference(kind=kind, path=path, speaker=item.said.speaker, at_frames=at),)
    except SpottingError as exc:
        _complain(draft, "error", "bad_reference", str(exc), item.at_frames)


def _read_prompts(draft: Draft) -> str:
    """Joins the prompt texts; speech and sounds in them become lines and cues where nothing stronger asks."""
    speech = not draft.lines
    roles = frozenset[Role](ROLES) - {cue.role for cue in draft.cues}
    texts: list[str] = []
    for text, at in draft.prompts:
        read = read_prompt(text, speech=speech, roles=roles)
        texts.append(read.prompt)
        draft.lines += tuple(
            Line(speaker=s.speaker, text=s.text, manner=s.manner, lips=s.lips, at_frames=at) for s in read.speeches
        )
        draft.cues += tuple(Cue(role=role, text=said, at_frames=at) for role, said in read.sounds)
    return texts[0] if len(texts) == 1 else _sentences(texts)


def _sentences(texts: Iterable[str]) -> str:
    """Texts one after the other, each ended like a sentence."""
    given = [text.strip() for text in texts if text.strip()]
    ended = [text if text[-1] in ".!?…。！？" else f"{text}." for text in given[:-1]]
    return " ".join((*ended, *given[-1:]))


def _voices(lines: Iterable[Line], cast: dict[str, str]) -> tuple[tuple[Voice, ...], tuple[Reference, ...]]:
    """The voices of a shot's own speakers: descriptions, and voice files."""
    known = [(who, cast[who]) for who in dict.fromkeys(line.speaker for line in lines) if cast.get(who)]
    return (
        tuple(Voice(speaker=who, description=text) for who, text in known if not is_sound_file(text)),
        tuple(Reference(kind="voice", path=clean_path(t), speaker=who) for who, t in known if is_sound_file(t)),
    )


def _hashed(reference: Reference, files: ReferenceFiles, draft: Draft) -> Reference:
    try:
        return reference.model_copy(update={"sha256": files.sha256(reference.path)})
    except SpottingError as exc:
        _complain(draft, "error", "bad_reference", str(exc))
        return reference.model_copy(update={"sha256": ""})


def with_known_files(draft: Draft, brief: Brief, made: Brief | None) -> Brief:
    """`brief` with the hashes of files that are not here, as they were when its take was made.

    The draft's errors about those files become remarks: nothing is missing until the shot is generated again.
    """
    known = {(r.kind, r.path, r.speaker): r for r in made.references} if made else {}
    asked = [r if r.sha256 else known.get((r.kind, r.path, r.speaker), r) for r in brief.references]
    if not all(r.sha256 for r in asked):
        return brief
    kept = "Its take was made with it and serves; to generate the shot again, the file is needed."
    draft.problems = tuple(
        Problem("info", "reference_elsewhere", f"{p.message} {kept}") if p.code == "bad_reference" else p
        for p in draft.problems
    )
    return brief.model_copy(update={"references": tuple(asked)})


def _overridden(name: str) -> str:
    word = {"prompts": "PROMPT", "camera": "CAM"}[name]
    return f"a weaker {word} is not used: the clip's own says it already. Remove one of them."
