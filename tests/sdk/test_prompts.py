"""Prompt text in the style hosted models teach."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twopop.prompts import PromptText, Speech, read_prompt


@pytest.mark.parametrize(
    ("text", "speech", "left"),
    [
        ('A weary chef says: "We close."', Speech("WEARY CHEF", "We close."), "A weary chef speaks."),
        (
            'Medium shot. Mara whispers, "We close."',
            Speech("MARA", "We close.", "whispered"),
            "Medium shot. Mara speaks.",
        ),
        ("Mara says quietly: “We close.”", Speech("MARA", "We close.", "quietly"), "Mara speaks."),
        ('Mara says in a low voice, "We close."', Speech("MARA", "We close.", "low voice"), "Mara speaks."),
        ('Rain falls as Leo shouts, "Run!"', Speech("LEO", "Run!", "shouted"), "Rain falls as Leo speaks."),
        ('The man in the red hat asks "Why?"', Speech("MAN", "Why?"), "The man in the red hat speaks."),
        ('MARA (tired, low): "We close."', Speech("MARA", "We close.", "tired, low"), ""),
        ('Narrator (voice-over): "It was late."', Speech("NARRATOR", "It was late.", lips=False), ""),
        ('Mara (V.O.): "It was late."', Speech("MARA", "It was late.", lips=False), ""),
        ('"We close," says Mara. She leaves.', Speech("MARA", "We close"), "Mara speaks. She leaves."),
        ("美咲：「もう閉めるよ」", Speech("美咲", "もう閉めるよ"), ""),
        ("Leo (says nothing). MARA: „Geh.“", Speech("MARA", "Geh."), "Leo (says nothing)."),
    ],
)
def test_quoted_speech_with_its_speaker(text: str, speech: Speech, left: str) -> None:
    assert read_prompt(text) == PromptText(left, (speech,))


@pytest.mark.parametrize(
    "text",
    [
        "Wide of a busy kitchen, steam",
        'A neon sign says "OPEN" over the door',
        'A book called "Home" lies on the table',
        "The clock reads 12:30: closing time",
        "She says nothing; a poster reads: no entry",
        "the music swells",
        '""',
        "",
    ],
)
def test_what_is_no_speech_and_no_sound_stays(text: str) -> None:
    assert read_prompt(text) == PromptText(text)


def test_sounds_leave_the_picture() -> None:
    read = read_prompt(
        "A kitchen at night. SFX: pan hits the stove, 2.5 s later a lid. Ambient noise: fan; Music: jazz, 92 bpm"
    )
    assert read.prompt == "A kitchen at night."
    assert read.sounds == (
        ("effects", "pan hits the stove, 2.5 s later a lid"),
        ("ambience", "fan"),
        ("music", "jazz, 92 bpm"),
    )


def test_two_speakers_in_order() -> None:
    read = read_prompt('MARA: "We close." LEO (laughing): "Not yet." Wide shot.')
    assert [(s.speaker, s.text) for s in read.speeches] == [("MARA", "We close."), ("LEO", "Not yet.")]
    assert read.prompt == "Wide shot."


def test_stronger_sources_leave_the_text_alone() -> None:
    text = 'Mara says: "We close." SFX: pan. Music: jazz'
    read = read_prompt(text, speech=False, roles=frozenset(("music",)))
    assert read == PromptText('Mara says: "We close." SFX: pan.', (), (("music", "jazz"),))


@given(st.text('Mara says: "quoted" ,.()“”SFX Music\n', max_size=80))
@settings(max_examples=300, deadline=None)
def test_reading_what_is_left_finds_no_speech_twice(text: str) -> None:
    read = read_prompt(text)
    assert len(read.speeches) + len(read.sounds) == 0 or read.prompt != text
    for speech in read.speeches:
        assert speech.speaker
        assert f'"{speech.text}"' not in read.prompt


HOSTILE = [
    "a " * 5000 + '"x"',
    '"a' * 3000,
    "Leo says " * 2000 + '"x"',
    "SFX: " * 2000,
    "(" * 5000 + '"x"',
    '"x" ' * 3000,
    " " * 20000 + ': "x"',
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_prompt_takes_no_time(text: str) -> None:
    start = time.process_time()
    read_prompt(text)
    assert time.process_time() - start < 1
