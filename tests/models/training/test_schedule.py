"""The plan of a training: rates, plain epochs, and when it is over."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.sources import Recipe
from models.training.progress import Progress
from models.training.schedule import Schedule

RECIPE = Recipe(
    start="s", base="b", heads="h", sources=(), epochs=4, epoch_pictures=1600, batch=16, plain_epochs=1,
    warm_up_steps=50, learning_rate=1.0,
)  # fmt: skip
START = Progress("")


def test_the_rate_warms_up_and_falls_to_a_hundredth() -> None:
    schedule = Schedule(RECIPE)
    rates = [schedule.learning_rate(Progress("", steps_done=step)) for step in range(400)]
    assert rates[0] < 0.05
    assert max(rates) == pytest.approx(1.0, abs=0.05)
    assert rates[-1] == pytest.approx(0.01, abs=0.005)
    assert all(later <= earlier for earlier, later in itertools.pairwise(rates[50:]))


def test_the_last_epochs_are_plain_ones() -> None:
    schedule = Schedule(RECIPE)
    assert [schedule.is_plain(Progress("", steps_done=100 * epoch)) for epoch in range(4)] == [False] * 3 + [True]
    assert not schedule.epoch_over(Progress("", steps_done=399, epoch_steps=99), plain=True)
    assert schedule.epoch_over(Progress("", steps_done=400, epoch_steps=100), plain=True)


@given(st.floats(0.5, 40.0), st.floats(50.0, 5000.0))
def test_with_a_budget_any_pace_gets_the_whole_plan(pace: float, budget: float) -> None:
    """Steps of `pace` seconds: the rate ends low, the plain part takes its share, and time is kept to a step."""
    schedule = Schedule(RECIPE, budget)
    progress, plain_seconds, rate = START, 0.0, 0.0
    while not schedule.over(progress):
        plain = schedule.is_plain(progress)
        while True:
            rate = schedule.learning_rate(progress)
            progress = replace(
                progress,
                steps_done=progress.steps_done + 1,
                epoch_steps=progress.epoch_steps + 1,
                seconds=progress.seconds + pace,
            )
            plain_seconds += pace if plain else 0.0
            if schedule.epoch_over(progress, plain=plain):
                break
        progress = replace(progress, epochs_done=progress.epochs_done + 1, epoch_steps=0)
    assert budget <= progress.seconds < budget + pace * 1.001
    assert abs(plain_seconds - budget / 4) <= 1.001 * pace
    assert rate <= 0.01 + 3 * pace / budget


def test_patience_counts_epochs_since_the_best() -> None:
    schedule = Schedule(replace(RECIPE, patience=2))
    best = Progress("", epochs_done=2, steps_done=200, best_epoch=1, best_score=0.5)
    assert not schedule.over(best)
    assert not schedule.over(replace(best, epochs_done=3))
    assert schedule.over(replace(best, epochs_done=4, steps_done=350))
    assert not Schedule(RECIPE).over(replace(best, epochs_done=4, steps_done=350))
    assert not schedule.over(replace(best, epochs_done=4, steps_done=350, best_epoch=-1))  # never measured


def test_held_pictures_are_looked_at_every_so_often_and_at_the_end() -> None:
    schedule = Schedule(replace(RECIPE, held_every=3))
    seen = [schedule.measured(Progress("", epochs_done=done, steps_done=100 * done)) for done in range(1, 5)]
    assert seen == [False, False, True, True]
    assert not Schedule(RECIPE).measured(Progress("", epochs_done=4, steps_done=400))
