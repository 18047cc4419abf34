"""Resolve's console on the strict fake: placed exactly, additive, all or none, the open timeline never half changed."""

from __future__ import annotations

import pytest

from twopop.errors import ConformError, UsageError
from twopop.testing_resolve import FakeResolve, Rules
from twopop_adapters.resolve_console import Console

pytestmark = pytest.mark.usefixtures("module_state")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One store for all tests: every take is made once."""
    return tmp_path_factory.mktemp("resolve")


def opened(folder, rules=None, **options):
    fake = FakeResolve(rules)
    fake.project.current.hole("SH010", 0, 24, "PROMPT: a door", "DX MARA: Hello.")
    fake.project.current.hole("SH020", 30, 24, "PROMPT: a street")
    return fake, Console(fake, folder=folder, backend="bars", width=64, height=36, handles_frames=6, **options)


def rendered(console):
    run = console.render()
    run.generation.result(120)
    return run.place()


def state(timeline):
    return {
        (kind, n, track.name): [
            (i.GetName(), i.GetStart(), i.GetDuration(), i.GetLeftOffset(), i.GetClipEnabled()) for i in track.items
        ]
        for kind, tracks in timeline.tracks.items()
        for n, track in enumerate(tracks)
    }


@pytest.mark.parametrize("exclusive", [True, False])
def test_the_first_fill_works_on_a_duplicate_at_exact_frames(folder, exclusive):
    fake, console = opened(folder, Rules(exclusive_end=exclusive))
    original = fake.project.current
    before = state(original)
    done = rendered(console)
    assert state(original) == before
    assert done.timeline == "Edit 1 twopop"
    assert [t.name for t in fake.project.timelines] == ["Edit 1", "Edit 1 twopop"]
    copy = fake.project.current
    assert [track.name for track in copy.tracks["audio"][1:]] == ["DX", "FX", "BG", "MX"]
    pictures = copy.tracks["video"][1].items
    assert [(i.GetStart() - copy.start, i.GetDuration(), i.GetLeftOffset()) for i in pictures] == [
        (0, 24, 6),
        (30, 24, 6),
    ]
    for track in copy.tracks["audio"][1:]:
        assert [(i.GetStart() - copy.start, i.GetDuration(), i.GetLeftOffset()) for i in track.items] == [
            (0, 24, 6),
            (30, 24, 6),
        ]
    assert len(pictures[0].GetLinkedItems()) == 4
    assert not any(i.GetClipColor() for i in pictures)
    assert [i.GetClipEnabled() for i in copy.tracks["video"][0].items] == [False, False]


def test_filling_again_changes_nothing(folder):
    fake, console = opened(folder)
    rendered(console)
    before = state(fake.project.current)
    done = rendered(console)
    assert (done.filled, done.new_takes) == ([], [])
    assert state(fake.project.current) == before


def changed_prompt(fake):
    """The editor changes the first shot's prompt, on the clip that fills it."""
    picture = fake.project.current.tracks["video"][1].items[0]
    marker = next(m for m in picture._markers.values() if m["name"].startswith("PROMPT"))
    marker["name"] = "PROMPT: a red door"
    return picture


def test_a_later_take_is_added_in_place_to_picture_and_stems(folder):
    fake, console = opened(folder)
    rendered(console)
    picture = changed_prompt(fake)
    before = {key: [x[1:3] for x in items] for key, items in state(fake.project.current).items()}
    done = rendered(console)
    assert done.new_takes
    assert done.filled == []
    linked = [picture, *picture.GetLinkedItems()]
    assert {item.GetSelectedTakeIndex() for item in linked} == {2}
    assert len({item.GetMediaPoolItem().GetName().split(".")[0] for item in linked}) == 1
    assert {key: [x[1:3] for x in items] for key, items in state(fake.project.current).items()} == before
    first, second = (picture.GetTakeByIndex(n)["mediaPoolItem"].GetName().partition(".")[0] for n in (1, 2))
    shot = console.plan().shots[0]
    console.switch_take(shot.name, first)
    assert {item.GetMediaPoolItem().GetName().partition(".")[0] for item in linked} == {first}
    console.switch_take(shot.name, second)
    assert {item.GetTakesCount() for item in linked} == {2}


def test_a_locked_stem_track_leaves_picture_and_stems_on_their_take(folder):
    fake, console = opened(folder)
    rendered(console)
    picture = changed_prompt(fake)
    fake.rules.locked = frozenset({"BG"})
    names = [item.GetMediaPoolItem().GetName() for item in (picture, *picture.GetLinkedItems())]
    before = state(fake.project.current)
    with pytest.raises(ConformError, match=r"locked: BG.*Nothing was changed"):
        rendered(console)
    assert state(fake.project.current) == before
    assert [item.GetMediaPoolItem().GetName() for item in (picture, *picture.GetLinkedItems())] == names
    assert {item.GetTakesCount() for item in (picture, *picture.GetLinkedItems())} <= {0, 1}


@pytest.mark.parametrize("rule", [{"read_only": True}, {"drop_appends": 1}], ids=["read-only", "dropped"])
def test_what_resolve_does_not_do_is_told_and_the_open_timeline_stays(folder, rule):
    fake, console = opened(folder)
    for name, value in rule.items():
        setattr(fake.rules, name, value)
    original = fake.project.current
    before = state(original)
    with pytest.raises((ConformError, UsageError)):
        rendered(console)
    assert fake.project.current is original
    assert state(original) == before
    assert fake.project.timelines == [original], "no half-filled duplicate stays behind"
    assert original.GetMarkers() == {}


def test_a_later_fill_that_fails_is_taken_back(folder):
    """Our own timeline is filled in place: clips and tracks that were added go, the hole is switched on again."""
    fake, console = opened(folder)
    rendered(console)
    timeline = fake.project.current
    timeline.hole("SH030", 60, 24, "PROMPT: a bridge", "DX MARA: Hello again.")
    before = state(timeline)
    fake.rules.drop_appends = 1
    with pytest.raises(ConformError, match="Edit 1 twopop is as it was"):
        rendered(console)
    assert state(timeline) == before
    assert rendered(console).filled == ["SH030"]


def test_a_timeline_that_became_read_only_is_told_before_anything_changes(folder):
    fake, console = opened(folder)
    rendered(console)
    changed_prompt(fake)
    fake.rules.read_only = True
    before, clips = state(fake.project.current), len(fake.project.pool.GetRootFolder().GetSubFolderList()[0]._clips)
    with pytest.raises(UsageError, match="read-only"):
        rendered(console)
    assert state(fake.project.current) == before
    assert len(fake.project.pool.GetRootFolder().GetSubFolderList()[0]._clips) == clips


def test_a_hole_on_a_locked_track_is_covered_and_said(folder):
    fake, console = opened(folder)
    fake.project.current.SetTrackName("video", 1, "Locked picture")
    fake.rules.locked = frozenset({"Locked picture"})
    done = rendered(console)
    assert set(done.filled) >= {"SH010", "SH020"}
    assert [text for text in done.left if "locked" in text]
    assert all(i.GetClipEnabled() for i in fake.project.current.tracks["video"][0].items)


def test_media_that_resolve_does_not_take_stops_before_anything_is_placed(folder):
    fake, console = opened(folder)
    run = console.render()
    run.generation.result(120)
    fake.rules.unreadable = frozenset(p.name for p in folder.rglob("*.FX.wav"))
    with pytest.raises(ConformError, match="did not import"):
        run.place()
    assert len(fake.project.timelines) == 1


def test_names_that_are_taken_are_counted_on(folder):
    fake, console = opened(folder)
    fake.project.pool.CreateEmptyTimeline("Edit 1 twopop")
    fake.project.SetCurrentTimeline(fake.project.timelines[0])
    assert rendered(console).timeline == "Edit 1 twopop 2"


def test_free_resolve_is_told_at_once(folder):
    with pytest.raises(UsageError, match="Lua"):
        opened(folder, Rules(product="DaVinci Resolve"))
    opened(folder, Rules(product="DaVinci Resolve", version=(21, 0, 2, 1, "")))


def test_the_playhead_chooses_one_shot_and_colours_come_when_asked(folder):
    fake, console = opened(folder, color=True)
    fake.project.current.playhead = fake.project.current.tracks["video"][0].items[1]
    run = console.render_selected()
    run.generation.result(120)
    run.place()
    assert all(i.GetClipColor() == "Teal" for i in fake.project.current.tracks["video"][1].items)


def test_the_fake_fails_as_silently_as_resolve(folder):
    fake, _ = opened(folder)
    timeline = fake.project.current
    assert hasattr(timeline, "GetTimelineByName")
    assert "GetTimelineByName" not in dir(timeline)
    assert timeline.Export(str(folder / "no.otio"), "EXPORT_OTIO", "EXPORT_NONE") is False
    assert not (folder / "no.otio").exists()
    assert timeline.DuplicateTimeline("Edit 1") is None
    assert timeline.tracks["video"][0].items[0].SetClipColor("Mauve") is False
