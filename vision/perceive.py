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
from models.taxonomy import LITTER, ROAD_USERS, STREET_CLASSES
from vision.appearance.descriptors import Describer, Descriptors
from vision.camera.given_optics import NOTHING_GIVEN, GivenOptics
from vision.camera.known_heights import Sights
from vision.camera.pinhole import default_camera, fit_camera
from vision.errors import DamagedVideo
from vision.footage.video import Frame, Video
from vision.log import Floats, GroundCamera
from vision.look import Look, LookSettings, due
from vision.markings.paint import PaintLook
from vision.markings.paint_looks import PaintLooks
from vision.motion.egomotion import StepMotion, step_motion
from vision.motion.flow import FlowMeter
from vision.motion.flow_steps import FlowSteps
from vision.quality.meter import PictureQuality, QualityMeter
from vision.signals.lamps import corrected
from vision.watch import Glance, Watch, likely

FLOW_AREA: Final = 640 * 360
# What is described in which look: the close one sees what is small, and pieces of all else.
DESCRIBED: Final = {
    kind: np.array([name in names for name in STREET_CLASSES])
    for kind, names in (("wide", ROAD_USERS | LITTER), ("road", LITTER))
}
SURE: Final = 0.4  # boxes from which the camera is fitted
REFIT_S: Final = (2.0, 8.0, 30.0)  # after the start, when the planner's idea of the optics is renewed
STEP_AT_S: Final = 1e-6  # a step ends at the very frame that is looked at
FIXED_AFTER_S: Final = 3.0  # a camera that stood this long from the start is looked through as a fixed one


@dataclass(frozen=True)
class Perceived:
    """All that was gathered from a video.

    Attributes:
        frame_s: (N,) PTS of the frames that were looked at.
        motions: the camera's motion over each of the steps as the optics were thought to be then, without ways.
        paint: painted bars of some of the frames.
        descriptors: what likely road users and litter look like.
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
        return wide_sights(self.glances, self.frame_s, self.motions)

    @cached_property
    def wide(self) -> NDArray[np.intp]:
        """(L,) frames of the wide looks."""
        return np.array([glance.frame for glance in self.glances if glance.look.kind == "wide"], np.intp)


@dataclass(slots=True)
class _Gathering:
    """Grows while the video is read."""

    times: list[float] = field(default_factory=list)
    watch: Watch = field(default_factory=Watch)
    describer: Describer = field(default_factory=Describer)
    paint: list[PaintLook] = field(default_factory=list)
    quality: list[PictureQuality] = field(default_factory=list)
    first_s: float = np.nan
    last_s: float = np.nan


def perceive(
    video: Video,
    detector: Detector,
    settings: LookSettings,
    flow_hz: float,
    given: GivenOptics = NOTHING_GIVEN,
    progress: Callable[[float], None] | None = None,
) -> Perceived:
    """Look through the video once. Memory grows with the things that are seen, not with the pictures.

    A video that is damaged part way gives what was seen until then, and says so in `damage`.

    Args:
        given: known optics; likely ones where they say nothing.
        progress: called with the PTS of each frame that is looked at.
    """
    cv2.setNumThreads(1)  # OpenCV's own threads cost more than they give beside a decoder and a network
    gathering = _Gathering()
    watcher: _Watcher | None = None
    damage = None
    try:
        for frame in video.sampled(max(settings.wide_hz, settings.light_hz, flow_hz)):
            if watcher is None:
                watcher = _Watcher(frame, detector, settings, flow_hz, given, gathering)
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
    return Perceived(
        *((0, 0) if watcher is None else watcher.size),
        np.array(gathering.times),
        tuple(gathering.watch.glances),
        gathering.watch.steps,
        tuple(gathering.watch.motions),
        gathering.first_s,
        gathering.last_s,
        damage,
        gathering.describer.described(),
        tuple(gathering.paint),
        tuple(gathering.quality),
    )


def wide_sights(glances: Sequence[Glance], frame_s: Floats, motions: Sequence[StepMotion]) -> Sights:
    """Sure detections of the wide looks. `frame_s`: of all frames looked at; `motions`: of the steps between them."""
    wide = [glance for glance in glances if glance.look.kind == "wide"]
    looks = [glance.found[glance.found.confidence >= SURE] for glance in wide]
    found, number = Detections.concatenate(looks), np.repeat(np.arange(len(looks)), [len(look) for look in looks])
    since = _stood_since(frame_s[[glance.frame for glance in wide]], motions)
    return Sights(found.boxes, found.class_id, number, since[number])


def _stood_since(look_s: Floats, motions: Sequence[StepMotion]) -> NDArray[np.intp]:
    """(L,) the look since which the camera has stood at each look; the look itself while it drives."""
    number = np.arange(len(look_s))
    step_s = np.array([motion.time_s for motion in motions])
    left = np.concatenate([[0], np.cumsum([not motion.still for motion in motions])])
    gone = left[np.searchsorted(step_s, look_s + STEP_AT_S, side="right")]  # steps in which it drove, until the look
    return number[np.searchsorted(gone, gone, side="left")]


class _Watcher:
    """Looks at the frames of one video, and follows what moves between them."""

    def __init__(
        self,
        frame: Frame,
        detector: Detector,
        settings: LookSettings,
        flow_hz: float,
        given: GivenOptics,
        gathering: _Gathering,
    ) -> None:
        self.size = (frame.width, frame.height)
        self._detector, self._settings = detector, settings
        self._gathering, self._watch = gathering, gathering.watch
        self._flow_hz = flow_hz
        self._given = given
        self._camera: GroundCamera = default_camera(*self.size, "moving", given)
        self._refits = list(REFIT_S)
        self._start = frame.pts
        scale = min(1.0, float(np.sqrt(FLOW_AREA / (frame.width * frame.height))))
        self._gray_size = (2 * round(frame.width * scale / 2), 2 * round(frame.height * scale / 2))
        self._meter = FlowMeter(frame.width / self._gray_size[0])
        self._quality = QualityMeter()
        self._flow_s = -np.inf
        self._paint = PaintLooks(frame.width, frame.height)
        self._ever_moved = False

    def watch(self, frame: Frame) -> None:
        if due(frame.pts, self._flow_s, self._flow_hz):
            self._follow(frame)
        if self._refits and frame.pts - self._start >= self._refits[0]:
            self._refits.pop(0)
            sights = wide_sights(self._watch.glances, np.array(self._gathering.times), self._watch.motions)
            self._camera = fit_camera(sights, self.size, "fixed" if self._fixed() else "moving", self._given).camera
        looks = self._watch.planned(frame.pts, self.size, self._camera, self._fixed(), self._settings)
        if looks:
            self._look(frame, looks)

    def _follow(self, frame: Frame) -> None:
        gray = frame.gray(size=self._gray_size)
        step = self._meter.step(gray, frame.pts, self._watch.masked(self.size[1]))
        self._flow_s = frame.pts
        motion = None if step is None else step_motion(step, self._camera, self.size[0])
        quality = self._quality.see(gray, frame.pts, motion)
        if quality is not None:
            self._gathering.quality.append(quality)
        if step is None or motion is None:
            return
        self._watch.moved(step, motion)
        if not (self._ever_moved or motion.still or motion.cut):
            self._drives_off(frame.pts)

    def _drives_off(self, time_s: float) -> None:
        """What waited so long that it was taken for a pole is looked through anew, as a vehicle's camera."""
        if self._fixed():
            self._camera = default_camera(*self.size, "moving", self._given)
            self._start, self._refits = time_s, list(REFIT_S)
        self._ever_moved = True

    def _look(self, frame: Frame, looks: tuple[Look, ...]) -> None:
        row = len(self._gathering.times)
        self._gathering.times.append(frame.pts)
        glances = []
        for look in looks:
            picture = frame.rgb(size=look.size, window=look.window)
            shown = corrected(picture, self._detector.detect(picture))
            found = shown.placed(*look.scale, look.window[0], look.window[1])
            if look.kind in DESCRIBED:
                self._describe(picture, DESCRIBED[look.kind], shown, found)
            glances.append(Glance(row, look, found))
        self._watch.saw(frame.pts, glances, self._detector.thresholds, self._settings)
        if any(look.kind == "wide" for look in looks):
            self._look_for_paint(frame, row)

    def _describe(
        self, picture: NDArray[np.uint8], classes: NDArray[np.bool_], shown: Detections, found: Detections
    ) -> None:
        """What likely things in a look at the newest frame look like: `shown` in its picture, `found` in the frame."""
        rows = classes[shown.class_id] & likely(shown, self._detector.thresholds)
        frame = len(self._gathering.times) - 1
        self._gathering.describer.see(frame, picture, shown.boxes[rows], found.boxes[rows])

    def _look_for_paint(self, frame: Frame, row: int) -> None:
        resting = self._watch.standing or self._fixed()
        seen = self._paint.look(frame, row, self._camera, resting, self._watch.users)
        if seen is not None:
            self._gathering.paint.append(seen)

    def _fixed(self) -> bool:
        return not self._ever_moved and self._flow_s - self._start >= FIXED_AFTER_S
