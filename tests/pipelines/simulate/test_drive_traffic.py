from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.taxonomy import CLASS_ID
from pipelines.simulate.drive_apart import apart, footprints, touch
from pipelines.simulate.drive_following import BRAKES, followed
from pipelines.simulate.drive_random import random_drive
from pipelines.simulate.drive_traffic import Junction, Street, crossing, oncoming, people, riders
from pipelines.simulate.drive_world import Ego, Road, Thing, upright_outline

TIMES = np.arange(0.0, 40.0, 0.2)
CAMERA = Ego(60.0 + 8.0 * TIMES, 0 * TIMES - 1.6, 0 * TIMES, 0 * TIMES, 0 * TIMES + 8.0)
JUNCTION = Junction(middle_m=160.0, red_s=10.0, green_s=25.0)
STREET = Street(TIMES, 8.0, 3.2, 4.5, CAMERA.s, JUNCTION)
LEVEL = Road(np.zeros(900), np.zeros(900))


def block(s: np.ndarray, left: float = 0.0, turn: float = 0.0) -> Thing:
    return Thing(CLASS_ID["car"], upright_outline(4.0, 2.0, 1.5), (4.0, 2.0), s, 0 * s + left, 0 * s + turn)


@given(st.integers(0, 10_000))
@settings(max_examples=6, deadline=None)
def test_nothing_drives_walks_or_stands_through_anything_else(seed: int) -> None:
    world = random_drive(seed, 20.0)
    grounds = [footprints(thing, world.road) for thing in world.things]
    assert len(grounds) > 3
    assert not any(touch(one, other).any() for one, other in combinations(grounds, 2))


@given(st.floats(-30, 30), st.floats(-10, 10), st.floats(-np.pi, np.pi))
def test_footprints_touch_when_they_overlap_and_only_then(ahead: float, left: float, turn: float) -> None:
    still = np.zeros(2)
    first, other = (footprints(block(still + s, *rest), LEVEL) for s, rest in ((100, ()), (100 + ahead, (left, turn))))
    away = float(np.hypot(ahead, left))
    if away < 2.0:  # half the width of each
        assert touch(first, other).all()
    if away > np.hypot(4.0, 2.0):
        assert not touch(first, other).any()


def test_of_two_in_one_place_the_first_stays_and_the_cameras_car_is_in_nobodys_way() -> None:
    still = np.zeros(len(TIMES))
    parked, inside, free = block(still + 100.0, 4.0), block(still + 102.0, 4.5), block(still + 110.0, 4.0)
    ahead = block(still + 150.0, -1.6)
    assert apart([parked, inside, ahead, free], CAMERA, LEVEL) == [parked, free]


@given(st.floats(0.0, 50.0), st.floats(2.0, 14.0), st.floats(0.0, 14.0))
def test_who_follows_never_passes_and_never_goes_back(start: float, cruise: float, speed: float) -> None:
    # For as long as it takes to come there at `cruise` and to brake: a run that ends before proves nothing.
    times = np.arange(0.0, (15.0 + 20.0 * speed) / cruise + 2 * cruise / BRAKES + 20.0, 0.2)
    bound = start + 15.0 + speed * np.minimum(times, 20.0)  # that then stops
    way = followed(times, start, cruise, bound)
    assert (way <= bound + 1e-9).all()
    assert (np.diff(way) >= 0).all()
    assert np.diff(way).max() <= cruise * 0.2 + 1e-9
    assert way[-1] > bound[-1] - 2.0


def test_oncoming_traffic_waits_at_red_one_behind_the_other_and_goes_on_at_green() -> None:
    waited = 0
    for seed in range(10):
        for thing in oncoming(STREET, np.random.default_rng(seed)):
            front = thing.s - thing.size_m[0] / 2
            inside = (front < JUNCTION.middle_m + 5.9) & (front > JUNCTION.middle_m - 5.0)
            assert not inside[(TIMES > 15.0) & (TIMES < 25.0)].any()  # who was too near to stop has passed by then
            stands = np.abs(np.gradient(thing.s, TIMES)) < 0.05
            waited += bool(stands[(TIMES > 15.0) & (TIMES < 25.0)].any())
            assert not stands[TIMES > 36.0].any()
    assert waited > 10


def test_who_crosses_does_so_while_the_street_has_red() -> None:
    found = [thing for seed in range(10) for thing in crossing(STREET, np.random.default_rng(seed))]
    passes = np.array([TIMES[np.argmin(np.abs(thing.left))] for thing in found])
    assert len(found) > 20
    assert ((passes > JUNCTION.red_s) & (passes < JUNCTION.green_s)).all()
    assert crossing(Street(TIMES, 8.0, 3.2, 4.5, CAMERA.s, None), np.random.default_rng(1)) == []


def test_riders_keep_to_the_edge_and_people_to_the_pavements() -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        assert all(np.all(thing.left == -STREET.edge + 0.5) for thing in riders(STREET, rng))
        assert all(np.all(np.abs(thing.left) > STREET.edge + 2.0) for thing in people(STREET, rng))
