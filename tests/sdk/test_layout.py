"""Lines laid out in time."""

from __future__ import annotations

from fractions import Fraction

import pytest

from twopop.layout import count_phones, lay_out_lines, speech_seconds
from twopop.timebase import FrameRange
from twopop.wire import Brief, Line

RATE = Fraction(24)


def line(text: str = "We have to go now.", at: int = 0, speaker: str = "MARA", **fields: object) -> Line:
    return Line.model_validate({"speaker": speaker, "text": text, "at_frames": at, **fields})


def laid(*lines: Line, frames: int = 200, fit: str = "warn", start: int = 0) -> tuple[tuple[Line, ...], list[str]]:
    brief, findings = lay_out_lines(Brief(lines=lines), FrameRange(start, frames), RATE, fit)  # type: ignore[arg-type]
    return brief.lines, [f"{f.level}: {f.message}" for f in findings]


def test_a_line_that_fits_is_untouched() -> None:
    brief = Brief(lines=(line(),))
    assert lay_out_lines(brief, FrameRange(0, 100), RATE) == (brief, [])
    assert lay_out_lines(Brief(), FrameRange(0, 1), RATE) == (Brief(), [])


def test_lines_on_one_marker_follow_each_other() -> None:
    lines, said = laid(line("One."), line("Two.", speaker="LEO"), line("Later.", at=150))
    assert [one.text for one in lines] == ["One.", "Two.", "Later."]
    assert lines[0].at_frames == 0
    assert lines[1].at_frames > speech_seconds("One.") * 24
    assert lines[2].at_frames == 150
    assert not said


def test_a_fixed_length_is_kept_in_the_stack() -> None:
    lines, _ = laid(line("One.", length_frames=40), line("Two."))
    assert [one.at_frames for one in lines] == [0, 45]  # a beat of 0.2 s is 5 frames


@pytest.mark.parametrize("used", [(0, 200), (0, 40), (10, 60), (30, 20)])
def test_nothing_of_the_trim_enters_the_brief(used: tuple[int, int]) -> None:
    lines, _ = laid(line("A rather long line, said slowly."), line("And one more."), frames=used[1], start=used[0])
    assert lines == laid(line("A rather long line, said slowly."), line("And one more."))[0]


def test_a_line_that_does_not_fit_is_a_warning_with_numbers() -> None:
    needs = round(speech_seconds("We have to go now.") * 24 + 0.5)
    _, said = laid(line(), frames=20)
    assert len(said) == 1
    speed = needs / 20
    assert said[0] == (
        f'warning: line "We have to go now." needs {needs} frames, the shot has 20 from there. '
        f'Lengthen it by {needs - 20} frames or pass fit="tighten" ({speed:.2f}x speech). '
        f"It is generated, and may be cut off at the end."
    )


def test_strict_is_an_error_and_says_what_was_kept() -> None:
    _, said = laid(line(), frames=8, fit="strict")
    assert said[0].startswith("error: ")
    assert said[0].endswith("Nothing was generated.")
    assert "tighten" not in said[0]  # 1.4x would not do


def test_tighten_speaks_faster_in_steps_up_to_a_limit() -> None:
    lines, said = laid(line(), frames=20, fit="tighten")
    assert 1 < lines[0].speed <= 1.4
    assert (lines[0].speed * 20) == pytest.approx(round(lines[0].speed * 20))
    assert not said
    lines, said = laid(line(), frames=8, fit="tighten")
    assert lines[0].speed == 1.4
    assert "Even at 1.40x speech" in said[0]


def test_tighten_leaves_a_length_the_editor_fixed() -> None:
    lines, said = laid(line(length_frames=40), frames=20, fit="tighten")
    assert lines[0].speed == 1
    assert "needs 40 frames, the shot has 20" in said[0]


def test_the_same_speaker_cannot_talk_over_herself() -> None:
    assert laid(line(), line("Stop.", at=6))[1]
    assert not laid(line(), line("Stop.", at=6, speaker="LEO"))[1]


def test_a_line_outside_the_shot_is_not_judged() -> None:
    assert not laid(line(at=500))[1]
    assert not laid(line(at=0), start=100, frames=4)[1]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("We close in ten minutes.", 1.0, 1.8),
        ("The quick brown fox jumps over the lazy dog.", 1.9, 3.2),
        ("No.", 0.1, 0.4),
        ("もう閉めるよ", 0.6, 1.3),
        ("我们十分钟后关门", 1.1, 2.0),
        ("10 9 8", 0.7, 1.5),
        ("", 0, 0),
    ],
)
def test_estimates_are_about_right(text: str, low: float, high: float) -> None:
    assert low <= speech_seconds(text) <= high


def test_manner_and_pauses_change_the_length() -> None:
    calm = speech_seconds("We close now")
    assert speech_seconds("We close now", "urgent") < calm < speech_seconds("We close now", "tired, low")
    assert speech_seconds("We close... now") > calm


@pytest.mark.parametrize(("word", "phones"), [("ship", 3), ("knee", 2), ("close", 4), ("button", 5), ("the", 2)])
def test_spelling_is_not_counted_as_sound(word: str, phones: int) -> None:
    assert count_phones(word) == phones
