"""Trains sketch; killed at any moment it goes on from its last checkpoint.

python -m twopop_engine.train.train --steps 7000
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from ..models.sketch.layout import BY_NAME, FX, Floats
from .batches import Batch, Tokens, Windows, stream
from .corpus import default_root, read_corpus
from .model import STREAMS, Config, Seam, Sketch, turns
from .tables import loss_weights, measure
from .weights import WEIGHT_FILE, read_weights
from .windows import WINDOW_S, ready

GROUP_WEIGHTS = {"DX": 0.8, "FX": 1.2, "BG": 0.05, "MX": 0.3, "CA": 0.6, "CB": 0.6, "STAGE": 0.9}
PRIOR_WEIGHT = 1.0
CONDITION_DROP = 0.1
CHECKPOINT_S = 300.0
HALF = torch.backends.cpu.get_cpu_capability().startswith("AVX512")
"""Whether to multiply in half precision: processors without the instructions are ten times slower at it."""
EARLY = 0.8
"""By so much (logits) sooner in the denoising the steps lie that learn to follow what is given."""
LESSON_WEIGHT = 3.0
"""How much the lessons of the first seam count: next to the noisy loss of the whole they would be drowned."""
LESSON_RATE = 2e-3
"""Learning rate while the first seam is taught alone."""
PULL = 1 - 1 / 1.8
"""Words are trained towards themselves and so much of what the score alone pulls them to: the network then says at
once what guidance of 1.8 would make of two answers."""
BUSY = 3.0
"""By so much more a token counts at the instant of a contact."""
LEAST_GAP = 0.1
"""The velocity weight 1 / (1 - t)^2 stops growing at t = 0.9."""


@dataclass(frozen=True)
class Recipe:
    """How to train; a run ends after ``steps``, or ``minutes`` after it was (last) started."""

    steps: int = 7000
    batch: int = 8
    minutes: float | None = None
    rate: float = 1.2e-3
    warm_up: int = 150
    decay_from: float = 0.55
    ema: float = 0.998
    seconds: float = WINDOW_S
    free_share: float = 0.35
    long_share: float = 0.0
    contact_share: float = 0.5
    lessons_first: int = 0
    pull_from: float = 0.4
    """From this share of the run on words are pulled; shipped weights know it, so what goes on from them begins so."""
    seed: int = 0


def learning_rate(step: int, share: float, recipe: Recipe) -> float:
    """Warm-up, constant, then half a cosine down to 2 % as ``share`` of the run nears 1."""
    fall = max(0.0, (share - recipe.decay_from) / (1 - recipe.decay_from))
    height = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(fall, 1)))
    return recipe.rate * min(1.0, (step + 1) / recipe.warm_up) * height


class Trainer:
    """Model, averaged model, optimizer and the place in the schedule."""

    def __init__(self, recipe: Recipe, tables: dict[str, Floats], config: Config) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.tables = recipe, tables
        self.model = Sketch(config)
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        self.readers = _readers(self.model)
        trained = [*self.model.parameters(), *self.readers.parameters()]
        matrices = [p for p in trained if p.ndim == 2]
        others = [p for p in trained if p.ndim != 2]
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}],
            lr=recipe.rate,
            betas=(0.9, 0.98),
            fused=True,
        )
        self.step, self._share_before, self._began = 0, 0.0, time.monotonic()
        self.weights = {name: torch.from_numpy(w) for name, w in loss_weights(tables).items()}

    @property
    def share(self) -> float:
        """How much of the run is done, 0 to 1, by steps or by the clock, whichever is further."""
        by_steps = self.step / self.recipe.steps
        if self.recipe.minutes is None:
            return by_steps
        elapsed = (time.monotonic() - self._began) / 60 / self.recipe.minutes
        return max(by_steps, self._share_before + (1 - self._share_before) * elapsed)

    @property
    def taught(self) -> bool:
        """Whether the first seam has had its lessons and the whole network trains."""
        return self.step >= self.recipe.lessons_first

    def turn(self, batch: Batch) -> Tensor:
        """Rotary tables of a batch."""
        ordered = [group for name in STREAMS for group in self.model.stream(name) if group.name in batch.clean]
        times = [g.times_s(g.tokens(batch.seconds)) if g.rate_hz else batch.music_times_s for g in ordered]
        return turns(torch.from_numpy(np.concatenate(times)), self.model.config)

    def compile(self) -> None:
        """Compiles the blocks (one graph for all of them, one more for long windows)."""
        for block in self.model.blocks:
            block.forward = torch.compile(block.forward, dynamic=False)  # type: ignore[method-assign]

    def losses(self, batch: Batch) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Flow loss and prior loss of every group."""
        size = len(batch.clean["FX"])
        at = torch.sigmoid(torch.randn(size) * 1.1 - 0.1 - EARLY * _whole(batch.known))
        drop = torch.rand(size) < CONDITION_DROP
        time = at[:, None, None]
        noisy: Tokens = {}
        given: Tokens = {}
        known: Tokens = {}
        for name, clean in batch.clean.items():
            known[name] = batch.known[name].float()
            given[name] = clean * known[name]
            noisy[name] = torch.where(batch.known[name], clean, time * clean + (1 - time) * torch.randn_like(clean))
        with _half():
            codes, priors = self.model.encode(batch.ids, batch.values, drop)
            fed = {name: prior.detach() for name, prior in priors.items()}
            seen: list[Tensor] = []
            guess = self.model.denoise(noisy, known, given, codes, fed, at, self.turn(batch), seen)
            read = {name: self._read(name, seen) for name in self.readers}
        pull = self._pull(batch, noisy, known, given, at, guess["DX"], drop) if "DX" in noisy else torch.zeros(())
        speed = 1 / (1 - time).clamp(min=LEAST_GAP) ** 2
        kept = (~drop).float()[:, None, None]
        busy = self._busy(batch.clean["FX"])
        flow: dict[str, Tensor] = {}
        prior: dict[str, Tensor] = {}
        for name, clean in batch.clean.items():
            weight = self.weights[name]
            aim = clean + pull if name == "DX" else clean
            wrong = speed * (1 - known[name]) * weight * (guess[name].float() - aim).square()
            flow[name] = (wrong * busy if name in self.readers else wrong).mean()
            prior[name] = (kept * weight * (priors[name].float() - clean).square()).mean()
            if name in self.readers:
                for said in read[name]:
                    missed = (1 - known[name]) * weight * (said.float() - clean).square() * busy
                    prior[name] = prior[name] + missed.mean()
        if batch.lessons is not None:
            for name, missed in self._lessons(batch.lessons).items():
                prior[name] = prior[name] + LESSON_WEIGHT * missed
        return flow, prior

    def _pull(
        self, batch: Batch, noisy: Tokens, known: Tokens, given: Tokens, at: Tensor, guess: Tensor, drop: Tensor
    ) -> Tensor:
        """How far the score pulls words, (batch, tokens, dims): their guess against one made without it."""
        if self.share < self.recipe.pull_from:
            return torch.zeros(())
        with torch.no_grad(), _half():
            codes, priors = self.model.encode(batch.ids, batch.values, torch.ones_like(drop))
            blind = self.model.denoise(noisy, known, given, codes, priors, at, self.turn(batch))["DX"]
        return PULL * torch.where(drop[:, None, None], 0.0, (guess.detach() - blind).float())

    def _lessons(self, batch: Batch) -> dict[str, Tensor]:
        """The first seam is asked for the effects of a picture, for the picture of effects, or for both out of noise.

        The masks ask that too, but seldom, and through the whole network.
        """
        size, busy = len(batch.clean["FX"]), self._busy(batch.clean["FX"])
        with torch.no_grad(), _half():
            codes, priors = self.model.encode(batch.ids, batch.values, torch.zeros(size, dtype=torch.bool))
        at = torch.sigmoid(torch.randn(size) * 1.5 - 1.2)
        dice = torch.rand(size)[:, None, None]
        hears, sees = dice < 0.3, dice > 0.7
        x: Tokens = {}
        known: Tokens = {}
        for name in self.readers:
            clean = batch.clean[name]
            known[name] = (hears if name == "FX" else sees).float().expand(-1, clean.shape[1], 1)
            noisy = at[:, None, None] * clean + (1 - at[:, None, None]) * torch.randn_like(clean)
            x[name] = torch.where(known[name] > 0, clean, noisy)
        given = {name: x[name] * known[name] for name in x}
        with _half():
            met = self.model.meet(x, known, given, codes, priors, at, alone=not self.taught)
            read = {name: self._read(name, [met])[0] for name in x}
        out: dict[str, Tensor] = {}
        for name, guess in read.items():
            wrong = self.weights[name] * (guess.float() - batch.clean[name]).square()
            out[name] = ((1 - known[name]) * wrong * busy).mean()
        return out

    def _read(self, name: str, seen: Sequence[Tensor]) -> list[Tensor]:
        """Tokens of a group as the readers tell them from what each seam knows, from the first seam on."""
        return [reader(met) for reader, met in zip(cast(nn.ModuleList, self.readers[name]), seen, strict=False)]

    def _busy(self, effects: Tensor) -> Tensor:
        """How much each 25 Hz token counts, (batch, tokens, 1): more about a contact, which is short and rare."""
        ramps = FX.columns(*(f"event{lane}.{side}" for lane in (0, 1) for side in ("pre", "post")))
        scale, mean = (torch.from_numpy(self.tables[f"FX.{kind}"])[ramps] for kind in ("scale", "mean"))
        return 1 + BUSY * (effects[..., ramps] * scale + mean).clamp(0, 1).amax(-1, keepdim=True)

    def advance(self, batch: Batch) -> dict[str, float]:
        """One optimizer step; returns the losses."""
        rate = learning_rate(self.step, self.share, self.recipe) if self.taught else LESSON_RATE
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = rate
        if self.taught:
            flow, prior = self.losses(batch)
            total = torch.stack([GROUP_WEIGHTS[n] * (flow[n] + PRIOR_WEIGHT * prior[n]) for n in flow]).sum()
        else:
            flow = self._lessons(batch)
            total = torch.stack([GROUP_WEIGHTS[n] * missed for n, missed in flow.items()]).sum()
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        keep = min(self.recipe.ema, (self.step + 1) / (self.step + 20))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.model.parameters()), 1 - keep)
        self.step += 1
        return {name: float(value.detach()) for name, value in flow.items()}

    def save(self, folder: Path) -> None:
        """Everything a killed run needs, written beside and moved into place."""
        part = folder / "state.part"
        state = {
            "step": self.step,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "readers": self.readers.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": torch.get_rng_state(),
        }
        torch.save(state, part)
        part.replace(folder / "state.pt")

    def load(self, folder: Path) -> None:
        """Goes on where ``save`` was last called."""
        state = torch.load(folder / "state.pt", weights_only=True)
        self.step = state["step"]
        self._share_before = self.step / self.recipe.steps
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.readers.load_state_dict(state["readers"])
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])

    def start_from(self, weights: Path) -> None:
        """Begins from shipped half-precision weights and a fresh optimizer; music and seams may be missing in them."""
        stored = read_weights(weights / WEIGHT_FILE)
        for model in (self.model, self.average):
            missing, unknown = model.load_state_dict(stored, strict=False)
            added = [name for name in missing if not {"MX", "seams"} & set(name.split("."))]
            if added or unknown:
                raise ValueError(f"{weights / WEIGHT_FILE} is of another model: {added or unknown}")


def _half() -> torch.autocast:
    """In which the network multiplies in half precision, where the processor can."""
    return torch.autocast("cpu", torch.bfloat16, enabled=HALF)


def _readers(model: Sketch) -> nn.ModuleDict:
    """Of every group of the seams, a reader a seam: clean tokens straight out of what it knows.

    Only the trainer asks: so that a seam learns at once what a contact looks and sounds like, and need not wait
    until six blocks after it make use of that.
    """
    seams = [cast(Seam, seam) for seam in model.seams.values()]
    inner, names = seams[0].mark.out_features, seams[0].names
    return nn.ModuleDict({n: nn.ModuleList(nn.Linear(inner, BY_NAME[n].dims) for _ in seams) for n in names})


def _whole(known: Tokens) -> Tensor:
    """1 where all of the effects or all of the stage is given, (batch,): what is missing follows from it."""
    return torch.stack([known[name].flatten(1).all(1) for name in ("FX", "STAGE")]).any(0).float()


def read_tables(folder: Path) -> dict[str, Floats]:
    """Normalisation of a run."""
    with np.load(folder / "tables.npz") as stored:
        return dict(stored)


def run(recipe: Recipe, folder: Path, corpus: Path, compiled: bool, start: Path | None = None) -> None:
    """Trains to ``recipe.steps``, logging to ``folder/log.jsonl``.

    Args:
        start: folder of shipped weights to begin from where there is no checkpoint yet; its tables are kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    speech = [ready(clip) for clip in read_corpus(corpus)]
    if not speech:
        raise SystemExit(f"{corpus} holds no shards; run python -m twopop_engine.train.corpus first")
    if not (folder / "tables.npz").exists():
        tables = measure(speech, read_tables(start) if start else None)
        np.savez(folder / "tables.npz", **tables)  # type: ignore[arg-type]
    tables = read_tables(folder)
    trainer = Trainer(recipe, tables, Config())
    if (folder / "state.pt").exists():
        trainer.load(folder)
    elif start:
        trainer.start_from(start)
    if compiled:
        trainer.compile()
    batches = stream(
        Windows(
            speech,
            tables,
            size=recipe.batch,
            seconds=recipe.seconds,
            seed=recipe.seed,
            first=trainer.step,
            free_until=int(recipe.free_share * recipe.steps),
            long_share=recipe.long_share,
            contact_share=recipe.contact_share,
            lessons_first=recipe.lessons_first,
        )
    )
    _loop(trainer, batches, folder)


def _loop(trainer: Trainer, batches: Iterator[Batch], folder: Path) -> None:
    smooth: dict[str, float] = {}
    saved = mark = time.monotonic()
    while trainer.share < 1:
        losses = trainer.advance(next(batches))
        smooth = {name: 0.97 * smooth.get(name, value) + 0.03 * value for name, value in losses.items()}
        now = time.monotonic()
        if trainer.step % 50 == 0:
            rounded = {name: round(value, 4) for name, value in smooth.items()}
            line = {"step": trainer.step, "s_per_step": round((now - mark) / 50, 3), **rounded}
            mark = now
            print(json.dumps(line), flush=True)
            with (folder / "log.jsonl").open("a") as log:
                log.write(json.dumps(line) + "\n")
        if now - saved > CHECKPOINT_S:
            trainer.save(folder)
            saved = now
    trainer.save(folder)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--steps", type=int, default=Recipe.steps, help="steps in all; the schedule spans them")
    parser.add_argument("--minutes", type=float, help="end after so many minutes whatever the step")
    parser.add_argument("--batch", type=int, default=Recipe.batch)
    parser.add_argument("--rate", type=float, default=Recipe.rate, help="peak learning rate")
    parser.add_argument("--free", type=float, default=Recipe.free_share, help="share of the steps with few masks")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--corpus", type=Path, default=default_root())
    parser.add_argument("--run", type=Path, default=default_root().parent / "run", help="folder of the checkpoints")
    parser.add_argument("--from", dest="start", type=Path, help="folder of shipped weights to go on from")
    parser.add_argument("--eager", action="store_true", help="do not compile (no C++ compiler needed, 1.5x slower)")
    parser.add_argument("--contacts", type=float, default=Recipe.contact_share, help="share of steps without words")
    parser.add_argument("--lessons", type=int, default=Recipe.lessons_first, help="steps for the first seam alone")
    parser.add_argument("--ema", type=float, default=Recipe.ema)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    recipe = Recipe(
        steps=arguments.steps,
        minutes=arguments.minutes,
        batch=arguments.batch,
        rate=arguments.rate,
        free_share=arguments.free,
        contact_share=arguments.contacts,
        lessons_first=arguments.lessons,
        pull_from=0.0 if arguments.start else Recipe.pull_from,
        ema=arguments.ema,
    )
    run(recipe, arguments.run, arguments.corpus, compiled=not arguments.eager, start=arguments.start)


if __name__ == "__main__":
    main()
