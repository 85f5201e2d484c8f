from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.motion.egomotion import StepMotion
from vision.motion.flow import FlowStep
from vision.motion.flow_steps import FlowSteps
from vision.quality.meter import PictureQuality
from vision.quality.seconds import USABLE, found_share, quality_at, quality_table
from vision.tables.quality import QualityTable

SIZE = (1280, 720)
CLEAR = PictureQuality(0.0, 0.48, 0.0, 0.0, 0.65, False, 0.29, 0.15, 0.0)


def pictures(count: int = 40, **changes: float) -> list[PictureQuality]:
    return [replace(CLEAR, time_s=float(second), **changes) for second in range(count)]  # type: ignore[arg-type]


def driving(count: int, heads_for: np.ndarray) -> tuple[FlowSteps, list[StepMotion]]:
    """Steps of a second in which all points flow away from where the camera heads for."""
    steps, motions = FlowSteps(), []
    rng = np.random.default_rng(0)
    for second in range(count):
        before = rng.uniform((0, 0), SIZE, (150, 2))
        nearness = rng.uniform(0.02, 0.14, (150, 1))  # were all equally far, turning would look like heading elsewhere
        after = heads_for[second] + (before - heads_for[second]) * (1.0 + nearness)
        steps.append(FlowStep(float(second), 1.0, before.astype(np.float32), after.astype(np.float32), False))
        motions.append(motion(float(second)))
    return steps, motions


def motion(time_s: float, still: bool = False, shift: tuple[float, float] = (0.0, 0.0)) -> StepMotion:
    nothing = np.zeros(0, np.float32)
    return StepMotion(time_s, 1.0, 0.0, nothing, nothing, still, np.array(shift))


def fixed_table(*seen: PictureQuality, motions: tuple[StepMotion, ...] = ()) -> QualityTable:
    return quality_table(seen, FlowSteps(), motions, SIZE, "fixed")


def test_a_clear_picture_shows_all_that_a_clear_picture_shows() -> None:
    assert found_share(CLEAR) == 1.0


@pytest.mark.parametrize(
    "wrong",
    [{"blur": 0.8}, {"contrast": 0.04}, {"bright": 0.9}, {"blank": 0.95}, {"stuck": 0.6}],
    ids=["blurred", "foggy or dark", "overexposed", "covered", "dirty"],
)
def test_what_hides_half_of_the_street_is_not_usable(wrong: dict[str, float]) -> None:
    assert found_share(replace(CLEAR, **wrong)) < USABLE  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "little", [{"blur": 0.5}, {"contrast": 0.2}, {"bright": 0.3}, {"blank": 0.5}, {"stuck": np.nan}]
)
def test_small_faults_leave_it_usable(little: dict[str, float]) -> None:
    assert found_share(replace(CLEAR, **little)) > 0.85  # type: ignore[arg-type]


@given(
    blur=st.floats(0, 1.2), contrast=st.floats(0, 1), bright=st.floats(0, 1), worse=st.sampled_from(["blur", "bright"])
)
def test_worse_never_shows_more(blur: float, contrast: float, bright: float, worse: str) -> None:
    picture = replace(CLEAR, blur=blur, contrast=contrast, bright=bright)
    share = found_share(picture)
    assert 0.0 <= share <= 1.0
    assert found_share(replace(picture, **{worse: getattr(picture, worse) + 0.1})) <= share
    assert found_share(replace(picture, contrast=contrast * 0.9)) <= share


def test_the_table_has_a_row_for_each_picture() -> None:
    table = fixed_table(CLEAR, replace(CLEAR, time_s=1.0, blur=0.9), replace(CLEAR, time_s=2.0, night=True))
    assert table.time_s.tolist() == [0.0, 1.0, 2.0]
    assert table.usable.tolist() == [True, False, True]
    assert table.night.tolist() == [False, False, True]
    assert quality_at(table, np.array([-1.0, 0.5, 1.9, 9.0])) == pytest.approx(
        [np.nan, 1, 0, 0.87], abs=0.06, nan_ok=True
    )


def test_without_pictures_there_is_nothing_to_tell() -> None:
    table = fixed_table()
    assert len(table.time_s) == 0
    assert np.isnan(quality_at(table, np.array([1.0]))).all()


def test_where_a_moving_camera_points_is_where_it_drives_to() -> None:
    heads_for = np.tile([650.0, 300.0], (40, 1))
    heads_for[20:, 1] = 400.0  # somebody bumped it
    table = quality_table(pictures(), *driving(40, heads_for), SIZE, "moving")
    assert table.aim_x_px == pytest.approx(np.full(40, 650), abs=3)
    assert table.aim_y_px == pytest.approx(heads_for[:, 1], abs=3)
    assert np.flatnonzero(table.shifted) == pytest.approx([20], abs=3)


def test_a_camera_that_turns_or_stands_points_nowhere_known() -> None:
    steps, motions = driving(3, np.tile([640.0, 360.0], (3, 1)))
    motions[1] = replace(motions[1], yaw_rad=0.1)
    motions[2] = replace(motions[2], still=True)
    table = quality_table(pictures(3), steps, motions, SIZE, "moving")
    assert np.isnan(table.aim_x_px).tolist() == [False, True, True]


def test_a_fixed_camera_that_was_turned_is_found() -> None:
    motions = [
        motion(float(second), still=True, shift=(30.0, 0.0) if second == 22 else (0.0, 0.0)) for second in range(40)
    ]
    table = fixed_table(*pictures(), motions=tuple(motions))
    assert table.aim_x_px[[0, 39]].tolist() == [0.0, 30.0]
    assert np.flatnonzero(table.shifted) == pytest.approx([22], abs=3)


def test_nothing_sticks_to_the_glass_of_a_camera_that_does_not_drive() -> None:
    seen = pictures(3, stuck=0.6)
    assert np.isnan(fixed_table(*seen).stuck).all()
    assert fixed_table(*seen).usable.all()
    assert not quality_table(seen, FlowSteps(), (), SIZE, "moving").usable.any()
