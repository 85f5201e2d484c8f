"""Who moves along a simulated street: vehicles that keep behind one another and wait at red, riders, people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from models.taxonomy import CLASS_ID
from pipelines.simulate.bodies import BUS, HATCH, SEDAN, SUV, VAN, Body
from pipelines.simulate.drive_following import BRAKES, followed
from pipelines.simulate.drive_world import Thing, body_outline, upright_outline
from pipelines.simulate.mesh import Floats

START_M: Final = 60.0  # where the camera starts along the road
QUEUE_GAP_M: Final = 2.0  # between those who wait behind one another
CROSSING_LANE_M: Final = 2.0  # from the middle of the road across to the middle of each of its lanes
LINE_M: Final = 6.0  # from there to the stop lines
NOBODY_M: Final = 1e4  # way at which nobody is ahead
CLEARING_S: Final = 2.5  # from red along the road to green across, and back
CROSSES_EVERY_S: Final = 4.0  # in each direction, on average
RIDER_M: Final = (1.9, 0.7)


@dataclass(frozen=True, slots=True)
class Junction:
    """A road across. `middle_m`: s of its middle. `red_s`, `green_s`: from when to when the road along has red."""

    middle_m: float
    red_s: float
    green_s: float


@dataclass(frozen=True, slots=True)
class Street:
    """What the parts of a drive share. `lane`: its width, `edge`: half the carriageway's; `ego_s`: (T,) of the camera.

    `junction`: where the camera waits; None where it does not.
    """

    time_s: Floats
    cruise: float
    lane: float
    edge: float
    ego_s: Floats
    junction: Junction | None


def vehicle(rng: np.random.Generator, s: Floats, left: Floats, turn: float) -> Thing:
    class_id, body = _body(rng)
    return Thing(class_id, body_outline(body), body.size[:2], s, left, np.full(len(s), turn))


def _body(rng: np.random.Generator) -> tuple[int, Body]:
    kind = int(rng.choice(5, p=[0.38, 0.28, 0.22, 0.09, 0.03]))
    body = (SEDAN, HATCH, SUV, VAN, BUS)[kind]
    length, width, height = (float(part * rng.uniform(0.93, 1.08)) for part in body.size)
    return CLASS_ID["bus" if body is BUS else "car"], replace(body, size=(length, width, height))


def ahead_of(street: Street, delay_s: float, rng: np.random.Generator) -> Thing:
    """Who drives in front of the camera and does all as it does, `delay_s` earlier."""
    time_s = street.time_s
    way = np.interp(time_s + delay_s, time_s, street.ego_s)
    way += np.maximum(time_s + delay_s - time_s[-1], 0.0) * street.cruise * 0.5
    found = vehicle(rng, way, np.full(len(time_s), -street.lane / 2), 0.0)
    return replace(found, s=way + rng.uniform(4.3, 5.8) + found.size_m[0] / 2)


def oncoming(street: Street, rng: np.random.Generator) -> list[Thing]:
    start, found, at = START_M + rng.uniform(20, 60), list[Thing](), 0.0
    while start + at < 2 * street.ego_s[-1]:
        still = np.zeros(len(street.time_s))
        found.append(vehicle(rng, still - start - at, still + street.lane / 2, np.pi))
        at += rng.exponential(40.0) + 14.0
    cruise = rng.uniform(0.6, 1.2, len(found)) * max(street.cruise, 5.0)
    ways = _queued(street, found, cruise.tolist(), -1)
    return [replace(each, s=-way) for each, way in zip(found, ways, strict=True)]


def riders(street: Street, rng: np.random.Generator) -> list[Thing]:
    """At the edge, in the camera's direction."""
    still, outline = np.zeros(len(street.time_s)), upright_outline(*RIDER_M, 1.65)
    starts = np.sort(START_M + rng.uniform(5, 150, rng.poisson(1.5)))[::-1]
    found = [
        Thing(CLASS_ID["motorcycle"], outline, RIDER_M, still + start, still - street.edge + 0.5, still)
        for start in starts.tolist()
    ]
    ways = _queued(street, found, rng.uniform(2.5, 7.0, len(found)).tolist(), 1)
    return [replace(each, s=way) for each, way in zip(found, ways, strict=True)]


def _queued(street: Street, things: Sequence[Thing], cruise: Sequence[float], sign: int) -> list[Floats]:
    """(T,) way of each of one lane, the foremost first, from where it starts; it grows whichever way they drive.

    Args:
        sign: 1 for those who drive as the camera does, -1 for the others.
    """
    ways: list[Floats] = []
    rear = np.full(len(street.time_s), NOBODY_M)
    for thing, speed in zip(things, cruise, strict=True):
        half = thing.size_m[0] / 2
        ways.append(_heeding(street, float(thing.s[0]), speed, rear - half - QUEUE_GAP_M, half, sign))
        rear = ways[-1] - half
    return ways


def _heeding(street: Street, start: float, cruise: float, bound: Floats, half: float, sign: int) -> Floats:
    """(T,) way of one who keeps behind `bound` and the junction's stop line under red, unless red comes too late."""
    free = followed(street.time_s, start, cruise, bound)
    if street.junction is None:
        return free
    line = sign * street.junction.middle_m - LINE_M - half
    red_s, green_s = street.junction.red_s, street.junction.green_s
    if np.interp(red_s, street.time_s, free) > line - cruise**2 / (2 * BRAKES):
        return free
    red = (street.time_s >= red_s) & (street.time_s < green_s)
    return followed(street.time_s, start, cruise, np.where(red, np.minimum(bound, line), bound))


def crossing(street: Street, rng: np.random.Generator) -> list[Thing]:
    """Who drives across in front of the stop line while the camera waits: two streams, each of one speed."""
    if street.junction is None:
        return []
    found, junction = [], street.junction
    for sign in (-1, 1):
        s = np.full(len(street.time_s), junction.middle_m + CROSSING_LANE_M * sign)
        speed = float(rng.uniform(4.0, 11.0))
        for at_s in _arrivals(junction, speed, rng):
            each = vehicle(rng, s, np.zeros(len(s)), sign * np.pi / 2)
            found.append(replace(each, left=sign * speed * (street.time_s - at_s)))
    return found


def _arrivals(junction: Junction, speed: float, rng: np.random.Generator) -> list[float]:
    """When those of one stream cross the street: never nearer to one another than a bus is long."""
    least_s = (BUS.size[0] + QUEUE_GAP_M) / speed
    apart_s = np.maximum(rng.exponential(CROSSES_EVERY_S, 20), least_s)
    at_s = junction.green_s - CLEARING_S - np.cumsum(apart_s) + least_s
    return [each for each in at_s.tolist() if each > junction.red_s + CLEARING_S]


def people(street: Street, rng: np.random.Generator) -> list[Thing]:
    """On the pavements, behind what is parked."""
    found = []
    for _ in range(rng.poisson(6.0)):
        sign, speed = float(rng.choice([-1, 1])), float(rng.choice([0.0, 1.3], p=[0.2, 0.8]))
        s = START_M + rng.uniform(10, 300) + sign * speed * street.time_s
        left = np.full(len(s), float(rng.choice([-1, 1])) * (street.edge + rng.uniform(2.9, 4.2)))
        outline = upright_outline(0.45, 0.5, float(rng.normal(1.68, 0.08)))
        found.append(Thing(CLASS_ID["person"], outline, (0.45, 0.5), s, left, np.zeros(len(s))))
    return found
