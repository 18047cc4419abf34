"""What the corpus says: word salad for coverage, a grammar for prosody, and the awkward rest.

An acoustic model hears phones, not meaning, so most sentences are random lexicon words joined by
function words and chosen greedily for phone triples not heard before; the grammar adds questions,
fragments, commands and turns; the rest is names, numbers and abbreviations.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping

SALAD, GRAMMAR = 0.60, 0.30
"""Shares of the corpus; what is left are names, numbers and abbreviations."""

_FUNCTION_WORDS = """
the a an of to in on at by for with from into over under after before and or but so if when while because
that this those his her my your our their its is was are were be been has had have will would can could
should must may might do does did not no some any every each all most more less as than then there here who
what which where how why up down out off again only just even still never always
"""
FUNCTION_WORDS = _FUNCTION_WORDS.split()

_WORDS = """
name:
  Anna | Tom | Mara | Jonas | Priya | Victor | Grace | Malik | Elena | Oscar | Yuki | Hugo | Nadia | Felix |
  Rosa | Dmitri | Chloe | Samuel | Ingrid | Theo | Bruno | Leila | Howard | Penny | Miguel | Sasha | Wanda |
  Keith | Zoe | Ursula
surname:
  Walker | Novak | Okafor | Chen | Delgado | Fischer | Murphy | Rossi | Petrov | Hughes | Yamada | Blake |
  Singh | Larsen | Cooper | Vance | Ortiz | Kowalski | Brandt | Whitfield
who:
  I | you | he | she | we | they | somebody | nobody | everyone | the doctor | my brother | her sister |
  that woman | the driver | our neighbour | the boss | your father | the kids | the new guy | a stranger
did:
  said | knew | saw | heard | thought | wanted | needed | forgot | promised | told me | left | kept | took |
  brought | lost | found | broke | fixed | sold | hid | noticed | remembered | opened | closed | called |
  asked
do:
  say | know | see | hear | think about | want | need | forget | keep | take | bring | lose | find | break |
  fix | sell | hide | notice | remember | open | close | try | leave | help | watch | hold | move | change |
  finish | start
thing:
  the truth | the door | a cup of coffee | those letters | the last train | my keys | the whole story |
  your jacket | a better plan | the broken window | some water | the money | his voice | the red car |
  breakfast | a photograph | the engine | an umbrella | the other room | that song | the pan | dinner |
  the medicine | her phone
where:
  in the kitchen | at the station | by the river | upstairs | outside | on the roof | behind the house |
  at the office | in the garden | near the bridge | across the street | under the table | at school |
  downtown
when:
  tonight | tomorrow | this morning | last week | right now | after dinner | before sunrise | on Thursday |
  in an hour | every single day | all night | at midnight | later | once again | years ago | soon enough
how:
  slowly | quickly | quietly | carefully | alone | together | on purpose | by accident | for nothing |
  as usual
adj:
  tired | afraid | angry | sorry | happy | hungry | strange | beautiful | quiet | heavy | dangerous |
  perfect | cold | ready | wrong | serious | brave | lonely | honest | careful | busy | ridiculous | crazy |
  gentle | jealous | worried
inter:
  Oh | Well | Look | Listen | Wait | Hey | Please | Honestly | Okay | Right | No | Yes | Thanks | Sorry |
  Come on | Fine | My God | Hello | Good morning | Never mind
unit:
  minutes | hours | days | weeks | years | miles | dollars | people | pages | degrees | pounds | kilos |
  percent
month:
  January | February | March | April | May | June | July | August | September | October | November |
  December
abbr:
  FBI | TV | DVD | USA | UK | BBC | NASA | PhD | CEO | DNA | GPS | ATM | PDF | UFO | VIP | AM | PM | OK |
  ID | IQ
title:
  Dr. | Mr. | Mrs. | Ms. | Prof. | Captain | Sergeant | Judge
"""
"""Word lists of the grammar: a name and a colon, then alternatives between bars."""


def _pools() -> dict[str, tuple[str, ...]]:
    parts = re.split(r"^(\w+):$", _WORDS, flags=re.MULTILINE)[1:]
    return {
        name: tuple(" ".join(word.split()) for word in words.split("|"))
        for name, words in zip(parts[::2], parts[1::2], strict=True)
    }


_POOLS = _pools()

_GRAMMAR_LINES = """
{inter}, {name}, did you {do} {thing}?
{who} {did} {thing} {where}.
I think {who} {did} {thing} {when}.
Why are you so {adj} {when}?
Don't {do} {thing}, {name}!
Where did {who} {do} {thing}?
{inter}!
You look {adj}. What happened {where}?
I'm not {adj}, I'm just {adj}.
Can somebody please {do} {thing}?
If {who} {did} {thing}, we should {do} {thing} {when}.
Nobody told me it was {adj}.
{inter}. {inter}.
She said it would be {adj} and {adj}.
Let's {do} {thing} {when}.
What do you mean, {adj}?
{when}?
I can't {do} {thing} {how}.
We have to {do} {thing} {when}.
Are you {adj} or just {adj}?
{where}?
It's {adj} {where}, isn't it?
{name}? {inter}, {name}!
You never {do} {thing} {how}.
Who {did} {thing}?
How long have you been {where}?
I told you {when}: {do} {thing}.
That's {adj}; {who} {did} {thing}.
He walked {where} {how} and {did} {thing}.
Maybe {who} will {do} {thing} {when}.
Is that {thing}?
There's something {adj} {where}.
Would you {do} {thing} for me?
{who} {did} {thing}, but {who} {did} {thing}.
"""
_GRAMMAR = _GRAMMAR_LINES.strip().split("\n")

_AWKWARD_LINES = """
{title} {surname} will see you at {hour}:{minute} {ampm}.
My name is {name} {surname}.
It cost ${n} and {n2} cents.
The year was {year}.
Flight {n} leaves on {month} {day}.
Call me at {digits}.
The {abbr} and the {abbr} want {n} {unit}.
{name} {surname} is {n2} years old.
That is {n}.{d} {unit}, {title} {surname}.
We paid {n} {unit} for {n2} {unit}.
Room {n}, floor {n2}, on the {ordinal} of {month}.
{name}, {name} and {name} came in {ordinal}.
Turn to page {n} in the {abbr} report.
{title} {surname} met {name} in {year}.
{n} plus {n2} is {n3}.
"""
_AWKWARD = _AWKWARD_LINES.strip().split("\n")
_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "8th", "11th", "12th", "20th", "21st", "30th")


def _fill(pattern: str, rng: random.Random) -> str:
    out = []
    for part in pattern.replace("}", "{").split("{"):
        out.append(_slot(part, rng) if len(out) % 2 else part)
    text = "".join(out)
    return text[:1].upper() + text[1:]


def _slot(key: str, rng: random.Random) -> str:
    if key in _POOLS:
        return rng.choice(_POOLS[key])
    number = {
        "n": lambda: rng.choice((rng.randint(2, 20), rng.randint(20, 999), rng.randint(1000, 9999))),
        "n2": lambda: rng.randint(2, 99),
        "n3": lambda: rng.randint(2, 300),
        "d": lambda: rng.randint(1, 9),
        "hour": lambda: rng.randint(1, 12),
        "minute": lambda: rng.choice(("15", "30", "45", "05", "20", "50")),
        "ampm": lambda: rng.choice(("AM", "PM")),
        "year": lambda: rng.randint(1700, 2030),
        "day": lambda: rng.randint(1, 28),
        "digits": lambda: " ".join(str(rng.randint(0, 9)) for _ in range(rng.randint(4, 7))),
        "ordinal": lambda: rng.choice(_ORDINALS),
    }
    return str(number[key]())


class SentenceSource:
    """An endless, reproducible stream of sentences.

    Args:
        lexicon: word -> phone string; only plain lower-case words of 2 to 12 letters are used.
        seed: two sources with the same lexicon and seed say the same things.
    """

    def __init__(self, lexicon: Mapping[str, str], seed: int) -> None:
        self._rng = random.Random(seed)
        self._words = sorted(
            word for word in lexicon if word.isascii() and word.isalpha() and word.islower() and 1 < len(word) < 13
        )
        self._lexicon = lexicon
        self._heard: Counter[str] = Counter()

    def __iter__(self) -> Iterator[str]:
        while True:
            roll = self._rng.random()
            if roll < SALAD:
                yield self._salad()
            else:
                patterns = _GRAMMAR if roll < SALAD + GRAMMAR else _AWKWARD
                yield _fill(self._rng.choice(patterns), self._rng)

    def _salad(self) -> str:
        words: list[str] = []
        for _ in range(self._rng.randint(3, 7)):
            words.append(self._fresh_word())
            if self._rng.random() < 0.65:
                words.append(self._rng.choice(FUNCTION_WORDS))
        if len(words) > 6 and self._rng.random() < 0.4:
            words[len(words) // 2] += ","
        text = " ".join(words)
        return text[0].upper() + text[1:] + self._rng.choice("......?!")

    def _fresh_word(self, candidates: int = 10) -> str:
        """Of a few random words the one whose phone triples have been heard least."""
        best = max(self._rng.sample(self._words, candidates), key=self._novelty)
        self._heard.update(self._triples(best))
        return best

    def _novelty(self, word: str) -> float:
        triples = self._triples(word)
        return sum(1.0 / (1 + self._heard[triple]) for triple in triples) / (len(triples) + 1)

    def _triples(self, word: str) -> list[str]:
        phones = f"_{self._lexicon[word]}_".replace("ˈ", "").replace("ˌ", "")
        return [phones[k : k + 3] for k in range(len(phones) - 2)]
