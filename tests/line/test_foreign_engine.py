"""A cut whose shots come from an engine we did not write: one mp4 with one mix, never passed off as stems."""

from __future__ import annotations

import opentimelineio as otio
import pytest
from fault_server import FaultServer
from foreign import Foreign, flash_frame, pop_sample, write_foreign

from .conftest import clips, hole, span, timeline

SIZE = {"width": 256, "height": 256}
FLASH = 20


@pytest.fixture
def engine(tmp_path):
    media = write_foreign(tmp_path / "engine.mp4", Foreign(frames=57, flash=FLASH, size=(256, 256)))
    with FaultServer(ours=False, media=media) as server:
        yield server


def with_rain(*shots):
    edit = timeline(*shots)
    edit.tracks[0].markers.append(otio.schema.Marker("BG: rain", span(0, 48)))
    return edit


def test_a_mix_goes_on_one_linked_track(bench, engine):
    report = bench.render(timeline(hole("A", 24), hole("B", 24)), backend=engine.url, **SIZE)
    assert report.ok, str(report)
    done = bench.result(report)
    assert [t.name for t in done.tracks if t.kind == "Audio"] == ["MIX"]
    for picture, mix in zip(clips(done, "V1"), clips(done, "MIX"), strict=True):
        assert picture.source_range == mix.source_range
        assert mix.media_reference.target_url.endswith(".MIX.wav")
        assert mix.metadata["twopop"]["id"] == picture.metadata["twopop"]["id"], "what editors link them by"
    assert [form["num_frames"] for form in engine.forms] == ["41", "41"]  # 24 and two handles of 6, on the grid 8k+1
    shot = report.shots[0]
    assert not any(shot.stems.values())
    assert abs(pop_sample(shot.picture) - flash_frame(shot.picture) * 2000) <= 1


def remade(bench, engine, **options):
    """A cut with stems and a bed, whose shots are made again by an engine that gives a mix."""
    first = bench.render(with_rain(hole("A", 24), hole("B", 24)), **SIZE)
    report = bench.render(bench.result(first), backend=engine.url, **SIZE, **options)
    return report, bench.result(report)


def test_a_mix_under_a_bed_is_said(bench, engine):
    report, done = remade(bench, engine, reset_audio=("A", "B"))
    said = [finding for finding in report.findings if finding.code == "mix_under_bed"]
    assert [finding.shot for finding in said] == ["A", "B"]
    assert "its own ambience will be heard too" in said[0].message
    assert len(clips(done, "BG")) == 1, "the bed that was there stays"
    assert len(clips(done, "MIX")) == 2
    assert not clips(done, "DX")


def test_a_mix_is_not_laid_beside_the_stems_that_are_there(bench, engine):
    report, done = remade(bench, engine)
    said = [finding for finding in report.findings if finding.code == "mix_and_stems"]
    assert [finding.shot for finding in said] == ["A", "B"]
    assert "--reset-audio A" in said[0].message
    assert len(clips(done, "DX")) == 2
    assert "MIX" not in [t.name for t in done.tracks]
