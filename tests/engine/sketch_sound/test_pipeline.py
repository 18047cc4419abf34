import threading

import numpy as np
import pytest

from twopop.errors import MediaError
from twopop_engine.models.sketch.latents import read_latents, write_latents
from twopop_engine.models.sketch.pipeline import Ahead, Growing


def test_items_come_in_order_and_no_further_ahead_than_the_queue():
    made = []

    def produce():
        for k in range(20):
            made.append(k)
            yield k

    with Ahead(produce, depth=3) as ahead:
        reader = iter(ahead)
        assert next(reader) == 0
        assert list(reader) == list(range(1, 20))
    assert made == list(range(20))


def test_an_error_arrives_in_its_place():
    def produce():
        yield 1
        raise ZeroDivisionError("two")

    with Ahead(produce) as ahead:
        reader = iter(ahead)
        assert next(reader) == 1
        with pytest.raises(ZeroDivisionError, match="two"):
            next(reader)


def test_leaving_early_ends_the_producer_and_closes_what_it_held():
    closed = threading.Event()

    def produce():
        try:
            while True:
                yield 0
        finally:
            closed.set()

    with Ahead(produce, depth=2) as ahead:
        next(iter(ahead))
    assert closed.wait(2)


def test_a_growing_value_is_awaited_until_it_is_enough_or_final():
    grown = Growing()
    threading.Timer(0.05, lambda: (grown.update(3), grown.update(7), grown.finish())).start()
    assert grown.wait(lambda value: value >= 5) == 7
    assert grown.wait(lambda value: value >= 100) == 7


def test_a_growing_value_that_fails_fails_for_everybody():
    grown = Growing()
    grown.update(1)
    grown.finish(KeyError("gone"))
    with pytest.raises(KeyError, match="gone"):
        grown.wait(lambda value: True)


def test_latents_come_back_to_the_bit(tmp_path):
    tokens = {
        "DX": np.random.default_rng(0).normal(size=(7, 90)).astype(np.float32),
        "BG": np.zeros((2, 12), np.float32),
    }
    write_latents(tmp_path / "t.safetensors", tokens)
    back = read_latents(tmp_path / "t.safetensors")
    assert list(back) == ["DX", "BG"]
    assert all(np.array_equal(back[name], tokens[name]) for name in tokens)


@pytest.mark.parametrize("spoil", [b"", b"\xff" * 40, b"\x10\0\0\0\0\0\0\0{}              "])
def test_a_file_that_holds_no_tokens_is_refused(tmp_path, spoil):
    (tmp_path / "t.safetensors").write_bytes(spoil)
    with pytest.raises(MediaError, match="holds no tokens"):
        read_latents(tmp_path / "t.safetensors")
