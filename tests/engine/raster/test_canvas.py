import sys

import numpy as np
import pytest

from twopop_engine.models.sketch.raster import library as module
from twopop_engine.models.sketch.raster.canvas import Canvas, Linear, Radial, affine
from twopop_engine.models.sketch.raster.library import RasterLibraryMissing
from twopop_engine.models.sketch.raster.shapes import (
    along,
    at,
    crescent,
    ellipse,
    mix,
    normals,
    polygon,
    rectangle,
    ribbon,
    spline,
)

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)


def test_red_is_the_first_channel():
    canvas = Canvas(32, 32)
    canvas.fill(rectangle(0, 0, 32, 32), (200, 100, 50, 255))
    assert canvas.flush()[16, 16].tolist() == [200, 100, 50, 255]


def test_drawing_keeps_what_lies_beneath():
    canvas = Canvas(32, 32)
    canvas.pixels[:] = BLUE
    canvas.fill(rectangle(0, 0, 16, 32), RED)
    pixels = canvas.flush()
    assert pixels[5, 5].tolist() == list(RED)
    assert pixels[5, 25].tolist() == list(BLUE)
    canvas.fill(rectangle(20, 0, 24, 32), RED)
    assert canvas.flush()[5, 5].tolist() == list(RED)


def test_edges_are_antialiased():
    canvas = Canvas(16, 16)
    canvas.pixels[:] = (0, 0, 0, 255)
    canvas.fill(polygon([(0, 0), (6.5, 0), (10.5, 16), (0, 16)]), (255, 255, 255, 255))
    grey = canvas.flush()[..., 0]
    assert ((grey > 20) & (grey < 235)).sum() >= 12
    assert abs(grey.sum() / 255 - 8.5 * 16) < 2


def test_views_nest_and_mirror():
    canvas = Canvas(40, 40)
    with canvas.moved(affine(10.0, 20.0, 20.0, mirror=True)):
        canvas.fill(rectangle(0.2, -1, 1, 1), RED)  # to the right in its own units, mirrored to the left
    pixels = canvas.flush()
    assert pixels[20, 13, 0] == 255
    assert pixels[20, 27, 3] == 0


def test_a_group_is_cut_out_by_its_clip():
    canvas = Canvas(40, 40)
    with canvas.group(clip=ellipse(20, 20, 10, 10)):
        canvas.fill(rectangle(0, 0, 40, 40), RED)
    pixels = canvas.flush()
    assert pixels[20, 20, 3] == 255
    assert pixels[2, 2, 3] == 0
    assert abs(int((pixels[..., 3] > 127).sum()) - round(np.pi * 100)) < 12


def test_a_blurred_group_spreads():
    canvas = Canvas(60, 60)
    with canvas.group(blur=4.0):
        canvas.fill(rectangle(20, 20, 40, 40), RED)
    alpha = canvas.flush()[..., 3]
    assert 0 < alpha[30, 16] < 255


def test_gradients_run_from_start_to_end():
    canvas = Canvas(64, 64)
    canvas.fill(rectangle(0, 0, 64, 64), Linear((0, 0), (0, 64), ((0.0, RED), (1.0, BLUE))))
    pixels = canvas.flush()
    assert pixels[2, 32, 0] > 240 > 15 > pixels[2, 32, 2]
    assert pixels[61, 32, 2] > 240
    canvas.fill(rectangle(0, 0, 64, 64), Radial((32, 32), 30, ((0.0, BLUE), (1.0, RED))))
    pixels = canvas.flush()
    assert pixels[32, 32, 2] > 240
    assert pixels[1, 1, 0] > 240


def test_pictures_lie_at_their_pixel():
    canvas = Canvas(20, 20)
    canvas.picture(np.full((4, 4, 4), 255, np.uint8), 3, 5)
    alpha = canvas.flush()[..., 3]
    assert np.argwhere(alpha).min(0).tolist() == [5, 3]
    assert int((alpha > 0).sum()) == 16


def test_a_spline_passes_through_its_points_and_is_sharp_at_corners():
    points = [(0, 0), (10, 0), (10, 10), (0, 10)]
    path = spline(points, corners=(0,))
    assert path.points[0].tolist() == [0, 0]
    assert path.points[3].tolist() == [10, 0]
    assert path.points[1].tolist() == [0, 0]  # no handle at a corner
    assert path.points[2].tolist() != [10, 0]


def test_ribbons_are_as_wide_as_asked():
    path = ribbon([(0, 0), (50, 0), (100, 0)], [10, 20, 10])
    assert np.ptp(path.points[:, 1]) == pytest.approx(20, abs=1.0)
    assert normals([(0, 0), (1, 0)])[0].tolist() == pytest.approx([0, 1])


def test_small_tools_of_shapes():
    assert at("1 2, 3 4").tolist() == [[1, 2], [3, 4]]
    with pytest.raises(ValueError, match="read-only"):
        at("1 2, 3 4")[0, 0] = 5
    assert mix([(0, 0)], [(2, 4)], 0.5).tolist() == [[1, 2]]
    assert along([(0, 0), (1, 0), (2, 0)], 5)[2].tolist() == pytest.approx([1, 0])
    moved = polygon([(0, 0), (1, 0), (1, 1)]).moved(2, 3)
    assert moved.points[0].tolist() == [2, 3]
    assert len(crescent(moved, 1, 0).points) == 7


def test_a_missing_library_names_the_command(monkeypatch):
    module.library.cache_clear()
    monkeypatch.setitem(sys.modules, "thorvg_python", None)
    with pytest.raises(RasterLibraryMissing, match=r"pip install 'twopop\[sketch\]'.*Nothing was drawn"):
        Canvas(16, 16)
    module.library.cache_clear()


def test_a_library_that_does_not_load_says_what_it_needs(monkeypatch, tmp_path):
    broken = tmp_path / "libthorvg-1.so"
    broken.write_bytes(b"not a library")
    module.library.cache_clear()
    monkeypatch.setattr(module, "_library_file", lambda: broken)
    with pytest.raises(RasterLibraryMissing, match="did not load"):
        Canvas(16, 16)
    module.library.cache_clear()
