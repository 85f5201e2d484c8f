"""A confidence is calibrated when it is the share that is right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.calibration import reliability
from models.evaluation.metrics import UNMATCHED, Scored


def scored(confidence: list[float], right: list[bool]) -> Scored:
    count, truth = len(confidence), np.where(right, np.cumsum(right) - 1, UNMATCHED)
    return Scored(
        np.array(confidence, np.float32), np.zeros(count, np.int64), np.full(count, 9, np.float32), truth[None],
        np.zeros(sum(right), np.int64), np.full(sum(right), 9, np.float32), np.zeros(1, np.int64),
    )  # fmt: skip


def test_three_of_four_right_at_three_quarters_is_calibrated() -> None:
    assert reliability([scored([0.75] * 4, [True, True, True, False])]).error == pytest.approx(0.0)


def test_sure_and_wrong_is_as_far_off_as_it_was_sure() -> None:
    assert reliability([scored([0.95], [False])]).error == pytest.approx(0.95)


def test_bins_weigh_by_their_detections_over_all_sets() -> None:
    found = reliability([scored([0.95] * 3, [True] * 3), scored([0.35], [False])])
    assert found.error == pytest.approx((3 * 0.05 + 0.35) / 4)
    assert [(each.low, each.high, each.count) for each in found.bins] == [(0.3, 0.4, 1), (0.9, 1.0, 3)]


def test_boxes_that_the_product_never_sees_do_not_flatter() -> None:
    weak = scored([0.95] + [0.01] * 99, [False] * 100)
    assert reliability([weak]).error == pytest.approx(0.95)


def test_nothing_found_has_no_calibration() -> None:
    assert np.isnan(reliability([]).error)
    assert reliability([scored([], [])]).bins == ()


@given(st.lists(st.tuples(st.floats(0.05, 1.0), st.booleans()), min_size=1, max_size=50))
def test_error_is_a_share_and_no_detection_is_lost(rows: list[tuple[float, bool]]) -> None:
    found = reliability([scored([sure for sure, _ in rows], [right for _, right in rows])], floor=0.0)
    assert 0.0 <= found.error <= 1.0
    assert sum(each.count for each in found.bins) == len(rows)
