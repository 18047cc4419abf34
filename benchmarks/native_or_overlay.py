"""Picture and sound made together against the two put together afterwards: the claim joint generation rests on.

    python benchmarks/native_or_overlay.py [SCENES]

The same weights, the same scenes, nothing of them timed by the request: somebody walks while somebody else handles
a thing, and the model decides when. *Native* is one pass for both, taken again where the two disagree, as in any
render; *first takes* leaves that out. *Overlay* is the picture of one seed under the sound of another, as when a film
is dubbed by a model that cannot see it. *Redone* keeps one side frozen and makes the other anew, which is what a
retake does. Contacts are found in the drawn geometry alone, onsets in the decoded sound alone, and matched one to one
within a quarter of a second.
"""

import sys

from twopop_engine.models.sketch.sampler import Sampler
from twopop_engine.train.sync import Tally, measure_sync, total


def line(name: str, *tallies: Tally) -> str:
    cells = [f"{tally.f1:.2f}, {tally.gap_ms(50):.0f} ms" for tally in tallies]
    return f"| {name} | {tallies[0].seen} | {' | '.join(cells)} |"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    report = measure_sync(Sampler(threads=2), count)
    modes = ("native", "first takes", "overlay", "effects redone", "picture redone")
    print(f"| F1 within 40 ms, median offset | contacts | {' | '.join(modes)} |")
    print(f"|---{'|---' * (len(modes) + 1)}|")
    print(line("**all**", *(total(report[mode]) for mode in modes)))
    for thing in sorted(report["native"]):
        print(line(thing, *(report[mode][thing] for mode in modes)))


if __name__ == "__main__":
    main()
