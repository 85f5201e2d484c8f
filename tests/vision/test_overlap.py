from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vision.overlap import free_edges, hidden_edges, whole

CAR = np.array([[400, 300, 500, 360]], np.float32)


def hidden(x1: float, y1: float, x2: float, y2: float) -> list[bool]:
    """Which edges (left, top, right, lower) of `CAR` a box hides."""
    return [bool(each) for each in hidden_edges(CAR, np.array([[x1, y1, x2, y2]], np.float32))[0]]


def test_a_nearer_box_hides_the_edge_it_reaches_beyond() -> None:
    assert hidden(480, 290, 620, 420) == [False, False, True, False]
    assert hidden(300, 290, 420, 420) == [True, False, False, False]
    assert hidden(380, 340, 520, 420) == [False, False, False, True]


def test_what_is_farther_away_or_elsewhere_hides_nothing() -> None:
    assert not any(hidden(480, 290, 620, 355))  # its foot is higher: it stands behind
    assert not any(hidden(560, 290, 700, 420))
    assert not any(hidden(480, 350, 620, 420))  # only a corner of the side
    assert not any(hidden(430, 320, 470, 420))  # in the middle: both sides are to be seen


@given(st.integers(0, 4).flatmap(lambda n: st.lists(st.tuples(*[st.floats(0, 1000)] * 4), min_size=n, max_size=n)))
def test_no_box_hides_itself_and_nothing_no_edge(corners: list[tuple[float, float, float, float]]) -> None:
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in corners], np.float32).reshape(-1, 4)
    for box in boxes:
        assert not hidden_edges(box[None], box[None]).any()
    assert not hidden_edges(boxes, boxes[:0]).any()


def test_edges_of_the_picture_are_nobodys_own() -> None:
    at_edge = np.array([[0, 300, 100, 720], [200, 300, 300, 400]], np.float32)
    assert free_edges(at_edge, (1280, 720), 3.0).tolist() == [[False, True, True, False], [True] * 4]
    assert whole(at_edge, (1280, 720), 3.0).tolist() == [False, True]
