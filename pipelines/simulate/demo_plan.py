"""The demo's script: one street, a patrol that drives down it, and later a camera that stands at its junction.

Street metres: x right, y along the patrol's way. Training never sees this: its layout, seeds and textures are its own.
"""

from __future__ import annotations

import numpy as np

from pipelines.simulate.scenario import Head, Kind, Mover, Scenario, Thing, Walker, Way
from pipelines.simulate.schedule import Drive, LightPlan
from pipelines.simulate.stage import Pose
from pipelines.simulate.street import Layout

LAYOUT = Layout(lane=3.3, lanes=2, pavement=3.6, junction=232.0, crossing=14.0, bay=2.3)
LEFT_LANE, RIGHT_LANE = LAYOUT.lane_middle(0), LAYOUT.lane_middle(1)
BAY = LAYOUT.edge - LAYOUT.bay / 2
PAVEMENT = LAYOUT.edge + 0.9
STOP_LINE = 226.8
CAR_HALF = 2.3
WAITING = STOP_LINE - 0.8 - CAR_HALF

# x1, y1, x2, y2 of the areas on the map: the whole street from house to house.
NO_PARKING_WEST = (-12.4, 62.0, 12.4, 118.0)
NO_STOPPING_JUNCTION = (-12.4, 188.0, 12.4, 231.0)
NO_PARKING_EAST = (-12.4, 294.0, 12.4, 346.0)
PLACES = (
    ("mill-street-west", "Mill Street west", (-14.0, -40.0, 14.0, 180.0)),
    ("mill-street-junction", "Mill Street junction", (-40.0, 180.0, 40.0, 262.0)),
    ("mill-street-east", "Mill Street east", (-14.0, 262.0, 14.0, 440.0)),
)

# What was planted, by the names of the things below.
ILLEGALLY_PARKED = ("grey car", "second car", "east car")
LITTERED = ("bottle", "bag", "carton", "wrapping", "heap", "full bin")

_THINGS = (
    Thing("grey car", "car", BAY, 78.0),
    Thing("second car", "car", BAY + 0.1, 101.0, np.pi),
    Thing("east car", "car", BAY - 0.1, 318.0),
    Thing("legal 1", "car", BAY, 21.0),
    Thing("legal 2", "car", BAY + 0.1, 35.0),
    Thing("legal 3", "car", BAY, 143.0),
    Thing("legal 4", "truck", BAY, 166.0),
    Thing("legal 5", "car", BAY, 371.0),
    Thing("legal 6", "car", BAY - 0.1, 385.0),
    Thing("legal 7", "car", -BAY, 44.0, np.pi),
    Thing("legal 8", "car", -BAY, 152.0, np.pi),
    Thing("legal 9", "car", -BAY, 276.0, np.pi),
    Thing("bottle", "bottle", 6.9, 54.0, 0.9, 1.3),
    Thing("bag", "bag", 7.6, 126.0, 0.3, 1.3),
    Thing("carton", "carton", 6.7, 184.0, 0.4, 1.3),
    Thing("wrapping", "paper", 7.9, 286.0, 1.2, 2.0),
    Thing("heap", "pile", PAVEMENT, 198.0),
    Thing("full bin", "overflowing_bin", PAVEMENT, 266.0),
    Thing("closed bin", "closed_bin", PAVEMENT, 60.0),
    Thing("closed bin 2", "closed_bin", PAVEMENT + 0.5, 352.0),
    Thing("bench", "furniture", PAVEMENT + 1.2, 132.0, np.pi / 2),
    Thing("cabinet", "furniture", PAVEMENT + 1.4, 300.0),
)
LEAVES = ((8.2, 14.0), (7.8, 207.0), (8.3, 330.0), (-8.0, 60.0))
MANHOLES = ((4.7, 66.0), (1.8, 130.0), (5.2, 303.0), (4.4, 355.0))


def _oncoming(name: str, kind: Kind, lane: int, y: float, speed: float) -> Mover:
    return Mover(name, kind, "south", Drive.steady(-y, speed), ((0.0, LAYOUT.lane_middle(lane, oncoming=True)),))


def _crossing(name: str, kind: Kind, way: Way, middle_s: float, speed: float) -> Mover:
    """Drives across the junction, at its middle at `middle_s`."""
    y = LAYOUT.junction + (4.0 if way == "east" else 10.0) if LAYOUT.junction else 0.0
    return Mover(name, kind, way, Drive.steady(-speed * middle_s, speed), ((0.0, y),))


def _waiting_oncoming(name: str, kind: Kind, lane: int, behind: float, arrive: float, leave: float) -> Mover:
    """Stands `behind` metres before the oncoming stop line while the light is red."""
    line = (LAYOUT.junction or 0.0) + LAYOUT.crossing + 5.2
    drive = Drive.stopping(-(line + behind), arrive, leave, 9.0)
    return Mover(name, kind, "south", drive, ((0.0, LAYOUT.lane_middle(lane, oncoming=True)),))


def _heads(light: LightPlan) -> tuple[Head, ...]:
    side = LAYOUT.edge + 0.8
    return (Head(side, 228.4, 3.6, light), Head(side, 248.4, 3.8, light), Head(-side, 248.4, 3.8, light))


# The patrol ------------------------------------------------------------------------------------------------

PATROL_S = 65.0
PATROL = Drive.stopping(214.0, 29.0, 40.0, 8.0)
PATROL_LIGHT = LightPlan(((0.0, "green"), (15.0, "yellow"), (18.0, "red"), (38.0, "green")))
RUNNER_LINE_S = 33.0
PATROL_FOV = 75.0


def _patrol_camera(time_s: float) -> Pose:
    """1.4 m high, shaken a little by the road."""
    moving = PATROL.speed(time_s) / 8.0
    sway = 0.0035 * moving * np.sin(6.1 * time_s) + 0.002 * moving * np.sin(13.7 * time_s + 1)
    x = RIGHT_LANE + 0.12 * np.sin(0.35 * time_s) * moving
    return Pose(
        float(x),
        PATROL.position(time_s),
        1.4,
        0.004 * float(np.sin(0.5 * time_s)) * moving,
        -0.02 + float(sway),
        0.0,
        PATROL_FOV,
    )


def patrol_scenario() -> Scenario:
    runner = Drive.steady(STOP_LINE - CAR_HALF - 7.5 * RUNNER_LINE_S, 7.5)
    movers = (
        Mover("leader", "car", "north", Drive.stopping(WAITING, 21.0, 38.6, 9.0), ((0.0, RIGHT_LANE),)),
        Mover("runner", "car", "north", runner, ((0.0, LEFT_LANE),)),
        _oncoming("oncoming car", "car", 1, 120.0, 9.0),
        _oncoming("oncoming bus", "bus", 1, 185.0, 8.0),
        Mover("oncoming cycle", "bicycle", "south", Drive.steady(-300.0, 4.0), ((0.0, -6.35),)),
        _waiting_oncoming("waiting car", "car", 1, 3.1, 20.5, 38.8),
        _waiting_oncoming("waiting car 2", "car", 0, 3.2, 23.0, 38.9),
        _waiting_oncoming("waiting truck", "truck", 1, 12.0, 25.0, 40.0),
        _crossing("across 1", "car", "east", 23.0, 8.5),
        _crossing("across 2", "motorcycle", "east", 26.0, 8.5),
        _crossing("across 3", "car", "west", 27.5, 8.0),
        _crossing("across 4", "truck", "west", 30.0, 8.0),
        _oncoming("late car", "car", 0, 700.0, 9.0),
    )
    walkers = (
        Walker(PAVEMENT + 1.4, 30.0, 0.0),
        Walker(PAVEMENT + 1.0, 96.0, np.pi, 1.2),
        Walker(PAVEMENT + 1.6, 175.0, 0.0, 1.1),
        Walker(-PAVEMENT - 1.0, 70.0, 0.0),
        Walker(9.6, 229.3, np.pi / 2, 1.35, 22.0, 14.2),
        Walker(PAVEMENT + 1.2, 300.0, np.pi, 1.2),
        Walker(PAVEMENT + 1.0, 345.0, 0.0, 0.9),
    )
    return Scenario(LAYOUT, PATROL_S, _patrol_camera, _THINGS, movers, walkers, _heads(PATROL_LIGHT))


# The junction ----------------------------------------------------------------------------------------------

JUNCTION_S = 38.0
JUNCTION_LIGHT = LightPlan(((0.0, "green"), (12.0, "yellow"), (15.0, "red"), (27.0, "green")))
JUNCTION_CAMERA = Pose(BAY + 0.2, 194.5, 3.0, 0.08, 0.0, 0.0, 64.0)
JUNCTION_RUNNER_S = 20.0
PARKER_Y = 212.0
PARKER_ARRIVES_S = 5.0
NO_PARKING_PATCH = (6.55, 203.5, 8.9, 218.0)
NO_PARKING_LIMIT_S = 10.0


def junction_scenario() -> Scenario:
    runner = Drive.steady(STOP_LINE - CAR_HALF - 8.5 * JUNCTION_RUNNER_S, 8.5)
    queue = ((0.0, RIGHT_LANE),)
    movers = (
        Mover(
            "parker",
            "car",
            "north",
            Drive.stopping(PARKER_Y, PARKER_ARRIVES_S, None, 7.0),
            ((194.0, RIGHT_LANE), (208.5, BAY)),
        ),
        Mover("runner", "car", "north", runner, ((0.0, LEFT_LANE),)),
        Mover("lawful 1", "car", "north", Drive.steady(STOP_LINE - 9.0 * 3.5, 9.0), ((0.0, LEFT_LANE),)),
        Mover("lawful 2", "bus", "north", Drive.steady(STOP_LINE - 8.0 * 8.5, 8.0), ((0.0, LEFT_LANE),)),
        Mover("waits 1", "car", "north", Drive.stopping(WAITING, 17.5, 27.8, 8.0), queue),
        Mover("waits 2", "car", "north", Drive.stopping(WAITING - 6.5, 25.5, 29.0, 8.0), queue),
        _waiting_oncoming("waiting car", "car", 1, 3.1, 18.5, 27.9),
        _crossing("across 1", "car", "west", 17.2, 9.0),
        _crossing("across 2", "car", "east", 23.8, 9.0),
        _crossing("across 3", "truck", "west", 24.6, 8.0),
    )
    walkers = (Walker(PAVEMENT + 1.6, 208.0, 0.0, 1.1), Walker(-PAVEMENT - 1.2, 240.0, np.pi, 1.2))
    things = tuple(thing for thing in _THINGS if thing.name in ("legal 9", "full bin", "east car", "wrapping"))
    return Scenario(LAYOUT, JUNCTION_S, lambda _: JUNCTION_CAMERA, things, movers, walkers, _heads(JUNCTION_LIGHT))
