"""What a scene is looked through: the site file's optics, the cars that pass, the log's, in this order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.rules.protocol import Scene
from pipelines.site import Ground, Site, SiteCamera
from tests.vision.camera.test_vehicle_shapes import GUESS, seen_by
from vision.log import GroundCamera, Mounting, ObservationLog

TRUE = GroundCamera(1500.0, 960.0, 100.0, 6.0, ("true",))


@pytest.fixture(scope="module")
def log() -> ObservationLog:
    return seen_by(TRUE)


def through(log: ObservationLog, ground: Ground | None, mounting: Mounting = "fixed") -> GroundCamera:
    return Scene(log, Site("s", None, None, None, (SiteCamera("c", mounting=mounting, ground=ground),))).optics


@pytest.mark.parametrize("mounting", ["fixed", "moving"])
def test_optics_given_whole_are_those_of_the_site_file(log: ObservationLog, mounting: Mounting) -> None:
    given = Ground(1400.0, 950.0, 120.0, 5.5)
    assert through(log, given, mounting) == GroundCamera(1400.0, 950.0, 120.0, 5.5, ("site file",))
    middle = through(log, replace(given, centre_x=None), mounting)
    assert middle == GroundCamera(1400.0, 960.0, 120.0, 5.5, ("site file",))


def test_of_a_camera_that_stands_the_cars_tell_what_the_site_file_leaves_out(log: ObservationLog) -> None:
    found = through(log, Ground(focal_px=1500.0, height_m=6.0))
    assert (found.focal_px, found.height_m, found.sources) == (1500.0, 6.0, ("site file", "vehicle shapes"))
    assert found.horizon_y == pytest.approx(100.0, abs=25)
    assert through(log, None).sources == ("vehicle shapes",)


def test_of_a_camera_that_drives_the_log_tells_it(log: ObservationLog) -> None:
    assert through(log, Ground(height_m=6.0), "moving") == replace(
        GUESS, height_m=6.0, sources=("site file", "default")
    )
    assert through(log, None, "moving") == GUESS
