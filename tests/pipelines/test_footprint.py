"""Footprints: from a box back to the rectangle on the ground it was seen of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.footprint import SIZES, Footprints, centre_of_footprint, footprints
from pipelines.motion import smooth
from tests.pipelines.logs import CAMERA, HEIGHT, WIDTH, box_of, make_log, mover

VEHICLE = st.sampled_from(["motorcycle", "car", "bus"])


def flat(name: str) -> tuple[float, float, float]:
    """A plate on the road where its wheels stand: its box is that of its footprint."""
    return SIZES[name].wheelbase_m, SIZES[name].width_m, 0.0


@given(VEHICLE, st.floats(15, 60), st.floats(-8, 8), st.floats(-np.pi, np.pi))
def test_the_centre_is_recovered_from_the_box(name: str, forward: float, left: float, heading: float) -> None:
    box = box_of(CAMERA, (forward, left), heading, flat(name))
    assert box is not None
    near, _ = CAMERA.to_ground(np.array([box[0]]), np.array([box[3]]))
    column = np.array([-(0.5 * (box[0] + box[2]) - CAMERA.centre_x) / CAMERA.focal_px])
    centre = centre_of_footprint(near, column, np.array([heading]), SIZES[name])
    assert centre[0] == pytest.approx([forward, left], abs=0.05)


def prints_of(
    name: str, knots: list[tuple[float, float, float]], seconds: float = 4.0, sources: tuple[str, ...] = CAMERA.sources
) -> Footprints:
    log = make_log([mover(1, name, knots)], duration_s=seconds)
    (track,) = log.each_track()
    camera = replace(CAMERA, sources=sources)
    result = footprints(track.time_s, track.boxes, camera, (WIDTH, HEIGHT), SIZES[name], 0.0)
    assert result is not None
    return result


@given(VEHICLE, st.floats(3, 15))
@settings(max_examples=25)
def test_driving_away_the_front_leads_by_a_length(name: str, speed: float) -> None:
    """The box's bottom is the rear: the front reaches any line a vehicle's length earlier."""
    prints = prints_of(name, [(0.0, 25.0, 1.0), (4.0, 25.0 + 4 * speed, 1.0)])
    true_front = 25.0 + speed * prints.time_s + 0.5 * SIZES[name].length_m
    assert prints.leading[:, 0] == pytest.approx(true_front, abs=0.8 if name == "bus" else 0.3)
    assert prints.leading[:, 0] - prints.trailing[:, 0] == pytest.approx(
        SIZES[name].length_m - SIZES[name].rear_m, abs=0.01
    )


def test_coming_towards_the_camera_the_front_is_the_boxes_bottom() -> None:
    prints = prints_of("car", [(0.0, 60.0, 0.0), (4.0, 30.0, 0.0)])
    assert prints.leading[:, 0] == pytest.approx(60 - 7.5 * prints.time_s - 2.25, abs=0.3)
    assert np.abs(np.abs(prints.heading) - np.pi).max() < 0.1


def test_where_a_line_is_crossed_is_surer_the_more_of_the_optics_was_given() -> None:
    def std(*sources: str) -> float:
        return float(np.median(prints_of("car", [(0.0, 60.0, 0.0), (4.0, 30.0, 0.0)], sources=sources).std_m))

    assert std("site file") < std("site file", "vehicle shapes") == std("vehicle shapes")
    assert std("vehicle shapes") < std("site file", "traffic") == std("traffic")


@given(st.floats(-6, 6), st.floats(-10, 10))
@settings(max_examples=25)
def test_mirror_symmetry(left: float, drift: float) -> None:
    one = prints_of("car", [(0.0, 20.0, left), (4.0, 50.0, left + drift)])
    other = prints_of("car", [(0.0, 20.0, -left), (4.0, 50.0, -left - drift)])
    assert one.leading * [1, -1] == pytest.approx(other.leading, abs=0.02)


def test_a_standing_vehicle_keeps_the_heading_it_came_with() -> None:
    prints = prints_of("car", [(0.0, 20.0, 0.0), (2.0, 40.0, 0.0)], seconds=6.0)
    assert np.abs(prints.heading).max() < 0.1
    assert prints.speed[-1] < 0.1


def test_a_box_cut_by_the_pictures_lower_edge_is_not_whole() -> None:
    prints = prints_of("car", [(0.0, 6.0, 0.0), (4.0, 40.0, 0.0)])
    assert not prints.whole[0]
    assert prints.whole[-1]


def test_nothing_stands_on_the_sky() -> None:
    boxes = np.array([[100, 50, 200, 150]], np.float32)
    assert footprints(np.zeros(1), boxes, CAMERA, (WIDTH, HEIGHT), SIZES["car"], 0.0) is None


@given(st.lists(st.floats(0, 20), min_size=3, max_size=40, unique=True), st.floats(-5, 5), st.floats(-100, 100))
def test_smoothing_leaves_a_straight_path_alone(times: list[float], rate: float, start: float) -> None:
    time_s = np.array(sorted(times))
    path = (start + rate * time_s)[:, None]
    motion = smooth(time_s, path)
    assert motion.value == pytest.approx(path, abs=1e-3)


def test_smoothing_in_pieces_equals_smoothing_at_once() -> None:
    time_s = np.arange(0, 200, 0.2)
    path = np.sin(time_s)[:, None]
    whole, part = smooth(time_s, path), smooth(time_s[:100], path[:100])
    assert whole.value[:80] == pytest.approx(part.value[:80])
    assert whole.rate[400, 0] == pytest.approx(np.cos(time_s[400]), abs=0.1)
