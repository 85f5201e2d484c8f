"""What a log says of a moment."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pipelines.inspect.replay import Instant, Replay, Sight
from tests.pipelines.logs import lamp, make_log, mover, standing
from vision.log import ObservationLog

HEAD = (600.0, 50.0, 620.0, 100.0)


def sight(instant: Instant, track: int) -> Sight:
    (found,) = [each for each in instant.sights if each.track == track]
    return found


def test_between_two_looks_a_thing_is_where_it_must_be() -> None:
    car = mover(1, "car", [(0.0, 20.0, 3.0), (4.0, 40.0, 3.0)])
    log = make_log([car], duration_s=4.0, rate_hz=8.0)
    seen = sight(Replay(log).at(2.06), 1)
    exact = sight(Replay(log).at(2.0), 1)
    assert seen.fresh
    assert exact.box[3] > seen.box[3] > sight(Replay(log).at(2.125), 1).box[3]  # it drives away
    assert seen.place == pytest.approx(exact.place + np.array([0.06 * 5.0, 0.0]), abs=0.1)
    assert seen.motion == pytest.approx([5.0, 0.0], abs=0.2)
    assert (np.diff(seen.trail[:, 0]) > 0).all()


def test_a_thing_seen_from_a_moving_camera_has_its_trail_where_the_camera_is_now() -> None:
    parked = standing(1, "car", 40.0, -4.0)
    log = make_log([parked], duration_s=3.0, mounting="moving", ego=[(0.0, 0.0, 0.0), (3.0, 24.0, 0.0)])
    seen = sight(Replay(log).at(2.0), 1)
    assert seen.place[0] == pytest.approx(40.0 - 16.0, abs=3.0)  # of its nearer end
    assert np.ptp(seen.trail[:, 0]) < 1.5
    assert np.hypot(*seen.motion) < 1.0


def test_a_trail_does_not_cross_a_cut() -> None:
    log = make_log([mover(1, "car", [(0.0, 20.0, 3.0), (4.0, 40.0, 3.0)])], duration_s=4.0)
    log.frames.cut[12] = True
    assert len(sight(Replay(log).at(2.0), 1).trail) == 5  # frames 12 to 16


def test_a_track_that_is_lost_for_a_while_is_carried_not_fresh() -> None:
    log = make_log([standing(1, "car", 20.0, 0.0), standing(2, "car", 20.0, 6.0)], duration_s=2.0)
    kept = (log.observations.track == 2) | ~np.isin(log.observations.frame, [6, 7, 8, 9])
    seen = log.observations
    fewer = replace(seen, **{name: getattr(seen, name)[kept] for name in seen.__dataclass_fields__})
    instant = Replay(replace_observations(log, fewer)).at(0.94)
    assert not sight(instant, 1).fresh
    assert sight(instant, 2).fresh


def test_a_head_shows_what_was_voted_and_unknown_in_between() -> None:
    log = make_log(lamps=[lamp(9, HEAD, [("red", 0.0, 1.0), ("green", 2.0, 3.0)])], duration_s=3.0)
    replay = Replay(log)
    assert [sight(replay.at(t), 9).state for t in (0.5, 1.5, 2.5)] == ["red", "unknown", "green"]
    assert sight(replay.at(0.5), 9).confidence == pytest.approx(0.9)
    assert math.isnan(sight(replay.at(0.5), 9).distance_m)


def test_only_what_is_there_then_is_told_with_the_looks_that_saw_it() -> None:
    gone = mover(1, "person", [(0.0, 20.0, 0.0)], seen=(0.0, 0.5))
    log = make_log([gone, standing(2, "car", 20.0, 3.0)], [lamp(9, HEAD, [("red", 0.0, 2.0)])], duration_s=2.0)
    instant = Replay(log).at(1.5)
    assert [each.track for each in instant.sights] == [2, 9]
    assert (instant.frame, instant.looks) == (12, {"light": 1, "wide": 1})


def replace_observations(log: ObservationLog, observations: object) -> ObservationLog:
    return replace(log, observations=observations)  # type: ignore[arg-type]
