"""What a drawn frame costs: CPU milliseconds a frame on one thread, and against a fixed piece of work.

    python benchmarks/raster.py [--seconds 2]

"10 %" is what the cheapest tenth of the frames stays under: near what a quiet machine takes. The last column divides
the mean by the cost of a fixed drawing on the same machine in the same minute, so that runs on busy machines compare.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from twopop_engine.models.sketch.layout import CA, CB, STAGE
from twopop_engine.models.sketch.raster import FrameArtist, SceneLook, person_from, rig_at, shot_at
from twopop_engine.models.sketch.raster.canvas import Canvas
from twopop_engine.models.sketch.raster.shapes import ellipse


def tracks(seconds: float, *, camera_moves: bool = False) -> dict[str, np.ndarray]:
    """Two people who talk and sway, in natural units."""
    count = int(seconds * 25) + 2
    t = np.arange(count) / 25
    out = {group.name: np.zeros((count, group.dims)) for group in (CA, CB, STAGE)}
    for name, group, x, facing in (("CA", CA, -0.45, 0.45), ("CB", CB, 0.5, -0.5)):
        put = {"root_x": x, "facing": facing, "head_yaw": 0.1 * np.sin(2 * t), "head_roll": 0.05 * np.sin(1.3 * t)}
        put |= {"left_hand_x": -0.24, "right_hand_x": 0.24, "left_hand_y": 0.86, "right_hand_y": 0.86 + 0.1 * np.sin(t)}
        put |= {"left_foot_x": -0.1, "right_foot_x": 0.1, "breath": 0.5 + 0.5 * np.sin(1.6 * t)}
        for half in (0, 1):
            put[f"aperture.{half}"] = 0.5 + 0.5 * np.sin(17 * t + half)
            put[f"jaw.{half}"] = 0.4 + 0.4 * np.sin(17 * t + half)
        for channel, value in put.items():
            out[name][:, group.index[channel]] = value
    stage = {"camera_y": 1.3, "light_level": 0.7, "light_warmth": 0.5, "prop0.x.0": -0.1, "prop0.x.1": -0.1}
    stage |= {"prop0.y.0": 0.92, "prop0.y.1": 0.92}
    if camera_moves:
        stage |= {"camera_zoom": 0.02 * t, "camera_x": 0.05 * t}
    for channel, value in stage.items():
        out["STAGE"][:, STAGE.index[channel]] = value
    return out


def reference_ms() -> float:
    """A fixed drawing: 120 ellipses over a 1080p canvas."""
    canvas, costs = Canvas(1920, 1080), []
    for turn in range(40):
        start = time.process_time()
        for k in range(120):
            canvas.fill(ellipse(16 * k, 9 * k + turn, 60, 40), (200, 100 + k, 50, 255))
        canvas.flush()
        costs.append((time.process_time() - start) * 1000)
    return float(np.mean(costs))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2.0)
    seconds = parser.parse_args().seconds
    people = (person_from("woman, 40s, chef, brown bob"), person_from("man, 30s, teal sweater, black short hair"))
    scene = SceneLook(people=people)
    unit = reference_ms()
    print(f"reference drawing {unit:.2f} ms")
    print(f"{'shot':22}{'size':>12}{'camera':>8}{'first ms':>10}{'mean ms':>9}{'10 %':>7}{'per reference':>15}")
    for framing in ("close-up", "medium", "two-shot", "over-the-shoulder", "wide"):
        for size in ((1920, 1080), (960, 540)):
            for moves in (False, True):
                rig = tracks(seconds, camera_moves=moves)
                shot = shot_at(rig, 0.0, framing)
                artist = FrameArtist(scene, size)
                start = time.process_time()
                artist.pixels(rig_at(rig, 0.0, shot=shot))
                first = time.process_time() - start
                frames = int(seconds * 24)
                costs: list[float] = []
                for k in range(frames):
                    start = time.process_time()
                    artist.pixels(rig_at(rig, k / 24, shutter_s=1 / 24, shot=shot))
                    costs.append((time.process_time() - start) * 1000)
                each, best = float(np.mean(costs)), float(np.percentile(costs, 10))
                label, camera = f"{size[0]}x{size[1]}", "moves" if moves else "still"
                print(
                    f"{framing:22}{label:>12}{camera:>8}{first * 1000:10.0f}{each:9.1f}{best:7.1f}{each / unit:15.2f}"
                )


if __name__ == "__main__":
    main()
