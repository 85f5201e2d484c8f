from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from pipelines.incident import Grade, Kind
from pipelines.simulate.match import Found, match
from pipelines.simulate.truth import LookAlike, Planted

AT = datetime(2026, 9, 14, tzinfo=UTC)
METRE = 1 / 111_000
BOTTLE = Planted("bottle", Kind.LITTER, "item", "a.mp4", 5.0, 8.0, AT, AT, 120.0, 31.0, Grade.COMPLETE, "")
PARKED = replace(BOTTLE, name="parked", kind=Kind.ILLEGAL_PARKING, subtype=None, lat=31.0 + 100 * METRE)
LEGAL = LookAlike("legal car", Kind.ILLEGAL_PARKING, "a.mp4", 120.0, 31.0 + 200 * METRE, "parked where it may")


def seen(planted: Planted, *, north_m: float = 0.0, **changes: object) -> Found:
    found = Found(
        planted.kind, planted.subtype, Grade.COMPLETE, (), 0.9, planted.file,
        planted.start_s, planted.end_s, planted.lon, planted.lat + north_m * METRE, 3.0,
    )  # fmt: skip
    return replace(found, **changes)  # type: ignore[arg-type]


def test_the_same_kind_place_and_time_is_found() -> None:
    score = match([BOTTLE, PARKED], [], [seen(PARKED, north_m=4), seen(BOTTLE)])
    assert {pair.planted.name for pair in score.pairs} == {"bottle", "parked"}
    assert not score.missed
    assert not score.false_alarms


def test_another_kind_place_time_or_file_is_a_miss_and_a_false_alarm() -> None:
    others = (
        seen(BOTTLE, kind=Kind.ILLEGAL_PARKING),
        seen(BOTTLE, north_m=40),
        seen(BOTTLE, pts_start=30.0, pts_end=31.0),
        seen(BOTTLE, file="b.mp4"),
    )
    for other in others:
        score = match([BOTTLE], [], [other])
        assert score.missed == (BOTTLE,)
        assert [alarm.found for alarm in score.false_alarms] == [other]


def test_two_findings_of_one_thing_are_one_hit_and_one_false_alarm() -> None:
    near, far = seen(BOTTLE, north_m=1), seen(BOTTLE, north_m=6)
    score = match([BOTTLE], [], [far, near])
    assert score.pairs[0].found == near
    assert [alarm.found for alarm in score.false_alarms] == [far]


def test_a_false_alarm_names_the_look_alike_it_fell_for() -> None:
    alarm = seen(PARKED, north_m=103)
    score = match([PARKED], [LEGAL], [alarm])
    assert score.false_alarms[0].look_alike == LEGAL


def test_an_insufficient_sighting_is_no_false_alarm_and_yields_to_a_counted_one() -> None:
    sighting = seen(BOTTLE, grade=Grade.INSUFFICIENT)
    counted = seen(BOTTLE, north_m=8)
    score = match([BOTTLE], [], [sighting, counted])
    assert score.pairs[0].found == counted
    assert not score.false_alarms
    assert [note.found for note in score.notes] == [sighting]


def test_what_has_no_place_can_still_be_paired_by_time() -> None:
    unplaced = seen(BOTTLE, lon=None, lat=None, accuracy_m=None)
    score = match([BOTTLE], [], [unplaced])
    assert score.pairs[0].metres is None


@given(st.lists(st.floats(-60, 60), max_size=6), st.lists(st.floats(-60, 60), max_size=6))
def test_everything_is_accounted_for_once(planted_at: list[float], found_at: list[float]) -> None:
    planted = [replace(BOTTLE, lat=31.0 + metres * METRE) for metres in planted_at]
    found = [seen(BOTTLE, north_m=metres) for metres in found_at]
    score = match(planted, [], found)
    assert len(score.pairs) + len(score.missed) == len(planted)
    assert len(score.pairs) + len(score.false_alarms) == len(found)
    assert len({id(pair.found) for pair in score.pairs}) == len(score.pairs)
