"""Three finished pieces, to hear what the music is like and to see when it changes.

python -m twopop_engine.models.sketch.pieces out
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from .foley import SAMPLE_RATE
from .music import Piece, read_music
from .perform import Performance
from .stems import FULL_SCALE, finish

SECONDS: Final = 24.0
TAIL_S: Final = 2.0
PIECES: Final[dict[str, tuple[str, tuple[float, ...]]]] = {
    "closing-time": ("brushed drums and upright bass, 92 bpm, D minor", (7.8,)),
    "chase": ("driving electronic beat, 120 bpm, A minor", (4.0, 10.1, 16.3)),
    "letter": ("tender piano, 72 bpm, F major", ()),
}
"""Name -> words and hits."""


def piece_of(name: str) -> Piece:
    """One of the pieces."""
    words, hits = PIECES[name]
    return read_music(words, hits, seed=1, begin_s=0.0, end_s=SECONDS)


def note_lines(piece: Piece) -> list[str]:
    """Its notes, one a line: milliseconds, length, MIDI number, velocity in hundredths, instrument."""
    performance, bars = Performance(piece), range(piece.bars or 0)
    notes = sorted(
        (note for bar in bars for note in performance.notes(bar)), key=lambda note: (note.start_s, note.midi)
    )
    return [
        f"{1000 * n.start_s:.0f} {1000 * n.held_s:.0f} {n.midi} {100 * n.velocity:.0f} {n.instrument}" for n in notes
    ]


def main() -> None:
    """Writes every piece as FLAC into a folder."""
    import soundfile

    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out")
    folder.mkdir(parents=True, exist_ok=True)
    for name in PIECES:
        sound = Performance(piece_of(name)).render(0, round((SECONDS + TAIL_S) * SAMPLE_RATE))
        soundfile.write(folder / f"{name}.flac", finish("music", sound) / FULL_SCALE, SAMPLE_RATE, subtype="PCM_24")


if __name__ == "__main__":
    main()
