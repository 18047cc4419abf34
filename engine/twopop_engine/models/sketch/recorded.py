"""Recorded dialogue: the recording is the dialogue stem, and what is measured in it moves the lips.

Nobody says which words it holds, so no phones are looked for: a mouth is read off the sound itself, every 10 ms. How
open it is follows loudness and the first formant's region, how wide or round the second's, teeth show in hiss, and a
gap in the voice closes the lips. The rest of the body is sampled as for a line of as many syllables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twopop.errors import BackendError, MediaError
from twopop.media.decode import decode_sound
from twopop.media.probe import probe
from twopop.media.wav import FULL_SCALE
from twopop.request import GenerationRequest
from twopop.timebase import SAMPLE_RATE, frame_to_sample, seconds_to_frames
from twopop.wire import Finding, Line, Reference

from .layout import CHARACTERS, Floats
from .stems import GAIN, cap

HOP_S: Final = 0.010
_WINDOW, _HOP = 1_536, 480
_FLOOR_DB, _RANGE_DB = -38.0, 30.0
"""Below the recording's own level (its loudest tenth) by the first, nobody speaks; the lips open over the second."""
_SYLLABLE_S: Final = 0.19
_SHAPES: Final = ("aperture", "width", "round", "teeth", "tongue", "jaw")

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded line in the take clock.

    Attributes:
        speaker: Whose lips move; "" for nobody's.
        start: Sample of the take at which it begins; may be negative.
        sound: `(samples, 2)` int32, 24-bit values, as recorded unless it was too loud for its stem.
        mouth: `(steps, 6)` every `HOP_S` from its start: aperture, width, round, teeth, tongue, jaw (layout's ranges).
        spoken_s: First and last moment with voice, from its start.
        begins: Sample of the take at which its first sample was recorded, also where only a part was read.
        heard: Whether it is the dialogue stem; else the cut plays it, and only lips follow.
    """

    speaker: str
    start: int
    sound: NDArray[np.int32]
    mouth: Doubles
    spoken_s: tuple[float, float]
    heard: bool = True
    begins: int = 0

    @property
    def start_s(self) -> float:
        """Take clock, seconds."""
        return self.start / SAMPLE_RATE

    def render(self, start: int, count: int) -> Doubles:
        """A stretch of it as a decoder gives it: at the stem's level it is the recording again, to the bit."""
        out = np.zeros((count, 2))
        if not self.heard:
            return out
        low, high = max(self.start, start), min(self.start + len(self.sound), start + count)
        if high > low:
            part = self.sound[low - self.start : high - self.start]
            out[low - start : high - start] = part / (FULL_SCALE * GAIN["dialogue"])
        return out


def read_recordings(request: GenerationRequest) -> tuple[Recording, ...]:
    """The recorded lines of a request (`REF MARA: wild/mara.wav`, `TP DX MARA:` under it), in time order.

    Raises:
        BackendError: one cannot be read (`bad_reference`), or is longer than the shot (`line_too_long`).
    """
    found = [_read(request, reference) for reference in request.brief.references if reference.kind == "line"]
    return tuple(sorted(found, key=lambda recording: recording.start))


def _read(request: GenerationRequest, reference: Reference) -> Recording:
    path, name = Path(reference.path), Path(reference.path).name
    at = request.used.start if reference.at_frames is None else reference.at_frames
    start = frame_to_sample(at - request.generated.start, request.frame_rate)
    begins = start
    first, count = reference.part or (0, None)
    if not reference.heard and count is not None:  # of a long recording, what the take shows
        before = max(0, -start)
        first, count = first + before, max(0, min(count - before, request.samples - max(start, 0)))
        start = max(start, 0)
    try:
        facts = probe(path)
        if reference.heard:
            _check_length(request, at, facts.samples / max(facts.sample_rate, 1), reference.speaker)
        blocks = list(decode_sound(path, start=first, samples=count)) if count != 0 else []
    except MediaError as exc:
        raise BackendError(
            f"Shot {request.name}: recorded line {name} cannot be read ({exc}) Nothing was generated.",
            code="bad_reference",
        ) from exc
    sound = np.concatenate([np.zeros((0, 2), np.int32), *blocks])
    level = float(np.abs(sound).max(initial=0)) / FULL_SCALE
    if level > cap("dialogue"):  # the stems add up without clipping only while each keeps to its cap
        sound = np.rint(sound * (cap("dialogue") * 0.999 / level)).astype(np.int32)
    mouth, spoken = measure_mouth(sound.mean(axis=1) / FULL_SCALE)
    return Recording(reference.speaker, start, sound, mouth, spoken, reference.heard, begins)


def _check_length(request: GenerationRequest, at: int, seconds: float, speaker: str) -> None:
    needs = int(np.ceil(seconds * float(request.frame_rate) - 1e-6))
    has = request.used.end - max(at, request.used.start)
    if needs > has:
        raise BackendError(
            f"Shot {request.name}: the recorded line of {speaker} is {needs} frames long, the shot from its marker on "
            f"{max(has, 0)}. Lengthen the shot by {needs - max(has, 0)} frames, trim the recording, or move its "
            f"marker. Nothing was generated.",
            code="line_too_long",
        )


# --- what the sound says of the mouth ---


def measure_mouth(sound: Doubles) -> tuple[Doubles, tuple[float, float]]:
    """A mouth every 10 ms, and from when to when there is voice.

    Args:
        sound: `(samples,)` mono at 48 kHz, full scale 1.
    """
    power, hz = _spectra(sound)
    level_db = 10.0 * np.log10(power[:, (hz > 80) & (hz < 8_000)].sum(axis=1) + 1e-12)
    loud_db = float(np.quantile(level_db, 0.9))
    voiced = level_db > max(loud_db + _FLOOR_DB, -75.0)
    if not voiced.any():
        return np.zeros((len(power), len(_SHAPES))), (0.0, 0.0)
    energy = np.clip((level_db - loud_db + _RANGE_DB) / _RANGE_DB, 0.0, 1.0) * voiced
    first = _between(_centre(power, hz, 200, 1_000), voiced)
    second = _between(_centre(power, hz, 900, 2_600), voiced)
    hiss = power[:, (hz > 3_500) & (hz < 9_000)].sum(axis=1)
    hiss = np.clip(2.2 * hiss / (power[:, (hz > 80) & (hz < 9_000)].sum(axis=1) + 1e-12) - 0.3, 0.0, 1.0) * voiced
    open_ = energy * (0.25 + 0.75 * first) * (1.0 - 0.75 * hiss)
    rounded = np.clip(1.2 - 2.4 * second, 0.0, 1.0) * energy * (1.0 - hiss)
    width = 0.5 + 0.45 * (second - 0.5) * energy + 0.15 * hiss
    mouth = np.stack(
        [
            0.85 * open_,
            width,
            rounded,
            np.maximum(hiss, 0.3 * energy),
            0.15 * energy + 0.3 * energy * second,
            0.7 * open_,
        ],
        axis=1,
    )
    at = np.flatnonzero(voiced)
    return np.clip(_smoothed(mouth), 0.0, 1.0), (at[0] * HOP_S, (at[-1] + 1) * HOP_S)


def _spectra(sound: Doubles) -> tuple[Doubles, Doubles]:
    """Power spectra, `(steps, bins)`, of 32 ms around every 10 ms, and their frequencies in Hz."""
    steps = max(1, -(-len(sound) // _HOP))
    padded = np.pad(sound, (_WINDOW // 2, _WINDOW // 2 + _HOP))
    emphasised = np.append(padded[:1], padded[1:] - 0.9 * padded[:-1])
    window = np.hanning(_WINDOW)
    power: Doubles = np.empty((steps, _WINDOW // 2 + 1))
    for first in range(0, steps, 1_024):
        starts = np.arange(first, min(first + 1_024, steps)) * _HOP
        frames = emphasised[starts[:, None] + np.arange(_WINDOW)] * window
        power[first : first + len(starts)] = np.abs(np.fft.rfft(frames, axis=-1)) ** 2 / _WINDOW
    hz: Doubles = np.asarray(np.fft.rfftfreq(_WINDOW, 1.0 / SAMPLE_RATE), np.float64)
    return power, hz


def _centre(power: Doubles, hz: Doubles, low: float, high: float) -> Doubles:
    """Where the sound's weight lies between two frequencies, per step, in Hz."""
    band = (hz >= low) & (hz <= high)
    weight = np.sqrt(power[:, band]) + 1e-9
    return (weight * hz[band]).sum(axis=1) / weight.sum(axis=1)


def _between(values: Doubles, where: NDArray[np.bool_]) -> Doubles:
    """Values as 0 to 1 between what is low and what is high for this very speaker."""
    low, high = np.quantile(values[where], (0.1, 0.9))
    return np.clip((values - low) / max(float(high - low), 1e-6), 0.0, 1.0)


def _smoothed(mouth: Doubles) -> Doubles:
    """Over three steps: faster than that no lip moves."""
    padded = np.pad(mouth, ((1, 1), (0, 0)), mode="edge")
    return 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]


# --- what becomes of it ---


def with_spoken(request: GenerationRequest, recordings: Sequence[Recording]) -> GenerationRequest:
    """The request with a line for every recording: its speaker is on stage and speaks then. Lines it replaces go."""
    if not recordings:
        return request
    lines = list(request.brief.lines)
    for recording in recordings:
        rate, origin = request.frame_rate, request.generated.start
        begin, end = (recording.start_s + at for at in recording.spoken_s)
        first, last = (origin + seconds_to_frames(at, rate) for at in (begin, end))
        begun = min(first, origin + seconds_to_frames(recording.begins / SAMPLE_RATE, rate)) - 12
        replaced = [one for one in lines if one.speaker == recording.speaker and begun <= one.at_frames <= last]
        lines = [one for one in lines if one not in replaced]
        words = replaced[0].text if replaced else _syllables(end - begin)
        if recording.speaker and end > begin:
            spoken = Line(speaker=recording.speaker, text=words, at_frames=first, length_frames=max(1, last - first))
            lines.append(spoken)
    lines.sort(key=lambda line: line.at_frames)
    return request.model_copy(update={"brief": request.brief.model_copy(update={"lines": tuple(lines)})})


def _syllables(seconds: float) -> str:
    """As many syllables as fit: what a face does while it speaks does not depend on which they are."""
    return " ".join(["da"] * max(1, round(seconds / _SYLLABLE_S))) + "."


def is_recorded(recordings: Sequence[Recording], speaker: str, start_s: float) -> bool:
    """Whether a line of the reading stands for a recording."""
    return any(
        recording.speaker == speaker and abs(recording.start_s + recording.spoken_s[0] - start_s) < 0.1
        for recording in recordings
    )


def with_lips(tokens: dict[str, Floats], recordings: Sequence[Recording], names: Sequence[str]) -> dict[str, Floats]:
    """Tokens in which the mouths of recorded speakers do what was measured, for as long as they speak."""
    out = dict(tokens)
    for recording in recordings:
        if recording.speaker in names and names.index(recording.speaker) < len(CHARACTERS):
            group = CHARACTERS[names.index(recording.speaker)]
            out[group.name] = _spoken_by(out[group.name], recording)
    return out


def _spoken_by(values: Floats, recording: Recording) -> Floats:
    group = CHARACTERS[0]
    out, centres = values.copy(), group.times_s(len(values))
    clock = np.arange(len(recording.mouth)) * HOP_S + recording.start_s
    for half, offset in ((0, -0.25), (1, 0.25)):
        at = centres + offset / group.rate_hz
        begin, end = (recording.start_s + moment for moment in recording.spoken_s)
        share = np.clip(np.minimum(at - begin + 0.06, end + 0.06 - at) / 0.06, 0.0, 1.0)
        for k, shape in enumerate(_SHAPES):
            column = group.index[f"{shape}.{half}"]
            measured = np.interp(at, clock, recording.mouth[:, k])
            out[:, column] = (1.0 - share) * out[:, column] + share * measured
    return out.astype(np.float32)


def findings_of(request: GenerationRequest, recordings: Sequence[Recording]) -> Iterator[Finding]:
    """What there is to say about recordings that say nothing."""
    for recording in recordings:
        if recording.spoken_s[1] <= recording.spoken_s[0]:
            message = f"Shot {request.name}: a recorded line of {recording.speaker or 'nobody'} holds no voice."
            yield Finding(level="warning", code="silent_recording", shot=request.name, message=message)
