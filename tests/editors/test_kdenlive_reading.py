"""A Kdenlive project comes back: nothing is generated again; after a trim and a changed prompt, exactly that."""

from __future__ import annotations

import re

import contract_cut
import pytest

import twopop


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(tmp_path / "state"))
    contract = contract_cut.make(tmp_path, 24.0)
    return twopop.write_timeline(contract.cut, tmp_path / "edited", flavour="kdenlive").path


def planned(path):
    cut = twopop.read_timeline(path)
    settings = twopop.load_settings(path, backend="bars", width=contract_cut.SIZE[0], height=contract_cut.SIZE[1])
    plan = twopop.plan_shots(cut, settings=settings, store=twopop.TakeStore(path.parent / "takes"))
    return cut, plan, {piece.name for piece in (*plan.shots, *plan.beds) if piece.status in ("generate", "extend")}


def test_nothing_is_generated_again(project):
    cut, plan, wanted = planned(project)
    assert [shot.name for shot in plan.shots] == ["A", "B", "N", "R", "C", "D"]
    assert wanted == set()
    assert cut.duration_frames == 344


def test_every_clip_is_where_it_was(project, tmp_path):
    cut, _, _ = planned(project)
    conformed = twopop.read_timeline(tmp_path / "recut.conformed.otio")

    def places(of):
        return sorted((i.kind, i.record.start, i.record.frames) for i in of.items if i.schema == "Clip")

    assert places(cut) == places(conformed)


def test_a_trim_costs_nothing_and_a_changed_prompt_one_shot(project):
    text = project.read_text()
    text = re.sub(r"PROMPT: shot C\b", "PROMPT: shot C at night", text)
    edited = project.with_name("edited by hand.kdenlive")
    edited.write_text(text)
    assert planned(edited)[2] == {"C"}
    first, last = re.search(
        r'<entry producer="media\d+" in="(\d+)" out="(\d+)">\s*<property name="kdenlive:id">', text
    ).groups()
    edited.write_text(project.read_text().replace(f'in="{first}" out="{last}"', f'in="{first}" out="{int(last) - 4}"'))
    assert planned(edited)[2] == set()


@pytest.mark.parametrize("text", ["<mlt/>", "<kdenlive>", "<mlt><profile frame_rate_num='24'/><tractor/></mlt>"])
def test_what_is_no_project_is_refused(tmp_path, text):
    path = tmp_path / "bad.kdenlive"
    path.write_text(text)
    with pytest.raises(twopop.TwopopError, match=r"bad\.kdenlive"):
        twopop.read_timeline(path)
