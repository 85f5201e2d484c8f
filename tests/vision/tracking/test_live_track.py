from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.overlap import free_edges
from vision.tracking.live_track import Spread, begin_again, begun, beyond_edges, correct, looked, middle_of

WIDTH, HEIGHT = 1280, 720


@given(st.floats(-60.0, 60.0), st.floats(20.0, 200.0))
def test_the_filter_learns_an_even_motion(speed: float, side: float) -> None:
    first = np.array([600.0, 300.0, 600.0 + side, 300.0 + side], np.float32)
    track = begun(0, 0, first)
    for step in range(1, 25):
        box = first + np.array([speed, 0.0, speed, 0.0]) * step / 6
        correct(track, box, track.mean + track.velocity / 6, 1 / 6, Spread(1.5, 0.05))
    assert track.velocity[0] == pytest.approx(speed, abs=0.05 * abs(speed) + 0.1)
    assert track.mean == pytest.approx(middle_of(box), abs=0.02 * side)


def test_what_is_found_again_starts_anew_where_it_is() -> None:
    track = begun(0, 0, np.array([0, 0, 10, 10], np.float32))
    correct(track, np.array([50.0, 0.0, 60.0, 10.0]), track.mean, 0.2, Spread(1.5, 0.05))
    begin_again(track, np.array([100, 20, 130, 40], np.float32))
    assert track.mean.tolist() == [115.0, 30.0, 30.0, 20.0]
    assert not track.velocity.any()


@given(st.floats(-200, WIDTH + 100), st.floats(20, 300), st.floats(-40, 40))
def test_an_edge_of_the_picture_hides_how_far_a_thing_reaches(left: float, wide: float, off: float) -> None:
    whole = np.array([left, 300.0, left + wide, 400.0])
    shown = whole.clip(0, [WIDTH, HEIGHT, WIDTH, HEIGHT]).astype(np.float32)
    predicted = np.array([left + wide / 2 + off, 350.0, wide, 100.0])
    cut = ~free_edges(shown[None], (WIDTH, HEIGHT), 3.0)[0]
    taken = beyond_edges(shown, predicted, cut)
    inside = ~cut[[0, 2]]
    assert np.array_equal(taken[[0, 2]][inside], shown[[0, 2]][inside])  # what is seen is believed
    assert taken[0] <= shown[0]
    assert taken[2] >= shown[2]


def test_a_track_looks_as_it_did_of_late() -> None:
    track = begun(0, 0, np.array([0, 0, 10, 10], np.float32))
    unknown = np.full_like(track.look, np.nan)
    assert np.isnan(track.look).all()
    looked(track, np.zeros_like(track.look))
    looked(track, unknown)
    assert not track.look.any()
    for _ in range(10):
        looked(track, np.ones_like(track.look))
    assert track.look == pytest.approx(1.0, abs=0.01)
