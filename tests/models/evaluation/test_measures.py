"""Each measure on pictures small enough to count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.errors import BadUse
from models.evaluation.measures import Measure, false_pictures, read_measures, state_errors, take, verdict
from models.evaluation.sets import read_evaluation
from models.taxonomy import CLASS_ID, STREET_CLASSES
from tests.models.seen import boxes, seen

CONFIG = Path(__file__).parents[3] / "models/config/evaluate_v1.toml"
RED, GREEN = CLASS_ID["light_red"], CLASS_ID["light_green"]
LITTER, PILE = CLASS_ID["litter"], CLASS_ID["garbage_pile"]
HALF = np.full(len(STREET_CLASSES), 0.5, np.float32)
NOTHING = boxes()


def test_mean_ap50_leaves_out_classes_without_boxes() -> None:
    one = seen("s", [boxes((0, 0, 9, 9, RED, 0.9))], [boxes((0, 0, 9, 9, RED, 1))])
    (found,) = take([Measure("m", "mean_ap50", ("s",), (RED, GREEN), floor=0.8, aim=0.9)], [one], HALF)
    assert (found.value, found.reached) == (pytest.approx(1.0), "aim")


def test_of_several_sets_the_mean_counts_each_alike_and_needs_them_all() -> None:
    truth = boxes((0, 0, 9, 9, RED, 1))
    good, bad = seen("s", [boxes((0, 0, 9, 9, RED, 0.9))], [truth]), seen("t", [NOTHING] * 3, [truth] * 3)
    measure = Measure("m", "mean_ap50", ("s", "t"), (RED,))
    (found,) = take([measure], [good, bad], HALF)
    assert found.value == pytest.approx(0.5)
    assert take([measure], [good], HALF) == []


def test_spots_take_the_litter_family_together() -> None:
    """A pile called litter is found all the same: it is the spot that counts."""
    one = seen("s", [boxes((0, 0, 9, 9, LITTER, 0.9))], [boxes((0, 0, 30, 30, PILE, 1))])
    (found,) = take([Measure("m", "spots", ("s",), (LITTER, PILE))], [one], HALF)
    assert found.value == 1.0


def test_a_head_of_the_wrong_state_is_neither_found_nor_free() -> None:
    truths = boxes((0, 0, 6, 14, RED, 1), (50, 0, 56, 14, GREEN, 1))
    wrong_first = boxes((0, 0, 6, 14, GREEN, 0.9), (50, 0, 56, 14, GREEN, 0.8))
    one = seen("s", [wrong_first, NOTHING], [truths, NOTHING])
    asked = Measure("m", "recall_at_false", ("s",), (RED, GREEN), false_per_picture=0.5, size=(12, 24))
    none_allowed = Measure("m", "recall_at_false", ("s",), (RED, GREEN), false_per_picture=0.0, size=(12, 24))
    assert [each.value for each in take([asked, none_allowed], [one], HALF)] == [0.5, 0.0]


def test_a_picture_is_false_once_however_many_boxes_it_shows() -> None:
    found = [boxes((0, 0, 9, 9, LITTER, 0.6), (9, 9, 20, 20, PILE, 0.7)), boxes((0, 0, 9, 9, LITTER, 0.4)), NOTHING]
    one = seen("s", found, [NOTHING] * 3)
    assert false_pictures(one, (LITTER, PILE), HALF).tolist() == [True, False, False]
    (counted,) = take([Measure("m", "false_pictures", ("s",), (LITTER, PILE), floor=1, aim=0)], [one], HALF)
    assert (counted.value, counted.reached) == (1.0, "floor")


def test_the_surest_state_counts_and_none_at_all_is_an_error() -> None:
    red = boxes((0, 0, 9, 9, RED, 1))
    found = [boxes((0, 0, 9, 9, RED, 0.6), (0, 0, 9, 9, GREEN, 0.3)), boxes((0, 0, 9, 9, GREEN, 0.9)), NOTHING]
    assert state_errors(seen("s", found, [red] * 3), (RED, GREEN)).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("value", "less", "word"),
    [(0.9, False, "aim"), (0.7, False, "floor"), (0.1, False, "below"), (0.1, True, "aim"), (0.9, True, "below")],
)
def test_verdict_knows_which_way_is_better(value: float, less: bool, word: str) -> None:
    floor, aim = (0.8, 0.5) if less else (0.6, 0.8)
    assert verdict(value, floor, aim, less=less) == word


def test_nothing_asked_is_nothing_reached() -> None:
    assert verdict(0.9, float("nan"), float("nan"), less=False) == ""
    assert verdict(float("nan"), 0.5, 0.6, less=False) == ""


def test_an_interval_is_over_pictures_and_holds_the_value() -> None:
    hit, miss = boxes((0, 0, 9, 9, RED, 0.9)), boxes((0, 0, 9, 9, RED, 1))
    one = seen("s", [hit, NOTHING] * 10, [miss] * 20)
    (found,) = take([Measure("m", "mean_ap50", ("s",), (RED,))], [one], HALF)
    assert found.interval[0] < found.value < found.interval[1]


def test_the_shipped_measures_are_of_shipped_sets() -> None:
    sets = {each.name: each for each in read_evaluation(CONFIG)}
    measures = read_measures(CONFIG)
    assert len(measures) >= 14
    for each in measures:
        for name in each.sets:
            if not name.startswith("held-"):  # these are a training's
                assert set(sets[name].class_ids()) & set(each.classes), each.name


def test_a_measure_that_is_not_known_is_bad_use(tmp_path: Path) -> None:
    path = tmp_path / "sets.toml"
    path.write_text('[[measure]]\nname = "m"\nkind = "beauty"\nset = "s"\nclasses = ["car"]\n')
    with pytest.raises(BadUse, match="beauty"):
        read_measures(path)
