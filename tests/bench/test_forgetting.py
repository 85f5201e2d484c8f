"""Recall of the base network's boxes, at as many false alarms as the base raises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.forgetting import Looks, confidence_for, false_alarms, measure
from models.taxonomy import CLASS_ID
from tests.models.seen import Row, boxes

CAR, BUS = CLASS_ID["car"], CLASS_ID["bus"]


def at(place: int, class_id: int, confidence: float) -> Row:
    return (100.0 * place, 0, 100.0 * place + 40, 40, class_id, confidence)


def test_a_network_that_sees_the_same_has_forgotten_nothing() -> None:
    same = boxes(at(0, CAR, 0.9), at(1, BUS, 0.6), at(2, CAR, 0.2))
    found = measure([Looks(same, same)])
    assert found.equal.recall == 1.0
    assert found.by_class == (("car", 1, 1.0), ("bus", 1, 1.0))


def test_what_the_base_is_unsure_of_is_neither_missed_nor_false() -> None:
    base, ours = boxes(at(0, CAR, 0.9), at(1, CAR, 0.2)), boxes(at(0, CAR, 0.9), at(1, CAR, 0.8))
    (wide,) = [each for each in measure([Looks(base, ours)]).curve if each.confidence == 0.5]
    assert (wide.recall, wide.false_per_frame) == (1.0, 0.0)


def test_a_forgotten_class_stays_in_the_count() -> None:
    base = boxes(*(at(place, CAR, 0.9) for place in range(3)), at(3, BUS, 0.9))
    ours = boxes(*(at(place, CAR, 0.9) for place in range(3)))
    found = measure([Looks(base, ours)])
    assert found.equal.recall == 0.75
    assert found.by_class[1] == ("bus", 1, 0.0)


def test_a_bus_called_a_car_is_not_found_and_not_false() -> None:
    base, ours = boxes(at(0, BUS, 0.9)), boxes(at(0, CAR, 0.9))
    assert not false_alarms(ours, base).any()
    assert measure([Looks(base, ours)]).equal.recall == 0.0


def test_weak_boxes_count_only_where_they_cost_no_more_false_alarms_than_the_base_raises() -> None:
    base = boxes(at(0, CAR, 0.9), at(1, CAR, 0.9))
    ours = boxes(at(0, CAR, 0.9), at(1, CAR, 0.3), at(5, CAR, 0.6))
    assert measure([Looks(base, ours)]).equal.recall == 0.5  # the false one at 0.6 comes first, the base raises none
    also_wrong = boxes(at(0, CAR, 0.9), at(1, CAR, 0.9), at(7, CAR, 0.9))
    found = measure([Looks(also_wrong, ours)])
    assert found.equal.false_per_frame == 1.0
    assert found.equal.recall == pytest.approx(2 / 3)


@given(st.lists(st.floats(0.0, 1.0, width=32), max_size=20), st.integers(0, 20))
def test_no_more_false_alarms_than_allowed(false: list[float], allowed: int) -> None:
    values = np.array(false, np.float32)
    assert (values >= confidence_for(values, allowed)).sum() <= max(allowed, 0)
