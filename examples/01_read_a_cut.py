"""Read a cut, list what it asks for, and generate nothing.

python examples/01_read_a_cut.py [CUT]
"""

import sys
from pathlib import Path

import twopop

cut_path = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "kitchen" / "kitchen.otio")

cut = twopop.read_timeline(cut_path)
print(f"{cut.name}: {cut.duration_frames} frames at {cut.frame_rate}, from {cut.timecode(0)}")

plan = twopop.plan_shots(cut)
for shot in plan.shots:
    print(f"{cut.timecode(shot.record.start)}  {shot.name}  {shot.used.frames} frames  {shot.brief.prompt}")
    for line in shot.brief.lines:
        print(f"              {line.speaker}: {line.text}")
for clip in plan.left_alone:
    print(f"{clip.timecode}  {clip.name} is left alone: {clip.why}")
