"""The sets people stand in, by name."""

from .base import Brush, Layer, Place
from .kitchen import KITCHEN

PLACES: dict[str, Place] = {"kitchen": KITCHEN}

__all__ = ["PLACES", "Brush", "Layer", "Place"]
