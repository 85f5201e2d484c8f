"""Red lights seen without a known stop line: one sighting worth keeping, never an incident."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipelines.incident import Finding, Grade, Kind, Moment, Role
from pipelines.rules.lamps import Light, heads_in_view, light_of
from pipelines.rules.protocol import Scene
from pipelines.rules.vehicles import Vehicle
from vision.log import Floats

# A vehicle goes on under red when it drives away from the camera this far and fast while red is shown.
_TRAVELLED_M: Final = 10.0
_DRIVING_MPS: Final = 2.5
_AWAY_COS: Final = 0.8


def sighting_without_line(scene: Scene, rule: str) -> tuple[Finding, ...]:
    """The vehicle that drove furthest away from the camera under red lights, if any did: at most one per log."""
    heads = heads_in_view(scene)
    light = light_of(scene.log, heads) if heads else None
    if light is None or not light.red:
        return ()
    runs = [(run, vehicle) for vehicle in scene.vehicles if (run := _run(scene, vehicle, light)) is not None]
    if not runs:
        return ()
    (metres, start, end), vehicle = max(runs, key=lambda run: run[0][0])
    reason = f"drove {metres:.0f} m away from the camera while a red light was seen; no stop line is known here" + (
        f" ({len(runs)} vehicles did)" if len(runs) > 1 else ""
    )
    moments = tuple(
        Moment(role, at, vehicle.box_at(at), caption)
        for role, at, caption in ((Role.BEFORE, start, "under a red light"), (Role.AFTER, end, "driven on"))
    )
    return (
        Finding(
            kind=Kind.RED_LIGHT_RUNNING,
            rule=rule,
            grade=Grade.INSUFFICIENT,
            missing=("stop_line",),
            confidence=round(0.3 * vehicle.confidence, 3),
            reasons=(reason,),
            start_s=start,
            end_s=end,
            track=vehicle.track,
            subject_class=vehicle.name,
            moments=moments,
            lamp_track=light.head_at(start)[0].track,
        ),
    )


def _run(scene: Scene, vehicle: Vehicle, light: Light) -> tuple[float, float, float] | None:
    """Metres driven away from the camera under red, from when to when."""
    best = None
    for low, high in light.red:
        rows = (vehicle.time_s >= low) & (vehicle.time_s <= high)
        span = _away(scene, vehicle.rows[rows]) if rows.sum() >= 4 else None
        if span is not None and (best is None or span > best[0]):
            best = (span, float(vehicle.time_s[rows][0]), float(vehicle.time_s[rows][-1]))
    return best


def _away(scene: Scene, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> float | None:
    seen, frames = scene.log.observations, scene.log.frames
    place = np.stack([seen.x_m[rows], seen.y_m[rows]], axis=1)
    if not np.isfinite(place).all():
        return None
    step: Floats = place[-3:].mean(axis=0) - place[:3].mean(axis=0)
    metres = float(np.hypot(*step))
    seconds = float(np.ptp(seen.time_s[rows]))
    heading = frames.heading_rad[seen.frame[rows[0]]]
    away = float(step @ np.array([np.cos(heading), np.sin(heading)]))
    # Focal length and height are wrong by one share here and there: of that, only what the way is wrong by counts.
    shared, ends = scene.log.meta.ground_camera.scale_std, rows[[0, -1]]
    own = np.maximum(seen.std_m[ends] ** 2 - (shared * seen.forward_m[ends]) ** 2, 0.0)
    doubt = float(np.sqrt(own.sum() + (shared * metres) ** 2))
    clear = metres - 2 * doubt >= _TRAVELLED_M and metres >= _DRIVING_MPS * seconds
    return metres if clear and away > _AWAY_COS * metres else None
