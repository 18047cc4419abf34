"""Colour bars as a served model: server, wire and clients are tested without weights."""

from twopop.backends.bars import BarsModel

__all__ = ["BarsModel"]
