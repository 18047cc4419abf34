"""What a cut says: holes, filled shots, precedence, beds, scenes, findings."""

from __future__ import annotations

import gc
import hashlib
import os
import time
from fractions import Fraction
from typing import Any

import pytest
from shapes import clip, effect, marker, missing, span, stack, timeline, track, transition

from twopop.document import gap_node, reference_node
from twopop.errors import SpottingError
from twopop.settings import Settings
from twopop.spotting import SpottedShot, Spotting, spot
from twopop.timebase import FrameRange
from twopop.timeline import Cut
from twopop.wire import Brief, Cue, Finding, Line, Reference, Voice

RATE = Fraction(24000, 1001)
GENERATOR = {
    "OTIO_SCHEMA": "GeneratorReference.1",
    "metadata": {},
    "name": "Solid Color",
    "generator_kind": "SolidColor",
}
REAL = reference_node("a.mov", "media/a.mov", span(0, 200), {})


def cut_of(*tracks: Any, markers: Any = (), **fields: Any) -> Cut:
    document = timeline(*tracks)
    document["tracks"]["markers"] = list(markers)
    return Cut(document, RATE, 86400, True, **fields)


def spotted(*clips: Any, markers: Any = (), settings: Any = None, **fields: Any) -> Spotting:
    return spot(cut_of(track(*clips), markers=markers, **fields), Settings(**settings or {}))


def codes(found: Spotting) -> list[str]:
    return [f.code for f in found.findings]


def finding(found: Spotting, code: str) -> Finding:
    return next(f for f in found.findings if f.code == code)


def names(shots: tuple[SpottedShot, ...]) -> list[str]:
    return [shot.item.name for shot in shots]


def ours(**fields: Any) -> dict[str, Any]:
    return {"twopop": fields}


# -- holes


@pytest.mark.parametrize("reference", [missing(), GENERATOR], ids=["missing", "generator"])
@pytest.mark.parametrize(
    "said",
    [{"markers": [marker("PROMPT: a wall")]}, {"metadata": ours(brief={"prompt": "a wall"})}],
    ids=["marker", "metadata"],
)
def test_missing_or_generator_media_with_a_brief_is_a_hole(reference: Any, said: Any) -> None:
    found = spotted(clip("A", reference=reference, **said))
    assert [shot.brief for shot in found.shots] == [Brief(prompt="a wall")]
    assert not found.findings
    assert not found.left_alone


def test_without_a_brief_it_is_left_alone_with_the_reason() -> None:
    found = spotted(clip("A"), clip("T", reference=GENERATOR), clip("R", reference=REAL, markers=[marker("FX: smoke")]))
    assert [(c.item.name, c.why.split(":")[0]) for c in found.left_alone] == [
        ("A", "offline"),
        ("T", "a title or generator without a brief"),
    ]
    assert not found.shots
    assert not found.findings


def test_include_offline_makes_missing_media_a_hole_but_no_title() -> None:
    found = spotted(clip("A"), clip("T", reference=GENERATOR), settings={"include_offline": True})
    assert names(found.shots) == ["A"]
    assert found.shots[0].brief == Brief()
    assert [c.item.name for c in found.left_alone] == ["T"]


@pytest.mark.parametrize(
    ("clips", "why"),
    [
        ([clip("A", markers=[marker("PROMPT: a wall\nKEEP")])], "KEEP"),
        ([{**clip("A", markers=[marker("PROMPT: a wall")]), "enabled": False}], "disabled"),
    ],
)
def test_left_alone(clips: list[Any], why: str) -> None:
    found = spotted(*clips)
    assert [c.why for c in found.left_alone] == [why]
    assert not found.shots


def test_a_retimed_nest_is_left_alone_and_said() -> None:
    nest = {
        **stack(track(clip("A", markers=[marker("PROMPT: a wall")]))),
        "effects": [effect("LinearTimeWarp.1", time_scalar=2.0)],
    }
    found = spotted(nest)
    assert [c.why for c in found.left_alone] == ["inside a retimed nest"]
    assert finding(found, "retimed_nest").shot == "A"


def test_audio_tracks_hold_no_holes() -> None:
    found = spot(cut_of(track(clip("A", markers=[marker("PROMPT: x")]), kind="Audio")), Settings())
    assert found == Spotting()


def test_clip_1_without_any_reference_is_missing_media() -> None:
    node = {**clip("A", markers=[marker("PROMPT: a wall")]), "OTIO_SCHEMA": "Clip.1", "media_reference": None}
    del node["media_references"]
    assert names(spotted(node).shots) == ["A"]


def test_a_hole_without_length_is_kept_for_the_plan_to_refuse() -> None:
    node = {**clip("A", markers=[marker("PROMPT: a wall")]), "source_range": None}
    assert names(spotted(node, clip("B")).shots) == ["A"]


def test_a_gap_with_a_brief_is_reported() -> None:
    gap = {**gap_node(24, float(RATE)), "markers": [marker("PROMPT: a wall")]}
    found = spotted(clip("A", markers=[marker("PROMPT: b")]), gap)
    assert finding(found, "gap_with_brief").timecode == "01:00:02:00"
    assert len(found.shots) == 1


def test_names_never_prompt() -> None:
    assert spotted(clip("PROMPT: a lion")).shots == ()


# -- briefs


def test_a_whole_brief_from_markers() -> None:
    found = spotted(
        clip(
            "A",
            10,
            markers=[
                marker("PROMPT: a kitchen", 10, comment="CAM: slow push in\nNEG: text\nSTYLE: 16mm\nSEED: 7"),
                marker("DX MARA (tired): We close.", 20, 12),
                marker("FX: pan", 30),
                marker("BG: fan", 12, 24),
                marker("HIT: on the pan", 30),
                marker("VOICE MARA: warm alto"),
                marker("VOICE LEO: bass"),
            ],
        )
    )
    assert found.shots[0].brief == Brief(
        prompt="a kitchen",
        negative="text",
        style="16mm",
        camera="slow push in",
        lines=(Line(speaker="MARA", text="We close.", manner="tired", at_frames=20, length_frames=12),),
        cues=(
            Cue(role="ambience", text="fan", at_frames=12, length_frames=24),
            Cue(role="effects", text="pan", at_frames=30),
            Cue(role="music", text="on the pan", at_frames=30, hit=True),
        ),
        voices=(Voice(speaker="MARA", description="warm alto"),),
        seed=7,
    )
    assert not found.findings


def test_silent_lock_and_extend() -> None:
    shot = spotted(clip("A", markers=[marker("PROMPT: a\nSILENT\nLOCK\nEXTEND: +24, -12")])).shots[0]
    assert not shot.brief.sound
    assert (shot.directives.lock, shot.directives.extend_head_frames, shot.directives.extend_tail_frames) == (
        True,
        12,
        24,
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SEED: many", "bad_seed"),
        ("SEED: -1", "bad_seed"),
        ("EXTEND: a bit", "bad_extend"),
        ("FX:", "empty_instruction"),
    ],
)
def test_what_cannot_be_read_is_a_finding(text: str, code: str) -> None:
    found = spotted(clip("A", markers=[marker("PROMPT: a"), marker(text, 12)]))
    assert codes(found) == [code]
    assert finding(found, code).timecode == "01:00:00:12"
    assert found.shots[0].brief.seed is None


@pytest.mark.parametrize(
    "edit", [{"start": 12, "frames": 30}, {"start": 4, "frames": 90}, {"start": 0, "frames": 48, "name": "renamed"}]
)
def test_trim_slip_and_rename_move_nothing(edit: dict[str, Any]) -> None:
    markers = [marker("PROMPT: a", 14), marker("DX MARA: Go.", 20), marker("FX: pan", 30, 5)]
    before = spotted(clip("A", 10, 48, markers=markers)).shots[0].brief
    after = spotted(clip("X"), clip(**{"name": "A", **edit}, markers=markers)).shots[0].brief
    assert after == before


def test_a_filled_shot_keeps_its_source_clock() -> None:
    hole = clip("A", 10, 48, markers=[marker("PROMPT: a", 14), marker("FX: pan", 30)])
    filled = clip(
        "A",
        1010,
        48,
        reference=REAL,
        metadata=ours(role="shot", offset_frames=1000),
        markers=[marker("PROMPT: a", 1014), marker("FX: pan", 1030)],
    )
    assert spotted(filled).shots[0].brief == spotted(hole).shots[0].brief


def test_a_filled_shot_that_says_nothing_has_an_empty_brief() -> None:
    filled = clip("A", reference=REAL, metadata=ours(role="shot", offset_frames=0), markers=[marker("LOCK")])
    shot = spotted(filled, settings={"style": "16mm", "prompt": "night"}).shots[0]
    assert shot.brief == Brief()
    assert shot.directives.lock


def test_the_prompt_of_metadata_keeps_its_origin_when_filled() -> None:
    said = ours(brief={"prompt": 'Mara says: "Go."'})
    placeholder = {**missing(), "available_range": span(100, 80)}
    hole = clip("A", 110, 48, reference=placeholder, metadata=said)
    filled = {
        **clip("A", 5110, 48, metadata=ours(**said["twopop"], role="shot", offset_frames=5000)),
        "media_references": {"DEFAULT_MEDIA": placeholder, "twopop:t001": {**REAL, "available_range": span(5090, 90)}},
        "active_media_reference_key": "twopop:t001",
    }
    assert spotted(hole).shots[0].brief == spotted(filled).shots[0].brief
    assert spotted(hole).shots[0].brief.lines[0].at_frames == 100


def test_precedence() -> None:
    brief = {"prompt": "from metadata", "lines": [{"speaker": "Mara", "text": "A", "at_frames": 5}]}
    found = spotted(
        clip(
            "A",
            metadata=ours(brief=brief),
            markers=[marker("PROMPT: from a marker\nSTYLE: 16mm"), marker("DX MARA: B", 5), marker("DX MARA: C", 9)],
        ),
        markers=[marker("PROMPT: from above\nCAM: from above\nSTYLE: 8mm", 3)],
    )
    shot = found.shots[0].brief
    assert (shot.prompt, shot.style, shot.camera) == ("from metadata", "16mm", "from above")
    assert [(line.speaker, line.text) for line in shot.lines] == [("MARA", "A"), ("MARA", "C")]
    assert set(codes(found)) == {"overridden"}


def test_speech_in_the_prompt_is_the_weakest() -> None:
    text = 'PROMPT: A kitchen. Mara says: "We close." SFX: pan'
    alone = spotted(clip("A", markers=[marker(text, 6)])).shots[0].brief
    assert [(line.speaker, line.text, line.at_frames) for line in alone.lines] == [("MARA", "We close.", 6)]
    assert [(cue.role, cue.at_frames) for cue in alone.cues] == [("effects", 6)]
    assert alone.prompt == "A kitchen. Mara speaks."
    told = spotted(clip("A", markers=[marker(text, 6), marker("DX LEO: No.", 9)])).shots[0].brief
    assert [line.speaker for line in told.lines] == ["LEO"]
    assert '"We close."' in told.prompt


def test_settings_join_the_brief() -> None:
    settings = {"prompt": "Night", "style": "16mm", "negative": "text", "cast": {"Mara": "warm alto", "Leo": "bass"}}
    shot = (
        spotted(clip("A", markers=[marker("PROMPT: a wall\nNEG: logos\nDX MARA: Go.")]), settings=settings)
        .shots[0]
        .brief
    )
    assert (shot.prompt, shot.style, shot.negative) == ("Night. a wall", "16mm", "text, logos")
    assert shot.voices == (Voice(speaker="MARA", description="warm alto"),)


def test_a_brief_beside_its_place_is_an_error_and_is_not_guessed_at() -> None:
    found = spotted(clip("A", metadata=ours(prompt="a wall", seed=3)))
    assert not found.shots
    said = finding(found, "bad_brief").message
    assert "metadata.twopop.prompt, metadata.twopop.seed" in said
    assert "metadata.twopop.brief" in said


def test_a_hole_that_asks_for_nothing_is_named() -> None:
    found = spotted(clip("A", metadata=ours(brief={"prompt": ""})), clip("B", markers=[marker("PROMPT: b")]))
    assert len(found.shots) == 2
    assert finding(found, "empty_brief").shot == "A"


def test_a_broken_brief_is_an_error_and_is_not_generated() -> None:
    found = spotted(clip("A", metadata=ours(brief={"promt": "a"}), markers=[marker("PROMPT: b")]))
    assert not found.shots
    assert finding(found, "bad_brief").level == "error"
    assert "promt" in finding(found, "bad_brief").message


@pytest.mark.parametrize(("rate", "at"), [(24.0, 24), (48.0, 12), (25.0, 23)])
def test_markers_at_another_rate_are_converted(rate: float, at: int) -> None:
    document = timeline(track(clip("A", rate=24.0, markers=[marker("FX: pan", 24, rate=rate)])))
    assert spot(Cut(document, Fraction(24)), Settings()).shots[0].brief.cues[0].at_frames == at


def test_two_lines_on_one_marker_share_its_place_and_no_length() -> None:
    lines = spotted(clip("A", markers=[marker("DX MARA: One.\nDX LEO: Two.", 5, 40)])).shots[0].brief.lines
    assert [(line.at_frames, line.length_frames) for line in lines] == [(5, None), (5, None)]


# -- voices


def test_a_voice_holds_for_the_whole_cut() -> None:
    found = spotted(
        clip("A", markers=[marker("DX MARA: One.")]),
        clip("B", markers=[marker("DX MARA: Two.\nVOICE MARA: warm alto")]),
        clip("C", markers=[marker("DX LEO: Three.")]),
        markers=[marker("VOICE LEO: bass", 200)],
        settings={"cast": {"LEO": "tenor"}},
    )
    assert [shot.brief.voices for shot in found.shots] == [
        (Voice(speaker="MARA", description="warm alto"),),
        (Voice(speaker="MARA", description="warm alto"),),
        (Voice(speaker="LEO", description="bass"),),
    ]


def test_two_voices_for_one_person_are_reported() -> None:
    found = spotted(
        clip("A", markers=[marker("DX MARA: One.\nVOICE MARA: alto")]),
        clip("B", markers=[marker("DX MARA: Two.\nVOICE MARA: bass")]),
    )
    assert codes(found) == ["two_voices"]
    assert [shot.brief.voices[0].description for shot in found.shots] == ["alto", "bass"]


# -- references


def test_references_are_hashed_by_content(tmp_path: Any) -> None:
    (tmp_path / "stills").mkdir()
    (tmp_path / "stills/mara.png").write_bytes(b"still")
    (tmp_path / "mara.wav").write_bytes(b"voice")
    text = 'REF MARA: "stills/mara.png"\nDX MARA: Go.\nVOICE MARA: mara.wav'
    found = spotted(clip("A", markers=[marker(text)]), path=tmp_path / "cut.otio")
    assert found.shots[0].brief.references == (
        Reference(kind="still", path="stills/mara.png", sha256=hashlib.sha256(b"still").hexdigest(), speaker="MARA"),
        Reference(kind="voice", path="mara.wav", sha256=hashlib.sha256(b"voice").hexdigest(), speaker="MARA"),
    )
    assert not found.findings


def test_settings_open_another_folder(tmp_path: Any) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library/a.png").write_bytes(b"still")
    (tmp_path / "edit").mkdir()
    node = clip("A", markers=[marker("REF: a.png")])
    found = spotted(node, path=tmp_path / "edit/cut.otio", settings={"roots": ("../library",)})
    assert found.shots[0].brief.references[0].sha256


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("missing.png", "was not found"),
        ("https://example.org/a.png", "is a URL"),
        ("file:///etc/passwd.png", "is a URL"),
        ("../outside.png", "may open"),
        ("/etc/hostname.png", "may open"),
        ("link.png", "may open"),
        ("folder.png", "not a regular file"),
        ("pipe.png", "not a regular file"),
        ("notes.txt", "no picture, sound or movie"),
        ("bad\0name.png", "was not found"),
    ],
)
def test_a_reference_that_cannot_be_used_is_an_error(tmp_path: Any, path: str, said: str) -> None:
    (tmp_path / "edit").mkdir()
    (tmp_path / "outside.png").write_bytes(b"x")
    (tmp_path / "edit/link.png").symlink_to(tmp_path / "outside.png")
    (tmp_path / "edit/folder.png").mkdir()
    os.mkfifo(tmp_path / "edit/pipe.png")
    found = spotted(clip("A", markers=[marker(f"PROMPT: a\nREF: {path}")]), path=tmp_path / "edit/cut.otio")
    assert codes(found) == ["bad_reference"]
    assert found.findings[0].level == "error"
    assert said in found.findings[0].message


def test_a_filled_shot_needs_its_reference_files_no_more() -> None:
    still = Reference(kind="still", path="a.png", sha256="ab" * 32)
    filled = clip("A", reference=REAL, metadata=ours(role="shot", offset_frames=0), markers=[marker("REF: a.png")])
    cut = cut_of(track(filled))
    known = spot(cut, Settings(), made_with=lambda item: Brief(references=(still,)))
    assert known.shots[0].brief.references == (still,)
    assert [(f.level, f.code) for f in known.findings] == [("info", "reference_elsewhere")]
    other = spot(
        cut, Settings(), made_with=lambda item: Brief(references=(still.model_copy(update={"path": "b.png"}),))
    )
    assert [(f.level, f.code) for f in other.findings] == [("error", "bad_reference")]


def test_a_cut_in_memory_has_no_folder() -> None:
    found = spotted(clip("A", markers=[marker("REF: a.png")]))
    assert "has no folder" in finding(found, "bad_reference").message


# -- markers above the clips


def test_a_marker_above_speaks_to_the_hole_under_it() -> None:
    found = spotted(clip("A", 10), clip("B", 5), clip("C"), markers=[marker("PROMPT: a wall\nFX: pan", 60, 4)])
    assert names(found.shots) == ["B"]
    assert found.shots[0].brief == Brief(
        prompt="a wall", cues=(Cue(role="effects", text="pan", at_frames=17, length_frames=4),)
    )


def test_untimed_words_reach_every_shot_under_a_long_marker() -> None:
    found = spotted(
        *(clip(name, markers=[marker(f"PROMPT: {name}")]) for name in "ABC"),
        clip("D"),
        markers=[marker("STYLE: 16mm\nFX: pan", 50, 200)],
    )
    assert [shot.brief.style for shot in found.shots] == ["", "16mm", "16mm"]
    assert [len(shot.brief.cues) for shot in found.shots] == [0, 1, 0]


def test_a_marker_above_prefers_a_hole_to_a_title_over_it() -> None:
    titles = track(clip("Title", reference=GENERATOR), name="V2")
    holes = track(clip("A", markers=[marker("STYLE: 16mm")]))
    found = spot(cut_of(holes, titles, markers=[marker("PROMPT: a wall", 5)]), Settings())
    assert names(found.shots) == ["A"]
    assert found.shots[0].brief.prompt == "a wall"


def test_a_marker_on_a_track_speaks_to_that_track() -> None:
    low = {**track(clip("A", markers=[marker("PROMPT: a")])), "markers": [marker("STYLE: low", 5)]}
    high = {**track(clip("B", markers=[marker("PROMPT: b")])), "markers": [marker("STYLE: high", 5)]}
    found = spot(cut_of(low, high), Settings())
    assert {shot.item.name: shot.brief.style for shot in found.shots} == {"A": "low", "B": "high"}


def test_a_marker_in_a_nest_is_placed_through_it() -> None:
    nest = {
        **stack(track(clip("A", 5, 30))),
        "source_range": span(5, 20),
        "markers": [marker("PROMPT: hands\nFX: pan", 12)],
    }
    found = spotted(clip("X"), nest)
    assert found.shots[0].item.record == FrameRange(48, 20)
    assert found.shots[0].brief.cues[0].at_frames == 17  # 7 into the nest, whose first frame is the clip's frame 10


def test_a_vfx_note_over_real_media_is_nobodys_business() -> None:
    found = spotted(
        clip("R", reference=REAL, markers=[marker("FXX: smoke")]),
        markers=[marker("PROMPT: x", 5), marker("Chapter: one", 6)],
    )
    assert found == Spotting()


def test_style_above_does_not_turn_offline_media_into_a_hole() -> None:
    assert not spotted(
        clip("A"), markers=[marker("STYLE: 16mm", 5), marker("BG: rain", 5, 20), marker("LOCK", 5)]
    ).shots


def test_a_retimed_hole_maps_record_to_source() -> None:
    fast = [effect("LinearTimeWarp.1", time_scalar=2.0)]
    found = spotted(
        clip("A", 10, 24, markers=[marker("PROMPT: a", 10), marker("FX: end", 56)], effects=fast),
        markers=[marker("FX: pan", 6)],
    )
    assert [cue.at_frames for cue in found.shots[0].brief.cues] == [22, 56]
    assert not found.findings  # 24 frames at 2x show source frames 10 to 57


# -- beds and scenes


def prompts(*clips: str) -> list[Any]:
    return [clip(name, markers=[marker(f"PROMPT: {name}")]) for name in clips]


def test_beds_from_markers_above() -> None:
    bed = {**marker("BG: kitchen, fan\nMX: jazz\nSEED: 9", 10, 100), "metadata": {"twopop": {"id": "kit"}}}
    found = spotted(*prompts("A", "B", "C"), markers=[bed])
    assert [(b.role, b.text, b.record, b.id, b.seed) for b in found.beds] == [
        ("ambience", "kitchen, fan", FrameRange(10, 100), "kit-BG", 9),
        ("music", "jazz", FrameRange(10, 100), "kit-MX", 9),
    ]
    assert all(shot.brief.seed is None for shot in found.shots)


def test_a_point_bed_runs_to_the_next_of_its_role_or_the_end_of_the_run() -> None:
    gap = gap_node(24, float(RATE))
    found = spotted(
        *prompts("A", "B"),
        gap,
        *prompts("C"),
        markers=[marker("BG: one", 10), marker("MX: jazz", 0), marker("BG: two", 60)],
    )
    assert [(b.text, b.record) for b in found.beds] == [
        ("jazz", FrameRange(0, 96)),
        ("one", FrameRange(10, 50)),
        ("two", FrameRange(60, 36)),
    ]


def test_a_bed_never_runs_past_the_cut() -> None:
    assert spotted(*prompts("A"), markers=[marker("BG: rain", 40, 400)]).beds[0].record == FrameRange(40, 8)


def test_a_bed_over_real_media_only_with_the_prefix() -> None:
    real = clip("R", 20, 48, reference=REAL)
    assert spotted(real, markers=[marker("BG: rain", 5, 20)]).beds == ()
    assert spotted(real, markers=[marker("TP BG: rain", 5, 20)]).beds[0].record == FrameRange(5, 20)
    on_clip = spotted(clip("X"), {**real, "markers": [marker("TP BG: rain", 30), marker("FX: smoke", 31)]})
    assert on_clip.beds[0].record == FrameRange(58, 38)
    assert not on_clip.findings


def test_other_words_with_the_prefix_on_real_media_are_said() -> None:
    found = spotted(clip("R", reference=REAL, markers=[marker("TP FX: smoke\nTP FXX: pan", 12)]))
    assert sorted(codes(found)) == ["has_media", "unknown_role"]


def test_a_point_bed_over_no_shot_is_said() -> None:
    found = spotted(clip("R", reference=REAL), *prompts("A"), markers=[marker("BG: rain", 5)])
    assert codes(found) == ["stray_marker"]
    assert not found.beds


def test_bg_on_a_clip_is_a_cue_in_the_shot() -> None:
    found = spotted(clip("A", markers=[marker("PROMPT: a\nBG: fan")]))
    assert not found.beds
    assert found.shots[0].brief.cues[0].role == "ambience"


def test_scenes_are_shots_that_touch() -> None:
    gap = gap_node(24, float(RATE))
    found = spotted(*prompts("A", "B"), gap, *prompts("C"), clip("R", reference=REAL), *prompts("D", "E"))
    assert [shot.scene for shot in found.shots] == ["SC010", "SC010", "SC020", "SC030", "SC030"]


def test_an_ambience_bed_holds_a_scene_together_and_parts_it_from_the_next() -> None:
    shots = [*prompts("A", "B"), clip("R", reference=REAL), *prompts("C", "D")]
    found = spotted(*shots, markers=[marker("BG: kitchen", 0, 192), marker("BG: street", 192, 48)])
    assert [shot.scene for shot in found.shots] == ["SC010", "SC010", "SC010", "SC020"]


def test_shots_come_in_cut_order_whatever_the_track() -> None:
    low = track(*prompts("A"), gap_node(48, float(RATE)), *prompts("C"))
    high = track(gap_node(48, float(RATE)), *prompts("B"))
    found = spot(cut_of(low, high), Settings())
    assert names(found.shots) == ["A", "B", "C"]
    assert {shot.scene for shot in found.shots} == {"SC010"}


# -- findings


def test_a_typo_on_a_hole_names_the_nearest_role_and_the_timecode() -> None:
    found = spotted(clip("X"), clip("A", 10, markers=[marker("PROMPT: a"), marker("FXX: pan", 22)]))
    said = finding(found, "unknown_role")
    assert (
        said.message == 'Shot A (01:00:02:12): marker line "FXX: pan": FXX is no role; did you mean FX? It was ignored.'
    )
    assert (said.level, said.shot, said.timecode) == ("warning", "A", "01:00:02:12")


def test_a_hole_whose_only_marker_is_a_typo_is_offline_and_says_so() -> None:
    found = spotted(clip("A", markers=[marker("PROMT: a wall")]), clip("B", markers=[marker("Grade: warm")]))
    assert [c.item.name for c in found.left_alone] == ["A", "B"]
    assert [(f.code, f.shot) for f in found.findings] == [("unknown_role", "A")]


def test_a_typo_above_is_reported_over_shots_only() -> None:
    markers = [marker("PROMT: x", 5), marker("Chapter: one", 6), marker("PROMT: y", 60)]
    found = spotted(*prompts("A"), clip("R", reference=REAL), markers=markers)
    assert [(f.code, f.timecode) for f in found.findings] == [("unknown_role", "01:00:00:05")]


def test_a_foreign_json_note_is_said_once() -> None:
    note = {**marker("PROMPT: a"), "metadata": {"Resolve_OTIO": {"Note": '{"ayon": 1}'}}}
    assert codes(spotted(clip("A", markers=[note]))) == ["json_note"]


def test_marker_colours_may_be_restricted() -> None:
    blue = {**marker("PROMPT: a"), "color": "BLUE"}
    found = spotted(clip("A", markers=[blue, marker("FX: pan")]), settings={"marker_colors": ("blue",)})
    assert found.shots[0].brief == Brief(prompt="a")


def test_a_blade_loses_no_marker_but_a_trim_does() -> None:
    markers = [marker("PROMPT: a"), marker("FX: pan", 40)]
    assert not spotted(clip("A", 0, 20, markers=markers), clip("A", 20, 28, markers=markers)).findings
    found = spotted(clip("A", 0, 20, markers=markers), clip("A", 20, 10, markers=markers))
    assert codes(found) == ["marker_outside"]
    assert "shows 0 to 29:" in found.findings[0].message
    assert found.findings[0].timecode == "01:00:01:16"


def test_a_marker_in_a_dissolve_is_visible() -> None:
    assert not spotted(clip("A", 0, 40, markers=[marker("FX: pan", 43)]), transition(6, 6), clip("B")).findings


# -- size


def test_thousands_of_holes_are_spotted_in_linear_time() -> None:
    def seconds(count: int) -> float:
        holes = (clip(f"S{i}", markers=[marker(f"PROMPT: shot {i}", 3)]) for i in range(count))
        cut = cut_of(track(*holes), markers=[marker("STYLE: x", i * 48) for i in range(0, count, 10)])
        assert len(cut.items) == count
        times: list[float] = []
        for _ in range(3):
            start = time.process_time()
            assert len(spot(cut, Settings()).shots) == count
            times.append(time.process_time() - start)
        return min(times)

    gc.collect()
    gc.disable()  # its passes over the documents are not spotting's
    try:
        small, large = seconds(400), seconds(4000)
    finally:
        gc.enable()
    assert large < 20 * small


def test_many_blades_of_one_clip_with_many_markers_stay_quick() -> None:
    markers = [marker("PROMPT: a"), *(marker(f"FX: {i}", i * 19) for i in range(100))]
    start = time.process_time()
    found = spotted(*(clip("A", i * 10, 9, markers=markers) for i in range(150)))
    assert time.process_time() - start < 3
    assert {f.code for f in found.findings} == {"marker_outside"}
    assert len(found.findings) == len({f.message for f in found.findings}) < 50


def test_markers_over_everything_are_refused() -> None:
    clips = [clip("A", markers=[marker("PROMPT: a")])] * 1500
    with pytest.raises(SpottingError, match="Nothing was generated"):
        spotted(*clips, markers=[marker("STYLE: x", 0, 96_000)] * 2000)


def test_silence_with_a_sound_is_a_contradiction_that_is_told() -> None:
    found = spotted(clip("A", markers=[marker("PROMPT: a wall\nSILENT\nFX: knock")]))
    told = finding(found, "silent_with_sound")
    assert "Remove one of the two" in told.message
    assert not found.shots[0].brief.sound
