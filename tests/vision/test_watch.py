from __future__ import annotations

import numpy as np

from models.detections import Detections
from models.taxonomy import CLASS_ID, STREET_CLASSES
from vision.camera.pinhole import default_camera
from vision.look import LookSettings
from vision.watch import MASKED, Glance, Watch

SIZE = (1280, 720)
CAMERA = default_camera(*SIZE, "moving")
SETTINGS = LookSettings(light_search_hz=0.0)
THRESHOLDS = np.full(len(STREET_CLASSES), 0.5, np.float32)
NEAR, FAR = (100.0, 300.0, 300.0, 400.0), (600.0, 300.0, 640.0, 320.0)


def watched(name: str, confidence: float, *boxes: tuple[float, float, float, float]) -> Watch:
    """After the looks at a first frame, each of which shows the same things."""
    watch, count = Watch(), len(boxes)
    found = Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(count, confidence, np.float32),
        np.full(count, CLASS_ID[name], np.int16),
    )
    looks = watch.planned(0.0, SIZE, CAMERA, False, SETTINGS)
    watch.saw(0.0, [Glance(0, look, found) for look in looks], THRESHOLDS, SETTINGS)
    return watch


def test_a_look_is_planned_again_when_it_is_due_and_not_before() -> None:
    watch = watched("car", 0.9, NEAR)
    assert "wide" in [glance.look.kind for glance in watch.glances]
    assert not watch.planned(0.01, SIZE, CAMERA, False, SETTINGS)
    again = watch.planned(1.01 / SETTINGS.wide_hz, SIZE, CAMERA, False, SETTINGS)
    assert "wide" in [look.kind for look in again]


def test_likely_road_users_are_no_background_and_those_far_away_mask_no_flow() -> None:
    watch = watched("car", 1.1 * MASKED * 0.5, NEAR, FAR)
    np.testing.assert_array_equal(watch.users, np.array([NEAR, FAR], np.float32))
    np.testing.assert_array_equal(watch.masked(SIZE[1]), np.array([NEAR], np.float32))


def test_what_is_unlikely_or_no_road_user_is_left_in_the_background() -> None:
    assert len(watched("car", 0.9 * MASKED * 0.5, NEAR).users) == 0
    assert len(watched("light_red", 0.9, NEAR).users) == 0
