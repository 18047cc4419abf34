"""Projects of Kdenlive and Shotcut come back: nothing is generated again; after a trim and a changed prompt, that."""

from __future__ import annotations

import json
import re
import subprocess
from xml.etree import ElementTree as ET

import contract_cut
import editors
import pytest

import twopop
from twopop.testing import golden_cut
from twopop.timeline import as_list

SUFFIXES = ["kdenlive", "mlt"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The contract cut, and its project for every editor of the family, beside its takes."""
    root = tmp_path_factory.mktemp("projects")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWOPOP_STATE_DIR", str(root / "state"))
        contract = contract_cut.make(root, 24.0)
        for flavour in SUFFIXES:
            twopop.write_timeline(contract.cut, root / "edited", flavour=flavour)
        yield root


@pytest.fixture(params=SUFFIXES)
def project(request, made):
    return made / f"edited.{request.param}"


def planned(path, **options):
    cut = twopop.read_timeline(path)
    size = {"width": contract_cut.SIZE[0], "height": contract_cut.SIZE[1]}
    settings = twopop.load_settings(path, backend="bars", **{**size, **options})
    plan = twopop.plan_shots(cut, settings=settings, store=twopop.TakeStore(path.parent / "takes"))
    return cut, plan, {piece.name for piece in (*plan.shots, *plan.beds) if piece.status in ("generate", "extend")}


def places(of):
    return sorted((i.kind, i.record.start, i.record.frames, i.enabled) for i in of.items if i.schema == "Clip")


def test_nothing_is_generated_again(project):
    cut, plan, wanted = planned(project)
    assert [shot.name for shot in plan.shots] == ["A", "B", "N", "R", "C", "D"]
    assert wanted == set()
    assert (cut.duration_frames, cut.start_frames) == (344, 86400)


def test_every_clip_is_where_it_was(project, made):
    assert places(planned(project)[0]) == places(twopop.read_timeline(made / "recut.conformed.otio"))


def test_a_trim_costs_nothing_and_a_changed_prompt_one_shot(project):
    text = project.read_text()
    edited = project.with_name(f"edited by hand{project.suffix}")
    edited.write_text(re.sub(r"PROMPT: shot C\b", "PROMPT: shot C at night", text))
    assert planned(edited)[2] == {"C"}
    entry = re.compile(r'(<entry producer="media\d+" in="\d+" out=")(\d+)"')
    edited.write_text(entry.sub(lambda found: f'{found[1]}{int(found[2]) - 4}"', text, count=1))
    shorter, _, wanted = planned(edited)
    assert places(shorter) != places(planned(project)[0])
    assert wanted == set()


@pytest.mark.parametrize("text", ["<mlt/>", "<kdenlive>", "<mlt><profile frame_rate_num='24'/><tractor/></mlt>"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_no_project_is_refused(tmp_path, text, suffix):
    path = tmp_path / f"bad.{suffix}"
    path.write_text(text)
    with pytest.raises(twopop.TwopopError, match=rf"bad\.{suffix}"):
        twopop.read_timeline(path)


def test_a_track_with_nothing_on_it_is_one(project):
    """Kdenlive's own projects begin with four."""
    text = re.sub(r"<(entry|blank)\b.*?(/>|</\1>)", "", project.read_text(), flags=re.S)
    path = project.with_name(f"empty{project.suffix}")
    path.write_text(text)
    assert not [item for item in twopop.read_timeline(path).items if item.schema == "Clip"]


def test_what_lies_over_whole_tracks_is_named(project):
    root = ET.fromstring(project.read_text())
    track = next(n for n in root.iter() if n.get("id") == "track1")
    extra = ET.SubElement(track, "filter")
    ET.SubElement(extra, "property", name="mlt_service").text = "sepia"
    path = project.with_name(f"graded{project.suffix}")
    path.write_text(ET.tostring(root, encoding="unicode"))
    (said,) = [finding for finding in twopop.read_timeline(path).findings if finding.code == "not_read"]
    assert "sepia" in said.message
    assert not [f for f in twopop.read_timeline(project).findings if f.code == "not_read"]


# ---- what OTIO has no word for ---------------------------------------------------------------------------------------


def with_a_filter(text):
    """Every picture of SH010 has a filter of the editor's, as Kdenlive (on the clip) and Shotcut (on the media) do."""
    root = ET.fromstring(text)
    parents = [n for n in root.iter() if n.tag in ("entry", "producer")]
    media = next(n.get("id") for n in parents if n.tag == "producer" and "SH010_t001.mov" in ET.tostring(n, "unicode"))
    kdenlive = root.find("playlist[@id='main_bin']") is not None
    tag, name = ("entry", "producer") if kdenlive else ("producer", "id")
    for node in (n for n in parents if n.tag == tag and n.get(name) == media):
        extra = ET.SubElement(node, "filter", {"in": "12", "out": "30"})
        for key, value in {"mlt_service": "sepia", "kdenlive_id": "sepia", "u": "75"}.items():
            ET.SubElement(extra, "property", name=key).text = value
    return ET.tostring(root, encoding="unicode")


@pytest.mark.parametrize("flavour", SUFFIXES)
@pytest.mark.usefixtures("module_state")
def test_effects_titles_holes_and_what_is_off_come_back_and_go_out_again(flavour):
    """Written, given a filter by the editor, read, rendered with another prompt, written again: it is all there."""
    cut = golden_cut()
    path = twopop.write_timeline(cut, cut.path.with_name("rich"), flavour=flavour).path
    text = with_a_filter(path.read_text("utf-8")).replace("PROMPT: SH010", f"PROMPT: SH010 for {flavour}")
    path.write_text(text, "utf-8")
    report = twopop.render(path, backend="bars", width=128, height=72, preview=False, flavours=[flavour])
    assert {shot.name for shot in report.shots if shot.status == "ready"} == {"SH010"}
    assert not [loss for loss in report.findings if "effects" in loss.message and "sepia" in loss.message]
    again = twopop.read_timeline(report.flavours[flavour])
    clips = {item.name: item for item in again.items if item.schema == "Clip" and item.kind == "Video"}
    shot = next(item for name, item in clips.items() if "SH010" in name)
    (sepia,) = [effect for effect in as_list(shot.node["effects"]) if effect["effect_name"] == "sepia"]
    said = sepia["metadata"]["mlt"]
    assert (said["in"], said["out"], said["properties"]["u"]) == (0, 18, "75")
    words = [e["metadata"]["mlt"]["properties"] for e in clips["TITLE"].node["effects"]]
    assert any(one.get("argument") == "2-pop" for one in words)
    assert (clips["SH060"].enabled, clips["SH060"].record.start) == (False, 96)
    assert [marker["name"] for marker in clips["SH060"].node["markers"]] == ["PROMPT: SH060"]


@pytest.mark.parametrize("flavour", SUFFIXES)
def test_a_hole_is_filled_after_it_went_through_the_editor(flavour, tmp_path, monkeypatch):
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(tmp_path / "state"))
    shots = [
        {"name": "SH010", "length": 24, "prompt": "a kitchen", "dialogue": "@6 MARA: We close."},
        {"name": "SH020", "length": 30, "prompt": "a street", "fx": "@3 steps"},
    ]
    (tmp_path / "cut.otio").write_text(json.dumps(twopop.assemble(shots, name="cut", frame_rate="24").document))
    options = {"backend": "bars", "width": 64, "height": 36, "preview": False, "store": tmp_path / "takes"}
    first = twopop.render(tmp_path / "cut.otio", only="SH010", flavours=[flavour], **options)
    second = twopop.render(first.flavours[flavour], flavours=[flavour], **options)
    assert {shot.name: shot.status for shot in second.shots} == {"SH010": "reused", "SH020": "ready"}
    direct = twopop.render(tmp_path / "cut.otio", out=tmp_path / "direct", **options)
    assert {shot.status for shot in direct.shots} == {"reused"}, "it asked for the same, to the frame"


# ---- as others write it ----------------------------------------------------------------------------------------------


def as_shotcut(text, folder):
    """The project in Shotcut's hand: clock times, a `chain` for every clip, links beside the file, its own bin."""
    root = ET.fromstring(text)
    root.set("producer", "main_bin")
    named = {node.get("id"): node for node in root if node.tag == "producer"}
    chains = 0
    for parent in [n for n in root.iter() if n.tag in ("playlist", "tractor") and n.get("id") != "background"]:
        for use in [n for n in parent if n.tag in ("entry", "track") and n.get("producer") in named]:
            chain = ET.fromstring(ET.tostring(named[use.get("producer")]))
            chain.tag, chains = "chain", chains + 1
            chain.attrib = {"id": f"chain{chains}", "out": chain.get("out")}
            use.set("producer", f"chain{chains}")
            root.insert(1, chain)
    ET.SubElement(root, "playlist", id="main_bin")
    for node in root.iter():
        for name in ("in", "out", "length"):
            if node.get(name):
                frames = int(node.get(name))
                node.set(name, f"00:00:{frames / 24:06.3f}")
        if node.tag == "property" and node.get("name") == "resource":
            node.text = node.text.replace(f"{folder}/", "")
    return ET.tostring(root, encoding="unicode")


def test_shotcut_may_write_it_in_its_own_way(made):
    path = made / "shotcut.mlt"
    path.write_text(as_shotcut((made / "edited.mlt").read_text(), made))
    cut, _, wanted = planned(path)
    assert wanted == set()
    assert places(cut) == places(planned(made / "edited.mlt")[0])


def test_notes_in_shotcuts_comments_are_markers_at_their_frames(made):
    path = made / "comments.mlt"
    text = (made / "edited.mlt").read_text()
    assert "[12] PROMPT: shot D" in text
    path.write_text(text.replace("[12] PROMPT: shot D", "PROMPT: shot D by night\n[20+6] FX: a door\nslams"))
    cut, plan, wanted = planned(path)
    assert wanted == {"D"}
    (shot,) = [shot for shot in plan.shots if shot.name == "D"]
    (cue,) = shot.brief.cues
    assert (cue.text, cue.length_frames) == ("a door slams", 6)
    markers = next(i for i in cut.items if i.name.startswith("contract_D") and i.kind == "Video").node["markers"]
    assert [marker["marked_range"]["start_time"]["value"] for marker in markers] == [18, 20]


def test_melt_writes_an_edit_of_its_own(made):
    """Clips that melt trims itself, a dissolve, sound heard on the track of its picture, a track of sound."""
    take = made / "takes/contract_A/contract_A_t001"
    other = made / "takes/contract_B/contract_B_t001.mov"
    out = made / "melt.mlt"
    edit = [f"{take}.mov", "in=12", "out=65", other, "in=24", "out=89", "-mix", "24", "-mixer", "luma"]
    sound = ["-track", f"{take}.DX.wav", "in=12", "out=60"]
    command = [editors.needed("melt"), "-profile", "square_pal", *edit, *sound, "-consumer", f"xml:{out}"]
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=60)
    cut = twopop.read_timeline(out)
    found = [(i.kind, i.record.start, i.record.frames, i.trimmed.start) for i in cut.items if i.schema == "Clip"]
    clips = [(0, 42, 12), (42, 54, 36)]
    assert sorted(found) == sorted(
        [("Video", *one) for one in clips] + [("Audio", *one) for one in clips] + [("Audio", 0, 49, 12)]
    )
