from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.appearance.likeness import CHANGED, FEWEST, TWINS, apart, log_odds, on_scale

NUMBERS = 12


@given(st.integers(0, 1000), st.floats(0.1, 10.0))
@settings(max_examples=30, deadline=None)
def test_two_things_of_one_picture_are_one_apart_whatever_the_light(seed: int, contrast: float) -> None:
    rng = np.random.default_rng(seed)
    picture = np.repeat(np.arange(60, dtype=np.int32), 5)
    light = rng.normal(0.0, 10.0, (60, NUMBERS))[picture]  # changes from picture to picture
    vectors = ((light + rng.normal(0.0, 1.0, (300, NUMBERS))) * contrast + 1.0).astype(np.float32)
    looks = on_scale(vectors, picture, np.zeros(300, np.intp))
    squares = [(apart(looks[picture == k], looks[picture == k]) ** 2)[np.triu_indices(5, 1)] for k in range(60)]
    assert np.mean(squares) == pytest.approx(1.0, abs=0.1)


def test_things_are_compared_with_their_own_kind() -> None:
    rng = np.random.default_rng(0)
    picture, group = np.repeat(np.arange(20, dtype=np.int32), 4), np.tile([0, 0, 1, 1], 20)
    vectors = rng.normal(0.0, np.where(group == 0, 1.0, 0.1)[:, None], (80, NUMBERS))
    looks = on_scale(vectors.astype(np.float16), picture, group)
    spreads = [float(looks[group == kind].std()) for kind in (0, 1)]
    assert spreads[0] == pytest.approx(spreads[1], rel=0.2)


def test_of_too_few_seen_together_it_is_not_known_how_they_differ() -> None:
    alone = np.arange(40, dtype=np.int32)
    few = np.repeat(np.arange(FEWEST - 1, dtype=np.int32), 2)
    for picture in (alone, few):
        vectors = np.random.default_rng(0).normal(0.0, 1.0, (len(picture), NUMBERS)).astype(np.float16)
        assert np.isnan(on_scale(vectors, picture, np.zeros(len(picture), np.intp))).all()


@given(st.floats(0.2, 1.0), st.floats(0.1, 1.0), st.floats(0.1, 5.0))
def test_what_looks_less_alike_is_less_likely_one_thing(near: float, further: float, gap_s: float) -> None:
    odds = log_odds(np.array([near, near + further]), np.full(2, gap_s))
    assert odds[0] > odds[1]


def test_the_longer_ago_the_less_a_look_tells() -> None:
    alike, unlike = (log_odds(np.full(4, off), np.array([0.2, 1.0, 5.0, 15.0])) for off in (0.35, 1.0))
    assert (np.diff(alike) < 0).all()
    assert (np.diff(unlike) > 0).all()


def test_no_look_proves_anything_and_none_tells_nothing() -> None:
    odds = log_odds(np.geomspace(0.01, 10.0, 200), np.full(200, 0.2))
    assert odds.max() <= -np.log(TWINS)
    assert odds.min() >= np.log(CHANGED) - 0.1
    assert log_odds(np.array([np.nan]), np.array([0.2])).tolist() == [0.0]
    assert np.isnan(apart(np.zeros((1, NUMBERS), np.float32), np.full((1, NUMBERS), np.nan, np.float32))).all()
