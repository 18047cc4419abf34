"""Slates on disk: sealed, written once, believed only when the seal holds."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, cast

from .errors import LedgerError
from .take import Slate
from .wire import sha256_of

SLATE = ".slate.json"
"""What follows the take's name in the name of its slate."""
_SCHEMA = "twopop.slate.v"


def read_slate(path: Path) -> Slate:
    """The slate at `path`.

    Raises:
        OSError: it cannot be read.
        LedgerError: damaged, changed after it was sealed, renamed, or written by a newer version.
    """
    try:
        raw = cast(dict[str, Any], json.loads(path.read_bytes()))
        schema, seal = str(raw["schema"]), raw.pop("seal", "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise LedgerError(f"{path.name} is damaged ({exc}); its take is not used.") from exc
    if schema != f"{_SCHEMA}1":
        raise LedgerError(f"{path.name} is a {schema}, written by a newer twopop. Update twopop to use its take.")
    if sha256_of(raw) != seal:
        raise LedgerError(f"{path.name} was changed after it was sealed; its take is not used.")
    from pydantic import ValidationError

    try:
        slate = Slate.model_validate({**raw, "seal": seal})
    except ValidationError as exc:
        raise LedgerError(f"{path.name} is not a slate ({exc.errors()[0]['msg']}); its take is not used.") from exc
    names = [record.name for record in slate.files.values()]
    if f"{slate.take}{SLATE}" != path.name or any(not name.startswith(f"{slate.take}.") for name in names):
        raise LedgerError(f"{path.name} was renamed: it is the slate of {slate.take}; its take is not used.")
    if any("/" in name or "\\" in name for name in names):
        raise LedgerError(f"{path.name} names files outside its folder; its take is not used.")
    return slate


def seal_of(slate: Slate) -> str:
    """sha256 (hex) of the canonical JSON of everything in the slate but its seal."""
    return sha256_of(json.loads(slate.model_dump_json(exclude={"seal"})))


def sha256_file(path: Path) -> str:
    """sha256 (hex) of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_new(path: Path, data: bytes) -> None:
    """A new file with `data`, on the disk when this returns; FileExistsError where there is one."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def place(source: Path, target: Path) -> None:
    """Moves a file to a name that nothing has: FileExistsError, never an overwrite."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if target.exists():
            raise FileExistsError(str(target)) from None
        source.rename(target)
    else:
        source.unlink()
