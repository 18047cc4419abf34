"""TakeStore: a folder of takes as plain files, each written once and never overwritten.

    takes/.twopop-store                               id and format of the store
    takes/kitchen_SH010/kitchen_SH010_t001.mov        picture and mix
                        kitchen_SH010_t001.DX.wav     stems: DX, FX, BG, MX, or MIX alone
                        kitchen_SH010_t001.slate.json provenance, written last: a take exists only with it
    takes/.trash/                                     what `prune` listed and `trash` moved; nothing is ever deleted

A slate has a seal (the hash of itself) and the sha256 of every file. Files are hashed when they are stored; later a
file that is newer than its slate is hashed again. A take that is not what its slate says is not used: it is made
again under a new number, and what lies there is left for people to look at.
"""

from __future__ import annotations

import json
import os
import re
import threading
import uuid
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .errors import LedgerError
from .labels import folded, safe_label, split_take_name
from .slates import SLATE, place, read_slate, sha256_file, write_new
from .take import Take
from .timebase import FrameRange
from .wire import Finding

if TYPE_CHECKING:
    from .backends.base import TakeFiles
    from .request import GenerationRequest
    from .storing import Check
    from .timeline import Cut
    from .whose_takes import Whereabouts

FORMAT = 1
MARKER = ".twopop-store"
TRASH = ".trash"
WORK = ".work"


class _Row(NamedTuple):
    """What the listing knows of a slate without trusting it."""

    take: str
    label: str
    number: int
    match_key: str
    generated: FrameRange
    made_at: str


class _Folder(NamedTuple):
    changed_ns: int
    rows: tuple[_Row, ...]


class TakeStore:
    """The takes below one folder. Making the object touches nothing; the folder appears with the first take.

    Listing is lazy: the first question reads the slates once (about 30 microseconds each), later ones only folders
    that have changed since `refresh`. Safe to share between threads; several processes may use one folder.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root).absolute()
        self._guard = threading.RLock()
        self._folders: dict[str, _Folder] | None = None
        self._by_key: dict[str, list[_Row]] = {}
        self._spelled: dict[str, str] = {}
        self._loaded: dict[str, tuple[int, Take]] = {}
        self._trusted: dict[str, tuple[int, ...]] = {}
        self.found: Whereabouts | None = None
        """How it was found, where a cut was asked for it."""

    def __repr__(self) -> str:
        return f"TakeStore({str(self.root)!r})"

    # -- the folder --------------------------------------------------------------------------------------------------

    @cached_property
    def id(self) -> str:
        """Id of the store (hex); it moves with the folder. Creates folder and marker where there are none.

        Raises:
            LedgerError: written by a newer twopop, damaged, or the folder cannot be made.
        """
        path = self.root / MARKER
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                self._write_marker(path)
        except OSError as exc:
            raise self.error("cannot be written", exc) from exc
        return self._read_marker(path)

    def error(self, what: str, exc: BaseException | str) -> LedgerError:
        """A LedgerError about this folder."""
        reason = (exc.strerror or str(exc)) if isinstance(exc, OSError) else str(exc)
        return LedgerError(
            f"The take store {self.root} {what}: {reason}. Free space, mend its permissions, or choose another folder "
            f"with --store. Takes that are stored are safe; what was being made is picked up by the next run."
        )

    def refresh(self, label: str = "") -> None:
        """Lists folders again that have changed since the last look (other processes may have added takes).

        Args:
            label: only this one, whether it seems changed or not.
        """
        with self._guard:
            known = self._folders or {}
            if label and self._folders is not None:
                self._folders = {**known, label: _Folder(0, tuple(self._rows_in(label)))}
                changed = [label]
            else:
                self._folders = self._scan(known)
                changed = [name for name in {**known, **self._folders} if known.get(name) != self._folders.get(name)]
            for name in changed:
                self._index(known.get(name), self._folders.get(name))
            self._spelled.update({folded(name): name for name in changed})

    # -- finding -----------------------------------------------------------------------------------------------------

    def find(self, match_key: str, needed: FrameRange) -> Take | None:
        """The newest usable take of `match_key` that holds every frame of `needed` (source clock)."""
        return next((take for take in self.candidates(match_key) if take.covers(needed)), None)

    def best(self, match_key: str, needed: FrameRange | None = None) -> Take | None:
        """The usable take of `match_key` that holds most of `needed` (source clock), else the longest."""

        def held(take: Take) -> tuple[int, int]:
            overlap = take.source_range.overlap(needed) if needed else None
            return (overlap.frames if overlap else 0), take.source_range.frames

        return max(self.candidates(match_key), key=held, default=None)

    def candidates(self, match_key: str) -> Iterator[Take]:
        """Every usable take of `match_key`, newest first."""
        rows = self._listing().get(match_key, [])
        for row in sorted(rows, key=lambda row: (row.made_at, row.number), reverse=True):
            take = self.by_name(row.take)
            if take and self.usable(take):
                yield take

    def by_name(self, name: str) -> Take | None:
        """The take called `name`; None where its slate is missing or not to be trusted (`check` says why)."""
        split = split_take_name(name)
        if split is None or safe_label(split[0]) != split[0]:
            return None
        try:
            return self._load(self.root / split[0] / f"{name}{SLATE}")
        except (OSError, LedgerError):
            return None

    def takes(self) -> Iterator[Take]:
        """Every take whose slate can be trusted, by name."""
        rows = sorted(row for rows in self._listing().values() for row in rows)
        return (take for row in rows if (take := self.by_name(row.take)))

    def takes_of(self, label: str) -> list[Take]:
        """The takes of one label, oldest first."""
        rows = [row for rows in self._listing().values() for row in rows if folded(row.label) == folded(label)]
        return [take for row in sorted(rows, key=lambda row: row.number) if (take := self.by_name(row.take))]

    # -- names -------------------------------------------------------------------------------------------------------

    def label_of(self, match_key: str) -> str:
        """The label the newest take of `match_key` has; "" where there is none."""
        rows = self._listing().get(match_key, [])
        return max(rows, key=lambda row: (row.made_at, row.number)).label if rows else ""

    def label_for(self, match_key: str, wanted: str) -> str:
        """The label of `match_key`: the one its takes have, else `wanted` made safe, spelled as the store has it.

        A shot whose brief changes keeps its label: its takes are t001, t002, ... of one folder. Names that differ in
        case only are one folder to many file systems, so they are one label.
        """
        label = safe_label(wanted)
        return self.label_of(match_key) or self._spelled.get(folded(label), label)

    def next_number(self, label: str) -> int:
        """The number the next take of `label` should have: one above all takes that ever were, trash included."""
        return self._above(label, [n for n in _names_in(self.root / label) if n.endswith(SLATE)])

    def free_number(self, label: str) -> int:
        """The first number above all files of `label`, also those that a crash left without a slate."""
        return self._above(label, _names_in(self.root / label))

    def _above(self, label: str, names: list[str]) -> int:
        pattern = re.compile(re.escape(folded(label)) + r"_t(\d{3,})\.")
        names = [*names, *_names_in(self.root / TRASH / label)]
        return max((int(found[1]) for name in names if (found := pattern.match(folded(name)))), default=0) + 1

    def offset_for(self, label: str) -> int | None:
        """Source frame + this = timecode in the files of `label`, frozen by its first take; None before that."""
        takes = self.takes_of(label)
        return takes[0].timecode_offset_frames if takes else None

    # -- trust -------------------------------------------------------------------------------------------------------

    def usable(self, take: Take) -> bool:
        """True where every file of the take is there and what it was when it was stored; only tokens may be gone.

        Without them no part of it can be made anew, but its picture and sound are what they were.
        """
        tokens = take.path("latents")
        return not self.verify(take, but="latents" if tokens and not tokens.exists() else "")

    def verify(self, take: Take, *, deep: bool = False, but: str = "") -> list[Finding]:
        """What is wrong with the files of a take; empty where nothing is.

        Size and mtime are judged; `deep` hashes every file. A file newer than its slate (edited, or a copied store)
        is hashed once. The file of the role `but` is not looked at.
        """
        files = {record: take.folder / record.name for role, record in take.slate.files.items() if role != but}
        try:
            made_ns = (take.folder / f"{take.name}{SLATE}").stat().st_mtime_ns
            facts = [path.stat() for path in files.values()]
        except OSError as exc:
            return [_finding("take_file_missing", take.name, f"{Path(exc.filename or '').name} is missing")]
        stamps = tuple(fact.st_mtime_ns for fact in facts)
        trusted = self._trusted.get(take.name + but)
        unchanged = trusted == stamps if trusted else max(stamps, default=0) <= made_ns
        for (record, path), fact in zip(files.items(), facts, strict=True):
            if fact.st_size != record.bytes or ((deep or not unchanged) and sha256_file(path) != record.sha256):
                return [_finding("take_file_changed", take.name, f"{record.name} was changed after it was stored")]
        self._trusted[take.name + but] = stamps
        return []

    def check(self, *, deep: bool = False) -> list[Finding]:
        """Everything in the store that cannot be used, with the reason: slates, files, files without a slate."""
        found: list[Finding] = []
        self.refresh()
        for label in self._listed_folders():
            names = set(_names_in(self.root / label))
            for name in sorted(n for n in names if n.endswith(SLATE)):
                found += self._check_slate(self.root / label / name, deep)
            takes = tuple(f"{n.removesuffix(SLATE)}." for n in names if n.endswith(SLATE))
            orphans = sorted(n for n in names if not n.startswith(".") and not n.startswith(takes))
            if orphans:
                what = f"{', '.join(orphans)} have no slate: not used; made again under a new number when asked for"
                found.append(_finding("slate_missing", label, what))
        return found

    # -- adding and moving away --------------------------------------------------------------------------------------

    def add(
        self, request: GenerationRequest, files: TakeFiles, *, backend: str, cost: float = 0.0, qc: Check | None = None
    ) -> Take:
        """Stores what a model made as the next take of `request.name`: stamped, checked, hashed, slate last.

        Args:
            request: what was asked; its `name` is the label.
            files: what came; left where it is.
            qc: judges the finished files before the slate is sealed; its findings are in the slate.

        Raises:
            MediaError: the files are not what was asked (frames, samples); nothing was stored.
            LedgerError: the folder cannot be written; nothing was stored.
        """
        from .storing import add_take

        take = add_take(self, request, files, backend=backend, cost=cost, qc=qc)
        self.refresh(take.folder.name)
        return take

    def prune(self, cuts: Sequence[Cut], *, keep: Collection[str] = ()) -> list[Take]:
        """The takes that none of `cuts` names and that are not in `keep`. Nothing is moved: see `trash`.

        Args:
            keep: names of takes that plans of those cuts would use.
        """
        named = _take_names(cut.document for cut in cuts) | {folded(name) for name in keep}
        return [take for take in self.takes() if folded(take.name) not in named]

    def trash(self, takes: Sequence[Take]) -> list[Path]:
        """Moves takes to `.trash` and gives where each went. Their numbers are never used again."""
        moved: list[Path] = []
        for take in takes:
            target = self.root / TRASH / take.folder.name
            try:
                target.mkdir(parents=True, exist_ok=True)
                # The slate goes first: from then on it is no take.
                for name in (f"{take.name}{SLATE}", *(record.name for record in take.slate.files.values())):
                    if (take.folder / name).exists():
                        (take.folder / name).rename(target / name)
            except OSError as exc:
                raise self.error("cannot be written", exc) from exc
            moved.append(target)
        self.refresh()
        return moved

    # -- inside ------------------------------------------------------------------------------------------------------

    def _write_marker(self, path: Path) -> None:
        """Appears whole or not at all; where another process was faster, its marker stays."""
        new = path.with_name(f"{MARKER}.{uuid.uuid4().hex}")
        write_new(new, json.dumps({"format": FORMAT, "id": uuid.uuid4().hex}).encode())
        try:
            place(new, path)
        except FileExistsError:
            new.unlink()

    def _read_marker(self, path: Path) -> str:
        try:
            marker = cast(dict[str, Any], json.loads(path.read_bytes()))
            version, store_id = int(marker["format"]), str(marker["id"])
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise LedgerError(
                f"{path} cannot be read ({exc}). Delete that one file: the next run makes it anew and finds every take."
            ) from exc
        if version > FORMAT:
            raise LedgerError(
                f"The take store {self.root} was written by a newer twopop (format {version}, this one knows "
                f"{FORMAT}). Update twopop, or choose another folder with --store. Nothing was changed."
            )
        if not (store_id.isalnum() and 12 <= len(store_id) <= 64):
            raise LedgerError(f"{path} holds no id. Delete that one file: the next run makes it anew.")
        return store_id

    def _listing(self) -> dict[str, list[_Row]]:
        with self._guard:
            if self._folders is None:
                self.refresh()
            return self._by_key

    def _listed_folders(self) -> list[str]:
        self._listing()
        return list(self._folders or {})

    def _index(self, old: _Folder | None, new: _Folder | None) -> None:
        for row in old.rows if old else ():
            self._by_key[row.match_key].remove(row)
        for row in new.rows if new else ():
            self._by_key.setdefault(row.match_key, []).append(row)

    def _scan(self, known: dict[str, _Folder]) -> dict[str, _Folder]:
        try:
            with os.scandir(self.root) as entries:
                labels = [(e.name, e.stat().st_mtime_ns) for e in entries if e.name[0] != "." and e.is_dir()]
        except FileNotFoundError:
            return {}
        except OSError as exc:
            raise self.error("cannot be read", exc) from exc
        if (self.root / MARKER).exists():
            self._read_marker(self.root / MARKER)
        return {
            label: known[label]
            if label in known and known[label].changed_ns == changed
            else _Folder(changed, tuple(self._rows_in(label)))
            for label, changed in labels
        }

    def _rows_in(self, label: str) -> Iterator[_Row]:
        for name in _names_in(self.root / label):
            if not name.endswith(SLATE):
                continue
            try:
                raw = json.loads((self.root / label / name).read_bytes())
                asked = raw["request"]
                generated = FrameRange(*asked["generated"])
                yield _Row(raw["take"], label, raw["number"], asked["match_key"], generated, str(raw["made_at"]))
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                continue  # `check` reports it; a take without a slate is not used

    def _load(self, path: Path) -> Take:
        changed = path.stat().st_mtime_ns
        cached = self._loaded.get(path.name)
        if cached and cached[0] == changed:
            return cached[1]
        take = Take(read_slate(path), path.parent)
        self._loaded[path.name] = (changed, take)
        return take

    def _check_slate(self, path: Path, deep: bool) -> list[Finding]:
        try:
            take = Take(read_slate(path), path.parent)
        except (OSError, LedgerError) as exc:
            return [_finding("slate_damaged", path.name.removesuffix(SLATE), str(exc))]
        return self.verify(take, deep=deep)


def _names_in(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in os.scandir(folder)]
    except OSError:
        return []


def _take_names(nodes: Any) -> set[str]:
    """Everything in JSON values (keys included) that may be a take's name, folded; too many rather than too few."""
    from urllib.parse import unquote

    stack: list[Any] = list(nodes)
    names: set[str] = set()
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            text = folded(unquote(value))
            names |= {re.split(r"[/\\]", text[: found.end()])[-1] for found in re.finditer(r"_t\d{3,}", text)}
        elif isinstance(value, dict):
            stack += [*cast(dict[str, Any], value).keys(), *cast(dict[str, Any], value).values()]
        elif isinstance(value, list):
            stack += cast(list[Any], value)
    return names


def _finding(code: str, take: str, what: str) -> Finding:
    return Finding(level="error", code=code, message=f"Take {take}: {what}.", shot=take)
