"""A candidate is refused where it is surely worse, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from models.detections import Detections
from models.evaluation.evaluate import LEAST_TRUTHS, ClassOnSet, by_class
from models.evaluation.gate import WorseNetwork, compare, mean_change, precision_loss, refuse_losses
from models.taxonomy import CLASS_ID
from tests.models.seen import boxes, seen

CAR, BUS = CLASS_ID["car"], CLASS_ID["bus"]
PICTURES = 30


def network(name: str, found: dict[int, int], *, pictures: int = PICTURES) -> list[ClassOnSet]:
    """Of each class, the boxes of the first so many pictures are found."""
    truth = boxes(*((100.0 * each, 0, 100.0 * each + 9, 9, each, 0.9) for each in found))
    shown: list[Detections] = [
        truth[np.array([number < found[int(each)] for each in truth.class_id])] for number in range(pictures)
    ]
    one = seen(name, shown, [truth] * pictures)
    return by_class([one])


def test_equal_networks_pass() -> None:
    same = network("s", {CAR: 20})
    rows = compare(same, same)
    assert [(row.set_name, row.difference, row.interval) for row in rows] == [("s", 0, (0, 0)), ("", 0, (0, 0))]
    refuse_losses(rows)


def test_a_class_that_is_surely_worse_refuses_and_is_named() -> None:
    rows = compare(network("s", {CAR: 10, BUS: 30}), network("s", {CAR: 30, BUS: 30}))
    assert [row.class_name for row in rows if row.loses] == ["car", "car"]
    with pytest.raises(WorseNetwork, match="loses on car by"):
        refuse_losses(rows)


def test_a_loss_within_chance_passes() -> None:
    rows = compare(network("s", {CAR: 29}), network("s", {CAR: 30}))
    assert rows[0].difference < 0
    refuse_losses(rows)


def test_the_pictures_are_drawn_for_both_alike() -> None:
    """One finds nothing that the other does not find either: paired, it never comes out better."""
    (row, _) = compare(network("s", {CAR: 15}), network("s", {CAR: 25}))
    assert row.interval[1] < 0
    assert row.interval[0] <= row.difference <= row.interval[1]


def test_a_worse_set_alone_is_a_warning() -> None:
    mine = network("a", {CAR: 10}) + network("b", {CAR: 30})
    theirs = network("a", {CAR: 20}) + network("b", {CAR: 10})
    rows = compare(mine, theirs)
    assert [(row.set_name, row.loses) for row in rows] == [("a", True), ("b", False), ("", False)]
    refuse_losses(rows)


def test_too_few_boxes_decide_nothing() -> None:
    few = LEAST_TRUTHS - 1
    assert compare(network("s", {CAR: 0}, pictures=few), network("s", {CAR: few}, pictures=few)) == []


def test_the_loss_of_a_precision_is_positive_where_it_sees_less() -> None:
    change, interval = mean_change(network("s", {CAR: 30, BUS: 30}), network("s", {CAR: 30, BUS: 15}))
    row = precision_loss("int8", change, interval)
    assert row.value == pytest.approx(0.25, abs=0.01)
    assert row.interval[0] <= row.value <= row.interval[1]
    assert row.reached == "below"
