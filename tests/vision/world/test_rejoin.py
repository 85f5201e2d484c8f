from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.taxonomy import CLASS_ID
from tests.vision.logs import make_log
from vision.places.track_path import TrackPath
from vision.tables.world import APPEARANCE_SIZE
from vision.tracking.sightings import GROUP_OF, Sightings
from vision.world.rejoin import HIDDEN_S, joined, same_things
from vision.world.trails import Trail, Trails, trails_of

RATE_HZ = 6.0
UNKNOWN = 0
# What things look like by their numbers, two of them 1 apart.
LOOKS = np.random.default_rng(5).normal(0.0, 1.0 / np.sqrt(2 * APPEARANCE_SIZE), (9, APPEARANCE_SIZE))
LOOKS = LOOKS.astype(np.float32)
LOOKS[UNKNOWN] = np.nan
UNLINKED: Mapping[tuple[int, int], int] = MappingProxyType({})


@dataclass(frozen=True)
class Piece:
    """A track of a thing that is `forward_m` ahead of a fixed camera at second 0 and `left_m` aside, and drives away at
    `speed_mps`; seen from `start_s` to `end_s`. `looks`: a row of `LOOKS`.
    """

    forward_m: float
    start_s: float
    end_s: float
    speed_mps: float = 0.0
    left_m: float = 0.0
    class_name: str = "car"
    looks: int = UNKNOWN


def trail(piece: Piece) -> Trail:
    """Perfect boxes of a thing 1.8 m wide and 1.5 m high."""
    camera = make_log().meta.ground_camera
    time_s = np.arange(round(piece.start_s * RATE_HZ), round(piece.end_s * RATE_HZ) + 1) / RATE_HZ
    forward, left = piece.forward_m + piece.speed_mps * time_s, np.full(len(time_s), piece.left_m)
    x, y = camera.to_image(forward, left)
    half, high = 0.9 * camera.focal_px / forward, 1.5 * camera.focal_px / forward
    boxes = np.stack([x - half, y - high, x + half, y], axis=1).astype(np.float32)
    nothing, hidden = np.zeros(len(time_s)), np.zeros((len(time_s), 4), bool)
    path = TrackPath(time_s, boxes, forward, left, forward, left, nothing, nothing, hidden)
    class_id = CLASS_ID[piece.class_name]
    look = LOOKS[piece.looks]
    return Trail(class_id, int(GROUP_OF[class_id]), 0, nothing, path, look, look)


def trails(pieces: Sequence[Piece]) -> Trails:
    return trails_of([trail(piece) for piece in pieces], make_log().meta)


def pairs(*pieces: Piece, links: Mapping[tuple[int, int], int] = UNLINKED) -> list[tuple[int, int]]:
    return same_things(trails(pieces), links)


@given(st.floats(6.0, 18.0), st.floats(-3.0, 3.0), st.floats(1.0, HIDDEN_S - 1.0))
@settings(max_examples=20, deadline=None)
def test_what_stands_is_one_thing_however_long_a_bus_hides_it(forward: float, left: float, gap: float) -> None:
    before = Piece(forward, 0.0, 4.0, left_m=left)
    assert pairs(before, replace(before, start_s=4.0 + gap, end_s=28.0)) == [(1, 2)]


@given(st.floats(6.0, 18.0), st.floats(0.4, 12.0))
@settings(max_examples=20, deadline=None)
def test_two_that_are_seen_at_one_time_are_two(forward: float, overlap: float) -> None:
    before = Piece(forward, 0.0, 14.0)
    assert pairs(before, replace(before, start_s=14.0 - overlap, end_s=28.0)) == []


@given(st.floats(4.5, 12.0))
@settings(max_examples=20, deadline=None)
def test_the_next_place_of_a_row_of_parked_cars_is_another_car(further: float) -> None:
    assert pairs(Piece(10.0, 0.0, 4.0), Piece(10.0 + further, 6.0, 10.0)) == []


def test_who_stands_a_little_aside_is_the_same_if_they_look_the_same() -> None:
    before, after = Piece(9.0, 0.0, 4.0, class_name="person"), Piece(9.8, 5.0, 9.0, class_name="person")
    looks = [(1, 1), (1, 2), (1, UNKNOWN)]
    joins = [pairs(replace(before, looks=one), replace(after, looks=other)) for one, other in looks]
    assert joins == [[(1, 2)], [], []]


def test_a_person_does_not_become_a_car() -> None:
    assert pairs(Piece(10.0, 0.0, 4.0), Piece(10.0, 5.0, 9.0, class_name="person")) == []


def test_nothing_goes_on_after_very_long() -> None:
    assert pairs(Piece(10.0, 0.0, 4.0), Piece(10.0, 5.0 + HIDDEN_S, 28.0)) == []


def test_what_moves_goes_on_where_it_was_heading_and_only_for_a_moment() -> None:
    before = Piece(5.0, 0.0, 2.0, speed_mps=3.0)
    assert pairs(before, replace(before, start_s=2.5, end_s=4.0)) == [(1, 2)]
    assert pairs(before, replace(before, start_s=8.0, end_s=9.0)) == []  # many might have come there since
    assert pairs(before, Piece(5.0, 2.5, 4.0, speed_mps=3.0, left_m=6.0)) == []


def test_three_pieces_become_one_thing_with_every_sighting_once() -> None:
    one, two, three = Piece(10.0, 0.0, 4.0), Piece(10.0, 6.0, 9.0), Piece(10.0, 12.0, 20.0)
    found = pairs(one, two, three)
    assert found == [(1, 2), (2, 3)]
    parts = [sightings(0, 25), sightings(36, 55), sightings(72, 121), sightings(10, 90)]
    whole = joined(parts, found)
    assert [len(each.frame) for each in whole] == [25 + 19 + 49, 80]
    assert (np.diff(whole[0].frame) > 0).all()


def test_a_link_of_the_tracker_outweighs_some_doubt() -> None:
    before, after = Piece(10.0, 0.0, 4.0), Piece(11.2, 6.0, 10.0)
    assert pairs(before, after) == []
    assert pairs(before, after, links={(1, 2): 1}) == [(1, 2)]


def test_links_in_both_directions_of_time_outweigh_more_doubt_than_one() -> None:
    before, after = Piece(10.0, 0.0, 4.0), Piece(12.1, 4.7, 8.0)
    assert pairs(before, after, links={(1, 2): 1}) == []
    assert pairs(before, after, links={(1, 2): 2}) == [(1, 2)]


def test_what_all_pieces_make_most_likely_is_joined_not_the_most_likely_pair() -> None:
    one, two, three = Piece(10.0, 0.0, 4.0), Piece(10.9, 4.5, 5.0), Piece(10.0, 5.5, 9.0)
    assert pairs(one, three) == [(1, 2)]
    assert pairs(one, two, three) == [(1, 2), (2, 3)]


def test_a_car_of_which_another_hid_a_side_is_the_same_car_and_a_person_beside_is_not() -> None:
    before = Piece(10.0, 0.0, 4.0)
    assert pairs(before, replace(before, left_m=1.4, start_s=6.0, end_s=9.0)) == [(1, 2)]
    person = replace(before, class_name="person")
    assert pairs(person, replace(person, left_m=1.4, start_s=6.0, end_s=9.0)) == []


def test_a_link_of_the_tracker_to_another_place_is_broken() -> None:
    before, neighbour, after = Piece(10.0, 0.0, 4.0), Piece(18.0, 5.0, 9.0), Piece(10.0, 10.0, 14.0)
    assert pairs(before, neighbour, after, links={(1, 2): 1}) == [(1, 3)]


def test_two_that_the_tracker_took_for_each_other_twice_are_told_by_where_they_go() -> None:
    left, right = Piece(10.0, 0.0, 4.0, left_m=-2.0), Piece(10.0, 0.0, 4.0, left_m=2.0)
    later = [replace(each, start_s=5.0, end_s=9.0) for each in (left, right)]
    assert pairs(left, right, *later, links={(1, 4): 2, (2, 3): 2}) == [(1, 3), (2, 4)]


def test_what_the_tracker_went_on_with_goes_on_though_with_another() -> None:
    before, after = Piece(10.0, 0.0, 4.0), Piece(11.8, 4.7, 8.0)
    others = [Piece(10.0, 4.7, 8.0, left_m=8.0), Piece(11.8, 0.0, 4.0, left_m=-8.0)]
    assert pairs(before, after, *others) == []
    assert pairs(before, after, *others, links={(1, 3): 2, (4, 2): 2}) == [(1, 2)]


def test_links_of_what_has_no_place_hold_unless_a_place_contradicts_them() -> None:
    every = [Piece(10.0, 0.0, 4.0), Piece(10.0, 5.0, 9.0), Piece(10.0, 10.0, 14.0)]
    seen = trails(every)
    seen.place[seen.first[2] : seen.last[2] + 1] = np.nan
    assert same_things(seen, {(2, 3): 1}) == [(1, 2), (2, 3)]
    assert same_things(seen, {(1, 3): 1}) == [(1, 2)]


def test_people_are_joined_only_where_their_place_is_known_well() -> None:
    before, after = Piece(10.0, 0.0, 4.0), Piece(11.0, 6.0, 10.0)
    assert pairs(before, after) == [(1, 2)]
    people = [replace(piece, class_name="person") for piece in (before, after)]
    assert pairs(*people) == []


def test_a_few_pairs_at_a_time_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [Piece(10.0, 4.0 * k, 4.0 * k + 3.0) for k in range(6)]
    every = pairs(*pieces)
    assert every == [(k, k + 1) for k in range(1, 6)]
    monkeypatch.setattr("vision.world.rejoin.PAIRS_AT_ONCE", 2)
    assert pairs(*pieces) == every


def test_nothing_is_carried_over_a_cut() -> None:
    pieces = [Piece(10.0, 0.0, 4.0), Piece(10.0, 8.0, 12.0)]
    each = [trail(piece) for piece in pieces]
    each[1] = replace(each[1], scene=1)
    assert same_things(trails_of(each, make_log().meta)) == []


def test_without_tracks_there_are_no_pairs() -> None:
    assert same_things(trails([])) == []


def sightings(first: int, end: int) -> Sightings:
    frame = np.arange(first, end, dtype=np.int32)
    count = len(frame)
    boxes = np.zeros((count, 4), np.float32)
    kind, look, hidden = np.full(count, 3, np.int16), np.full(count, "wide"), np.zeros((count, 4), bool)
    return Sightings(0, frame, boxes, np.ones(count, np.float32), kind, look, hidden, np.full(count, -1))
