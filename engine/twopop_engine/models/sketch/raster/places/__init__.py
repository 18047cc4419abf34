"""The sets people stand in, by name."""

from .base import Brush, Layer, Place
from .interiors import CAFE, HALL, OFFICE, ROOM, STUDIO
from .kitchen import KITCHEN
from .nature import BEACH, FIELD, FOREST, SKY
from .outdoors import ROOFTOP, STATION, STREET
from .staged import CAR, STAGE_SET

PLACES: dict[str, Place] = {
    "beach": BEACH,
    "cafe": CAFE,
    "car": CAR,
    "field": FIELD,
    "forest": FOREST,
    "hall": HALL,
    "kitchen": KITCHEN,
    "office": OFFICE,
    "rooftop": ROOFTOP,
    "room": ROOM,
    "sky": SKY,
    "stage": STAGE_SET,
    "station": STATION,
    "street": STREET,
    "studio": STUDIO,
}
STANDS_FOR = {"city": "street", "night": "field", "rain": "street", "unspecified": "room"}
"""Places of the model's layout that have no set of their own, and the set drawn for them."""

__all__ = ["PLACES", "STANDS_FOR", "Brush", "Layer", "Place"]
