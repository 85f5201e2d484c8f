"""What watching a drive gathers from frame to frame, and by what the next looks are planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.detections import Detections
from models.taxonomy import ROAD_USERS, class_ids
from vision.log import GroundCamera
from vision.look import Look, LookSettings, LookState, View, noted, plan, travelled
from vision.motion.egomotion import StepMotion, latest_speed, without_ways
from vision.motion.flow import FlowStep
from vision.motion.flow_steps import FlowSteps
from vision.overlap import Boxes

ROAD_USER_IDS: Final = class_ids(ROAD_USERS)
MASKED: Final = 0.6  # of the confidence that is reported: road users this likely are no part of the background
FAR_SHARE: Final = 0.08  # of the picture's height: what is smaller hides the far road and moves little in the picture
LATEST: Final = 12  # steps from which the planner reads the speed


@dataclass(frozen=True, slots=True)
class Glance:
    """What one look at one frame showed: `found` in native pixels of the frame."""

    frame: int
    look: Look
    found: Detections


@dataclass(slots=True)
class Watch:
    """Grows while a drive is watched, whether its pictures are decoded or simulated.

    Attributes:
        motions: of the steps, without ways.
        users: (N, 4) of road users in the latest wide look that are no part of the background, native pixels.
        speed_mps: of the camera at the end of the latest step; NaN when unknown.
    """

    glances: list[Glance] = field(default_factory=list)
    steps: FlowSteps = field(default_factory=FlowSteps)
    motions: list[StepMotion] = field(default_factory=list)
    users: Boxes = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    speed_mps: float = np.nan
    standing: bool = False
    _state: LookState = field(default_factory=LookState)
    _latest: list[StepMotion] = field(default_factory=list)

    def masked(self, height: int) -> Boxes:
        """(N, 4) of `users` that hide some of the road and move in the picture. `height`: of the picture."""
        return self.users[self.users[:, 3] - self.users[:, 1] >= FAR_SHARE * height]

    def moved(self, step: FlowStep, motion: StepMotion) -> None:
        """`motion`: what the step tells of the camera."""
        self.steps.append(step)
        self.motions.append(without_ways(motion))
        self._latest = [*self._latest[-LATEST:], motion]
        self.speed_mps, self.standing = latest_speed(self._latest)
        if not np.isnan(self.speed_mps):
            self._state = travelled(self._state, self.speed_mps * motion.dt_s)

    def planned(
        self, time_s: float, size: tuple[int, int], camera: GroundCamera, fixed: bool, settings: LookSettings
    ) -> tuple[Look, ...]:
        """The looks due at a frame; often none. `size`: of the picture. `fixed`: the camera's mounting is."""
        return plan(self._state, time_s, View(*size, camera, self.speed_mps, self.standing, fixed), settings)

    def saw(
        self, time_s: float, glances: Sequence[Glance], thresholds: NDArray[np.float32], settings: LookSettings
    ) -> None:
        """`glances`: all of one frame. `thresholds`: by class, lowest confidences that are reported."""
        self.glances += glances
        for glance in glances:
            if glance.look.kind == "wide":
                self.users = _likely_users(glance.found, thresholds)
        found = Detections.concatenate([glance.found for glance in glances])
        self._state = noted(self._state, time_s, tuple(glance.look for glance in glances), found, settings)


def likely(found: Detections, thresholds: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(N,) which of the detections may well be there. `thresholds`: by class, lowest confidences that are reported."""
    return np.asarray(found.confidence >= MASKED * thresholds[found.class_id])


def _likely_users(found: Detections, thresholds: NDArray[np.float32]) -> Boxes:
    users = found.of(ROAD_USER_IDS)
    return users[likely(users, thresholds)].boxes
