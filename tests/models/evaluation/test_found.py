"""Recall at a precision and at a rate of false boxes, on cases that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.found import Spots, find_spots, overlap_of_smaller, recall_at_false, recall_at_precision
from models.evaluation.metrics import UNMATCHED, Scored


def one_picture(confidence: list[float], right: list[bool], found_at: list[float]) -> Spots:
    return Spots(
        np.array(confidence, np.float32),
        np.array(right, np.bool_),
        np.zeros(len(confidence), np.int64),
        np.array(found_at, np.float32),
        np.zeros(len(found_at), np.int64),
        1,
    )


def scored(confidence: list[float], truth: list[int], sizes: list[float]) -> Scored:
    count = len(confidence)
    return Scored(
        np.array(confidence, np.float32), np.arange(count) % 2, np.full(count, 20, np.float32), np.array([truth]),
        np.arange(len(sizes)) % 2, np.array(sizes, np.float32), np.arange(2),
    )  # fmt: skip


def test_a_small_box_inside_a_large_one_overlaps_it_wholly() -> None:
    small, large = np.array([[4, 4, 6, 6]], np.float32), np.array([[0, 0, 10, 10]], np.float32)
    assert overlap_of_smaller(small, large)[0, 0] == pytest.approx(1.0)
    assert overlap_of_smaller(large, small)[0, 0] == pytest.approx(1.0)


def test_half_of_the_smaller_finds_and_less_does_not() -> None:
    truth = np.array([[0, 0, 10, 10]], np.float32)
    for right_edge, found in ((5.0, True), (4.8, False)):
        box = np.array([[right_edge - 10, 0, right_edge, 10]], np.float32)
        right, at = find_spots(box, np.array([0.7], np.float32), truth)
        assert right.tolist() == [found]
        assert at[0] == pytest.approx(0.7 if found else 0.0)


def test_one_box_finds_all_spots_it_covers_and_the_surest_counts() -> None:
    truths = np.array([[0, 0, 2, 2], [6, 6, 8, 8], [50, 50, 60, 60]], np.float32)
    boxes = np.array([[0, 0, 10, 10], [0, 0, 2, 2]], np.float32)
    right, at = find_spots(boxes, np.array([0.5, 0.8], np.float32), truths)
    assert right.tolist() == [True, True]
    assert at.tolist() == pytest.approx([0.8, 0.5, 0.0])


@given(st.integers(0, 4), st.integers(0, 4))
def test_shapes_hold_without_boxes_or_truths(boxes: int, truths: int) -> None:
    box = np.array([[0, 0, 10, 10]], np.float32)
    right, at = find_spots(box.repeat(boxes, 0), np.full(boxes, 0.5, np.float32), box.repeat(truths, 0))
    assert (len(right), len(at)) == (boxes, truths)


def test_the_lowest_threshold_that_is_precise_enough_is_taken() -> None:
    # Falling: right, wrong, right, right, wrong: precision 1, 1/2, 2/3, 3/4, 3/5.
    spots = one_picture([0.9, 0.8, 0.7, 0.6, 0.5], [True, False, True, True, False], [0.9, 0.7, 0.6, 0.0])
    assert recall_at_precision(spots, 0.75) == (0.75, pytest.approx(0.6))
    assert recall_at_precision(spots, 0.76) == (0.25, pytest.approx(0.9))


def test_never_precise_enough_is_no_recall_and_no_truths_is_no_number() -> None:
    assert recall_at_precision(one_picture([0.9], [False], [0.0]), 0.5)[0] == 0.0
    assert np.isnan(recall_at_precision(one_picture([0.9], [False], []), 0.5)[0])


def test_a_picture_drawn_twice_counts_twice() -> None:
    two = Spots(
        np.array([0.9, 0.8], np.float32), np.array([True, False]), np.array([0, 1]),
        np.array([0.9, 0.0], np.float32), np.array([0, 1]), 2,
    )  # fmt: skip
    assert recall_at_precision(two, 0.6)[0] == 0.5
    assert recall_at_precision(two, 0.6, np.array([2.0, 1.0]))[0] == pytest.approx(2 / 3)
    assert recall_at_precision(two, 0.6, np.array([0.0, 2.0]))[0] == 0.0


def test_recall_stops_before_the_false_box_that_is_one_too_many() -> None:
    # Two pictures: 0.5 a picture is one false box in all.
    one = scored([0.9, 0.8, 0.7, 0.6, 0.5], [0, UNMATCHED, 1, UNMATCHED, 2], [20, 20, 20, 20])
    assert recall_at_false(one, 0.5) == (0.5, pytest.approx(0.7))
    assert recall_at_false(one, 1.0) == (0.75, pytest.approx(0.5))
    assert recall_at_false(one, 0.0) == (0.25, pytest.approx(0.9))


def test_only_truths_of_the_size_are_asked_for_but_all_false_boxes_count() -> None:
    one = scored([0.9, 0.8, 0.7], [0, UNMATCHED, 1], [100, 20, 24])
    assert recall_at_false(one, 0.5, (12, 24))[0] == 1.0
    assert recall_at_false(one, 0.0, (12, 24))[0] == 0.0
    assert recall_at_false(one, 0.5, (24, 48))[0] == 0.0
    assert np.isnan(recall_at_false(one, 0.5, (200, 300))[0])


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.floats(0, 5), st.floats(0, 5))
def test_more_false_boxes_allowed_never_find_less(hit: list[bool], first: float, second: float) -> None:
    truth = np.where(hit, np.cumsum(hit) - 1, UNMATCHED).tolist()
    one = scored(np.linspace(0.9, 0.1, len(hit)).tolist(), truth, [20.0] * (sum(hit) + 1))
    low, high = sorted((first, second))
    assert recall_at_false(one, low)[0] <= recall_at_false(one, high)[0]
