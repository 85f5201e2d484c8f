from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines.inspect.birdseye import Panel
from pipelines.inspect.seeing import GROUND, draw_seeing, seeing_words
from tests.vision.logs import Thing, make_log
from vision.log import ObservationLog
from vision.look import LookSettings
from vision.motion.flow_steps import FlowSteps
from vision.quality.coverage import coverage_table
from vision.quality.meter import PictureQuality
from vision.quality.seconds import quality_at, quality_table

CLEAR = PictureQuality(0.0, 0.48, 0.0, 0.0, 0.65, False, 0.29, 0.15, np.nan)
PANEL = Panel(300, 400, 30.0)


def seen(*things: Thing, **faults: float) -> ObservationLog:
    log = make_log(*things)
    picture = replace(CLEAR, **faults)  # type: ignore[arg-type]
    quality = quality_table([picture], FlowSteps(), (), (1280, 720), "fixed")
    known = quality_at(quality, log.frames.time_s)
    coverage = coverage_table(log.meta, log.frames, log.observations, known, LookSettings())
    return replace(log, quality=quality, coverage=coverage)


@pytest.mark.parametrize(
    ("faults", "word"),
    [({"blur": 0.8}, "blurred"), ({"contrast": 0.05}, "hazy"), ({"contrast": 0.05, "brightness": 0.1}, "dark"),
     ({"bright": 0.9}, "glare"), ({"blank": 0.95}, "covered"), ({"night": True}, "night")],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words(faults: dict[str, float], word: str) -> None:
    assert word in seeing_words(seen(**faults), 0.5)
    assert word not in " ".join(seeing_words(seen(), 0.5))


def test_how_good_and_how_far_is_said_first() -> None:
    assert seeing_words(seen(), 0.5) == ("picture 1.00, usable", "litter to 16 m, cars to 30 m")
    assert "NOT USABLE" in seeing_words(seen(blur=0.85), 0.5)[0]
    assert seeing_words(make_log(), 0.5) == ()


def test_from_above_a_car_cuts_the_ground_in_view() -> None:
    box = (480.0, 340.0, 800.0, 500.0)
    pictures = [np.zeros((400, 300, 3), np.uint8) for _ in range(2)]
    for picture, log in zip(pictures, (seen(), seen(Thing("car", box, box))), strict=True):
        draw_seeing(picture, PANEL, log, 0.5)
    column, far = PANEL.pixel(16.0, 0.0)
    _, behind_car = PANEL.pixel(800 * 1.3 / 140, 0.0)
    free, hidden = (picture.astype(int)[:, column] for picture in pictures)
    assert np.abs(free[far - 2 : far + 3] - GROUND["litter"]).max(axis=1).min() < 60
    assert not hidden[far - 2 : far + 3].any()
    assert hidden[behind_car - 2 : behind_car + 3].any()
