"""When a light was surely red."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rules.intervals import Span, merged, overlap_s, without
from pipelines.rules.lamps import Light, heads_at, light_of
from tests.pipelines.logs import Lamp, lamp, make_log

HEAD = (600.0, 50.0, 620.0, 100.0)
SPANS = st.lists(st.tuples(st.floats(0, 50), st.floats(0.1, 9)).map(lambda s: (s[0], s[0] + s[1])), max_size=8)


def light(*lamps: Lamp, cut_at: float | None = None) -> Light | None:
    log = make_log([], lamps, duration_s=30.0)
    if cut_at is not None:
        log.frames.cut[int(cut_at * 8)] = True
    return light_of(log, heads_at(log, (HEAD,)))


def red(*lamps: Lamp, cut_at: float | None = None) -> tuple[Span, ...]:
    found = light(*lamps, cut_at=cut_at)
    assert found is not None
    return found.red


def test_a_head_hidden_for_a_moment_stayed_red() -> None:
    assert red(lamp(1, HEAD, [("red", 0.0, 5.0), ("red", 7.0, 9.0)])) == ((0.0, 9.0),)


def test_a_head_hidden_for_long_may_have_changed() -> None:
    assert red(lamp(1, HEAD, [("red", 0.0, 5.0), ("red", 15.0, 19.0)])) == ((0.0, 5.0), (15.0, 19.0))


def test_what_was_seen_between_two_reds_parts_them() -> None:
    assert len(red(lamp(1, HEAD, [("red", 0.0, 5.0), ("green", 6.0, 7.5), ("red", 8.0, 9.0)]))) == 2


def test_a_flash_of_another_colour_is_a_misread() -> None:
    assert red(lamp(1, HEAD, [("red", 0.0, 5.0), ("yellow", 5.1, 5.3), ("red", 5.4, 9.0)])) == ((0.0, 9.0),)


def test_where_heads_disagree_it_is_not_surely_red() -> None:
    two = (lamp(1, HEAD, [("red", 0.0, 9.0)]), lamp(2, HEAD, [("green", 4.0, 6.0)]))
    assert red(*two) == ((0.0, 4.0), (6.0, 9.0))


def test_red_with_yellow_is_still_red() -> None:
    assert red(lamp(1, HEAD, [("red", 0.0, 5.0), ("red_yellow", 5.1, 6.9), ("green", 7.0, 9.0)])) == ((0.0, 6.9),)


@pytest.mark.parametrize("state", ["flashing_red", "flashing_yellow", "flashing_green", "unknown"])
def test_a_flashing_or_unknown_light_is_not_red(state: str) -> None:
    found = light(lamp(1, HEAD, [(state, 0.0, 9.0)]))
    assert found is None or found.red == ()


def test_a_red_that_begins_to_flash_is_red_no_more() -> None:
    found = light(lamp(1, HEAD, [("red", 0.0, 5.0), ("flashing_red", 6.0, 9.0)]))
    assert found is not None
    assert found.red == ((0.0, 5.0),)
    assert not found.maybe_red(7.0, 7.5, 8.0)


def test_a_flash_of_red_is_a_misread() -> None:
    assert red(lamp(1, HEAD, [("green", 0.0, 5.0), ("red", 5.5, 6.2), ("green", 6.5, 9.0)])) == ()


def test_the_head_must_be_where_the_site_says() -> None:
    assert light(lamp(1, (900.0, 50.0, 920.0, 100.0), [("red", 0.0, 9.0)])) is None


def test_a_hard_cut_ends_what_is_known() -> None:
    assert len(red(lamp(1, HEAD, [("red", 0.0, 9.0)]), cut_at=4.0)) == 2


@given(SPANS, SPANS, st.floats(0, 60))
def test_what_is_left_is_inside_and_outside(spans: list[Span], holes: list[Span], at: float) -> None:
    def inside(some: list[Span]) -> bool:
        return any(low < at < high for low, high in some)

    edges = {edge for span in [*spans, *holes] for edge in span}
    if at not in edges:
        assert inside(without(merged(spans), holes)) == (inside(spans) and not inside(holes))


@given(SPANS)
def test_merged_spans_are_apart_and_cover_as_much(spans: list[Span]) -> None:
    result = merged(spans)
    assert all(a[1] < b[0] for a, b in pairwise(result))
    assert overlap_s(result, 0.0, 100.0) <= sum(b - a for a, b in spans) + 1e-9
