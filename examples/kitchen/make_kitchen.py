"""Writes kitchen.otio: thirty seconds, two people, one kitchen, every shape a cut may have. Edit assembly by script.

python examples/kitchen/make_kitchen.py [FOLDER]
"""

import sys
from pathlib import Path

from draw_media import draw_kitchen, film_ticket

import twopop

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
draw_kitchen(folder / "stills/kitchen.png")
film_ticket(folder / "media/ticket.mov")

shots = [
    {"name": "TITLE", "length": 36, "title": "Table Nine"},
    {
        "name": "SH010",
        "length": 96,
        "prompt": "wide of a small restaurant kitchen at night, steam, MARA wipes the counter, LEO is at the stove",
        "camera": "slow push in",
        "ref": "stills/kitchen.png",
        "markers": [{"text": "VOICE MARA: warm alto, 40s, dry"}, {"text": "VOICE LEO: light tenor, 20s, quick"}],
        "fx": "@14 pan hits the stove",
        "dialogue": "@44 MARA (tired, low): We close in ten minutes.",
        "beds": [
            {"role": "bg", "text": "restaurant kitchen at night, extractor fan, distant dishes", "through": "SH080"},
            {"role": "mx", "text": "brushed drums and upright bass, 84 bpm, warm", "at": 60, "through": "SH080"},
        ],
    },
    {"name": "ticket", "media": "media/ticket.mov", "media_in": 4, "length": 30},
    {
        "name": "SH020",
        "length": 72,
        "prompt": "medium close-up of MARA, she tears off the ticket and reads it",
        "fx": "@8 paper tears",
        "dialogue": "@24 MARA: One more. Table nine.",
    },
    {
        "name": "SH030",
        "length": 72,
        "prompt": "medium of LEO at the stove, he cracks two eggs with one hand",
        "fx": "@10 egg cracks on the pan | @20 eggs sizzle",
        "dialogue": "@30 LEO (bright): Eggs. Two minutes.",
    },
    {
        "name": "SH040",
        "length": 48,
        "prompt": "insert of a knife cutting chives on a wooden board",
        "retime": 0.5,
        "fx": "@5 knife on board | @12 knife on board | @19 knife on board",
    },
    {
        "name": "SH050",
        "length": 60,
        "nest": "plating",
        "prompt": "close-up of hands, two fried eggs slide onto a white plate",
        "fx": "@16 plate on the counter | @42 counter bell rings",
    },
    {
        "name": "SH060",
        "length": 84,
        "transition": 16,
        "prompt": "wide of the empty dining room, chairs on the tables, MARA walks in with the plate and stops",
        "fx": "@12 steps on tiles | @24 steps on tiles | @36 steps on tiles",
        "dialogue": "@46 MARA (puzzled): There is nobody at nine.",
    },
    {"gap": True, "length": 12},
    {
        "name": "SH070",
        "length": 84,
        "prompt": "two-shot at table nine, LEO takes down a chair for MARA and sets her plate on the table",
        "fx": "@12 chair on the floor | @54 plate on the table",
        "cues": [{"role": "mx", "text": "on the plate", "at": 54, "hit": True}],
        "dialogue": "@20 LEO (soft): There is now. Sit down.",
    },
    {
        "name": "SH080",
        "length": 120,
        "prompt": "close-up of MARA, she looks at the eggs, then up, and begins to smile",
        "camera": "slow push in",
        "fx": "@104 fork on the plate",
        "lines": [
            {"speaker": "MARA", "manner": "amused", "text": "You printed that ticket.", "at": 8},
            {"speaker": "LEO", "text": "You have not eaten since noon.", "lips": False, "at": 52},
        ],
        "note": "hold on her until the fork; no cut back to LEO",
    },
]
cut = twopop.assemble(shots, name="kitchen", frame_rate="24000/1001", folder=folder)
print(twopop.write_timeline(cut, folder / "kitchen.otio").path)
