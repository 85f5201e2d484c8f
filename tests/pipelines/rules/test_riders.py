"""Riders stand in for a machine that is not detected, and tell two machines apart."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.rules.protocol import Scene
from pipelines.rules.vehicles import Vehicle
from tests.pipelines.logs import Knots, Mover, make_log, mover

AHEAD: Knots = [(0.0, 12.0, 0.0), (8.0, 40.0, 0.0)]


def rider(track: int, knots: Knots, **options: object) -> Mover:
    return mover(track, "person", knots, size=(0.5, 0.6, 1.7), **options)  # type: ignore[arg-type]


def machine(track: int, knots: Knots, **options: object) -> Mover:
    return mover(track, "motorcycle", knots, size=(2.0, 0.8, 1.1), **options)  # type: ignore[arg-type]


def seen(*things: Mover) -> tuple[Vehicle, ...]:
    return Scene(make_log(things, duration_s=8.0)).vehicles


def test_a_machine_goes_on_under_its_rider() -> None:
    whole = seen(machine(1, AHEAD))[0]
    (found,) = seen(machine(1, AHEAD, seen=(0.0, 3.0)), rider(2, AHEAD))
    assert found.name == "motorcycle"
    assert found.time_s[-1] == pytest.approx(8.0)
    assert found.boxes[-1] == pytest.approx(whole.boxes[-1], abs=6.0)


def test_pieces_of_a_machine_under_one_rider_are_one() -> None:
    pieces = [machine(1, AHEAD, seen=(0.0, 2.0)), machine(3, AHEAD, seen=(5.5, 8.0))]
    assert len(seen(*pieces)) == 2
    assert len(seen(*pieces, rider(2, AHEAD))) == 1


def test_rider_and_pillion_are_on_one_machine() -> None:
    behind = [(t, x - 0.6, y) for t, x, y in AHEAD]
    assert len(seen(machine(1, AHEAD), rider(2, AHEAD), rider(3, behind))) == 1


def test_a_track_that_goes_over_to_another_machine_is_two() -> None:
    waits: Knots = [(0.0, 20.0, 2.0), (8.0, 20.5, 2.0)]
    passes: Knots = [(0.0, 12.0, -2.0), (8.0, 40.0, -2.0)]
    switched = [(0.0, 20.0, 2.0), (4.0, 20.25, 2.0), (4.05, 26.0, -2.0), (8.0, 40.0, -2.0)]
    found = seen(machine(1, switched), rider(2, waits), rider(3, passes))
    assert len(found) == 2
    steps = [np.abs(np.diff(v.boxes[:, 0])).max() for v in found]
    assert max(steps) < 40.0, "neither jumps"


def test_somebody_on_foot_rides_nothing() -> None:
    (found,) = seen(machine(1, AHEAD, seen=(0.0, 3.0)), rider(2, [(0.0, 25.0, 3.0), (8.0, 25.0, -3.0)]))
    assert found.time_s[-1] == pytest.approx(3.0)
