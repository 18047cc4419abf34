"""The marker language, as editors type it."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twopop.markers import WORDS, Instruction, nearest_word, parse_marker_text, read_marker, speaker_name


def only(text: str, **options: bool) -> Instruction:
    read = parse_marker_text(text, **options)
    assert not read.misread
    assert len(read.instructions) == 1
    return read.instructions[0]


@pytest.mark.parametrize("word", [w for w in WORDS if w not in ("DX", "VOICE")])
def test_every_role_is_read(word: str) -> None:
    assert only(f"{word}: some text") == Instruction(word, "some text")


@pytest.mark.parametrize(
    "text", ["fx: pan", "Fx : pan", "FX\u3000：pan", "ＦＸ：pan", "  FX:pan  ", "TP FX: pan", "tp fx: pan"]
)
def test_case_spaces_and_full_width_do_not_matter(text: str) -> None:
    assert only(text)._replace(prefixed=False) == Instruction("FX", "pan")


@pytest.mark.parametrize(
    ("text", "speaker", "manner", "lips"),
    [
        ("DX MARA: Go.", "MARA", "", True),
        ("DX Mara (tired, low): Go.", "MARA", "tired, low", True),
        ("dx leo (V.O.): Go.", "LEO", "", False),
        ("DX LEO (O.S.): Go.", "LEO", "", False),
        ("DX LEO (vo): Go.", "LEO", "", False),
        ("DX LEO (CONT'D): Go.", "LEO", "", True),
        ("DX LEO (CONT’D) (V.O., whispering): Go.", "LEO", "whispering", False),
        ("DX 美咲（小声）：Go.", "美咲", "小声", True),
        ("DX Jürgen Groß: Go.", "JÜRGEN GROSS", "", True),
        ("DX Zoe\u0308: Go.", "ZOË", "", True),
        ("DX: Go.", "", "", True),
        ("DX MARA: (sighs) Go.", "MARA", "sighs", True),
        ("DX MARA (low): （O.S.）Go.", "MARA", "low", False),
        ("DX DR. O'NEIL-SMITH 2: Go.", "DR. O'NEIL-SMITH 2", "", True),
    ],
)
def test_speakers(text: str, speaker: str, manner: str, lips: bool) -> None:
    assert only(text) == Instruction("DX", "Go.", speaker, manner, lips)


def test_one_instruction_a_line_and_continuations() -> None:
    read = parse_marker_text(
        "PROMPT: a busy kitchen,\n  steam, handheld\nDX MARA (tired): We close\nin ten minutes.\n\nLOCK"
    )
    assert read.instructions == (
        Instruction("PROMPT", "a busy kitchen, steam, handheld"),
        Instruction("DX", "We close in ten minutes.", "MARA", "tired"),
        Instruction("LOCK"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "PROMPT: a wall\nthe clock says 12:30",
        "PROMPT: a wall\nshe thinks of this: home",
        "PROMPT: a wall\nWarm: soft light",
    ],
)
def test_a_colon_does_not_make_a_role(text: str) -> None:
    assert only(text).text == " ".join(text.removeprefix("PROMPT: ").split("\n"))


def test_an_english_word_in_a_continuation_is_no_role() -> None:
    assert only("DX MARA: Listen.\nVoice of reason: that was me").text == "Listen. Voice of reason: that was me"


@pytest.mark.parametrize("flag", ["SILENT", "KEEP", "LOCK", "HIT"])
def test_flags_need_no_colon(flag: str) -> None:
    assert only(flag.lower()) == only(f"{flag}:") == only(f"TP {flag}")._replace(prefixed=False) == Instruction(flag)


def test_a_lower_case_flag_word_inside_a_line_is_speech() -> None:
    assert only("DX MARA: It is a\nhit").text == "It is a hit"


@pytest.mark.parametrize(
    ("text", "word"),
    [("SFX: door", "FX"), ("Ambient noise: rain", "BG"), ("Music: jazz", "MX"), ("Camera: pan left", "CAM")],
)
def test_prompt_heads_are_roles_too(text: str, word: str) -> None:
    assert only(text).word == word


def test_parentheses_on_a_cue_stay_with_its_text() -> None:
    assert only("FX (distant): thunder") == Instruction("FX", "thunder (distant)")


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("PROMT: a wall", "PROMPT"),
        ("FXX: bang", "FX"),
        ("DIALOGUE MARA: hi", "DX"),
        ("Foley: steps", "FX"),
        ("LOOK: red", "LOCK"),
        ("LOCKED", "LOCK"),
        ("SILENCE!", "SILENT"),
    ],
)
def test_a_typo_is_reported_with_the_nearest_role(line: str, nearest: str) -> None:
    read = parse_marker_text(line)
    assert not read.instructions
    assert (read.misread[0].line, read.misread[0].nearest) == (line, nearest)


def test_a_typo_swallows_its_own_continuation() -> None:
    read = parse_marker_text("FX: pan\nPROMT: a wall\nof bricks")
    assert read.instructions == (Instruction("FX", "pan"),)
    assert len(read.misread) == 1


@pytest.mark.parametrize("line", ["PROMPT a wide of a clock: noon", "DX MARA (tired: hello", "EXTEND +24", "PROMPT"])
def test_a_lost_colon_is_said(line: str) -> None:
    read = parse_marker_text(line)
    assert not read.instructions
    assert read.misread[0].missing_colon


@pytest.mark.parametrize(
    "line",
    [
        "NOTE: fix the eyeline",
        "todo: grade",
        "Marker 1",
        "",
        "see http://example.org",
        "check focus here",
        "LOOK",
        "locked",
    ],
)
def test_notes_between_people_are_not_ours(line: str) -> None:
    assert parse_marker_text(line) == parse_marker_text("")


def test_a_note_ends_the_line_before() -> None:
    assert only("PROMPT: a wall\nNOTE: ask Ana\nabout this").text == "a wall"


def test_with_the_prefix_only_prefixed_lines_count() -> None:
    read = parse_marker_text("FX: add smoke\nREF: plate.png\nTP BG: rain\nTP FXX: bang", prefixed_only=True)
    assert read.instructions == (Instruction("BG", "rain", prefixed=True),)
    assert [m.nearest for m in read.misread] == ["FX"]


def test_nothing_is_near_a_strange_word() -> None:
    assert nearest_word("GRADING") == ""


def marker(**fields: Any) -> dict[str, Any]:
    time = {"OTIO_SCHEMA": "RationalTime.1", "rate": 25.0, "value": 50.0}
    return {
        "OTIO_SCHEMA": "Marker.2",
        "name": "",
        "comment": "",
        "color": "RED",
        "metadata": {},
        "marked_range": {"OTIO_SCHEMA": "TimeRange.1", "start_time": time, "duration": {**time, "value": 0.0}},
        **fields,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "FX: pan"},
        {"name": "Marker 1", "comment": "FX: pan"},
        {"name": "Marker 1", "metadata": {"Resolve_OTIO": {"Keywords": [], "Note": "FX: pan"}}},
        {"metadata": {"PremierePro_OTIO": {"Comments": "FX: pan"}}},
        {"metadata": {"kdenlive": {"type": 3, "comment": "FX: pan"}}},
        {"metadata": {"fcp_xml": {"comment": "FX: pan"}}},
        {"name": "FX: pan", "comment": "FX: pan", "metadata": {"Resolve_OTIO": {"Note": "FX: pan"}}},
        {"name": "FX: pan", "metadata": {"Resolve_OTIO": {"Note": '{"ayon": {"id": "FX: bang"}}'}}},
    ],
)
def test_every_editor_keeps_the_text_elsewhere(fields: dict[str, Any]) -> None:
    note = read_marker(marker(**fields), Fraction(25))
    assert only(note.text) == Instruction("FX", "pan")
    assert note.ignored_json == ("ayon" in str(fields))


def test_comment_continues_the_name() -> None:
    note = read_marker(marker(name="PROMPT: a wall", comment="of bricks"), Fraction(25))
    assert only(note.text).text == "a wall of bricks"


@pytest.mark.parametrize(("rate", "start"), [(25, 50), (50, 100), (24, 48)])
def test_marker_times_are_converted(rate: int, start: int) -> None:
    assert read_marker(marker(), Fraction(rate)).start == start


@pytest.mark.parametrize(("frames", "length"), [(0, 0), (1, 0), (2, 2), (30, 30)])
def test_a_one_frame_marker_is_a_point(frames: int, length: int) -> None:
    node = marker()
    node["marked_range"]["duration"]["value"] = float(frames)
    assert read_marker(node, Fraction(25)).frames == length


def test_marker_3_and_a_bare_marker() -> None:
    new = read_marker(marker(color={"OTIO_SCHEMA": "Color.1", "name": "Pink", "r": 1.0}), Fraction(25))
    assert new.color == "PINK"
    assert read_marker({}, Fraction(25)).text == ""


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_harm(text: str) -> None:
    for prefixed_only in (False, True):
        read = parse_marker_text(text, prefixed_only=prefixed_only)
        assert all(i.word in WORDS for i in read.instructions)


@given(
    st.sampled_from(["PROMPT", "FX", "BG", "MX", "CAM"]),
    st.text("abc .,!?'é美", min_size=1).map(str.strip).filter(bool),
)
def test_what_is_written_is_read_back(word: str, text: str) -> None:
    assert only(f"{word}: {text}") == Instruction(word, text)


@given(st.text("MARAéß美 'o", min_size=1))
def test_a_name_is_written_one_way(name: str) -> None:
    assert speaker_name(speaker_name(name)) == speaker_name(name)
    assert speaker_name(name.lower()) == speaker_name(name.upper())


HOSTILE = [
    "FX " + "(" * 20_000 + ":",
    "A" * 50_000,
    "FX" + " (a)" * 10_000,
    "DX " + "x " * 20_000 + ":" * 5,
    "FX" + " " * 50_000,
]


@pytest.mark.parametrize("line", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_line_takes_no_time(line: str) -> None:
    start = time.process_time()
    parse_marker_text(line)
    assert time.process_time() - start < 1
