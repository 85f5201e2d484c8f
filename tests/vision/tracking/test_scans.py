from __future__ import annotations

import numpy as np
import pytest

from tests.vision.seen_road import HEIGHT, ROAD, THRESHOLDS, WIDTH, glance
from vision.appearance.descriptors import Descriptors
from vision.appearance.likeness import apart
from vision.tables.world import APPEARANCE_SIZE
from vision.tracking.scans import looks_of, scans_of
from vision.watch import Glance

CAR, OTHER, RIDER = (100.0, 400.0, 220.0, 480.0), (500.0, 400.0, 620.0, 480.0), (800.0, 400.0, 840.0, 480.0)


def described(glances: list[Glance], seed: int = 0) -> Descriptors:
    """All detections of the wide looks, each with looks of its own."""
    wide = [each for each in glances if each.look.kind == "wide"]
    frame = np.repeat([each.frame for each in wide], [len(each.found) for each in wide]).astype(np.int32)
    vectors = np.random.default_rng(seed).normal(0.14, 0.04, (len(frame), APPEARANCE_SIZE)).astype(np.float16)
    return Descriptors(frame, np.concatenate([each.found.boxes for each in wide]), vectors)


def test_each_detection_knows_its_descriptor() -> None:
    glances = [glance(frame, ("car", CAR, 0.8), ("car", OTHER, 0.7)) for frame in range(3)]
    closer = glance(1, ("car", (300.0, 500.0, 380.0, 560.0), 0.9), look=ROAD)
    scans = scans_of([glances[0], glances[1], closer, glances[2]], THRESHOLDS, (WIDTH, HEIGHT), described(glances))
    assert [scan.described.tolist() for scan in scans] == [[0, 1], [2, 3, -1], [4, 5]]
    some = scans[1][np.array([False, True, True])]
    assert some.described.tolist() == [3, -1]


def test_without_a_look_there_is_no_scan() -> None:
    assert scans_of([], THRESHOLDS, (WIDTH, HEIGHT), Descriptors.empty()) == ()


def test_looks_are_compared_within_groups_and_unknown_of_what_is_not_described() -> None:
    glances = [glance(frame, ("car", CAR, 0.8), ("car", OTHER, 0.7), ("person", RIDER, 0.7)) for frame in range(30)]
    descriptors = described(glances)
    looks = looks_of(scans_of(glances, THRESHOLDS, (WIDTH, HEIGHT), descriptors), descriptors)
    assert looks.shape == (91, APPEARANCE_SIZE)
    cars = np.arange(90).reshape(30, 3)[:, :2]
    assert np.mean([apart(looks[pair[:1]], looks[pair[1:]]) for pair in cars]) == pytest.approx(1.0, abs=0.1)
    assert np.isnan(looks[2::3]).all()  # one person at a time tells nothing of how people differ
    assert np.isnan(looks[-1]).all()
