from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.taxonomy import CLASS_ID
from tests.vision.logs import make_log
from tests.vision.seen_road import HEIGHT, NO_LOOKS, WIDTH, on_road, scenery
from vision.appearance.descriptors import Descriptors
from vision.log import FrameTable
from vision.tracking.foresight import Scenery
from vision.tracking.sightings import LIGHT, VEHICLE, Sightings
from vision.tracking.tracker import TrackingSettings
from vision.world.told_tracks import ToldTracks, told_tracks

FRAMES = 18
AHEAD_M, LEFT_M = 30.0, 2.5


def told(tracks: list[Sightings], around: Scenery, backwards: list[Sightings] | None = None) -> ToldTracks:
    count, ego = len(around.frame_s), around.ego
    unknown = np.full(count, np.nan)
    frames = FrameTable(
        around.frame_s, ego.x_m, ego.y_m, ego.heading_rad, ego.speed_mps, ego.standing, around.cut, *[unknown] * 3
    )
    about = replace(make_log(mounting="moving").meta, width=WIDTH, height=HEIGHT, ground_camera=around.camera)
    described = Descriptors.empty()
    return told_tracks(tracks, backwards or [], frames, ego, about, described, NO_LOOKS, TrackingSettings())


def seen(boxes: list[tuple[float, float, float, float]], frames: list[int], name: str, group: int) -> Sightings:
    count = len(frames)
    return Sightings(
        group,
        np.array(frames, np.int32),
        np.array(boxes, np.float32),
        np.full(count, 0.8, np.float32),
        np.full(count, CLASS_ID[name], np.int16),
        np.full(count, "wide"),
        np.zeros((count, 4), bool),
        np.full(count, -1),
    )


def parked(around: Scenery, frames: list[int]) -> Sightings:
    """A car 1.5 m tall and wide on the road."""
    ahead = [AHEAD_M - float(around.ego.x_m[frame]) for frame in frames]
    return seen([on_road(around.camera, each, LEFT_M, 1.5) for each in ahead], frames, "car", VEHICLE)


def test_a_parked_car_stands_and_has_one_place() -> None:
    around = scenery(FRAMES, speed=6.0)
    log = told([parked(around, list(range(FRAMES)))], around).log
    assert log.tracks.at_rest[0] > 0.9
    seen_at = log.observations
    assert seen_at.x_m == pytest.approx(seen_at.x_m[0], abs=0.3)
    assert seen_at.y_m == pytest.approx(seen_at.y_m[0], abs=0.3)
    assert seen_at.forward_m[0] == pytest.approx(AHEAD_M, rel=0.1)


def test_two_pieces_of_a_parked_car_are_one_track() -> None:
    around = scenery(FRAMES, speed=6.0)
    pieces = [parked(around, list(range(7))), parked(around, list(range(10, FRAMES)))]
    found = told(pieces, around, backwards=[parked(around, [*range(7), *range(10, FRAMES)])])
    assert [one.frame.tolist() for one in found.sightings] == [[*range(7), *range(10, FRAMES)]]
    assert found.log.tracks.track.tolist() == [1]
    assert set(found.log.observations.track.tolist()) == {1}


def test_what_hangs_has_no_place_on_the_road_and_no_rest() -> None:
    around = scenery(FRAMES, speed=6.0)
    lamp = seen([(600.0, 100.0, 612.0, 130.0)] * FRAMES, list(range(FRAMES)), "light_red", LIGHT)
    log = told([lamp], around).log
    assert np.isnan(log.tracks.at_rest).all()
    assert np.isnan(log.observations.forward_m).all()
