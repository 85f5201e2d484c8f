from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision.track_points import STEP_S, driving, points, smoothed
from vision.places.smoothing import DEPENDENT, Points, agility, smooth


@given(st.floats(-15, 15), st.floats(-15, 15), st.integers(12, 40))
@settings(max_examples=30, deadline=None)
def test_a_straight_way_comes_out_as_it_went(vx: float, vy: float, count: int) -> None:
    way = driving((vx, vy), count)
    found = smoothed(points(way, noise_m=0.05))
    speed = np.hypot(vx, vy)
    assert np.abs(found.mean[:, :2] - way).max() < 0.05 + 0.01 * speed
    assert np.abs(found.mean[:, 2:] - [vx, vy]).max() < 0.05 + 0.05 * speed


@given(st.floats(-np.pi, np.pi), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_the_frame_of_reference_does_not_matter(turn: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    way = driving((6.0, 1.0)) + rng.normal(0, 0.3, (30, 2))
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    as_seen, turned = smoothed(points(way)), smoothed(points(way @ rotation.T + [100.0, 50.0]))
    assert np.allclose(as_seen.mean[:, 2:] @ rotation.T, turned.mean[:, 2:], atol=1e-3)


def test_the_stated_uncertainty_is_the_real_one() -> None:
    """Over many tracks that speed up and turn as the filter expects, seen with the noise that it is told of."""
    rng, fine_s = np.random.default_rng(3), STEP_S / 10
    velocity = rng.normal(0, 10, (300, 1, 2)) + rng.normal(0, np.sqrt(2.5 * fine_s), (300, 300, 2)).cumsum(axis=1)
    ways = (velocity * fine_s).cumsum(axis=1)[:, ::10]
    noise = 0.3 * np.sqrt(DEPENDENT)  # of sightings of which only one in three is another
    found = smoothed(points(*(ways + rng.normal(0, noise, ways.shape)), noise_m=0.3))
    middle = np.arange(300) * 30 + 15
    off = found.mean[middle, 2:] - velocity[:, 150]
    squared = np.einsum("ni,nij,nj->n", off, np.linalg.inv(found.covariance[middle][:, 2:, 2:]), off)
    assert squared.mean() / 2 == pytest.approx(1.0, abs=0.15)


def test_tracks_do_not_disturb_one_another() -> None:
    rng = np.random.default_rng(1)
    ways = [driving((5.0, 0.0), 9), driving((-3.0, 2.0), 25), driving((0.0, 8.0), 14)]
    ways = [way + rng.normal(0, 0.2, way.shape) for way in ways]
    together = smoothed(points(*ways)).mean
    assert np.allclose(together, np.concatenate([smoothed(points(way)).mean for way in ways]))


def test_an_occluded_foot_does_not_throw_a_track_off() -> None:
    way = driving((5.0, 0.0))
    seen = way.copy()
    seen[14] += [12.0, 0.0]
    found = smoothed(points(seen, noise_m=0.15))
    assert np.abs(found.mean[:, 0] - way[:, 0]).max() < 1.0


def test_unknown_places_are_bridged() -> None:
    way = driving((5.0, 0.0))
    seen = way.copy()
    seen[10:16] = np.nan
    found = smoothed(points(seen))
    assert np.abs(found.mean[:, 0] - way[:, 0]).max() < 0.3
    assert found.covariance[12, 0, 0] > 2 * found.covariance[5, 0, 0]


def test_a_track_without_any_place_has_no_state() -> None:
    found = smoothed(points(driving((5.0, 0.0), 6), np.full((4, 2), np.nan)))
    assert np.isfinite(found.mean[:6]).all()
    assert np.isnan(found.mean[6:]).all()


def test_what_stands_has_no_velocity_whatever_its_boxes_do() -> None:
    rng = np.random.default_rng(2)
    wandering = np.array([20.0, 3.0]) + np.linspace(0, 1.5, 30)[:, None] + rng.normal(0, 0.3, (30, 2))
    found = smoothed(points(wandering), True)
    assert np.abs(found.mean[:, 2:]).max() < 0.01
    assert np.ptp(found.mean[:, 0]) < 0.05


def test_nothing_at_all_is_smoothed_to_nothing() -> None:
    empty = Points(np.zeros(0, np.intp), np.zeros(0), np.zeros((0, 2)), np.zeros((0, 2, 2)))
    assert smooth(empty, agility(np.zeros(0), np.zeros(0), np.zeros(0, bool))).mean.shape == (0, 4)
