"""Shot lists: the rows of an edit that exists on paper only. CSV for people, JSON and Python for programs, one key set.

Times in a row (`length`, `at`, ...) are whole frames (48), seconds ("2.5s") or timecode ("00:00:02:12"). `at` counts in
the shot's source clock: 0 is its first frame.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, ValidationError

from .errors import TimelineError, UsageError
from .message import Message
from .timebase import parse_timecode, seconds_to_frames

_SECONDS = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*s(?:ec(?:onds?)?)?$", re.I)
_LARGEST = 64_000_000
"""Bytes of the largest shot list that is read."""


def _checked_time(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f'{value!r} is no time. Use frames (48), seconds ("2.5s") or timecode ("00:00:02:12")')
    return value


Time = Annotated[int | str, BeforeValidator(_checked_time)]
"""Frames, "2.5s" or "00:00:02:12"."""


class LineRow(Message):
    """One line of dialogue in a shot."""

    text: str
    speaker: str = ""
    manner: str = ""
    lips: bool = True
    """False for V.O. and O.S."""
    at: Time = 0
    length: Time | None = None


class CueRow(Message):
    """One timed sound in a shot."""

    text: str
    role: Literal["fx", "bg", "mx"] = "fx"
    at: Time = 0
    length: Time | None = None
    hit: bool = False
    """The music accents here."""


class BedRow(Message):
    """Ambience or music that starts in this row and runs under the cuts."""

    text: str
    role: Literal["bg", "mx"]
    at: Time = 0
    length: Time | None = None
    through: str = ""
    """Name of the last row it lies under. Without `length` and `through` it runs to the next of its role, or as long as
    shots touch."""
    seed: int | None = None


class MarkerRow(Message):
    """A marker as it will be in the cut."""

    text: str
    at: Time = 0
    length: Time | None = None
    color: str = "RED"


class ShotRow(Message):
    """One row: a hole unless `media`, `gap` or `title` says otherwise."""

    name: str = ""
    """Empty = SH010, SH020, ... by position."""
    length: Time | None = None
    """How long the cut shows it. Needed unless `media` can be measured."""
    prompt: str = ""
    dialogue: str = ""
    """For people: "MARA (tired): We close." Several are parted by `|` or new lines; "@1.5s LEO: No." begins later."""
    fx: str = ""
    """For people, like `dialogue`: "@12 pan hits the stove | @2s steps"."""
    bg: str = ""
    """Ambience that begins with this shot: a bed to the next `bg`, or as long as shots touch."""
    mx: str = ""
    """Music, like `bg`."""
    lines: tuple[LineRow, ...] = ()
    """For programs."""
    cues: tuple[CueRow, ...] = ()
    beds: tuple[BedRow, ...] = ()
    markers: tuple[MarkerRow, ...] = ()
    ref: str = ""
    """A still, a recorded line or a plate; several are parted by `|`."""
    camera: str = ""
    style: str = ""
    negative: str = ""
    seed: int | None = None
    media: str = ""
    """A file that exists: the row is real footage. Relative to the shot list."""
    media_in: Time = 0
    """First frame of `media` that is shown, from its beginning."""
    gap: bool = False
    title: str = ""
    """Text of a title (a generator; nothing is made for it)."""
    transition: Time | None = None
    """Length of a dissolve from the row before into this one, centred on the cut."""
    retime: Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)] | None = None
    """Speed of the clip: 0.5 is half as fast, 0 a freeze. Times of its lines and sounds are media times."""
    nest: str = ""
    """Neighbouring rows with the same name lie in one nested stack."""
    note: str = ""
    """From people to people; becomes a NOTE marker."""


def read_shot_list(path: Path) -> list[Mapping[str, Any]]:
    """The rows of a .csv (UTF-8; comma, semicolon or tab) or .json (a list of objects) shot list.

    Raises:
        UsageError: not a file that can be read as one, with the line.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(
                f"Shot list {path.name} is larger than {_LARGEST // 10**6} MB. Split it. Nothing was made."
            )
        text = path.read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise UsageError(
            f"Shot list {path} cannot be read: {exc.strerror}. Check the name and its permissions. Nothing was made."
        ) from exc
    except UnicodeDecodeError as exc:
        raise UsageError(f"Shot list {path.name} cannot be read: {exc}. Save it as UTF-8. Nothing was made.") from exc
    if path.suffix.casefold() == ".json":
        return _read_json(text, path.name)
    if path.suffix.casefold() in (".csv", ".tsv", ".txt"):
        return _read_csv(text, path.name)
    raise UsageError(f"Shot list {path.name} is neither .csv nor .json. Nothing was made.")


def checked_rows(rows: Sequence[Mapping[str, Any] | ShotRow]) -> list[ShotRow]:
    """Rows as `ShotRow`s.

    Raises:
        UsageError: naming the row, the column, and the nearest one there is.
    """
    checked: list[ShotRow] = []
    for number, row in enumerate(rows, start=1):
        if isinstance(row, ShotRow):
            checked.append(row)
            continue
        if not isinstance(row, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]  (JSON may hold anything)
            raise UsageError(f"Row {number} is no object with keys such as name, length, prompt. Nothing was made.")
        try:
            checked.append(ShotRow.model_validate(dict(row)))
        except ValidationError as exc:
            raise UsageError(_complaint(number, row, exc)) from exc
    if not checked:
        raise UsageError("The shot list has no rows. Give at least a name, a length and a prompt. Nothing was made.")
    return checked


def frames_of(time: int | str, frame_rate: Fraction) -> int:
    """A row's time in frames.

    Raises:
        UsageError: text that is no time, or a negative one.
    """
    text = str(time).strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    if found := _SECONDS.match(text):
        return seconds_to_frames(Fraction(found[1]), frame_rate)
    try:
        frames = parse_timecode(text, frame_rate)
    except TimelineError as exc:
        if ":" in text:
            raise UsageError(str(exc).rstrip(".")) from exc
        frames = -1
    if frames < 0:
        raise UsageError(f'"{text}" is no time: use frames (48), seconds (2.5s) or timecode (00:00:02:12)')
    return frames


def _read_json(text: str, name: str) -> list[Mapping[str, Any]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise UsageError(f"Shot list {name} is no JSON: {exc}. Nothing was made.") from exc
    if not isinstance(rows, list):
        raise UsageError(f"Shot list {name} must be a list of rows, [{{...}}, ...]. Nothing was made.")
    return cast(list[Mapping[str, Any]], rows)


def _read_csv(text: str, name: str) -> list[Mapping[str, Any]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey="", strict=True)
    rows: list[Mapping[str, Any]] = []
    try:
        for row in reader:
            if "" in row:
                raise UsageError(
                    f"Shot list {name}, line {reader.line_num}: more cells than columns. "
                    f"Quote cells that hold {delimiter!r}. Nothing was made."
                )
            cells = {
                str(key).strip().casefold(): value.strip() for key, value in row.items() if value and value.strip()
            }
            if cells:
                rows.append(cells)
    except csv.Error as exc:
        raise UsageError(f"Shot list {name}, line {reader.line_num}: {exc}. Nothing was made.") from exc
    return rows


def _complaint(number: int, row: Mapping[str, Any], exc: ValidationError) -> str:
    """What is wrong with a row, and the nearest legal thing."""
    first = exc.errors()[0]
    path = [str(part) for part in first["loc"]]
    where = f"Row {number} ({row['name']})" if row.get("name") else f"Row {number}"
    if first["type"] != "extra_forbidden":
        said = first["msg"].removeprefix("Value error, ").rstrip(".")
        return f"{where}: {'.'.join(path)}: {said}. Nothing was made."
    models: dict[str, type[Message]] = {"lines": LineRow, "cues": CueRow, "beds": BedRow, "markers": MarkerRow}
    known = list(models.get(path[0], ShotRow).model_fields) if len(path) > 1 else list(ShotRow.model_fields)
    near = difflib.get_close_matches(path[-1], known, n=1, cutoff=0.5)
    meant = f"did you mean {near[0]!r}?" if near else f"columns: {', '.join(known)}."
    return f"{where}: there is no column {path[-1]!r}; {meant} Nothing was made."
