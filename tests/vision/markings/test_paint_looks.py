from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from vision.footage.video import Frame
from vision.log import GroundCamera
from vision.markings.paint_looks import DRIVING_HZ, STANDING_HZ, PaintLooks

CAMERA = GroundCamera(640.0, 640.0, 340.0, 1.4, ("test",))
BLIND = GroundCamera(640.0, 640.0, 719.0, 1.4, ("test",))
NOBODY = np.zeros((0, 4), np.float32)


@dataclass
class EmptyRoad:
    """Stands in for a frame; counts the pictures that were converted."""

    pts: float
    asked: list[float] = field(default_factory=list)

    def gray(self, size: tuple[int, int], window: tuple[int, int, int, int]) -> NDArray[np.uint8]:
        assert window[3] == 720
        self.asked.append(self.pts)
        return np.full(size[::-1], 90, np.uint8)


def looks_in(seconds: float, *, resting: bool, camera: GroundCamera = CAMERA) -> int:
    looks = PaintLooks(1280, 720)
    times = np.arange(0.0, seconds, 1 / 6)
    seen = [
        looks.look(cast(Frame, EmptyRoad(pts)), row, camera, resting, NOBODY) for row, pts in enumerate(times.tolist())
    ]
    return sum(look is not None for look in seen)


def test_a_camera_that_rests_looks_seldom() -> None:
    assert looks_in(10.0, resting=False) == round(10 * DRIVING_HZ)
    assert looks_in(10.0, resting=True) == round(10 * STANDING_HZ)


def test_no_picture_is_converted_where_no_road_is_seen() -> None:
    assert looks_in(10.0, resting=False, camera=BLIND) == 0


def test_a_look_keeps_its_frame_and_what_hid_the_road() -> None:
    box = np.array([[100.0, 400.0, 300.0, 600.0]], np.float32)
    look = PaintLooks(1280, 720).look(cast(Frame, EmptyRoad(0.0)), 7, CAMERA, False, box)
    assert look is not None
    assert look.frame == 7
    assert look.hidden.tolist() == box.tolist()
    assert len(look.bars) == 0
