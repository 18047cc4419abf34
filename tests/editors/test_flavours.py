"""Every flavour of the registry keeps the contract, and the golden cut is what the contract thinks it is."""

from __future__ import annotations

import pytest

from twopop.flavours import load_flavour
from twopop.registry import ADAPTERS
from twopop.testing import AdapterContract, golden_cut


@pytest.mark.parametrize("name", sorted(ADAPTERS))
class TestEveryFlavour(AdapterContract):
    @pytest.fixture(autouse=True)
    def _named(self, name):
        self.name = name

    def make(self):
        return load_flavour(self.name)

    def test_its_name_is_its_name(self):
        assert self.make().name == self.name


def test_the_golden_cut_is_filled_and_has_its_j_cut():
    cut = golden_cut()
    shots = [item for item in cut.items if item.ours.get("role") == "shot"]
    assert len(shots) == 5
    dialogue, picture = (
        next(i for i in cut.items if i.name == "SH030" and i.ours.get("role") == r) for r in ("dialogue", "shot")
    )
    assert dialogue.record.start == picture.record.start - 6
    assert dialogue.record.end == picture.record.end


def test_a_baked_golden_cut_has_no_retime():
    assert not any(
        item.ours.get("held") is None and item.name == "SH050"
        for item in golden_cut(bake=True).items
        if item.kind == "Video"
    )
