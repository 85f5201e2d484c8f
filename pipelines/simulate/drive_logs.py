"""Observation logs of simulated drives, made as those of videos are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.detections import Detections
from models.manifest import read_release
from pipelines.simulate.drive_gps import SimulatedGps
from pipelines.simulate.drive_observe import SimulatedDrive
from vision.log import ObservationLog
from vision.motion.egomotion import EgoMotion
from vision.observe import ObserveSettings, log_of
from vision.timing.clock_offset import clock_offset

SEARCHED_S: Final = 5.0  # more than the clocks are apart


@dataclass(frozen=True, slots=True)
class ImitatedNetwork:
    """Stands for the released network whose errors `drive_noise` imitates: its thresholds hold, it sees no picture."""

    model_id: str
    thresholds: NDArray[np.float32]

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        raise NotImplementedError("a simulated drive has no pictures")


def imitated_network() -> ImitatedNetwork:
    release = read_release()
    return ImitatedNetwork(f"simulated {release.name}", release.thresholds)


def simulated_logs(
    drive: SimulatedDrive, gps: SimulatedGps, network: ImitatedNetwork, settings: ObserveSettings
) -> tuple[ObservationLog, ObservationLog]:
    """With the drive's GPS, and without any."""
    with TemporaryDirectory() as folder:
        video = Path(folder) / drive.truth.video.name
        video.touch()  # the log names its file and that file's size
        with_gps = log_of(drive.seen, video, network, settings, clock=gps.clock, gps=gps.track, sha256=drive.truth.name)
        return with_gps, log_of(drive.seen, video, network, settings, sha256=drive.truth.name)


def clock_error(seen: ObservationLog, gps: SimulatedGps) -> float:
    """How far off the offset between the clocks is told, seconds; NaN where it is not told.

    Args:
        seen: the log without GPS.
    """
    frames, zero = seen.frames, gps.clock.utc_at_zero
    if zero is None:
        return float("nan")
    visual = EgoMotion(frames.x_m, frames.y_m, frames.heading_rad, frames.speed_mps, frames.standing)
    fix_s = gps.track.utc_s - zero.timestamp()
    told = clock_offset(frames.time_s, visual, gps.track, fix_s, (-SEARCHED_S, SEARCHED_S))
    return abs(told.seconds + gps.offset_s) if told.told else float("nan")
