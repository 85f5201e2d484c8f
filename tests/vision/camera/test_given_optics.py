"""What is given of a camera's optics takes the place of what was found, and nothing else does."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from vision.camera.given_optics import NOTHING_GIVEN, GivenOptics
from vision.lens import Lens
from vision.log import PITCH_STD, SCALE_STD, GroundCamera

LENS = Lens("fisheye", (0.03,), 360.0)
FOUND = GroundCamera(601.0, 640.0, 355.0, 1.3, ("flow", "traffic"), LENS, 0.22, 0.02)
BENT = Lens("pinhole", (-0.2,), 350.0, 0.01)


@st.composite
def optics(draw: st.DrawFn) -> GivenOptics:
    focal, column, row, height = (draw(st.none() | st.floats(0.5, 2000.0)) for _ in range(4))
    lens = None if focal is None else draw(st.sampled_from([None, BENT]))
    return GivenOptics("site file", focal, column, row, height, lens, 0.03, 0.004)


@given(optics())
def test_given_numbers_are_the_cameras_and_the_others_stay_as_found(known: GivenOptics) -> None:
    camera = known.over(FOUND)
    for name in ("focal_px", "centre_x", "horizon_y", "height_m"):
        value = getattr(known, name)
        assert getattr(camera, name) == (getattr(FOUND, name) if value is None else value)
    assert camera.lens == (LENS if known.focal_px is None else known.lens)
    both = known.focal_px is not None and known.height_m is not None
    assert camera.scale_std == (0.03 if both else FOUND.scale_std)
    assert camera.pitch_std == (FOUND.pitch_std if known.horizon_y is None else 0.004)
    assert known.over(camera) == camera


@given(optics())
def test_with_everything_given_nothing_is_left_of_what_was_found(known: GivenOptics) -> None:
    other = GroundCamera(400.0, FOUND.centre_x, 300.0, 2.2, ("default",))
    assert (known.over(FOUND) == known.over(other)) == known.complete
    assert (known.over(FOUND).sources == ("site file",)) == known.complete


def test_sources_say_what_was_given_first() -> None:
    assert NOTHING_GIVEN.over(FOUND) == FOUND
    partly = GivenOptics("site file", height_m=1.5)
    assert partly.over(FOUND).sources == ("site file", "flow", "traffic")
    whole = replace(partly, focal_px=600.0, horizon_y=350.0).over(FOUND)
    assert whole == GroundCamera(600.0, 640.0, 350.0, 1.5, ("site file",), None, SCALE_STD, PITCH_STD)
