"""Measures of the art rules on frames: value separation, palette, framing.

    python -m twopop_engine.models.sketch.raster.check [--frames 100] [--seed 0] [--keep FOLDER]

Draws random scenes and poses, measures each and prints how many pass each rule; exits with 1 below 95 %.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .camera import Camera, camera_of
from .frame import FrameArtist, base_light
from .look import CLOTHES, HAIR_SHAPES, SceneLook, person_from
from .palette import oklab
from .person import Figure, measure
from .places import PLACES
from .rig import CharacterPose, Mouth, PropPose, RigFrame, Shot, StagePose

SIZE = (480, 270)
MUST = 0.95
_JOINTS = {"chin": 0.865, "hip": 0.53, "knee": 0.285, "ankle": 0.04}
"""Heights, as a share of a person's, through which the frame's edge must not cut."""


@dataclass(frozen=True)
class Verdict:
    """What was measured on one frame; each rule passes or does not, with its number."""

    label: str
    values: float
    values_pass: bool
    palette_pass: bool
    palette: str
    framing_pass: bool
    framing: str


def random_frame(draw: np.random.Generator) -> tuple[SceneLook, RigFrame]:
    """A scene and a pose that a plan could ask for."""
    kinds = ("woman", "man")
    people = tuple(
        person_from(
            f"{draw.choice(kinds)}, {draw.integers(2, 8)}0s, {draw.choice(HAIR_SHAPES)} hair, {draw.choice(CLOTHES)}",
            name=str(draw.integers(1 << 30)),
        )
        for _ in range(2)
    )
    place = str(draw.choice(sorted(PLACES)))
    weather = str(draw.choice(("clear", "clear", "rain", "snow", "fog")))
    scene = SceneLook(place, str(draw.choice(("day", "dusk", "night"))), weather, people=people)
    gap = float(draw.uniform(0.4, 0.75))
    poses = tuple(_pose(draw, side * gap, side) for side in (-1.0, 1.0))
    framing = str(draw.choice(("close-up", "medium-close", "medium", "two-shot", "wide")))
    stage = StagePose(props=(PropPose(-gap + 0.35, 0.92),), light_level=float(draw.uniform(0.5, 0.9)))
    return scene, RigFrame(poses, stage, Shot(framing, int(draw.integers(2))), float(draw.uniform(0, 10)))


def _pose(draw: np.random.Generator, x: float, side: float) -> CharacterPose:
    mouth = Mouth(float(draw.uniform(0, 0.8)), 0.5, 0.1, 0.3, 0.1, float(draw.uniform(0, 0.7)))
    return CharacterPose(
        mouth=mouth,
        root=(x, float(draw.uniform(-0.1, 0.2))),
        facing=float(-side * draw.uniform(0.2, 0.8)),
        head=(float(draw.normal(0, 0.08)), float(draw.normal(0, 0.08)), float(draw.normal(0, 0.04))),
        gaze=(float(draw.normal(0, 0.3)), 0.0),
        lean=float(draw.normal(0, 0.03)),
    )


def judge(scene: SceneLook, rig: RigFrame, artist: FrameArtist | None = None) -> tuple[Verdict, npt.NDArray[np.uint8]]:
    """Draw one frame with and without its people, and measure it."""
    artist = artist or FrameArtist(scene, SIZE)
    frame = artist.frame(rig)
    empty = artist.empty(rig)
    camera = camera_of(rig, scene.people, artist.size[0] / artist.size[1])
    figure = measure_subject(scene, rig)
    people = np.asarray((np.abs(frame.astype(np.int16) - empty) > 2).any(-1))
    value = _separation(frame, empty, artist.size, camera, figure, rig)
    palette_pass, palette = _palette(frame, people)
    framing_pass, framing = _framing(scene, rig, camera, figure)
    label = f"{scene.place}/{scene.hour}/{scene.weather}/{rig.shot.framing}"
    return Verdict(label, value, value >= 0.15, palette_pass, palette, framing_pass, framing), frame


def measure_subject(scene: SceneLook, rig: RigFrame) -> Figure:
    """The joints of the person the shot is about."""
    from .canvas import Canvas

    pose, person = rig.people[rig.shot.subject], scene.people[rig.shot.subject]
    light = base_light(scene, PLACES[scene.place])
    return measure(Canvas(16, 16), person, pose, light, 1.0 if pose.facing >= 0 else -1.0)


def _separation(
    frame: npt.NDArray[np.uint8],
    empty: npt.NDArray[np.uint8],
    size: tuple[int, int],
    camera: Camera,
    figure: Figure,
    rig: RigFrame,
) -> float:
    """Lightness between the lit face and what lies behind the head, in OKLab."""
    pose = rig.people[rig.shot.subject]
    view = camera.plane(pose.root[1], size)
    x, y = view[:, :2] @ (figure.head[0] + pose.root[0], figure.head[1]) + view[:, 2]
    unit = figure.unit * view[0, 0]
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]]
    away = np.hypot(columns - x, rows - y) / unit
    turn = 0.25 * np.sin(figure.yaw)
    face = np.hypot((columns - x) / unit - turn, (rows - y) / unit - 0.28) < 0.42
    ring = (away > 1.05) & (away < 1.9) & (rows < y + 0.6 * unit)
    lit = oklab(frame[face])[..., 0]
    behind = oklab(empty[ring])[..., 0]
    return abs(float(np.percentile(lit, 65)) - float(np.median(behind)))


def _palette(frame: npt.NDArray[np.uint8], people: npt.NDArray[np.bool_]) -> tuple[bool, str]:
    """At most five hues that matter, a background quieter than the people, nothing pure black or white."""
    lab = oklab(frame)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    shares = np.histogram(hue, bins=12, range=(0, 360), weights=np.where(chroma > 0.035, chroma, 0))[0]
    shares = shares / max(1e-9, shares.sum())
    hues = _clusters(shares)
    quiet = float(chroma[~people].mean() / max(1e-9, np.percentile(chroma[people], 85))) if people.any() else 1.0
    extreme = float(((lab[..., 0] < 0.06) | (lab[..., 0] > 0.985)).mean())
    report = f"{hues} hues, background chroma {quiet:.2f} of the people's, {extreme:.2%} pure"
    return hues <= 5 and quiet <= 0.75 and extreme < 0.01, report


def _clusters(shares: npt.NDArray[np.float64]) -> int:
    """Runs of neighbouring hue bins with at least 4 % of the colour, around the circle."""
    seen = shares >= 0.04
    return int((seen & ~np.roll(seen, 1)).sum()) or int(seen.all())


def _framing(scene: SceneLook, rig: RigFrame, camera: Camera, figure: Figure) -> tuple[bool, str]:
    """Eyes near the upper third, room above, no edge through a joint, more room before the face than behind."""
    pose, person = rig.people[rig.shot.subject], scene.people[rig.shot.subject]
    visible = camera.visible_m / camera.closeness(pose.root[1])
    top, bottom = camera.y + visible / 2, camera.y - visible / 2
    eye = -figure.head[1] - 0.05 * figure.unit
    eyes, room = (top - eye) / visible, (top - person.height) / visible
    faults: list[str] = []
    low, high = (0.12, 0.40) if rig.shot.framing == "wide" else (0.24, 0.42)
    if not low <= eyes <= high:
        faults.append(f"eyes at {eyes:.2f} of the height")
    if room < 0.02:
        faults.append(f"headroom {room:.2f}")
    for joint, share in _JOINTS.items():
        if abs(bottom - share * person.height) < 0.035 * visible:
            faults.append(f"cuts the {joint}")
    if rig.shot.framing in ("close-up", "medium-close", "medium") and abs(pose.facing) > 0.25:
        across = (pose.root[0] + figure.head[0] - camera.x) / (visible * SIZE[0] / SIZE[1]) + 0.5
        if (across - 0.5) * np.sign(pose.facing) > 0.0:
            faults.append(f"looks out of the frame from {across:.2f}")
    return not faults, "; ".join(faults) or f"eyes at {eyes:.2f}"


def verdicts(count: int, seed: int, keep: Path | None = None) -> Iterator[Verdict]:
    """Judge `count` random frames; with `keep`, write those that fail as PNG."""
    draw = np.random.default_rng(seed)
    for k in range(count):
        verdict, frame = judge(*random_frame(draw))
        if keep and not (verdict.values_pass and verdict.palette_pass and verdict.framing_pass):
            from PIL import Image

            keep.mkdir(parents=True, exist_ok=True)
            Image.fromarray(frame).save(keep / f"{k:03d}_{verdict.label.replace('/', '_')}.png")
        yield verdict


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Check the art rules on random frames.")
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=None, help="folder for the frames that fail")
    options = parser.parse_args()
    results = list(verdicts(options.frames, options.seed, options.keep))
    say = sys.stdout.write
    for v in results:
        if not (v.values_pass and v.palette_pass and v.framing_pass):
            say(f"{v.label:44} value {v.values:.2f}{'' if v.values_pass else ' FAIL'}; ")
            say(f"{v.palette}{'' if v.palette_pass else ' FAIL'}; {v.framing}{'' if v.framing_pass else ' FAIL'}\n")
    shares = {
        "value separation": np.mean([v.values_pass for v in results]),
        "palette": np.mean([v.palette_pass for v in results]),
        "framing": np.mean([v.framing_pass for v in results]),
    }
    for rule, share in shares.items():
        say(f"{rule:20} {share:6.1%} of {len(results)} frames\n")
    return 0 if min(shares.values()) >= MUST else 1


if __name__ == "__main__":
    sys.exit(main())
