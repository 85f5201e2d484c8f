"""All that single looks say of signal heads, and whose head it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.taxonomy import CLASS_ID
from tests.vision.seen_road import HEIGHT, WIDTH, Seen, glance, run, scenery
from vision.look import Look
from vision.signals.lamp_earlier import with_earlier_sights
from vision.signals.lamp_sights import lamp_sights, looks_at
from vision.tracking.sightings import Sightings
from vision.tracking.tracker import TrackingSettings
from vision.watch import Glance

HEAD = (600.0, 100.0, 620.0, 150.0)
BESIDE = (660.0, 100.0, 680.0, 150.0)
CLOSE = Look("light", (500, 50, 820, 242), (320, 192))
SECONDS = 8
FRAMES = 6 * SECONDS


def seen(colour: str, confidence: float, box: tuple[float, float, float, float] = HEAD) -> Seen:
    return (f"light_{colour}", box, confidence)


def weak_then_sure(weak_until: int, box: tuple[float, float, float, float] = HEAD) -> list[Glance]:
    weak = [glance(frame, seen("yellow", 0.08, box)) for frame in range(weak_until)]
    return weak + [glance(frame, seen("red", 0.7)) for frame in range(weak_until, FRAMES)]


def lengthened(glances: list[Glance], cut_at: int | None = None) -> list[Sightings]:
    around = scenery(FRAMES)
    if cut_at is not None:
        around.cut[cut_at] = True
    sights = lamp_sights(glances, WIDTH, HEIGHT)
    return with_earlier_sights(run(glances, around), sights, around, TrackingSettings())


def test_a_look_is_heard_with_all_states_it_took_for_possible() -> None:
    sights = lamp_sights([glance(3, seen("off", 0.4), seen("red", 0.1), seen("green", 0.02))], WIDTH, HEIGHT)
    assert sights.frame.tolist() == [3]
    np.testing.assert_allclose(sights.share[0], [0.2, 0, 0, 0, 0.8], atol=1e-6)
    assert not sights.native[0]


def test_every_look_at_a_head_counts_for_it() -> None:
    glances = [
        glance(0, seen("off", 0.4)),
        glance(0, seen("red", 0.3), look=CLOSE),
        glance(0, seen("green", 0.5, BESIDE)),
    ]
    sights = lamp_sights(glances, WIDTH, HEIGHT)
    one = Sightings(
        3, np.zeros(1, np.int32), np.array([HEAD], np.float32), np.ones(1, np.float32),
        np.array([CLASS_ID["light_off"]], np.int16), np.array(["wide"]), np.zeros((1, 4), bool), np.array([-1]),
    )  # fmt: skip
    mine = looks_at(one, sights)
    assert mine.native.tolist() == [False, True]
    assert mine.evidence.argmax(axis=1).tolist() == [3, 0]


def test_a_head_cut_by_the_look_is_not_read() -> None:
    below = Look("light", (500, 120, 820, 312), (320, 192))
    assert not len(lamp_sights([glance(0, seen("green", 0.9, (600, 120, 620, 150)), look=below)], WIDTH, HEIGHT))
    whole = Look("light", (500, 0, 820, 192), (320, 192))
    assert len(lamp_sights([glance(0, seen("green", 0.9, (600, 1, 620, 30)), look=whole)], WIDTH, HEIGHT))


def test_no_looks_no_sights() -> None:
    assert not len(lamp_sights([], WIDTH, HEIGHT))


def test_a_head_is_known_from_before_it_was_sure() -> None:
    (one,) = lengthened(weak_then_sure(12))
    assert one.frame.tolist() == list(range(FRAMES))
    assert set(one.class_id[:12].tolist()) == {CLASS_ID["light_yellow"]}
    columns = (one.boxes, one.confidence, one.class_id, one.look, one.hidden)
    assert {len(column) for column in columns} == {FRAMES}


def test_what_hangs_elsewhere_is_another_head() -> None:
    (one,) = lengthened(weak_then_sure(12, BESIDE))
    assert one.frame[0] == 12


def test_nothing_is_known_of_the_scene_before_a_cut() -> None:
    (one,) = lengthened(weak_then_sure(12), cut_at=6)
    assert one.frame[0] == 6


def test_what_another_track_has_stays_with_it() -> None:
    first = [glance(frame, seen("green", 0.7)) for frame in range(6)]
    again = [glance(frame, seen("red", 0.7)) for frame in range(FRAMES - 6, FRAMES)]
    around = replace(scenery(FRAMES), frame_s=np.arange(FRAMES) * 2.0)
    tracks = run([*first, *again], around)
    sights = lamp_sights([*first, *again], WIDTH, HEIGHT)
    longer = with_earlier_sights(tracks, sights, around, TrackingSettings())
    assert [one.frame.tolist() for one in longer] == [one.frame.tolist() for one in tracks]


@pytest.mark.parametrize(("gap", "found"), [(3, True), (60, False)])
def test_a_head_is_looked_for_as_long_as_the_tracker_would(gap: int, found: bool) -> None:
    glances = [glance(0, seen("yellow", 0.08)), *(glance(gap + i, seen("red", 0.7)) for i in range(6))]
    around = scenery(gap + 6)
    sights = lamp_sights(glances, WIDTH, HEIGHT)
    (one,) = with_earlier_sights(run(glances, around), sights, around, TrackingSettings())
    assert (one.frame[0] == 0) == found
