"""Flavours: a cut as one editor wants it. `stock` is OpenTimelineIO itself; the others are adapters in the registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from .errors import UsageError
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


class Flavour(Protocol):
    """One editor's or interchange format's form of a cut. Pure: it opens no file but the cut's media."""

    name: str
    """Its name in the registry: "resolve"."""
    suffix: str
    """Of its files: ".otio", ".fcpxml"."""

    def write(self, cut: Cut) -> tuple[bytes, list[Loss]]:
        """The whole file, and what could not be said in it."""
        ...


def flavour_names() -> list[str]:
    """Every flavour twopop brings, "stock" first."""
    return ["stock", *sorted(ADAPTERS)]


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
        raise UsageError(
            f"There is no flavour {name!r}. There are: {', '.join(flavour_names())}. Nothing was written."
        ) from exc
