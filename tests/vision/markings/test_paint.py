from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.vision.road_picture import Rectangle, crosswalk, road_picture
from vision.log import GroundCamera
from vision.markings.bars import Bars, bars_on_ground
from vision.markings.crosswalks import crosswalks
from vision.markings.paint import RoadView, painted_bars, road_view
from vision.markings.stop_lines import stop_lines

SIZE = (1280, 720)
CAMERA = GroundCamera(640.0, 640.0, 340.0, 1.4, ("test",))
NOBODY = np.zeros((0, 4), np.float32)
STOP_LINE: Rectangle = (8.0, 8.35, -3.3, 0.0)
LANE_LINES: list[Rectangle] = [(3.0, 8.0, -3.45, -3.3), (3.0, 8.0, 0.0, 0.15)]


def view_of(camera: GroundCamera = CAMERA) -> RoadView:
    view = road_view(camera, *SIZE)
    assert view is not None
    return view


def bars_in(
    painted: list[Rectangle], *, paint: float = 190.0, hidden: np.ndarray = NOBODY, guess: GroundCamera = CAMERA
) -> Bars:
    """Found through a view by `guess`, put on the ground by the true camera."""
    view = view_of(guess)
    x1, y1, x2, y2 = view.window
    picture = road_picture(CAMERA, SIZE, painted, paint=paint)[y1:y2, x1:x2]
    gray = np.asarray(cv2.resize(picture, view.size, interpolation=cv2.INTER_AREA), np.uint8)
    return bars_on_ground(painted_bars(gray, view, hidden), CAMERA)


def lines_in(bars: Bars) -> np.ndarray:
    across = np.tile([0.0, 1.0], (len(bars), 1))
    lines = stop_lines(bars, np.ones(len(bars), bool), across)
    return np.array([np.concatenate([line.ends.ravel(), [line.depth_m]]) for line in lines]).reshape(-1, 5)


def test_a_view_leads_back_to_the_pixels_it_was_taken_from() -> None:
    view = view_of()
    cell = np.array([[view.cells[0] / 2, view.cells[1]]])
    x, y = view.native(cell.astype(float))[0]
    assert x == pytest.approx(CAMERA.centre_x, abs=2.0)
    assert y == pytest.approx(SIZE[1], abs=2.0)


def test_a_camera_that_sees_no_road_has_no_view() -> None:
    assert road_view(GroundCamera(640.0, 640.0, 700.0, 1.4, ("test",)), *SIZE) is None


def test_an_empty_road_has_no_bars() -> None:
    assert len(bars_in([])) == 0


@pytest.mark.parametrize("paint", [115.0, 230.0])
def test_a_bar_is_found_where_it_lies_and_as_large_as_it_is(paint: float) -> None:
    bars = bars_in([(6.0, 9.0, -0.7, -0.25)], paint=paint)
    assert len(bars) == 1
    assert bars.centre[0] == pytest.approx([7.5, -0.475], abs=0.2)
    assert abs(bars.axis[0, 0]) > 0.99
    assert bars.length_m[0] == pytest.approx(3.0, abs=0.4)
    assert bars.width_m[0] == pytest.approx(0.45, abs=0.12)


def test_what_stands_before_paint_hides_it() -> None:
    x, y = CAMERA.to_image(np.array([6.0, 9.0]), np.array([-1.0, 1.0]))
    box = np.array([[x.min(), y.min() - 80, x.max(), y.max() + 5]], np.float32)
    assert len(bars_in([(6.0, 9.0, -0.7, -0.25)], hidden=box)) == 0


def test_the_edge_of_a_bright_pavement_is_no_bar() -> None:
    assert len(bars_in([(2.0, 18.0, -9.0, -3.0)])) == 0


def test_a_crosswalk_is_found_with_its_ends_and_depth() -> None:
    found = crosswalks(bars_in(crosswalk(7.0, 10.5, -4.0, 8)))
    assert len(found) == 1
    assert sorted(found[0].ends[:, 1]) == pytest.approx([-4.0, -4.0 + 8 * 1.05 - 0.6], abs=0.3)
    assert found[0].ends[:, 0] == pytest.approx([8.75, 8.75], abs=0.3)
    assert found[0].depth_m == pytest.approx(3.5, abs=0.4)
    assert found[0].quality > 0.8


def test_a_crosswalk_is_found_through_a_view_of_another_camera() -> None:
    guess = GroundCamera(590.0, 640.0, 352.0, 1.3, ("guess",))
    found = crosswalks(bars_in(crosswalk(6.0, 9.5, -4.0, 8), guess=guess))
    assert len(found) == 1
    assert found[0].ends[:, 0] == pytest.approx([7.75, 7.75], abs=0.4)


def test_a_bar_that_is_worn_off_leaves_one_crosswalk() -> None:
    bars = crosswalk(7.0, 10.5, -4.0, 8)
    assert len(crosswalks(bars_in(bars[:3] + bars[4:]))) == 1


def test_three_bars_are_no_crosswalk() -> None:
    assert crosswalks(bars_in(crosswalk(7.0, 10.5, -1.0, 3))) == []


def test_bars_at_uneven_distances_are_no_crosswalk() -> None:
    starts = [-4.0, -2.9, -1.3, -0.55, 1.2, 1.9]
    assert crosswalks(bars_in([(7.0, 10.0, start, start + 0.3) for start in starts])) == []


def test_lane_lines_are_no_crosswalk_and_no_stop_line() -> None:
    bars = bars_in([(3.0, 12.0, left, left + 0.15) for left in (-5.2, -1.7, 1.7, 5.2)])
    assert crosswalks(bars) == []
    assert len(lines_in(bars)) == 0


def test_a_stop_line_is_told_from_the_lane_lines_that_end_at_it() -> None:
    lines = lines_in(bars_in([STOP_LINE, *LANE_LINES]))
    assert len(lines) == 1
    forward, left = lines[0, [0, 2]], np.sort(lines[0, [1, 3]])
    assert forward == pytest.approx([8.17, 8.17], abs=0.25)
    assert left == pytest.approx([-3.4, 0.1], abs=0.3)
    assert lines[0, 4] == pytest.approx(0.35, abs=0.2)


def test_a_line_shorter_than_a_lane_is_wide_is_no_stop_line() -> None:
    assert len(lines_in(bars_in([(8.0, 8.35, -0.8, 0.8)]))) == 0


def test_a_band_deeper_than_any_stop_line_is_none() -> None:
    assert len(lines_in(bars_in([(7.0, 7.9, -3.3, 0.0)]))) == 0
