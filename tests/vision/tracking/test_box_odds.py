from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.seen_road import WIDTH, glance, run, scenery
from vision.log import Floats
from vision.tracking.box_odds import box_odds
from vision.tracking.foresight import Whereabouts
from vision.tracking.live_track import START_VARIANCE
from vision.tracking.sightings import PERSON

BOX = (500.0, 300.0, 540.0, 380.0)
KNOWN = (0.001, 0.002, 0.02)  # of a track that was seen for long


def odds(
    boxes: Floats, *covariances: tuple[float, ...], gap_s: float = 1 / 6, foreseen: Floats | None = None
) -> Floats:
    """Of tracks that were last seen at `BOX`, and are foreseen there."""
    count = len(covariances)
    mean = np.tile([520.0, 340.0, 40.0, 80.0], (count, 1))
    still, first = np.zeros((count, 4)), np.zeros(count, np.intp)
    tracks = Whereabouts(first + PERSON, mean, still, np.array(covariances), first)
    ahead = np.tile(np.array(BOX, np.float32), (count, 1)) if foreseen is None else foreseen.astype(np.float32)
    return box_odds(tracks, np.full(count, gap_s), np.full(count, 2.0), ahead, boxes.astype(np.float32), WIDTH)


@given(st.floats(0.1, 60.0), st.floats(0.0, 2 * np.pi))
def test_the_nearer_a_box_is_to_where_a_track_is_foreseen_the_more_likely_it_is_its_own(off: float, way: float) -> None:
    aside = off * np.array([np.cos(way), np.sin(way)] * 2)
    near, far = odds(np.array(BOX) + np.stack([aside, 1.1 * aside]), KNOWN)[0]
    assert near > far


def test_what_is_known_well_has_what_is_near_and_what_is_known_badly_what_is_far() -> None:
    boxes = np.array(BOX) + np.array([[1.0] * 4, [35.0, 0.0, 35.0, 0.0]])
    near, far = odds(boxes, KNOWN, START_VARIANCE).T
    assert near[0] > near[1]
    assert far[0] < far[1]


@given(st.floats(0.2, 3.0))
def test_the_longer_ago_a_track_was_seen_the_less_it_has_of_what_is_where_it_is_foreseen(gap_s: float) -> None:
    box = np.array([BOX])
    assert odds(box, KNOWN, gap_s=gap_s)[0, 0] > odds(box, KNOWN, gap_s=1.5 * gap_s)[0, 0]


@given(st.floats(0.25, 4.0))
def test_odds_are_the_same_in_a_larger_picture_of_larger_things(scale: float) -> None:
    first, boxes = np.zeros(1, np.intp), np.array([BOX, (510.0, 305.0, 552.0, 384.0)], np.float32)

    def of(scale: float) -> Floats:
        mean = scale * np.array([[520.0, 340.0, 40.0, 80.0]])
        tracks = Whereabouts(first, mean, np.zeros((1, 4)), np.array([KNOWN]), first)
        some = (np.float32(scale) * boxes[:1], np.float32(scale) * boxes)
        return box_odds(tracks, np.array([0.2]), np.array([2.0]), *some, round(scale * 1280))

    assert of(scale) == pytest.approx(of(1.0), abs=0.05)


def test_of_what_is_not_foreseen_nothing_is_likely() -> None:
    assert odds(np.array([BOX]), KNOWN, foreseen=np.full((1, 4), np.nan))[0, 0] == -np.inf


@pytest.mark.parametrize("kind", ["motorcycle", "person"])
def test_of_two_in_line_the_one_that_is_seen_keeps_its_track(kind: str) -> None:
    first, second = (600.0, 300.0, 630.0, 380.0), (612.0, 296.0, 646.0, 388.0)
    seen = [(first, second) if i < 8 else (second, first)[i % 2 :][:1] for i in range(24)]
    glances = [glance(i, *[(kind, box, 0.8) for box in boxes]) for i, boxes in enumerate(seen)]
    tracks = run(glances, scenery(24))
    assert len(tracks) == 2
    assert [len(np.unique(one.boxes[:, 0])) for one in tracks] == [1, 1]
