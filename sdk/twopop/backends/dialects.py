"""What differs between servers of the `/v1/videos` family, as data rows, and the few lines the rows cannot say.

Read from vLLM-Omni 0.30.0 and SGLang-Diffusion 0.5.23 in November 2026; `make contract` holds them against the real
modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any, Literal

from ..media.ingest import is_stretch
from ..profiles import Profile
from ..request import GenerationRequest
from ..timebase import FrameGrid
from ..wire import Brief


@dataclass(frozen=True, slots=True)
class Dialect:
    """One server's way of speaking."""

    name: str
    owned_by: tuple[str, ...] = ()
    """What its `/v1/models` entries say."""
    variant: bool = False
    """`/content?variant=` names a file; elsewhere the parameter is ignored or means something else."""
    replay: bool = False
    """A create with the same Idempotency-Key makes no second job."""
    cancel: Literal["route", "delete", ""] = ""
    frames: bool = True
    """Takes `num_frames` and `fps`; else only `seconds`."""
    long_poll_s: float = 0.0
    """A poll may wait so long for news (`wait_s`): fewer requests, and the end is heard at once."""
    whole_fps: bool = False
    """`fps` must be an integer."""
    sound_field: str = ""
    """The field that asks for sound, or for silence."""
    negative: bool = True
    seed: bool = True
    price_per_second: float = 0.0
    """Assumed where a server may cost money and does not say, so that budget and "never buy twice" hold."""


OURS = Dialect(
    "ours", ("twopop",), variant=True, replay=True, cancel="route", long_poll_s=0.5, sound_field="generate_audio"
)

DIALECTS: dict[str, Dialect] = {
    "ours": OURS,
    "sglang": Dialect("sglang", ("sglang",), whole_fps=True),
    "strict-openai": Dialect(
        "strict-openai", ("openai",), frames=False, negative=False, seed=False, price_per_second=0.1
    ),
    "vllm-omni": Dialect("vllm-omni", ("vllm", "vllm-omni"), cancel="delete", sound_field="generate_sound"),
}


@dataclass(frozen=True, slots=True)
class Family:
    """What is known of the models whose name holds one of `words`."""

    words: tuple[str, ...]
    grid: FrameGrid
    frame_rates: tuple[int | Fraction, ...]
    size_multiple: int = 32
    largest: tuple[int, int] = (1920, 1088)


FAMILIES = (
    Family(("ltx",), FrameGrid(8, 1, 9, 481), (24, 25, 30, 50, 60), 64, (3840, 2176)),
    Family(("joyecho", "joyai-echo"), FrameGrid(8, 1, 9, 241), (25,), 64),
    Family(("minimax-h3", "fasth3"), FrameGrid(17, 5, 124, 362), (24,)),
    Family(("mova",), FrameGrid(4, 1, 5, 193), (24,), 16),
    Family(("magi-2",), FrameGrid(1, 0, 125, 125), (Fraction(25, 2),)),
    Family(("cosmos3",), FrameGrid(4, 1, 5, 189), (24,)),
)
"""Open joint models; all give one mix, none gives stems."""

_UNKNOWN = Family((), FrameGrid(1, 0, 1, 480), (24,), 16)


def dialect_of(entry: Mapping[str, Any]) -> Dialect:
    """The dialect a `/v1/models` entry speaks; `strict-openai`, the least of all, where it does not say."""
    owner = str(entry.get("owned_by", "")).lower()
    for dialect in DIALECTS.values():
        if owner in dialect.owned_by:
            return dialect
    return DIALECTS["strict-openai"]


def foreign_profile(dialect: Dialect, model: str) -> Profile:
    """What is known of `model` on a server that does not publish profiles.

    Its weights have no hash there: the model's name stands for them.
    """
    family = next((family for family in FAMILIES if any(word in model.lower() for word in family.words)), _UNKNOWN)
    rates = tuple(Fraction(rate) for rate in family.frame_rates)
    if dialect.whole_fps:
        rates = tuple(rate for rate in rates if rate.denominator == 1) or (Fraction(24),)
    return Profile(
        name=f"{model} on {dialect.name}",
        model=model,
        weights=model,
        recipe=f"{dialect.name}.1",
        grid=family.grid,
        frame_rates=rates,
        size_multiple=family.size_multiple,
        smallest=(256, 256),
        largest=family.largest,
        stems=(),
        beds=False,
        price_per_second=dialect.price_per_second,
        concurrency=2,
        replay=dialect.replay,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The length asked of a model at its own rate: at least what the request needs, on the model's grid."""

    frames: int
    frame_rate: Fraction


def asked_length(request: GenerationRequest, profile: Profile) -> Asked:
    """How many frames at which rate give `request`, once `media/ingest.py` has conformed them."""
    rate = profile.generates_at(request.frame_rate)
    if is_stretch(rate, request.frame_rate):
        return Asked(profile.legal_frames(request.frames), rate)
    return Asked(profile.legal_frames(ceil(request.frames * rate / request.frame_rate)), rate)


def create_form(dialect: Dialect, request: GenerationRequest, profile: Profile) -> dict[str, str]:
    """Fields of the multipart create, without files and without our own `extra_params`."""
    asked = asked_length(request, profile)
    form = {
        "prompt": prompt_text(request.brief),
        "model": request.model,
        "size": f"{request.width}x{request.height}",
    }
    if dialect.frames:
        form["num_frames"] = str(asked.frames)
        form["fps"] = _number(asked.frame_rate)
    else:
        form["seconds"] = str(ceil(asked.frames / asked.frame_rate))
    if dialect.seed:
        form["seed"] = str(request.seed)
    if dialect.negative and request.brief.negative:
        form["negative_prompt"] = request.brief.negative
    if dialect.sound_field:
        form[dialect.sound_field] = "true" if request.brief.sound else "false"
    return form


def prompt_text(brief: Brief) -> str:
    """A brief as the text hosted joint models are taught to read: picture, camera, speech in quotes, sound by name."""
    picture = [brief.style, brief.prompt, f"Camera: {brief.camera}" if brief.camera else ""]
    voices = {voice.speaker: voice.description for voice in brief.voices}
    parts = [sentence for text in picture if (sentence := _sentence(text))]
    for line in brief.lines:
        who = f"{line.speaker} ({voices[line.speaker]})" if line.speaker in voices else line.speaker
        how = f", {line.manner}" if line.manner else ""
        place = "" if line.lips else " off screen"
        parts.append(f'{who} says{place}{how}: "{line.text}"')
    names = {"effects": "SFX", "ambience": "Ambient noise", "music": "Music", "dialogue": "Voice"}
    parts += [f"{names[cue.role]}: {_sentence(cue.text)}" for cue in brief.cues if cue.text]
    return " ".join(parts) or "A quiet scene."


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?\"'" else text + "."


def _number(rate: Fraction) -> str:
    return str(rate.numerator) if rate.denominator == 1 else f"{float(rate):.6g}"


REFUSAL_CODES = (
    "moderation", "content_policy", "content_filter", "safety", "refused", "policy_violation", "blocked", "nsfw",
)  # fmt: skip
"""Words in an error code that mean the service declined, rather than failed."""


def is_refusal(code: str) -> bool:
    """True for the codes by which services of the family decline a prompt."""
    return any(word in code.lower() for word in REFUSAL_CODES)
