"""Recorded dialogue on a sound track: it moves the lips of the hole above, and is heard from its own clip."""

import opentimelineio as otio
import pytest

import twopop
from twopop.media.wav import write_wav
from twopop.settings import Settings

np = pytest.importorskip("numpy")
Time, Range = otio.opentime.RationalTime, otio.opentime.TimeRange


def span(start, count, rate=24):
    return Range(Time(start, rate), Time(count, rate))


def sound_clip(marker="TP DX MARA:", source=None, url="wild/mara.wav", effects=(), **changes):
    media = otio.schema.ExternalReference(url, span(240, 480))
    clip = otio.schema.Clip("mara", media, source or span(264, 36))
    clip.markers.append(otio.schema.Marker(marker, span(264, 0)))
    clip.effects.extend(effects)
    for name, value in changes.items():
        setattr(clip, name, value)
    return clip


def a_cut(clip, at=6, hole=None):
    made = otio.schema.Timeline("cut", global_start_time=Time(86400, 24))
    picture, sound = otio.schema.Track("V1", kind="Video"), otio.schema.Track("A1", kind="Audio")
    shot = otio.schema.Clip("SH010", None, hole or span(100, 48))
    shot.markers.append(otio.schema.Marker("PROMPT: MARA in a kitchen", span(100, 0)))
    picture.append(shot)
    sound.extend([otio.schema.Gap(duration=Time(at, 24)), clip])
    made.tracks.extend([picture, sound])
    return made


@pytest.fixture
def planned(tmp_path):
    (tmp_path / "wild").mkdir()
    write_wav(tmp_path / "wild" / "mara.wav", [np.zeros((48_000 * 3, 2), np.int32)])

    def planned(made):
        path = tmp_path / "cut.otio"
        otio.adapters.write_to_file(made, str(path))
        return twopop.plan_shots(twopop.read_timeline(path), settings=Settings(backend="local"))

    return planned


def test_a_marked_sound_clip_is_a_recorded_line_of_the_hole_over_it(planned):
    (shot,) = planned(a_cut(sound_clip())).shots
    (reference,) = shot.brief.references
    assert (reference.kind, reference.speaker, reference.path) == ("line", "MARA", "wild/mara.wav")
    assert reference.at_frames == 106
    assert reference.part == (48_000, 72_000)  # it is trimmed by a second, and a second and a half long
    assert not reference.heard
    assert len(reference.sha256) == 64
    assert shot.brief.lines == ()


def test_its_words_may_be_told(planned):
    (shot,) = planned(a_cut(sound_clip("TP DX MARA: We close in ten."))).shots
    assert [(line.speaker, line.text, line.at_frames) for line in shot.brief.lines] == [
        ("MARA", "We close in ten.", 106)
    ]


def test_a_trim_of_the_hole_changes_nothing_and_a_slip_of_the_sound_does(planned):
    key = planned(a_cut(sound_clip())).shots[0].match_key
    assert planned(a_cut(sound_clip(), hole=span(100, 40))).shots[0].match_key == key
    assert planned(a_cut(sound_clip(), at=5, hole=span(101, 40))).shots[0].match_key == key
    assert planned(a_cut(sound_clip(source=span(265, 36)))).shots[0].match_key != key
    assert planned(a_cut(sound_clip(), at=7)).shots[0].match_key != key


@pytest.mark.parametrize("clip", [sound_clip("take 3, good"), sound_clip("DX MARA: hi"), sound_clip(enabled=False)])
def test_other_sound_is_nobodys_voice(planned, clip):
    assert planned(a_cut(clip)).shots[0].brief.references == ()


@pytest.mark.parametrize(
    ("made", "code", "said"),
    [
        (a_cut(sound_clip(), at=60), "recording_alone", "lies under no hole"),
        (a_cut(sound_clip(effects=[otio.schema.LinearTimeWarp(time_scalar=2.0)])), "bad_reference", "speed effect"),
        (a_cut(sound_clip(url="https://example.com/mara.wav")), "bad_reference", "nothing is fetched"),
        (a_cut(sound_clip(url="wild/gone.wav")), "bad_reference", "was not found"),
        (a_cut(sound_clip(media_reference=otio.schema.MissingReference())), "bad_reference", "without a file"),
    ],
)
def test_what_cannot_be_is_told(planned, made, code, said):
    found = [f.message for f in planned(made).findings if f.code == code]
    assert len(found) == 1
    assert said in found[0]
