from __future__ import annotations

import cv2
import numpy as np

from vision.motion.flow import FlowMeter
from vision.motion.scene import is_cut

EMPTY = np.zeros((0, 4), np.float32)


def texture(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return cv2.GaussianBlur((rng.random((360, 640)) * 255).astype(np.uint8), (0, 0), 3) * 3


def shifted(picture: np.ndarray, dx: float, dy: float) -> np.ndarray:
    return cv2.warpAffine(
        picture, np.array([[1, 0, dx], [0, 1, dy]], np.float32), (640, 360), borderMode=cv2.BORDER_REFLECT
    )


def test_points_are_followed_in_native_pixels() -> None:
    meter, picture = FlowMeter(2.0), texture(1)
    assert meter.step(picture, 0.0, EMPTY) is None
    step = meter.step(shifted(picture, 3.0, -1.0), 0.1, EMPTY)
    assert step is not None
    assert not step.cut
    assert len(step.before) > 50
    np.testing.assert_allclose(np.median(step.after - step.before, axis=0), [6.0, -2.0], atol=0.2)


def test_points_on_things_that_may_move_are_left_out() -> None:
    meter, picture = FlowMeter(1.0), texture(1)
    meter.step(picture, 0.0, EMPTY)
    step = meter.step(picture, 0.1, np.array([[0, 0, 320, 360]], np.float32))
    assert step is not None
    assert (step.before[:, 0] > 320).all()


def test_another_scene_is_a_cut_and_a_moving_one_is_not() -> None:
    meter = FlowMeter(1.0)
    meter.step(texture(1), 0.0, EMPTY)
    moved = meter.step(shifted(texture(1), 8, 2), 0.1, EMPTY)
    other = meter.step(255 - texture(5) // 2, 0.2, EMPTY)
    assert moved is not None
    assert other is not None
    assert not moved.cut
    assert other.cut
    assert len(other.before) == 0


def test_a_flash_is_no_cut() -> None:
    picture = texture(2) // 2
    assert not is_cut(picture, picture + 60, survived=0.6)


def test_no_corner_counts_twice() -> None:
    meter, picture = FlowMeter(1.0), texture(1)
    meter.step(picture, 0.0, EMPTY)
    step = meter.step(shifted(picture, 3.0, 0.0), 0.1, EMPTY)
    assert step is not None
    assert len(step.before) > 100
    assert len(np.unique(step.before, axis=0)) == len(step.before)


def test_a_picture_without_corners_gives_no_points() -> None:
    meter, grey = FlowMeter(1.0), np.full((360, 640), 90, np.uint8)
    meter.step(grey, 0.0, EMPTY)
    step = meter.step(grey, 0.1, EMPTY)
    assert step is not None
    assert len(step.before) == 0
    assert not step.cut
