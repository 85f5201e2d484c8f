"""What the videos of one camera tell of it together, each number with its uncertainty and where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vision.camera.pinhole import GPS_LOG_STD, NOT_FLAT_RAD
from vision.lens import Lens
from vision.log import GroundCamera
from vision.optics import Findings

SURE_STDS: Final = 2.0  # a roll of less is taken for none


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its standard uncertainty, in the number's own unit. `source`: what it comes from."""

    value: float
    std: float
    source: str


@dataclass(frozen=True, slots=True)
class MeasuredCamera:
    """A camera and how well each of its numbers is known.

    Attributes:
        camera: what a site file takes.
        pitch_rad: of the optical axis below the horizon. yaw_rad: of the axis to the left of where the car heads.
        roll_rad, bend: as `vision.camera.turns` has them. None of what the footage does not show.
    """

    camera: GroundCamera
    focal_px: Estimate
    height_m: Estimate
    horizon_y: Estimate
    pitch_rad: Estimate
    yaw_rad: Estimate | None
    roll_rad: Estimate | None
    bend: Estimate | None


def measured_camera(findings: Sequence[Findings], size: tuple[int, int]) -> MeasuredCamera:
    """One camera from one or more videos of it, the better known counting more.

    Their errors have causes in common (the same lens, the same fleet of cars), so many videos are taken to be as good
    as the best of them, less where they contradict each other.

    Args:
        findings: at least one. size: width, height of the picture.
    """
    focal = _logarithmic(_together(findings, _log_focal))
    height = _logarithmic(_together(findings, _log_height))
    horizon = _together(findings, _horizon)
    roll, bend = _together(findings, _roll), _together(findings, _bend)
    if focal is None or height is None or horizon is None:
        raise ValueError("a camera needs at least one finding")
    camera = _camera(findings, (focal, height, horizon, roll), size)
    middle = size[1] / 2 if camera.lens is None else camera.lens.centre_y
    pitch = Estimate(
        float(np.arctan((middle - horizon.value) / focal.value)), horizon.std / focal.value, horizon.source
    )
    column = _together(findings, _column)
    yaw = None
    if column is not None:
        yaw = Estimate(
            float(np.arctan((column.value - size[0] / 2) / focal.value)), column.std / focal.value, column.source
        )
    return MeasuredCamera(camera, focal, height, horizon, pitch, yaw, roll, bend)


def _camera(
    findings: Sequence[Findings], found: tuple[Estimate, Estimate, Estimate, Estimate | None], size: tuple[int, int]
) -> GroundCamera:
    focal, height, horizon, roll = found
    shown = [one.turns for one in findings if one.turns is not None]
    lens = min(shown, key=lambda turns: turns.bend_std).lens(size[1] / 2) if shown else None
    if roll is not None and abs(roll.value) > SURE_STDS * roll.std:
        lens = replace(lens or Lens("pinhole", (), size[1] / 2), roll_rad=roll.value)
    scale = min(one.camera.scale_std for one in findings)
    pitch = float(np.hypot(horizon.std / focal.value, NOT_FLAT_RAD))
    return GroundCamera(focal.value, size[0] / 2, horizon.value, height.value, ("calibrated",), lens, scale, pitch)


def _together(findings: Sequence[Findings], of: Callable[[Findings], Estimate | None]) -> Estimate | None:
    """Mean weighted by certainty; as uncertain as the surest, or as they scatter about it."""
    each = [estimate for estimate in map(of, findings) if estimate is not None]
    if not each:
        return None
    value, std = np.array([[one.value, one.std] for one in each]).T
    weight = std**-2.0
    mean = float(np.average(value, weights=weight))
    scatter = float(np.sqrt(np.average((value - mean) ** 2, weights=weight)))
    return Estimate(mean, max(float(std.min()), scatter), min(each, key=lambda one: one.std).source)


def _logarithmic(of: Estimate | None) -> Estimate | None:
    """From a logarithm and its uncertainty to the number itself."""
    return None if of is None else Estimate(float(np.exp(of.value)), float(np.exp(of.value)) * of.std, of.source)


def _log_focal(one: Findings) -> Estimate:
    source = "default" if one.turns is None else "turns"
    source = source if one.lengths is None else "parked cars"
    return _scaled(one, one.camera.focal_px, one.fitted.focal_log_std, one.fitted.height_log_std, source)


def _log_height(one: Findings) -> Estimate:
    seen = "traffic" in one.fitted.camera.sources
    source = "cars and people" if seen else "default"
    return _scaled(one, one.camera.height_m, one.fitted.height_log_std, one.fitted.focal_log_std, source)


def _scaled(one: Findings, value: float, std: float, other_std: float, source: str) -> Estimate:
    """A logarithm. GPS tells the product of focal length and height: each is then known as well as the other tells."""
    if not np.isnan(one.gps_factor):
        by_other = np.hypot(other_std, GPS_LOG_STD)
        std, source = float((std**-2 + by_other**-2) ** -0.5), f"{source}, GPS speed"
    return Estimate(float(np.log(value)), std, source)


def _horizon(one: Findings) -> Estimate:
    others = ", ".join(each for each in one.fitted.camera.sources if each != "turns")
    source = "flow, cars and people" if one.heading is not None else others
    return Estimate(one.camera.horizon_y, one.fitted.horizon_std, source)


def _column(one: Findings) -> Estimate | None:
    return None if one.heading is None else Estimate(one.heading.column, one.heading.column_std, "flow")


def _roll(one: Findings) -> Estimate | None:
    return None if one.turns is None else Estimate(one.turns.roll_rad, one.turns.roll_std, "turns")


def _bend(one: Findings) -> Estimate | None:
    return None if one.turns is None else Estimate(one.turns.bend, one.turns.bend_std, "turns")
