"""Parking before a camera that stands: how long a vehicle stood with its wheels in a forbidden area."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from pipelines.incident import Finding, Grade, Kind, Moment, Role
from pipelines.rules.intervals import Span, merged
from pipelines.rules.lamps import heads_at, heads_in_view, light_of
from pipelines.rules.plates import plate_shown
from pipelines.rules.protocol import Scene
from pipelines.rules.restriction import in_force
from pipelines.rules.rests import Rest, is_queue, rejoined, rests
from pipelines.rules.vehicles import counted
from pipelines.site import NoParking
from vision.log import Floats

# GA/T 832-2014: a stationary offence needs pictures at least 10 s apart.
PICTURES_APART_S: Final = 10.0
# Where nothing is known of the place, only a stop this long is worth a note.
_NOTEWORTHY_S: Final = 60.0
# The part of a box that touches the road: its lowest fifth, without the sides that mirrors and noise reach.
_STRIP_HEIGHT: Final = 0.2
_STRIP_INSET: Final = 0.1
_MOSTLY: Final = 0.6


def parked_in_view(scene: Scene, rule: str) -> list[Finding]:
    cuts = scene.log.frames.time_s[scene.log.frames.cut]
    standing = rejoined([rest for vehicle in scene.vehicles for rest in rests(vehicle)], cuts)
    red = _red_spans(scene)
    parked = [rest for rest in standing if not is_queue(rest, standing, red)]
    zones = () if scene.camera is None else scene.camera.no_parking_areas
    if not zones:
        return _without_restriction(scene, rule, parked)
    found = [(rest, zone, _share_inside(rest, zone)) for rest in parked for zone in zones]
    hits = [(rest, zone, share) for rest, zone, share in found if share > 0.5 and rest.duration_s > zone.longest_stop_s]
    first = {id(rest): (rest, zone, share) for rest, zone, share in reversed(hits)}
    verdicts = (_verdict(scene, rule, *hit) for hit in first.values())
    return [verdict for verdict in verdicts if verdict is not None]


def _red_spans(scene: Scene) -> list[Span]:
    """Red of the lights that govern the approaches, or of any light where none is named."""
    approaches = scene.camera.approach if scene.camera else ()
    heads = [heads_at(scene.log, approach.signals) for approach in approaches] or [heads_in_view(scene)]
    lights = [light for tracks in heads if tracks and (light := light_of(scene.log, tracks)) is not None]
    return merged([span for light in lights for span in light.red])


def _share_inside(rest: Rest, zone: NoParking) -> float:
    x1, y1, x2, y2 = rest.box
    inset = _STRIP_INSET * (x2 - x1)
    strip = shapely.box(x1 + inset, y2 - _STRIP_HEIGHT * (y2 - y1), x2 - inset, y2)
    area = shapely.make_valid(shapely.Polygon(zone.polygon))
    return float(strip.intersection(area).area / strip.area) if strip.area > 0 else 0.0


def _verdict(scene: Scene, rule: str, rest: Rest, zone: NoParking, share: float) -> Finding | None:
    clock, lawful_s = scene.log.meta.clock, zone.longest_stop_s
    holds = in_force(zone.hours, clock, scene.zone, rest.start_s, rest.end_s, lawful_s)
    if holds == "no":
        return None
    times = (rest.start_s, rest.start_s + zone.longest_stop_s, rest.end_s)
    missing = [] if plate_shown(scene.log, rest.vehicle, times) else ["plate"]
    if rest.duration_s < PICTURES_APART_S:
        missing.append("interval_10s")
    grade = Grade.CLUE if missing else Grade.COMPLETE
    if holds == "unknown":
        missing, grade = ["time", *missing], Grade.INSUFFICIENT
    reasons = (
        f"stood {rest.duration_s:.0f} s in {zone.name} ({zone.source}); longer than {zone.longest_stop_s:.0f} s "
        f"is not allowed{f' {zone.hours}' if zone.hours else ''}",
        f"{share:.0%} of where it touches the road lies inside",
        "no queue: no red light and no neighbours that left together explain the stop",
    )
    confidence = rest.vehicle.confidence * min(1.0, share / _MOSTLY)
    return _finding(scene, rule, rest, grade, tuple(missing), confidence, reasons)


def _without_restriction(scene: Scene, rule: str, parked: list[Rest]) -> list[Finding]:
    """One note for the log: the vehicle that stood longest."""
    long = [rest for rest in parked if rest.duration_s >= _NOTEWORTHY_S]
    if not long:
        return []
    rest = max(long, key=lambda rest: rest.duration_s)
    reason = f"stood {rest.duration_s:.0f} s; no restriction is known here ({counted(len(long))} stood as long)"
    confidence = 0.3 * rest.vehicle.confidence
    return [_finding(scene, rule, rest, Grade.INSUFFICIENT, ("restriction",), confidence, (reason,))]


def _finding(
    scene: Scene,
    rule: str,
    rest: Rest,
    grade: Grade,
    missing: tuple[str, ...],
    confidence: float,
    reasons: tuple[str, ...],
) -> Finding:
    vehicle = rest.vehicle
    captions = (
        (Role.BEFORE, rest.start_s, "came to rest"),
        (Role.AT, 0.5 * (rest.start_s + rest.end_s), "at rest"),
        (Role.AFTER, rest.end_s, "still there"),
    )
    return Finding(
        kind=Kind.ILLEGAL_PARKING,
        rule=rule,
        grade=grade,
        missing=missing,
        confidence=round(confidence, 3),
        reasons=reasons,
        start_s=rest.start_s,
        end_s=rest.end_s,
        track=vehicle.track,
        subject_class=vehicle.name,
        moments=tuple(_moment(rest, role, at, text) for role, at, text in captions),
        local=_local(scene, rest),
    )


def _moment(rest: Rest, role: Role, at: float, caption: str) -> Moment:
    time_s = rest.vehicle.time_s
    seen = float(time_s[int(np.argmin(np.abs(time_s - at)))])
    return Moment(role, seen, rest.vehicle.box_at(seen), caption)


def _local(scene: Scene, rest: Rest) -> tuple[float, float, float] | None:
    seen = scene.log.observations
    rows = rest.vehicle.rows[(rest.vehicle.time_s >= rest.start_s) & (rest.vehicle.time_s <= rest.end_s)]
    place: Floats = np.array([np.median(seen.x_m[rows]), np.median(seen.y_m[rows]), np.median(seen.std_m[rows])])
    if not np.isfinite(place).all():
        return None
    return float(place[0]), float(place[1]), float(place[2])
