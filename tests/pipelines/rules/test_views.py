from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipelines.incident import Role
from pipelines.rules.views import best_views

PICTURE = (1280, 720)


def boxes(*sizes: float, right: float = 640.0) -> NDArray[np.float32]:
    return np.array([[right - size, 360, right, 360 + size] for size in sizes], np.float32)


def test_the_moment_is_where_the_thing_is_largest() -> None:
    assert best_views(boxes(10, 40, 90, 60, 20), PICTURE) == ((Role.BEFORE, 0), (Role.AT, 2), (Role.AFTER, 4))


def test_a_view_that_the_pictures_edge_cuts_is_not_the_moment() -> None:
    seen = boxes(10, 40, 300, 200)
    seen[2] += (1280 - 640 - 100, 0, 1280 - 640, 0)
    seen[2, 2] = 1280
    assert best_views(seen, PICTURE)[1] == (Role.AT, 1)


def test_where_all_are_cut_the_largest_is_taken() -> None:
    assert best_views(boxes(10, 40, 90, 20, right=1280.0), PICTURE)[1] == (Role.AT, 2)


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_no_frame_is_shown_twice(count: int) -> None:
    views = best_views(boxes(*range(90, 90 - count, -1)), PICTURE)
    rows = [row for _, row in views]
    assert rows == sorted(set(rows))
    assert Role.AT in [role for role, _ in views]
