"""GStreamer Editing Services open our .otio directly, without a project of their own form."""

from __future__ import annotations

import contract_cut
import editors
import measured
import pytest

import twopop

pytestmark = [pytest.mark.editors, pytest.mark.timeout(1200)]


@pytest.mark.parametrize("rate", sorted(contract_cut.RATES))
def test_ges_renders_an_otio_of_ours(rate, tmp_path, monkeypatch):
    ges = editors.GesWithOtio()
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(tmp_path / "state"))
    contract = contract_cut.make(tmp_path, contract_cut.RATES[rate])
    (timeline,) = twopop.write_timeline(contract.cut, tmp_path / "for ges", flavour="ges").beside
    seen = measured.measure(ges.rendered(timeline, contract_cut.SIZE, contract.frame_rate), contract.frame_rate)
    measured.check(seen, contract)
    measured.check_dissolve(seen, contract)
