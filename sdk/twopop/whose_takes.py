"""Which store the takes of a cut lie in, where nobody says: an export may lie anywhere and note nothing of us.

The rule: the store that the media of the cut lie in; where an export names takes without folders (EDL), the nearest
folder of takes, beside the cut or in a folder above it, that has one of them. Two stores are no answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .links import folders_of, local_path
from .recognise import is_take_name, played_file, take_and_role
from .settings import Settings
from .slates import SLATE
from .store import MARKER, TakeStore
from .timeline import Cut, as_node
from .tracks import active_reference
from .wire import Finding

_LEVELS = 4
"""How many folders above the cut are looked into."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The stores that the media of a cut lie in, the one with most of them first.

    Attributes:
        cut: digest of the cut.
        roots: the stores.
    """

    cut: str = ""
    roots: tuple[Path, ...] = ()

    @property
    def root(self) -> Path | None:
        """The store; None where there is none, or more than one."""
        return self.roots[0] if len(self.roots) == 1 else None


def whereabouts(cut: Cut, usual: Path) -> Whereabouts:
    """Where the takes that a cut plays lie.

    Args:
        cut: the cut.
        usual: the folder that would be used without an answer; looked into first for takes named without a folder.
    """
    found: Counter[Path] = Counter()
    names: set[str] = set()
    for item in cut.items:
        take, _ = take_and_role(played_file(item)) if item.schema == "Clip" else ("", "")
        if not is_take_name(take):
            continue
        reference = active_reference(item.node)
        path = local_path(str(reference.get("target_url") or ""), folders_of(cut))
        if path is not None and _holds(path.parent.parent, take):
            found[path.parent.parent.resolve()] += 1
        else:
            names.add(take)
    if found:
        return Whereabouts(cut.digest, tuple(root for root, _ in found.most_common()))
    near = next((root for root in _near(cut, usual) if any(_holds(root, name) for name in names)), None)
    return Whereabouts(cut.digest, (near.resolve(),) if near else ())


def found_store(cut: Cut, usual: Path) -> TakeStore:
    """The store that a cut plays takes of, else `usual`. The answer rides on it, for the plan to say."""
    known = whereabouts(cut, usual)
    store = TakeStore(known.root or usual)
    store.found = known
    return store


def noted_store(cut: Cut) -> Path | None:
    """The store that a cut of ours names in its metadata, beside which it lies; None where it names none."""
    noted = as_node(as_node(cut.document.get("metadata")).get("twopop")).get("store")
    return (cut.path.parent if cut.path else Path.cwd()) / noted if isinstance(noted, str) else None


def said_of(cut: Cut, settings: Settings, store: TakeStore) -> list[Finding]:
    """What the plan says of a store that nobody named: that it was found, or that two could be meant."""
    if cut.path is None or settings.store != Settings().store:
        return []
    used, noted = store.root, noted_store(cut)
    known = store.found if store.found and store.found.cut == cut.digest else whereabouts(cut, used)
    expected = {folder.resolve() for folder in (cut.path.parent / settings.store, noted) if folder}
    if known.root and known.root == used.resolve() and known.root not in expected:
        message = f"{cut.path.name} plays takes of {known.root}: that store is used. --store FOLDER names another."
        return [Finding(level="info", code="store_found", message=message)]
    if len(known.roots) > 1 and used.resolve() not in known.roots:
        listed = " and ".join(map(str, known.roots))
        message = f"{cut.path.name} plays takes of {listed}; neither is taken for its store, {used} is. "
        return [Finding(level="warning", code="two_stores", message=f"{message}Name one with --store FOLDER.")]
    return []


def _holds(root: Path, take: str) -> bool:
    """True where a folder is a store with this take in it."""
    label = take.rpartition("_t")[0]
    return bool(label) and (root / MARKER).is_file() and (root / label / f"{take}{SLATE}").is_file()


def _near(cut: Cut, usual: Path) -> Iterator[Path]:
    yield usual
    if cut.path is not None:
        for folder in (cut.path.parent, *cut.path.parent.parents[:_LEVELS]):
            yield folder / Settings().store
