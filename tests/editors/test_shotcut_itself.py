"""Shotcut opens our project in its own window and saves it; what it saved is planned, and rendered by melt.

Screenshots are left in `out/shotcut`, to be looked at.
"""

from __future__ import annotations

import contract_cut
import editors
import measured
import pytest
from saved import looked_at, places, planned

import twopop

pytestmark = [pytest.mark.editors, pytest.mark.timeout(600)]

SAY_AND_TRIM = """
click 182 729; click 402 842; shot clicked
click 300 205; keys End; text " at night" 300; shot said
click 462 842; keys End; sleep 1; keys Left Left Left Left; sleep 1; keys o; sleep 1; shot trimmed
"""
"""The Comments of the fifth clip get other words; the last clip ends sooner."""


@pytest.fixture(scope="module")
def shotcut():
    return editors.Shotcut()


@pytest.fixture(params=sorted(contract_cut.RATES))
def contract(request, tmp_path, monkeypatch):
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(tmp_path / "state"))
    folder = tmp_path / f"contract {request.param}"
    folder.mkdir()
    return contract_cut.make(folder, contract_cut.RATES[request.param])


def written(contract):
    return twopop.write_timeline(contract.cut, contract.path.with_name("edit"), flavour="mlt").path


def test_what_shotcut_saves_asks_for_nothing_and_plays_in_time(contract, shotcut):
    project = written(contract)
    saved = shotcut.saved(project, "saved.mlt")
    looked_at(saved, "shotcut")
    assert "Shotcut version" in saved.read_text()
    before, _ = planned(project)
    cut, found = planned(saved)
    assert set(found.values()) == {"reuse"}
    assert places(cut) == places(before)
    assert cut.start_frames == contract.cut.start_frames
    seen = measured.measure(editors.melt(saved), contract.frame_rate)
    measured.check(seen, contract, late=editors.melt_late_frames())
    measured.check_dissolve(seen, contract)


def test_a_trim_and_other_words_in_shotcut_make_exactly_that(contract, shotcut):
    saved = shotcut.saved(written(contract), "edited.mlt", SAY_AND_TRIM)
    looked_at(saved, "shotcut")
    cut, found = planned(saved)
    assert {name for name, status in found.items() if status in ("generate", "extend")} == {"C"}
    assert places(cut) != places(contract.cut)
