from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.belief import MOST_VIEWS, PLAIN_VIEWS, agreed

SURE = st.floats(0.01, 0.99)


@given(SURE, st.integers(1, 200), st.integers(1, 200))
def test_more_views_never_lower_it_and_it_stays_a_share(sure: float, a: int, b: int) -> None:
    few, many = agreed(np.full(min(a, b), sure)), agreed(np.full(max(a, b), sure))
    assert 0.0 <= few <= many + 1e-12 <= 1.0


@given(SURE, SURE, st.integers(1, 100))
def test_surer_views_are_believed_more(a: float, b: float, views: int) -> None:
    low, high = sorted((a, b))
    assert agreed(np.full(views, low)) <= agreed(np.full(views, high)) + 1e-12


def test_the_mean_of_a_few_views_is_taken_as_it_is() -> None:
    assert agreed(np.linspace(0.2, 0.6, PLAIN_VIEWS)) == pytest.approx(0.4)


def test_what_is_seen_for_hours_is_no_surer_than_what_is_seen_well() -> None:
    hours = agreed(np.full(10_000, 0.1))
    assert hours == pytest.approx(agreed(np.full(MOST_VIEWS, 0.1)))
    assert hours < agreed(np.full(PLAIN_VIEWS, 0.5))


def test_nothing_seen_is_not_believed() -> None:
    assert agreed(np.empty(0)) == 0.0
