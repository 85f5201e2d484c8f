from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision.logs import make_log
from tests.vision.world.test_rejoin import Piece, trail, trails
from vision.log import Floats
from vision.tracking.sightings import VEHICLE, Sightings
from vision.world.trails import AT_EDGE_M, NEAREST, Trail, end_look, trails_of

CAR = Piece(12.0, 0.0, 2.0)


def deviations(one: Trail) -> tuple[float, float]:
    """Standard uncertainty of its first place along the line of sight and across it, metres."""
    seen = trails_of([one], make_log().meta)
    ahead = np.array([np.cos(seen.sight[0]), np.sin(seen.sight[0])])
    aside = np.array([-ahead[1], ahead[0]])
    along, across = (float(np.sqrt(axis @ seen.covariance[0] @ axis)) for axis in (ahead, aside))
    return along, across


def hiding(one: Trail, *edges: int) -> Trail:
    hidden = one.path.hidden.copy()
    hidden[:, list(edges)] = True
    return replace(one, path=replace(one.path, hidden=hidden))


def test_rows_of_tracks_are_together_and_in_order_of_time() -> None:
    seen = trails([CAR, replace(CAR, start_s=1.0, end_s=1.5), replace(CAR, class_name="person")])
    assert (seen.last - seen.first + 1).tolist() == [13, 4, 13]
    assert seen.first.tolist() == [0, 13, 17]
    assert seen.time_s[seen.first].tolist() == [0.0, 1.0, 0.0]
    assert seen.place[seen.first[1]] == pytest.approx([12.0, 0.0])


@given(st.floats(6.0, 30.0), st.floats(-2.0, 2.0))
@settings(max_examples=30, deadline=None)
def test_a_hidden_side_is_uncertain_across_the_sight_and_a_hidden_foot_along_it(forward: float, left: float) -> None:
    one = trail(replace(CAR, forward_m=forward, left_m=left))
    along, across = deviations(one)
    side, sides, foot = deviations(hiding(one, 0)), deviations(hiding(one, 0, 2)), deviations(hiding(one, 3))
    assert across < side[1] < sides[1]
    assert side[0] == pytest.approx(along)
    assert along < foot[0]
    assert foot[1] == pytest.approx(across)


def test_what_the_picture_cuts_is_uncertain_in_all_directions() -> None:
    one = trail(CAR)
    boxes = one.path.boxes.copy()
    boxes[:, 0] = 0.0
    along, across = deviations(replace(one, path=replace(one.path, boxes=boxes)))
    assert min(along, across) > AT_EDGE_M


def test_a_place_unknown_has_no_part_in_anything() -> None:
    def gone(values: Floats) -> Floats:
        return np.where(np.arange(len(values)) == 3, np.nan, values)

    one = trail(CAR)
    path = replace(one.path, forward=gone(one.path.forward), left=gone(one.path.left), x=gone(one.path.x))
    seen = trails_of([replace(one, path=path)], make_log().meta)
    assert np.isnan(seen.place[3]).all()
    assert np.isfinite(np.delete(seen.place, 3, axis=0)).all()


def test_the_sightings_nearest_to_an_end_that_nothing_hides_tell_what_it_looked_like_there() -> None:
    count = 20
    hidden, described = np.zeros((count, 4), bool), np.arange(count)
    hidden[:2, 1], described[-1] = True, -1
    boxes, sure, kind = np.zeros((count, 4), np.float32), np.ones(count, np.float32), np.zeros(count, np.int16)
    look = np.full(count, "wide")
    one = Sightings(VEHICLE, np.arange(count, dtype=np.int32), boxes, sure, kind, look, hidden, described)
    looks = np.arange(count + 1, dtype=np.float32)[:, None]
    looks[-1] = np.nan
    assert end_look(one, looks, last=False) == pytest.approx(2 + (NEAREST - 1) / 2)
    assert end_look(one, looks, last=True) == pytest.approx(count - 2 - (NEAREST - 1) / 2)
    hidden[:] = True
    assert end_look(one, looks, last=False) == pytest.approx((NEAREST - 1) / 2)
    assert np.isnan(end_look(one, np.full((count + 1, 1), np.nan, np.float32), last=False)).all()
