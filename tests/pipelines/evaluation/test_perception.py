"""Rest, lamps, cuts, identity, places and speeds against made-up logs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.taxonomy import CLASS_ID, VEHICLES, class_ids
from pipelines.evaluation.clip_truth import LampTruth, Spot
from pipelines.evaluation.clips import score_drive
from pipelines.evaluation.cuts import score_cuts
from pipelines.evaluation.drive_truth import DriveTruth, VehicleSight
from pipelines.evaluation.follow import follow, identity
from pipelines.evaluation.lamps import lamp_scores, lamp_seconds
from pipelines.evaluation.report import report
from pipelines.evaluation.rest import LEAST_S, RestDecision, Told, clip_rest, rest_score, seen_long
from pipelines.evaluation.shares import share
from tests.pipelines.evaluation.builders import BOX, CLIP, event, truth
from tests.pipelines.logs import CAMERA, SIZES, Mover, box_of, lamp, make_log, mover, standing
from tests.vision.logs import Thing
from tests.vision.logs import make_log as street_log
from vision.log import ObservationLog

ALL = class_ids(VEHICLES)
HEAD = (100.0, 50.0, 112.0, 90.0)


def spots(log: ObservationLog, names: dict[int, str]) -> list[Spot]:
    """A perfect label of each observation."""
    seen = log.observations
    rows = range(len(seen.track))
    return [
        Spot(CLIP, names[int(seen.track[i])], float(seen.time_s[i]), tuple(seen.boxes[i].tolist()))  # type: ignore[arg-type]
        for i in rows
    ]


def street() -> ObservationLog:
    return make_log([standing(1, "car", 20.0, 3.0), standing(2, "car", 20.0, -3.0)], duration_s=2.0)


def test_each_labelled_thing_is_followed_through_its_frames() -> None:
    log = street()
    sights = spots(log, {1: "left", 2: "right"})
    rows = follow(sights, log, ALL)
    assert rows.tolist() == list(range(len(sights)))
    assert identity(sights, rows, log).switches == 0


def test_a_track_that_changes_its_thing_is_a_switch_and_a_gap_is_none() -> None:
    log = street()
    track = log.observations.track.copy()
    track[(log.observations.time_s > 1.0) & (track == 1)] = 2
    track[(log.observations.time_s > 1.0) & (log.observations.track == 2)] = 1
    swapped = replace(log, observations=replace(log.observations, track=track))
    sights = spots(log, {1: "left", 2: "right"})
    told = identity(sights, follow(sights, swapped, ALL), swapped)
    assert (told.subjects, told.seen, told.switches) == (2, 2, 2)
    gap = [sight for sight in sights if not 0.5 < sight.time_s < 1.5]
    assert identity(gap, follow(gap, log, ALL), log).switches == 0


def test_a_thing_keeps_its_track_while_that_overlaps_it_though_others_would_fit_better() -> None:
    def at(x: float) -> tuple[float, float, float, float]:
        return (x, 500.0, x + 100.0, 600.0)

    log = street_log(Thing("car", at(100.0), at(129.0)), Thing("car", at(800.0), at(97.5)), frames=2)
    sights = [Spot(CLIP, "a", 0.0, at(100.0)), Spot(CLIP, "a", 1.0, at(100.0)), Spot(CLIP, "b", 1.0, at(131.0))]
    rows = follow(sights, log, ALL)
    assert log.observations.track[rows[:2]].tolist() == [1, 1]
    assert rows[2] == -1
    assert identity(sights, rows, log).switches == 0


def test_what_no_frame_or_no_box_shows_is_told_apart() -> None:
    log = street()
    between, nowhere = Spot(CLIP, "a", 0.06, BOX), Spot(CLIP, "b", 0.0, (0.0, 0.0, 9.0, 9.0))
    rows = follow([between, nowhere], log, ALL)
    assert rows.tolist() == [-2, -1]
    assert identity([between, nowhere], rows, log).subjects == 1


def test_no_classes_no_frames_nothing_followed() -> None:
    log = street()
    sights = spots(log, {1: "left", 2: "right"})
    assert set(follow(sights, log, frozenset({CLASS_ID["bus"]})).tolist()) == {-1}
    assert follow([], log, ALL).tolist() == []


def at_rest(log: ObservationLog, probability: float) -> ObservationLog:
    return replace(log, tracks=replace(log.tracks, at_rest=np.full(len(log.tracks.track), probability)))


@pytest.mark.parametrize(("probability", "told"), [(0.9, Told.STOOD), (0.2, Told.MOVED), (float("nan"), Told.UNKNOWN)])
def test_the_log_is_taken_at_its_word_on_rest(probability: float, told: Told) -> None:
    log = at_rest(street(), probability)
    box = spots(log, {1: "left", 2: "right"})[0].box
    known = truth(events=(event("at_rest", 0.0, 2.0, box), event("at_rest", 0.0, 2.0, (0.0, 0.0, 9.0, 9.0), name="x")))
    assert [each.told for each in clip_rest(known, log)] == [told, Told.UNSEEN]


def test_f1_of_rest_by_hand() -> None:
    def of(stood: bool, told: Told) -> RestDecision:
        return RestDecision("car", stood, told, 0.0, BOX)

    found = [of(True, Told.STOOD)] * 3 + [of(True, Told.UNSEEN), of(True, Told.UNKNOWN), of(True, Told.MOVED)]
    found += [of(False, Told.STOOD), of(False, Told.MOVED), of(False, Told.UNSEEN)]
    score = rest_score(found)
    assert (score.stood, score.right, score.wrong, score.unknown, score.unseen) == (6, 3, 1, 1, 1)
    assert (score.moved, score.held) == (3, 1)
    assert score.f1 == pytest.approx(2 * 3 / (2 * 3 + 1 + 3))  # precision 3/4, recall 3/6


def red_for(seconds: float, box: tuple[float, float, float, float] = HEAD) -> LampTruth:
    return LampTruth(CLIP, box, 0.0, seconds, frozenset({"red"}))


def test_right_wrong_and_unsaid_seconds_of_a_lamp() -> None:
    log = make_log(lamps=[lamp(9, HEAD, [("red", 0.0, 2.0), ("green", 2.0, 3.0)])], duration_s=4.0)
    found = lamp_seconds(red_for(4.0), log)
    assert (found.seconds, found.wrong_as) == (pytest.approx(4.0), "green")
    assert found.right == pytest.approx(2.0, abs=0.06)
    assert found.wrong == pytest.approx(1.0, abs=0.06)


def test_a_head_elsewhere_says_nothing_of_this_one_and_red_with_yellow_is_either() -> None:
    log = make_log(lamps=[lamp(9, (300, 50, 312, 90), [("yellow", 0.0, 4.0)])], duration_s=4.0)
    assert lamp_seconds(red_for(4.0), log).right == 0.0
    both = LampTruth(CLIP, (300.0, 50.0, 312.0, 90.0), 0.0, 4.0, frozenset({"red", "yellow"}))
    assert lamp_seconds(both, log).right == pytest.approx(4.0)


def test_small_heads_are_counted_apart() -> None:
    log = make_log(lamps=[lamp(9, HEAD, [("red", 0.0, 4.0)])], duration_s=4.0)
    found = [lamp_seconds(red_for(4.0), log), lamp_seconds(red_for(4.0, (100.0, 50.0, 104.0, 60.0)), log)]
    large, small = lamp_scores(found)
    assert (large.heads, small.heads) == (1, 1)
    assert large.share == pytest.approx(1.0)


def test_labels_beyond_the_end_of_a_video_cost_nothing() -> None:
    log = make_log(lamps=[lamp(9, HEAD, [("red", 0.0, 4.0)])], duration_s=4.0)
    assert lamp_seconds(red_for(60.0), log).seconds == pytest.approx(4.0)


def test_cuts_are_found_where_they_are_and_tracks_must_not_go_on() -> None:
    log = street()
    cut = np.zeros(len(log.frames.time_s), bool)
    cut[8] = True  # at 1.0 s
    marked = replace(log, frames=replace(log.frames, cut=cut))
    score = score_cuts((0.95,), marked)
    assert (score.found, score.missed, score.carried, score.elsewhere) == ((0.95,), (), 2, 0)
    assert score_cuts((0.3,), marked).missed == (0.3,)
    assert score_cuts((), marked).elsewhere == 1


# Drives: a camera that drives along x at 10 m/s past a car that stands and behind one that moves.
EGO = ((-1.0, -10.0, 0.0), (5.0, 50.0, 0.0))
THINGS = (standing(1, "car", 60.0, 4.0), mover(2, "car", [(0.0, 25.0, -2.0), (4.0, 65.0, -2.0)]))


def vehicle(thing: Mover, log: ObservationLog, row: int, *, stood: bool) -> VehicleSight | None:
    frames = log.frames
    time_s = float(frames.time_s[row])
    t, x, y = np.array(thing.knots).T
    forward, left = float(np.interp(time_s, t, x) - frames.x_m[row]), float(np.interp(time_s, t, y) - frames.y_m[row])
    box = box_of(CAMERA, (forward, left), 0.0, SIZES["car"])
    if box is None:
        return None
    speed = 0.0 if stood else 10.0
    return VehicleSight(
        f"car {thing.track}", time_s, box, forward, left, 4.5, 1.8, 0.0, box[0] > 0 and box[3] < 1080, stood, speed
    )


def drive(log: ObservationLog) -> DriveTruth:
    made = [vehicle(t, log, row, stood=t.track == 1) for row in range(len(log.frames.time_s)) for t in THINGS]
    sights = tuple(sight for sight in made if sight is not None)
    return DriveTruth("drive", Path("drive.mp4"), sights, np.array([0.0, 4.0]), np.array([10.0, 10.0]))


def drive_log(scale: float = 1.0) -> ObservationLog:
    """`scale`: what the log makes of each metre."""
    log = make_log(THINGS, duration_s=4.0, mounting="moving", ego=EGO, origin=(8.4, 49.0))
    seen, frames = log.observations, log.frames
    seen = replace(seen, forward_m=seen.forward_m * scale, left_m=seen.left_m * scale)
    return replace(log, observations=seen, frames=replace(frames, speed_mps=frames.speed_mps * scale))


def test_a_perfect_log_of_a_drive_is_a_few_centimetres_off() -> None:
    log = drive_log()
    score = score_drive(drive(log), log)
    assert score.places.sights > 20
    assert score.places.error_share < 0.06  # the made-up cars' boxes end at the wheels, a little within the footprint
    assert score.speeds.error_mps == pytest.approx(0.0, abs=1e-6)
    assert score.speeds.distance_share == pytest.approx(1.0)
    assert score.speeds.vehicle_error_mps == pytest.approx(0.0, abs=0.1)
    assert (score.rest.f1, score.rest.held, score.identity.switches) == (1.0, 0, 0)
    assert score.parked is not None
    assert (score.parked.standing, score.parked.sighted, score.parked.moving) == (1, 1, 0)


def test_what_is_labelled_for_a_moment_or_far_away_is_not_asked_for_rest() -> None:
    known = drive(drive_log())
    assert seen_long(known) == {"car 1": True, "car 2": False}
    moment = tuple(sight for sight in known.vehicles if sight.subject == "car 1" or sight.time_s < LEAST_S - 0.05)
    far = tuple(replace(sight, forward_m=sight.forward_m + 60.0) for sight in known.vehicles)
    assert seen_long(replace(known, vehicles=moment)) == {"car 1": True}
    assert seen_long(replace(known, vehicles=far)) == {}


@pytest.mark.parametrize("scale", [0.75, 1.3])
def test_a_wrong_scale_shows_in_places_and_speed(scale: float) -> None:
    right, wrong = drive_log(), drive_log(scale)
    known = drive(right)
    before, after = score_drive(known, right), score_drive(known, wrong)
    told = 1 + after.places.too_far_share
    assert told / (1 + before.places.too_far_share) == pytest.approx(scale, rel=0.01)
    assert after.speeds.distance_share == pytest.approx(scale)
    assert after.speeds.error_share == pytest.approx(abs(scale - 1), abs=1e-6)


def test_a_log_without_a_place_says_nothing_of_parking() -> None:
    log = drive_log()
    adrift = replace(log, meta=replace(log.meta, origin=None))
    score = score_drive(drive(log), adrift)
    assert (score.gps, score.parked) == (False, None)


@pytest.mark.parametrize(
    ("sources", "optics"),
    [
        (("flow", "traffic", "GPS"), "found"),
        (("camera file", "flow", "traffic"), "file"),
        (("site file",), "file"),
        (("site file", "flow"), "file"),
    ],
)
def test_a_score_says_whether_a_file_gave_the_optics(sources: tuple[str, ...], optics: str) -> None:
    log = drive_log()
    seen_through = replace(log.meta.ground_camera, sources=sources)
    log = replace(log, meta=replace(log.meta, ground_camera=seen_through))
    score = score_drive(drive(log), log)
    assert (score.optics, score.gps) == (optics, True)
    (row,) = report([], [score]).drives
    assert (row.optics, row.gps) == (optics, True)


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_share_lies_in_its_interval(part: int, more: int) -> None:
    found = share(part, part + more)
    if part + more:
        assert 0.0 <= found.interval[0] <= found.value + 1e-9
        assert found.value - 1e-9 <= found.interval[1] <= 1.0
    else:
        assert np.isnan(found.value)
