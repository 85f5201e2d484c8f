from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.taxonomy import CLASS_ID
from tests.vision.seen_road import NO_LOOKS, THRESHOLDS, glance, moving, on_road, scans, scenery
from vision.tracking.both_ways import confirmed, parted, track_backwards
from vision.tracking.sightings import LIGHT, VEHICLE, Sightings
from vision.tracking.tracker import TrackingSettings, track

SETTINGS = TrackingSettings()
FRAME_S = np.arange(30) / 6.0


def sightings(frames: list[int], group: int = VEHICLE, left: float = 0.0) -> Sightings:
    """One thing at one place, whose boxes tell the frames apart."""
    boxes = np.array([(left, 0.0, left + 50.0 + frame, 40.0) for frame in frames], np.float32)
    count = len(frames)
    kind = np.full(count, CLASS_ID["car"], np.int16)
    look, hidden = np.full(count, "wide"), np.zeros((count, 4), bool)
    sure, described = np.ones(count, np.float32), np.full(count, -1)
    return Sightings(group, np.array(frames, np.int32), boxes, sure, kind, look, hidden, described)


def test_what_drives_evenly_is_the_same_track_in_both_directions() -> None:
    glances = [glance(frame, ("car", moving(100, 15, frame), 0.8)) for frame in range(8)]
    forwards = track(scans(glances), NO_LOOKS, THRESHOLDS, scenery(8), SETTINGS)
    backwards = track_backwards(scans(glances), NO_LOOKS, THRESHOLDS, scenery(8), SETTINGS)
    assert [one.frame.tolist() for one in backwards] == [list(range(8))]
    assert np.array_equal(backwards[0].boxes, forwards[0].boxes)
    assert parted(forwards, backwards, FRAME_S).tracks[0].frame.tolist() == list(range(8))


def test_a_parked_car_is_followed_backwards_while_the_camera_drives_past() -> None:
    around = scenery(24, speed=8.0)
    places = [(frame, 40.0 - 8.0 * around.frame_s[frame]) for frame in range(0, 24, 4)]
    glances = [glance(frame, ("car", on_road(around.camera, ahead, -4.0, 1.8), 0.8)) for frame, ahead in places]
    assert [one.frame.tolist() for one in track_backwards(scans(glances), NO_LOOKS, THRESHOLDS, around, SETTINGS)] == [
        [frame for frame, _ in places]
    ]


def test_no_track_goes_on_backwards_over_a_cut() -> None:
    cut = np.arange(10) == 5
    around = replace(scenery(10), cut=cut)
    glances = [glance(frame, ("car", moving(100, 5, frame), 0.8)) for frame in range(10)]
    backwards = track_backwards(scans(glances), NO_LOOKS, THRESHOLDS, around, SETTINGS)
    assert sorted(one.frame.tolist() for one in backwards) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


def test_lamps_and_litter_are_followed_forwards_only() -> None:
    glances = [glance(frame, ("litter", (300.0, 500.0, 320.0, 520.0), 0.9)) for frame in range(6)]
    assert len(track(scans(glances), NO_LOOKS, THRESHOLDS, scenery(6), SETTINGS)) == 1
    assert track_backwards(scans(glances), NO_LOOKS, THRESHOLDS, scenery(6), SETTINGS) == []


def test_a_track_is_parted_where_it_goes_over_to_what_is_another_thing_backwards() -> None:
    one, other = sightings([0, 1, 2, 3]), sightings([5, 6, 7], left=20.0)
    pieces = parted([Sightings.concatenate([one, other])], [sightings([0, 1, 2, 3]), other], FRAME_S)
    assert [piece.frame.tolist() for piece in pieces.tracks] == [[0, 1, 2, 3], [5, 6, 7]]
    assert pieces.links == {(1, 2): 1}


def test_pieces_of_two_tracks_are_linked_where_they_are_one_backwards() -> None:
    early, late, other = sightings([0, 1, 2]), sightings([8, 9, 10]), sightings([4, 5, 6], left=20.0)
    pieces = parted(
        [Sightings.concatenate([early, other]), late], [Sightings.concatenate([early, late]), other], FRAME_S
    )
    assert [piece.frame.tolist() for piece in pieces.tracks] == [[0, 1, 2], [4, 5, 6], [8, 9, 10]]
    assert pieces.links == {(1, 2): 1, (1, 3): 1}


def test_detections_that_only_one_direction_found_part_nothing() -> None:
    pieces = parted([sightings([0, 1, 2, 3, 4])], [sightings([0, 1, 4])], FRAME_S)
    assert [piece.frame.tolist() for piece in pieces.tracks] == [[0, 1, 2, 3, 4]]
    assert pieces.links == {}


def test_what_was_missing_for_long_is_parted_there_though_both_directions_made_it_one() -> None:
    seen = sightings([0, 1, 2, 5, 6, 11, 12])
    pieces = parted([seen], [seen], FRAME_S)
    assert [piece.frame.tolist() for piece in pieces.tracks] == [[0, 1, 2, 5, 6], [11, 12]]
    assert pieces.links == {(1, 2): 2}
    lamp = sightings([0, 1, 12], group=LIGHT)
    assert [piece.frame.tolist() for piece in parted([lamp], [], FRAME_S).tracks] == [[0, 1, 12]]


def test_what_is_too_short_is_no_road_user_but_may_be_a_lamp() -> None:
    short, enough, lamp = sightings([0, 1]), sightings([0, 1, 2]), sightings([0], group=LIGHT)
    assert confirmed([short, enough, lamp], SETTINGS) == [enough, lamp]
