"""The sets people stand in, by name."""

from .base import Brush, Layer, Place
from .interiors import CAFE, HALL, OFFICE, ROOM, STUDIO
from .kitchen import KITCHEN
from .outdoors import BEACH, FIELD, FOREST, STATION, STREET

PLACES: dict[str, Place] = {
    "beach": BEACH,
    "cafe": CAFE,
    "field": FIELD,
    "forest": FOREST,
    "hall": HALL,
    "kitchen": KITCHEN,
    "office": OFFICE,
    "room": ROOM,
    "station": STATION,
    "street": STREET,
    "studio": STUDIO,
}
STANDS_FOR = {"car": "street", "city": "street", "night": "street", "rain": "street", "unspecified": "studio"}
"""Places of the model's layout that have no set of their own, and the set drawn for them."""

__all__ = ["PLACES", "STANDS_FOR", "Brush", "Layer", "Place"]
