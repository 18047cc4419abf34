"""What a shot inherits from its scene: told in the request, in no key, and a change of it makes takes stale."""

import opentimelineio as otio
import pytest

import twopop
from twopop.continuity import Continuity
from twopop.plan import scene_told
from twopop.settings import Settings
from twopop.wire import SCENE_REACH, Scene

Time, Range = otio.opentime.RationalTime, otio.opentime.TimeRange


def span(start, count):
    return Range(Time(start, 24), Time(count, 24))


def a_cut(*prompts, bed="restaurant kitchen at night", lines=()):
    made = otio.schema.Timeline("cut", global_start_time=Time(86400, 24))
    track = otio.schema.Track("V1", kind="Video")
    made.tracks.append(track)
    for index, prompt in enumerate(prompts):
        clip = otio.schema.Clip(f"SH{index}", None, span(0, 48))
        clip.markers.append(otio.schema.Marker(f"PROMPT: {prompt}", span(0, 0)))
        clip.markers.extend(otio.schema.Marker(text, span(4, 0)) for at, text in lines if at == index)
        track.append(clip)
    if bed:
        made.tracks.markers.append(otio.schema.Marker(f"BG: {bed}", span(0, 48 * len(prompts))))
    return made


@pytest.fixture
def planned(tmp_path):
    return lambda cut, backend="local": twopop.plan_shots(
        cut, settings=Settings(backend=backend), store=tmp_path / "takes"
    )


def test_a_request_tells_the_bed_the_people_and_the_shots_before(planned):
    plan = planned(
        a_cut(
            "wide of a kitchen, MARA alone",
            "MARA reads",
            "LEO cooks",
            lines=[(0, "DX MARA: Ten."), (2, "DX LEO: Yes.")],
        )
    )
    scenes = [request.scene for request in plan.requests() if request.kind == "shot"]
    assert {scene.setting for scene in scenes} == {"restaurant kitchen at night"}
    assert [voice.speaker for voice in scenes[0].cast] == ["LEO", "MARA"]
    assert [len(scene.before) for scene in scenes] == [0, 1, 2]
    assert scenes[2].before == ("wide of a kitchen, MARA alone", "MARA reads")


def test_scenes_do_not_leak_into_each_other_and_are_in_no_key(planned):
    plan, alone = planned(a_cut("one", "two")), planned(a_cut("two", bed=""))
    assert plan.shots[1].match_key == alone.shots[0].match_key
    assert plan.shots[1].context != alone.shots[0].context


def test_a_long_scene_is_remembered_by_its_opening_and_its_last_shots():
    told = scene_told(Scene(), [str(k) for k in range(100)]).before
    assert told == ("0", *(str(k) for k in range(100 - SCENE_REACH, 100)))


def test_models_without_scenes_are_told_none_and_nothing_goes_stale_for_them(planned):
    plan = planned(a_cut("one", "two"), backend="bars")
    assert all(request.scene is None for request in plan.requests())


def scored(*prompts, at=0, text="jazz 96 bpm"):
    """A cut with a music bed that begins `at` frames after its first."""
    cut = a_cut(*prompts)
    cut.tracks.markers.append(otio.schema.Marker(f"MX: {text}", span(at, 48 * len(prompts) - at)))
    return cut


def test_a_shot_knows_the_music_bed_it_lies_under_and_where_it_begins(planned):
    plan = planned(scored("a kitchen", "MARA walks to the beat", at=12))
    first, second = (request.scene.music for request in plan.requests() if request.kind == "shot")
    assert (first.at_frame, second.at_frame) == (12, 12 - 48)
    assert (second.text, second.end_frame) == ("jazz 96 bpm", 84)
    assert all(request.scene.music is None for request in planned(a_cut("a kitchen")).requests() if request.scene)


def test_hits_of_the_shots_are_hits_of_the_bed_they_are_told_of(planned):
    cut = scored("a kitchen", "MARA walks to the beat")
    cut.tracks[0][1].markers.append(otio.schema.Marker("HIT", span(24, 0)))
    plan = planned(cut)
    assert [request.scene.music.hits_frames for request in plan.requests() if request.kind == "shot"] == [(72,), (72,)]
    (bed,) = [bed for bed in plan.beds if bed.role == "music"]
    assert [cue.at_frames for cue in bed.brief.cues] == [72]


def test_only_what_keeps_to_the_beat_is_stale_when_the_music_over_it_changes(planned):
    prompts = ("a kitchen", "MARA walks to the beat", "LEO dances")
    was, moved, other = (
        [shot.context for shot in planned(cut).shots]
        for cut in (scored(*prompts), scored(*prompts, at=12), scored(*prompts, text="jazz 80 bpm"))
    )
    for changed in (moved, other):
        assert [a == b for a, b in zip(was, changed, strict=True)] == [True, False, False]
    assert [shot.match_key for shot in planned(scored(*prompts)).shots] == [
        shot.match_key for shot in planned(a_cut(*prompts)).shots
    ]


def test_a_plan_shows_what_sketch_makes_of_the_words(planned):
    plan = planned(a_cut("wide of MARA", "close-up of a coin, no music")).with_readings()
    first, second = (shot.reading for shot in plan.shots)
    assert first.understood["place"] == "kitchen (of its scene)"
    assert second.understood["framing"] == "close up"
    assert all(bed.reading for bed in plan.beds)
    assert type(plan).model_validate_json(plan.model_dump_json()) == plan


def test_a_plan_for_a_model_that_reads_in_secret_shows_nothing(planned):
    plan = planned(a_cut("wide of MARA"), backend="bars").with_readings()
    assert plan.shots[0].reading is None


def test_a_long_chain_without_takes_stays_readable(planned, tmp_path):
    """The last of a hundred shots is asked for, and none before it has a take."""
    plan = planned(a_cut(*(f"MARA, {k}" for k in range(100))))
    requests = [request for request in plan.requests() if request.kind == "shot"]
    store = twopop.TakeStore(tmp_path / "takes")
    last = Continuity(plan, plan.profile, requests[-1:], store).complete(requests[-1])
    assert type(last).model_validate_json(last.model_dump_json()) == last
    depth, before = 0, last.before
    while before:
        depth, before = depth + 1, before.request.before
    assert 50 < depth < 70
