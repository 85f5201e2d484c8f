"""The strip below a picture: when, where, how the camera moves, what looked."""

from __future__ import annotations

import math

from models.taxonomy import LIGHTS
from pipelines.evidence.manifest import utc_text
from pipelines.inspect.replay import Instant
from vision.log import ObservationLog

Lines = tuple[str, str]


def status(log: ObservationLog, instant: Instant) -> Lines:
    """Two lines; of the nearest frame that was looked at."""
    frames, row = log.frames, instant.frame
    when = [f"{instant.time_s:.2f} s", _clock(log, instant.time_s)]
    if math.isfinite(frames.lat[row]):
        when.append(f"{frames.lat[row]:.6f}, {frames.lon[row]:.6f} ± {frames.accuracy_m[row]:.0f} m")
    return " · ".join([*when, log.meta.files[0].name]), " · ".join([_ego(log, row), *_seen(instant)])


def _clock(log: ObservationLog, time_s: float) -> str:
    utc, doubt = utc_text(log.meta.clock.utc(time_s)), log.meta.clock.uncertainty_s
    if utc is None:
        return "time unknown"
    return f"{utc} ± {doubt:.1f} s" if doubt < 120 else f"{utc} ± {doubt / 3600:.1f} h"


def _ego(log: ObservationLog, row: int) -> str:
    speed = log.frames.speed_mps[row]
    how = (
        "stands" if log.frames.standing[row] else f"{3.6 * speed:.0f} km/h" if math.isfinite(speed) else "speed unknown"
    )
    cut = ", CUT before this frame" if log.frames.cut[row] else ""
    return f"{log.meta.mounting} camera, {how}{cut}"


def _seen(instant: Instant) -> list[str]:
    """Looks that confirmed nothing leave no row in the log."""
    lights = sum(sight.name in LIGHTS for sight in instant.sights)
    looks = ", ".join(f"{kind} {count}" for kind, count in instant.looks.items()) or "none"
    return [f"seen by look: {looks}", f"tracks {len(instant.sights) - lights}, signal heads {lights}"]


def optics(log: ObservationLog) -> str:
    """What the ground grid rests on."""
    camera = log.meta.ground_camera
    return f"f {camera.focal_px:.0f} px, {camera.height_m:.1f} m up ({', '.join(camera.sources)})"
