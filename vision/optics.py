"""How a camera is mounted and what it looks through: from given numbers, turns, flow, traffic, parked cars and GPS."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from vision.camera.given_optics import NOTHING_GIVEN, GivenOptics
from vision.camera.passed_lengths import FocalByLengths, focal_by_lengths
from vision.camera.pinhole import FOCAL_LOG_STD, FittedCamera, default_camera, fit_camera, scaled, with_focal, with_lens
from vision.camera.turns import LensEstimate, lens_from_turns, turning
from vision.log import GroundCamera, Mounting
from vision.motion.egomotion import EgoMotion, StepMotion, ego_motion, smoothed_speed, step_motion
from vision.motion.heading import Heading, vanishing_point
from vision.motion.route import Fixes, scale_by
from vision.perceive import Perceived


@dataclass(frozen=True, slots=True)
class Findings:
    """What the footage tells of a camera, as far as nobody measured it.

    Attributes:
        fitted: as far as it is known without GPS.
        heading, turns, lengths: None where the drive did not show them, or nothing is left for them to tell.
        gps_factor: ways by GPS over ways by `fitted`; NaN without.
    """

    fitted: FittedCamera
    heading: Heading | None
    turns: LensEstimate | None
    lengths: FocalByLengths | None
    gps_factor: float

    @property
    def camera(self) -> GroundCamera:
        return self.fitted.camera if np.isnan(self.gps_factor) else scaled(self.fitted, self.gps_factor)


@dataclass(frozen=True, slots=True)
class Optics:
    """`steps`: the camera's motion as seen through `findings.camera`."""

    mounting: Mounting
    findings: Findings
    steps: list[StepMotion]

    @property
    def camera(self) -> GroundCamera:
        return self.findings.camera


def optics_of(seen: Perceived, mounting: Mounting, given: GivenOptics = NOTHING_GIVEN) -> Optics:
    """The camera of a video by its pictures alone; what is given is believed."""
    return Optics(mounting, *find_camera(seen, mounting, given))


def scaled_by_gps(optics: Optics, seen: Perceived, ego: EgoMotion, fixes: Fixes) -> Optics:
    """With the scale that GPS tells, where it does and nobody measured it. `ego`: the motion by `optics`."""
    if optics.mounting == "fixed" or optics.findings.fitted.scale_given:
        return optics
    factor = scale_by(fixes, seen.frame_s, ego)
    if np.isnan(factor):
        return optics
    findings = replace(optics.findings, gps_factor=factor)
    return Optics(optics.mounting, findings, motions_through(seen, findings.camera))


def find_camera(
    seen: Perceived, mounting: Mounting, given: GivenOptics = NOTHING_GIVEN
) -> tuple[Findings, list[StepMotion]]:
    """All that the pictures tell of their camera beside what is given, and its motion as seen through it."""
    findings = _by_looks(seen, mounting, given)
    steps = motions_through(seen, findings.camera)
    lengths = _lengths(seen, findings, steps) if given.focal_px is None else None
    if lengths is None:
        return findings, steps
    findings = replace(findings, fitted=with_focal(findings.fitted, lengths), lengths=lengths)
    return findings, motions_through(seen, findings.camera)


def _by_looks(seen: Perceived, mounting: Mounting, given: GivenOptics) -> Findings:
    """What single looks and steps tell of their camera."""
    size = (seen.width, seen.height)
    sights = seen.sights
    if mounting == "fixed" or given.complete:
        return Findings(fit_camera(sights, size, mounting, given), None, None, None, np.nan)
    start = default_camera(*size, mounting, given)
    heading = vanishing_point(seen.steps, size, start)
    turns = _lens(seen, start, heading) if given.focal_px is None and heading is not None else None
    if turns is not None:
        heading = vanishing_point(seen.steps, size, with_lens(start, turns, size))
    flow_y = None if heading is None or given.horizon_y is not None else heading.row
    fitted = fit_camera(sights, size, mounting, given, flow_y, turns)
    return Findings(fitted, heading, turns, None, np.nan)


def _lengths(seen: Perceived, findings: Findings, steps: list[StepMotion]) -> FocalByLengths | None:
    """Of a pinhole that drives straight on: a lens' bend was found together with its focal length."""
    camera = findings.camera
    if findings.heading is None or camera.lens is not None:
        return None
    ego = ego_motion(seen.frame_s, steps, "moving")
    poses = EgoMotion(*(getattr(ego, each.name)[seen.wide] for each in fields(ego)))
    column, log_std = findings.heading.column, findings.fitted.focal_log_std
    return focal_by_lengths(seen.sights, poses, camera, column, (seen.width, seen.height), log_std)


def _lens(seen: Perceived, start: GroundCamera, heading: Heading) -> LensEstimate | None:
    """`heading`: as `start` sees it."""
    through = replace(start, horizon_y=heading.row)
    steps = motions_through(seen, through)
    _, speed, _ = smoothed_speed(steps)
    turns = turning(seen.steps, np.array([step.yaw_rad for step in steps]), speed)
    return lens_from_turns(turns, through, (seen.width, seen.height), FOCAL_LOG_STD)


def motions_through(seen: Perceived, camera: GroundCamera) -> list[StepMotion]:
    """The camera's motion over each step of the flow."""
    # Those of an hour are 70 MB.
    return [step_motion(step, camera, seen.width) for step in seen.steps]
