"""Padding pictures and reading the network's rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decode import FLOOR, GREY, MOST, STRIDE, detections_from, padded
from models.taxonomy import CLASS_ID, STREET_CLASSES


def row(box: tuple[float, ...], **scores: float) -> np.ndarray:
    values = np.zeros(4 + len(STREET_CLASSES), np.float32)
    values[:4] = box
    for name, score in scores.items():
        values[4 + CLASS_ID[name]] = score
    return values


@given(st.integers(1, 100), st.integers(1, 100))
def test_padding_is_grey_right_and_below_up_to_the_stride(height: int, width: int) -> None:
    picture = np.full((height, width, 3), 7, np.uint8)
    canvas = padded(picture)
    assert canvas.shape[0] % STRIDE == canvas.shape[1] % STRIDE == 0
    assert 0 <= canvas.shape[0] - height < STRIDE
    assert (canvas[:height, :width] == 7).all()
    assert (canvas[height:] == GREY).all()
    assert (canvas[:, width:] == GREY).all()


def test_an_anchor_counts_for_each_class_that_it_may_be() -> None:
    found = detections_from(np.stack([row((1, 2, 30, 40), car=0.6, truck=0.5)]), 100, 100)
    assert found.class_names() == ["car", "truck"]
    assert found.boxes.tolist() == [[1, 2, 30, 40]] * 2


def test_of_overlapping_boxes_of_a_class_the_strongest_stays() -> None:
    rows = np.stack([row((0, 0, 50, 50), car=0.5), row((2, 0, 51, 50), car=0.7), row((30, 0, 80, 50), car=0.2)])
    found = detections_from(rows, 100, 100)
    assert found.boxes[:, 0].tolist() == [2, 30]


def test_weak_rows_are_left_out_and_the_rest_is_sorted() -> None:
    rows = np.stack([row((0, 0, 9, 9), car=0.3), row((0, 0, 9, 9), car=FLOOR / 2), row((0, 0, 9, 9), bus=0.8)])
    assert detections_from(rows, 100, 100).confidence.tolist() == pytest.approx([0.8, 0.3])


def test_boxes_end_at_the_picture_and_those_in_the_padding_vanish() -> None:
    rows = np.stack([row((-5, -5, 120, 50), car=0.9), row((101, 10, 120, 20), car=0.9)])
    assert detections_from(rows, 100, 100).boxes.tolist() == [[0, 0, 100, 50]]


def test_only_the_strongest_are_returned() -> None:
    rows = np.stack([row((10 * index, 0, 10 * index + 9, 9), car=0.1 + 0.001 * index) for index in range(MOST + 50)])
    found = detections_from(rows, 10_000, 100)
    assert len(found) == MOST
    assert found.confidence.min() > 0.1 + 0.001 * 49


def test_nothing_found_is_empty() -> None:
    assert len(detections_from(np.zeros((5, 4 + len(STREET_CLASSES)), np.float32), 10, 10)) == 0
