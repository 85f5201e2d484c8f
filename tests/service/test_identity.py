from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipelines.incident import FileRef, Incident, Kind, Location
from service.identity import incident_id, match, sighting_of
from tests.service.builders import START, file, incident


def is_same(new: Incident, old: Incident) -> bool:
    return bool(match([sighting_of(new)], [sighting_of(old)]))


def of_copy(plain: Incident) -> Incident:
    """The same moment in a file with other bytes, as of a recorder's backup."""
    copy = file(0, copy="copy")
    return replace(plain, file=FileRef(copy.name, copy.sha256))


def moved(plain: Incident, metres: float, accuracy_m: float = 4.0) -> Incident:
    return replace(plain, location=Location(120.1 + metres / 96_300, 30.2, accuracy_m))


def boxed(plain: Incident, left: float, after_s: float = 0.0, track: int = 900) -> Incident:
    subject = replace(
        plain.subject, track=track, box=(left, 100, left + 60, 160), box_pts=plain.subject.box_pts + after_s
    )
    return replace(plain, subject=subject)


HERE = moved(incident(10), 0)


def test_another_rule_version_finds_the_same_incident() -> None:
    again = replace(HERE, rule="litter/2", confidence=0.5, pts_end=HERE.pts_end + 1, reasons=("other words",))
    assert is_same(again, HERE)


def test_another_track_id_at_the_same_place_in_the_picture_is_the_same() -> None:
    assert is_same(boxed(HERE, 110), HERE)


def test_two_boxes_side_by_side_in_one_picture_are_two_things() -> None:
    assert not is_same(boxed(HERE, 400), HERE)


def test_boxes_of_other_moments_are_decided_by_the_place() -> None:
    assert is_same(boxed(moved(HERE, 8), 400, after_s=1), HERE)
    assert not is_same(boxed(moved(HERE, 14), 400, after_s=1), HERE)


def test_same_file_at_another_time_is_another_incident() -> None:
    assert not is_same(boxed(replace(HERE, pts_start=20, pts_end=22), 100), HERE)


def test_another_kind_is_another_incident() -> None:
    assert not is_same(replace(HERE, kind=Kind.WRONG_WAY), HERE)


def test_a_file_with_other_bytes_of_the_same_time_and_place_gives_the_same_incident() -> None:
    assert is_same(of_copy(moved(HERE, 8)), HERE)
    assert not is_same(of_copy(moved(HERE, 14)), HERE)


def test_without_clock_or_place_copies_cannot_be_told_to_be_the_same() -> None:
    assert not is_same(of_copy(replace(HERE, start=None, end=None)), HERE)
    assert not is_same(of_copy(replace(HERE, location=None)), HERE)


def test_times_may_differ_by_their_uncertainties() -> None:
    def later(seconds: float, doubt: float) -> Incident:
        start = START + timedelta(seconds=10 + seconds)
        return replace(HERE, start=start, end=start + timedelta(seconds=2), time_uncertainty_s=doubt)

    assert is_same(of_copy(later(4, doubt=2)), HERE)
    assert not is_same(of_copy(later(5, doubt=2)), HERE)


def test_a_clock_off_by_hours_does_not_glue_two_passes_together() -> None:
    start = START + timedelta(minutes=20)
    pass_two = replace(HERE, start=start, end=start, time_uncertainty_s=7200.0)
    assert not is_same(of_copy(pass_two), replace(HERE, time_uncertainty_s=7200.0))


def test_surest_pairs_come_first_and_each_is_used_once() -> None:
    near, far = moved(boxed(HERE, 100, track=1), 1), moved(boxed(HERE, 130, track=2), 6)
    known = [sighting_of(item) for item in (near, far)]
    incoming = [sighting_of(replace(item, rule="litter/2", pts_end=13)) for item in (far, near)]
    assert match(incoming, known) == {incoming[0].id: known[1].id, incoming[1].id: known[0].id}


def test_what_is_told_apart_in_one_judgement_stays_apart() -> None:
    pair = [sighting_of(boxed(HERE, left, track=track)) for left, track in ((100, 1), (120, 2))]
    assert len(match(pair, pair[:1])) == 1


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=20, unique=True), st.randoms())
def test_matching_does_not_depend_on_order(seconds: list[int], random) -> None:
    known = [sighting_of(incident(at)) for at in seconds]
    incoming = [sighting_of(replace(incident(at), rule="litter/2", pts_end=70)) for at in seconds]
    expected = match(incoming, known)
    random.shuffle(known)
    random.shuffle(incoming)
    assert match(incoming, known) == expected


def test_known_content_is_itself() -> None:
    sightings = [sighting_of(incident(at)) for at in range(0, 60, 3)]
    assert match(sightings, sightings) == {sighting.id: sighting.id for sighting in sightings}


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_ids_sort_by_time_and_repeat(first: float, second: float) -> None:
    ids = [incident_id(incident(at)) for at in (first, second)]
    assert ids == [incident_id(incident(at)) for at in (first, second)]
    if abs(first - second) > 0.002:
        assert (ids[0] < ids[1]) == (first < second)


def test_ids_tell_footage_and_subjects_apart() -> None:
    several = {incident_id(of_copy(HERE)), incident_id(HERE), incident_id(boxed(HERE, 100))}
    assert len(several) == 3


def test_of_several_that_are_equally_like_a_new_one_the_lowest_rank_is_taken() -> None:
    twins = [replace(sighting_of(HERE), id=name, rank=rank) for name, rank in (("a", 2), ("b", 0), ("c", 1))]
    new = sighting_of(replace(HERE, pts_end=HERE.pts_end + 1))
    assert match([new], twins) == {new.id: "b"}
