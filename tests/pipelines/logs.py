"""Synthetic observation logs: things on a flat road, seen by a pinhole camera.

Example:
    >>> car = mover(1, "car", [(0.0, 10.0, 0.0), (4.0, 50.0, 0.0)])  # t, x, y of its centre in the local frame
    >>> log = make_log([car], [lamp(9, (600, 50, 620, 100), [("red", 0.0, 4.0)])], duration_s=4.0)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from models.taxonomy import CLASS_ID, VEHICLES
from vision.log import (
    Clock,
    Floats,
    FrameTable,
    GroundCamera,
    LogMeta,
    Mounting,
    ObservationLog,
    ObservationTable,
    SignalTable,
    SourceFile,
    TrackTable,
)

Box = tuple[float, float, float, float]
Knots = Sequence[tuple[float, float, float]]

CAMERA = GroundCamera(focal_px=1000.0, centre_x=960.0, horizon_y=200.0, height_m=5.0, sources=("site file",))
WIDTH, HEIGHT = 1920, 1080
GPS_M = 3.0  # of logs with an origin
CLOCK = Clock(datetime(2026, 3, 2, 8, 0, tzinfo=UTC), 0.5, "gps", "Asia/Shanghai")

# length, width, height in metres
SIZES: dict[str, tuple[float, float, float]] = {
    "person": (0.5, 0.5, 1.7),
    "bicycle": (1.8, 0.6, 1.7),
    "motorcycle": (2.0, 0.8, 1.6),
    "car": (4.5, 1.8, 1.5),
    "bus": (11.0, 2.5, 3.0),
    "truck": (8.0, 2.5, 3.0),
    "litter": (0.3, 0.3, 0.2),
    "garbage_pile": (1.5, 1.5, 0.8),
    "overflowing_bin": (0.8, 0.8, 1.2),
    "licence_plate": (0.1, 0.5, 0.15),
}


@dataclass(frozen=True, slots=True)
class Mover:
    """A thing on the road. `knots`: t, x, y of its centre in the local frame, linear in between, standing before
    the first and after the last. `seen`: log time during which it is detected.
    """

    track: int
    name: str
    knots: Knots
    seen: tuple[float, float]
    size: tuple[float, float, float]
    heading_rad: float | None
    confidence: float
    at_rest: float | None
    jitter_px: float
    std_m: float


@dataclass(frozen=True, slots=True)
class Lamp:
    """A signal head at a fixed place of the picture, with its voted states (state, first_s, last_s)."""

    track: int
    box: Box
    states: tuple[tuple[str, float, float], ...]


def mover(
    track: int,
    name: str,
    knots: Knots,
    *,
    seen: tuple[float, float] = (-np.inf, np.inf),
    size: tuple[float, float, float] | None = None,
    heading_rad: float | None = None,
    confidence: float = 0.8,
    at_rest: float | None = None,
    jitter_px: float = 0.0,
    std_m: float = 0.3,
) -> Mover:
    return Mover(track, name, knots, seen, size or SIZES[name], heading_rad, confidence, at_rest, jitter_px, std_m)


def standing(track: int, name: str, x: float, y: float, **options: object) -> Mover:
    return mover(track, name, [(0.0, x, y)], **options)  # type: ignore[arg-type]


def lamp(track: int, box: Box, states: Sequence[tuple[str, float, float]]) -> Lamp:
    return Lamp(track, box, tuple(states))


def positions(knots: Knots, time_s: Floats) -> Floats:
    """(N, 2) x, y at times."""
    t, x, y = np.array(knots, float).T
    return np.stack([np.interp(time_s, t, x), np.interp(time_s, t, y)], axis=1)


def headings(knots: Knots, time_s: Floats, default: float = 0.0) -> Floats:
    """Direction of motion, held while standing."""
    step = positions(knots, time_s + 0.05) - positions(knots, time_s - 0.05)
    moving = np.hypot(step[:, 0], step[:, 1]) > 1e-6
    angle = np.arctan2(step[:, 1], step[:, 0])
    if not moving.any():
        return np.full(len(time_s), default)
    last = np.maximum.accumulate(np.where(moving, np.arange(len(time_s)), -1))
    last[last < 0] = int(np.argmax(moving))
    return angle[last]


def box_of(
    camera: GroundCamera,
    centre: tuple[float, float],
    heading: float,
    size: tuple[float, float, float],
    *,
    overhang: float = 0.0,
    clearance: float = 0.0,
) -> Box | None:
    """The box of a cuboid (ground frame); None when it is not ahead of the camera.

    `overhang`: share of its length by which a vehicle's wheels stand within either end; `clearance`: share of its
    height by which its body hangs above the road.
    """
    wheels = np.array([[a, b, 0.0] for a in (overhang - 0.5, 0.5 - overhang) for b in (-0.5, 0.5)])
    body = np.array([[a, b, up] for a in (-0.5, 0.5) for b in (-0.5, 0.5) for up in (clearance, 1.0)])
    along, across, up = (np.concatenate([wheels, body]) * size).T
    forward = centre[0] + along * np.cos(heading) - across * np.sin(heading)
    left = centre[1] + along * np.sin(heading) + across * np.cos(heading)
    if forward.min() < 0.5:
        return None
    x = camera.centre_x - camera.focal_px * left / forward
    y = camera.horizon_y + camera.focal_px * (camera.height_m - up) / forward
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _ego(frames_s: Floats, knots: Knots) -> FrameTable:
    place = positions(knots, frames_s)
    step = positions(knots, frames_s + 0.05) - positions(knots, frames_s - 0.05)
    speed = np.hypot(step[:, 0], step[:, 1]) / 0.1
    unknown = np.full(len(frames_s), np.nan)
    return FrameTable(
        frames_s,
        place[:, 0],
        place[:, 1],
        headings(knots, frames_s),
        speed,
        speed < 0.2,
        np.zeros(len(frames_s), bool),
        unknown,
        unknown,
        unknown,
    )


def _to_ground(frames: FrameTable, place: Floats, row: int) -> tuple[float, float]:
    dx, dy = place[0] - frames.x_m[row], place[1] - frames.y_m[row]
    cos, sin = np.cos(frames.heading_rad[row]), np.sin(frames.heading_rad[row])
    return float(cos * dx + sin * dy), float(-sin * dx + cos * dy)


def _look(thing: Mover, frames: FrameTable, camera: GroundCamera, rng: np.random.Generator) -> list[tuple[float, ...]]:
    """Rows: frame, time, track, class, confidence, box x4, forward, left, x, y, std."""
    rows: list[tuple[float, ...]] = []
    place = positions(thing.knots, frames.time_s)
    heading = headings(thing.knots, frames.time_s)
    if thing.heading_rad is not None:
        heading = np.full(len(place), thing.heading_rad)
    for row, time_s in enumerate(frames.time_s):
        ground = _to_ground(frames, place[row], row)
        raised = 0.2 if thing.name in VEHICLES | {"bicycle"} else 0.0
        turned = heading[row] - frames.heading_rad[row]
        box = box_of(camera, ground, turned, thing.size, overhang=raised, clearance=raised)
        if not thing.seen[0] <= time_s <= thing.seen[1] or box is None:
            continue
        jittered = np.array(box) + rng.normal(0.0, thing.jitter_px or 1e-9, 4)
        clipped = np.clip(jittered, 0, [WIDTH, HEIGHT, WIDTH, HEIGHT])
        if clipped[2] - clipped[0] < 3 or clipped[3] - clipped[1] < 3:
            continue
        forward, left = camera.to_ground(np.array((clipped[0] + clipped[2]) / 2), np.array(clipped[3]))
        cos, sin = np.cos(frames.heading_rad[row]), np.sin(frames.heading_rad[row])
        x = frames.x_m[row] + cos * forward - sin * left
        y = frames.y_m[row] + sin * forward + cos * left
        base = (row, time_s, thing.track, CLASS_ID[thing.name], thing.confidence, *clipped)
        rows.append((*base, float(forward), float(left), float(x), float(y), thing.std_m))
    return rows


def _look_at_lamp(head: Lamp, frames: FrameTable) -> list[tuple[float, ...]]:
    rows: list[tuple[float, ...]] = []
    for row, time_s in enumerate(frames.time_s):
        for state, first_s, last_s in head.states:
            if state != "unknown" and first_s - 1e-9 <= time_s <= last_s + 1e-9:
                unknown = (np.nan,) * 5
                shines = CLASS_ID[f"light_{state.removeprefix('flashing_').removesuffix('_yellow')}"]
                rows.append((row, time_s, head.track, shines, 0.9, *head.box, *unknown))
                break
    return rows


def _observations(rows: list[tuple[float, ...]]) -> ObservationTable:
    table = np.array(sorted(rows, key=lambda row: (row[0], row[2])), float).reshape(-1, 14)
    looks = np.array(["light" if np.isnan(value) else "wide" for value in table[:, 13]], str)
    return ObservationTable(
        table[:, 0].astype(np.int32),
        table[:, 1],
        table[:, 2].astype(np.int32),
        looks,
        table[:, 3].astype(np.int16),
        table[:, 4].astype(np.float32),
        table[:, 5:9].astype(np.float32),
        *(table[:, column] for column in range(9, 14)),
    )


def _tracks(things: Sequence[Mover | Lamp], seen: ObservationTable) -> TrackTable:
    rows = []
    for thing in things:
        mine = seen.track == thing.track
        if not mine.any():
            continue
        t = seen.time_s[mine]
        classes, counts = np.unique(seen.class_id[mine], return_counts=True)
        rest, speed = np.nan, np.nan
        if isinstance(thing, Mover):
            path = positions(thing.knots, t)
            steps = np.hypot(*np.diff(path, axis=0).T)
            speed = float(np.median(steps / np.diff(t))) if len(t) > 1 else np.nan
            rest = float(speed < 0.1) if len(t) > 1 else np.nan
            rest = rest if thing.at_rest is None else thing.at_rest
        confidence = float(np.mean(seen.confidence[mine]))
        rows.append((thing.track, classes[np.argmax(counts)], t.min(), t.max(), mine.sum(), confidence, rest, speed))
    table = np.array(rows, float).reshape(-1, 8)
    return TrackTable(
        track=table[:, 0].astype(np.int32),
        class_id=table[:, 1].astype(np.int16),
        first_s=table[:, 2],
        last_s=table[:, 3],
        hits=table[:, 4].astype(np.int32),
        confidence=table[:, 5].astype(np.float32),
        at_rest=table[:, 6],
        speed_mps=table[:, 7],
    )


def _signals(lamps: Sequence[Lamp]) -> SignalTable:
    rows = [(first, head.track, state, last) for head in lamps for state, first, last in head.states]
    rows = sorted(row for row in rows if row[2] != "unknown")
    return SignalTable(
        np.array([row[1] for row in rows], np.int32),
        np.array([row[2] for row in rows], str),
        np.array([row[0] for row in rows], float),
        np.array([row[3] for row in rows], float),
        np.full(len(rows), 0.9),
    )


def make_log(
    things: Sequence[Mover] = (),
    lamps: Sequence[Lamp] = (),
    *,
    duration_s: float,
    rate_hz: float = 8.0,
    start_s: float = 0.0,
    mounting: Mounting = "fixed",
    ego: Knots = ((0.0, 0.0, 0.0),),
    camera: GroundCamera = CAMERA,
    clock: Clock = CLOCK,
    origin: tuple[float, float] | None = None,
    file_name: str = "camera.mp4",
    seed: int = 0,
) -> ObservationLog:
    """A log in which every thing is seen in every frame while it is in the picture (no occlusion).

    `ego`: t, x, y of the camera in the local frame; it looks where it drives, or along +x when it stands.
    """
    frames_s = start_s + np.arange(0.0, duration_s + 1e-9, 1.0 / rate_hz)
    frames = _ego(frames_s, ego)
    if origin is not None:
        frames.accuracy_m[:] = GPS_M
    rng = np.random.default_rng(seed)
    rows = [row for thing in things for row in _look(thing, frames, camera, rng)]
    seen = _observations(rows + [row for head in lamps for row in _look_at_lamp(head, frames)])
    file = SourceFile(file_name, "a" * 64, 1000, 0.0, float(frames_s[0]), float(frames_s[-1]))
    meta = LogMeta((file,), WIDTH, HEIGHT, "car1/front", mounting, clock, camera, origin, "test@0", "b" * 64)
    return ObservationLog(meta, frames, seen, _tracks([*things, *lamps], seen), _signals(lamps))
