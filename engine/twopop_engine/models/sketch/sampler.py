"""Encode, schedule, denoise: a score and a seed -> tokens of every group, on onnxruntime alone.

All groups are sampled in one pass, so picture and sound decide together. What is frozen is given to the
model as clean tokens and copied to the output, never sampled again. Noise is a pure function of (seed, group,
absolute token), so windows, threads and chunks cannot matter to it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .agreement import Agreement, Mask, agreement
from .layout import TRAINED, Floats, Group
from .noise import stream_key
from .scaling import Scaling, expected
from .score import Score, ScoreTokens, score_tokens, token_span, token_times
from .windowing import (
    UNSURE_S,
    WINDOW_S,
    Frozen,
    Tokens,
    cut_of,
    frozen_part,
    prefix,
    restaged_for,
    staged_for,
    windows_around,
    windows_of,
    with_hands_let_go,
    with_things_left_alone,
)

WEIGHTS = Path(__file__).parent / "weights"
_HASTE = 1.8
"""Steps are long at first and short at the end, where it is decided to the centimetre what touches what."""
_ROPE_BASE, _ROPE_HZ, _HEAD_WIDTH = 2000.0, 50.0, 64


@dataclass(frozen=True, slots=True)
class Schedule:
    """How carefully to sample.

    Attributes:
        steps: Euler steps of a take.
        takes: A window whose picture and sound disagree (`agreement`) is taken again, so often in all at most; the
            one that agrees best stays.
    """

    steps: int = 6
    takes: int = 6


Progress = Callable[[int, int], None]
"""Called after every step with (steps done, steps in all), the latter again by every further take of a window; raise
in it to cancel."""


class Sampler:
    """The model, loaded once.

    Args:
        weights: folder of the graphs, their weights and tables.
        threads: onnxruntime's threads, which do not matter to the tokens. One costs least; two have the first window
            done in half the time, while nothing can be drawn yet.

    Raises:
        FileNotFoundError: naming what is missing.
    """

    def __init__(self, weights: Path = WEIGHTS, threads: int = 1) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # drawing has a use for the core
        needed = ("encode.onnx", "denoise.onnx", "sketch.safetensors", "tables.npz")
        for name in needed:
            if not (weights / name).is_file():
                raise FileNotFoundError(f"sketch needs {name} in {weights}; reinstall twopop or run make train")
        self._encode, self._denoise = (
            onnxruntime.InferenceSession(str(weights / name), options, providers=["CPUExecutionProvider"])
            for name in needed[:2]
        )
        with np.load(weights / "tables.npz") as tables:
            self._scaling = Scaling(dict(tables))

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Groups in the graph; others of the layout are not trained yet."""
        names = {entry.name.partition(".")[2] for entry in self._denoise.get_inputs()}
        return tuple(group for group in TRAINED if group.name in names)

    def sample(
        self,
        score: Score,
        seconds: float,
        *,
        seed: int,
        start_s: float = 0.0,
        frozen: Mapping[str, Frozen] | None = None,
        schedule: Schedule | None = None,
        progress: Progress | None = None,
    ) -> Tokens:
        """One window.

        Args:
            score: in stage time.
            seconds: length, a multiple of ``GRID_S``; 2 to 8 s work well (trained on 3.2).
            seed: with the same seed and score the same tokens come out.
            start_s: where the window lies in stage time, a multiple of ``GRID_S``.
            frozen: what is given, by group, for this window.

        Returns:
            Tokens in natural units by group name, ``(tokens, dims)`` float32; of music those that lie past the
            window's end too.
        """
        schedule = schedule or Schedule()
        spans = {group.name: token_span(score, group, start_s, seconds) for group in self.groups}
        rest = {g.name: expected(score, g, token_times(score, g, *spans[g.name])) for g in self.groups}
        known, clean = self._given(spans, frozen or {}, rest)
        turn = _turns(self.groups, score, spans, start_s)
        told = {"turn": turn, **self._score(score, spans)}
        told |= {f"known.{name}": mask[None].astype(np.float32) for name, mask in known.items()}
        told |= {f"given.{name}": (clean[name] * known[name])[None] for name in known}
        unknown = {name: ~mask[:, 0] for name, mask in known.items()}
        found, best = Agreement(), Tokens()
        for take in range(schedule.takes):
            noise = {group.name: _noise(seed, group, spans[group.name], take) for group in self.groups}
            stepped = progress and (lambda done, steps, later=take > 0: progress(steps if later else done, steps))
            x = self._denoised(noise, known, clean, told, schedule.steps, stepped)
            tokens = self._natural(x, frozen or {}, rest)
            now = agreement(tokens, score, start_s, unknown)
            if not best or now.share > found.share:
                found, best = now, tokens
            if not now.apart:
                break
        return best

    def _denoised(
        self,
        noise: Tokens,
        known: Mapping[str, Mask],
        clean: Tokens,
        told: Mapping[str, npt.NDArray[Any]],
        steps: int,
        progress: Progress | None,
    ) -> Tokens:
        """Tokens out of noise, normalised; what is known is clean all along."""
        x = {name: np.where(mask, clean[name], noise[name]) for name, mask in known.items()}
        times = 1.0 - (1.0 - np.linspace(0.0, 1.0, steps + 1)) ** _HASTE
        for step, (now, then) in enumerate(itertools.pairwise(times)):
            feeds = {f"x.{name}": value[None] for name, value in x.items()}
            guess = self._guess({**told, **feeds, "time": np.full(1, now, np.float32)})
            share = np.float32((then - now) / (1.0 - now))
            for name, target in guess.items():
                x[name] = np.where(known[name], clean[name], x[name] + share * (target - x[name]))
            if progress:
                progress(step + 1, steps)
        return x

    def sample_scene(
        self,
        score: Score,
        seconds: float,
        *,
        seed: int,
        schedule: Schedule | None = None,
        progress: Progress | None = None,
    ) -> Tokens:
        """A scene of any length, as a whole; see ``grow_scene``."""
        *_, whole = self.grow_scene(score, seconds, seed=seed, schedule=schedule, progress=progress)
        return whole

    def grow_scene(
        self,
        score: Score,
        seconds: float,
        *,
        seed: int,
        given: Mapping[str, Frozen] | None = None,
        schedule: Schedule | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Tokens]:
        """A scene of any length: equal windows of at most ``WINDOW_S``, each over the end of the one before.

        Args:
            given: Tokens the scene begins with, by group, from its first token on.

        Yields all tokens so far after every window; what was yielded once never changes, so drawing can begin.
        Walks longer than a window are made in stages: each window begins where the last one left everybody.
        """
        given = given or {}
        windows = windows_of(seconds)
        out: Tokens = {}
        for k, (start, length) in enumerate(windows):
            frozen = prefix(out, given, self.groups, score, start, length)
            before = out or {name: held.values[-1:] for name, held in given.items()}
            staged = with_things_left_alone(staged_for(score, before, start), before, start, length)
            window = self.sample(
                staged,
                length,
                seed=seed,
                start_s=start,
                frozen=frozen,
                schedule=schedule,
                progress=progress and (lambda done, steps, k=k: progress(k * steps + done, len(windows) * steps)),
            )
            window = with_hands_let_go(window, score, staged, frozen)
            sure_s = start + length - (UNSURE_S if k + 1 < len(windows) else 0.0)
            for group in self.groups:
                begins, ends = (cut_of(score, group, at, 0.0).start for at in (start, sure_s))
                fresh = window[group.name][len(out.get(group.name, ())) - begins : ends - begins]
                out[group.name] = np.concatenate([out[group.name], fresh]) if k else fresh
            yield dict(out)

    def regrow(
        self,
        score: Score,
        tokens: Tokens,
        known: Mapping[str, Mask],
        *,
        seed: int,
        window_s: float = WINDOW_S,
        schedule: Schedule | None = None,
        progress: Progress | None = None,
    ) -> Tokens:
        """A scene of which a part is sampled anew, in windows around it; all that is known comes back untouched.

        Args:
            tokens: The scene as it is, from its start, in natural units.
            known: By group, ``(tokens,)``: which of them stay. A group that is not named stays as a whole.
            window_s: Longest window, a multiple of ``GRID_S``.
        """
        now = {name: values.copy() for name, values in tokens.items()}
        held = {g.name: known.get(g.name, np.ones(len(now[g.name]), np.bool_)).copy() for g in self.groups}
        kept = {name: mask.copy() for name, mask in held.items()}
        windows = windows_around(score, self.groups, held, window_s)
        for k, (start, length) in enumerate(windows):
            cut = {group.name: cut_of(score, group, start, length) for group in self.groups}
            window = self.sample(
                restaged_for(score, now, held, cut, start),
                length,
                seed=seed,
                start_s=start,
                frozen={name: frozen_part(now[name], held[name], part) for name, part in cut.items()},
                schedule=schedule,
                progress=progress and (lambda done, steps, k=k: progress(k * steps + done, len(windows) * steps)),
            )
            for name, part in cut.items():
                fresh = window[name][: len(now[name][part])]
                now[name][part] = np.where(kept[name][part, None], tokens[name][part], fresh)
                held[name][part] = True
        return now

    def _given(
        self, spans: Mapping[str, tuple[int, int]], frozen: Mapping[str, Frozen], rest: Tokens
    ) -> tuple[dict[str, Mask], Tokens]:
        known: dict[str, Mask] = {}
        clean: Tokens = {}
        for group in self.groups:
            tokens = spans[group.name][1]
            held = frozen.get(group.name)
            known[group.name] = np.zeros((tokens, 1), np.bool_)
            clean[group.name] = np.zeros((tokens, group.dims), np.float32)
            if held is not None:
                if held.values.shape != clean[group.name].shape:
                    raise ValueError(f"frozen {group.name} is {held.values.shape}, the window {(tokens, group.dims)}")
                known[group.name] = held.known.reshape(-1, 1)
                clean[group.name] = self._scaling.normal(group, held.values, rest[group.name])
        return known, clean

    def _score(self, score: Score, spans: Mapping[str, tuple[int, int]]) -> dict[str, npt.NDArray[Any]]:
        """Encodings and priors of the score."""
        feeds: dict[str, npt.NDArray[Any]] = {"drop": np.array([False])}
        for group in self.groups:
            first, tokens = spans[group.name]
            read: ScoreTokens = score_tokens(score, group, token_times(score, group, first, tokens))
            feeds |= {f"ids.{group.name}": read.ids[None], f"values.{group.name}": read.values[None]}
        accepted = {entry.name for entry in self._encode.get_inputs()}
        names = [entry.name for entry in self._encode.get_outputs()]
        feeds = {name: value for name, value in feeds.items() if name in accepted}  # some groups have no phones
        out: Any = self._encode.run(names, feeds)
        return dict(zip(names, out, strict=True))

    def _guess(self, feeds: dict[str, npt.NDArray[Any]]) -> Tokens:
        """The clean tokens, as far as they can be told from noisy ones."""
        out: Any = self._denoise.run([f"clean.{group.name}" for group in self.groups], feeds)
        return {group.name: rows[0] for group, rows in zip(self.groups, out, strict=True)}

    def _natural(self, x: Tokens, frozen: Mapping[str, Frozen], rest: Tokens) -> Tokens:
        out = {g.name: self._scaling.natural(g, x[g.name], rest[g.name]) for g in self.groups}
        for name, held in frozen.items():
            out[name] = np.where(held.known.reshape(-1, 1), held.values, out[name])
        return {name: value.astype(np.float32) for name, value in out.items()}


def _noise(seed: int, group: Group, span: tuple[int, int], take: int = 0) -> Floats:
    """Noise of a stretch of tokens: token k is Philox at counter k, so any two windows agree on it.

    Twelve uniforms a number, added: as good as normal to four sigma, and exact on every processor.
    """
    key = stream_key(seed, "latent", group.name, *([str(take)] if take else []))
    first, tokens = span
    words = 6 * group.dims
    counters = ((k % 2**64) << 128 for k in range(first, first + tokens))
    raw = np.stack([np.random.Philox(key=key, counter=counter).random_raw(words) for counter in counters])
    uniforms = raw.view(np.uint32).reshape(tokens, group.dims, 12).astype(np.float64) * 2.0**-32
    return (uniforms.sum(-1) - 6.0).astype(np.float32)


def _turns(groups: tuple[Group, ...], score: Score, spans: Mapping[str, tuple[int, int]], start_s: float) -> Floats:
    """Rotary tables (cos, sin) for a window's tokens, sound before picture, on the window's own clock."""
    ordered = sorted(groups, key=lambda group: group.stream != "sound")
    parts = [
        group.times_s(count) if group.rate_hz else token_times(score, group, first, count) - start_s
        for group, (first, count) in ((group, spans[group.name]) for group in ordered)
    ]
    times = np.concatenate(parts)
    frequencies = _ROPE_BASE ** (-np.arange(0, _HEAD_WIDTH, 2) / _HEAD_WIDTH)
    angle = times[:, None] * _ROPE_HZ * frequencies
    return np.stack([np.cos(angle), np.sin(angle)]).astype(np.float32)
