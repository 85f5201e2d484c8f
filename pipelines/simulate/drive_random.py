"""Streets to drive through, thrown together at random from a seed: bends, stops, bumps, parked and moving vehicles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.ndimage import gaussian_filter1d

from models.taxonomy import CLASS_ID
from pipelines.simulate.bodies import BUS, HATCH, SEDAN, SUV, VAN, Body
from pipelines.simulate.drive_world import Ego, Optics, Road, Thing, World, body_outline, upright_outline
from pipelines.simulate.mesh import Floats
from vision.camera import DASHCAM_HEIGHT_M, FOCAL_LOG_STD, MOVING_FOCAL

ROAD_M: Final = 900
START_M: Final = 60.0
GRAVITY_NOD: Final = 0.004  # radians of diving per m/s^2 of braking: about a degree for a firm stop
SHAKE: Final = 0.0015  # radians: how a car nods on a good road all the time


@dataclass(frozen=True, slots=True)
class _Street:
    """What the parts of a drive share. `stop_m`: s of the stop line, `edge`: half the carriageway."""

    time_s: Floats
    cruise: float
    lane: float
    edge: float
    stop_m: float
    go_s: float
    ego_s: Floats


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
    go_s = float(time_s[np.flatnonzero(speed < 0.05)[-1]]) if (speed < 0.05).any() else 0.0
    street = _Street(time_s, cruise, lane, lane + rng.uniform(0.2, 2.5), stop_m, go_s, s)
    left = -lane / 2 + 0.25 * np.sin(time_s / rng.uniform(3, 8) + rng.uniform(0, 6.3))
    turn = np.arctan2(np.gradient(left, time_s), np.maximum(speed, 1.0)) * (speed > 0.5)
    ego = Ego(s, left, turn, _nod(time_s, speed, rng), speed)
    things = (*_parked(street, rng), *_traffic(street, rng), *_crossing(street, rng), *_people(street, rng))
    return World(seed, time_s, road, _optics(rng), _true_speed(ego, road), things, _corners(street, rng))


def driven(time_s: Floats, start: float, cruise: float, stop_m: float, wait_s: float) -> tuple[Floats, Floats]:
    """Way and speed (T,) of one who drives at `cruise` m/s, comes to rest at `stop_m`, waits, and goes on."""
    s, v, waited = start, cruise, 0.0
    way, speed = [], []
    for step in np.diff(time_s, prepend=time_s[0]):
        limit = cruise
        if s < stop_m + 1.0 and waited < wait_s:
            limit = min(cruise, np.sqrt(2 * 1.6 * max(stop_m - s, 0.0)))
        v = max(0.0, v + float(np.clip(limit - v, -4.0 * step, 1.4 * step)))
        if stop_m - s < 0.3 and waited < wait_s:
            v, waited = 0.0, waited + step
        s += v * step
        way.append(s)
        speed.append(v)
    return np.array(way), np.array(speed)


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


def _body(rng: np.random.Generator) -> tuple[int, Body]:
    kind = int(rng.choice(5, p=[0.38, 0.28, 0.22, 0.09, 0.03]))
    body = (SEDAN, HATCH, SUV, VAN, BUS)[kind]
    length, width, height = (float(part * rng.uniform(0.93, 1.08)) for part in body.size)
    return CLASS_ID["bus" if body is BUS else "car"], replace(body, size=(length, width, height))


def _vehicle(rng: np.random.Generator, s: Floats, left: Floats, turn: float) -> Thing:
    class_id, body = _body(rng)
    return Thing(class_id, body_outline(body), body.size[:2], s, left, np.full(len(s), turn))


def _parked(street: _Street, rng: np.random.Generator) -> list[Thing]:
    found = []
    still = np.zeros(len(street.time_s))
    for side in (-1, 1):
        if rng.random() < 0.2:
            continue
        # Who drives faster has fewer cars parked beside: 4 m/s past bumper to bumper, 14 m/s past one in 40 m.
        at, free = START_M, float(rng.uniform(0.2, 2.0)) * street.cruise
        while at < street.ego_s[-1] + 80:
            thing = _vehicle(rng, still + at, still, float(rng.choice([0.0, np.pi]) + rng.normal(0, 0.04)))
            left = side * (street.edge + rng.uniform(0.2, 0.5) + thing.size_m[1] / 2)
            if thing.class_id == CLASS_ID["car"] and abs(at - street.stop_m) > 14:
                found.append(replace(thing, left=still + left))
            at += thing.size_m[0] + rng.uniform(0.6, 1.2) + rng.exponential(free)
    return found


def _traffic(street: _Street, rng: np.random.Generator) -> list[Thing]:
    """Ahead in the own lane, oncoming, riders at the edge, and who waits in a lane beside."""
    time_s, lane, cruise = street.time_s, street.lane, street.cruise
    own, found = np.full(len(time_s), -lane / 2), []
    if rng.random() < 0.6:
        ahead = np.interp(time_s + rng.uniform(1.0, 2.0), time_s, street.ego_s)
        ahead += np.maximum(time_s + 1.5 - time_s[-1], 0.0) * cruise * 0.5 + rng.uniform(6.5, 8.0)
        found.append(_vehicle(rng, ahead, own, 0.0))
    at = START_M + rng.uniform(20, 60)
    while at < 2 * street.ego_s[-1]:
        speed = float(rng.uniform(0.6, 1.2) * max(cruise, 5.0))
        s = at - speed * time_s
        if np.isfinite(street.stop_m) and rng.random() < 0.4:
            s = np.maximum(s, street.stop_m + 16.0 + rng.uniform(0, 1) + 7.0 * len(found))
        found.append(_vehicle(rng, s, -own, np.pi))
        at += rng.exponential(40.0) + 12.0
    for _ in range(rng.poisson(1.5)):
        s = START_M + rng.uniform(5, 150) + rng.uniform(2.5, 7.0) * time_s
        rider = upright_outline(1.9, 0.7, 1.65)
        left = np.full(len(time_s), -street.edge + 0.5)
        found.append(Thing(CLASS_ID["motorcycle"], rider, (1.9, 0.7), s, left, np.zeros(len(time_s))))
    return found


def _crossing(street: _Street, rng: np.random.Generator) -> list[Thing]:
    """Who drives across in front of the stop line while the camera waits."""
    if not np.isfinite(street.stop_m):
        return []
    found = []
    for _ in range(rng.poisson(4.0)):
        sign, speed = float(rng.choice([-1, 1])), float(rng.uniform(4.0, 11.0))
        left = sign * speed * (street.time_s - street.go_s + rng.uniform(1.0, 9.0))
        s = np.full(len(left), street.stop_m + 9.0 - 2.0 * sign)
        found.append(_vehicle(rng, s, left, sign * np.pi / 2))
    return found


def _people(street: _Street, rng: np.random.Generator) -> list[Thing]:
    found = []
    for _ in range(rng.poisson(6.0)):
        sign, speed = float(rng.choice([-1, 1])), float(rng.choice([0.0, 1.3], p=[0.2, 0.8]))
        s = START_M + rng.uniform(10, 300) + sign * speed * street.time_s
        left = np.full(len(s), float(rng.choice([-1, 1])) * (street.edge + rng.uniform(2.3, 4.0)))
        outline = upright_outline(0.45, 0.5, float(rng.normal(1.68, 0.08)))
        found.append(Thing(CLASS_ID["person"], outline, (0.45, 0.5), s, left, np.zeros(len(s))))
    return found


def _corners(street: _Street, rng: np.random.Generator) -> Floats:
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
