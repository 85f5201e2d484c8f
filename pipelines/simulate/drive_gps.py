"""The position log of a simulated drive: it wanders, has gaps, and its clock is not the video's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from pipelines.simulate.drive_world import World
from pipelines.simulate.georeference import gps_error
from vision.geodesy import to_wgs84
from vision.gps.track import GpsTrack
from vision.log import Clock

ORIGIN: Final = (120.13, 31.23)  # over the water of Lake Taihu, as the demo's street
STARTED: Final = datetime(2026, 9, 14, 0, 30, tzinfo=UTC)
NOISE_M: Final = (3.0, 8.0)
DOPPLER_MPS: Final = 0.15  # receivers measure speed by the carrier's Doppler shift, far better than place
COURSE_DEG: Final = 2.0
GAP_S: Final = (4.0, 12.0)
LATEST_S: Final = 2.0  # half width of what the clocks are apart
SPEED_GIVEN: Final = 0.7  # share of logs that hold speed and course


@dataclass(frozen=True, slots=True)
class SimulatedGps:
    """`clock`: what the video's clock says. `offset_s`: how much later than that it truly was."""

    track: GpsTrack
    clock: Clock
    offset_s: float


def simulated_gps(world: World) -> SimulatedGps:
    rng = np.random.default_rng((world.seed, 2))
    offset = float(rng.uniform(-LATEST_S, LATEST_S))
    seconds = np.arange(0.0, world.time_s[-1], 1.0)
    noise = float(rng.uniform(*NOISE_M))
    place = world.ego_place
    x, y = (np.interp(seconds, world.time_s, column) for column in place.T[:2])
    error = gps_error(rng, len(seconds), noise / np.sqrt(2))
    lon, lat = to_wgs84(ORIGIN, x + error[:, 0], y + error[:, 1])
    speed = np.interp(seconds, world.time_s, world.ego.speed)
    course = 90.0 - np.degrees(np.interp(seconds, world.time_s, place[:, 3])) + rng.normal(0, COURSE_DEG, len(seconds))
    given = rng.random() < SPEED_GIVEN
    keep = np.ones(len(seconds), bool)
    if rng.random() < 0.6:
        start = rng.uniform(3.0, max(seconds[-1] - 15.0, 4.0))
        keep = (seconds < start) | (seconds > start + rng.uniform(*GAP_S))
    told = np.where(given, 0.0, np.nan)
    track = GpsTrack(
        seconds[keep] + STARTED.timestamp() + offset,
        np.full(keep.sum(), np.nan),
        lon[keep],
        lat[keep],
        (np.maximum(speed + rng.normal(0, DOPPLER_MPS, len(speed)), 0.0) + told)[keep],
        (course % 360.0 + told)[keep],
        np.full(keep.sum(), noise),
        "simulated",
    )
    return SimulatedGps(track, Clock(STARTED, LATEST_S, "container"), offset)
