"""The hidden Markov model of signal lamps."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision.effort import peak_bytes
from vision.signals.lamp_model import STATES, STEADY, likelihood, posterior

SHOWN = st.lists(st.tuples(st.integers(0, STEADY - 1), st.floats(0.01, 20.0)), min_size=1, max_size=20)


def of(looks: list[tuple[int, float]], confidence: float = 0.8) -> np.ndarray:
    share = np.eye(STEADY)[[state for state, _ in looks]]
    seen = likelihood(share, np.full(len(looks), confidence), np.ones(len(looks), bool))
    return posterior(np.cumsum([gap for _, gap in looks]), seen)


@settings(max_examples=40, deadline=None)
@given(SHOWN)
def test_probabilities_add_to_one(looks: list[tuple[int, float]]) -> None:
    chance = of(looks)
    assert chance.shape == (len(looks), len(STATES))
    assert (chance >= 0).all()
    np.testing.assert_allclose(chance.sum(axis=1), 1.0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2), st.integers(2, 12))
def test_more_looks_that_agree_make_surer(state: int, looks: int) -> None:
    few, many = (of([(state, 0.2)] * count)[0, state] for count in (looks, looks + 3))
    assert many >= few - 1e-3


def test_a_look_at_nothing_changes_nothing() -> None:
    with_blind = posterior(
        np.array([0.0, 0.2, 0.4]), np.array([[1, 0.1, 0.1, 0.5, 0.2], [1] * 5, [1, 0.1, 0.1, 0.5, 0.2]])
    )
    without = posterior(np.array([0.0, 0.4]), np.array([[1, 0.1, 0.1, 0.5, 0.2]] * 2))
    np.testing.assert_allclose(with_blind[[0, 2]], without, atol=1e-6)


def test_what_programs_do_not_allow_needs_more_looks() -> None:
    red, yellow, green = range(3)
    allowed = of([(green, 0.2)] * 10 + [(yellow, 0.2)] * 2 + [(red, 0.2)] * 10)
    odd = of([(red, 0.2)] * 10 + [(yellow, 0.2)] * 2 + [(red, 0.2)] * 10)
    assert allowed[11, yellow] > 0.8
    assert odd[11, red] > 0.8


def test_a_long_gap_leaves_only_what_is_seen_then() -> None:
    near, far = (of([(0, 0.0), (2, gap), (2, 0.2), (2, 0.2)])[0, 0] for gap in (0.2, 200.0))
    assert far > near


def test_a_look_takes_its_states_probabilities_in_memory_and_no_matrix() -> None:
    few, many = (peak_bytes(lambda count=count: of([(0, 0.2)] * count)) for count in (500, 1000))
    assert (many - few) / 500 < 3000
