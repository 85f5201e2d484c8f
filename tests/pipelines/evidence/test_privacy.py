"""Plates and heads are covered at every moment, also between the looks that saw them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.taxonomy import CLASS_ID
from pipelines.evidence.blur import Boxes, heads
from pipelines.evidence.look import Look
from pipelines.evidence.privacy import BEYOND_S, Privacy
from tests.pipelines import moving_plate as scene
from vision.log import ObservationLog, ObservationTable, SourceFile

FILE = SourceFile("a.mp4", "a" * 64, 1, 0.0, 0.0, 8.0)
NONE = np.zeros((0, 4), np.float32)


def joined(first: ObservationLog, second: ObservationLog) -> ObservationLog:
    """The first log with the observations of both."""
    pairs = (
        (getattr(first.observations, name), getattr(second.observations, name)) for name in ObservationTable.__slots__
    )
    return replace(first, observations=ObservationTable(*(np.concatenate(pair) for pair in pairs)))


def covers(regions: Boxes, box: tuple[float, float, float, float]) -> bool:
    return any(r[0] <= box[0] and r[1] <= box[1] and r[2] >= box[2] and r[3] >= box[3] for r in regions)


@settings(max_examples=50)
@given(st.floats(0.0, 7.7))
def test_a_tracked_plate_is_covered_between_the_frames_it_was_seen_in(time_s: float) -> None:
    privacy = Privacy(scene.log_of(FILE, rate_hz=3.0), (), 0.0, 8.0)
    assert covers(privacy.regions(time_s).plates, scene.plate_box(time_s))


@pytest.mark.parametrize("beyond_s", [-BEYOND_S + 0.01, BEYOND_S - 0.01])
def test_it_is_covered_half_a_second_before_and_after_too(beyond_s: float) -> None:
    file = SourceFile("a.mp4", "a" * 64, 1, 0.0, 2.0, 4.01)
    privacy = Privacy(scene.log_of(file), (), 0.0, 8.0)
    time_s = 2.0 + beyond_s if beyond_s < 0 else 4.0 + beyond_s
    assert covers(privacy.regions(time_s).plates, scene.plate_box(time_s))


@settings(max_examples=50)
@given(st.floats(0, 1), st.floats(-600, 600), st.floats(-200, 200))
def test_a_plate_seen_by_two_looks_is_covered_in_between(share: float, speed_x: float, speed_y: float) -> None:
    def at(time_s: float) -> tuple[float, float, float, float]:
        x, y = 500 + speed_x * time_s, 400 + speed_y * time_s
        return x, y, x + 50, y + 16

    looks = [Look(time_s, NONE, np.array([at(time_s)], np.float32)) for time_s in (1.0, 1.25)]
    privacy = Privacy(scene.without_plates(scene.log_of(FILE)), looks, 0.0, 8.0)
    time_s = 1.0 + share * 0.25
    assert covers(privacy.regions(time_s).plates, at(time_s))


@settings(max_examples=50)
@given(st.floats(1.0, 5.0))
def test_a_plate_seen_once_stays_covered_while_its_vehicle_is_tracked(time_s: float) -> None:
    look = Look(3.0, NONE, np.array([scene.plate_box(3.0)], np.float32))
    privacy = Privacy(scene.without_plates(scene.log_of(FILE)), [look], 0.0, 8.0)
    assert covers(privacy.regions(time_s).plates, scene.plate_box(time_s))


def test_without_plates_and_persons_nothing_is_blurred() -> None:
    privacy = Privacy(scene.without_plates(scene.log_of(FILE)), [Look(1.0, NONE, NONE)], 0.0, 8.0)
    regions = privacy.regions(1.0)
    assert len(regions.heads) == len(regions.plates) == 0


def test_where_a_look_saw_the_head_the_logs_older_sighting_adds_nothing() -> None:
    """The log saw it 0.1 s ago: that place is less sure, and its margin larger."""
    log = scene.log_of(FILE)
    classes = log.observations.class_id.copy()
    classes[log.observations.track == scene.PLATE_TRACK] = CLASS_ID["person"]
    log = replace(log, observations=replace(log.observations, class_id=classes))
    seen = heads(np.array([scene.plate_box(3.1)], np.float32))
    (region,) = Privacy(log, [Look(3.1, seen, NONE)], 0.0, 8.0).regions(3.1).heads
    (alone,) = Privacy(log, (), 0.0, 8.0).regions(3.1).heads
    assert covers(region[None], tuple(seen[0].tolist()))
    assert region[2] - region[0] < alone[2] - alone[0]


def test_a_thing_unseen_for_seconds_is_not_guessed_at() -> None:
    early, late = (SourceFile("a.mp4", "a" * 64, 1, 0.0, start, start + 1.0) for start in (0.0, 6.0))
    log = joined(scene.log_of(early), scene.log_of(late))
    assert len(Privacy(log, (), 0.0, 8.0).regions(3.5).plates) == 0
    assert covers(Privacy(log, (), 0.0, 8.0).regions(1.3).plates, scene.plate_box(1.3))


@pytest.mark.parametrize(("width", "plates"), [(60, 1), (200, 0)])
def test_wide_lettering_on_no_vehicle_is_no_plate(width: float, plates: int) -> None:
    """As recorders write the time on the picture; a plate so wide would have a vehicle around it."""
    log = scene.log_of(FILE)
    boxes = log.observations.boxes.copy()
    boxes[log.observations.track == scene.PLATE_TRACK] = (20, 330, 20 + width, 352)
    log = replace(log, observations=replace(log.observations, boxes=boxes))
    assert len(Privacy(log, (), 0.0, 8.0).regions(3.0).plates) == plates
