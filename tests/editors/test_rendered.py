"""Editors that we did not write render what we wrote, and the pop sits on the flash.

One cut with handles, stems, a bed, a dissolve, a gap, a nest, a baked retime, embedded timecode and a J-cut, at 24 and
at 23.976. What must be seen and heard is read from the timeline and the takes by OpenTimelineIO and PyAV.
"""

from __future__ import annotations

import json
from pathlib import Path

import contract_cut
import editors
import measured
import pytest

import twopop


class Contracts:
    """The contract cut at every rate and codec, made when it is first asked for."""

    def __init__(self, root):
        self.root, self.made = root, {}

    def get(self, rate, media="dnxhr"):
        key = (rate, media)
        if key not in self.made:
            folder = self.root / f"{rate} {media} é"
            folder.mkdir()
            self.made[key] = contract_cut.make(folder, contract_cut.RATES[rate], media)
        return self.made[key]

    def write(self, contract, flavour):
        return twopop.write_timeline(contract.cut, contract.path.parent / "for editors", flavour=flavour).path


@pytest.fixture(scope="module")
def contracts(tmp_path_factory):
    root = tmp_path_factory.mktemp("contracts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWOPOP_STATE_DIR", str(root / "state"))
        yield Contracts(root)


@pytest.fixture(params=sorted(contract_cut.RATES))
def rate(request):
    return request.param


def test_the_contract_is_what_it_says(contracts):
    contract = contracts.get("24")
    assert contract.frames == 344
    assert len(contract.dissolve) == 24
    assert len(contract.flashes) == 15
    assert sorted(contract.tones) == ["BG", "DX", "FX", "MX"]
    assert contract.tones["FX"] == contract.tones["BG"] == contract.flashes
    assert set(contract.tones["DX"]) ^ set(contract.flashes) == {284, 288}, "DX leads its picture in the J-cut"
    assert {96, 120, 312} <= set(contract.tones["MX"]), "the bed keeps its own time"


@pytest.mark.parametrize("flavour", ["mlt", "kdenlive"])
def test_melt_renders_our_projects(contracts, rate, flavour):
    late = editors.melt_late_frames()
    contract = contracts.get(rate)
    seen = measured.measure(editors.melt(contracts.write(contract, flavour)), contract.frame_rate)
    measured.check(seen, contract, late=late)
    measured.check_dissolve(seen, contract)


def test_ges_renders_our_project(contracts, rate):
    editors.needed("ges-launch-1.0")
    contract = contracts.get(rate, "prores")
    project = contracts.write(contract, "ges")
    seen = measured.measure(editors.ges(project, contract_cut.SIZE, contract.frame_rate), contract.frame_rate)
    measured.check(seen, contract)
    measured.check_dissolve(seen, contract)


def test_ges_is_told_what_it_cannot_read(contracts):
    report = twopop.write_timeline(contracts.get("24").cut, contracts.root / "dnxhr", flavour="ges")
    assert any('media = "prores"' in loss.what for loss in report.losses)


@pytest.fixture(scope="module")
def blender_sees(contracts):
    """What Blender makes of the script for it: a folder with the saved file's strips, picture and sound."""
    made = {}

    def see(rate):
        if rate not in made:
            script = contracts.write(contracts.get(rate), "blender")
            made[rate] = contracts.root / f"blender {rate}"
            made[rate].mkdir()
            editors.in_blender(Path(editors.__file__).with_name("blender_render.py"), script, made[rate])
        return made[rate]

    return see


def test_blender_renders_our_script(contracts, blender_sees, rate):
    editors.blender_python()
    contract, folder = contracts.get(rate), blender_sees(rate)
    seen = measured.measure(folder / "picture.mov", contract.frame_rate, folder / "sound.wav")
    measured.check(seen, contract)
    measured.check_dissolve(seen, contract)


def test_a_saved_blender_file_has_every_clip_in_its_place(contracts, blender_sees):
    editors.blender_python()
    contract, folder = contracts.get("24"), blender_sees("24")
    strips = json.loads((folder / "strips.json").read_text())
    there = {
        (strip["track"].removesuffix(" b"), strip["file"], strip["start"], strip["into"], strip["frames"])
        for strip in strips
        if strip["file"]
    }
    assert there == set(contract_cut.places_of(contract))
    (cross,) = (strip for strip in strips if strip["type"] == "CROSS")
    assert range(int(cross["start"]), int(cross["start"] + cross["frames"])) == contract.dissolve
