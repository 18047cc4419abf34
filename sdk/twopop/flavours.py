"""Flavours: a cut as one editor wants it. `stock` is OpenTimelineIO itself; the others are adapters in the registry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, cast

from .errors import UsageError, known_names
from .registry import ADAPTERS, resolve

if TYPE_CHECKING:
    from .timeline import Cut


@dataclass(frozen=True, slots=True)
class Loss:
    """Something of the cut that a flavour cannot say."""

    what: str
    """One sentence: "Effects are dropped (3 clips)."."""
    where: str = ""
    """Timecode or name of the first place; empty where it is everywhere."""


Feature = Literal[
    "dissolves", "fades", "wipes", "nests", "retimes", "effects", "titles", "holes", "disabled clips", "markers",
    "takes", "links", "start timecode", "metadata",
]  # fmt: skip
"""What a cut may use and an editor may not know."""
FEATURES: tuple[Feature, ...] = Feature.__args__


@dataclass(frozen=True, slots=True)
class Said:
    """How a flavour says a feature."""

    state: Literal["kept", "approximated", "lost"]
    how: str = ""
    """A sentence for people; empty where it is simply kept."""


KEPT = Said("kept")


def lost(how: str) -> Said:
    """A feature that is not there afterwards."""
    return Said("lost", how)


def approximated(how: str) -> Said:
    """A feature that is said in another way."""
    return Said("approximated", how)


Fidelity = Mapping[Feature, Said]
"""Every feature, and how a flavour says it: the docs' table and the losses of every file come from it."""


class Flavour(Protocol):
    """One editor's or interchange format's form of a cut. Pure: it opens no file but the cut's media."""

    name: str
    """Its name in the registry: "resolve"."""
    suffix: str
    """Of its files: ".otio", ".fcpxml"."""
    fidelity: Fidelity
    proof: str = "by rule only"
    """Who has opened its files: "rendered by melt 7 in our suite"; as it stands where nobody has here."""
    bakes: bool = False
    """True where generated shots are made at the speed of the cut: its editor ignores speeds or shows them roughly."""
    beside: tuple[str, ...] = ()
    """Flavours whose files are written beside its own, under the same name."""

    def write(self, cut: Cut) -> tuple[bytes, list[Loss]]:
        """The whole file, and what could not be said in it."""
        ...


def flavour_names() -> list[str]:
    """Every flavour twopop brings, "stock" first."""
    return ["stock", *sorted(ADAPTERS)]


def known_flavour(name: str) -> None:
    """UsageError where `name` is no flavour: asked before anything is generated, not after."""
    if name != "stock":
        load_flavour(name)


def load_flavour(name: str) -> Flavour:
    """The flavour registered as `name`, ready to use.

    Raises:
        UsageError: there is none (the message names those there are), or what it needs is not installed.
    """
    try:
        return cast(Flavour, resolve("adapters", name)())
    except UsageError as exc:
        if name in ADAPTERS:
            raise
        raise UsageError(f"There is no flavour {name!r}. {_meant(name)} Nothing was written.") from exc


def _meant(name: str) -> str:
    """The flavour for an editor that was named instead; else those there are."""
    for flavour, entry in ADAPTERS.items():
        editor = re.search(rf"\b{re.escape(name)}\b", entry.description, re.IGNORECASE) if name.strip() else None
        if editor:
            return f"{editor[0]} opens what --for {flavour} writes ({entry.description})."
    return known_names(name, flavour_names())


def baking(names: Iterable[str]) -> list[str]:
    """Those of the named flavours whose generated shots are made at the speed of the cut."""
    return [name for name in names if name != "stock" and load_flavour(name).bakes]


def fidelity_page() -> str:
    """The table of `docs/editors.md` in Markdown: every flavour's own word on every feature, and who has opened it."""
    flavours = [load_flavour(name) for name in sorted(ADAPTERS)]
    lines = [
        f"| | {' | '.join(flavour.name for flavour in flavours)} |",
        f"|---|{'---|' * len(flavours)}",
    ]
    lines += [f"| {f} | {' | '.join(one.fidelity[f].state for one in flavours)} |" for f in FEATURES]
    for flavour in flavours:
        lines += ["", f"**{flavour.name}** ({flavour.suffix}; {flavour.proof})", ""]
        said = ((feature, flavour.fidelity[feature]) for feature in FEATURES)
        lines += [f"- {feature}, {one.state}: {one.how}." for feature, one in said if one.state != "kept"]
    return "\n".join(lines) + "\n"
