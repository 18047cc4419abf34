"""Kdenlive opens our project in its own window, renders it, saves it; what it saved is planned.

Screenshots and projects are left in `out/kdenlive`, to be looked at.
"""

from __future__ import annotations

import contract_cut
import editors
import measured
import pytest
import retimed
from saved import looked_at, places, planned

import twopop

pytestmark = [pytest.mark.editors, pytest.mark.timeout(1200)]

TRIM_AND_SAY = """
act seek_end; keys Left Left Left Left Left Left
act select_timeline_clip; act resize_timeline_clip_end; act deselect_timeline_clip
act seek_start; act edit_sequence_marker
wait_for "Edit" 10; keys ctrl+a; text "MX: a brass band"; keys Return; sleep 1
"""
"""The last clip of the track at hand ends six frames sooner; the guide at the start gets other words."""


@pytest.fixture(scope="module")
def kdenlive():
    return editors.Kdenlive()


@pytest.fixture(params=sorted(contract_cut.RATES))
def contract(request, tmp_path, monkeypatch):
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(tmp_path / "state"))
    folder = tmp_path / f"contract {request.param}"
    folder.mkdir()
    return contract_cut.make(folder, contract_cut.RATES[request.param], size=(1280, 720))


def written(contract):
    return twopop.write_timeline(contract.cut, contract.path.with_name("edit"), flavour="kdenlive").path


def test_what_kdenlive_saves_asks_for_nothing(contract, kdenlive):
    project = written(contract)
    saved = kdenlive.saved(project, "saved.kdenlive")
    looked_at(saved, "kdenlive")
    before, _ = planned(project)
    cut, found = planned(saved)
    assert set(found.values()) == {"reuse"}
    assert places(cut) == places(before)
    assert cut.start_frames == contract.cut.start_frames


def test_kdenlive_renders_what_we_wrote_and_what_it_saved_of_it(contract, kdenlive):
    project = written(contract)
    for path in (project, kdenlive.saved(project, "saved.kdenlive")):
        seen = measured.measure(kdenlive.rendered(path), contract.frame_rate)
        measured.check(seen, contract, smeared=0.05)  # it renders AAC: beginnings stay sharp, ends do not
        measured.check_dissolve(seen, contract)


def test_a_trim_and_other_words_in_kdenlive_make_exactly_that(contract, kdenlive):
    saved = kdenlive.saved(written(contract), "edited.kdenlive", TRIM_AND_SAY)
    looked_at(saved, "kdenlive")
    cut, found = planned(saved)
    made = {name for name, status in found.items() if status in ("generate", "extend")}
    assert made == {"MX_bed"}
    shown = {item.name: item.record.frames for item in cut.items if item.schema == "Clip" and item.kind == "Audio"}
    assert min(shown.values()) > 0
    assert cut.duration_frames == contract.frames


def test_footage_keeps_its_speed_in_kdenlive(tmp_path, kdenlive):
    rate = retimed.RATES["23.976"]
    cut = twopop.read_timeline(retimed.written(tmp_path, rate, (1280, 720)))
    project = twopop.write_timeline(cut, tmp_path / "speeds", flavour="kdenlive").path
    saved = kdenlive.saved(project, "saved.kdenlive")
    looked_at(saved, "kdenlive")
    assert retimed.said(twopop.read_timeline(saved), "Video") == retimed.said(cut, "Video")
    retimed.check(measured.measure(kdenlive.rendered(saved), float(rate)), 0.0)
