from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.vision.world.test_rejoin import Piece, log_of
from vision.world.rejoin_odds import log_odds, suppositions_of
from vision.world.states import motions


def odds(before: Piece, later: Piece) -> float:
    """Logarithm."""
    log = log_of([before, later])
    moved = motions(log)
    return float(log_odds(log, moved, suppositions_of(log, moved), np.array([0]), 1)[0])


PARKED = Piece(10.0, 0.0, 4.0, 0)
DRIVES = Piece(8.0, 0.0, 3.0, 0, speed_mps=3.0)


def test_the_same_place_is_likelier_than_one_beside_it_and_that_than_the_next_car() -> None:
    at = [odds(PARKED, Piece(10.0 + off, 6.0, 10.0, 0)) for off in (0.0, 1.0, 6.0)]
    assert at[0] > 0 > at[2]
    assert at[0] > at[1] > at[2]


def test_the_longer_it_was_hidden_the_less_likely_it_is_the_same() -> None:
    after = [odds(PARKED, Piece(10.0, 4.0 + gap, 12.0 + gap, 0)) for gap in (1.0, 3.0, 6.0)]
    assert after[0] > after[1] > after[2]
    assert after[0] - after[2] == pytest.approx(1.0, abs=0.3)  # 5 s are one in e


def test_what_drives_goes_on_where_it_was_heading() -> None:
    ahead = odds(DRIVES, replace(DRIVES, start_s=4.0, end_s=7.0))
    beside = odds(DRIVES, replace(DRIVES, start_s=4.0, end_s=7.0, left_m=5.0))
    back = odds(DRIVES, Piece(32.0, 4.0, 7.0, 0, speed_mps=-3.0))
    assert ahead > max(beside, back) + 2


def test_a_person_needs_a_better_known_place_than_a_car() -> None:
    later = Piece(10.0, 6.0, 10.0, 0)
    people = [replace(piece, class_name="person") for piece in (PARKED, later)]
    assert odds(PARKED, later) - odds(*people) == pytest.approx(np.log(15.0), abs=0.1)


def test_what_ended_where_no_camera_pose_is_known_is_not_told() -> None:
    log = log_of([PARKED, Piece(10.0, 6.0, 10.0, 0)])
    moved = motions(log)
    for column in (log.frames.x_m, log.frames.y_m):
        column[24] = np.nan
    assert log_odds(log, moved, suppositions_of(log, moved), np.array([0]), 1)[0] == -np.inf
