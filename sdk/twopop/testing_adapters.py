"""What every flavour is tested with: a small cut that uses every feature, rendered on bars, and what a flavour keeps.

class TestMine(AdapterContract):
    def make(self): return MyFlavour()
"""

from __future__ import annotations

import ast
import json
import re
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from urllib.parse import quote, unquote
from xml.etree import ElementTree as ET

from .document import (
    clip_node,
    gap_node,
    range_node,
    rate_number,
    reference_node,
    time_node,
    track_node,
    with_tracks,
)
from .flavours import FEATURES, Flavour
from .timebase import FrameRange
from .timeline import Cut, Node, as_list, as_node, read_timeline, schema_name, serialized
from .tracks import active_reference

SIZE = (128, 72)
"""Of the golden cut: small and quick."""
_START = 86_400


def golden_timeline(folder: Path, frame_rate: Fraction = Fraction(24), *, bake: bool = False) -> Path:
    """Writes `golden.otio`: holes with every feature of `FEATURES` around them, and one real clip with its file.

    Shots of 48 frames with a dissolve of 24 between the first two, a gap, a nest, a 2x retime, one music bed under
    all; a title and a disabled clip on V2.

    Args:
        folder: an empty folder, or a new one.
        frame_rate: of the cut.
        bake: without the retime kept: the media of the fast shot runs at the speed of the cut.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = _Golden(frame_rate)
    real = _write_real(folder / "media" / "real take.mov", frame_rate)
    picture = track_node("V1", "Video", [*made.pictures(), made.real(real)], {})
    picture["markers"] = [made.marker("MX: slow strings", 0)]
    sound = track_node("Production", "Audio", [made.gap(228), made.real(real)], {})
    titles = track_node("Titles", "Video", made.titles(), {})
    document: Node = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"somebody": {"else": 1}},
        "name": "golden",
        "global_start_time": time_node(_START, made.rate),
        "tracks": {**track_node("tracks", "", [picture, titles, sound], {}), "OTIO_SCHEMA": "Stack.1"},
    }
    del document["tracks"]["kind"]
    path = folder / "golden.otio"
    path.write_bytes(serialized(document, indent=1))
    if bake:
        (folder / "twopop.toml").write_text('retime = "bake"\n', encoding="utf-8")
    return path


@cache
def golden_cut(frame_rate: Fraction = Fraction(24), *, bake: bool = False) -> Cut:
    """The golden timeline conformed on bars: in it one J-cut, and two takes of SH030.

    Its folder lives as long as this process.
    """
    holder = tempfile.TemporaryDirectory(prefix="twopop-golden-")
    _FOLDERS.append(holder)
    path = golden_timeline(Path(holder.name), frame_rate, bake=bake)
    first = Path(_rendered(path))
    again = first.with_name("golden2.otio")
    again.write_bytes(first.read_bytes().replace(b"PROMPT: SH030", b"PROMPT: SH030 again"))
    done = read_timeline(_rendered(again))
    return done.with_document(_with_j_cut(done, frame_rate))


def _rendered(path: Path) -> str:
    from .rendering import render

    report = render(path, backend="bars", width=SIZE[0], height=SIZE[1], preview=False)
    if not report.ok or report.timeline is None:
        raise AssertionError(f"the golden cut could not be rendered:\n{report}")
    return report.timeline


_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


class _Golden:
    """Nodes of the golden timeline at one rate."""

    def __init__(self, frame_rate: Fraction) -> None:
        self.rate = rate_number(frame_rate)

    def span(self, start: int, frames: int) -> Node:
        return range_node(FrameRange(start, frames), self.rate)

    def gap(self, frames: int) -> Node:
        return gap_node(frames, self.rate)

    def marker(self, text: str, at: int) -> Node:
        return {
            "OTIO_SCHEMA": "Marker.2", "metadata": {}, "name": text, "color": "RED", "comment": "",
            "marked_range": self.span(at, 0),
        }  # fmt: skip

    def hole(self, name: str, start: int, frames: int, *more: Node) -> Node:
        missing: Node = {"OTIO_SCHEMA": "MissingReference.1", "metadata": {}, "name": "", "available_range": None}
        clip = clip_node(name, self.span(start, frames), {"DEFAULT_MEDIA": missing}, "DEFAULT_MEDIA", {}, [])
        return {**clip, "markers": [self.marker(f"PROMPT: {name}", start), *more]}

    def pictures(self) -> list[Node]:
        """The generated part of V1: 228 frames."""
        dissolve: Node = {
            "OTIO_SCHEMA": "Transition.1", "metadata": {}, "name": "dissolve", "transition_type": "SMPTE_Dissolve",
            "in_offset": time_node(12, self.rate), "out_offset": time_node(12, self.rate),
        }  # fmt: skip
        fast = self.hole("SH050", 0, 36)
        fast["effects"] = [self.effect("LinearTimeWarp.1", time_scalar=2.0), self.effect("Effect.1")]
        inside = track_node("inside", "Video", [self.hole("SH040", 0, 36)], {})
        nest: Node = {**track_node("nest", "", [inside], {}), "OTIO_SCHEMA": "Stack.1"}
        del nest["kind"]
        nest["source_range"] = self.span(0, 36)
        return [
            self.hole("SH010", 0, 48, self.marker("DX MARA: Ten minutes.", 6)), dissolve,
            self.hole('SH020 <&"日本>', 0, 48), self.gap(12), self.hole("SH030", 10, 48), nest, fast,
        ]  # fmt: skip

    def effect(self, schema: str, **fields: object) -> Node:
        return {"OTIO_SCHEMA": schema, "metadata": {}, "name": "", "effect_name": "", "enabled": True, **fields}

    def real(self, file: Path) -> Node:
        available = self.span(0, 48)
        reference = reference_node(file.name, f"media/{quote(file.name)}", available, {})
        clip = clip_node(
            "real take", self.span(12, 24), {"DEFAULT_MEDIA": reference}, "DEFAULT_MEDIA", {"camera": {"roll": "A"}}, []
        )
        return {**clip, "markers": [self.marker("a note", 14)]}

    def titles(self) -> list[Node]:
        """V2: a title, a wipe at its end, a disabled hole."""
        generator: Node = {
            "OTIO_SCHEMA": "GeneratorReference.1", "metadata": {}, "name": "Text", "available_range": None,
            "generator_kind": "Text", "parameters": {"text": "2-pop"},
        }  # fmt: skip
        title = clip_node("TITLE", self.span(0, 24), {"DEFAULT_MEDIA": generator}, "DEFAULT_MEDIA", {}, [])
        wipe: Node = {
            "OTIO_SCHEMA": "Transition.1", "metadata": {}, "name": "", "transition_type": "Custom_Transition",
            "in_offset": time_node(4, self.rate), "out_offset": time_node(4, self.rate),
        }  # fmt: skip
        switched_off = {**self.hole("SH060", 0, 24), "enabled": False}
        return [self.gap(12), title, wipe, self.gap(60), switched_off]


def _write_real(path: Path, frame_rate: Fraction) -> Path:
    """Somebody's own footage: grey, with a tone, 48 frames, timecode from 0."""
    import numpy as np

    from .media.write import write_movie
    from .timebase import frame_to_sample

    path.parent.mkdir(parents=True, exist_ok=True)
    wave = (np.sin(np.arange(frame_to_sample(48, frame_rate)) * 0.05) * 400_000).astype(np.int32)
    pictures = (np.full((SIZE[1], SIZE[0], 3), 60 + index, np.uint8) for index in range(48))
    sound = [np.repeat(wave[:, None], 2, axis=1)]
    write_movie(path, pictures, size=SIZE, frame_rate=frame_rate, sound=sound, codec="dnxhr")
    return path


def _with_j_cut(cut: Cut, frame_rate: Fraction) -> Node:
    """The dialogue after the gap begins six frames before its picture, as an editor would drag it."""
    tracks = as_list(as_node(cut.document["tracks"])["children"])
    index = next(n for n, track in enumerate(tracks) if as_node(track).get("name") == "DX")
    children = [as_node(node) for node in as_list(tracks[index]["children"])]
    at = next(n for n, node in enumerate(children) if node.get("name") == "SH030")
    children[at - 1] = gap_node(6, rate_number(frame_rate))
    span = as_node(children[at]["source_range"])
    start, length = as_node(span["start_time"]), as_node(span["duration"])
    earlier: Node = {
        **span,
        "start_time": {**start, "value": start["value"] - 6},
        "duration": {**length, "value": length["value"] + 6},
    }
    children[at] = {**children[at], "source_range": earlier}
    return with_tracks(cut.document, [], {index: {**tracks[index], "children": children}})


# -- the kit -----------------------------------------------------------------------------------------------------------


class AdapterContract:
    """What every Flavour keeps. Inherit, and give `make`; run by pytest. The cut is `golden_cut`."""

    def make(self) -> Flavour:
        """A flavour to test."""
        raise NotImplementedError

    def cut(self) -> Cut:
        """The cut it is tested with."""
        return golden_cut()

    def test_it_says_how_it_says_every_feature(self) -> None:
        """The table is whole, and what is not kept has a sentence."""
        flavour = self.make()
        assert flavour.name
        assert flavour.suffix.startswith(".")
        assert set(flavour.fidelity) == set(FEATURES)
        assert flavour.proof
        assert all(said.how for said in flavour.fidelity.values() if said.state != "kept")

    def test_the_same_cut_gives_the_same_bytes_and_is_not_changed(self) -> None:
        """Determinism; a cut is frozen."""
        cut = self.cut()
        before = cut.digest
        first, second = self.make().write(cut), self.make().write(cut)
        assert first == second
        assert Cut(cut.document, cut.frame_rate).digest == before

    def test_its_file_is_well_formed(self) -> None:
        """JSON that OpenTimelineIO reads, XML, or Python."""
        data, _ = self.make().write(self.cut())
        assert _texts(data)

    def test_every_loss_is_said(self) -> None:
        """Each feature that the cut uses and the flavour does not keep is named once, with its place."""
        flavour = self.make()
        _, losses = flavour.write(self.cut())
        said = {loss.what.partition(" (")[0] for loss in losses}
        not_kept = {feature for feature, how in flavour.fidelity.items() if how.state != "kept"}
        assert said == not_kept, "the golden cut uses every feature"
        assert all(loss.where for loss in losses)

    def test_every_clip_and_stem_is_there_and_its_link_leads_to_a_file(self) -> None:
        """Picture and sound of ours and of others; absolute links that exist."""
        cut = self.cut()
        data, _ = self.make().write(cut)
        paths = set(_paths(data))
        assert paths
        assert [path for path in paths if not path.is_file()] == []
        assert _media_names(cut) <= {path.name for path in paths}

    def test_a_cut_with_holes_is_written_too(self, tmp_path: Path) -> None:
        """What is not there yet is said, not guessed."""
        data, losses = self.make().write(read_timeline(golden_timeline(tmp_path / "holes")))
        assert _texts(data)
        if self.make().fidelity["holes"].state != "kept":
            assert any(loss.what.startswith("holes (") for loss in losses)

    def test_an_empty_cut_is_written(self) -> None:
        """No track, no clip, no complaint."""
        root: Node = {**track_node("tracks", "", [], {}), "OTIO_SCHEMA": "Stack.1"}
        empty: Node = {"OTIO_SCHEMA": "Timeline.1", "metadata": {}, "name": "", "tracks": root}
        data, losses = self.make().write(Cut(empty, Fraction(25)))
        assert _texts(data)
        assert losses == []


def _media_names(cut: Cut) -> set[str]:
    """File names of every clip that plays."""
    found: set[str] = set()
    for item in cut.items:
        reference = active_reference(item.node)
        if item.schema == "Clip" and item.enabled and schema_name(reference) == "ExternalReference":
            found.add(unquote(str(reference["target_url"])).rpartition("/")[2])
    return found


def _texts(data: bytes) -> list[str]:
    """Every string of a JSON, XML or Python file; raises where it is none."""
    if data.lstrip().startswith(b"{"):
        import opentimelineio

        opentimelineio.adapters.read_from_string(data.decode(), "otio_json")  # pyright: ignore[reportUnknownMemberType]
        return list(_strings(json.loads(data)))
    if not data.lstrip().startswith(b"<"):
        return [n.value for n in ast.walk(ast.parse(data)) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    root = ET.fromstring(data)
    found = [text for node in root.iter() for text in (node.text, *node.attrib.values()) if text]
    return [text for text in found if text.strip()]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in as_node(value).values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in as_list(value):
            yield from _strings(inner)


_FILE = re.compile(r"^(?:file://(?:localhost)?)?(/.*\.\w{2,4})$")


def _paths(data: bytes) -> Iterator[Path]:
    for text in _texts(data):
        if found := _FILE.match(text.strip()):
            yield Path(unquote(found[1]) if text.startswith("file:") else found[1])
