"""Names and ids of shots and beds: safe in file names, each once in a plan, and the same at the next render."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from .recognise import is_our_media
from .timeline import Item

if TYPE_CHECKING:
    from .store import TakeStore

_UNSAFE = re.compile(r"[^\w.-]+")


class Names:
    """Gives every piece of one plan a name and an id of its own.

    Args:
        cut: name of the cut: the store's labels begin with it.
        store: knows what earlier renders called a piece.
    """

    def __init__(self, cut: str, store: TakeStore) -> None:
        self._prefix, self._store = f"{cut}_", store
        self._names: set[str] = set()
        self._ids: Counter[str] = Counter()

    def name(self, wanted: str, key: str, fallback: str) -> str:
        """`wanted`, made safe and unique; where it is empty, what the take of match key `key` is called."""
        sticky = self._store.label_of(key)
        base = safe_name(wanted, sticky.removeprefix(self._prefix) if sticky else fallback)
        name, number = base, 2
        while name.casefold() in self._names:
            name, number = f"{base}_{number}", number + 1
        self._names.add(name.casefold())
        return name

    def id(self, base: str) -> str:
        """`base`; pieces that would share it are told apart by order."""
        self._ids[base] += 1
        return base if self._ids[base] == 1 else f"{base}-{self._ids[base]}"


def safe_name(wanted: str, fallback: str) -> str:
    """A name that is safe in file names on every system."""
    return _UNSAFE.sub("_", wanted.strip()).strip("._")[:60] or fallback


def wanted_name(item: Item) -> str:
    """The clip's name, unless an editor put the media's file name there."""
    known = str(item.ours.get("name") or "")
    return known if known and (not item.name or is_our_media({"target_url": item.name})) else item.name or known
