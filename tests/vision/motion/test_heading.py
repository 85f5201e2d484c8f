from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.lens import Lens
from vision.log import GroundCamera
from vision.motion.flow import FlowStep
from vision.motion.heading import heading_point, vanishing_point

SIZE = (1280, 720)
CAMERA = GroundCamera(600.0, 640.0, 360.0, 1.3, ("test",))
STEP_S = 1 / 6


def seen(points: np.ndarray, aim: np.ndarray, nod: float) -> np.ndarray:
    """Pixels of points (forward, left, up from the camera) for a camera that drives towards the pixel `aim`."""
    right, down = (aim - [640.0, 360.0]) / CAMERA.focal_px
    x = right - points[:, 1] / points[:, 0]
    y = down - points[:, 2] / points[:, 0]
    turned = np.arctan(y) + nod
    return np.stack([640.0 + CAMERA.focal_px * x, 360.0 + CAMERA.focal_px * np.tan(turned)], axis=1)


def driven(aim: np.ndarray, seed: int, nod: float = 0.0) -> FlowStep:
    """A step of 1.5 m past a road that is near and houses that are far and high, as streets are."""
    rng = np.random.default_rng(seed)
    road = np.stack([rng.uniform(4, 30, 90), rng.uniform(-6, 6, 90), np.full(90, -1.3)], axis=1)
    houses = np.stack([rng.uniform(10, 110, 150), rng.choice([-8.0, 8.0], 150), rng.uniform(-1, 9, 150)], axis=1)
    points = np.concatenate([road, houses])
    before = seen(points, aim, 0.0)
    after = seen(points - [1.5, 0, 0], aim, nod) + rng.normal(0, 0.5, before.shape)
    inside = (
        (before > 0).all(axis=1) & (before < SIZE).all(axis=1) & (after > 0).all(axis=1) & (after < SIZE).all(axis=1)
    )
    return FlowStep(STEP_S * (seed + 1), STEP_S, before[inside].astype("f4"), after[inside].astype("f4"), False)


@settings(max_examples=10, deadline=None)
@given(st.floats(590, 690), st.floats(320, 400))
def test_far_and_high_points_do_not_pull_the_horizon_up(column: float, row: float) -> None:
    steps = [driven(np.array([column, row]), seed) for seed in range(40)]
    heading = vanishing_point(steps, SIZE, CAMERA)
    assert heading is not None
    assert heading.row == pytest.approx(row, abs=1.5)
    assert heading.column == pytest.approx(column, abs=1.5)
    assert heading.row_std < 1.5


@pytest.mark.parametrize("nod", [-0.004, 0.004])
def test_nodding_is_told_from_heading_elsewhere(nod: float) -> None:
    found = heading_point(driven(np.array([640.0, 360.0]), 3, nod), SIZE, CAMERA.focal_px)
    assert found is not None
    assert abs(found.row - 360.0) < 4 * found.row_std + 1.5


def through(camera: GroundCamera, column: float, seed: int) -> FlowStep:
    """The step of a level drive to a column of the level picture, through a lens that may bend, roll and look down."""
    level = driven(np.array([column, 360.0]), seed)
    shift = np.array([0.0, camera.horizon_y - 360.0])
    points = [camera.native(points.astype(float) + shift) for points in (level.before, level.after)]
    seen = np.isfinite(points).all(axis=(0, 2)) & np.all([(p > 0).all(1) & (p < SIZE).all(1) for p in points], axis=0)
    return replace(level, before=points[0][seen].astype("f4"), after=points[1][seen].astype("f4"))


LENSES = (Lens("pinhole", (-0.2, 0.04), 360.0), Lens("fisheye", (0.03, -0.01), 380.0), Lens("pinhole", (), 350.0))


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(LENSES),
    st.sampled_from([-1, 1]),
    st.floats(0.03, 0.08),
    st.floats(320.0, 420.0),
    st.sampled_from([540.0, 640.0, 740.0]),
)
def test_the_row_is_the_horizons_in_the_axis_column_of_a_lens_that_bends_and_rolls(
    lens: Lens, side: int, roll: float, horizon: float, column: float
) -> None:
    camera = replace(CAMERA, horizon_y=horizon, lens=replace(lens, roll_rad=side * roll))
    # Where the horizon is, is not known before.
    blind = replace(camera, horizon_y=0.0)
    heading = vanishing_point([through(camera, column, seed) for seed in range(30)], SIZE, blind)
    assert heading is not None
    assert heading.row == pytest.approx(horizon, abs=2.0)


def test_a_few_steps_or_a_picture_that_stands_tell_nothing() -> None:
    steps = [driven(np.array([640.0, 360.0]), seed) for seed in range(5)]
    assert vanishing_point(steps, SIZE, CAMERA) is None
    still = FlowStep(0.1, 0.1, steps[0].before, steps[0].before, False)
    assert heading_point(still, SIZE, CAMERA.focal_px) is None
