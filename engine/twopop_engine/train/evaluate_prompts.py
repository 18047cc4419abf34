"""How well free text is read: `python -m twopop_engine.train.evaluate_prompts [FILE ...]`.

A slot's score is the mean F1 of its values, "unspecified" among them, so that neither a frequent value nor a reader
that always answers can hide the rest; the whole is the mean over slots. Beside it: how many answers of a slot are
right, how many prompts are right in every slot, and who does what. Lines of the files are as `tests/prompts/README.md`
says.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..models.sketch.prompt import SLOTS, read_prompt

HELD_OUT: Final = (Path("tests/prompts/heldout.jsonl"), Path("tests/prompts/out_of_world.jsonl"))
Answer = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PromptScores:
    """Shares, 0..1.

    Attributes:
        macro: Mean over slots of `slots`.
        slots: Slot -> mean F1 over its values.
        right: Slot -> share of prompts answered exactly.
        all_right: Share of prompts right in every slot.
        who: Share of people given exactly what they do; None where no row asks.
        rows: How many prompts.
        millis: Milliseconds a prompt took to read, on average.
    """

    macro: float
    slots: Mapping[str, float]
    right: Mapping[str, float]
    all_right: float
    who: float | None
    rows: int
    millis: float


def read_answer(prompt: str) -> Answer:
    """The reader's answer in the form of the labels."""
    read = read_prompt(prompt)
    return {
        **{slot: read.slots[slot] for slot in SLOTS if slot != "action"},
        "action": list(read.actions),
        "who": read.who,
    }


def score_prompts(rows: Sequence[Row], answer: Callable[[str], Answer] = read_answer) -> PromptScores:
    """The scores of a reader on labelled prompts."""
    started = time.process_time()
    given = [answer(row["prompt"]) for row in rows]
    millis = 1e3 * (time.process_time() - started) / max(1, len(rows))
    labels = [row["slots"] for row in rows]
    slots = {slot: _mean_f1([_values(a[slot]) for a in given], [_values(b[slot]) for b in labels]) for slot in SLOTS}
    hits = [{slot: _values(a[slot]) == _values(b[slot]) for slot in SLOTS} for a, b in zip(given, labels, strict=True)]
    return PromptScores(
        macro=sum(slots.values()) / len(slots),
        slots=slots,
        right={slot: sum(hit[slot] for hit in hits) / len(hits) for slot in SLOTS},
        all_right=sum(all(hit.values()) for hit in hits) / len(hits),
        who=_who(given, labels),
        rows=len(rows),
        millis=millis,
    )


def read_rows(path: Path) -> list[Row]:
    """The labelled prompts of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _values(answer: str | Sequence[str]) -> frozenset[str]:
    if isinstance(answer, str):
        return frozenset((answer,))
    return frozenset(answer) or frozenset(("unspecified",))


def _mean_f1(given: Sequence[frozenset[str]], labels: Sequence[frozenset[str]]) -> float:
    values = sorted(frozenset().union(*labels))
    return sum(_f1(value, given, labels) for value in values) / len(values)


def _f1(value: str, given: Sequence[frozenset[str]], labels: Sequence[frozenset[str]]) -> float:
    both = sum(value in a and value in b for a, b in zip(given, labels, strict=True))
    return 2 * both / (sum(value in a for a in given) + sum(value in b for b in labels))


def _who(given: Sequence[Answer], labels: Sequence[Answer]) -> float | None:
    pairs = [
        (_values(a["who"].get(person, ("none",))), _values(b["who"][person]))
        for a, b in zip(given, labels, strict=True)
        if "who" in b
        for person in ("woman", "man")
    ]
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else None


def describe(name: str, scores: PromptScores) -> str:
    """The scores as a few lines of text."""
    who = "" if scores.who is None else f", who does what {scores.who:.1%}"
    head = f"{name}: macro F1 {scores.macro:.1%}, all slots right {scores.all_right:.1%}{who}"
    slots = "  ".join(f"{slot} {scores.slots[slot]:.3f} ({scores.right[slot]:.0%} right)" for slot in SLOTS)
    return f"{head} ({scores.rows} prompts, {scores.millis:.2f} ms each)\n  {slots}"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Score the reader of prompts.")
    parser.add_argument("files", nargs="*", type=Path, default=HELD_OUT)
    for path in parser.parse_args().files:
        print(describe(path.stem, score_prompts(read_rows(path))))


if __name__ == "__main__":
    main()
