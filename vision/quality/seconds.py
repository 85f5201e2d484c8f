"""What the pictures' measures mean: how much of what is there would be found, and where the camera points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.camera.pinhole import MOVING_FOCAL
from vision.log import Floats, Mounting
from vision.motion.egomotion import StepMotion, drifts, shifts_at
from vision.motion.flow_steps import FlowSteps
from vision.motion.heading import heading_point
from vision.quality.meter import PictureQuality
from vision.quality.shift import with_shifts
from vision.tables.quality import QualityTable

USABLE: Final = 0.5  # half of what a clear picture would show
# Of the road users that street-v3 found in 120 street pictures, the share that it found again when they were unfocused,
# shaken, darkened, hazed or overexposed by steps, against the median measure at each step (contrast in grey levels).
KEPT_BY_BLUR: Final = (
    (0.29, 0.37, 0.44, 0.52, 0.6, 0.7, 0.76, 0.8, 0.85),
    (1, 0.97, 0.94, 0.91, 0.83, 0.66, 0.5, 0.3, 0.05),
)
KEPT_BY_CONTRAST: Final = ((8, 10, 15, 22, 33, 50, 84, 117), (0.09, 0.2, 0.5, 0.65, 0.84, 0.9, 0.95, 1))
KEPT_BY_BRIGHT: Final = ((0.1, 0.46, 0.69, 0.81, 0.9, 0.96), (1, 0.94, 0.81, 0.61, 0.26, 0.07))
KEPT_AT_NIGHT: Final = 0.87  # the same, of nights that `models.data.weather` made; real ones may show less
BLANK: Final = 0.9  # of the cells: a street without texture is none; asphalt, sky and night leave some
STRAIGHT_RPS: Final = 0.02  # turning faster, a car does not head for where its camera points


def quality_table(
    pictures: Sequence[PictureQuality],
    steps: FlowSteps,
    motions: Sequence[StepMotion],
    size: tuple[int, int],
    mounting: Mounting,
) -> QualityTable:
    """One row per picture that was measured. `motions`: of the steps. `size`: width, height, native pixels. Pure."""
    if not pictures:
        return QualityTable.empty()
    time_s = np.array([picture.time_s for picture in pictures])
    if mounting == "fixed":  # before a camera that does not drive much may stay as it is
        pictures = [replace(picture, stuck=np.nan) for picture in pictures]
    aim = _heading(time_s, steps, motions, size) if mounting == "moving" else _moved(time_s, motions)
    quality = np.array([found_share(picture) for picture in pictures], np.float32)

    def column(name: str) -> NDArray[np.float32]:
        return np.array([getattr(picture, name) for picture in pictures], np.float32)

    table = QualityTable(
        time_s=time_s,
        brightness=column("brightness"),
        dark=column("dark"),
        bright=column("bright"),
        contrast=column("contrast"),
        blur=column("blur"),
        blank=column("blank"),
        stuck=column("stuck"),
        aim_x_px=aim[:, 0].astype(np.float32),
        aim_y_px=aim[:, 1].astype(np.float32),
        night=np.array([picture.night for picture in pictures]),
        shifted=np.zeros(len(time_s), bool),
        quality=quality,
        usable=quality >= USABLE,
    )
    return with_shifts(table, size[0], mounting)


def quality_at(table: QualityTable, time_s: Floats) -> Floats:
    """(N,) `quality` at times: of the last picture measured before; NaN before the first."""
    row = np.searchsorted(table.time_s, time_s, side="right") - 1
    known = np.append(table.quality.astype(np.float64), np.nan)  # row -1, where there is none yet
    return np.asarray(known[row])


def kept_shares(measured: PictureQuality | QualityTable) -> Floats:
    """(..., 6) how much of what a clear picture of the same scene would show is found, 0..1, as far as blur, contrast,
    glare, what sticks to the glass, what covers all of it, and night take it away.
    """
    kept = (
        np.interp(measured.blur, *KEPT_BY_BLUR),
        np.interp(255 * np.asarray(measured.contrast, np.float64), *KEPT_BY_CONTRAST),
        np.interp(measured.bright, *KEPT_BY_BRIGHT),
        1.0 - np.nan_to_num(measured.stuck),
        np.where(np.asarray(measured.blank) >= BLANK, 0.0, 1.0),
        np.where(measured.night, KEPT_AT_NIGHT, 1.0),
    )
    return np.stack([np.asarray(share, np.float64) for share in kept], axis=-1)


def found_share(picture: PictureQuality) -> float:
    """The kept shares together, 0..1."""
    return float(np.prod(kept_shares(picture)))


def _heading(time_s: Floats, steps: FlowSteps, motions: Sequence[StepMotion], size: tuple[int, int]) -> Floats:
    """(N, 2) the point that the camera drove to, NaN where it turned, stood or is not told."""
    aim = np.full((len(time_s), 2), np.nan)
    row_of = {time: row for row, time in enumerate(time_s.tolist())}
    for step, motion in zip(steps, motions, strict=True):
        row = row_of.get(step.time_s)
        if row is None or motion.cut or motion.still or abs(motion.yaw_rad) > STRAIGHT_RPS * motion.dt_s:
            continue
        point = heading_point(step, size, MOVING_FOCAL * max(size))
        if point is not None:
            aim[row] = point.column, point.row
    return aim


def _moved(time_s: Floats, motions: Sequence[StepMotion]) -> Floats:
    """(N, 2) how far the picture of a camera that stands has moved since the beginning; NaN before it is told."""
    told = [motion for motion in motions if motion.told]
    if not told:
        return np.full((len(time_s), 2), np.nan)
    return shifts_at(time_s, told, drifts(told))
