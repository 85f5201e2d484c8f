"""Streets to drive through, thrown together at random from a seed: bends, stops, bumps, parked and moving vehicles."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from scipy.ndimage import gaussian_filter1d

from models.taxonomy import CLASS_ID
from pipelines.simulate.drive_apart import apart
from pipelines.simulate.drive_following import driven
from pipelines.simulate.drive_traffic import (
    LINE_M,
    START_M,
    Junction,
    Street,
    ahead_of,
    crossing,
    oncoming,
    people,
    riders,
    vehicle,
)
from pipelines.simulate.drive_world import Ego, Optics, Road, Thing, World
from pipelines.simulate.mesh import Floats
from vision.camera.pinhole import DASHCAM_HEIGHT_M, FOCAL_LOG_STD, MOVING_FOCAL

ROAD_M: Final = 900
BONNET_M: Final = 1.5  # from the camera to the front of its car
SHORT_OF_LINE_M: Final = 1.5  # that drivers stop
NO_PARKING_M: Final = 5.0  # before stop lines
GRAVITY_NOD: Final = 0.004  # radians of diving per m/s^2 of braking: about a degree for a firm stop
SHAKE: Final = 0.0015  # radians: how a car nods on a good road all the time


def random_drive(seed: int, seconds: float = 40.0) -> World:
    """A drive of a dashcam through a street that does not exist. The same seed gives the same drive."""
    rng = np.random.default_rng(seed)
    fps = float(rng.choice([25.0, 30000 / 1001, 30.0]))
    time_s = np.arange(0.0, seconds, 5 / fps)  # every fifth frame is the most that is looked at 6 times a second
    road, lane = _road(rng), float(rng.uniform(2.9, 3.6))
    cruise = float(rng.uniform(4.0, 14.0))
    stop_m = START_M + cruise * seconds * rng.uniform(0.3, 0.6) if rng.random() < 0.7 else np.inf
    wait_s = float(rng.uniform(4.0, 12.0))
    s, speed = driven(time_s, START_M, cruise, stop_m, wait_s)
    street = Street(time_s, cruise, lane, lane + rng.uniform(0.2, 2.5), s, None)
    left = -lane / 2 + 0.25 * np.sin(time_s / rng.uniform(3, 8) + rng.uniform(0, 6.3))
    turn = np.arctan2(np.gradient(left, time_s), np.maximum(speed, 1.0)) * (speed > 0.5)
    ego = Ego(s, left, turn, _nod(time_s, speed, rng), speed)
    optics = _optics(rng)
    things = apart(_things(street, speed, road, rng), ego, road)
    return World(seed, time_s, road, optics, _true_speed(ego, road), tuple(things), _corners(street, rng))


def _things(street: Street, speed: Floats, road: Road, rng: np.random.Generator) -> list[Thing]:
    """All that is along the street, `speed` (T,) being the camera's."""
    delay_s = float(rng.uniform(1.0, 2.0))
    ahead = [ahead_of(street, delay_s, rng)] if rng.random() < 0.6 else []
    street = replace(street, junction=_junction(street, speed, ahead, delay_s))
    traffic = (*oncoming(street, rng), *crossing(street, rng), *riders(street, rng))
    return [*ahead, *_parked(street, road, rng), *traffic, *people(street, rng)]


def _junction(street: Street, speed: Floats, ahead: list[Thing], delay_s: float) -> Junction | None:
    """Where and when the camera waits at red, behind who is `ahead` of it; None where it does not wait."""
    waits = np.flatnonzero(speed < 0.05)
    if not len(waits):
        return None
    front = street.ego_s[waits[-1]] + BONNET_M
    for one in ahead:
        front = one.s[waits[-1]] + one.size_m[0] / 2
    brakes = np.flatnonzero(speed[: waits[0]] > 0.9 * street.cruise)
    earlier = delay_s if ahead else 0.0
    red_s, green_s = street.time_s[brakes[-1]] - earlier, street.time_s[waits[-1]] - earlier
    return Junction(float(front + SHORT_OF_LINE_M + LINE_M), float(red_s), float(green_s))


def _true_speed(ego: Ego, road: Road) -> Ego:
    """The camera's speed over ground: beside the middle line of a bend it is another than along it."""
    bend = 1.0 - ego.left * np.interp(ego.s, np.arange(len(road.curvature)), road.curvature)
    return replace(ego, speed=ego.speed * bend)


def _road(rng: np.random.Generator) -> Road:
    curvature: list[float] = []
    while len(curvature) < ROAD_M:
        bend = 0.0 if rng.random() < 0.6 else float(rng.choice([-1, 1])) / rng.uniform(40, 400)
        curvature += [bend] * int(rng.uniform(20, min(80, 1.2 / max(abs(bend), 1e-3))))
    # Slopes change by a degree over a hundred metres, as streets that look flat do.
    slope = gaussian_filter1d(rng.normal(0, 1, ROAD_M), 25) * 0.008 / 0.106
    return Road(gaussian_filter1d(np.array(curvature[:ROAD_M]), 6), slope)


def _optics(rng: np.random.Generator) -> Optics:
    width, height = ((1280, 720), (1920, 1080))[int(rng.integers(2))]
    focal = MOVING_FOCAL * width * np.exp(rng.normal(0, FOCAL_LOG_STD))
    return Optics(
        width,
        height,
        float(focal),
        float(DASHCAM_HEIGHT_M * np.exp(rng.normal(0, 0.12))),
        float(rng.normal(-0.02, 0.03)),
        float(rng.normal(0, 0.02)),
        float(rng.normal(0, 0.01)),
    )


def _nod(time_s: Floats, speed: Floats, rng: np.random.Generator) -> Floats:
    """Shaking all the time, diving when braking, swinging after bumps (about 1.4 Hz, as cars' springs have it)."""
    nod = -GRAVITY_NOD * -np.gradient(speed, time_s)
    nod += rng.normal(0, SHAKE, len(time_s)) * np.minimum(speed / 8.0, 1.0)
    for at in rng.uniform(0, time_s[-1], rng.poisson(time_s[-1] / 12.0)):
        since = time_s - at
        strong = rng.uniform(0.005, 0.02) * float(np.interp(at, time_s, speed) > 1.0)
        nod += np.where(since > 0, strong * np.exp(-since / 0.5) * np.sin(2 * np.pi * 1.4 * since), 0.0)
    return np.asarray(nod)


def _parked(street: Street, road: Road, rng: np.random.Generator) -> list[Thing]:
    found = []
    still = np.zeros(len(street.time_s))
    for side in (-1, 1):
        if rng.random() < 0.2:
            continue
        # Who drives faster has fewer cars parked beside: 4 m/s past bumper to bumper, 14 m/s past one in 40 m.
        at, free = START_M, float(rng.uniform(0.2, 2.0)) * street.cruise
        while at < street.ego_s[-1] + 80:
            thing = vehicle(rng, still + at, still, float(rng.choice([0.0, np.pi]) + rng.normal(0, 0.04)))
            left = side * (street.edge + rng.uniform(0.2, 0.5) + thing.size_m[1] / 2)
            if thing.class_id == CLASS_ID["car"] and _may_park(street.junction, at):
                found.append(replace(thing, left=still + left))
            inside = 1.0 - left * float(np.interp(at, np.arange(ROAD_M), road.curvature))  # of a bend all is nearer
            at += (thing.size_m[0] + rng.uniform(0.6, 1.2) + rng.exponential(free)) / inside
    return found


def _may_park(junction: Junction | None, at: float) -> bool:
    return junction is None or abs(at - junction.middle_m) > LINE_M + NO_PARKING_M


def _corners(street: Street, rng: np.random.Generator) -> Floats:
    """Faint texture of the road and pavements, and houses' windows and trees beside them."""
    far = street.ego_s[-1] + 120.0
    metres = far - START_M
    road = np.column_stack(
        [rng.uniform(START_M, far, int(16 * metres)), rng.uniform(-9, 9, int(16 * metres)), np.zeros(int(16 * metres))]
    )
    beside = int(8 * metres)
    away = street.edge + rng.choice([4.5, 6.0, 12.0], beside)
    walls = np.column_stack(
        [rng.uniform(START_M, far, beside), rng.choice([-1, 1], beside) * away, rng.uniform(0, 10, beside)]
    )
    return np.concatenate([road, walls])
