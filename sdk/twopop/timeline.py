"""Cut: an edit as we hold it, frozen.

A cut keeps the OpenTimelineIO *document* (the guarded JSON, as plain dicts and lists) and never changes it: conform
builds a new document that shares every untouched node, so what is not ours comes out equal by construction, unknown
schemas included, and no parser of untrusted bytes runs inside an editor. `Cut.to_otio()` gives the library's objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .errors import TimelineError, UsageError
from .settings import Settings, load_settings
from .timebase import FrameRange
from .wire import Finding

if TYPE_CHECKING:
    import opentimelineio as otio

    from .flavours import Flavour, Loss

Node = dict[str, Any]
"""One JSON object of an OTIO document. Never changed in place."""


def as_node(value: Any) -> Node:
    """`value` where it is a JSON object, else an empty one."""
    return cast(Node, value) if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """`value` where it is a JSON array, else an empty one."""
    return cast(list[Any], value) if isinstance(value, list) else []


def schema_name(node: Node) -> str:
    """Schema of a node without its version: "Clip" for `Clip.2`; "" where it has none."""
    return str(node.get("OTIO_SCHEMA", "")).partition(".")[0]


@dataclass(frozen=True, slots=True)
class Item:
    """One leaf of a document (clip, gap, unknown thing) with its place, worked out once.

    Ranges are whole frames at the cut's frame rate (nearest, where a rate differs).
    """

    node: Node
    schema: str
    """Schema name without version: "Clip", "Gap", ..."""
    path: tuple[int, ...]
    """Child indices from the root stack: (track, child) or, in a nest, (track, child, track, child, ...)."""
    kind: str
    """"Video" or "Audio": kind of the innermost track."""
    record: FrameRange
    """Where it is shown, cut clock, clipped to what its nests and tracks let through."""
    trimmed: FrameRange
    """The part of its media that `record` shows, as its own `source_range` counts it."""
    visible: FrameRange
    """`trimmed` with the transitions around it."""
    enabled: bool = True
    retimed_nest: bool = False
    """Inside a nest that is retimed: its place in time is not a plain shift."""

    @property
    def name(self) -> str:
        """The clip's name: a label, never a prompt."""
        return str(self.node.get("name") or "")

    @property
    def metadata(self) -> Node:
        """Its metadata (empty where there is none)."""
        return as_node(self.node.get("metadata"))

    @property
    def ours(self) -> Node:
        """`metadata["twopop"]` (empty where there is none)."""
        return as_node(self.metadata.get("twopop"))

    @property
    def top_track(self) -> int:
        """Index of its track in the root stack."""
        return self.path[0]

    @property
    def nested(self) -> bool:
        """True inside a nested stack."""
        return len(self.path) > 2


@dataclass(frozen=True)
class Cut:
    """An edit, frozen. Clock: cut (frame 0 = its first frame); `start_frames` is the timecode of that frame."""

    document: Node = field(repr=False)
    """The guarded OTIO Timeline as JSON values."""
    frame_rate: Fraction
    start_frames: int = 0
    """Timecode frame number of cut frame 0; 0 where the cut has no start."""
    has_start: bool = False
    drop_frame: bool = False
    path: Path | None = None
    """The file it was read from; None for a cut made in memory."""
    roots: tuple[Path, ...] = ()
    """Folders whose media may be opened: the cut's own first."""
    findings: tuple[Finding, ...] = ()
    """What reading had to say: schemas downgraded, drop-frame assumed, ..."""

    @property
    def name(self) -> str:
        """Base name of outputs: the file's name, else the timeline's, else "cut"."""
        return self.path.stem if self.path else str(self.document.get("name") or "cut")

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every leaf of every track, in document order, nests opened."""
        from .tracks import walk

        return walk(self.document, self.frame_rate)

    @cached_property
    def digest(self) -> str:
        """sha256 (hex) of the document as it is written."""
        return sha256(serialized(self.document)).hexdigest()

    @cached_property
    def duration_frames(self) -> int:
        """Length of the cut in frames."""
        from .tracks import duration

        return duration(self.document, self.frame_rate)

    def timecode(self, frame: int) -> str:
        """Timecode of cut frame `frame`."""
        from .timebase import format_timecode

        return format_timecode(frame + self.start_frames, self.frame_rate, drop_frame=self.drop_frame)

    def with_document(self, document: Node) -> Cut:
        """The same cut around another document."""
        from dataclasses import replace

        return replace(self, document=document)

    def to_otio(self) -> otio.schema.Timeline:
        """A new OpenTimelineIO timeline, yours to change.

        Raises:
            TimelineError: the cut holds schemas this OpenTimelineIO does not read (all are named), or it refuses it.
        """
        import opentimelineio

        known: dict[str, int] = opentimelineio.core.type_version_map()
        if newer := sorted(text for text in _schemas(self.document) if not _is_readable(text, known)):
            raise TimelineError(
                f"{self.name}: OpenTimelineIO {opentimelineio.__version__} does not read {', '.join(newer)}. "
                "The cut itself is whole: write_timeline writes it as it is."
            )
        try:
            text = serialized(self.document).decode()
            return cast("otio.schema.Timeline", opentimelineio.adapters.read_from_string(text, "otio_json"))  # pyright: ignore[reportUnknownMemberType]
        except Exception as exc:  # every class of error comes out of its reader
            strange = sorted(text for text in _schemas(self.document) if text.partition(".")[0] not in known)
            unknown = f" It does not know {', '.join(strange)}." if strange else ""
            raise TimelineError(f"{self.name}: OpenTimelineIO does not read this cut: {exc}.{unknown}") from exc

    @classmethod
    def from_otio(cls, timeline: otio.schema.Timeline, *, settings: Settings | None = None) -> Cut:
        """The cut in an OpenTimelineIO timeline, through the guard. The timeline is copied, not kept.

        Raises:
            UsageError: it is no timeline.
            TimelineError: what is in it cannot be trusted or has no frame rate.
        """
        import opentimelineio

        from .guard import guard_document
        from .reading import make_cut

        if not isinstance(timeline, opentimelineio.schema.Timeline):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"from_otio wants an opentimelineio Timeline, not {type(timeline).__name__}.")
        where, findings = str(timeline.name or "the timeline"), list[Finding]()
        document = guard_document(timeline.to_json_string(-1), where=where, findings=findings)
        return make_cut(document, settings or load_settings(None), where, findings)


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What `write_timeline` wrote."""

    path: Path
    bytes: int
    losses: tuple[Loss, ...] = ()
    """What the flavour could not say; none in "stock"."""
    beside: tuple[Path, ...] = ()
    """Further files of the same cut, where an editor is better served by two."""


def read_timeline(path: str | Path, *, roots: Sequence[Path] = ()) -> Cut:
    """Reads a cut: .otio, .otioz, .otiod, or whatever OpenTimelineIO adapters are installed for. Changes no file.

    Args:
        path: the cut. `twopop.toml` beside it gives what the file does not say (`frame_rate`, `drop_frame`, `roots`).
        roots: further folders whose media may be opened; the cut's own folder always may.

    Raises:
        TimelineError: with the place in the file, the rule, and what mends it.
        UsageError: `twopop.toml` cannot be read.
    """
    from .reading import read_cut

    return read_cut(Path(path), roots)


def write_timeline(cut: Cut, path: str | Path, *, flavour: str = "stock") -> WriteReport:
    """Writes `cut` so that a crash leaves the old file or the new one, never half of one.

    Args:
        path: where to; the flavour's suffix is added where it lacks it (`.otio`, `.resolve.otio`, `.fcpxml`).
        flavour: "stock" is the cut itself as OpenTimelineIO; others are what editors need (`twopop.flavours`).

    Raises:
        TimelineError: it is the file the cut was read from, or it cannot be written; nothing was changed.
        UsageError: there is no such flavour.
    """
    from .bundles import unpack_media
    from .safe_write import write_safely

    adapters, targets = _adapters(flavour), target_files(Path(path), flavour)
    for file in targets:
        _refuse_own_source(cut, file)
    unpack_media(cut)
    stock = serialized(_seen_from(cut, targets[0].parent), indent=1) if not adapters else b""
    files = [adapter.write(cut) for adapter in adapters] or [(stock, [])]
    written = [write_safely(file, data) for file, (data, _) in zip(targets, files, strict=True)]
    losses = dict.fromkeys(loss for _, found in files for loss in found)
    return WriteReport(written[0], len(files[0][0]), tuple(losses), tuple(written[1:]))


def target_files(path: Path, flavour: str) -> list[Path]:
    """The files that `write_timeline` writes for `path`, the timeline first."""
    adapters = _adapters(flavour)
    if not adapters:
        return [with_suffix(path, ".otio")]
    target = with_suffix(path, adapters[0].suffix, flavour)
    return [target, *(target.with_suffix(other.suffix) for other in adapters[1:])]


def _adapters(flavour: str) -> list[Flavour]:
    """The writers of a flavour, its own first; none for the stock form."""
    from .flavours import load_flavour

    if flavour == "stock":
        return []
    asked = load_flavour(flavour)
    return [asked, *(load_flavour(name) for name in asked.beside)]


def _seen_from(cut: Cut, folder: Path) -> Node:
    """The document with our relative links counted from `folder`; links that are not ours stay as they are."""
    from .links import folders_of, rebased

    folders = folders_of(cut)
    return rebased(cut.document, folders[0], folder) if folders else cut.document


def with_suffix(path: Path, suffix: str, flavour: str = "") -> Path:
    """`path` where it ends in `suffix`, else with `.flavour` and `suffix` added."""
    if path.name.casefold().endswith(suffix.casefold()):
        return path
    middle = f".{flavour}" if flavour and f".{flavour}" != suffix else ""
    return path.with_name(f"{path.name}{middle}{suffix}")


def serialized(document: Node, *, indent: int | None = None) -> bytes:
    """A document as JSON, UTF-8. TimelineError where it holds something that is no JSON value."""
    from pydantic_core import PydanticSerializationError, from_json, to_json

    try:
        data = to_json(document, indent=indent)
        if b"NaN" in data or b"Infinity" in data:  # perhaps in a name, perhaps a number
            from_json(data, allow_inf_nan=False)
    except (PydanticSerializationError, ValueError) as exc:
        raise TimelineError(f"The cut cannot be written as JSON: {exc}. Nothing was changed.") from exc
    return data


def _refuse_own_source(cut: Cut, target: Path) -> None:
    """A cut is never written over the file it was read from, whatever name or link leads there."""
    if cut.path is None or not cut.path.exists():
        return
    same = target.resolve() == cut.path.resolve() or (target.exists() and target.samefile(cut.path))
    if same:
        raise TimelineError(
            f"{target} is the cut itself; twopop never changes the file it reads. "
            f"Give another name, for example {cut.path.stem}.v2.otio. Nothing was written."
        )


def _schemas(document: Node) -> set[str]:
    """The OTIO_SCHEMA of every object of a document, metadata included, value types left out."""
    from .guard import VALUE_TYPES

    found: set[str] = set()
    open_values: list[Any] = [document]
    while open_values:
        value = open_values.pop()
        if isinstance(value, dict):
            node = cast(Node, value)
            found.add(str(node.get("OTIO_SCHEMA", "")))
            open_values.extend(node.values())
        elif isinstance(value, list):
            open_values.extend(cast(list[Any], value))
    return found - VALUE_TYPES.keys() - {""}


def _is_readable(schema: str, known: dict[str, int]) -> bool:
    name, _, version = schema.partition(".")
    return name not in known or int(version) <= known[name]
