"""Trains the duration predictor on every clip of the corpus; two or three minutes.

python -m twopop_engine.train.durations
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..models.sketch.durations import FEATURES, LAYERS, REACH, features
from ..models.sketch.layout import PHONES, Floats
from ..models.sketch.phones import merge_segments
from .corpus import Clip, default_root, read_corpus
from .export import WEIGHTS

WIDTH = 112


class DurationNet(nn.Module):
    """Phones -> ln of their seconds at the source's own pace."""

    def __init__(self) -> None:
        super().__init__()
        self.phones = nn.Embedding(len(PHONES), WIDTH)
        self.extra = nn.Linear(FEATURES, WIDTH)
        self.layers = nn.ModuleList([nn.Conv1d(WIDTH, WIDTH, REACH, padding=REACH // 2) for _ in range(LAYERS)])
        self.leave = nn.Linear(WIDTH, 1)

    def forward(self, ids: Tensor, extra: Tensor, mask: Tensor) -> Tensor:
        """(batch, phones) -> (batch, phones); ``mask`` is 0 on padding, which must stay zero."""
        x = self.phones(ids) + self.extra(extra)
        for layer in self.layers:
            y = F.layer_norm(x, (WIDTH,)) * mask[..., None]
            x = x + F.gelu(layer(y.transpose(1, 2)).transpose(1, 2), approximate="tanh")
        return self.leave(x)[..., 0]

    def save(self, path: Path) -> None:
        """Half precision, under the names the runtime reads."""
        arrays = {name.replace("phones.weight", "phones"): p.detach().numpy() for name, p in self.named_parameters()}
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **{name: a.astype(np.float16) for name, a in arrays.items()})  # type: ignore[arg-type]


Example = tuple[npt.NDArray[np.int64], Floats, Floats]


def example(clip: Clip) -> Example:
    """Ids, features and ln seconds of one clip, its speed taken out."""
    phones = merge_segments(clip.segments)
    seconds = np.array([max(phone.end_s - phone.start_s, 0.01) for phone in phones]) * clip.speed
    return *features(phones), np.log(seconds).astype(np.float32)


def _batch(examples: Sequence[Example]) -> tuple[Tensor, ...]:
    longest = max(len(ids) for ids, _, _ in examples)
    pad = [(longest - len(ids)) for ids, _, _ in examples]
    ids = np.stack([np.pad(e[0], (0, p)) for e, p in zip(examples, pad, strict=True)])
    extra = np.stack([np.pad(e[1], ((0, p), (0, 0))) for e, p in zip(examples, pad, strict=True)])
    target = np.stack([np.pad(e[2], (0, p)) for e, p in zip(examples, pad, strict=True)])
    mask = np.stack([np.pad(np.ones(len(e[0]), np.float32), (0, p)) for e, p in zip(examples, pad, strict=True)])
    return tuple(torch.from_numpy(part) for part in (ids, extra, target, mask))


def train(clips: Sequence[Clip], steps: int) -> DurationNet:
    """Fits the net; prints the error in ln seconds."""
    torch.manual_seed(0)
    examples = [example(clip) for clip in clips]
    net, rng = DurationNet(), np.random.default_rng(0)
    optimizer = torch.optim.AdamW(net.parameters(), 2e-3)
    mean = 0.0
    for step in range(steps):
        for parameters in optimizer.param_groups:
            parameters["lr"] = 2e-3 * (1 - step / steps)
        ids, extra, target, mask = _batch([examples[k] for k in rng.integers(len(examples), size=24)])
        loss = ((net(ids, extra, mask) - target).square() * mask).sum() / mask.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mean = 0.98 * mean + 0.02 * float(loss.detach())
        if step % 200 == 199:
            print(f"step {step + 1}: rms error {mean**0.5:.3f} in ln seconds", flush=True)
    return net


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--corpus", type=Path, default=default_root())
    parser.add_argument("--out", type=Path, default=WEIGHTS / "durations.npz")
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    train(read_corpus(arguments.corpus), arguments.steps).save(arguments.out)


if __name__ == "__main__":
    main()
