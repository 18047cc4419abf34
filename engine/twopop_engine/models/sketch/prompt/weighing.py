"""How much a phrase weighs as an answer to its slot: 1 as a rule, less in passing, 0 where it means something else."""

from __future__ import annotations

from typing import Final

from .tokens import HARD, Match, Text
from .words import ANYBODY, ARTICLES, MEN, WOMEN, grammar


def even(text: Text, match: Match, value: str) -> float:
    """As a rule."""
    return 1.0


def _place_weight(text: Text, match: Match, value: str) -> float:
    """A place one is in weighs more than one that is passed, seen from afar or only a noun's adjective."""
    tokens = text.tokens
    words = [token.text for token in tokens[match.begin : match.end]]
    begin = match.begin
    while (
        begin
        and match.begin - begin < 4
        and tokens[begin - 1].is_word
        and tokens[begin - 1].text not in _AT | _AWAY_FROM | _STOP_WORDS
    ):
        begin -= 1
    before = tokens[begin - 1].text if begin else ""
    earlier = tokens[begin - 2].text if begin > 1 else ""
    weight = 1.0
    if words[-1] in ("sky", "skies", "clouds", "sand", "wood", "roof", "hall") and len(words) == 1:
        weight = 0.6 if words[-1] in ("roof", "hall", "wood") else 0.25
        if before == "under" and words[-1] in ("sky", "skies", "clouds"):
            return 0.0
    if value == "car" and _is_seen_from_outside(text, match):
        return 0.0
    if words[-1] == "roof" and _falls(text, match.begin):
        return 0.2  # rain on the roof is heard from below
    if before in _AT or earlier in _AT:
        weight += 0.2
    if (
        before in _AWAY_FROM
        or earlier in _AWAY_FROM
        or (earlier, before)
        in (
            ("out", "to"),
            ("view", "of"),
            ("out", "of"),
            ("way", "to"),
            ("photo", "of"),
            ("picture", "of"),
            ("painting", "of"),
            ("poster", "of"),
            ("front", "of"),
        )
    ):
        weight -= 0.8 if (earlier, before) != ("front", "of") else 0.3
    if before == "to" and earlier not in ("walks", "next"):
        weight -= 0.6
    following = text.matches
    after = next((m for m in following if m.begin == match.end), None)
    if after and any(meaning.slot == "place" for meaning in after.meanings):
        weight -= 0.5
    return weight


def _is_seen_from_outside(text: Text, match: Match) -> bool:
    """ "A car pulls up", "from under the car": nobody is in it."""
    tokens = text.tokens
    after = tokens[match.end].text if match.end < len(tokens) else ""
    before = [token.text for token in tokens[max(0, match.begin - 3) : match.begin]]
    return after in _CAR_DOES or bool(_OUTSIDE & set(before))


def _falls(text: Text, k: int) -> bool:
    """Whether something falls on what is named at word `k`: "rain drums on the roof"."""
    return any(token.text in _FALLING for token in text.tokens[max(0, k - 5) : k])


def _hypothetical(text: Text, match: Match, value: str) -> float:
    """ "It could rain" says nothing of the weather."""
    before = {token.text for token in text.tokens[max(0, match.begin - 3) : match.begin]}
    if text.tokens[match.begin - 1].text == "after" and match.begin:
        return 0.0
    if before & {"could", "might", "may", "if", "until", "before", "expecting", "forecast", "would", "should"}:
        return 0.0
    following = [token.text for token in text.tokens[match.end : match.end + 4]]
    over = any(word == "over" and (following[k + 1 :] or ["."])[0] in HARD | {","} for k, word in enumerate(following))
    ended = over or bool(set(following[:3]) & {"stopped", "stops", "passed", "forecast", "ended"})
    return 0.0 if ended and value in ("rain", "snow", "storm") else 1.0


def _time_weight(text: Text, match: Match, value: str) -> float:
    """A light in the frame does not outweigh the hour that is named."""
    before = text.tokens[match.begin - 1].text if match.begin else ""
    if before in ("last", "yesterday", "tomorrow", "every", "since"):
        return 0.3
    word = text.tokens[match.begin].text
    return 0.9 if word in ("evening", "sunshine", "sunlight", "moon", "stars", "early") else 1.0


def _mood_weight(text: Text, match: Match, value: str) -> float:
    after = text.tokens[match.end].text if match.end < len(text.tokens) else ""
    word = text.tokens[match.begin].text
    if word in ("still", "quiet", "quietly", "gently", "gentle", "strange", "love", "fun", "tension", "lazy"):
        return 0.5
    if word in _ALSO_NOUNS and not _somebody_before(text, match.begin):
        return 0.0
    return 0.0 if word == "tension" and after in ("strings", "score", "music") else 1.0


def _somebody_before(text: Text, k: int) -> bool:
    """Whether the word before `k` may be who does it or goes on with what is done: "she beams", not "torch beams"."""
    before = text.tokens[k - 1] if k else None
    if before is None:
        return False
    word = before.text
    people = WOMEN | MEN | ANYBODY
    known = word in people or word.removesuffix("s") in people or word in _PRONOUNS or word.endswith("ly")
    return known or (before.raw[0].isupper() and k > 1 and text.tokens[k - 2].text not in HARD)


def _camera_weight(text: Text, match: Match, value: str) -> float:
    """ "A swing moves in the wind" is no camera that moves in."""
    tokens = text.tokens
    after = tokens[match.end].text if match.end < len(tokens) else ""
    before = tokens[match.begin - 1].text if match.begin else "."
    inside = tokens[match.end - 1].text == "in" and after in ARTICLES
    return 0.0 if inside and tokens[match.begin].text.endswith("s") and before not in _CAMERAS else 1.0


def _music_weight(text: Text, match: Match, value: str) -> float:
    """An instrument that only stands there makes no music."""
    tokens = text.tokens
    before = [token.text for token in tokens[max(0, match.begin - 3) : match.begin]]
    if tokens[match.begin].text == "soul" and match.end == match.begin + 1 and before[-1:] in (["a"], ["single"]):
        return 0.0  # "not a soul"
    if tokens[match.begin].text == "swing" and match.end == match.begin + 1 and set(before[-2:]) & ARTICLES:
        return 0.0  # in a playground
    if tokens[match.end - 1].text.rstrip("s") not in _INSTRUMENTS:
        return 1.0
    said = {token.text for token in tokens}
    plays = said & {
        "play",
        "plays",
        "playing",
        "played",
        "strums",
        "strumming",
        "music",
        "score",
        "tune",
        "performs",
        "practises",
        "practices",
    }
    held = set(before) & {
        "at",
        "on",
        "beside",
        "near",
        "behind",
        "holding",
        "carries",
        "carrying",
        "holds",
        "by",
        "with",
        "under",
    }
    return 0.0 if held and not plays else 1.0


WEIGHTS: Final = {
    "place": _place_weight, "weather": _hypothetical, "time": _time_weight, "mood": _mood_weight,
    "music": _music_weight, "camera": _camera_weight, "furniture": lambda text, match, value: 0.4,
}  # fmt: skip
_CAR_DOES: Final = grammar("car_does")
_ALSO_NOUNS: Final = frozenset(["beams", "fumes", "cheers", "glares"])
_PRONOUNS: Final = frozenset(["he", "she", "they", "who", "and", ","])
_CAMERAS: Final = frozenset(["camera", "lens", "shot", "frame", "it", "we"])
_OUTSIDE: Final = frozenset(
    ["under", "beneath", "beside", "against", "between", "by", "near", "to", "towards", "toward"]
)
_FALLING: Final = frozenset(
    ["rain", "rains", "raindrops", "hail", "snow", "drums", "drumming", "pattering", "patters", "drips"]
)
_INSTRUMENTS: Final = grammar("instruments")
_AT: Final = grammar("at")
_AWAY_FROM: Final = grammar("away_from")
_STOP_WORDS: Final = grammar("stop_words") | {","}
