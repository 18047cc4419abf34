"""Real exports of editors, where the folder of them lies beside this checkout: read, conformed, refusals say why."""

from __future__ import annotations

from pathlib import Path

import pytest

import twopop
from twopop.errors import TwopopError

REAL = Path(__file__).parents[3] / "shared" / "timelines"
FORMATS = ["aaf", "edl", "fcp7xml", "fcpxml"]


@pytest.mark.skipif(not REAL.is_dir(), reason="the folder of real timelines is not beside this checkout: NOT tested")
@pytest.mark.parametrize("kind", FORMATS)
def test_eight_of_ten_real_files_go_through_and_refusals_say_why(kind, tmp_path, monkeypatch):
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(tmp_path / "state"))
    files = sorted((REAL / kind).iterdir())
    refused = {}
    for path in files:
        try:
            _conformed(path, tmp_path / path.stem)
        except TwopopError as exc:
            refused[path.name] = str(exc)
    assert len(refused) <= len(files) * 0.2, refused
    assert all(len(why) > 40 for why in refused.values())


def _conformed(path, out):
    """Rendered with every missing clip a hole; what is no hole comes out as it went in."""
    cut = twopop.read_timeline(path)
    options = {"backend": "bars", "width": 64, "height": 36, "handles_frames": 0, "include_offline": True}
    report = twopop.render(path, out=out, preview=False, media="h264", **options)
    assert all(shot.take for shot in report.shots), (path.name, str(report))
    done = twopop.read_timeline(report.timeline)
    holes = {item.record for item in done.items if item.ours.get("role") == "shot"}
    assert len(holes) <= len(report.shots)
    assert done.duration_frames == cut.duration_frames
    before = [i.node for i in cut.items if i.schema == "Clip" and i.record not in holes]
    after = [i.node for i in done.items if not i.ours]
    assert all(node in after for node in before), path.name


def test_a_rate_that_an_edl_does_not_say_is_the_lowest_that_fits(tmp_path):
    event = "001  AX V C 01:00:00:00 01:00:01:{0} 01:00:00:00 01:00:01:{0}\n* FROM CLIP NAME: a\n"
    for frame, rate in ((10, 24), (24, 25), (29, 30), (40, 50)):
        path = tmp_path / f"{frame}.edl"
        path.write_text("TITLE: x\n\n" + event.format(frame))
        cut = twopop.read_timeline(path)
        assert cut.frame_rate == rate
        assert [f.code for f in cut.findings] == ["frame_rate_assumed"]


def test_entities_are_refused(tmp_path):
    for name in ("a.xml", "a.fcpxml"):
        (tmp_path / name).write_text('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><xmeml/>')
        with pytest.raises(TwopopError, match="entities"):
            twopop.read_timeline(tmp_path / name)
