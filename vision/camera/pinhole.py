"""The pinhole over a flat road: where those of its numbers come from that nobody measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vision.camera.given_optics import NOTHING_GIVEN, GivenOptics
from vision.camera.known_heights import FLEET_LOG_STD, Sights, Stance, pixels_per_metre, stance, straightened
from vision.camera.passed_lengths import FocalByLengths
from vision.camera.turns import LensEstimate
from vision.log import Floats, GroundCamera, Mounting

# Dashcams are sold as 120-170 degrees, mostly 140, along the diagonal of a 16:9 picture. Such lenses are no pinholes
# but near equidistant, radius = focal length * angle (Kannala & Brandt, PAMI 2006). Places and speeds are measured
# about the middle, where half a diagonal per 70 degrees makes a focal length of 0.47 widths (170: 0.39, 120: 0.55).
# Phones and cameras built into cars have more. Fixed street cameras have lenses of about 65 degrees across.
MOVING_FOCAL: Final = 0.47  # of the long side
FOCAL_LOG_STD: Final = 0.2
FIXED_HFOV_DEG: Final = 65.0
# Behind the windscreens of cars; a van's or a lorry's is 1.8-2.8.
DASHCAM_HEIGHT_M: Final = 1.3
POLE_HEIGHT_M: Final = 5.0
HEIGHT_LOG_STD: Final[dict[Mounting, float]] = {"moving": 0.2, "fixed": 0.6}
LEVEL_STD: Final[dict[Mounting, float]] = {"moving": 0.1, "fixed": 0.35}  # of the horizon, in heights of the picture
FITTED_LOG_STD: Final = 0.1  # of a height and a horizon by a lot of traffic alone
# Of the way, by GPS: its own speed is good to 1-2 %, that of the road's flow beside it to a few.
GPS_LOG_STD: Final = 0.04
NOT_FLAT_RAD: Final = 0.0087  # half a degree: how far roads under things are off the plane under the camera
# Of the width, about half a degree: where a drive heads, against the horizon of the road before it, which is not flat.
HORIZON_STD: Final = 0.005
# Of a horizon that was given, of the width: a pixel or two.
GIVEN_HORIZON_STD: Final = 0.001
# How far off it may be, and how often that is so: through a lens that bends, or a windscreen full of reflections, it
# may lie anywhere about there.
HEADING_ERRORS: Final = ((HORIZON_STD, 0.9), (0.03, 0.1))

WIDEST_DEG, NARROWEST_DEG = 140.0, 40.0
FEWEST_BOXES: Final = 80
LEAST_SPREAD: Final = 0.12  # of the picture's height, between the far and the near ones
LOWEST_M, HIGHEST_M = 1.1, 2.8  # windscreens of cars to those of lorries


@dataclass(frozen=True, slots=True)
class FittedCamera:
    """`focal_log_std`, `height_log_std`: uncertainties of focal length and height, as logarithms. `horizon_std`: of the
    horizon's row, pixels. 0 of what was given, and is held.
    """

    camera: GroundCamera
    height_log_std: float
    horizon_std: float
    focal_log_std: float = FOCAL_LOG_STD

    @property
    def scale_given(self) -> bool:
        """Whether focal length and height were, so that there is no scale to be found."""
        return self.focal_log_std == self.height_log_std == 0.0


def _held(fitted: FittedCamera, given: GivenOptics) -> FittedCamera:
    """With what was given in place of what was found."""
    return _judged(
        FittedCamera(
            given.over(fitted.camera),
            fitted.height_log_std if given.height_m is None else 0.0,
            fitted.horizon_std if given.horizon_y is None else 0.0,
            fitted.focal_log_std if given.focal_px is None else 0.0,
        )
    )


def _judged(fitted: FittedCamera) -> FittedCamera:
    """With these uncertainties in the camera, too, where places on the road take theirs from.

    Those of a scale or a horizon that was given are the camera's already.
    """
    camera = fitted.camera
    if not fitted.scale_given:
        camera = replace(camera, scale_std=float(np.hypot(fitted.height_log_std, fitted.focal_log_std)))
    if fitted.horizon_std:
        camera = replace(camera, pitch_std=float(np.hypot(fitted.horizon_std / camera.focal_px, NOT_FLAT_RAD)))
    return replace(fitted, camera=camera)


def default_camera(width: int, height: int, mounting: Mounting, given: GivenOptics = NOTHING_GIVEN) -> GroundCamera:
    """What is given, and of the rest what is likely before anything was measured; upright pictures have their field of
    view along the long side.
    """
    along = max(width, height)
    focal = MOVING_FOCAL * along if mounting == "moving" else along / 2 / np.tan(np.radians(FIXED_HFOV_DEG / 2))
    if mounting == "moving":
        likely = GroundCamera(float(focal), width / 2, height / 2, DASHCAM_HEIGHT_M, ("default",))
    else:
        likely = GroundCamera(float(focal), width / 2, height * 0.25, POLE_HEIGHT_M, ("default",))
    return given.over(likely)


def fit_camera(
    sights: Sights,
    size: tuple[int, int],
    mounting: Mounting,
    given: GivenOptics = NOTHING_GIVEN,
    horizon_y: float | None = None,
    turns: LensEstimate | None = None,
) -> FittedCamera:
    """Horizon and height from how large cars and people appear at each row, as far as there are enough of them.

    What is given is held, and tells of the rest: cars that are seen from a known height show the horizon.

    Over a flat road the scale in pixels per metre grows linearly with the row of the foot point:
    `pixels_per_metre(y) = (y - horizon_y) / height_m`, whatever the focal length.

    Args:
        size: width, height of the picture.
        horizon_y: row known from the flow of a drive, to about `HORIZON_STD` of the width; for one that is not given.
        turns: the lens, where turns showed it; for a focal length that is not given.
    """
    seen_through = default_camera(*size, mounting, given)
    if turns is not None:
        seen_through = with_lens(seen_through, turns, size)
    if horizon_y is not None:
        seen_through = replace(seen_through, horizon_y=horizon_y)
    fitted = _fit(straightened(sights, size, seen_through), size, mounting, given, horizon_y)
    if turns is not None:
        camera = with_lens(fitted.camera, turns, size)
        fitted = replace(fitted, camera=camera, focal_log_std=turns.focal_log_std)
    return _held(fitted, given)


def with_lens(camera: GroundCamera, turns: LensEstimate, size: tuple[int, int]) -> GroundCamera:
    """The camera with focal length and lens as turns showed them."""
    lens = turns.lens(size[1] / 2)
    return replace(camera, focal_px=turns.focal_px, lens=lens, sources=(*camera.sources, "turns"))


def with_focal(fitted: FittedCamera, by_lengths: FocalByLengths) -> FittedCamera:
    """The pinhole with the focal length that parked cars showed; its height and horizon do not hang on that."""
    camera = fitted.camera
    focal = camera.focal_px * by_lengths.factor
    camera = replace(camera, focal_px=focal, sources=(*camera.sources, "parked cars"))
    return _judged(replace(fitted, camera=camera, focal_log_std=by_lengths.log_std))


def _fit(
    sights: Sights, size: tuple[int, int], mounting: Mounting, given: GivenOptics, horizon_y: float | None
) -> FittedCamera:
    if horizon_y is not None and mounting == "moving":
        return _likely(sights, size, mounting, given, horizon_y)[0]
    _, rows, scale = pixels_per_metre(sights, size)
    neither = given.height_m is None and given.horizon_y is None
    fitted = _fitted_line(rows, scale, size) if neither else None
    if fitted is not None and (mounting == "fixed" or LOWEST_M <= fitted[1] <= HIGHEST_M):
        start = default_camera(*size, mounting)
        camera = replace(start, horizon_y=fitted[0], height_m=fitted[1], sources=("traffic",))
        return FittedCamera(camera, FITTED_LOG_STD, HORIZON_STD * size[0])
    if mounting == "moving":
        likely = _likely(sights, size, mounting, given)[0]
        # What is in no vehicle's windscreen misleads, as steps and a raised pavement do: the horizon is not known here.
        if given.height_m is not None or LOWEST_M <= likely.camera.height_m <= HIGHEST_M:
            return likely
        camera = default_camera(*size, mounting)
        return FittedCamera(camera, HEIGHT_LOG_STD[mounting], LEVEL_STD[mounting] * size[1])
    # A dashcam that stands all the time looks fixed; how the sizes of the cars go with their rows tells.
    return min((_likely(sights, size, each, given) for each in ("fixed", "moving")), key=lambda fit: fit[1])[0]


def _likely(
    sights: Sights, size: tuple[int, int], mounting: Mounting, given: GivenOptics, heading_y: float | None = None
) -> tuple[FittedCamera, float]:
    """By what is likely, by the flow and by all cars and people, each as far as it is sure; and how unlikely it is."""
    start = default_camera(*size, mounting, given)
    level_std = LEVEL_STD[mounting] * size[1] if given.horizon_y is None else GIVEN_HORIZON_STD * size[0]
    expected = [(start.horizon_y, level_std, 1.0)]
    if heading_y is not None:
        expected = [(heading_y, std * size[0], share) for std, share in HEADING_ERRORS]
    # A known height, too, appears as much higher or lower as the cars of the place are smaller or larger than others.
    height_std = HEIGHT_LOG_STD[mounting] if given.height_m is None else FLEET_LOG_STD
    priors = [Stance(start.height_m, height_std, row, std) for row, std, _ in expected]
    fits = [stance(sights, size, prior) for prior in priors]
    against = [fit.unlikeliness + np.log(std / share) for fit, (_, std, share) in zip(fits, expected, strict=True)]
    best = int(np.argmin(against))
    found, first = fits[best], "default" if heading_y is None else "flow"
    sources = (first,) if found == priors[best] else (first, "traffic")
    camera = replace(start, horizon_y=found.horizon_y, height_m=found.height_m, sources=sources)
    return FittedCamera(camera, found.height_log_std, found.horizon_std), found.unlikeliness


def _fitted_line(rows: Floats, scale: Floats, size: tuple[int, int]) -> tuple[float, float] | None:
    """Horizon row and camera height by the traffic alone, where it is near and far enough."""
    if len(rows) < FEWEST_BOXES or np.ptp(np.percentile(rows, [5, 95])) < LEAST_SPREAD * size[1]:
        return None
    fitted = _robust_line(rows, scale)
    if fitted is None or not -size[1] < fitted[1] < 0.8 * size[1] or not 0.7 < 1 / fitted[0] < 30.0:
        return None
    return fitted[1], 1 / fitted[0]


def scaled(fitted: FittedCamera, factor: float) -> GroundCamera:
    """The camera that sees all ways `factor` times as long, as GPS says they are.

    Ways on the road go with focal length times height; each gives way as far as it is uncertain. One that was given
    leaves all to the other; where both were there is no scale to be found, and none may be asked for.
    """
    camera, focal_std, height_std = fitted.camera, fitted.focal_log_std, fitted.height_log_std
    focal = camera.focal_px * factor ** (focal_std**2 / (focal_std**2 + height_std**2))
    if focal_std and height_std:
        middle = camera.centre_x
        widest, narrowest = (middle / np.tan(np.radians(degrees / 2)) for degrees in (WIDEST_DEG, NARROWEST_DEG))
        focal = float(np.clip(focal, widest, narrowest))
    height = camera.height_m * factor * camera.focal_px / focal
    return replace(camera, focal_px=focal, height_m=height, sources=(*camera.sources, "GPS"), scale_std=GPS_LOG_STD)


def _robust_line(rows: Floats, scale: Floats) -> tuple[float, float] | None:
    """Slope and zero of scale = slope * (row - zero), by least squares reweighted with Tukey's biweight."""
    weight = np.ones(len(rows))
    slope, zero = 0.0, 0.0
    for _ in range(15):
        mean_row, mean_scale = np.average(rows, weights=weight), np.average(scale, weights=weight)
        spread = np.average((rows - mean_row) ** 2, weights=weight)
        slope = float(np.average((rows - mean_row) * (scale - mean_scale), weights=weight) / max(spread, 1e-9))
        if slope <= 0:
            return None
        zero = float(mean_row - mean_scale / slope)
        # Heights of cars and people scatter by a share of themselves, so the residual is relative to the size.
        residual = (scale - slope * (rows - zero)) / np.maximum(scale, 1e-6)
        spread_now = 1.4826 * float(np.median(np.abs(residual))) + 1e-6
        weight = (1 - (residual / (4.0 * spread_now)).clip(-1, 1) ** 2) ** 2 / np.maximum(scale, 1e-6) ** 2
        if not weight.any():
            return None
    return (slope, zero) if spread_now < 0.3 else None
