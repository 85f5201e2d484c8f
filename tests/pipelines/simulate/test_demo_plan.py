from itertools import combinations

import numpy as np
import pytest
import shapely

from pipelines.simulate import demo_plan as plan
from pipelines.simulate.scenario import Mover, Scenario, Thing

HALF = {"car": (0.95, 2.4), "bus": (1.25, 5.6), "truck": (1.2, 4.3), "motorcycle": (0.4, 1.0), "bicycle": (0.3, 0.9)}
SCENARIOS = [pytest.param(plan.patrol_scenario(), id="patrol"), pytest.param(plan.junction_scenario(), id="junction")]


def footprint(kind: str, x: float, y: float, heading: float) -> shapely.Polygon:
    wide, long = HALF[kind]
    c, s = np.cos(heading), np.sin(heading)
    return shapely.Polygon([(x + c * a - s * b, y + s * a + c * b) for a, b in
                            ((-wide, -long), (wide, -long), (wide, long), (-wide, long))])  # fmt: skip


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_two_vehicles_are_ever_at_one_place(scenario: Scenario) -> None:
    standing = [(t.name, footprint(t.kind, t.x, t.y, t.heading)) for t in scenario.things if t.kind in HALF]
    for time_s in np.arange(0, scenario.duration_s, 0.2):
        now = standing + [(m.name, footprint(m.kind, *m.pose(float(time_s)))) for m in scenario.movers]
        for (first, a), (second, b) in combinations(now, 2):
            assert not a.intersects(b), f"{first} and {second} at {time_s:.1f} s"


def test_the_patrol_car_hits_nothing() -> None:
    scenario = plan.patrol_scenario()
    for time_s in np.arange(0, scenario.duration_s, 0.2):
        eye = scenario.camera(float(time_s))
        own = footprint("car", eye.x, eye.y - 0.6, 0.0)
        for mover in scenario.movers:
            assert not own.intersects(footprint(mover.kind, *mover.pose(float(time_s)))), (
                f"{mover.name} at {time_s:.1f}"
            )


def things() -> dict[str, Thing]:
    return {thing.name: thing for thing in plan.patrol_scenario().things}


def areas() -> list[shapely.Polygon]:
    boxes = (plan.NO_PARKING_WEST, plan.NO_STOPPING_JUNCTION, plan.NO_PARKING_EAST)
    return [shapely.box(*box) for box in boxes]


def test_illegally_parked_stand_well_inside_an_area_and_lawful_ones_well_outside() -> None:
    for name, thing in things().items():
        if thing.kind not in HALF:
            continue
        point = shapely.Point(thing.x, thing.y)
        if name in plan.ILLEGALLY_PARKED:
            assert any(area.contains(point) and area.exterior.distance(point) > 4 for area in areas()), name
        else:
            assert all(area.distance(point) > 12 for area in areas()), name


def _crossing_time(mover: Mover, until: float) -> float:
    times = np.arange(0, until, 0.02)
    fronts = np.array([mover.pose(float(t))[1] + plan.CAR_HALF for t in times])
    return float(times[np.argmax(fronts > plan.STOP_LINE)])


def test_only_the_runners_cross_on_red() -> None:
    for scenario, light in (
        (plan.patrol_scenario(), plan.PATROL_LIGHT),
        (plan.junction_scenario(), plan.JUNCTION_LIGHT),
    ):
        for mover in scenario.movers:
            if mover.way != "north" or mover.name == "parker":
                continue
            state = light.state(_crossing_time(mover, scenario.duration_s))
            assert (state == "red") == (mover.name == "runner"), mover.name


def test_the_parker_stands_longer_than_allowed_and_the_red_light_does_not_explain_it() -> None:
    red = (
        sum(plan.JUNCTION_LIGHT.state(t) == "red" for t in np.arange(plan.PARKER_ARRIVES_S, plan.JUNCTION_S, 0.1)) / 10
    )
    stands = plan.JUNCTION_S - plan.PARKER_ARRIVES_S
    assert stands > 2 * plan.NO_PARKING_LIMIT_S
    assert red < 0.5 * stands
