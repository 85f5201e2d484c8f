"""A signal head that is now and then taken for a person is not a person."""

from __future__ import annotations

import numpy as np
import pytest

from models.taxonomy import CLASS_ID
from vision.tracking.mistaken import without_mistaken_heads
from vision.tracking.sightings import LIGHT, PERSON, Sightings

FRAME_S = np.arange(100) / 5.0
HEAD = (549.0, 180.0, 570.0, 230.0)


def sightings(group: int, name: str, frames: range, box: tuple[float, ...], drift: float = 0.0) -> Sightings:
    boxes = np.array([[*box]] * len(frames), np.float32)
    boxes[:, [0, 2]] += drift * np.arange(len(frames), dtype=np.float32)[:, None]
    count = len(frames)
    return Sightings(
        group,
        np.array(frames, np.int32),
        boxes,
        np.full(count, 0.7, np.float32),
        np.full(count, CLASS_ID[name], np.int16),
        np.full(count, "wide", "<U5"),
        np.zeros((count, 4), bool),
        np.full(count, -1),
    )


LAMP = sightings(LIGHT, "light_red", range(0, 100, 2), HEAD)


def person(box: tuple[float, ...] = HEAD, frames: range = range(11, 51, 2), drift: float = 0.0) -> Sightings:
    return sightings(PERSON, "person", frames, box, drift)


def test_a_person_on_a_well_known_head_is_the_head() -> None:
    assert without_mistaken_heads([LAMP, person((548, 182, 570, 231))], FRAME_S) == [LAMP]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (person((549, 250, 570, 300)), "stands below it"),
        (person((540, 150, 600, 330)), "a person near by that hides it"),
        (person(frames=range(1, 61, 2)), "seen so often that it may be a person taken for a head"),
        (person((449, 180, 470, 230), drift=10.0), "walks past"),
    ],
)
def test_a_person_stays(other: Sightings, why: str) -> None:
    assert without_mistaken_heads([LAMP, other], FRAME_S) == [LAMP, other], why


def test_where_the_head_was_not_seen_for_long_nothing_is_told() -> None:
    rare = sightings(LIGHT, "light_red", range(20), HEAD)
    later = person(frames=range(60, 66))
    assert without_mistaken_heads([rare, later], FRAME_S) == [rare, later]
