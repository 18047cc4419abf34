"""The rasterizer of sketch: rig tokens in, frames out. Needs numpy and the drawing library, no torch.

scene = SceneLook(place="kitchen", people=(person_from("woman, 40s, red coat", "MARA"),))
artist = FrameArtist(scene, (1920, 1080))
rgb = artist.frame(rig_at(tracks, time_s, shutter_s=1 / 24, shot=shot_at(tracks, 0.0, "close-up")))
"""

from .camera import FRAMINGS
from .frame import FrameArtist
from .library import RasterLibraryMissing
from .look import Person, SceneLook, person_from
from .places import PLACES
from .rig import CharacterPose, Mouth, PropPose, RigFrame, Shot, StagePose, rig_at, shot_at

__all__ = [
    "FRAMINGS",
    "PLACES",
    "CharacterPose",
    "FrameArtist",
    "Mouth",
    "Person",
    "PropPose",
    "RasterLibraryMissing",
    "RigFrame",
    "SceneLook",
    "Shot",
    "StagePose",
    "person_from",
    "rig_at",
    "shot_at",
]
