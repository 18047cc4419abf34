"""The three finished pieces, note for note. To accept new ones: python tests/engine/sketch_sound/test_pieces.py"""

from pathlib import Path

import pytest

from twopop_engine.models.sketch.pieces import PIECES, note_lines, piece_of

GOLDENS = Path(__file__).parent / "goldens"


@pytest.mark.parametrize("name", PIECES)
def test_a_finished_piece_is_played_as_it_was(name):
    lines = note_lines(piece_of(name))
    golden = [line.split() for line in (GOLDENS / f"{name}.txt").read_text().splitlines()]
    played = [line.split() for line in lines]
    assert [(n[2], n[4]) for n in played] == [(n[2], n[4]) for n in golden]
    for note, kept in zip(played, golden, strict=True):
        assert all(abs(int(note[k]) - int(kept[k])) <= 1 for k in (0, 1, 3))


@pytest.mark.parametrize("name", PIECES)
def test_a_finished_piece_ends_on_a_bar_at_its_end(name):
    piece = piece_of(name)
    assert piece.bars is not None
    assert float(piece.tempo.beat(24.0)) == pytest.approx(4 * piece.bars, abs=1.01)


if __name__ == "__main__":
    for each in PIECES:
        (GOLDENS / f"{each}.txt").write_text("\n".join(note_lines(piece_of(each))) + "\n")
