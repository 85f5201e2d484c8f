from __future__ import annotations

import numpy as np
import pytest

from tests.vision.track_points import driving, points, smoothed
from vision.log import GroundCamera
from vision.places.track_motion import Headings, View, headings, held, with_systematic

CAMERA = GroundCamera(800.0, 640.0, 360.0, 1.3, ("default",))


def view(count: int, ego_mps: float = 0.0, away_m: float = 10.0) -> View:
    still = np.zeros(count)
    return View(still, np.full(count, ego_mps), still, np.full(count, away_m), CAMERA)


@pytest.mark.parametrize("angle", [-3.0, -1.0, 0.0, 0.7, 2.5])
def test_headings_are_those_of_the_motion(angle: float) -> None:
    found = smoothed(points(driving((8 * np.cos(angle), 8 * np.sin(angle)))))
    told = headings(with_systematic(found, view(30), np.zeros(30, bool)), np.zeros(30, bool))
    assert np.allclose(told.angle, angle, atol=0.05)
    assert (told.std < 0.2).all()


def test_no_heading_is_made_up() -> None:
    """Neither of what stands, nor of what creeps as boxes do, nor of what the camera's own speed may have moved."""
    none = np.zeros(30, bool)
    creeping = with_systematic(smoothed(points(driving((0.3, 0.1)))), view(30), none)
    assert np.isnan(headings(creeping, none).angle).all()
    driven_past = with_systematic(smoothed(points(driving((2.5, 0.0)))), view(30, ego_mps=14.0, away_m=30.0), none)
    assert np.isnan(headings(driven_past, none).angle).all()
    driving_on = smoothed(points(driving((8.0, 0.0))))
    assert np.isnan(headings(driving_on, np.ones(30, bool)).angle).all()


def test_headings_are_held_within_their_track_only() -> None:
    nothing = np.nan
    angle = np.array([nothing, 1.0, nothing, 2.0, nothing, nothing, nothing])
    found = held(Headings(angle, angle / 10), np.array([0, 5]))
    assert np.array_equal(found.angle, [1.0, 1.0, 1.0, 2.0, 2.0, nothing, nothing], equal_nan=True)
    assert np.array_equal(found.std, found.angle / 10, equal_nan=True)
