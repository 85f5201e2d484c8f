"""What a camera on a flat road would have seen, detection by detection, for tests of tracking."""

from __future__ import annotations

import numpy as np

from models.detections import Detections
from models.taxonomy import CLASS_ID, STREET_CLASSES
from vision.appearance.descriptors import Descriptors
from vision.camera.pinhole import default_camera
from vision.log import GroundCamera
from vision.look import Look
from vision.motion.egomotion import EgoMotion
from vision.tracking.foresight import Scenery
from vision.tracking.scans import Scan, looks_of, scans_of
from vision.tracking.sightings import Sightings
from vision.tracking.tracker import TrackingSettings, track
from vision.watch import Glance

WIDTH, HEIGHT = 1280, 720
THRESHOLDS = np.full(len(STREET_CLASSES), 0.3, np.float32)
WIDE = Look("wide", (0, 0, WIDTH, HEIGHT), (640, 360))
ROAD = Look("road", (200, 380, 1080, 640), (880, 260))
NO_LOOKS = looks_of((), Descriptors.empty())
Seen = tuple[str, tuple[float, float, float, float], float]


def scenery(frames: int, rate: float = 6.0, speed: float = 0.0) -> Scenery:
    times = np.arange(frames) / rate
    still = np.zeros(frames)
    ego = EgoMotion(speed * times, still, still, np.full(frames, speed), np.full(frames, speed == 0))
    camera = default_camera(WIDTH, HEIGHT, "moving")
    return Scenery(WIDTH, HEIGHT, camera, times, ego, np.zeros((frames, 2)), np.zeros(frames, bool))


def glance(frame: int, *things: Seen, look: Look = WIDE) -> Glance:
    boxes = np.array([box for _, box, _ in things], np.float32).reshape(-1, 4)
    confidence = np.array([sure for _, _, sure in things], np.float32)
    return Glance(frame, look, Detections(boxes, confidence, np.array([CLASS_ID[n] for n, _, _ in things], np.int16)))


def scans(glances: list[Glance]) -> tuple[Scan, ...]:
    return scans_of(glances, THRESHOLDS, (WIDTH, HEIGHT), Descriptors.empty())


def run(glances: list[Glance], around: Scenery) -> list[Sightings]:
    return track(scans(glances), NO_LOOKS, THRESHOLDS, around, TrackingSettings())


def moving(start: float, step: float, frame: int, top: float = 400.0) -> tuple[float, float, float, float]:
    x = start + step * frame
    return (x, top, x + 120, top + 80)


def on_road(camera: GroundCamera, forward: float, left: float, size_m: float) -> tuple[float, float, float, float]:
    x, y = (float(value[0]) for value in camera.to_image(np.array([forward]), np.array([left])))
    half = camera.focal_px * size_m / forward / 2
    return (x - half, y - 2 * half, x + half, y)
