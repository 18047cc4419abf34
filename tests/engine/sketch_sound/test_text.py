import sys

import pytest

from twopop.errors import BackendError
from twopop_engine.models.sketch import text
from twopop_engine.models.sketch.layout import PHONE_IDS, STRESS


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("STOP IT NOW!!", "Stop it now!"),
        ("Nooooo, sooo goood… yesss", "No, so good, yes"),
        ("(sighs) Hmm... *laughs* Shh!", "Hmm, Shh!"),
        ("24/7, 007, 0.5, 10:05", "twenty-four seven, oh oh 7, 0.5, 10:05"),
        ("e.g., a_b@foo.com", "for example, a b at foo dot com"),
        ("What?!?! No way...", "What? No way."),
        ("He said--no", "He said—no"),
        ("NASA", "NASA"),
        ("She’s “fine”", "She's fine"),
    ],
)
def test_a_line_is_written_out_as_it_is_said(written, said):
    assert text.speakable(written) == said


@pytest.mark.parametrize(
    ("written", "phones"),
    [
        ("We close in ten minutes.", "wˌi klˈOz ɪn tˈɛn mˈɪnəts."),
        ("Dr. Smith owes $5.50", "dˈɑktəɹ smˈɪθ ˈOz fˈIv dˈɑləɹz ænd fˈɪfti sˈɛnts."),
        ("Siobhan, Mara", "ʃɪvˈɔn, mˈɑɹə."),
        ("404", "fˈɔɹ hˈʌndɹəd fˈɔɹ."),
    ],
)
def test_numbers_abbreviations_and_names_are_pronounced(written, phones):
    assert text.phonemes(written) == phones


def test_every_phone_is_one_the_model_knows():
    lines = "Xiaoming, Guðmundsdóttir & Brzęczyszczykiewicz: 3-4 km/h @ 20°C — “ça va”, №5, naïve (sic) ÆON xq zzt!"
    for symbol in text.phonemes(lines):
        assert symbol in PHONE_IDS or symbol in STRESS or symbol == " "


def test_a_line_of_two_sentences_is_two_phone_strings():
    assert [part[-1] for part in text.sentences("Where? Over there. Mx. Lee knows")] == ["?", ".", "."]


@pytest.mark.parametrize("line", ["", "   ", "(sighs)", "!!!", "…", "♪♪", "☕", "你好", "Привет", "hello 世界"])
def test_lines_without_english_letters_are_refused(line):
    with pytest.raises(text.UnspeakableLine) as caught:
        text.sentences(line)
    assert isinstance(caught.value, BackendError)
    assert caught.value.code == "unspeakable_line"


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("Bonjour, je ne parle pas anglais.", "French"),
        ("Wir schließen in zehn Minuten", "German"),
        ("Cerramos en diez minutos", "Spanish"),
        ("Chiudiamo tra dieci minuti", "Italian"),
    ],
)
def test_another_language_is_named(line, language):
    with pytest.raises(text.UnspeakableLine, match=language):
        text.sentences(line)


@pytest.mark.parametrize(
    "line",
    ["Señor, the car is here.", "Diego de la Cruz", "La La Land", "C'est la vie, my friend.", "Hasta la vista, baby",
     "Die? Der Kommissar was in Las Vegas.", "No, no, no! Me, son? On a bus?", "Siobhan Nguyen!"],
)  # fmt: skip
def test_english_with_a_foreign_word_in_it_is_spoken(line):
    assert text.sentences(line)


@pytest.mark.parametrize(
    ("line", "silent"),
    [("I ❤ you.", ("❤",)), ("Meet me at ★★ tonight.", ("★★",)), ("What the #@*! is that?", ("#@*",)),
     ("A + B = C & D", ()), ("No... — wait! 'Tis 5% (☕) off.", ()), ("*laughs* No.", ())],
)  # fmt: skip
def test_what_has_no_sound_in_a_line_is_known(line, silent):
    assert text.unspoken(line) == silent
    assert text.sentences(line)


def test_a_missing_pronouncer_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "hibari.g2p", None)
    text._g2p.cache_clear()
    with pytest.raises(BackendError, match=r"Run: pip install 'twopop\[sketch\]'") as caught:
        text.sentences("Hello.")
    assert caught.value.code == "not_installed"
