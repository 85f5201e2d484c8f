from __future__ import annotations

import numpy as np
import pytest

from pipelines.inspect.birdseye import Panel
from pipelines.inspect.markings import draw_from_above, draw_markings, laid
from tests.vision.logs import make_log
from tests.vision.tables.test_markings import marked


def test_markings_are_shown_from_where_the_camera_is() -> None:
    log = marked(make_log(mounting="moving", speed=4.0))
    line, walk = laid(log, 5)  # 2 m on
    assert line.corners[:, 0].mean() == pytest.approx(8.0)
    assert np.ptp(line.corners[:, 0]) == pytest.approx(0.35)
    assert np.ptp(line.corners[:, 1]) == pytest.approx(3.0)
    assert walk.corners[:, 0].mean() == pytest.approx(11.0)


def test_long_after_a_marking_was_seen_it_is_not_shown() -> None:
    assert laid(marked(make_log(mounting="moving", seconds=10.0)), 10) == []


def test_a_marking_is_drawn_on_the_picture_and_from_above() -> None:
    log = marked(make_log())
    camera, panel = log.meta.ground_camera, Panel(300, 400, 20.0)
    picture, above = np.zeros((720, 1280, 3), np.uint8), np.zeros((400, 300, 3), np.uint8)
    markings = laid(log, 0)
    draw_markings(picture, markings, camera, 1.0)
    draw_from_above(above, markings, panel)
    x, y = (round(float(value)) for value in camera.to_image(np.array(10.0), np.array(-1.5)))
    assert picture[y, x, 0] > 60
    assert picture[:300].max() == 0
    column, row = panel.pixel(13.0 - 1.5, 2.0)
    assert above[row - 2 : row + 3, column].max() > 100


def test_what_reaches_behind_the_camera_is_not_drawn() -> None:
    log = marked(make_log(mounting="moving", speed=40.0))
    picture = np.zeros((720, 1280, 3), np.uint8)
    draw_markings(picture, laid(log, 5), log.meta.ground_camera, 1.0)
    assert picture.max() == 0
