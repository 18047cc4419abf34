"""A line of dialogue -> the phones sketch speaks.

Pronunciation is `hibari.g2p`'s (Apache-2.0: lexicon, tagger and a net for unknown words); what is here is
what a script needs before and after it: stage directions, interjections, drawn-out words, shouted capitals,
names that English spelling rules get wrong, the phone table of the model, and the refusal of lines that the
model cannot speak. Nothing is guessed in silence: a line in another language is an error, not a noise.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

from twopop.errors import BackendError

from .layout import PHONE_IDS, PUNCTUATION, STRESS

if TYPE_CHECKING:
    from hibari.g2p import G2P


class UnspeakableLine(BackendError):
    """A line that sketch cannot speak: empty, without letters, or not English."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="unspeakable_line")


# Said as written here, whatever the lexicon thinks. Keys are lower case.
_PRONOUNCED: Final = {
    "hm": "hˈʌm", "hmm": "hˈʌm", "hmmm": "hˈʌm", "mm": "ˈʌm", "mmm": "ˈʌm", "mm-hmm": "əmhˈʌm",
    "shh": "ʃ", "shhh": "ʃ", "psst": "pst", "brr": "bɹˈɜɹ", "ugh": "ˈʌɡ", "argh": "ˈɑɹɡ", "phew": "fjˈu",
    "pfft": "ft", "tsk": "tˈɪsk", "grr": "ɡˈɜɹ", "aw": "ˈɔ", "mx": "mˈɪks",
    "aoife": "ˈifə", "siobhan": "ʃɪvˈɔn", "saoirse": "sˈɜɹʃə", "niamh": "nˈiv", "sinead": "ʃɪnˈAd",
    "nguyen": "wˈɪn", "joaquin": "wɑkˈin", "xiao": "ʃˈW", "xavier": "zˈAvjəɹ", "zhao": "ʤˈW", "zhang": "ʤˈɑŋ",
    "guillermo": "ɡiˈɛɹmO", "hermione": "hɜɹmˈIəni", "mara": "mˈɑɹə", "zoe": "zˈOi", "zoë": "zˈOi",
    "chloe": "klˈOi", "chloë": "klˈOi", "anais": "ˌɑnəˈis", "anaïs": "ˌɑnəˈis", "tomas": "tOmˈɑs",
    "señor": "sˈAnjˌɔɹ", "señora": "sˌAnjˈɔɹə", "señorita": "sˌAnjɔɹˈiTə",
}  # fmt: skip

_SPELLED_OUT: Final = (
    (r"\be\.\s?g\.(?=[\s,;]|$)", "for example"),
    (r"\bi\.\s?e\.(?=[\s,;]|$)", "that is"),
    (r"\b([Mm])x\.", r"\1x"),
    (r"\b24/7\b", "twenty-four seven"),
    (r"\bw/o\b", "without"),
    (r"(?<=\d)\s?°(?![CF])", " degrees"),
    (r"(\d+)'(\d+)\"", r"\1 foot \2"),
    (r"¥\s?([\d,.]+)", r"\1 yen"),
    (r"(?<=\d)[x×](?=\d)", " by "),
    (r"(?<![\d:.,/-])00(?=\d)", "oh oh "),
    (r"(?<![\d:.,/-])0(?=\d)", "oh "),
    (r"https?://|www\.", ""),
    (r"(?<=[a-z])\.(?=(?:com|org|net|co|io|tv)\b)", " dot "),
    (r"(?<=\w)@(?=\w)", " at "),
    (r"(?<=\w)_(?=\w)", " "),
    (r"[*_~^#|<>\[\]{}\\]|♪|♫", " "),
)

# The commonest words of our neighbours that are not English words. Two of them, and no more English than
# that, make a line foreign; a lone "bonjour" or "señor" in an English line is spoken.
_FOREIGN: Final = {
    "French": "je tu il elle nous vous ils ne pas le la les des est et un une dans que qui pour avec sur c'est"
    " mais ou où très bonjour merci oui suis êtes sont mon ma parle",
    "German": "ich du er sie wir ihr nicht und der das den dem ein eine ist sind zu mit auf für auch wie wo was"
    " wer haben sein kein keine guten danke bitte wir schließen spreche",
    "Spanish": "yo tú él ella nosotros los las el la un una que de no es está son con para por muy pero como"
    " cómo hola gracias señor cerramos estoy en mi",
    "Italian": "io lui lei noi voi il lo gli un una che di non è sono con per molto ma come ciao grazie sei mio"
    " della chiudiamo questo",
    "Portuguese": "eu você ele ela nós os as um uma que de não é são com para por muito mas como olá obrigado"
    " obrigada estou meu fechamos",
    "Dutch": "ik jij hij wij niet en het de een is zijn te met op voor ook hoe waar wat maar geen dank mijn"
    " sluiten zij",
}
_ENGLISH_WORDS: Final = (
    "the a an and or but if in on at to of for from with by is are was were be been am do does did have has had"
    " i you he she it we they me him her us them my your his its our their this that these those not no yes"
    " what who where when why how can will would could should there here up down out just so all any as"
)
_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())


def _check(text: str) -> None:
    """Raise `UnspeakableLine` for what cannot be spoken at all."""
    if not text.strip():
        raise UnspeakableLine("the line is empty (directions in parentheses are not spoken); write at least one word")
    if not any(c.isalnum() for c in text):
        raise UnspeakableLine(f"{text.strip()!r} has no letters or digits; write the word to be said ('Hm.')")
    for char in text:
        if char.isalpha() and not unicodedata.name(char, "").startswith(("LATIN", "FEMININE", "MASCULINE")):
            script = unicodedata.name(char, "unknown").split()[0].title()
            raise UnspeakableLine(
                f"{text.strip()!r} holds {script} letters ({char}); sketch speaks English only. "
                "Write the line in English, or choose a model that speaks the language"
            )
    language = foreign_language(text)
    if language is not None:
        raise UnspeakableLine(
            f"{text.strip()!r} reads as {language}; sketch speaks English only. "
            "Write the line in English, or choose a model that speaks the language"
        )


def foreign_language(text: str) -> str | None:
    """The language a line in Latin letters is written in, where that is plainly not English; else None."""
    text = re.sub(_PARTICLES, " ", text.replace("’", "'"))
    words = set(re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower()))
    english = len(words & _ENGLISH)
    counts = {name: len((words - _ENGLISH) & set(listed.split())) for name, listed in _FOREIGN.items()}
    best = max(counts, key=lambda name: counts[name])
    unknown = sum(not _is_word(word) for word in words - set(_FOREIGN[best].split()))
    plainly = counts[best] >= 2 and (counts[best] > 2 * english or unknown >= 2)
    return best if plainly or (counts[best] == 1 and not english and unknown >= 2) else None


# The small words of a name are nobody's language: de la Cruz, Las Vegas, van Gogh.
_PARTICLES: Final = r"\b(?:(?:[Dd]e|[Dd]el|[Dd]a|[Dd]i|[Vv]an|[Vv]on|[Ll]a|[Ll]e|[Ll]as|[Ll]os|[Ee]l)\s+)+(?=[A-Z])"


def _ascii(match: re.Match[str]) -> str:
    """A word with foreign letters that the lexicon does not hold, in letters that spelling rules know."""
    word = match.group()
    if word.isascii() or word.lower() in _PRONOUNCED or _is_word(word):
        return word
    word = word.translate({ord("ß"): "ss", ord("ø"): "o", ord("Ø"): "O", ord("ł"): "w", ord("Ł"): "W", ord("æ"): "ae"})
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def _unstretched(match: re.Match[str]) -> str:
    """`sooo` -> `so`, `yesss` -> `yes`, `goood` -> `good`: the shorter spelling that is a word."""
    word = match.group()
    for keep in (r"\1\1", r"\1"):
        short = re.sub(r"(\w)\1{2,}", keep, word)
        if _is_word(short):
            return short
    return re.sub(r"(\w)\1{2,}", r"\1", word)


def _is_word(word: str) -> bool:
    lexicon = _g2p().lexicon
    return any(part.get(word.lower()) is not None for part in (lexicon.golds, lexicon.silvers))


def speakable(text: str) -> str:
    """A line as it is said: directions dropped, abbreviations and symbols written out, capitals calmed.

    Raises:
        UnspeakableLine: Empty, letterless, or not English; the text says which, and what to write instead.
    """
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    text = re.sub(r"\([^()]*\)|\*[^*]*\*", " ", text)  # (sighs), *laughs*: manner, not words
    _check(text)
    for pattern, said in _SPELLED_OUT:
        text = re.sub(pattern, said, text)
    text = re.sub(r"[“”„«»\"]", "", text)
    text = re.sub(r"\s*(?:\.{2,}|…)\s*(?=$)", ".", text.strip())
    text = re.sub(r"\s*(?:\.{2,}|…)\s*", ", ", text)
    text = re.sub(r"[!?]*\?[!?]*", "?", text)
    text = re.sub(r"!+", "!", text)
    text = re.sub(r"\s*(?:--+|–|—)\s*", "—", text)
    text = re.sub(r"\b\w*([^\W\d_])\1{2,}\w*\b", _unstretched, text)
    text = re.sub(r"[^\W\d_]+", _ascii, text)
    words = re.findall(r"[^\W\d_]{2,}", text)
    if len(words) > 1 and all(word.isupper() for word in words):
        text = text.capitalize()  # a shout, not a row of acronyms
    return re.sub(r"\s+", " ", text).strip()


def unspoken(text: str) -> tuple[str, ...]:
    """What stands in a line as a word and has no sound: pictures, stars, a string of marks for a curse."""
    text = re.sub(r"\([^()]*\)|\*[^*\s]+\*", " ", unicodedata.normalize("NFKC", text))
    words = (word.strip(_MARKS) for word in text.split())
    return tuple(word for word in words if word and word not in _SAID and not any(c.isalnum() for c in word))


_MARKS: Final = ".,?!;:-—–…'\"“”„‘’«»()¿¡/"
_SAID: Final = frozenset("&+=%@$€£°")


@cache
def _g2p() -> G2P:
    try:
        from hibari.g2p import G2P
    except ImportError as exc:
        raise BackendError(
            f"sketch needs {exc.name} to pronounce lines, which is not installed. Run: pip install 'twopop[sketch]'. "
            "Nothing was generated.",
            code="not_installed",
        ) from exc
    return G2P()


def _linked(text: str) -> str:
    """Words of our own table in the `[word](/phones/)` form that the pronouncer takes literally."""

    def link(match: re.Match[str]) -> str:
        said = _PRONOUNCED.get(match.group().lower())
        return f"[{match.group()}](/{said}/)" if said else match.group()

    return re.sub(r"[^\W\d_]+(?:-[^\W\d_]+)?", link, text)


def phonemes(text: str) -> str:
    """A line as one string of phones, stress marks, spaces and punctuation.

    Raises:
        UnspeakableLine: As `speakable`, or when nothing pronounceable is left.
    """
    said = _g2p()(_linked(speakable(text)))
    kept = "".join(c if c in PHONE_IDS or c in STRESS or c == " " else _NEAREST.get(c, "") for c in said)
    if not any(c in PHONE_IDS and c not in PUNCTUATION for c in kept):
        raise UnspeakableLine(f"{text.strip()!r} has no word that can be pronounced")
    kept = re.sub(rf"([{PUNCTUATION}])(?:\s*[{PUNCTUATION}])+", r"\1", kept)  # "?!" and ". ," are one pause
    return kept if kept[-1] in PUNCTUATION else kept + "."


# What the net for unknown words may utter outside the model's table.
_NEAREST: Final = {"e": "ɛ", "o": "ɔ", "ɒ": "ɑ", "Q": "O", "g": "ɡ", "r": "ɹ", "x": "k", "c": "k", "q": "k", "…": ","}


def sentences(text: str) -> tuple[str, ...]:
    """A line as phone strings, one a sentence: each is spoken, like the corpus, between two silences.

    Raises:
        UnspeakableLine: As `phonemes`.
    """
    parts = re.split(r"(?<=[.?!])\s+", phonemes(text))
    return tuple(part for part in parts if any(c not in PUNCTUATION for c in part))
