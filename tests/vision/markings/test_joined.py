from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.vision.effort import instructions
from tests.vision.road_picture import Rectangle, crosswalk
from vision.log import Floats, GroundCamera
from vision.markings.joined import find_markings
from vision.markings.lane_flow import Flow
from vision.markings.paint import PaintLook
from vision.markings.sightings import Seen, Sighting
from vision.motion.egomotion import EgoMotion
from vision.tables.markings import MarkingTable

SIZE = (1280, 720)
CAMERA = GroundCamera(640.0, 640.0, 340.0, 1.4, ("test",))
NOBODY = np.zeros((0, 4), np.float32)
STOP_LINE: Rectangle = (30.0, 30.35, -3.3, 0.0)
WALK = crosswalk(32.0, 35.5, -4.0, 8)


def look(frame: int, world: list[Rectangle], x: float = 0.0, hidden: np.ndarray = NOBODY) -> PaintLook:
    """What a camera at (x, 0) that looks along +x sees of rectangles on the road, without any error."""
    bars = []
    for near, far, right, left in world:
        forward = np.array([near, near, far, far]) - x
        if forward.min() > 2.5 and forward.max() < 14.0:
            bars.append(np.stack(CAMERA.to_image(forward, np.array([right, left, left, right])), axis=1))
    return PaintLook(frame, np.array(bars, np.float32).reshape(-1, 4, 2), hidden)


def seen_from(x: Floats, cut: np.ndarray | None = None) -> Seen:
    count = len(x)
    ego = EgoMotion(x, np.zeros(count), np.zeros(count), np.full(count, 5.0), np.zeros(count, bool))
    return Seen(np.arange(count) / 3.0, ego, np.zeros(count, bool) if cut is None else cut, CAMERA, SIZE)


def drive(world: list[Rectangle], x: Floats, cut: np.ndarray | None = None) -> MarkingTable:
    return find_markings([look(row, world, at) for row, at in enumerate(x.tolist())], seen_from(x, cut))


def test_what_is_driven_toward_is_one_stop_line_and_one_crosswalk_where_they_lie() -> None:
    found = drive([STOP_LINE, *WALK], np.arange(15.0, 28.0, 1.5))
    assert found.kind.tolist() == ["stop_line", "crosswalk"]
    assert found.x1_m == pytest.approx([30.175, 33.75], abs=0.05)
    assert np.sort([found.y1_m[0], found.y2_m[0]]) == pytest.approx([-3.3, 0.0], abs=0.05)
    assert np.sort([found.y1_m[1], found.y2_m[1]]) == pytest.approx([-4.0, 3.8], abs=0.05)
    assert found.width_m == pytest.approx([0.35, 3.5], abs=0.05)
    assert np.all(found.confidence > 0.6)
    assert np.all(found.hits >= 4)


def test_its_end_points_in_the_picture_are_those_of_its_best_frame() -> None:
    x = np.arange(15.0, 28.0, 1.5)
    found = drive([STOP_LINE], x)
    pixels = CAMERA.to_image(np.full(2, 30.175) - x[found.frame[0]], np.array([found.y1_m[0], found.y2_m[0]]))
    assert [found.image_x1[0], found.image_x2[0]] == pytest.approx(pixels[0].tolist(), abs=1.0)
    assert [found.image_y1[0], found.image_y2[0]] == pytest.approx(pixels[1].tolist(), abs=1.0)


def test_what_one_look_saw_is_not_recorded() -> None:
    x = np.zeros(4)
    looks = [look(row, [STOP_LINE] if row == 1 else [], 20.0) for row in range(4)]
    assert len(find_markings(looks, seen_from(x + 20.0)).marking) == 0


def test_two_crosswalks_of_a_junction_are_two() -> None:
    far = crosswalk(45.0, 48.5, -4.0, 8)
    found = drive([*WALK, *far], np.arange(18.0, 42.0, 1.5))
    assert found.kind.tolist() == ["crosswalk", "crosswalk"]
    assert found.x1_m == pytest.approx([33.75, 46.75], abs=0.1)


def test_nothing_is_joined_over_a_cut() -> None:
    cut = np.array([False, False, False, True, False, False])
    looks = [look(row, [STOP_LINE], 22.0) for row in range(6)]
    assert len(find_markings(looks, seen_from(np.full(6, 22.0), cut)).marking) == 2


def test_what_is_hidden_half_the_time_stays_as_sure_and_what_comes_and_goes_does_not() -> None:
    x, y = CAMERA.to_image(np.full(2, 8.17), np.array([-3.4, 0.1]))
    car = np.array([[x.min() - 5, y.min() - 100, x.max() + 5, y.max() + 5]], np.float32)
    poses = seen_from(np.full(12, 22.0))
    hidden = [
        look(row, [] if 3 <= row < 9 else [STOP_LINE], 22.0, car if 3 <= row < 9 else NOBODY) for row in range(12)
    ]
    absent = [look(row, [] if 3 <= row < 9 else [STOP_LINE], 22.0) for row in range(12)]
    assert find_markings(hidden, poses).confidence[0] > 1.5 * find_markings(absent, poses).confidence[0]


def test_a_fixed_camera_takes_the_way_of_driving_from_the_traffic() -> None:
    looks = [look(row, [STOP_LINE], 22.0) for row in range(4)]
    places = np.stack([np.arange(24.0, 36.0, 2.0), np.full(6, -1.5)], axis=1)
    along, across = np.tile([1.0, 0.0], (6, 1)), np.tile([0.0, 1.0], (6, 1))
    poses = seen_from(np.full(4, 22.0))
    assert len(find_markings(looks, poses, Flow(places, along)).marking) == 1
    assert len(find_markings(looks, poses, Flow(places, across)).marking) == 0
    assert len(find_markings(looks, poses, Flow(places + 100.0, along)).marking) == 0


def test_where_the_pose_is_unknown_nothing_is_placed() -> None:
    looks = [look(row, [STOP_LINE], 22.0) for row in range(4)]
    assert len(find_markings(looks, seen_from(np.full(4, np.nan))).marking) == 0


def test_no_looks_give_the_empty_table() -> None:
    found, empty = find_markings([], seen_from(np.zeros(0))), MarkingTable.empty()
    for name in MarkingTable.__slots__:
        assert getattr(found, name).dtype == getattr(empty, name).dtype, name
        assert len(getattr(found, name)) == 0


def test_what_travels_with_the_camera_is_not_on_the_road() -> None:
    """The edge of a bonnet looks like a stop line 4 m ahead, wherever the camera is and when it stands, too."""
    x = np.concatenate([np.arange(0.0, 4.0, 0.4), np.full(6, 4.0)])
    looks = []
    for row, at in enumerate(x.tolist()):
        bonnet: list[Rectangle] = [(at + 4.0, at + 4.3, -2.0, 2.0)]
        looks.append(look(row, bonnet, at))
    assert len(find_markings(looks, seen_from(x)).marking) == 0


def test_a_fixed_camera_that_watches_twice_as_long_takes_twice_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def four_lines(number: int, look: PaintLook, *_: object) -> Iterator[Sighting]:
        for x in (4.0, 6.5, 9.0, 11.5):
            ends = np.array([[x, -3.3], [x, 0.0]])
            yield Sighting("stop_line", number, look.frame, number / 3.0, ends, 0.35, 0.5, 0.8)

    def work(count: int) -> int:
        looks = [look(row, []) for row in range(count)]
        table: list[MarkingTable] = []
        cost = instructions(lambda: table.append(find_markings(looks, seen_from(np.zeros(count)))))
        assert table[0].hits.tolist() == [count] * 4
        return cost

    monkeypatch.setattr("vision.markings.joined.sightings", four_lines)
    assert work(80) < 2.2 * work(40)
