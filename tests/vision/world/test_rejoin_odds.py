from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.vision.world.test_rejoin import UNKNOWN, Piece, trails
from vision.world.rejoin_odds import ends_of, log_odds


def odds(before: Piece, later: Piece) -> float:
    """Logarithm."""
    return float(log_odds(ends_of(trails([before, later])), np.array([0]), np.array([1]))[0])


PARKED = Piece(10.0, 0.0, 4.0)
DRIVES = Piece(6.0, 0.0, 2.0, speed_mps=6.0)


def test_the_same_place_is_likelier_than_one_beside_it_and_that_than_the_next_car() -> None:
    at = [odds(PARKED, Piece(10.0 + off, 6.0, 10.0)) for off in (0.0, 1.0, 6.0)]
    assert at[0] > 0 > at[2]
    assert at[0] > at[1] > at[2]


def test_the_longer_it_was_hidden_the_less_likely_it_is_the_same() -> None:
    for class_name, least in (("person", 0.7), ("car", 1.3)):  # 5 s are one in e; a car may show another part, too
        before = replace(PARKED, class_name=class_name)
        after = [odds(before, replace(before, start_s=4.0 + gap, end_s=12.0 + gap)) for gap in (1.0, 3.0, 6.0)]
        assert after[0] > after[1] > after[2]
        assert least < after[0] - after[2] < least + 0.7


def test_what_drives_goes_on_where_it_was_heading() -> None:
    ahead = odds(DRIVES, replace(DRIVES, start_s=2.5, end_s=4.5))
    beside = odds(DRIVES, replace(DRIVES, start_s=2.5, end_s=4.5, left_m=5.0))
    back = odds(DRIVES, Piece(36.0, 2.5, 4.5, speed_mps=-6.0))
    assert ahead > 0
    assert ahead > max(beside, back) + 5


def test_the_less_room_things_need_the_better_their_place_must_be_known() -> None:
    later = Piece(10.0, 6.0, 10.0)
    car, bicycle, person = (
        odds(*(replace(piece, class_name=name) for piece in (PARKED, later))) for name in ("car", "bicycle", "person")
    )
    assert bicycle - person == pytest.approx(np.log(2.5), abs=0.1)
    assert car > bicycle


def test_a_standing_car_may_show_another_part_of_itself_and_so_be_farther_aside_than_ahead() -> None:
    beside, behind = Piece(10.0, 6.0, 10.0, left_m=2.0), Piece(12.0, 6.0, 10.0)
    people = [replace(piece, class_name="person") for piece in (PARKED, beside)]
    assert odds(PARKED, beside) > odds(PARKED, behind)
    assert odds(PARKED, beside) > odds(*people) + 6.0


def test_what_was_seen_nowhere_on_the_road_is_not_told() -> None:
    seen = trails([PARKED, Piece(10.0, 6.0, 10.0)])
    seen.place[: seen.last[0] + 1] = np.nan
    assert log_odds(ends_of(seen), np.array([0]), np.array([1]))[0] == -np.inf


def test_what_looks_the_same_is_likelier_than_what_looks_different_the_more_so_the_shorter_it_was_gone() -> None:
    def gain(gap_s: float) -> float:
        later = replace(PARKED, start_s=4.0 + gap_s, end_s=8.0 + gap_s)
        looks = [(1, 1), (1, UNKNOWN), (1, 2)]
        same, untold, other = (odds(replace(PARKED, looks=one), replace(later, looks=two)) for one, two in looks)
        assert same > untold > other
        return same - other

    assert gain(0.5) > gain(6.0)
