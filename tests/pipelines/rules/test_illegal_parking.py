"""Who is parked where it is forbidden, and who only waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.incident import Finding, Grade
from pipelines.region import Area, Region
from pipelines.rules.illegal_parking import IllegalParking
from pipelines.rules.protocol import Scene
from pipelines.site import Approach, Crosswalk, NoParking, Site, SiteCamera
from tests.pipelines.logs import CAMERA, CLOCK, Knots, Lamp, Mover, lamp, make_log, mover, standing
from vision.geodesy import to_wgs84
from vision.log import Clock

SECONDS = 60.0


def on_picture(near: float, far: float, left: float, right: float) -> tuple[tuple[float, float], ...]:
    corners = ((near, left), (near, right), (far, right), (far, left))
    return tuple((float(x), float(y)) for x, y in (CAMERA.to_image(np.array(f), np.array(w)) for f, w in corners))


ZONE = NoParking("bus stop", on_picture(18, 40, 3, -3), max_stop_s=20.0, source="sign")


def fixed(things: Sequence[Mover], zone: NoParking | None = ZONE, lamps: Sequence[Lamp] = (), **options: object):  # type: ignore[no-untyped-def]
    camera = SiteCamera("c", no_parking=() if zone is None else (zone,))
    log = make_log(things, lamps, duration_s=SECONDS, rate_hz=5.0, **options)  # type: ignore[arg-type]
    return IllegalParking()(Scene(log, Site("s", "Asia/Shanghai", None, None, (camera,))))


def stop(arrives: float, leaves: float, x: float = 25.0, y: float = 0.0) -> Knots:
    return [(0.0, x - 12, y), (arrives, x, y), (leaves, x, y), (leaves + 5, x + 40, y)]


@given(st.floats(3, 10), st.floats(26, 45), st.floats(-1, 1), st.floats(0.1, 2))
@settings(max_examples=10)
def test_standing_in_the_zone_for_too_long_is_found_once(arrive: float, stay: float, y: float, jitter: float) -> None:
    (found,) = fixed([mover(1, "car", stop(arrive, arrive + stay, y=y), jitter_px=jitter)])
    assert found.start_s == pytest.approx(arrive, abs=2.0)
    assert found.end_s == pytest.approx(arrive + stay, abs=2.0)
    assert (found.grade, found.missing) == (Grade.CLUE, ("plate",))


@pytest.mark.parametrize(
    ("things", "why"),
    [
        ([mover(1, "car", stop(5, 20))], "a short stop is not parking"),
        ([mover(1, "car", [(0.0, 12.0, 0.0), (SECONDS, 60.0, 0.0)])], "slow traffic does not stand"),
        ([standing(1, "car", 25.0, 6.0)], "beside the zone"),
        ([standing(1, "car", 50.0, 0.0)], "beyond the zone, though its picture is near"),
        ([standing(1, "person", 25.0, 0.0)], "a person is no vehicle"),
    ],
)
def test_nothing_is_found(things: Sequence[Mover], why: str) -> None:
    assert fixed(things) == (), why


def test_a_queue_that_leaves_together_is_not_parked() -> None:
    assert fixed([mover(i, "car", stop(5, 40 + i, x=20 + 7 * i)) for i in range(3)]) == ()


def test_a_row_of_parked_cars_is_not_a_queue() -> None:
    assert len(fixed([standing(i, "car", 15 + 6.0 * i, 0.0) for i in (1, 2, 3)])) == 3


def test_who_waits_at_a_red_light_is_not_parked() -> None:
    red = lamp(9, (600, 50, 620, 100), [("red", 4.0, 40.0), ("green", 40.2, SECONDS)])
    assert fixed([mover(1, "car", stop(5, 42))], lamps=[red]) == ()


def test_a_lost_and_found_track_is_one_stop() -> None:
    path = stop(5, 50)
    parts = [mover(1, "car", path, seen=(0, 22)), mover(2, "car", path, seen=(27, SECONDS))]
    assert len(fixed(parts)) == 1


@pytest.mark.parametrize(
    ("hours", "clock", "grade"),
    [
        ("Mo-Fr 07:00-19:00", CLOCK, Grade.CLUE),  # Monday 16:00 in Shanghai
        ("Sa-Su 07:00-19:00", CLOCK, None),
        ("Mo-Fr 07:00-19:00", Clock(None, float("nan"), "unknown"), Grade.INSUFFICIENT),
        ("Mo-Fr 16:00-19:00", CLOCK, Grade.CLUE),  # all but the clock's error of a stop that is long enough
        ("Mo-Fr 16:01-19:00", CLOCK, Grade.INSUFFICIENT),  # it left then, within the clock's error
        ("Mo-Fr 07:00-15:00", replace(CLOCK, uncertainty_s=7200.0), Grade.INSUFFICIENT),
        ("Mo-Fr 16:30-16:45", replace(CLOCK, uncertainty_s=7200.0), Grade.INSUFFICIENT),
    ],
)
def test_the_restriction_must_hold_at_that_time(hours: str, clock: Clock, grade: Grade | None) -> None:
    found = fixed([standing(1, "car", 25.0, 0.0)], replace(ZONE, hours=hours), clock=clock)
    assert [finding.grade for finding in found] == ([] if grade is None else [grade])
    assert all(("time" in f.missing) == (f.grade is Grade.INSUFFICIENT) for f in found)


def test_a_crosswalk_is_no_place_to_park() -> None:
    camera = SiteCamera("c", crosswalk=(Crosswalk(ZONE.polygon),))
    log = make_log([standing(1, "car", 25.0, 0.0)], duration_s=70.0, rate_hz=4.0)
    (found,) = IllegalParking()(Scene(log, Site("s", None, None, None, (camera,))))
    assert "crosswalk" in found.reasons[0]


def test_without_a_restriction_there_is_one_note_for_all() -> None:
    log = make_log([standing(i, "car", 20.0 + 8 * i, 2.0 * i) for i in (0, 1, 2)], duration_s=70.0, rate_hz=4.0)
    (found,) = IllegalParking()(Scene(log))
    assert (found.grade, found.missing) == (Grade.INSUFFICIENT, ("restriction",))


# A patrol that drives east at 8 m/s past cars at its right kerb.

ORIGIN = (8.0, 49.0)
DRIVE: Knots = [(0.0, 0.0, 0.0), (8.0, 64.0, 0.0)]


def area(west: float, south: float, east: float, north: float, hours: str | None = None) -> Region:
    lon, lat = to_wgs84(ORIGIN, np.array([west, east]), np.array([south, north]))
    polygon = shapely.box(lon[0], lat[0], lon[1], lat[1])
    return Region((Area("kerb", "no_parking", polygon, "order 1", hours),))


KERB = area(20, -20, 100, 10)


def passing(
    things: Sequence[Mover], region: Region | None = KERB, lamps: Sequence[Lamp] = (), ego: Knots = DRIVE
) -> tuple[Finding, ...]:
    log = make_log(things, lamps, duration_s=8.0, rate_hz=5.0, mounting="moving", ego=ego, origin=ORIGIN)
    log.frames.accuracy_m[:] = 3.0
    return IllegalParking()(Scene(log, None, region))


def test_a_car_parked_in_a_restricted_area_is_a_clue() -> None:
    (found,) = passing([standing(1, "car", 50.0, -4.0)])
    assert (found.grade, found.missing) == (Grade.CLUE, ("plate", "interval_10s"))
    assert found.local is not None
    assert found.local[:2] == pytest.approx((48.0, -4.0), abs=1.5)


@pytest.mark.parametrize(
    ("thing", "region", "why"),
    [
        (standing(1, "car", 50.0, -4.0), area(20, 30, 100, 60), "the area is elsewhere"),
        (mover(1, "car", [(0.0, 20.0, -4.0), (8.0, 84.0, -4.0)]), KERB, "it drives"),
        (standing(1, "car", 50.0, 0.0), KERB, "the patrol drove through where it stood: it had moved on"),
        (standing(1, "car", 50.0, -4.0, at_rest=float("nan")), KERB, "whether it stood cannot be told"),
        (standing(1, "car", 50.0, -4.0), area(20, -20, 100, 10, "Sa"), "not on a Monday"),
    ],
)
def test_nothing_is_found_on_the_way(thing: Mover, region: Region, why: str) -> None:
    assert passing([thing], region) == (), why


def test_near_the_border_it_cannot_be_told() -> None:
    (found,) = passing([standing(1, "car", 50.0, -4.0)], area(20, -6, 100, 10))
    assert (found.grade, found.missing[0]) == (Grade.INSUFFICIENT, "position")


def test_near_a_red_light_it_may_be_a_queue() -> None:
    red = lamp(9, (600, 50, 620, 100), [("red", 1.0, 8.0)])
    (found,) = passing([standing(1, "car", 50.0, -4.0)], lamps=[red])
    assert (found.grade, found.missing[0]) == (Grade.INSUFFICIENT, "queue")


def test_a_red_light_far_down_the_road_makes_no_queue_here() -> None:
    red = lamp(9, (600, 90, 604, 100), [("red", 1.0, 8.0)])
    (found,) = passing([standing(1, "car", 50.0, -4.0)], lamps=[red])
    assert found.grade is Grade.CLUE


def test_seen_only_while_the_patrol_stands_nothing_is_known() -> None:
    assert passing([standing(1, "car", 20.0, -4.0)], ego=[(0.0, 0.0, 0.0)]) == ()


def test_one_car_seen_by_two_tracks_is_one() -> None:
    one = standing(1, "car", 50.0, -4.0, seen=(0.0, 2.5))
    assert len(passing([one, replace(one, track=2, seen=(2.6, 8.0))])) == 1


def test_on_the_way_without_a_map_there_is_one_note() -> None:
    (found,) = passing([standing(i, "car", 30.0 + 8 * i, -4.0) for i in (1, 2, 3)], region=None)
    assert (found.grade, found.missing) == (Grade.INSUFFICIENT, ("restriction",))


def test_the_clock_of_the_fixture_is_a_monday_afternoon_in_shanghai() -> None:
    assert CLOCK.utc(0.0) == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


# Detectors that do not see what stands.


def seen_in(path: Knots, *spans: tuple[float, float]) -> list[Mover]:
    return [mover(row + 1, "car", path, seen=span, jitter_px=1.0) for row, span in enumerate(spans)]


@pytest.mark.parametrize("spans", [[(0, 16), (36, SECONDS)], [(0, 16), (28, 34), (46, SECONDS)]])
def test_a_car_not_detected_for_a_while_stood_once(spans: list[tuple[float, float]]) -> None:
    (found,) = fixed(seen_in(stop(5, 52), *spans))
    assert (found.start_s, found.end_s) == pytest.approx((5.0, 52.0), abs=2.0)


def test_a_bus_that_passes_before_it_does_not_end_a_stop() -> None:
    bus = mover(9, "bus", [(20, 18, 12), (32, 18, -12)], seen=(20, 32))
    assert len(fixed([*seen_in(stop(5, 52), (0, 20), (32, SECONDS)), bus])) == 1


def test_a_box_cut_by_something_that_passes_is_no_departure() -> None:
    """The tracker loses it while half of it is hidden, and finds it so again."""
    log = make_log(seen_in(stop(5, 52), (0, 24), (30, SECONDS)), duration_s=SECONDS, rate_hz=5.0)
    seen = log.observations
    hidden = (seen.time_s > 20.0) & (seen.time_s < 34.0)
    middle = 0.5 * (seen.boxes[hidden, 0] + seen.boxes[hidden, 2])
    cut = np.abs(seen.time_s[hidden] - 27.0) / 7.0
    seen.boxes[hidden, 0] = middle - (2 * cut - 1) * (middle - seen.boxes[hidden, 0])
    seen.boxes[hidden, 2] -= 2.0
    site = Site("s", "Asia/Shanghai", None, None, (SiteCamera("c", no_parking=(ZONE,)),))
    (found,) = IllegalParking()(Scene(log, site))
    assert (found.start_s, found.end_s) == pytest.approx((5.0, 52.0), abs=2.0)


def test_two_cars_one_after_the_other_in_one_place_are_two() -> None:
    first = mover(1, "car", stop(3, 27), jitter_px=1.0)
    second = mover(2, "car", [(t + 30, x, y) for t, x, y in stop(3, 27)], seen=(30, SECONDS), jitter_px=1.0)
    found = fixed([first, second], replace(ZONE, max_stop_s=15.0))
    assert [round(f.start_s, -1) for f in found] == [0, 30]


def test_two_short_stops_in_one_place_do_not_add_up() -> None:
    first = mover(1, "car", stop(3, 17), jitter_px=1.0)
    second = mover(2, "car", [(t + 30, x, y) for t, x, y in stop(3, 17)], seen=(30, SECONDS), jitter_px=1.0)
    assert fixed([first, second]) == ()


def test_a_cut_ends_a_stop() -> None:
    camera = SiteCamera("c", no_parking=(ZONE,))
    log = make_log(seen_in(stop(0, 90), (0, 18), (30, SECONDS)), duration_s=SECONDS, rate_hz=5.0)
    log.frames.cut[np.searchsorted(log.frames.time_s, 24.0)] = True
    found = IllegalParking()(Scene(log, Site("s", None, None, None, (camera,))))
    assert [round(f.start_s) for f in found] == [30]


def test_red_that_two_lights_show_counts_once() -> None:
    heads = ((600.0, 50.0, 620.0, 100.0), (900.0, 50.0, 920.0, 100.0))
    approaches = tuple(Approach("a", ((0.0, 900.0), (1900.0, 900.0)), (900.0, 1000.0), (head,)) for head in heads)
    lamps = [lamp(9 + row, head, [("red", 4.0, 20.0), ("green", 20.2, SECONDS)]) for row, head in enumerate(heads)]
    log = make_log([mover(1, "car", stop(5, 52), jitter_px=1.0)], lamps, duration_s=SECONDS, rate_hz=5.0)
    camera = SiteCamera("c", no_parking=(ZONE,), approach=approaches)
    assert len(IllegalParking()(Scene(log, Site("s", None, None, None, (camera,))))) == 1


# What one pass can and cannot tell.


def test_that_the_patrol_drove_there_before_says_nothing() -> None:
    rounds: Knots = [(0.0, 0.0, -4.0), (3.0, 64.0, -4.0), (3.5, 64.0, 0.0), (4.0, 0.0, 0.0), (8.0, 40.0, 0.0)]
    assert len(passing([standing(1, "car", 50.0, -4.0, seen=(4.0, 8.0))], ego=rounds)) == 1


def test_one_car_placed_differently_by_two_tracks_is_one() -> None:
    far = standing(1, "car", 50.0, -4.0, seen=(0.0, 2.5), std_m=2.5)
    near = standing(2, "car", 53.2, -4.0, seen=(2.7, 8.0))
    assert len(passing([far, near])) == 1


def test_cars_of_a_row_are_apart_though_badly_placed() -> None:
    row = [standing(i, "car", 35.0 + 5.5 * i, -4.0, jitter_px=1.0, std_m=2.5) for i in (1, 2, 3)]
    assert len(passing(row, area(0, -40, 120, 40))) == 3
