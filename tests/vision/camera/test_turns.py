"""Turns over a road tell how wide a lens looks and how it bends lines."""

from __future__ import annotations

import numpy as np
import pytest

from vision.camera.turns import FEWEST_STEPS, MOST_STEPS, LensEstimate, Turning, lens_from_turns, turning
from vision.lens import Lens
from vision.log import GroundCamera
from vision.motion.flow import FlowStep

WIDTH, HEIGHT = 1280, 720
SIZE = (WIDTH, HEIGHT)
GUESS = GroundCamera(600.0, WIDTH / 2, HEIGHT / 2, 1.3, ("default",))
GUESS_STD = 0.2
EQUIDISTANT = Lens("fisheye", (), HEIGHT / 2)
STEP_S = 1 / 6
WAY_M = 0.5  # slowly, as round a corner: how a car leans then hides little


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


def rolled(angle: float) -> np.ndarray:
    """(3, 3) by which rows of points are multiplied to be seen by a camera that is rolled to the left."""
    return np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])


def turn(
    rng: np.random.Generator, number: int, yaw: float, focal: float, lens: Lens | None, roll: float = 0.0
) -> FlowStep:
    """One step ahead while the camera turns right by `yaw`."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    turned = np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])
    points, halfway = street(rng), (np.sin(yaw / 2) * WAY_M, 0.0, np.cos(yaw / 2) * WAY_M)
    before = shown(points @ rolled(roll), focal, lens)
    after = shown((points - halfway) @ turned.T @ rolled(roll), focal, lens)
    inside = [((each > 0) & (each < (WIDTH, HEIGHT))).all(axis=1) for each in (before, after)]
    seen = inside[0] & inside[1] & (np.abs(after - before).max(axis=1) < 150)
    after = after + rng.normal(0, 0.3, after.shape)
    before, after = before[seen].astype(np.float32), after[seen].astype(np.float32)
    return FlowStep(STEP_S * number, STEP_S, before, after, False)


def turns(focal: float, lens: Lens | None, degrees: float, roll: float = 0.0, count: int = 40) -> Turning:
    """A drive that sways: each step turns by up to so many degrees to either side."""
    rng = np.random.default_rng(2)
    yaw = np.radians(degrees) * np.sin(np.arange(count) / 4)
    steps = [turn(rng, number, yaw[number], focal, lens, roll) for number in range(count)]
    # The same road seems to pass as much faster as the lens is guessed too long.
    return Turning(steps, np.full(count, WAY_M / STEP_S * GUESS.focal_px / focal))


def found(seen: Turning) -> LensEstimate | None:
    return lens_from_turns(seen, GUESS, SIZE, GUESS_STD)


@pytest.mark.parametrize("degrees", [1.0, 4.0])
@pytest.mark.parametrize(("focal", "lens", "bend"), [(740.0, None, 1.0), (500.0, None, 1.0), (560.0, EQUIDISTANT, 0.0)])
def test_focal_length_and_lens_are_read_off_a_swaying_drive(
    focal: float, lens: Lens | None, bend: float, degrees: float
) -> None:
    told = found(turns(focal, lens, degrees))
    assert told is not None
    assert told.focal_px == pytest.approx(focal, rel=0.06)
    assert abs(np.log(told.focal_px / focal)) < 2 * told.focal_log_std
    assert told.bend == pytest.approx(bend, abs=0.1)
    assert (told.lens(360.0) is None) == (bend == 1.0)


def test_the_less_a_drive_turns_the_less_it_tells() -> None:
    strong, weak = (found(turns(740.0, None, degrees)) for degrees in (4.0, 0.3))
    assert strong is not None
    assert weak is None or weak.focal_log_std > strong.focal_log_std


def test_a_straight_drive_tells_nothing_of_the_focal_length() -> None:
    told = found(turns(740.0, None, 0.0))
    assert told is None or told.focal_log_std > 0.8 * GUESS_STD


def test_a_rolled_camera_turns_about_an_axis_that_leans() -> None:
    told = found(turns(740.0, None, 4.0, roll=0.08))
    assert told is not None
    assert told.roll_rad == pytest.approx(0.08, abs=0.02)
    assert told.roll_std < 0.02
    assert told.focal_px == pytest.approx(740.0, rel=0.06)


def test_a_fisheye_is_given_back_as_opencv_counts_its_coefficients() -> None:
    told = found(turns(560.0, EQUIDISTANT, 3.0))
    assert told is not None
    lens = told.lens(HEIGHT / 2)
    assert lens is not None
    camera, true = (
        GroundCamera(each[0], 640.0, 360.0, 1.3, ("test",), each[1])
        for each in ((told.focal_px, lens), (560.0, EQUIDISTANT))
    )
    ours, theirs = (each.to_image(np.array([5.0]), np.array([6.0])) for each in (camera, true))
    assert np.allclose(ours, theirs, atol=40)


def test_what_is_no_drive_over_a_road_tells_nothing() -> None:
    rng = np.random.default_rng(3)
    steps = []
    for number in range(40):
        before = rng.uniform((0, 0), SIZE, (200, 2)).astype(np.float32)
        after = (before + rng.normal(0, 12, before.shape)).astype(np.float32)
        steps.append(FlowStep(STEP_S * number, STEP_S, before, after, False))
    assert found(Turning(steps, np.full(40, 6.0))) is None


def test_a_few_steps_tell_nothing() -> None:
    assert found(turns(740.0, None, 3.0, count=FEWEST_STEPS - 1)) is None
    assert found(Turning([], np.zeros(0))) is None


def test_the_steps_that_turn_most_are_taken_in_order_of_time() -> None:
    steps = turns(740.0, None, 3.0, count=MOST_STEPS + 10).steps
    yaw = np.radians(np.linspace(0.0, 4.0, len(steps)))
    speed = np.full(len(steps), 5.0)
    chosen = turning(steps, yaw, speed)
    assert [id(step) for step in chosen.steps] == [id(step) for step in steps[10:]]
    assert len(chosen.speed_mps) == MOST_STEPS


def test_steps_in_which_the_camera_stands_or_its_speed_is_unknown_are_not_taken() -> None:
    steps = turns(740.0, None, 3.0, count=3).steps
    chosen = turning(steps, np.full(3, 0.05), np.array([0.0, np.nan, 5.0]))
    assert [id(step) for step in chosen.steps] == [id(steps[2])]
    assert chosen.speed_mps.tolist() == [5.0]
