"""What lies on the ground, and what only looks like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.incident import Finding, Grade
from pipelines.rules.litter import Litter
from pipelines.rules.protocol import Scene
from tests.pipelines.logs import CLOCK, Knots, Mover, make_log, mover, standing
from vision.drive_log import stitch
from vision.log import ObservationLog, ObservationTable

DRIVE: Knots = [(0.0, 0.0, 0.0), (8.0, 40.0, 0.0)]


def passing(things: Sequence[Mover], **options: float) -> tuple[Finding, ...]:
    log = make_log(things, duration_s=8.0, rate_hz=2.0, mounting="moving", ego=DRIVE, **options)  # type: ignore[arg-type]
    return Litter()(Scene(log))


def watching(things: Sequence[Mover]) -> tuple[Finding, ...]:
    return Litter()(Scene(make_log(things, duration_s=8.0, rate_hz=2.0)))


@given(
    st.sampled_from(["litter", "garbage_pile", "overflowing_bin"]),
    st.floats(30, 45),
    st.floats(-6, 6),
    st.integers(0, 99),
)
@settings(max_examples=25)
def test_what_lies_by_the_road_is_found_where_it_is(name: str, x: float, y: float, seed: int) -> None:
    (found,) = passing([standing(1, name, x, y, jitter_px=1.0)], seed=seed)
    assert found.subtype == {"litter": "item", "garbage_pile": "pile"}.get(name, name)
    assert found.grade is Grade.COMPLETE
    assert found.local is not None
    assert found.local[:2] == pytest.approx((x, y), abs=1.5)


@pytest.mark.parametrize(
    ("things", "why"),
    [
        ([standing(1, "litter", 35, 3, seen=(0, 0.4))], "seen once"),
        ([standing(1, "litter", 35, 3, seen=(0, 0.6), confidence=0.4)], "seen twice, unsurely"),
        ([mover(1, "litter", [(0, 15, 3), (8, 55, 3)])], "it moves along: a mark on the windscreen, a load"),
        ([standing(1, "litter", 35, 3, size=(3.0, 3.0, 2.0))], "too large for an item"),
        ([standing(1, "garbage_pile", 35, 3, size=(0.1, 0.1, 0.1))], "too small for a pile"),
        ([standing(1, "litter", 35, 3, size=(0.03, 0.03, 0.03))], "a few centimetres wide"),
        ([standing(1, "litter", 35, 3), standing(2, "person", 35.2, 3, size=(0.5, 0.7, 1.8))], "carried by somebody"),
    ],
)
def test_nothing_is_found(things: Sequence[Mover], why: str) -> None:
    assert passing(things) == (), why


def test_in_front_of_a_parked_car_it_still_lies_on_the_road() -> None:
    assert len(passing([standing(1, "litter", 35, 3), standing(2, "car", 38, 3)])) == 1


def test_things_within_two_metres_are_one_place() -> None:
    (found,) = passing(
        [standing(1, "litter", 35, 3), standing(2, "litter", 36, 3.5), standing(3, "garbage_pile", 36, 3)]
    )
    assert any("3 things" in reason for reason in found.reasons)


def test_things_further_apart_are_two_places() -> None:
    assert len(passing([standing(1, "litter", 35, 3), standing(2, "litter", 41, -3)])) == 2


@given(st.floats(2.0, 4.0))
@settings(max_examples=10)
def test_a_track_that_breaks_is_one_thing(breaks_s: float) -> None:
    one = standing(1, "litter", 42, 3, jitter_px=0.5)
    parts = [replace(one, seen=(0.0, breaks_s)), replace(one, track=2, seen=(breaks_s + 0.01, 8.0))]
    assert len(passing(parts)) == 1


def test_before_a_standing_camera_it_has_to_stay() -> None:
    assert len(watching([standing(1, "litter", 20, 3)])) == 1
    assert watching([standing(1, "litter", 20, 3, seen=(0, 2.0))]) == ()
    assert watching([mover(1, "litter", [(0, 20, 6), (8, 20, -6)])]) == ()


def test_a_second_look_adds_confidence() -> None:
    short = passing([standing(1, "litter", 13, 3, confidence=0.4)])[0]
    long = passing([standing(1, "litter", 35, 3, confidence=0.4)])[0]
    assert short.confidence < long.confidence < 1


def test_one_thing_placed_differently_by_two_tracks_is_one() -> None:
    far = standing(1, "litter", 40, 3, seen=(2, 4), std_m=1.5)
    near = standing(2, "litter", 42.8, 3, seen=(4.4, 7), std_m=0.6)
    assert len(passing([far, near])) == 1
    assert len(passing([replace(each, seen=(2, 7)) for each in (far, near)])) == 2


def test_what_is_seen_now_and_then_while_the_camera_comes_near_is_no_litter() -> None:
    flickers = standing(1, "litter", 35, 3, seen=(1.0, 3.0))
    assert passing([flickers]) == ()
    assert len(passing([replace(flickers, seen=(1.0, 4.5))])) == 1


def test_what_shows_for_a_moment_while_the_camera_waits_is_no_litter() -> None:
    waits: Knots = [(0.0, 0.0, 0.0), (2.0, 10.0, 0.0), (8.0, 10.0, 0.0)]
    lies = standing(1, "litter", 35, 3)

    def found(thing: Mover) -> int:
        return len(Litter()(Scene(make_log([thing], duration_s=8.0, rate_hz=2.0, mounting="moving", ego=waits))))

    assert found(lies) == 1
    assert found(replace(lies, seen=(5.5, 7.0))) == 0


def test_what_a_vehicle_hides_meanwhile_is_not_missed() -> None:
    litter = standing(1, "litter", 35, 3, seen=(1.0, 3.0))
    between = mover(2, "car", [(0, 24.5, 2.1), (8, 36.5, 2.1)], seen=(3.4, 8.0))  # at 0.7 of the way to it
    assert passing([litter]) == ()
    assert len(passing([litter, between])) == 1


def test_what_the_road_look_sees_on_a_vehicle_cut_by_its_window_is_no_litter() -> None:
    """The vehicle is in the looks at the whole picture only."""
    things = [standing(1, "litter", 36, 3), standing(2, "car", 36.5, 3)]
    log = make_log(things, duration_s=8.0, rate_hz=12.0, mounting="moving", ego=DRIVE)
    assert len(Litter()(Scene(log))) == 0
    seen = log.observations
    wide = seen.frame % 2 == 0
    seen.look[~wide] = "road"
    kept = (wide & (seen.track == 2)) | (~wide & (seen.track == 1))
    columns = [getattr(seen, spec.name)[kept] for spec in fields(seen)]
    assert Litter()(Scene(replace(log, observations=ObservationTable(*columns)))) == ()


def file_of_a_drive(name: str, start_s: float, seconds: float, pause_s: float = 0.0) -> ObservationLog:
    """Litter at 42, 3 of the drive, seen from a patrol at 5 m/s; whether it rests a few looks do not tell."""
    thing = standing(1, "litter", 42 - 5 * start_s, 3, jitter_px=1.0, at_rest=float("nan"))
    ego = [(0.0, 0.0, 0.0), (seconds, 5 * seconds, 0.0)]
    at = replace(CLOCK, utc_at_zero=datetime(2026, 3, 2, 8, tzinfo=UTC) + timedelta(seconds=start_s + pause_s))
    return make_log([thing], duration_s=seconds, rate_hz=2.0, mounting="moving", ego=ego, file_name=name, clock=at)


def test_seen_at_the_end_of_one_file_and_in_the_next_it_is_one() -> None:
    drive = stitch([file_of_a_drive("a.mp4", 0.0, 4.0), file_of_a_drive("b.mp4", 4.5, 3.5)])
    (found,) = Litter()(Scene(drive))
    assert (found.start_s, found.end_s) == pytest.approx((0.0, 7.5), abs=0.6)


def test_after_a_pause_without_gps_it_is_another_place() -> None:
    drive = stitch([file_of_a_drive("a.mp4", 0.0, 4.0), file_of_a_drive("b.mp4", 3.0, 4.0, pause_s=3600.0)])
    assert len(Litter()(Scene(drive))) == 2


def test_seen_unsurely_from_one_side_it_is_not_believed_however_often() -> None:
    unsure = [standing(1, "litter", 15, 2, confidence=0.5)]
    assert watching(unsure) == ()
    assert len(watching([standing(1, "litter", 15, 2, confidence=0.8)])) == 1
    assert len(passing([standing(1, "litter", 35, 3, confidence=0.3)])) == 1, "other views are other evidence"


def test_what_the_border_of_the_picture_cuts_is_not_judged() -> None:
    scene = Scene(make_log([standing(1, "litter", 15, 2)], duration_s=8.0, rate_hz=2.0))
    (found,) = Litter()(scene)
    boxes = scene.log.observations.boxes.copy()
    boxes[:, 3] = scene.log.meta.height - 1
    cut = replace(scene.log, observations=replace(scene.log.observations, boxes=boxes))
    assert found.subtype == "item"
    assert Litter()(Scene(cut)) == ()


def test_before_a_camera_that_stands_what_is_seen_now_and_then_is_a_mark_on_the_road() -> None:
    glimpses = [standing(1, "litter", 20, 3, seen=(start, start + 0.6)) for start in (0.0, 7.4)]
    hidden = [standing(1, "litter", 20, 3, seen=(start, start + 0.9)) for start in (0.0, 3.5, 7.0)]
    assert len(watching(hidden)) == 1
    assert watching(glimpses) == ()
