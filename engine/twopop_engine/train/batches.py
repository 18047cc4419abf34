"""Random windows -> normalised tensors for the trainer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from ..models.sketch.layout import BY_NAME, TRAINED, Floats, Group
from ..models.sketch.scaling import Scaling, expected
from ..models.sketch.score import score_tokens
from .masks import draw_mask
from .tunes import Grid, draw_grid
from .windows import MUSIC_SHARE, Utterance, draw_window

CLIP_SIGMA = 6.0
"""Outliers of the analysis are cut off there."""
CONTACTS = ("FX", "CA", "CB", "STAGE")
"""Groups of a batch that is about what touches what, and about nothing else."""
LESSONS, REMINDERS = 8, 3
"""Times as many windows are for the first seam: while it is taught alone, and beside the whole network afterwards."""
LONG = 2
"""Every so often the windows are this many times longer, and as many times fewer."""
Tokens = dict[str, Tensor]


@dataclass
class Batch:
    """Tensors keyed by group: normalised clean tokens, what is known, the score."""

    clean: Tokens
    known: Tokens
    ids: Tokens
    values: Tokens
    seconds: float
    music_times_s: npt.NDArray[np.float64]
    """Of the music tokens; all windows of a batch have the same."""
    lessons: Batch | None = None
    """More windows about contacts, for the seams alone: drawing one costs little, the whole network much."""


def window_times(group: Group, seconds: float, grid: Grid) -> npt.NDArray[np.float64]:
    """Times of a group's tokens in a window."""
    return group.times_s(group.tokens(seconds)) if group.rate_hz else grid.times_s


class Windows(IterableDataset[Batch]):
    """An endless stream of batches; batch ``k`` depends on (seed, k) alone, so a resumed run goes on."""

    def __init__(
        self,
        speech: Sequence[Utterance],
        tables: dict[str, Floats],
        *,
        size: int,
        seconds: float,
        seed: int,
        first: int,
        free_until: int,
        long_share: float = 0.0,
        contact_share: float = 0.0,
        lessons_first: int = 0,
    ) -> None:
        self.speech, self.scaling = speech, Scaling(tables)
        self.size, self.seconds, self.seed = size, seconds, seed
        self.first, self.free_until = first, free_until
        self.long_share, self.contact_share, self.lessons_first = long_share, contact_share, lessons_first

    def __iter__(self) -> Iterator[Batch]:
        step = self.first
        while True:
            rng = np.random.default_rng((self.seed, step))
            if step < self.lessons_first:
                yield self._draw(rng, 0.0, 1, CONTACTS, LESSONS * self.size)
                step += 1
                continue
            # Speech has to be learnt before filling in can be: early batches are mostly unmasked.
            times = LONG if rng.random() < self.long_share else 1
            about = CONTACTS if rng.random() < self.contact_share else tuple(group.name for group in TRAINED)
            count = self.size * (2 if about is CONTACTS else 1) // times  # as much work either way
            batch = self._draw(rng, 0.7 if step < self.free_until else 0.0, times, about, max(1, count))
            batch.lessons = self._draw(rng, 0.0, 1, CONTACTS, REMINDERS * self.size)
            yield batch
            step += 1

    def _draw(self, rng: np.random.Generator, free: float, times: int, about: Sequence[str], count: int) -> Batch:
        seconds = self.seconds * times
        grid = draw_grid(rng, seconds)
        out = Batch({}, {}, {}, {}, seconds, grid.times_s)
        tunes = MUSIC_SHARE if "MX" in about else 0.0  # composing costs a quarter of a window
        windows = [draw_window(self.speech, rng, seconds, grid=grid, music_share=tunes) for _ in range(count)]
        masks = [draw_mask(rng, seconds, free, grid, about) for _ in windows]
        for group in (BY_NAME[name] for name in about):
            name, at = group.name, window_times(group, seconds, grid)
            scores = [score_tokens(window.score, group, at) for window in windows]
            normal = [self.scaling.normal(group, w.targets[name], expected(w.score, group, at)) for w in windows]
            out.clean[name] = torch.from_numpy(np.clip(np.stack(normal), -CLIP_SIGMA, CLIP_SIGMA))
            out.known[name] = torch.from_numpy(np.stack([mask[name] for mask in masks])[..., None])
            out.ids[name] = torch.from_numpy(np.stack([score.ids for score in scores]))
            out.values[name] = torch.from_numpy(np.stack([score.values for score in scores]))
        return out


def stream(dataset: Windows) -> Iterator[Batch]:
    """Batches made by one worker process ahead of the trainer."""
    return iter(DataLoader(dataset, batch_size=None, num_workers=1, prefetch_factor=4))
