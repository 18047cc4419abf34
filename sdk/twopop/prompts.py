"""Prompt text in the style hosted models teach: quoted speech with its speaker, `SFX:`, `Ambient noise:`, `Music:`.

    A tired chef says quietly: "We close in ten minutes." SFX: pan hits the stove. Ambient noise: extractor fan.

What is understood leaves the text and becomes lines and cues, so that nothing is asked for twice; what is not
understood stays where it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .markers import speaker_name
from .wire import Role


@dataclass(frozen=True, slots=True)
class Speech:
    """Quoted speech found in a prompt."""

    speaker: str
    text: str
    manner: str = ""
    lips: bool = True


@dataclass(frozen=True, slots=True)
class PromptText:
    """A prompt taken apart."""

    prompt: str
    """What is left for the picture."""
    speeches: tuple[Speech, ...] = ()
    sounds: tuple[tuple[Role, str], ...] = ()


_VERBS = {
    **{"says": "", "said": "", "say": "", "asks": "", "replies": "", "answers": "", "adds": "", "speaks": ""},
    **{"whispers": "whispered", "murmurs": "murmured", "mutters": "muttered", "shouts": "shouted", "yells": "shouted"},
    **{"screams": "screamed", "cries": "crying", "sobs": "sobbing", "laughs": "laughing", "sighs": "sighing"},
    **{"calls": "calling", "exclaims": "excited", "narrates": ""},
}
"""Verbs of speech, and the manner each one says."""
_THINGS = frozenset(
    (
        "sign",
        "label",
        "poster",
        "caption",
        "title",
        "banner",
        "screen",
        "note",
        "letter",
        "neon",
        "card",
        "text",
        "plate",
    )
)
"""They say things too, but silently."""
_OFF = re.compile(r"\b(narrator|voice-?over|v\.?o\.?|o\.?s\.?|off-?screen|off-?camera)(?!\w)", re.I)
_JOINTS = frozenset(("and", "then", "as", "while", "when", "where", "but", "until", "before"))
_PLACES = frozenset(("in", "on", "at", "of", "with", "from", "behind", "by", "near", "who", "under", "over", "to"))
_ARTICLES = frozenset(("a", "an", "the"))

_CLAUSE_LENGTH = 300
"""Characters around a quote in which its speaker is looked for."""
_QUOTE = re.compile(r"[\"“„«「]([^\"”“»」]{1,600})[\"”“»」]")
_CLAUSE_END = re.compile(r"[.!?;\n\"”»」](?![^(]*\))")
_ASIDE = re.compile(r"\s*[(（]([^)）]*)[)）]")
_NAMED = re.compile(r"\s*([^\W\d_][^,:：]*?)\s*[:：]\s*$")
_VERB = re.compile(rf"\s*(.*?)\s*\b({'|'.join(_VERBS)})\b((?:\s+[\w-]+){{0,5}})\s*[,:]?\s*$", re.I | re.S)
_AFTER = re.compile(rf"\s*({'|'.join(_VERBS)})\s+([^.,;!?\"“]+)", re.I)
_SOUND = re.compile(
    r"\b(SFX|sound effects?|ambient (?:noise|sounds?)|ambience|background (?:noise|sounds?)|music)\s*[:：]\s*", re.I
)
_SOUND_END = re.compile(r"[.]\s|[.]?$|\n")


def read_prompt(text: str, *, speech: bool = True, roles: frozenset[Role] | None = None) -> PromptText:
    """Takes prompt text apart.

    Args:
        text: what an editor wrote as PROMPT.
        speech: False leaves quoted speech in the text (the shot has lines already).
        roles: sounds to take out; None = effects, ambience and music.
    """
    if not _QUOTE.search(text) and not _SOUND.search(text):
        return PromptText(text)
    rest, speeches = _lift_speech(text) if speech else (text, [])
    rest, sounds = _lift_sounds(rest, roles)
    return PromptText(_tidy(rest) if speeches or sounds else text, tuple(speeches), tuple(sounds))


def _lift_speech(text: str) -> tuple[str, list[Speech]]:
    """(`text` without its quoted speech, the speeches in order). Quotes nobody speaks stay."""
    kept: list[str] = []
    found: list[Speech] = []
    at = 0
    for quote in _QUOTE.finditer(text):
        near = max(at, quote.start() - _CLAUSE_LENGTH)
        ends = [near, *(end.end() for end in _CLAUSE_END.finditer(text, near, quote.start()))]
        clause, after = text[ends[-1] : quote.start()], text[quote.end() : quote.end() + _CLAUSE_LENGTH]
        spoken, left, used = _spoken(clause, quote[1], after)
        if spoken:
            found.append(spoken)
            kept += (text[at : ends[-1]], left)
            at = quote.end() + used
    kept.append(text[at:])
    return " ".join(kept), found


def _spoken(clause: str, said: str, after: str) -> tuple[Speech | None, str, int]:
    """(speech, what stays of the clause for the picture, characters used after the quote)."""
    asides = [str(aside) for aside in _ASIDE.findall(clause)]
    bare = _ASIDE.sub("", clause)
    if found := _VERB.match(bare):
        who, verb, how = found[1], found[2], found[3]
        return _speech(who, said, (_VERBS[verb.casefold()], _adverb(how), *asides)), f"{who.strip()} speaks.", 0
    if found := _NAMED.match(bare):
        return _speech(found[1], said, asides), "", 0
    if not clause.strip(" ,") and (found := _AFTER.match(after)):
        return _speech(found[2], said, (_VERBS[found[1].casefold()],)), f"{found[2].strip()} speaks", found.end()
    return None, clause, 0


def _speech(who: str, said: str, how: tuple[str, ...] | list[str]) -> Speech | None:
    words = _subject(who)
    if not words or words[-1].casefold() in _THINGS:
        return None
    name = speaker_name(" ".join(words))
    manner = ", ".join(part for part in how if part and not _OFF.search(part))
    return Speech(name, said.strip(" ,"), manner, not any(_OFF.search(part) for part in (name, *how)))


def _subject(who: str) -> list[str]:
    """The words that name the speaker: of "the man in a hat", "man"; of "rain falls as Leo", "Leo"."""
    words = who.replace(",", " , ").split()
    last = max((i for i, word in enumerate(words) if word.casefold() in _JOINTS or word == ","), default=-1)
    subject = words[last + 1 :] or words[:1]
    if subject and subject[0].casefold() in _ARTICLES:
        subject = subject[1:]
    stop = next((i for i, word in enumerate(subject) if word.casefold() in _PLACES), len(subject))
    return subject[:stop] if stop <= 4 else []


def _adverb(how: str) -> str:
    """ "quietly" of "says quietly", "tired voice" of "says in a tired voice", nothing of "says to her"."""
    words = [word for word in how.split() if word.casefold() not in ("in", *_ARTICLES)]
    return "" if not words or words[0].casefold() in _PLACES else " ".join(words)


def _lift_sounds(text: str, roles: frozenset[Role] | None) -> tuple[str, list[tuple[Role, str]]]:
    """(`text` without its sound sentences, what they ask for)."""
    heads = list(_SOUND.finditer(text))
    kept: list[str] = []
    found: list[tuple[Role, str]] = []
    at = 0
    for index, head in enumerate(heads):
        limit = heads[index + 1].start() if index + 1 < len(heads) else len(text)
        end = _SOUND_END.search(text, head.end(), limit)
        stop = end.end() if end else limit
        role, said = _role(head[1]), text[head.end() : stop].strip(" .;,\n")
        if said and (roles is None or role in roles):
            kept.append(text[at : head.start()])
            found.append((role, said))
            at = stop
    return " ".join((*kept, text[at:])), found


def _role(head: str) -> Role:
    head = head.casefold()
    return "music" if head == "music" else "ambience" if head.startswith(("ambien", "background")) else "effects"


def _tidy(text: str) -> str:
    """Text after something was cut out of it: single spaces, no orphaned punctuation."""
    text = re.sub(r"\s+(?=[.,;:!?])|(?<=\s)\s+", "", text)
    return re.sub(r"([.,;:!?])[.,;:]+", r"\1", text).strip(" ,;:\n")
