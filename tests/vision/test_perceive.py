from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from models.detections import Detections
from models.taxonomy import STREET_CLASSES
from tests.vision.seen_road import ROAD, glance
from vision.camera.pinhole import default_camera
from vision.footage.video import open_video
from vision.look import LookSettings, View, road_looks
from vision.motion.egomotion import StepMotion
from vision.perceive import perceive, wide_sights

CAR = ("car", (100.0, 100.0, 200.0, 180.0), 0.9)


def step(number: int, still: bool) -> StepMotion:
    """Over the sixth of a second before frame `number`."""
    nothing = np.zeros(0, np.float32)
    return StepMotion(number / 6, 1 / 6, 0.0, nothing, nothing, still, np.zeros(2))


@pytest.mark.parametrize(
    ("still", "since"),
    [
        ([False] * 5, [0, 1, 2, 3, 4, 5]),
        ([True] * 5, [0, 0, 0, 0, 0, 0]),
        ([False, False, True, True, False], [0, 1, 2, 2, 2, 5]),
    ],
)
def test_sights_tell_since_which_look_the_camera_has_stood(still: list[bool], since: list[int]) -> None:
    glances = [glance(frame, CAR) for frame in range(6)]
    motions = [step(number + 1, each) for number, each in enumerate(still)]
    sights = wide_sights(glances, np.arange(6) / 6, motions)
    assert sights.look.tolist() == list(range(6))
    assert sights.since is not None
    assert sights.since.tolist() == since


def test_only_sure_detections_of_wide_looks_count() -> None:
    weak = ("car", (100.0, 100.0, 200.0, 180.0), 0.3)
    glances = [glance(0, CAR, weak), glance(1, CAR, look=ROAD), glance(2, CAR)]
    assert wide_sights(glances, np.arange(3) / 6, [step(1, False), step(2, False)]).look.tolist() == [0, 1]


class Blind:
    """Sees nothing."""

    model_id = "blind@000000000000+test"
    thresholds = np.full(len(STREET_CLASSES), 0.3, np.float32)

    def detect(self, picture: np.ndarray) -> Detections:
        return Detections.empty()


def drive(path: Path, waits_s: float, drives_s: float) -> Path:
    """A camera that stands on a rough plane and then drives over it at 5 m/s."""
    rate, camera = 10, default_camera(640, 360, "moving")
    ground = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 256, (1024, 1024), np.uint8), (0, 0), 2)
    ground = np.asarray(cv2.normalize(ground, None, 0, 255, cv2.NORM_MINMAX), np.uint8)
    column, row = np.meshgrid(np.arange(640.0), np.arange(360.0))
    forward, left = camera.to_ground(column, np.maximum(row, camera.horizon_y + 4))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(round((waits_s + drives_s) * rate)):
            way = 5.0 * max(0.0, number / rate - waits_s)
            place = [(20 * each % 1024).astype(np.float32) for each in (left, forward + way)]
            picture = cv2.remap(ground, *place, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
            picture[row < camera.horizon_y + 4] = 128
            shown = np.repeat(picture[..., None], 3, axis=2)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        container.mux(stream.encode())
    return path


def test_a_car_that_drives_off_after_a_long_wait_is_not_looked_through_as_a_pole(tmp_path: Path) -> None:
    """After 8 s a camera that has stood is taken for a fixed one."""
    wait_s = 9.0
    with open_video(drive(tmp_path / "waits.mp4", wait_s, 3.0)) as video:
        seen = perceive(video, Blind(), LookSettings(), 6.0)
    windows = [(seen.frame_s[each.frame], each.look) for each in seen.glances if each.look.kind == "road"]
    ahead = road_looks(View(640, 360, default_camera(640, 360, "moving"), 5.0, False, False), LookSettings())
    below = [look for time_s, look in windows if 3.0 < time_s < wait_s]
    assert not {look.window for look in below} & {look.window for look in ahead}
    assert {look.window for time_s, look in windows if time_s > wait_s + 1.0} == {look.window for look in ahead}
