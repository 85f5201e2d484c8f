"""What counts as found, missed, wrongly reported, and what says nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.evaluation.clip_truth import Event
from pipelines.evaluation.incidents import KindScore, SubjectPath, paths_of, score_kind
from pipelines.evaluation.shares import share
from pipelines.incident import Finding, Grade, Kind
from pipelines.rules.protocol import Scene
from tests.pipelines.evaluation.builders import BOX, ELSEWHERE, event, finding, truth, window
from tests.pipelines.logs import make_log, mover, standing

RED = Kind.RED_LIGHT_RUNNING
times = st.lists(st.floats(0, 100), max_size=6, unique=True)
boxes = st.tuples(st.floats(0, 300), st.floats(0, 300), st.floats(20, 200), st.floats(20, 200)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)
incidents = st.lists(
    st.builds(lambda start, box: finding(start_s=start, box=box), st.floats(0, 100), boxes), max_size=6
)
events = st.lists(
    st.builds(lambda start, box, sure: event(start_s=start, end_s=start + 2, box=box, sure=sure), st.floats(0, 100),
              boxes, st.booleans()),
    max_size=6,
)  # fmt: skip


def measures(score: KindScore) -> tuple[object, ...]:
    right, wrong = len(score.hits_in_windows), len(score.false_alarms)
    return len(score.hits), len(score.misses), right, wrong


def red(found: list[Finding], **known: object) -> KindScore:
    return score_kind(truth(**known), RED, found, {})  # type: ignore[arg-type]


def test_an_incident_near_in_time_and_place_is_the_events() -> None:
    score = red([finding(start_s=10.1)], events=(event(),), windows=(window(),))
    assert measures(score) == (1, 0, 1, 0)
    assert score.hits[0].event.name == "M1"


def test_a_thing_is_known_by_its_whole_track_where_its_evidence_shows_another_moment() -> None:
    known = truth(events=(event(at_s=11.0),))
    late = finding(start_s=10.1, track=7)
    assert score_kind(known, RED, [late], {}).hits == ()
    path = SubjectPath(np.array([10.1, 11.0]), np.array([ELSEWHERE, BOX], np.float32))
    assert len(score_kind(known, RED, [late], {7: path}).hits) == 1


def test_the_paths_of_a_log_are_those_of_its_vehicles_and_of_all_else() -> None:
    car = mover(1, "car", [(0.0, 10.0, 0.0), (4.0, 50.0, 0.0)])
    paths = paths_of(Scene(make_log([car, standing(5, "litter", 12.0, 2.0)], duration_s=4.0)))
    assert set(paths) == {1, 5}
    assert len(paths[5].time_s) == len(paths[5].boxes) > 0


def test_elsewhere_in_the_picture_or_seconds_away_it_is_a_false_alarm_and_the_event_missed() -> None:
    for wrong in (finding(box=ELSEWHERE), finding(start_s=20.0)):
        assert measures(red([wrong], events=(event(),), windows=(window(),))) == (0, 1, 0, 1)


def test_a_second_report_of_the_same_event_is_a_false_alarm() -> None:
    score = red([finding(start_s=10.0), finding(start_s=10.4, track=2)], events=(event(),), windows=(window(),))
    assert measures(score) == (1, 0, 1, 1)


def test_the_nearer_event_wins_where_two_would_fit() -> None:
    early, late = event(start_s=10.0, front=10.2, name="early"), event(start_s=11.0, front=11.2, name="late")
    score = red([finding(start_s=11.2)], events=(early, late))
    assert [hit.event.name for hit in score.hits] == ["late"]
    assert [each.name for each in score.misses] == ["early"]


def test_an_insufficient_sighting_is_no_incident() -> None:
    seen = [finding(grade=Grade.INSUFFICIENT), finding(start_s=30.0, grade=Grade.INSUFFICIENT)]
    assert measures(red(seen, events=(event(),), windows=(window(),))) == (0, 1, 0, 0)


def test_a_likely_event_is_told_apart_and_never_a_false_alarm() -> None:
    known = {"events": (event(sure=False),), "windows": (window(),)}
    found = red([finding()], **known)
    assert (measures(found), len(found.likely_hits)) == ((0, 0, 0, 0), 1)
    assert len(red([], **known).likely_misses) == 1


def test_a_lawful_waiter_must_not_be_reported_whatever_window_it_stands_in() -> None:
    waits = event("negative_waiting", 10.0, 30.0, at_s=20.0)
    score = red([finding(start_s=19.9)], events=(waits,))
    assert (len(score.waiters), len(score.reported_waiters), len(score.false_alarms)) == (1, 1, 0)
    assert score.unscored == ()


def test_what_a_waiter_does_after_it_waited_is_not_held_against_its_waiting() -> None:
    waits = event("negative_waiting", 10.0, 30.0, at_s=30.0)
    runs = event(start_s=30.2, end_s=33.0)
    assert red([finding(start_s=30.5)], events=(waits, runs)).reported_waiters == ()
    assert red([finding(start_s=30.5)], events=(waits,)).reported_waiters == ()


def test_a_waiter_is_no_matter_of_litter() -> None:
    score = score_kind(truth(events=(event("negative_waiting"),)), Kind.LITTER, [finding(Kind.LITTER)], {})
    assert (score.waiters, score.reported_waiters, len(score.unscored)) == ((), (), 1)


def test_in_a_window_of_no_kind_nothing_may_be_reported() -> None:
    for kind in (RED, Kind.LITTER):
        score = score_kind(truth(windows=(window("none"),)), kind, [finding(kind)], {})
        assert len(score.false_alarms) == 1
    assert len(red([finding()], windows=(window(Kind.STOP_LINE_OVERRUN),)).unscored) == 1


def test_a_legal_summary_neither_explains_nor_accuses() -> None:
    summary = event("cross_traffic_legal", 0.0, 40.0, box=None)
    assert len(red([finding()], events=(summary,)).unscored) == 1
    assert len(red([finding()], events=(summary,), windows=(window(),)).false_alarms) == 1


def test_a_window_holds_the_crossings_whose_rear_has_passed_in_it() -> None:
    known = (event(start_s=10.0, front=10.2, rear=19.0, name="slow"), event(start_s=8.0, box=ELSEWHERE, rear=9.0))
    score = red([finding()], events=known, windows=(window(start_s=0.0, end_s=15.0), window(start_s=0.0, end_s=30.0)))
    assert [(len(each.hits), len(each.misses)) for each in score.windows] == [(0, 1), (1, 1)]


@given(times)
def test_perfect_incidents_score_one(starts: list[float]) -> None:
    known = tuple(event(start_s=start, end_s=start, front=start) for start in starts)
    score = red([finding(start_s=start) for start in starts], events=known, windows=(window(end_s=200.0),))
    assert measures(score) == (len(starts), 0, len(starts), 0)
    assert not starts or share(len(score.hits), len(starts)).value == 1.0


@given(events, incidents)
def test_nothing_is_lost_or_counted_twice(known: list[Event], found: list[Finding]) -> None:
    score = red(found, events=tuple(known), windows=(window(end_s=50.0),))
    told = (*(hit.incident for hit in (*score.hits, *score.likely_hits)), *score.false_alarms, *score.unscored)
    assert len(told) == len(found)
    sure = sum(each.sure for each in known)
    assert len(score.hits) + len(score.misses) == sure
    assert len(score.likely_hits) + len(score.likely_misses) == len(known) - sure


@given(events, incidents, st.floats(0, 100), boxes)
def test_what_is_reported_of_an_ambiguous_thing_never_changes_a_score(
    known: list[Event], found: list[Finding], at_s: float, box: tuple[float, float, float, float]
) -> None:
    # Far away in the picture, so that the report can be nothing else's.
    box = (box[0] + 2000, box[1], box[2] + 2000, box[3])
    unclear = event("ambiguous_waiting", at_s, at_s + 3, box)
    windows = (window(end_s=50.0),)
    before = measures(red(found, events=tuple(known), windows=windows))
    reported = [*found, finding(start_s=at_s, box=box, track=9)]
    assert measures(red(reported, events=(*known, unclear), windows=windows)) == before


@given(events, incidents, st.floats(60.001, 100), boxes)
def test_an_incident_outside_of_windows_never_lowers_precision(
    known: list[Event], found: list[Finding], at_s: float, box: tuple[float, float, float, float]
) -> None:
    windows = (window(end_s=60.0),)
    box = (box[0] + 2000, box[1], box[2] + 2000, box[3])
    before = measures(red(found, events=tuple(known), windows=windows))
    assert measures(red([*found, finding(start_s=at_s, box=box)], events=tuple(known), windows=windows)) == before


def test_the_box_of_an_ambiguous_event_counts_not_its_time_alone() -> None:
    unclear = event("ambiguous", box=ELSEWHERE)
    assert len(red([finding(box=BOX)], events=(unclear,), windows=(window(),)).false_alarms) == 1
