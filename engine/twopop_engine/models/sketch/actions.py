"""What can be done with a thing, how that moves, and what is heard: read by all who train, draw, measure.

A contact is kinematic and nowhere else written down: the sound of a motion is at the instant named below, seen in the
channels of `layout` alone. `x`, `y` are the prop's foot in stage metres, `rotation` in radians, hands those of the
handler (the right one where it is one).

| motion | seen | sounds when |
|---|---|---|
| place | lifted and put down | y comes down to where the prop rests |
| strike | lifted and brought down again and again, turning about its grip | y comes down to where it rests |
| bounce | dropped | y comes down to where it rests |
| shut | a leaf that stands open by `rotation` swings shut | rotation reaches 0 |
| knock | the prop stands still, the hand beats against it from the side | the hand's x reaches the prop's |
| tap | the prop lies still, the hand comes down on it | the hand's y reaches the prop's |
| clap | no prop; both hands swing together | their gap is smallest |
| swing | turns and flies past | rotation is fastest |
| flash | no prop; the light flares at a distance of the prop's x times `FLASH_M` | as long after as sound takes |
| pour | lifted and tilted | sustained while rotation is past `POURS_AT` |
| fry | put down on the stove | sustained from when it comes down until it is lifted |
| pass | crosses the stage; x is in units of `FAR_M` | sustained, loudest at x = 0 |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Motion = Literal[
    "place", "strike", "bounce", "shut", "knock", "tap", "clap", "swing", "flash", "pour", "fry", "pass"
]  # fmt: skip

POURS_AT: Final = 0.7
"""Tilt in radians past which something runs out."""
FAR_M: Final = 4.0
"""What passes does so at a distance: its x counts this many metres."""
FLASH_M: Final = 100.0
"""Metres to one unit of a flash's x."""
SOUND_M_S: Final = 343.0


@dataclass(frozen=True, slots=True)
class Action:
    """A thing and what is done with it.

    Attributes:
        sound: Event class, or sustain class where `sustained`.
        motion: See the table above.
        rest_m: Lowest and highest resting height of its foot; (0, 0) stands on the floor.
        lift_m: How far it (or, for a tap or knock, the hand) is taken away between contacts.
        repeats: Fewest and most contacts of one handling.
        period_s: Shortest and longest time from contact to contact, for what is repeated in a row.
        grip: From the prop's foot to the handling hand, metres, y up.
        drawn: Whether there is a prop to draw.
    """

    sound: str
    motion: Motion
    rest_m: tuple[float, float] = (0.72, 1.0)
    lift_m: tuple[float, float] = (0.06, 0.26)
    repeats: tuple[int, int] = (1, 3)
    period_s: tuple[float, float] = (0.0, 0.0)
    grip: tuple[float, float] = (0.0, 0.05)
    drawn: bool = True

    @property
    def sustained(self) -> bool:
        """Whether its sound lasts."""
        return self.motion in ("pour", "fry", "pass")


ACTIONS: Final[dict[str, Action]] = {
    "pan": Action("pan", "place"),
    "cup": Action("cup", "place"),
    "glass": Action("glass", "place"),
    "book": Action("book", "place"),
    "plate": Action("plate", "place", lift_m=(0.05, 0.2)),
    "chair": Action("chair", "place", (0.0, 0.0), (0.04, 0.14), (1, 2), grip=(0.0, 0.85)),
    "key": Action("key", "place", lift_m=(0.06, 0.3), grip=(0.0, 0.02)),
    "coin": Action("coin", "place", lift_m=(0.05, 0.25), grip=(0.0, 0.02)),
    "phone": Action("plastic", "place", lift_m=(0.12, 0.5), repeats=(1, 2)),
    "hammer": Action("metal", "strike", (0.75, 0.95), (0.12, 0.34), (2, 5), (0.34, 0.7), (-0.2, 0.1)),
    "knife": Action("wood", "strike", (0.85, 0.95), (0.03, 0.1), (3, 9), (0.17, 0.34), (-0.14, 0.05)),
    "ball": Action("ball", "bounce", (0.0, 0.0), (0.5, 1.1), (2, 6), grip=(0.0, 0.12)),
    "door": Action("door", "shut", (0.0, 0.0), (0.5, 1.3), (1, 1), grip=(0.0, 1.0)),
    "knock": Action("knock", "knock", (1.2, 1.45), (0.06, 0.16), (2, 5), (0.2, 0.4), (0.0, 0.0)),
    "keyboard": Action("switch", "tap", (0.74, 0.8), (0.025, 0.06), (4, 14), (0.13, 0.28), (0.0, 0.03)),
    "switch": Action("switch", "knock", (1.05, 1.3), (0.1, 0.25), (1, 1), (0.4, 0.9), (0.0, 0.0)),
    "clap": Action("clap", "clap", (1.15, 1.3), (0.12, 0.3), (1, 8), (0.2, 0.45), (0.0, 0.0), drawn=False),
    "paper": Action("paper", "swing", (0.75, 0.95), (0.7, 1.3), (1, 2), (0.7, 1.2), (-0.1, 0.02)),
    "stick": Action("whoosh.short", "swing", (0.95, 1.2), (1.0, 1.5), (1, 3), (0.6, 1.1), (0.0, 0.0)),
    "lightning": Action("thunder", "flash", (0.0, 0.0), (0.3, 3.0), (1, 1), drawn=False),
    "kettle": Action("pour", "pour", lift_m=(0.1, 0.24), repeats=(1, 1), grip=(-0.1, 0.12)),
    "skillet": Action("sizzle", "fry", (0.86, 0.94), (0.08, 0.24), (1, 1), grip=(-0.2, 0.07)),
    "car": Action("car", "pass", (0.0, 0.0), (0.0, 0.0), (1, 1)),
}
"""Thing (what `score.Prop.kind` may be) -> what is done with it. Things of one sound differ in motion, and reverse.

The order is part of the weights: new things go to the end.
"""

CUED_MET: Final = {
    "pan": 5, "cup": 5, "glass": 5, "book": 5, "plate": 5, "chair": 5, "key": 5, "coin": 5, "phone": 5, "hammer": 5,
    "knife": 5, "ball": 5, "door": 5, "knock": 5, "keyboard": 5, "switch": 5, "clap": 5, "paper": 5, "stick": 5,
    "lightning": 1, "kettle": 4, "skillet": 3, "car": 1,
}  # fmt: skip
"""Thing -> of five cues, how many contacts the present weights have within a frame.

Measured, and to be pasted here after every training: `python -m twopop_engine.train.evaluate --cued 5`.
"""
MISSED: Final = frozenset(("door", "knock"))
"""Things that had a contact of theirs missed in a shot all the same: `evaluate --rendered 3` names them."""
LAID_ROWS: Final = frozenset(("keyboard",))
"""Things that are struck in rows, whose times are laid out whatever the weights can do."""
LEARNT: Final = frozenset(thing for thing, met in CUED_MET.items() if met == 5) - MISSED - LAID_ROWS
"""Things that the weights are asked to move on a cue; what others do is laid out (`handled.py`)."""
GAITS_LEARNT: Final = frozenset[str]()
"""Names of `gait.STYLES` that the present weights go by themselves; the others are laid over their tokens."""
FLOORS: Final = ("step.wood", "step.stone", "step.gravel", "step.carpet")
"""What walking sounds on."""
SUSTAINED: Final = frozenset(action.sound for action in ACTIONS.values() if action.sustained)
DRAWN_SOUNDS: Final = frozenset((*FLOORS, *(action.sound for action in ACTIONS.values())))
"""Every class that something seen on the stage makes."""


def lane(sound: str) -> int:
    """The event lane of a class: 0 what feet do, 1 what hands and things do, 2 the sustained lane."""
    return 2 if sound in SUSTAINED else 0 if sound in FLOORS else 1
