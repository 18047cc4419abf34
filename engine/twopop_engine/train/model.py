"""sketch: a flow-matching transformer over token groups, picture and sound in one pass.

Reads top to bottom: encode the score, then denoise. Two streams (sound, picture) have their own
weights in every block and one attention over all tokens, so everything can hear and see everything.
The network predicts the clean tokens; the sampler turns that into a velocity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..models.sketch.layout import PHONES, TRAINED, Group
from ..models.sketch.score import CONTEXT, SCORE_DIMS, SPEAKING_GROUPS

STREAMS = ("sound", "picture")
SEAM_HZ = 25
ROPE_BASE, ROPE_HZ = 2000.0, 50.0


@dataclass(frozen=True)
class Config:
    """Size of the network."""

    width: int = 192
    blocks: int = 6
    heads: int = 3
    phone_width: int = 64
    score_width: int = 512
    plain_score_width: int = 256
    seam_width: int = 32
    seams: tuple[int, ...] = (0, 3)
    """Blocks before which sound and picture of one instant are joined."""


def family(group: Group) -> str:
    """Groups of one family share their encoders and projections: the two characters."""
    return "C" if group.name in ("CA", "CB") else group.name


class ScoreEncoder(nn.Module):
    """Score of one group -> one vector per token, seeing two tokens to either side."""

    def __init__(self, group: Group, config: Config) -> None:
        super().__init__()
        speaks = group.name in SPEAKING_GROUPS
        hidden = config.score_width if speaks else config.plain_score_width
        self.phones = nn.Embedding(len(PHONES), config.phone_width) if speaks else None
        width = SCORE_DIMS[group.name] + (CONTEXT * config.phone_width if speaks else 0)
        self.enter = nn.Linear(width, hidden)
        self.inner = nn.Linear(hidden, hidden)
        self.leave = nn.Linear(hidden, config.width)
        self.around = nn.Linear(CONTEXT * config.width, config.width)
        self.prior = nn.Linear(config.width, group.dims)
        self.null = nn.Parameter(torch.zeros(config.width))

    def forward(self, ids: Tensor, values: Tensor, drop: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, tokens, ...) -> encoding (batch, tokens, width), prior (batch, tokens, dims)."""
        x = values
        if self.phones is not None:
            x = torch.cat([self.phones(ids).flatten(2), values], -1)
        y = F.gelu(self.enter(x), approximate="tanh")
        y = self.leave(F.gelu(self.inner(y), approximate="tanh"))
        padded = F.gelu(F.pad(y, (0, 0, CONTEXT // 2, CONTEXT // 2)), approximate="tanh")
        tokens = y.shape[1]
        y = y + self.around(torch.cat([padded[:, k : k + tokens] for k in range(CONTEXT)], -1))
        y = torch.where(drop[:, None, None], self.null.to(y.dtype), y)
        return y, self.prior(y)


class StreamLayer(nn.Module):
    """One stream's half of a block."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = config.width
        self.heads, self.head_width = config.heads, width // config.heads
        self.norm1 = nn.LayerNorm(width, elementwise_affine=False)
        self.norm2 = nn.LayerNorm(width, elementwise_affine=False)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.bias = nn.ParameterList(torch.zeros(width) for _ in range(6))
        self.q_scale = nn.Parameter(torch.ones(self.head_width))
        self.k_scale = nn.Parameter(torch.ones(self.head_width))
        for layer in (self.out, self.down):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def queries(self, x: Tensor, mod: Tensor, turn: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, each (batch, heads, tokens, head width)."""
        y = self.norm1(x) * (1 + mod[:, 1:2] + self.bias[1]) + mod[:, 0:1] + self.bias[0]
        batch, tokens, _ = y.shape
        q, k, v = self.qkv(y).view(batch, tokens, 3, self.heads, self.head_width).permute(2, 0, 3, 1, 4)
        return rotate(unit(q) * self.q_scale, turn).to(v.dtype), rotate(unit(k) * self.k_scale, turn).to(v.dtype), v

    def finish(self, x: Tensor, seen: Tensor, mod: Tensor) -> Tensor:
        """Adds what attention saw, then the feed-forward part."""
        batch, _, tokens, _ = seen.shape
        seen = seen.transpose(1, 2).reshape(batch, tokens, self.heads * self.head_width)
        x = x + (1 + mod[:, 2:3] + self.bias[2]) * self.out(seen)
        y = self.norm2(x) * (1 + mod[:, 4:5] + self.bias[4]) + mod[:, 3:4] + self.bias[3]
        return x + (1 + mod[:, 5:6] + self.bias[5]) * self.down(F.gelu(self.up(y), approximate="tanh"))


def unit(x: Tensor) -> Tensor:
    """RMS normalisation over the last axis."""
    return x * torch.rsqrt(x.float().square().mean(-1, keepdim=True) + 1e-6).to(x.dtype)


def rotate(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary embedding; ``turn`` is (cos, sin), each (tokens, head width / 2)."""
    cos, sin = turn
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


Tokens = dict[str, Tensor]


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of every token to every token; at 500 tokens written out it costs 30 % less than torch's own."""
    weights = torch.softmax((q @ k.transpose(-1, -2)).float() * q.shape[-1] ** -0.5, -1)
    return weights.to(v.dtype) @ v


class Block(nn.Module):
    """Both streams, one attention."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.sound = StreamLayer(config)
        self.picture = StreamLayer(config)

    def forward(
        self, sound: Tensor, picture: Tensor, mods: tuple[Tensor, Tensor], cos: Tensor, sin: Tensor
    ) -> tuple[Tensor, Tensor]:
        """One step of both streams; ``cos``, ``sin`` cover sound tokens, then picture tokens."""
        heard = sound.shape[1]
        qs, ks, vs = self.sound.queries(sound, mods[0], (cos[:heard], sin[:heard]))
        qp, kp, vp = self.picture.queries(picture, mods[1], (cos[heard:], sin[heard:]))
        seen = attend(torch.cat([qs, qp], 2), torch.cat([ks, kp], 2), torch.cat([vs, vp], 2))
        return self.sound.finish(sound, seen[:, :, :heard], mods[0]), self.picture.finish(
            picture, seen[:, :, heard:], mods[1]
        )


class Seam(nn.Module):
    """Where sound meets picture: tokens of one instant and those around it, of all groups at one rate, side by side.

    Attention would have to find out that the same instant is what matters; here it is given. Begins as nothing.
    """

    def __init__(self, names: Sequence[str], config: Config) -> None:
        super().__init__()
        self.names = tuple(names)
        inner = len(names) * config.seam_width
        self.enter = nn.ModuleDict({name: nn.Linear(config.width, config.seam_width) for name in names})
        self.mark = nn.Linear(config.width, inner)
        self.near = nn.Conv1d(inner, inner, 5, padding=2)
        self.far = nn.Conv1d(inner, inner, 5, padding=4, dilation=2)
        self.wide = nn.Conv1d(inner, inner, 3, padding=4, dilation=4)
        self.leave = nn.ModuleDict({name: nn.Linear(inner, config.width) for name in names})
        for layer in (self.wide, *self.leave.values()):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(cast(Tensor, layer.bias))

    def forward(self, tokens: Tokens, mark: Tensor) -> tuple[Tokens, Tensor]:
        """Adds to the tokens (batch, tokens, width) of the seam's groups; others pass. ``mark`` is of the time.

        Also returns what it knows of every instant, (batch, tokens, inner), for the trainer to ask about.
        """
        joined = torch.cat([self.enter[name](tokens[name]) for name in self.names], -1) + self.mark(mark)[:, None]
        y = F.gelu(self.near(joined.transpose(1, 2)), approximate="tanh")
        y = self.far(y)
        y = F.gelu(y + self.wide(F.gelu(y, approximate="tanh")), approximate="tanh").transpose(1, 2)
        return tokens | {name: tokens[name] + self.leave[name](y) for name in self.names}, y


class Sketch(nn.Module):
    """The joint model. All dictionaries are keyed by group name, tensors are (batch, tokens, dims).

    Groups may be left out, in all dictionaries alike: contacts are learnt faster without words and music.
    """

    def __init__(self, config: Config | None = None, groups: tuple[Group, ...] = TRAINED) -> None:
        super().__init__()
        self.config = config = config or Config()
        self.groups = groups
        families = {family(group): group for group in groups}
        self.scores = nn.ModuleDict({name: ScoreEncoder(group, config) for name, group in families.items()})
        self.enter = nn.ModuleDict(
            {name: nn.Linear(3 * group.dims + 1, config.width) for name, group in families.items()}
        )
        self.leave = nn.ModuleDict({name: nn.Linear(config.width, group.dims) for name, group in families.items()})
        self.group_bias = nn.ParameterDict({group.name: torch.randn(config.width) * 0.02 for group in groups})
        self.clock = nn.Sequential(nn.Linear(128, config.width), nn.SiLU(), nn.Linear(config.width, config.width))
        self.modulate = nn.ModuleDict({stream: nn.Linear(config.width, 6 * config.width) for stream in STREAMS})
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.blocks)])
        meet = [group.name for group in groups if group.rate_hz == SEAM_HZ]
        self.seams = nn.ModuleDict({str(k): Seam(meet, config) for k in config.seams if k < config.blocks})
        self.last = nn.LayerNorm(config.width, elementwise_affine=False)
        for layer in (*self.modulate.values(), *self.leave.values()):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def stream(self, name: str) -> list[Group]:
        """Groups of one stream, in the order of the tokens."""
        return [group for group in self.groups if group.stream == name]

    def encode(self, ids: Tokens, values: Tokens, drop: Tensor) -> tuple[Tokens, Tokens]:
        """Score -> encodings and priors; where ``drop`` (batch,) is true the score is unknown."""
        encodings: Tokens = {}
        priors: Tokens = {}
        for group in self._of(values):
            encoder = self.scores[family(group)]
            encodings[group.name], priors[group.name] = encoder(ids[group.name], values[group.name], drop)
        return encodings, priors

    def denoise(
        self,
        x: Tokens,
        known: Tokens,
        given: Tokens,
        encodings: Tokens,
        priors: Tokens,
        time: Tensor,
        turn: Tensor,
        seen: list[Tensor] | None = None,
    ) -> Tokens:
        """Noisy tokens -> clean ones.

        Args:
            x: noisy tokens (clean where known).
            known: (batch, tokens, 1), 1 where given.
            given: clean tokens times ``known``.
            time: (batch,), 0 noise to 1 clean.
            turn: (2, all tokens, head width / 2), see :func:`turns`.
            seen: takes what each seam knows.
        """
        mark = F.silu(self._mark(time))
        streams = self._join(self._entered(x, known, given, encodings, priors))
        mods = tuple(self.modulate[name](mark).view(-1, 6, self.config.width) for name in STREAMS)
        for k, block in enumerate(self.blocks):
            if str(k) in self.seams:
                tokens, met = self.seams[str(k)](self._split(streams, x), mark)
                streams = self._join(tokens)
                if seen is not None:
                    seen.append(met)
            streams = block(*streams, mods, turn[0], turn[1])
        out = self._split((self.last(streams[0]), self.last(streams[1])), x)
        return {g.name: self.leave[family(g)](out[g.name]) for g in self._of(x)}

    def meet(
        self,
        x: Tokens,
        known: Tokens,
        given: Tokens,
        encodings: Tokens,
        priors: Tokens,
        time: Tensor,
        *,
        alone: bool = False,
    ) -> Tensor:
        """What the first seam knows, (batch, tokens, inner), without the cost of the blocks after it.

        Args:
            alone: only the seam is to learn from it, nothing before it.
        """
        with torch.set_grad_enabled(not alone):
            tokens, mark = self._entered(x, known, given, encodings, priors), F.silu(self._mark(time))
        return next(iter(self.seams.values()))(tokens, mark)[1]

    def _entered(self, x: Tokens, known: Tokens, given: Tokens, encodings: Tokens, priors: Tokens) -> Tokens:
        return {
            g.name: self.enter[family(g)](torch.cat([x[g.name], given[g.name], known[g.name], priors[g.name]], -1))
            + encodings[g.name]
            + self.group_bias[g.name]
            for g in self._of(x)
        }

    def _of(self, tokens: Tokens, stream: str | None = None) -> list[Group]:
        """The groups that are there, of one stream or of both."""
        return [g for g in self.groups if g.name in tokens and stream in (None, g.stream)]

    def _join(self, tokens: Tokens) -> tuple[Tensor, Tensor]:
        sound, picture = (torch.cat([tokens[g.name] for g in self._of(tokens, s)], 1) for s in STREAMS)
        return sound, picture

    def _split(self, streams: tuple[Tensor, Tensor], like: Tokens) -> Tokens:
        """The tokens of each group again, out of the two streams."""
        out: Tokens = {}
        for name, whole in zip(STREAMS, streams, strict=True):
            groups = self._of(like, name)
            parts = whole.split([like[g.name].shape[1] for g in groups], 1)
            out |= {g.name: part for g, part in zip(groups, parts, strict=True)}
        return out

    def _mark(self, time: Tensor) -> Tensor:
        frequencies = torch.exp(-math.log(1000.0) * torch.arange(64) / 64)
        angle = time[:, None] * 100.0 * frequencies
        return self.clock(torch.cat([angle.cos(), angle.sin()], -1))


def turns(times_s: Tensor, config: Config) -> Tensor:
    """Rotary tables for token times in seconds, (2, tokens, head width / 2)."""
    width = config.width // config.heads
    frequencies = ROPE_BASE ** (-torch.arange(0, width, 2) / width)
    angle = times_s[:, None].float() * ROPE_HZ * frequencies
    return torch.stack([angle.cos(), angle.sin()])
