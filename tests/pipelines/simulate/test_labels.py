import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.taxonomy import CLASS_ID
from pipelines.simulate.labels import Seen, extents, in_window, outline_area
from pipelines.simulate.training_frames import label_lines


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 19), st.integers(0, 29)), max_size=30))
def test_extents_are_those_of_the_pixels(pixels: list[tuple[int, int, int]]) -> None:
    picture = np.zeros((20, 30), np.int32)
    for name, row, column in pixels:
        picture[row, column] = name
    found = extents(picture)
    assert set(found) == set(np.unique(picture)) - {0}
    for name, (x1, y1, x2, y2, count) in found.items():
        rows, columns = np.nonzero(picture == name)
        assert (x1, y1, x2, y2, count) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1, len(rows))


def test_outline_is_clipped_at_the_frame_and_unknown_behind_the_camera() -> None:
    square = np.array([(-50, 10, 5), (50, 10, 5), (50, 60, 5), (-50, 60, 5)], float)
    assert outline_area(square, 100, 100) == pytest.approx(50 * 50, rel=0.01)
    square[0, 2] = -1
    assert np.isnan(outline_area(square, 100, 100))


def test_hidden_tiny_and_mostly_cut_off_things_are_left_out() -> None:
    things = [
        Seen(0, "car", (10, 10, 50, 40), 1.0),
        Seen(1, "car", (10, 10, 50, 40), 0.2),
        Seen(2, "litter", (20, 20, 25, 24), 1.0),
        Seen(3, "bus", (-400, 0, 60, 60), 1.0),
    ]
    kept = in_window(things, (0, 0, 640, 384), 1.0)
    assert [thing.actor for thing in kept] == [0]


def test_a_window_scales_and_shifts_boxes() -> None:
    kept = in_window([Seen(0, "car", (110, 220, 190, 260), 1.0)], (100, 200, 300, 300), 0.5)
    assert kept[0].box == (5, 10, 45, 30)


def test_a_label_line_is_class_centre_and_size_as_shares() -> None:
    line = label_lines([Seen(0, "garbage_pile", (160, 96, 480, 288), 1.0)], 640, 384)
    assert line == f"{CLASS_ID['garbage_pile']} 0.500000 0.500000 0.500000 0.500000\n"
