"""A car's drive as its camera sees it and as a receiver writes it, for tests of what binds the two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vision.geodesy import to_wgs84
from vision.gps.track import GpsTrack
from vision.motion.egomotion import EgoMotion

ORIGIN = (8.43, 49.01)
STEP_S = 0.05
MARGIN_S = 30.0  # a log begins earlier and ends later than the video


@dataclass(frozen=True)
class Drive:
    """(N,) `time_s` from -MARGIN_S on; `place`: complex metres, east and north."""

    time_s: np.ndarray
    speed: np.ndarray
    heading: np.ndarray

    @property
    def place(self) -> np.ndarray:
        return np.cumsum(self.speed * np.exp(1j * self.heading)) * STEP_S

    def at(self, times: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.interp(times, self.time_s, values)


def town_drive(seed: int, seconds: float) -> Drive:
    """Speeds up, brakes, waits and turns as in a town."""
    rng = np.random.default_rng(seed)
    times = np.arange(-MARGIN_S, seconds + MARGIN_S, STEP_S)
    marks = np.arange(times[0], times[-1] + 8.0, 8.0) + rng.uniform(
        -2, 2, len(np.arange(times[0], times[-1] + 8.0, 8.0))
    )
    speeds = rng.choice([0.0, 5.0, 8.0, 11.0, 14.0], len(marks))
    speed = _smooth(np.interp(times, marks, speeds))
    turning = np.interp(times, marks, rng.choice([0.0, 0.0, 0.15, -0.2], len(marks)))
    return Drive(times, speed, np.cumsum(_smooth(turning) * (speed > 1.0)) * STEP_S)


def even_drive(seconds: float, speed: float = 12.0) -> Drive:
    times = np.arange(-MARGIN_S, seconds + MARGIN_S, STEP_S)
    return Drive(times, np.full(len(times), speed), np.zeros(len(times)))


def seen(drive: Drive, seconds: float, seed: int = 0, scale: float = 1.3) -> tuple[np.ndarray, EgoMotion]:
    """Frame times and what the camera makes of the drive: wrong in scale, its speed off by some per cent for a while,
    and by 3 % per m/s^2 of braking, as the nose dips.
    """
    rng = np.random.default_rng(seed)
    waves = sum(np.sin(2 * np.pi * (drive.time_s / period + rng.random())) for period in (7.0, 13.0, 29.0))
    speed = drive.speed * scale * (1 + 0.035 * waves) * (1 - 0.03 * np.gradient(drive.speed, STEP_S))
    heading = 1.1 * drive.heading + 0.002 * drive.time_s
    path = np.cumsum(speed * np.exp(1j * heading)) * STEP_S
    frame_s = np.arange(0.0, seconds, 1 / 6)
    columns = (drive.at(frame_s, column) for column in (path.real, path.imag, heading, speed))
    return frame_s, EgoMotion(*columns, drive.at(frame_s, drive.speed) < 0.2)


def written(
    drive: Drive, late_s: float, seed: int = 0, *, noise_m: float = 5.0, doppler: bool = False, lost: float = 0.0
) -> tuple[np.ndarray, GpsTrack]:
    """Times of the fixes by their clock, which is `late_s` late, and the fixes; a share `lost` of them in a gap."""
    rng = np.random.default_rng(seed)
    true_s = np.arange(drive.time_s[0] + 0.3, drive.time_s[-1] - 1.0, 1.0)
    gap = len(true_s) * rng.uniform(0.2, 0.6)
    true_s = np.delete(true_s, np.arange(int(gap), int(gap + lost * len(true_s))))
    # A receiver's error wanders: it forgets itself in about half a minute.
    keep = np.exp(-1 / 25.0)
    error = np.zeros(len(true_s), complex)
    for row in range(1, len(true_s)):
        fresh = rng.normal(0, noise_m / np.sqrt(2), 2) * np.sqrt(1 - keep**2)
        error[row] = keep * error[row - 1] + complex(*fresh)
    place = drive.at(true_s, drive.place.real) + 1j * drive.at(true_s, drive.place.imag) + error
    lon, lat = to_wgs84(ORIGIN, place.real, place.imag)
    nothing = np.full(len(true_s), np.nan)
    speed = np.abs(drive.at(true_s, drive.speed) + rng.normal(0, 0.2, len(true_s)))
    course = (90 - np.degrees(drive.at(true_s, drive.heading))) % 360
    given = (speed, course) if doppler else (nothing, nothing)
    return true_s - late_s, GpsTrack(true_s - late_s, nothing, lon, lat, *given, nothing, "gpx")


def _smooth(values: np.ndarray) -> np.ndarray:
    return np.convolve(np.pad(values, 20, "edge"), np.ones(41) / 41, "valid")
