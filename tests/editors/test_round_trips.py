"""Ours, then another program's file, then `plan` again: nothing is made twice, an edit makes exactly what it asks."""

from __future__ import annotations

import shutil
from urllib.parse import unquote

import pytest

import twopop
from twopop.document import edited, shifted_range
from twopop.testing import golden_cut
from twopop.timeline import as_list, as_node

FLAVOURS = ["finalcut", "premiere", "resolve", "xmeml"]


@pytest.fixture(scope="module", autouse=True)
def _state(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWOPOP_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Flavour -> the cut read back from what was written, beside its takes, with none of our metadata."""

    def read(flavour):
        if flavour not in found:
            cut = golden_cut()
            path = twopop.write_timeline(cut, cut.path.with_name(f"round_{flavour}"), flavour=flavour).path
            found[flavour] = _stripped(twopop.read_timeline(path))
        return found[flavour]

    found = {}
    return read


def _stripped(cut):
    """As an editor gives it back: our metadata gone from clips, references, tracks and timeline."""

    def without(node):
        if isinstance(node, dict):
            return {
                k: without({i: v for i, v in x.items() if i != "twopop"} if k == "metadata" else x)
                for k, x in node.items()
            }
        return [without(x) for x in node] if isinstance(node, list) else node

    return cut.with_document(without(cut.document))


def statuses(cut, **options):
    plan = twopop.plan_shots(cut, settings=twopop.load_settings(cut.path, backend="bars", **options))
    return {piece.name: piece.status for piece in (*plan.shots, *plan.beds)}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_nothing_is_generated_again(exported, flavour):
    found = statuses(exported(flavour))
    before = statuses(golden_cut())
    if flavour == "finalcut":  # it says that markers of tracks are left out: the bed lies there, but is not asked for
        del before["MX_bed"]
    assert found == before
    assert set(found.values()) <= {"reuse", "stale"}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_clip_lies_where_it_lay(exported, flavour):
    """Times, sources and files of picture and sound, transitions included."""
    assert _places(exported(flavour)) == _places(golden_cut())


def _places(cut):
    found = set()
    for item in cut.items:
        if item.schema == "Clip" and item.kind in ("Video", "Audio") and _file(item):
            head, tail = item.trimmed.start - item.visible.start, item.visible.end - item.trimmed.end
            speed = [e.get("time_scalar") for e in as_list(item.node["effects"]) if "time_scalar" in e]
            found.add((_file(item), item.kind, item.record, item.trimmed, head, tail, item.enabled, *speed))
    return found


def _file(item):
    from twopop.recognise import file_name
    from twopop.tracks import active_reference

    return unquote(file_name(active_reference(item.node)))


def _picture(cut, name):
    return next(i for i in cut.items if i.kind == "Video" and i.name.startswith(name))


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_trim_and_a_changed_prompt_make_exactly_that(exported, flavour):
    cut = exported(flavour)
    trimmed, said = _picture(cut, "SH040"), _picture(cut, "SH010")
    span = as_node(trimmed.node["source_range"])
    shorter = {**shifted_range(span, 4, cut.frame_rate), "duration": {**span["duration"], "value": 30.0}}
    marker = {**as_node(said.node["markers"][0]), "name": "PROMPT: something else"}
    document = edited(
        cut.document,
        {
            trimmed.path: {**trimmed.node, "source_range": shorter},
            said.path: {**said.node, "markers": [marker, *said.node["markers"][1:]]},
        },
    )
    found = statuses(cut.with_document(document))
    assert {name for name, status in found.items() if status == "generate"} == {"SH010"}


def test_a_take_that_was_renamed_is_known_by_the_tag_inside(exported, tmp_path):
    cut = golden_cut()
    picture = _picture(cut, "SH040")
    store = cut.path.parent / "takes"
    media = next(store.rglob("*SH040*.mov"))
    shutil.copyfile(media, cut.path.parent / "consolidated 0007.mov")
    stripped = _stripped(cut)
    node = _picture(stripped, "SH040").node
    reference = {**node["media_references"]["twopop:t001"], "target_url": "consolidated%200007.mov"}
    replaced = {**node, "media_references": {"DEFAULT_MEDIA": reference}, "active_media_reference_key": "DEFAULT_MEDIA"}
    renamed = stripped.with_document(edited(stripped.document, {picture.path: replaced}))
    assert statuses(renamed) == statuses(cut)
