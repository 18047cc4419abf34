"""Averaged weights -> two ONNX graphs over one file of half-precision weights.

The graphs hold no weights: their initializers point into ``sketch.safetensors``, so weights are stored
once, and the same file is what a later training run starts from.

    python -m twopop_engine.train.export --run ~/.cache/twopop/run
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..models.sketch.layout import TRAINED, Group
from ..models.sketch.score import CONTEXT, SCORE_DIMS
from .corpus import default_root
from .model import Config, Sketch, Tokens, turns
from .train import read_tables
from .weights import WEIGHT_FILE, WeightFile

WEIGHTS = Path(__file__).parent.parent / "models" / "sketch" / "weights"


class Encoder(nn.Module):
    """Score tensors -> encodings and priors, in the order of the groups."""

    def __init__(self, model: Sketch) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: tuple[Tensor, ...], values: tuple[Tensor, ...], drop: Tensor) -> tuple[Tensor, ...]:
        """See :meth:`Sketch.encode`."""
        groups = self.model.groups
        codes, priors = self.model.encode(_named(groups, ids), _named(groups, values), drop)
        return (*codes.values(), *priors.values())


class Denoiser(nn.Module):
    """One step: noisy tokens -> clean tokens."""

    def __init__(self, model: Sketch) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        x: tuple[Tensor, ...],
        known: tuple[Tensor, ...],
        given: tuple[Tensor, ...],
        codes: tuple[Tensor, ...],
        priors: tuple[Tensor, ...],
        time: Tensor,
        turn: Tensor,
    ) -> tuple[Tensor, ...]:
        """See :meth:`Sketch.denoise`."""
        noisy, mask, clean, code, prior = (_named(self.model.groups, part) for part in (x, known, given, codes, priors))
        out = self.model.denoise(noisy, mask, clean, code, prior, time, turn)
        return tuple(out[group.name] for group in self.model.groups)


def _named(groups: tuple[Group, ...], parts: tuple[Tensor, ...]) -> Tokens:
    return {group.name: part for group, part in zip(groups, parts, strict=True)}


def example(
    seconds: float, config: Config, groups: tuple[Group, ...] = TRAINED, batch: int = 2
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Random inputs of both graphs for a window of ``seconds``."""
    tokens = {group.name: group.tokens(seconds) for group in groups}
    # Tensors of their own for every input: the exporter takes one tensor in two places for one input.
    x, given, priors = (tuple(torch.randn(batch, tokens[g.name], g.dims) for g in groups) for _ in range(3))
    ids = tuple(torch.randint(0, 50, (batch, tokens[g.name], CONTEXT)) for g in groups)
    values = tuple(torch.randn(batch, tokens[g.name], SCORE_DIMS[g.name]) for g in groups)
    known = tuple(torch.zeros(batch, tokens[g.name], 1) for g in groups)
    codes = tuple(torch.randn(batch, tokens[g.name], config.width) for g in groups)
    turn = turns(torch.linspace(0.0, seconds, sum(tokens.values())), config)
    drop = torch.tensor([False, True])[:batch]
    score = (ids, values, drop)
    return score, (x, known, given, codes, priors, torch.full((batch,), 0.3), turn)


def export_graphs(model: Sketch, folder: Path) -> None:
    """Writes ``encode.onnx``, ``denoise.onnx`` and the weights they share."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    batch = torch.export.Dim("batch", min=1, max=16)
    names = [group.name for group in model.groups]
    tokens = {name: torch.export.Dim(f"{name}_tokens", min=2, max=4096) for name in names}
    per_group = tuple({0: batch, 1: tokens[name]} for name in names)
    whole = torch.export.Dim("tokens", min=12, max=16384)
    score, step = example(3.2, model.config, model.groups)
    kinds = ("x", "known", "given", "code", "prior")
    graphs = {
        "encode": (Encoder(model), score, (per_group, per_group, {0: batch}), ("ids", "values")),
        "denoise": (Denoiser(model), step, (*(per_group,) * 5, {0: batch}, {1: whole}), kinds),
    }
    weights = WeightFile(dict(model.named_parameters()))
    for name, (module, inputs, shapes, parts) in graphs.items():
        last = ["drop"] if name == "encode" else ["time", "turn"]
        outputs = ("code", "prior") if name == "encode" else ("clean",)
        program = torch.onnx.export(
            module.eval(),
            inputs,
            input_names=[*(f"{part}.{g}" for part in parts for g in names), *last],
            output_names=[f"{part}.{g}" for part in outputs for g in names],
            dynamic_shapes=shapes,
            dynamo=True,
            opset_version=20,
        )
        assert program is not None
        weights.detach(program.model_proto, folder / f"{name}.onnx")
    weights.write(folder / WEIGHT_FILE)
    for name in graphs:
        weights.attach(folder / f"{name}.onnx")


def load_average(folder: Path) -> Sketch:
    """The averaged model of a run, in evaluation mode."""
    state = torch.load(folder / "state.pt", weights_only=True)
    model = Sketch(Config())
    model.load_state_dict(state["average"])
    return model.eval()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--run", type=Path, default=default_root().parent / "run")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    export_graphs(load_average(arguments.run), arguments.out)
    np.savez(arguments.out / "tables.npz", **read_tables(arguments.run))  # type: ignore[arg-type]
    for path in sorted(arguments.out.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
