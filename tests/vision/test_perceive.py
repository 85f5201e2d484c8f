from __future__ import annotations

import numpy as np
import pytest

from tests.vision.test_tracking import ROAD, glance
from vision.egomotion import StepMotion
from vision.perceive import wide_sights

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
