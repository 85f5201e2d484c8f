"""Who ran a red light, and above all who did not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.incident import Finding, Grade, Role
from pipelines.rules.protocol import Scene
from pipelines.rules.red_light_running import RedLightRunning
from pipelines.site import Approach, Site, SiteCamera
from tests.pipelines.logs import CAMERA, CLOCK, WIDTH, Box, Knots, Lamp, Mover, lamp, make_log, mover
from vision.drive_log import stitch
from vision.log import ObservationLog

LINE_M = 30.0
HEAD: Box = (600.0, 50.0, 620.0, 100.0)
SECONDS = 12.0
ALL_RED = (lamp(9, HEAD, [("red", 0.0, SECONDS)]),)
ALL_GREEN = (lamp(9, HEAD, [("green", 0.0, SECONDS)]),)


def pixel(forward: float, left: float) -> tuple[float, float]:
    x, y = CAMERA.to_image(np.array(forward), np.array(left))
    return float(x), float(y)


APPROACH = Approach("north", (pixel(LINE_M, 5), pixel(LINE_M, -5)), pixel(20, 0), (HEAD,))


def site(approach: Approach = APPROACH) -> Site:
    return Site("test", None, None, None, (SiteCamera("c", approach=(approach,)),))


def judge(
    things: Sequence[Mover], lamps: Sequence[Lamp] = ALL_RED, at: Site | None = None, **options: float
) -> tuple[Finding, ...]:
    log = make_log(things, lamps, duration_s=SECONDS, **options)  # type: ignore[arg-type]
    return RedLightRunning()(Scene(log, at or site()))


def incidents(*args: object, **options: object) -> list[Finding]:
    found = judge(*args, **options)  # type: ignore[arg-type]
    return [finding for finding in found if finding.grade is not Grade.INSUFFICIENT]


def runs(left: float = 0.0, speed: float = 8.0, at: float = 4.0) -> Knots:
    """Drives straight on; its centre is at the line at time `at`."""
    return [(0.0, LINE_M - speed * at, left), (SECONDS, LINE_M + speed * (SECONDS - at), left)]


STOPS = [(0.0, 14.0, 0.0), (3.0, LINE_M - 3.5, 0.0)]
OVERRUNS = [(0.0, 14.0, 0.0), (3.0, LINE_M - 1.2, 0.0)]
STARTS_EARLY = [(0.0, 14.0, 0.0), (3.0, LINE_M - 2.5, 0.0), (7.0, LINE_M - 2.5, 0.0), (10.0, LINE_M + 12, 0.0)]


@given(
    st.sampled_from(["motorcycle", "car", "bicycle"]),
    st.floats(3, 14),
    st.floats(3, 6),
    st.floats(-4, 4),
    st.integers(0, 999),
)
@settings(max_examples=30)
def test_driving_through_on_red_is_found_once(name: str, speed: float, at: float, left: float, seed: int) -> None:
    (found,) = incidents([mover(1, name, runs(left, speed, at), jitter_px=1.0)], seed=seed)
    length = {"motorcycle": 2.0, "car": 4.5, "bicycle": 1.8}[name]
    assert found.start_s == pytest.approx(at - 0.5 * length / speed, abs=0.35)
    assert [moment.role for moment in found.moments] == [Role.BEFORE, Role.AT, Role.AFTER, Role.LAMP]
    assert found.lamp_track == 9


def test_every_picture_says_how_long_the_light_had_been_red() -> None:
    (found,) = incidents([mover(1, "car", runs())])
    words = {moment.role: (moment.time_s, moment.caption) for moment in found.moments}
    for at, caption in words.values():
        assert caption.endswith(f", {at:.1f} s into red"), caption
    (turned_green,) = incidents(
        [mover(1, "car", runs())], [lamp(9, HEAD, [("red", 0.0, 4.6), ("green", 4.7, SECONDS)])]
    )
    assert "into red" not in turned_green.moments[2].caption


@given(st.floats(3, 14), st.floats(3, 6))
@settings(max_examples=20)
def test_the_first_picture_shows_it_clear_of_the_line(speed: float, at: float) -> None:
    (found,) = incidents([mover(1, "car", runs(speed=speed, at=at))])
    assert found.moments[0].time_s <= at - 0.5 * 4.5 / speed - 0.2


def test_the_lamp_is_shown_as_it_was_when_the_line_was_crossed() -> None:
    """Of two tracks of one head, as after a cut, the longer one is not the one of that moment."""
    heads = [lamp(9, HEAD, [("red", 0.0, 2.4)]), lamp(10, HEAD, [("red", 2.6, 6.0)])]
    longer = [lamp(11, HEAD, [("red", 6.1, SECONDS)])]
    (found,) = incidents([mover(1, "car", runs(at=4.0))], [*heads, *longer])
    (shown,) = (moment for moment in found.moments if moment.role is Role.LAMP)
    assert found.lamp_track == 10
    assert shown.time_s == pytest.approx(found.start_s, abs=0.5)


def test_how_far_the_front_got_is_told_as_far_as_it_is_measured() -> None:
    (far,) = incidents([mover(1, "car", runs())])
    assert far.reasons[2] == "front got more than 20 m beyond the line"
    (near,) = incidents([mover(1, "car", [(0.0, 14.0, 0.0), (6.0, LINE_M + 8.0, 0.0)])])
    assert re.fullmatch(r"front got 1\d\.\d m \(± \d\.\d\) beyond the line", near.reasons[2])


def test_when_it_crossed_is_never_told_as_exact() -> None:
    """Neither than the looks can tell, nor as within 0.0 s."""
    for rate_hz, speed, spread in ((20.0, 14.0, ""), (1.25, 4.0, r" \(± 0\.[4-9]\)")):
        (found,) = incidents([mover(1, "car", runs(speed=speed))], rate_hz=rate_hz)
        assert re.search(rf"\d s{spread} after its light", found.reasons[0]), found.reasons[0]


@given(st.floats(3, 14), st.floats(3, 6), st.floats(-4, 4))
@settings(max_examples=20)
def test_a_green_crossing_is_never_reported(speed: float, at: float, left: float) -> None:
    assert judge([mover(1, "car", runs(left, speed, at), jitter_px=1.0)], ALL_GREEN) == ()


@given(st.floats(3, 12), st.floats(-4, 4))
@settings(max_examples=20)
def test_coming_from_the_other_side_is_never_reported(speed: float, left: float) -> None:
    assert judge([mover(1, "car", [(0.0, 70.0, left), (SECONDS, 70.0 - speed * SECONDS, left)], jitter_px=1.0)]) == ()


@given(st.floats(-12, 12), st.floats(33, 50))
@settings(max_examples=20)
def test_cross_traffic_beyond_the_line_is_never_reported(turn: float, forward: float) -> None:
    path = [(0.0, forward, 20.0), (SECONDS, max(forward + turn, LINE_M + 3), -20.0)]
    assert judge([mover(1, "car", path, jitter_px=1.0)]) == ()


@given(st.floats(LINE_M - 12, LINE_M - 3.0), st.floats(0, 2))
@settings(max_examples=20)
def test_a_queue_behind_the_line_is_never_reported(stop: float, jitter: float) -> None:
    """Although its box reaches over the line in the picture."""
    assert incidents([mover(1, "car", [(0.0, 10.0, 0.0), (3.0, stop, 0.0)], jitter_px=jitter)]) == []


def test_who_stops_beyond_the_line_did_not_run_the_light() -> None:
    assert incidents([mover(1, "car", OVERRUNS, jitter_px=1.0)]) == []


def test_overrun_that_moves_on_with_green_did_not_run_the_light() -> None:
    lamps = [lamp(9, HEAD, [("red", 0.0, 6.8), ("green", 7.0, SECONDS)])]
    path = [*OVERRUNS, (7.5, LINE_M - 1.2, 0.0), (10.0, LINE_M + 15, 0.0)]
    assert judge([mover(1, "car", path, jitter_px=1.0)], lamps) == ()


def test_an_early_start_is_found() -> None:
    (found,) = incidents([mover(1, "car", STARTS_EARLY, jitter_px=1.0)])
    assert found.start_s > 6.5
    assert "moved off" in found.reasons[0]


def test_the_front_decides_not_the_box() -> None:
    """Green until after the front has crossed, red when the box's bottom, the rear, follows: lawful."""
    slow = [mover(1, "car", runs(speed=3.0, at=5.0), jitter_px=0.5)]
    front_s, rear_s = 5.0 - 2.25 / 3, 5.0 + 2.25 / 3
    turned = [lamp(9, HEAD, [("green", 0.0, front_s + 0.6), ("red", front_s + 0.7, SECONDS)])]
    assert rear_s > front_s + 0.7
    assert incidents(slow, turned) == []


def test_a_crossing_while_the_lamp_changed_cannot_be_told() -> None:
    lamps = [lamp(9, HEAD, [("yellow", 0.0, 3.5), ("red", 3.7, SECONDS)])]
    (found,) = judge([mover(1, "car", runs(at=4.0), jitter_px=0.5)], lamps)
    assert (found.grade, found.missing) == (Grade.INSUFFICIENT, ("light_state",))


@pytest.mark.parametrize(("grace_s", "count"), [(0.3, 1), (3.0, 0)])
def test_the_grace_period_is_the_sites(grace_s: float, count: int) -> None:
    lamps = [lamp(9, HEAD, [("yellow", 0.0, 1.9), ("red", 2.0, SECONDS)])]
    at = site(replace(APPROACH, grace_s=grace_s))
    assert len(incidents([mover(1, "car", runs(at=4.5))], lamps, at)) == count


@given(st.floats(3.0, 5.0), st.floats(0.0, 1.0))
@settings(max_examples=20)
def test_a_track_that_breaks_counts_once(breaks_s: float, hole_s: float) -> None:
    path = runs(speed=6.0, at=4.5)
    parts = [
        mover(1, "car", path, seen=(0.0, breaks_s), jitter_px=0.5),
        mover(2, "car", path, seen=(breaks_s + hole_s + 0.01, SECONDS), jitter_px=0.5),
    ]
    assert len(incidents(parts)) == 1


def test_one_machine_seen_as_two_classes_counts_once() -> None:
    assert len(incidents([mover(1, "motorcycle", runs(), jitter_px=1), mover(2, "bicycle", runs(), jitter_px=1)])) == 1


def test_two_motorcycles_abreast_are_two() -> None:
    assert len(incidents([mover(1, "motorcycle", runs(0.6)), mover(2, "motorcycle", runs(-0.6))])) == 2


def test_riders_do_not_count_apart_from_their_machine() -> None:
    rider = mover(2, "person", runs(), size=(0.5, 0.5, 1.8))
    assert len(incidents([mover(1, "motorcycle", runs()), rider])) == 1


def test_what_appears_beyond_the_line_was_not_seen_to_cross() -> None:
    assert judge([mover(1, "car", runs(), seen=(4.5, SECONDS))]) == ()


@given(st.floats(0, 5000))
@settings(max_examples=10)
def test_the_clock_does_not_matter(start_s: float) -> None:
    def shifted(by: float) -> Finding:
        thing = mover(1, "car", [(t + by, x, y) for t, x, y in runs()], jitter_px=1.0)
        (found,) = incidents([thing], [lamp(9, HEAD, [("red", by, by + SECONDS)])], start_s=by)
        return found

    assert shifted(start_s).start_s - start_s == pytest.approx(shifted(0.0).start_s, abs=1e-6)


@given(st.floats(-4, 4), st.floats(3, 10))
@settings(max_examples=15)
def test_mirror_symmetry(left: float, speed: float) -> None:
    def mirrored(x: float) -> float:
        return WIDTH - x

    other = replace(
        APPROACH,
        stop_line=tuple((mirrored(x), y) for x, y in APPROACH.stop_line),
        signals=((mirrored(HEAD[2]), HEAD[1], mirrored(HEAD[0]), HEAD[3]),),
    )
    lamps = [lamp(9, other.signals[0], [("red", 0.0, SECONDS)])]
    (one,) = incidents([mover(1, "car", runs(left, speed))])
    (two,) = incidents([mover(1, "car", runs(-left, speed))], lamps, site(other))
    assert one.start_s == pytest.approx(two.start_s, abs=0.01)


@pytest.mark.parametrize(("extend_m", "count"), [(0.0, 0), (3.0, 1)])
def test_riders_beside_the_line_count_where_the_site_says_so(extend_m: float, count: int) -> None:
    at = site(replace(APPROACH, extend_m=extend_m))
    assert len(incidents([mover(1, "motorcycle", runs(7.0), jitter_px=0.5)], ALL_RED, at)) == count


def test_geometry_outside_its_time_does_not_hold() -> None:
    at = site(replace(APPROACH, valid=(6.0, SECONDS)))
    assert judge([mover(1, "car", runs(at=4.0))], ALL_RED, at) == ()


def test_a_lamp_elsewhere_does_not_govern() -> None:
    lamps = [lamp(9, (1500, 50, 1520, 100), [("red", 0.0, SECONDS)])]
    (found,) = judge([mover(1, "car", runs()), mover(2, "car", runs(3.0, at=6.0))], lamps)
    assert (found.grade, found.missing) == (Grade.INSUFFICIENT, ("light_state",))


def test_a_shown_plate_completes_the_evidence() -> None:
    plate = mover(5, "licence_plate", [(t, x - 2.0, y) for t, x, y in runs()], size=(0.1, 2.0, 0.15))
    (without,) = incidents([mover(1, "car", runs())])
    assert (without.grade, without.missing) == (Grade.CLUE, ("plate",))
    (with_plate,) = incidents([mover(1, "car", runs()), plate])
    assert (with_plate.grade, with_plate.missing) == (Grade.COMPLETE, ())


def test_without_a_site_there_is_one_sighting_for_all() -> None:
    log = make_log([mover(i, "car", runs(i, at=3.0 + i)) for i in (1, 2, 3)], ALL_RED, duration_s=SECONDS)
    (found,) = RedLightRunning()(Scene(log))
    assert (found.grade, found.missing) == (Grade.INSUFFICIENT, ("stop_line",))


@pytest.mark.parametrize("lamps", [(), ALL_GREEN])
def test_without_a_site_and_without_red_there_is_nothing(lamps: Sequence[Lamp]) -> None:
    log = make_log([mover(1, "car", runs())], lamps, duration_s=SECONDS)
    assert RedLightRunning()(Scene(log)) == ()


def test_a_hard_cut_is_not_a_crossing() -> None:
    log = make_log([mover(1, "car", runs(speed=14.0))], ALL_RED, duration_s=SECONDS)
    log.frames.cut[np.searchsorted(log.frames.time_s, 3.8)] = True
    assert RedLightRunning()(Scene(log, site())) == ()


# What is known of the light.

SECOND_HEAD: Box = (900.0, 50.0, 920.0, 100.0)


@pytest.mark.parametrize(
    ("states", "grade", "why"),
    [
        ([("red", 0.0, 2.5), ("red", 5.5, SECONDS)], Grade.CLUE, "hidden for less than the shortest green"),
        ([("red", 0.0, 1.5), ("red", 8.5, SECONDS)], Grade.INSUFFICIENT, "red before and after, green in between?"),
        ([("red", 0.0, 2.5)], Grade.INSUFFICIENT, "red just before, then never seen again"),
        ([("green", 0.0, 2.5), ("red", 9.0, SECONDS)], None, "green before it was hidden"),
        ([("red", 0.0, 1.0), ("green", 1.2, 2.5), ("red", 9.0, SECONDS)], None, "green last"),
        ([("green", 0.0, 2.0), ("yellow", 2.2, 5.5), ("red", 5.7, SECONDS)], None, "yellow"),
    ],
)
def test_a_light_that_is_not_seen_all_the_time(states: list[tuple[str, float, float]], grade: Grade, why: str) -> None:
    found = judge([mover(1, "car", runs(at=4.0), jitter_px=1.0)], [lamp(9, HEAD, states)])
    assert [finding.grade for finding in found] == ([] if grade is None else [grade]), why


def test_a_head_found_again_under_another_id_is_the_same_light() -> None:
    again = [lamp(9, HEAD, [("red", 0.0, 3.0)]), lamp(10, (602, 52, 622, 102), [("red", 3.5, SECONDS)])]
    assert len(incidents([mover(1, "car", runs())], again)) == 1


@pytest.mark.parametrize(("state", "count"), [("off", 1), ("green", 0)])
def test_a_second_head_that_shows_nothing_does_not_contradict(state: str, count: int) -> None:
    at = site(replace(APPROACH, signals=(HEAD, SECOND_HEAD)))
    lamps = [*ALL_RED, lamp(10, SECOND_HEAD, [(state, 0.0, SECONDS)])]
    assert len(incidents([mover(1, "car", runs())], lamps, at)) == count


def test_flashing_red_is_no_red_phase() -> None:
    states = [(("red", "off")[half % 2], 0.5 * half, 0.5 * half + 0.49) for half in range(24)]
    assert incidents([mover(1, "car", runs())], [lamp(9, HEAD, states)]) == []


# Who crosses which line.


def test_a_motorcycle_beside_a_car_is_not_the_car() -> None:
    assert len(incidents([mover(1, "car", runs()), mover(2, "motorcycle", runs(1.4))])) == 2


@pytest.mark.parametrize(("own", "other", "count"), [("green", "red", 0), ("red", "green", 1), ("red", "red", 1)])
def test_the_light_of_the_next_lane_does_not_govern(own: str, other: str, count: int) -> None:
    """Its side reaches over the line of the lane beside."""
    straight = replace(APPROACH, stop_line=(pixel(LINE_M, 0), pixel(LINE_M, -4)))
    left = replace(APPROACH, name="left", stop_line=(pixel(LINE_M, 4), pixel(LINE_M, 0)), signals=(SECOND_HEAD,))
    at = Site("test", None, None, None, (SiteCamera("c", approach=(straight, left)),))
    lamps = [lamp(9, HEAD, [(own, 0.0, SECONDS)]), lamp(10, SECOND_HEAD, [(other, 0.0, SECONDS)])]
    assert len(incidents([mover(1, "car", runs(-0.7))], lamps, at)) == count


TOWARDS = replace(APPROACH, before=pixel(45, 0))
SIDE = replace(APPROACH, stop_line=(pixel(20, 0), pixel(28, 0)), before=pixel(24, 8))


@pytest.mark.parametrize(
    ("approach", "path", "count"),
    [
        (TOWARDS, [(0.0, 70.0, 0.0), (SECONDS, 10.0, 0.0)], 1),
        (TOWARDS, [(0.0, 70.0, 0.0), (6.0, LINE_M + 3.5, 0.0)], 0),
        (TOWARDS, [(0.0, 10.0, 0.0), (SECONDS, 70.0, 0.0)], 0),
        (SIDE, [(0.0, 24.0, 14.0), (10.0, 24.0, -14.0)], 1),
        (SIDE, [(0.0, 24.0, 14.0), (4.0, 24.0, 3.0)], 0),
        (SIDE, [(0.0, 24.0, -14.0), (10.0, 24.0, 14.0)], 0),
    ],
)
def test_traffic_that_comes_or_passes_from_side_to_side(approach: Approach, path: Knots, count: int) -> None:
    assert len(incidents([mover(1, "car", path, jitter_px=1.0)], ALL_RED, site(approach))) == count


@pytest.mark.parametrize(("name", "length"), [("bus", 11.0), ("truck", 8.0), ("motorcycle", 2.0)])
def test_the_front_of_long_and_short_vehicles_decides(name: str, length: float) -> None:
    front_s = 5.0 - 0.5 * length / 5.0
    after_red = [lamp(9, HEAD, [("green", 0.0, front_s - 2.1), ("red", front_s - 2.0, SECONDS)])]
    before_red = [lamp(9, HEAD, [("green", 0.0, front_s + 0.5), ("red", front_s + 0.6, SECONDS)])]
    crosses = [mover(1, name, runs(speed=5.0, at=5.0), jitter_px=1.0)]
    assert len(incidents(crosses, after_red)) == 1
    assert incidents(crosses, before_red) == []


@pytest.mark.parametrize("ends_s", [4.8, 5.5])
def test_a_file_may_end_right_after_the_crossing(ends_s: float) -> None:
    log = make_log([mover(1, "car", runs(), jitter_px=1.0)], ALL_RED, duration_s=ends_s)
    assert len(RedLightRunning()(Scene(log, site()))) == 1


def test_stop_and_go_over_the_line_is_one_incident() -> None:
    on = [(5.0, LINE_M - 1.5, 0.0), (6.5, LINE_M - 1.5, 0.0), (7.5, LINE_M + 1, 0.0), (8.5, LINE_M + 1, 0.0)]
    path = [(0.0, 14.0, 0.0), (3.0, LINE_M - 3, 0.0), (4.0, LINE_M - 3, 0.0), *on, (10.0, LINE_M + 15, 0.0)]
    assert len(incidents([mover(1, "car", path, jitter_px=1.0)])) == 1


@pytest.mark.parametrize("ends_s", [3.2, 3.6, 4.2, 5.0])
def test_a_crossing_at_the_end_of_a_file_of_a_drive_is_one_incident(ends_s: float) -> None:
    def file(name: str, start_s: float, end_s: float) -> ObservationLog:
        path = [(t - start_s, x, y) for t, x, y in runs()]
        at = replace(CLOCK, utc_at_zero=datetime(2026, 3, 2, 8, tzinfo=UTC) + timedelta(seconds=start_s))
        red = lamp(9, HEAD, [("red", 0.0, end_s - start_s)])
        car = mover(1, "car", path, jitter_px=1.0)
        return make_log([car], [red], duration_s=end_s - start_s, file_name=name, clock=at)

    drive = stitch([file("a.mp4", 0.0, ends_s), file("b.mp4", ends_s + 0.125, SECONDS)])
    (found,) = RedLightRunning()(Scene(drive, site()))
    assert found.grade is Grade.CLUE
