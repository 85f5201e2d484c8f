"""The log of a patrol that tells what ground it showed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.pipelines.logs import make_log
from vision.log import GroundCamera, ObservationLog
from vision.look import LookSettings
from vision.quality.coverage import coverage_table

ORIGIN = (120.13, 31.23)
DASHCAM = GroundCamera(900.0, 960.0, 540.0, 1.3, ("test",))
STRAIGHT = ((0.0, 0.0, 0.0), (20.0, 200.0, 0.0))


def patrol(
    ego: tuple[tuple[float, float, float], ...] = STRAIGHT, quality: float = 1.0, seconds: float = 20.0
) -> ObservationLog:
    mounting = "fixed" if len(ego) == 1 else "moving"
    log = make_log(duration_s=seconds, mounting=mounting, ego=ego, camera=DASHCAM, origin=ORIGIN)
    seen = np.full(len(log.frames.time_s), quality)
    return replace(log, coverage=coverage_table(log.meta, log.frames, log.observations, seen, LookSettings()))
