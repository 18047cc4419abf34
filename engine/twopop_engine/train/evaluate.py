"""Measures the shipped weights against what they must reach: sounds that are seen. Words: `evaluate_words`.

    python -m twopop_engine.train.evaluate --scenes 4      # the whole table
    python -m twopop_engine.train.evaluate --rendered 3    # cues as a user gets them
    python -m twopop_engine.train.evaluate --cued 5        # lines for `actions.CUED_MET`

Contacts are found in the drawn geometry and onsets in the decoded sound, see `sync`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ..models.sketch.sampler import WEIGHTS, Sampler
from .rendered import measure_rendered, share_within
from .sync import FRAME_S, measure_cued, measure_sync, total


@dataclass(frozen=True)
class Reached:
    """A number beside what it must be and what it should; ``more`` is better where that is true, else less is."""

    what: str
    value: float
    must: float | None = None
    aim: float | None = None
    more: bool = False

    def __str__(self) -> str:
        sign = ">=" if self.more else "<="
        must, aim = ("" if limit is None else f"{sign} {limit:g}" for limit in (self.must, self.aim))
        return f"| {self.what} | {self.value:.4g} | {must} | {aim} | {self.verdict} |"

    @property
    def verdict(self) -> str:
        """Whether it is enough; "" for what is only told."""
        if self.must is None:
            return ""
        met = [
            limit is not None and (self.value >= limit if self.more else self.value <= limit)
            for limit in (self.aim, self.must)
        ]
        return "aim" if met[0] else "met" if met[1] else "MISSED"


def sync_rows(sampler: Sampler, count: int) -> Iterator[Reached]:
    """Contacts against onsets: all classes together, then each, then retakes, overlay and cues."""
    report = measure_sync(sampler, count)
    native = total(report["native"])
    yield Reached(f"uncued Foley, F1 at 40 ms, {native.seen} contacts", native.f1, 0.90, 0.97, more=True)
    yield Reached("uncued Foley, median offset, ms", native.gap_ms(50), 20, 8)
    yield Reached("uncued Foley, p90 offset, ms", native.gap_ms(90), 60, 25)
    yield Reached("uncued Foley, F1 at 40 ms, first takes only", total(report["first takes"]).f1)
    for mode in ("effects redone", "picture redone"):
        yield Reached(f"{mode}, F1 at 40 ms", total(report[mode]).f1, 0.85, 0.95, more=True)
    overlay = total(report["overlay"])
    yield Reached("overlay (another seed), F1 at 40 ms", overlay.f1)
    yield Reached("overlay, median offset against native", overlay.gap_ms(50) / native.gap_ms(50), 10, more=True)
    for name, tally in sorted(report["native"].items()):
        yield Reached(f"{name}: F1 at 40 ms, native ({tally.seen} seen, {tally.heard} heard)", tally.f1)
    cued = measure_cued(sampler, count)
    for part in ("contact", "onset"):
        gaps = [gap for one in cued.values() for gap in getattr(one, part)]
        yield Reached(f"cue to {part}, median, ms", 1000 * float(np.median(gaps)), 1000 * FRAME_S, 10)
        yield Reached(f"cue to {part}, share within a frame", float(np.mean([gap <= FRAME_S for gap in gaps])))


def told(rows: Iterable[Reached]) -> list[Reached]:
    """The rows, each printed as soon as it is measured, as one Markdown table."""
    print("| what | reached | must | aim | |\n|---|---|---|---|---|", flush=True)
    out: list[Reached] = []
    for row in rows:
        print(row, flush=True)
        out.append(row)
    return out


def is_missed(rows: Iterable[Reached]) -> bool:
    """True where a must is not reached."""
    return any(row.verdict == "MISSED" for row in rows)


def rendered_rows(sampler: Sampler, count: int) -> Iterator[Reached]:
    """Cues as a user gets them, every thing; those that are not met are named."""
    cued = measure_rendered(sampler, count)
    for part in ("contact", "onset"):
        gaps = [gap for one in cued.values() for gap in getattr(one, part)]
        late = [thing for thing, one in cued.items() if max(getattr(one, part)) > FRAME_S]
        what = f"cued Foley, as rendered: cue to {part}, {len(gaps)} cues"
        share = share_within(cued, part, FRAME_S)
        named = f" (missed: {', '.join(late)})" if late else ""
        yield Reached(f"{what}, share within a frame{named}", share, 0.95, 1.0, more=True)
        yield Reached(f"{what}, median, ms", 1000 * float(np.median(gaps)), 1000 * FRAME_S, 10)


def cued_table(sampler: Sampler, count: int) -> Iterator[str]:
    """Thing by thing, of how many cues the contact is met by the weights alone."""
    for thing, one in measure_cued(sampler, count).items():
        yield f'"{thing}": {sum(gap <= FRAME_S for gap in one.contact)},'


def main() -> int:
    """Command line; 1 where a must is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--scenes", type=int, default=4, help="scenes of every thing")
    parser.add_argument("--rendered", type=int, metavar="N", help="only cues as rendered, N of every thing")
    parser.add_argument("--cued", type=int, metavar="N", help="only what the weights meet of N cues of every thing")
    parser.add_argument("--out", type=Path, help="also write the numbers as JSON")
    arguments = parser.parse_args()
    sampler = Sampler(arguments.weights)
    if arguments.cued:
        print("\n".join(cued_table(sampler, arguments.cued)))
        return 0
    wanted = rendered_rows(sampler, arguments.rendered or arguments.scenes)
    rows = told(wanted if arguments.rendered else itertools.chain(sync_rows(sampler, arguments.scenes), wanted))
    if arguments.out:
        arguments.out.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    return int(is_missed(rows))


if __name__ == "__main__":
    sys.exit(main())
