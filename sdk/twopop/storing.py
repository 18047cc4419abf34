"""Turns what a model wrote into a take of the store: stamped, checked, measured, hashed, sealed, placed.

All of it happens in a working folder inside the store (same disk, so that placing is a rename). The slate is placed
last; whatever ends the process before that leaves no take, and the next try sweeps the working folder.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .errors import LedgerError, MediaError
from .jobs import now
from .joining import joined
from .labels import take_name
from .media.stamp import Stamp, stamp_movie, stamp_wav, wav_chunks
from .request import GenerationRequest
from .slates import SLATE, place, seal_of, sha256_file, write_new
from .store import WORK, TakeStore
from .take import Slate, Take
from .wire import TRACK_NAMES, FileRecord, Finding, Role

if TYPE_CHECKING:
    import numpy as np

    from .backends.base import TakeFiles

    Sound = np.ndarray[Any, np.dtype[np.int32]]

Check = Callable[[Take], Sequence[Finding]]
"""Judges a take whose files are finished and whose slate is not sealed yet."""

_READ_ONLY = 0o444
_DISK = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM})


def add_take(
    store: TakeStore, request: GenerationRequest, files: TakeFiles, *, backend: str, cost: float, qc: Check | None
) -> Take:
    """See `TakeStore.add`."""
    _ = store.id  # makes the folder, or says why not
    try:
        with _claimed(store, request.name) as (number, folder):
            name = take_name(request.name, number)
            if request.retake:
                files = joined(store, request, files, folder)
            stamp = Stamp.for_request(request, take=name, shot=request.name, number=number)
            paths = _stamped(files, folder, stamp)
            _count(request, paths)
            silent, loudness = _measured(paths)
            asked = _recorded(request)
            slate = Slate(
                take=name, shot=request.name, number=number, request=asked, backend=backend,
                frames=request.frames, samples=request.samples,
                files={role: _record(path) for role, path in paths.items()}, silent=silent, events=files.events,
                cost=cost, loudness=loudness, facts=files.facts, made_at=now(),
            )  # fmt: skip
            findings = (*said_by_model(slate), *_judged(qc, Take(slate, folder)))
            slate = slate.model_copy(update={"findings": findings})
            return _placed(store, slate.model_copy(update={"seal": seal_of(slate)}), folder)
    except MediaError as exc:
        if trouble := disk_trouble(exc):
            raise store.error("cannot be written", trouble) from exc
        raise
    except OSError as exc:
        raise store.error("cannot be written", exc) from exc


def _recorded(request: GenerationRequest) -> GenerationRequest:
    """The request as a slate keeps it: what a shot goes on from is named, the file is not."""
    if request.before is None:
        return request
    named = request.before.model_copy(update={"latents": "", "latents_sha256": "", "request": None})
    return request.model_copy(update={"before": named})


def disk_trouble(exc: BaseException | None) -> OSError | None:
    """The reason, where media could not be written for want of space or permission and not because it is bad."""
    while exc is not None:
        if isinstance(exc, OSError) and exc.errno in _DISK:
            return exc
        exc = exc.__cause__
    return None


def work_folder(store: TakeStore, name: str) -> Path:
    """An empty folder on the store's disk for the files of one job; the caller holds the job."""
    _ = store.id
    folder = store.root / WORK / name
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    except OSError as exc:
        raise store.error("cannot be written", exc) from exc
    return folder


@contextmanager
def _claimed(store: TakeStore, label: str) -> Generator[tuple[int, Path]]:
    """A take number that is nobody else's while this lasts, and an empty folder to prepare the take in."""
    from filelock import FileLock, Timeout

    work = store.root / WORK
    work.mkdir(parents=True, exist_ok=True)
    number = store.free_number(label)
    while True:
        name = take_name(label, number)
        lock = FileLock(work / f"{name}.lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            number += 1
            continue
        try:
            if store.free_number(label) <= number:  # else it was placed between the look and the lock
                yield number, work_folder(store, name)
                return
            number = store.free_number(label)
        finally:
            shutil.rmtree(work / name, ignore_errors=True)
            with suppress(OSError):
                Path(lock.lock_file).unlink()
            lock.release()


def _stamped(files: TakeFiles, folder: Path, stamp: Stamp) -> dict[str, Path]:
    """The finished files by role, named after the take."""
    paths: dict[str, Path] = {}
    if files.movie:
        paths["picture"] = folder / f"{stamp.take}.mov"
        stamp_movie(files.movie, paths["picture"], stamp)
    for role, stem in files.stems.items():
        paths[role] = folder / f"{stamp.take}.{TRACK_NAMES[role]}.wav"
        stamp_wav(stem, paths[role], stamp, role=TRACK_NAMES[role])
    if files.movie and not files.stems:
        paths["mix"] = folder / f"{stamp.take}.{TRACK_NAMES['mix']}.wav"
        _mix_of(files.movie, paths["mix"], stamp)
    if files.latents:
        paths["latents"] = folder / f"{stamp.take}.latents.safetensors"
        shutil.copyfile(files.latents, paths["latents"])
    if files.original:
        paths["original"] = folder / f"{stamp.take}.original{files.original.suffix}"
        shutil.copyfile(files.original, paths["original"])
    if not paths:
        raise MediaError(f"Take {stamp.take}: neither picture nor sound came. Nothing was stored.")
    return paths


def _mix_of(movie: Path, target: Path, stamp: Stamp) -> None:
    """The sound of a movie without stems, as the MIX stem."""
    from .media.decode import decode_sound
    from .media.wav import write_wav

    write_wav(target, decode_sound(movie), chunks=wav_chunks(stamp, TRACK_NAMES["mix"]))


def _count(request: GenerationRequest, paths: dict[str, Path]) -> None:
    """Frames and samples are what was asked. The files were remuxed here, so their own counts can be trusted."""
    from .media.probe import probe
    from .media.wav import wav_facts

    for role, path in paths.items():
        frames = samples = None
        if role == "picture":
            facts = probe(path)
            frames, samples = facts.frames, facts.samples or None
        elif role not in ("latents", "original"):
            samples = wav_facts(path).samples
        for due, found, what in ((request.frames, frames, "frames"), (request.samples, samples, "samples")):
            if found is not None and found != due:
                raise MediaError(
                    f"{request.name}: {role} has {found} {what}, {due} were asked for: the file was cut short or the "
                    f"model made another length. It was not stored as a take."
                )


def _measured(paths: dict[str, Path]) -> tuple[tuple[Role, ...], dict[str, float]]:
    """Roles that are digital silence, and LUFS of the others."""
    from .media.loudness import measure_loudness
    from .media.wav import iter_wav

    silent: list[Role] = []
    loudness: dict[str, float] = {}
    for role, path in paths.items():
        if role in ("picture", "latents", "original"):
            continue
        sound = _Heard(iter_wav(path))
        lufs = measure_loudness(sound).integrated
        if sound.any:
            loudness[role] = round(lufs, 2)
        elif role != "mix":
            silent.append(cast(Role, role))
    return tuple(silent), loudness


class _Heard:
    """Blocks passing through; `any` is true once one sample was not zero."""

    def __init__(self, blocks: Iterator[Sound]) -> None:
        self.any = False
        self._blocks = blocks

    def __iter__(self) -> Iterator[Sound]:
        for block in self._blocks:
            self.any = self.any or bool(block.any())
            yield block


def _record(path: Path) -> FileRecord:
    """Makes the file read-only and durable, and hashes it."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    path.chmod(_READ_ONLY)
    return FileRecord(name=path.name, bytes=path.stat().st_size, sha256=sha256_file(path))


def said_by_model(slate: Slate) -> tuple[Finding, ...]:
    """What the model had to say of its take (`facts.findings`): words it does not know, things nobody can do.

    A foreign engine's facts are its own affair: what is no list of findings is left in them.
    """
    said: Any = slate.facts.get("findings") or ()
    try:
        return tuple(Finding.model_validate(one) for one in said)
    except (TypeError, ValueError):
        return ()


def _judged(qc: Check | None, take: Take) -> tuple[Finding, ...]:
    """Findings of the check; a check that breaks is a finding, never a lost take."""
    try:
        return tuple(qc(take)) if qc else ()
    except Exception as exc:
        message = f"Take {take.name} could not be judged: {exc}. It is stored; look at it yourself."
        return (Finding(level="warning", code="qc_failed", message=message, shot=take.slate.shot),)


def _placed(store: TakeStore, slate: Slate, work: Path) -> Take:
    """Moves the finished files to their names, slate last."""
    folder = store.root / slate.shot
    folder.mkdir(exist_ok=True)
    slate_file = work / f"{slate.take}{SLATE}"
    write_new(slate_file, slate.model_dump_json(indent=1).encode())
    slate_file.chmod(_READ_ONLY)
    try:
        for record in slate.files.values():
            place(work / record.name, folder / record.name)
        _sync(folder)
        place(slate_file, folder / slate_file.name)
        _sync(folder)
    except FileExistsError as exc:
        raise LedgerError(
            f"{exc.filename or folder} appeared while take {slate.take} was being stored; it was not overwritten. "
            f"Run again: the take gets a new number."
        ) from exc
    return Take(slate, folder)


def _sync(folder: Path) -> None:
    """Makes names in a folder durable, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
