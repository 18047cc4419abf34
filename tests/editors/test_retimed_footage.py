"""Footage that nobody generated keeps its speed in MLT and Kdenlive: rendered by melt, read back as it was."""

from __future__ import annotations

import editors
import measured
import pytest
import retimed

import twopop

PACKET = 1024
"""Samples by which melt before 7.30 begins the sound of a clip late, at most."""


@pytest.fixture(params=sorted(retimed.RATES))
def made(request, tmp_path, monkeypatch):
    """The rate, and a cut of real footage with its own sound."""
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(tmp_path / "state"))
    rate = retimed.RATES[request.param]
    return rate, twopop.read_timeline(retimed.written(tmp_path, rate))


@pytest.mark.parametrize("flavour", ["mlt", "kdenlive"])
def test_melt_plays_footage_at_its_speed(made, flavour, tmp_path):
    rate, cut = made
    late = PACKET * float(rate) / 48000 if editors.melt_late_frames() else 0.0
    project = twopop.write_timeline(cut, tmp_path / "edit", flavour=flavour).path
    seen = measured.measure(editors.melt(project), float(rate))
    retimed.check(seen, late)


def test_kdenlive_brings_every_speed_back(made, tmp_path):
    _, cut = made
    back = twopop.read_timeline(twopop.write_timeline(cut, tmp_path / "edit", flavour="kdenlive").path)
    assert retimed.said(back, "Video") == retimed.said(cut, "Video")
    assert retimed.said(back, "Audio") == [clip for clip in retimed.said(cut, "Audio") if 0.0 not in clip[-1]]
    again = twopop.read_timeline(twopop.write_timeline(back, tmp_path / "again", flavour="kdenlive").path)
    assert retimed.said(again, "Video") == retimed.said(cut, "Video")


def test_what_begins_between_two_frames_of_a_slowed_file_stays_there(made, tmp_path):
    """An odd start in Kdenlive's own count of a clip at half its speed."""
    _, cut = made
    project = twopop.write_timeline(cut, tmp_path / "edit", flavour="kdenlive").path
    text = project.read_text("utf-8").replace('in="80" out="119"', 'in="81" out="120"')
    project.write_text(text, "utf-8")
    again = twopop.write_timeline(twopop.read_timeline(project), tmp_path / "again", flavour="kdenlive").path
    assert again.read_text("utf-8").count('in="81" out="120"') == 2, "picture and sound"
