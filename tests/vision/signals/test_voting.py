"""What a signal head showed, from all looks at it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision.lamp_plans import Noise, Plan, head, looked_at, shares
from vision.belief import agreed
from vision.log import SignalTable
from vision.signals.voting import Head, SignalSettings, signal_table

SETTINGS = SignalSettings()
NIGHT: Plan = [("flashing_yellow", 30.0)]


def every(start: float, end: float, state: str) -> list[tuple[float, str]]:
    return [(float(time_s), state) for time_s in np.arange(start, end - 1e-9, 0.2)]


def rows(table: SignalTable) -> list[tuple[str, float, float]]:
    return [
        (str(state), round(float(first), 2), round(float(last), 2))
        for state, first, last in zip(table.state, table.first_s, table.last_s, strict=True)
    ]


def told(*looks: tuple[float, str], **options: float) -> list[tuple[str, float, float]]:
    return rows(signal_table([head(*looks, **options)], SETTINGS))  # type: ignore[arg-type]


def states_of(seen: Head) -> list[str]:
    return [state for state, _, _ in rows(signal_table([seen], SETTINGS))]


def both(first: Head, second: Head) -> Head:
    """Looks at one head by two kinds of look."""
    order = np.argsort(np.concatenate([first.time_s, second.time_s]), kind="stable")
    names = ("time_s", "share", "confidence", "native")
    return Head(1, *(np.concatenate([getattr(first, name), getattr(second, name)])[order] for name in names))


def test_a_change_lies_between_the_last_look_before_and_the_first_after() -> None:
    table = signal_table([head(*every(0, 5, "red"), *every(5, 8, "green"))], SETTINGS)
    assert rows(table) == [("red", 0.0, 4.8), ("green", 5.0, 7.8)]
    assert set(table.track.tolist()) == {7}


def test_a_single_wrong_look_does_not_change_the_light() -> None:
    assert told(*every(0, 2, "red"), (2.0, "green"), *every(2.2, 4, "red")) == [("red", 0.0, 3.8)]


def test_a_whole_cycle() -> None:
    looks = [*every(0, 4, "red"), *every(4, 9, "green"), *every(9, 12, "yellow"), *every(12, 15, "red")]
    assert told(*looks) == [("red", 0, 3.8), ("green", 4, 8.8), ("yellow", 9, 11.8), ("red", 12, 14.8)]


def test_the_end_of_a_yellow_is_told_from_three_looks() -> None:
    assert told(*every(0, 0.6, "yellow"), *every(0.6, 5, "red"))[0][0] == "yellow"


def test_nothing_is_said_of_a_time_in_which_it_may_have_changed_and_changed_back() -> None:
    assert told(*every(0, 2, "red"), *every(10, 12, "red")) == [("red", 0.0, 1.8), ("red", 10.0, 11.8)]


def test_a_head_hidden_for_less_than_the_shortest_green_stayed_red() -> None:
    assert told(*every(0, 2, "red"), *every(5, 7, "red")) == [("red", 0.0, 6.8)]


def test_a_flashing_yellow_is_neither_yellow_nor_dark() -> None:
    assert states_of(looked_at(NIGHT, Noise(), seed=1)) == ["flashing_yellow"]


def test_flashing_red_is_not_red() -> None:
    assert states_of(looked_at([("flashing_red", 20.0)], Noise(), seed=1)) == ["flashing_red"]


def test_a_head_without_current_is_off() -> None:
    assert told(*every(0, 5, "off")) == [("off", 0.0, 4.8)]


@pytest.mark.parametrize("colour", ["red", "green"])
def test_leds_that_miss_the_shutter_are_not_dark_lamps(colour: str) -> None:
    for seed in range(5):
        assert states_of(looked_at([(colour, 20.0)], Noise(dark=0.3), seed)) == [colour]


def test_a_dim_lamp_that_only_the_close_look_sees_is_lit() -> None:
    far = head(*every(0, 3, "off"), confidence=0.5, native=False)
    assert states_of(both(far, head(*every(0, 3, "red"), confidence=0.25))) == ["red"]


def test_weak_looks_that_agree_tell_as_much_as_a_few_strong_ones() -> None:
    assert told(*every(0, 3, "yellow"), confidence=0.06, native=False) == [("yellow", 0.0, 2.8)]
    assert told(*every(0, 0.4, "yellow"), confidence=0.06, native=False) != [("yellow", 0.0, 0.2)]


def test_what_is_hardly_a_head_is_hardly_sure() -> None:
    strong, weak = (signal_table([head(*every(0, 5, "red"), confidence=c)], SETTINGS) for c in (0.8, 0.2))
    assert strong.confidence[0] == pytest.approx(agreed(np.full(25, 0.8)), abs=0.02)
    assert weak.confidence[0] == pytest.approx(agreed(np.full(25, 0.2)), abs=0.02)


def test_looks_that_disagree_all_the_time_tell_nothing() -> None:
    looks = [(0.2 * step, ("red", "green")[step % 2]) for step in range(20)]
    assert set(states_of(head(*looks))) <= {"unknown"}


def test_no_heads_no_rows() -> None:
    assert not len(signal_table([], SETTINGS).track)
    assert not len(signal_table([head()], SETTINGS).track)


PLANS = st.tuples(st.floats(6, 30), st.floats(5, 25), st.floats(3, 6), st.booleans()).map(
    lambda s: [("red", s[0]), *([("red_yellow", 1.5)] if s[3] else []), ("green", s[1]), ("yellow", s[2]), ("red", 8.0)]
)


@settings(max_examples=30, deadline=None)
@given(PLANS, st.integers(0, 10**6), st.floats(0, 0.4), st.floats(0, 0.08), st.floats(0, 0.3))
def test_noise_costs_time_but_hardly_tells_lies(
    plan: Plan, seed: int, missed: float, misread: float, dark: float
) -> None:
    table = signal_table([looked_at(plan, Noise(missed, misread, dark), seed)], SETTINGS)
    hidden = [("red" if state == "red_yellow" else state, seconds) for state, seconds in plan]
    right, _ = shares(table, hidden)
    _, wrong = shares(replace(table, state=np.where(table.state == "red_yellow", "red", table.state)), hidden)
    assert right > 0.75
    assert wrong < 0.06


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 0.3), st.floats(0, 1))
def test_a_flash_is_never_steady(seed: int, missed: float, phase: float) -> None:
    seen = looked_at([("flashing_yellow", 20.0)], Noise(missed), seed)
    table = signal_table([replace(seen, time_s=seen.time_s + phase)], SETTINGS)
    assert set(table.state.tolist()) <= {"flashing_yellow", "unknown"}


@settings(max_examples=20, deadline=None)
@given(PLANS, st.integers(0, 10**6))
def test_intervals_are_apart_and_in_order(plan: Plan, seed: int) -> None:
    table = signal_table([looked_at(plan, Noise(0.3, 0.1, 0.2), seed)], SETTINGS)
    assert (table.first_s <= table.last_s).all()
    assert (table.last_s[:-1] < table.first_s[1:]).all()
    assert ((table.confidence >= 0) & (table.confidence <= 1)).all()
