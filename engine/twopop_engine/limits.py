"""What the server accepts and keeps. Every bound is one field here; a refusal says the nearest legal value."""

from __future__ import annotations

import errno
import shutil
from dataclasses import dataclass
from pathlib import Path

from twopop.profiles import Profile
from twopop.request import GenerationRequest

MB = 1_000_000


class Refusal(Exception):
    """A request the server does not take: status, stable code, message, the parameter at fault."""

    def __init__(
        self, status: int, code: str, message: str, *, param: str | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.param, self.retry_after_s = param, retry_after_s


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one server."""

    body_bytes: int = 96 * MB
    reference_bytes: int = 24 * MB
    references: int = 8
    document_bytes: int = 2 * MB
    """Of one form field: the brief."""
    head_s: float = 20.0
    """Request line and headers, from the connection or their first byte on."""
    body_s: float = 600.0
    """A body, from its headers on."""
    connections: int = 256
    queued: int = 200
    queued_per_owner: int = 100
    frames: int = 100_000
    pixels: int = 8192 * 4320
    seconds: float = 3600.0
    job_s: float = 3600.0
    """Wall clock of one job; then its worker is ended and the job failed."""
    ttl_s: float = 7 * 86_400.0
    """How long results stay."""
    free_bytes: int = 500 * MB
    """Low-water mark of the disk: below it no job is taken."""

    def check_request(self, request: GenerationRequest, profile: Profile) -> None:
        """Refuses what is too long, too large, or not on the model's grid, with the nearest legal value.

        A bed has no picture: it may have any length, and no size.
        """
        most = min(self.frames, int(self.seconds * request.frame_rate))
        if request.frames > most:
            longest = profile.grid.at_most(most)
            message = f"{request.frames} frames are more than this server makes in one job. Nearest: {longest}."
            raise Refusal(400, "too_long", message, param="num_frames")
        if request.kind == "bed":
            if not profile.beds or request.frames < 1:
                raise Refusal(400, "no_beds", f"{profile.name} makes no ambience or music alone.", param="extra_params")
            return
        if request.retake and not profile.masks:
            message = f"{profile.name} cannot keep a part of a take. Nothing was started."
            raise Refusal(400, "no_masks", message, param="extra_params")
        self._check_length(request, profile, most)
        self._check_size(request, profile)
        rates = profile.frame_rates
        if rates and request.frame_rate not in rates:
            near = min(rates, key=lambda rate: abs(rate - request.frame_rate))
            raise Refusal(400, "illegal_fps", f"{profile.name} makes {_list(rates)} fps. Nearest: {near}.", param="fps")

    def _check_length(self, request: GenerationRequest, profile: Profile, most: int) -> None:
        grid = profile.grid
        legal = grid.at_most(request.frames)
        if request.frames < 1 or legal != request.frames:
            longest = grid.at_most(grid.maximum) if grid.maximum else most
            near = grid.at_least(min(max(request.frames, 1), longest))
            rule = f"{grid.step}k+{grid.offset} frames" if grid.step > 1 else "a whole number of frames"
            if grid.maximum:
                rule += f", at most {longest}"
            message = f"num_frames={request.frames}: {profile.name} makes {rule}. Nearest: {near}."
            raise Refusal(400, f"frames_not_{grid.step}k_plus_{grid.offset}", message, param="num_frames")

    def _check_size(self, request: GenerationRequest, profile: Profile) -> None:
        width, height = request.width, request.height
        near = profile.fit_size(width, height)
        if near != (width, height):
            message = (
                f"size={width}x{height}: {profile.name} makes multiples of {profile.size_multiple} from "
                f"{_size(profile.smallest)} to {_size(profile.largest)}. Nearest: {_size(near)}."
            )
            raise Refusal(400, "illegal_size", message, param="size")
        if width * height > self.pixels:
            raise Refusal(400, "too_large", f"{width}x{height} is over {self.pixels} pixels.", param="size")

    def check_queue(self, queued: int, queued_by_owner: int) -> None:
        """Refuses (429) where the queue is full."""
        if queued >= self.queued or queued_by_owner >= self.queued_per_owner:
            raise Refusal(429, "queue_full", "The queue is full. Try again later.", retry_after_s=10)

    def check_disk(self, folder: Path) -> None:
        """Refuses (507) below the low-water mark."""
        if shutil.disk_usage(folder).free < self.free_bytes:
            message = f"Less than {self.free_bytes // MB} MB are free on the server's disk. Nothing was started."
            raise Refusal(507, "disk_full", message)


def is_full(exc: Exception) -> bool:
    """True where a file or the jobs could not be written for want of space."""
    full = isinstance(exc, OSError) and exc.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return full or "disk is full" in str(exc)


def _size(pair: tuple[int, int]) -> str:
    return f"{pair[0]}x{pair[1]}"


def _list(values: tuple[object, ...]) -> str:
    return ", ".join(str(value) for value in values)
