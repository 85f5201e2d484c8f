"""The expensive half of observing: decode, look, detect, follow the background. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detections import Detections
from models.detector import Detector
from models.taxonomy import LITTER, ROAD_USERS, class_ids
from vision.appearance import Descriptors, cut_out, describe
from vision.camera import default_camera, fit_camera
from vision.egomotion import StepMotion, latest_speed, step_motion, without_ways
from vision.errors import DamagedVideo
from vision.flow import FlowMeter
from vision.flow_steps import FlowSteps
from vision.known_heights import Sights
from vision.lamps import corrected
from vision.log import Floats, GroundCamera
from vision.look import Look, LookSettings, LookState, View, due, noted, plan, travelled
from vision.overlap import Boxes
from vision.paint import PaintLook
from vision.paint_looks import PaintLooks
from vision.quality_meter import PictureQuality, QualityMeter
from vision.video import Frame, Video

FLOW_AREA: Final = 640 * 360
ROAD_USER_IDS: Final = class_ids(ROAD_USERS)
# What is described in which look: the close one sees what is small, and pieces of all else.
DESCRIBED_IDS: Final = {"wide": sorted(class_ids(ROAD_USERS | LITTER)), "road": sorted(class_ids(LITTER))}
SURE: Final = 0.4  # boxes from which the camera is fitted
MASKED: Final = 0.6  # of the confidence that is reported: road users this likely are no part of the background
FAR_SHARE: Final = 0.08  # of the picture's height: what is smaller hides the far road and moves little in the picture
REFIT_S: Final = (2.0, 8.0, 30.0)  # after the start, when the planner's idea of the optics is renewed
DESCRIBED_HZ: Final = 2.0  # a thing looks alike from look to look: one in three is described
LATEST: Final = 12  # steps from which the planner reads the speed
FIXED_AFTER_S: Final = 3.0  # a camera that stood this long from the start is looked through as a fixed one


@dataclass(frozen=True, slots=True)
class Glance:
    """What one look at one frame showed: `found` in native pixels of the frame."""

    frame: int
    look: Look
    found: Detections


@dataclass(frozen=True)
class Perceived:
    """All that was gathered from a video.

    Attributes:
        frame_s: (N,) PTS of the frames that were looked at.
        motions: the camera's motion over each of the steps as the optics were thought to be then, without ways.
        paint: painted bars of some of the frames.
        descriptors: what some of the detections look like.
        quality: of about one picture a second.
    """

    width: int
    height: int
    frame_s: Floats
    glances: tuple[Glance, ...]
    steps: FlowSteps
    motions: tuple[StepMotion, ...]
    first_s: float
    last_s: float
    damage: str | None
    descriptors: Descriptors = field(default_factory=Descriptors.empty)
    paint: tuple[PaintLook, ...] = ()
    quality: tuple[PictureQuality, ...] = ()

    @cached_property
    def sights(self) -> Sights:
        """Sure detections of the wide looks."""
        return wide_sights(self.glances)

    @cached_property
    def wide(self) -> NDArray[np.intp]:
        """(L,) frames of the wide looks."""
        return np.array([glance.frame for glance in self.glances if glance.look.kind == "wide"], np.intp)


@dataclass(slots=True)
class _Gathering:
    """Grows while the video is read."""

    times: list[float] = field(default_factory=list)
    glances: list[Glance] = field(default_factory=list)
    steps: FlowSteps = field(default_factory=FlowSteps)
    motions: list[StepMotion] = field(default_factory=list)
    descriptors: list[Descriptors] = field(default_factory=list)
    paint: list[PaintLook] = field(default_factory=list)
    quality: list[PictureQuality] = field(default_factory=list)
    latest: list[StepMotion] = field(default_factory=list)
    first_s: float = np.nan
    last_s: float = np.nan


def perceive(
    video: Video,
    detector: Detector,
    settings: LookSettings,
    flow_hz: float,
    camera: GroundCamera | None = None,
    progress: Callable[[float], None] | None = None,
) -> Perceived:
    """Look through the video once. Memory grows with the things that are seen, not with the pictures.

    A video that is damaged part way gives what was seen until then, and says so in `damage`.

    Args:
        camera: known optics; a likely one otherwise.
        progress: called with the PTS of each frame that is looked at.
    """
    cv2.setNumThreads(1)  # OpenCV's own threads cost more than they give beside a decoder and a network
    gathering = _Gathering()
    watcher: _Watcher | None = None
    damage = None
    try:
        for frame in video.sampled(max(settings.wide_hz, settings.light_hz, flow_hz)):
            if watcher is None:
                watcher = _Watcher(frame, detector, settings, flow_hz, camera, gathering)
                gathering.first_s = frame.pts
            watcher.watch(frame)
            if progress is not None:
                progress(frame.pts)
    except DamagedVideo as error:
        if watcher is None:
            raise
        damage = error.message
    if video.decoded_until is not None:
        gathering.last_s = video.decoded_until
    size = (watcher.width, watcher.height) if watcher is not None else (0, 0)
    return Perceived(
        *size,
        np.array(gathering.times),
        tuple(gathering.glances),
        gathering.steps,
        tuple(gathering.motions),
        gathering.first_s,
        gathering.last_s,
        damage,
        Descriptors.concatenate(gathering.descriptors),
        tuple(gathering.paint),
        tuple(gathering.quality),
    )


def wide_sights(glances: Sequence[Glance]) -> Sights:
    """Sure detections of the wide looks."""
    looks = [glance.found[glance.found.confidence >= SURE] for glance in glances if glance.look.kind == "wide"]
    found = Detections.concatenate(looks)
    return Sights(found.boxes, found.class_id, np.repeat(np.arange(len(looks)), [len(look) for look in looks]))


def likely_users(found: Detections, thresholds: NDArray[np.float32]) -> Boxes:
    """(N, 4) of road users that are no part of the background."""
    users = found.of(ROAD_USER_IDS)
    return users[users.confidence >= MASKED * thresholds[users.class_id]].boxes


def near_enough(boxes: Boxes, height: int) -> Boxes:
    """(N, 4) those that hide some of the road and move in the picture. `height`: of the picture."""
    return boxes[boxes[:, 3] - boxes[:, 1] >= FAR_SHARE * height]


class _Watcher:
    """Holds what the planner needs from frame to frame."""

    def __init__(
        self,
        frame: Frame,
        detector: Detector,
        settings: LookSettings,
        flow_hz: float,
        camera: GroundCamera | None,
        gathering: _Gathering,
    ) -> None:
        self.width, self.height = frame.width, frame.height
        self._detector, self._settings, self._gathering = detector, settings, gathering
        self._flow_hz = flow_hz
        self._given = camera
        self._fitted: GroundCamera | None = None
        self._refits = list(REFIT_S)
        self._start = frame.pts
        scale = min(1.0, float(np.sqrt(FLOW_AREA / (frame.width * frame.height))))
        self._gray_size = (2 * round(frame.width * scale / 2), 2 * round(frame.height * scale / 2))
        self._meter = FlowMeter(frame.width / self._gray_size[0])
        self._quality = QualityMeter()
        self._flow_s = self._described_s = -np.inf
        self._state = LookState()
        self._paint = PaintLooks(frame.width, frame.height)
        self._moving: Boxes = np.zeros((0, 4), np.float32)
        self._ever_moved = False
        self._speed, self._standing = np.nan, False

    def watch(self, frame: Frame) -> None:
        if due(frame.pts, self._flow_s, self._flow_hz):
            self._follow(frame)
        if self._refits and frame.pts - self._start >= self._refits[0]:
            self._refits.pop(0)
            sights, size = wide_sights(self._gathering.glances), (self.width, self.height)
            self._fitted = fit_camera(sights, size, "fixed" if self._fixed() else "moving").camera
        looks = plan(self._state, frame.pts, self._view(), self._settings)
        if looks:
            self._look(frame, looks)

    def _follow(self, frame: Frame) -> None:
        gray = frame.gray(size=self._gray_size)
        step = self._meter.step(gray, frame.pts, self._moving)
        self._flow_s = frame.pts
        motion = None if step is None else step_motion(step, self._camera(), self.width)
        quality = self._quality.see(gray, frame.pts, motion)
        if quality is not None:
            self._gathering.quality.append(quality)
        if step is None or motion is None:
            return
        self._gathering.steps.append(step)
        self._gathering.motions.append(without_ways(motion))
        self._gathering.latest = [*self._gathering.latest[-LATEST:], motion]
        self._ever_moved |= not (motion.still or motion.cut)
        self._speed, self._standing = latest_speed(self._gathering.latest)
        if not np.isnan(self._speed):
            self._state = travelled(self._state, self._speed * motion.dt_s)

    def _look(self, frame: Frame, looks: tuple[Look, ...]) -> None:
        row = len(self._gathering.times)
        self._gathering.times.append(frame.pts)
        describing = due(frame.pts, self._described_s, DESCRIBED_HZ)
        if describing:
            self._described_s = frame.pts
        parts = []
        for look in looks:
            picture = frame.rgb(size=look.size, window=look.window)
            shown = corrected(picture, self._detector.detect(picture))
            found = shown.placed(*look.scale, look.window[0], look.window[1])
            if describing and look.kind in DESCRIBED_IDS:
                self._describe(picture, DESCRIBED_IDS[look.kind], shown, found)
            self._gathering.glances.append(Glance(row, look, found))
            parts.append(found)
            if look.kind == "wide":
                likely = likely_users(found, self._detector.thresholds)
                self._moving = near_enough(likely, self.height)
                self._look_for_paint(frame, row, likely)
        seen = Detections.concatenate(parts)
        self._state = noted(self._state, frame.pts, looks, seen, self._settings)

    def _describe(self, picture: NDArray[np.uint8], classes: list[int], shown: Detections, found: Detections) -> None:
        """What likely things in a look at the newest frame look like: `shown` in its picture, `found` in the frame."""
        likely = np.isin(shown.class_id, classes) & (
            shown.confidence >= MASKED * self._detector.thresholds[shown.class_id]
        )
        cut, rows = cut_out(picture, shown.boxes[likely])
        frame = np.full(len(rows), len(self._gathering.times) - 1, np.int32)
        self._gathering.descriptors.append(Descriptors(frame, found.boxes[likely][rows], describe(cut)))

    def _look_for_paint(self, frame: Frame, row: int, hidden: Boxes) -> None:
        resting = self._standing or self._fixed()
        seen = self._paint.look(frame, row, self._camera(), resting, hidden)
        if seen is not None:
            self._gathering.paint.append(seen)

    def _fixed(self) -> bool:
        return not self._ever_moved and self._flow_s - self._start >= FIXED_AFTER_S

    def _camera(self) -> GroundCamera:
        if self._given is not None:
            return self._given
        return self._fitted or default_camera(self.width, self.height, "moving")

    def _view(self) -> View:
        return View(self.width, self.height, self._camera(), self._speed, self._standing, self._fixed())
