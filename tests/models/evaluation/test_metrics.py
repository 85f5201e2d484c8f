"""Average precision and friends, on cases whose answer can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.interval import draws, interval, one_after_another, precision_recall_intervals
from models.evaluation.metrics import (
    IOUS,
    UNMATCHED,
    Scored,
    average_precision,
    best_threshold,
    f_measure,
    match,
    precision_recall,
)


def scored(confidence: list[float], hit: list[bool], truths: int, *, pictures: int = 1) -> Scored:
    """Detections in falling confidence, the n-th hit hitting the n-th truth, spread over the pictures."""
    rows = np.where(hit, np.cumsum(hit) - 1, UNMATCHED).astype(np.int64)
    count = len(confidence)
    return Scored(
        np.array(confidence, np.float32),
        np.arange(count) % pictures,
        np.full(count, 50, np.float32),
        np.tile(rows, (len(IOUS), 1)),
        np.arange(truths) % pictures,
        np.full(truths, 50, np.float32),
        np.arange(pictures),
    )


def test_all_found_and_nothing_else_is_one() -> None:
    assert average_precision(scored([0.9, 0.8], [True, True], 2)) == pytest.approx(1.0)


def test_nothing_found_is_zero() -> None:
    assert average_precision(scored([], [], 3)) == 0.0


def test_without_truths_there_is_no_average_precision() -> None:
    assert np.isnan(average_precision(scored([0.9], [False], 0)))


def test_half_of_the_truths_found_cleanly_is_about_half() -> None:
    # Precision 1 up to recall 0.5: 51 of the 101 recall points.
    assert average_precision(scored([0.9], [True], 2)) == pytest.approx(51 / 101)


def test_false_detection_above_the_hit_halves_it() -> None:
    assert average_precision(scored([0.9, 0.8], [False, True], 1)) == pytest.approx(0.5)


def test_false_detection_below_every_hit_costs_nothing() -> None:
    assert average_precision(scored([0.9, 0.1], [True, False], 1)) == pytest.approx(1.0)


def test_precision_and_recall_count_from_the_threshold_up() -> None:
    precision, recall, false = precision_recall(scored([0.9, 0.6, 0.3], [True, False, True], 4), 0.5)
    assert (precision, recall, false) == (0.5, 0.25, 1)


def test_threshold_is_put_between_hits_and_false_detections() -> None:
    chosen = best_threshold([scored([0.9, 0.8, 0.3, 0.25], [True, True, False, False], 2)])
    assert 0.3 < chosen <= 0.7


def test_each_truth_is_hit_once_by_the_surest() -> None:
    box = np.array([[0, 0, 10, 10]], np.float32)
    hits = match(np.repeat(box, 2, 0), np.array([0.4, 0.9], np.float32), box)
    assert hits[0].tolist() == [UNMATCHED, 0]


def test_a_loose_box_hits_only_at_low_overlap() -> None:
    hits = match(np.array([[0, 0, 10, 6]], np.float32), np.ones(1, np.float32), np.array([[0, 0, 10, 10]], np.float32))
    assert (hits[:, 0] >= 0).tolist() == [bool(level <= 0.6) for level in IOUS]


def test_detections_of_another_size_are_not_held_against_a_bucket() -> None:
    one = Scored(
        np.array([0.9, 0.8, 0.7], np.float32),
        np.zeros(3, np.int64),
        np.array([100, 10, 100], np.float32),
        np.tile(np.array([0, 1, UNMATCHED]), (len(IOUS), 1)),
        np.zeros(2, np.int64),
        np.array([100, 10], np.float32),
        np.zeros(1, np.int64),
    )
    assert average_precision(one.sized(0, 50)) == pytest.approx(1.0)
    assert precision_recall(one.sized(50, 200), 0.0) == (0.5, 1.0, 1)


def test_a_large_set_does_not_outvote_a_small_one() -> None:
    # The small set is best from 0.6 up, the large one loses half of its hits there.
    small = scored([0.9, 0.5, 0.5, 0.5], [True, False, False, False], 1)
    large = scored([0.9, 0.4] * 20, [True, True] * 20, 40)
    assert best_threshold([small]) > 0.5
    assert best_threshold([large]) < 0.4
    assert best_threshold([small, large]) > 0.5


def test_precision_counted_double_asks_for_more_confidence_and_recall_for_less() -> None:
    one = scored([0.9, 0.8, 0.6, 0.5, 0.4, 0.3], [True, True, False, True, False, True], 5)
    assert best_threshold([one], beta=0.5) > best_threshold([one], beta=2.0)
    precise = f_measure(one, 0.7, beta=0.5)  # P 1, R 0.4
    assert precise == pytest.approx(1.25 * 0.4 / (0.25 + 0.4))


def test_other_overlaps_than_cocos_can_be_asked_for() -> None:
    box, truth = np.array([[0, 0, 10, 4]], np.float32), np.array([[0, 0, 10, 10]], np.float32)
    assert match(box, np.ones(1, np.float32), truth, np.array([0.3, 0.5]))[:, 0].tolist() == [0, UNMATCHED]


def test_intervals_of_precision_and_recall_hold_them() -> None:
    one = scored([0.9, 0.8, 0.7, 0.6] * 5, [True, False, True, True] * 5, 20, pictures=10)
    rates = precision_recall_intervals(one, 0.65)
    assert (rates.precision, rates.recall, rates.false) == (*precision_recall(one, 0.65)[:2], 5)
    assert rates.precision_interval[0] <= rates.precision <= rates.precision_interval[1]
    assert rates.recall_interval[0] < rates.recall < rates.recall_interval[1]


def test_without_truths_there_is_no_interval() -> None:
    none = scored([0.9], [False], 0)
    assert np.isnan(interval(none)).all()
    assert np.isnan(precision_recall_intervals(none, 0.5).recall_interval).all()


@given(st.lists(st.integers(0, 8), min_size=1, max_size=40))
def test_each_draw_is_of_as_many_scenes_as_there_are_and_of_whole_ones(numbers: list[int]) -> None:
    group = np.unique(numbers, return_inverse=True)[1]
    drawn = draws(group, rounds=20)
    assert drawn.shape == (20, len(numbers))
    scenes, first = np.unique(group, return_index=True)
    assert (drawn[:, first].sum(axis=1) == len(scenes)).all()
    assert (drawn == drawn[:, first][:, group]).all()


def test_pictures_of_one_scene_make_an_interval_wider() -> None:
    hits = ([True] * 4 + [False] * 4) * 5  # a scene of four pictures is found or not
    alone = scored(np.linspace(0.9, 0.5, 40).tolist(), hits, 40, pictures=40)
    (low, high), (wide_low, wide_high) = interval(alone), interval(replace(alone, group=np.arange(40) // 4))
    assert wide_high - wide_low > 1.2 * (high - low)


def test_sets_laid_one_after_another_share_no_scene() -> None:
    assert one_after_another([np.array([0, 1, 1]), np.array([0, 0])]).tolist() == [0, 1, 1, 2, 2]
    assert one_after_another([]).tolist() == []


def test_interval_holds_the_value_and_is_repeatable() -> None:
    one = scored([0.9, 0.8, 0.7, 0.6] * 5, [True, False, True, True] * 5, 20, pictures=10)
    low, high = interval(one, rounds=100)
    assert low <= average_precision(one) <= high
    assert interval(one, rounds=100) == (low, high)


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(0, 10))
def test_a_weight_of_two_everywhere_changes_nothing(hit: list[bool], more: int) -> None:
    one = scored(np.linspace(0.9, 0.1, len(hit)).tolist(), hit, sum(hit) + more, pictures=3)
    if len(one.truth_picture):
        doubled = average_precision(one, 0, np.full(3, 2.0))
        assert doubled == pytest.approx(average_precision(one))
        assert 0.0 <= doubled <= 1.0
