"""Parking beside a patrol that drives: at rest in the world, inside a restricted area of the map, not in a queue.

One pass cannot show pictures 10 s apart, as GA/T 832-2014 asks of a standing vehicle, so it is a clue at best.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.taxonomy import VEHICLES, class_ids
from pipelines.incident import Finding, Grade, Kind, Moment
from pipelines.region import Area
from pipelines.rules.lamps import near_red
from pipelines.rules.parking_fixed import PICTURES_APART_S
from pipelines.rules.plates import plate_shown
from pipelines.rules.protocol import Scene
from pipelines.rules.restriction import in_force, probability_inside
from pipelines.rules.rests import LONGEST_RED_S
from pipelines.rules.vehicles import Vehicle, counted, single
from pipelines.rules.views import SEEN, best_views
from vision.geodesy import to_wgs84
from vision.log import Floats, Track

_AT_REST: Final = 0.8
_FEWEST_VIEWS: Final = 4
# Whether a thing stands in the world shows only while the camera itself moves.
_CAMERA_MOVED_M: Final = 3.0
# The patrol drove through where it stood: so it drove off, as the last of a queue does.
_DRIVEN_THROUGH_M: Final = 1.3
# A red light or a stop of the patrol this close in time may mean a queue.
_QUEUE_NEAR_S: Final = 5.0
_SAME_PLACE_M: Final = 2.0
# and, where they were never seen at once, this many of their uncertainties, but not the next car of the row.
_SAME_STDS: Final = 2.0
_NEXT_CAR_M: Final = 4.5
# Half a car: the observed point is its nearest edge.
_EDGE_STD_M: Final = 1.0
_SURELY_INSIDE: Final = 0.9


@dataclass(frozen=True, slots=True)
class _Parked:
    """`views`: rows seen while the camera moved. `x, y, std_m`: local frame."""

    vehicle: Vehicle
    views: int
    at_rest: float
    x: float
    y: float
    std_m: float
    maybe_queue: bool


def parked_on_the_way(scene: Scene, rule: str) -> list[Finding]:
    tracks = scene.log.each_track(class_ids(VEHICLES))
    parked = _distinct([thing for track in tracks if (thing := _parked(scene, track)) is not None])
    if scene.region is None:
        return _without_restriction(rule, parked)
    found = (_verdict(scene, rule, thing) for thing in parked)
    return [finding for finding in found if finding is not None]


def _parked(scene: Scene, track: Track) -> _Parked | None:
    frames, rows = scene.log.frames, track.observations.frame[track.rows]
    usable = ~frames.standing[rows] & np.isfinite(track.local).all(axis=1) & np.isfinite(track.std_m)
    if not track.at_rest >= _AT_REST or usable.sum() < _FEWEST_VIEWS:
        return None
    path = np.stack([frames.x_m[rows], frames.y_m[rows]], axis=1)[usable]
    if np.hypot(*np.diff(path, axis=0).T).sum() < _CAMERA_MOVED_M:
        return None
    weight = 1.0 / np.maximum(track.std_m[usable], 0.1) ** 2
    x, y = (track.local[usable] * weight[:, None]).sum(axis=0) / weight.sum()
    if _driven_through(scene, float(x), float(y), float(track.time_s[0]), float(track.time_s[-1])):
        return None
    # The views share the camera's calibration: their errors do not average out.
    std = float(np.hypot(track.std_m[usable].min(), _EDGE_STD_M))
    vehicle = single(track, scene.log)
    queue = _maybe_queue(scene, float(track.time_s[0]), float(track.time_s[-1]))
    return _Parked(vehicle, int(usable.sum()), track.at_rest, float(x), float(y), std, queue)


def _driven_through(scene: Scene, x: float, y: float, start: float, end: float) -> bool:
    """Whether the camera drove over the place after it began to see the vehicle there, soon enough for a queue."""
    frames = scene.log.frames
    path = np.stack([frames.x_m, frames.y_m], axis=1)
    soon = (frames.time_s >= start) & (frames.time_s <= end + LONGEST_RED_S)
    path = path[np.isfinite(path).all(axis=1) & soon]
    if len(path) < 2:
        return False
    step = np.diff(path, axis=0)
    to = np.array([x, y]) - path[:-1]
    share = np.clip((to * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), 1e-9), 0.0, 1.0)
    off: Floats = np.hypot(*(to - share[:, None] * step).T)
    return float(off.min()) < _DRIVEN_THROUGH_M


def _maybe_queue(scene: Scene, start: float, end: float) -> bool:
    frames = scene.log.frames
    low, high = start - _QUEUE_NEAR_S, end + _QUEUE_NEAR_S
    stood = bool(np.any(frames.standing & (frames.time_s >= low) & (frames.time_s <= high)))
    return stood or near_red(scene, low, high)


def _distinct(parked: list[_Parked]) -> list[_Parked]:
    """Vehicles at one place are one, seen by several tracks; the best seen stays."""
    kept: list[_Parked] = []
    for thing in sorted(parked, key=lambda thing: (-thing.views, thing.vehicle.track)):
        if not any(_same(thing, other) for other in kept):
            kept.append(thing)
    return kept


def _same(a: _Parked, b: _Parked) -> bool:
    apart = np.hypot(a.x - b.x, a.y - b.y)
    if apart > _NEXT_CAR_M or np.intersect1d(a.vehicle.time_s, b.vehicle.time_s).size:
        return bool(apart <= _SAME_PLACE_M)
    doubt = _SAME_STDS * float(np.hypot(a.std_m, b.std_m))
    return bool(apart <= max(_SAME_PLACE_M, min(doubt, _NEXT_CAR_M)))


def _verdict(scene: Scene, rule: str, thing: _Parked) -> Finding | None:
    """Inside the area it most likely stands in, if any."""
    origin = scene.log.meta.origin
    if origin is None or scene.region is None:
        return None
    std = float(np.hypot(thing.std_m, _gps_std(scene, thing)))
    if not np.isfinite(std):
        return None
    lon, lat = to_wgs84(origin, np.array(thing.x), np.array(thing.y))
    areas = scene.region.near(float(lon), float(lat), 3 * std)
    odds = [(probability_inside(area.polygon, origin, thing.x, thing.y, std), area) for area in areas]
    likely = [(p, area) for p, area in odds if p > 0.5 and _holds(scene, area, thing) != "no"]
    if not likely:
        return None
    inside, area = max(likely, key=lambda pair: pair[0])
    return _inside_area(scene, rule, thing, area, inside, std)


def _inside_area(scene: Scene, rule: str, thing: _Parked, area: Area, inside: float, std: float) -> Finding:
    time_s = thing.vehicle.time_s
    lacking = (
        ("position", inside < _SURELY_INSIDE),
        ("time", _holds(scene, area, thing) == "unknown"),
        ("queue", thing.maybe_queue),
    )
    decisive = tuple(name for name, lacks in lacking if lacks)
    shown = plate_shown(scene.log, thing.vehicle, tuple(time_s.tolist()))
    formal = (() if shown else ("plate",)) + (("interval_10s",) if np.ptp(time_s) < PICTURES_APART_S else ())
    grade = Grade.INSUFFICIENT if decisive else Grade.CLUE if formal else Grade.COMPLETE
    reasons = [
        f"at rest in the world in {thing.views} views while the patrol drove by",
        f"{inside:.0%} sure to stand in {area.name or area.kind} ({area.source}), position ± {std:.1f} m"
        + (f", which holds {area.hours}" if area.hours else ""),
    ]
    if thing.maybe_queue:
        reasons.append("a red light or a stop of the patrol nearby: may be a queue")
    return _finding(rule, thing, grade, decisive + formal, thing.at_rest * inside, tuple(reasons), std)


def _holds(scene: Scene, area: Area, thing: _Parked) -> str:
    time_s = thing.vehicle.time_s
    return in_force(area.hours, scene.log.meta.clock, scene.zone, float(time_s[0]), float(time_s[-1]))


def _gps_std(scene: Scene, thing: _Parked) -> float:
    """NaN where GPS was lost while it was seen: which area it stands in is then unknown."""
    given = scene.log.frames.accuracy_m[scene.log.observations.frame[thing.vehicle.rows]]
    return float(np.median(given[np.isfinite(given)])) if np.isfinite(given).any() else float("nan")


def _without_restriction(rule: str, parked: list[_Parked]) -> list[Finding]:
    """One note for the log: what was seen best."""
    if not parked:
        return []
    reason = f"at rest in the world; no restriction is known here ({counted(len(parked))} stood)"
    best = parked[0]
    return [_finding(rule, best, Grade.INSUFFICIENT, ("restriction",), 0.3 * best.at_rest, (reason,), best.std_m)]


def _finding(
    rule: str,
    thing: _Parked,
    grade: Grade,
    missing: tuple[str, ...],
    confidence: float,
    reasons: tuple[str, ...],
    std: float,
) -> Finding:
    vehicle, time_s = thing.vehicle, thing.vehicle.time_s
    meta = vehicle.log.meta
    views = [(role, float(time_s[row])) for role, row in best_views(vehicle.boxes, (meta.width, meta.height))]
    return Finding(
        kind=Kind.ILLEGAL_PARKING,
        rule=rule,
        grade=grade,
        missing=missing,
        confidence=round(confidence, 3),
        reasons=reasons,
        start_s=float(time_s[0]),
        end_s=float(time_s[-1]),
        track=vehicle.track,
        subject_class=vehicle.name,
        moments=tuple(Moment(role, at, vehicle.box_at(at), f"at rest, {SEEN[role]}") for role, at in views),
        local=(thing.x, thing.y, std),
    )
