"""Turns tell how wide a lens looks and how it bends lines."""

from __future__ import annotations

import numpy as np
import pytest

from vision.camera.turns import lens_from_turns, turning
from vision.lens import Lens
from vision.log import GroundCamera
from vision.motion.flow import FlowStep

WIDTH, HEIGHT = 1280, 720
EQUIDISTANT = Lens("fisheye", (), HEIGHT / 2)


def street(rng: np.random.Generator, count: int = 400) -> np.ndarray:
    """(N, 3) right, down, ahead of the camera: a road and houses, some of them far."""
    ahead, side = rng.uniform(3, 60, count), rng.choice([-1.0, 1.0], count)
    road = rng.uniform(size=count) < 0.35
    right = np.where(road, rng.uniform(-6, 6, count), side * rng.uniform(4, 40, count))
    return np.stack([right, np.where(road, 1.3, 1.3 - rng.uniform(0, 9, count)), ahead], axis=1)


def shown(points: np.ndarray, focal: float, lens: Lens | None) -> np.ndarray:
    ahead = np.where(points[:, 2:] > 0.5, points[:, 2:], np.nan)
    flat = points[:, :2] / ahead * focal + (WIDTH / 2, HEIGHT / 2)
    return GroundCamera(focal, WIDTH / 2, HEIGHT / 2, 1.3, ("test",), lens).native(flat)


def turn(rng: np.random.Generator, yaw: float, focal: float, lens: Lens | None, roll: float = 0.0) -> FlowStep:
    """One step of a metre ahead while the camera turns right by `yaw`."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    turned = np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])
    rolled = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    points = street(rng)
    before = shown(points @ rolled.T, focal, lens)
    after = shown((points - (sin, 0.0, cos)) @ turned.T @ rolled.T, focal, lens)
    inside = [((each > 0) & (each < (WIDTH, HEIGHT))).all(axis=1) for each in (before, after)]
    seen = inside[0] & inside[1] & (np.abs(after - before).max(axis=1) < 150)
    after = after + rng.normal(0, 0.3, after.shape)
    return FlowStep(0.0, 1 / 6, before[seen].astype(np.float32), after[seen].astype(np.float32), False)


def turns(focal: float, lens: Lens | None, degrees: float, roll: float = 0.0, count: int = 14) -> list[FlowStep]:
    rng = np.random.default_rng(2)
    return [turn(rng, np.radians(degrees) * rng.uniform(0.7, 1.3), focal, lens, roll) for _ in range(count)]


@pytest.mark.parametrize(("focal", "lens", "bend"), [(740.0, None, 1.0), (560.0, EQUIDISTANT, 0.0)])
def test_focal_length_and_lens_are_read_off_turns(focal: float, lens: Lens | None, bend: float) -> None:
    found = lens_from_turns(turns(focal, lens, 4.0), (WIDTH, HEIGHT), (600.0, 0.2))
    assert found is not None
    assert found.focal_px == pytest.approx(focal, rel=0.1)
    assert abs(np.log(found.focal_px / focal)) < 2 * found.focal_log_std
    assert found.bend == pytest.approx(bend, abs=0.1)
    assert (found.lens(360.0) is None) == (bend == 1.0)


def test_a_rolled_camera_turns_about_an_axis_that_leans() -> None:
    found = lens_from_turns(turns(740.0, None, 4.0, roll=0.08), (WIDTH, HEIGHT), (600.0, 0.2))
    assert found is not None
    assert found.roll_rad == pytest.approx(0.08, abs=0.02)
    assert found.roll_std < 0.02


def test_a_fisheye_is_given_back_as_opencv_counts_its_coefficients() -> None:
    found = lens_from_turns(turns(560.0, EQUIDISTANT, 3.0), (WIDTH, HEIGHT), (600.0, 0.2))
    assert found is not None
    lens = found.lens(HEIGHT / 2)
    assert lens is not None
    camera, true = (
        GroundCamera(each[0], 640.0, 360.0, 1.3, ("test",), each[1])
        for each in ((found.focal_px, lens), (560.0, EQUIDISTANT))
    )
    ours, theirs = (each.to_image(np.array([5.0]), np.array([6.0])) for each in (camera, true))
    assert np.allclose(ours, theirs, atol=40)


def test_a_drive_that_hardly_turns_tells_nothing() -> None:
    straight = turns(740.0, None, 0.1)
    assert turning(straight, np.full(len(straight), np.radians(0.1))) == []
    assert lens_from_turns(turns(740.0, None, 3.0, count=5), (WIDTH, HEIGHT), (600.0, 0.2)) is None


def test_the_steps_that_turn_most_are_taken_in_order_of_time() -> None:
    steps = turns(740.0, None, 3.0, count=40)
    yaw = np.radians(np.linspace(0.0, 4.0, 40))
    chosen = turning(steps, yaw)
    assert [id(step) for step in chosen] == [id(step) for step in steps[10:]]
