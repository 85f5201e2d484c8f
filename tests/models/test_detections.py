"""Rows of detections by class."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.detections import Detections


@given(st.lists(st.integers(0, 79)), st.frozensets(st.integers(0, 79)))
def test_those_of_some_classes_are_kept_in_order_also_of_a_network_with_other_classes(
    class_ids: list[int], classes: frozenset[int]
) -> None:
    count = len(class_ids)
    found = Detections(
        np.arange(4.0 * count, dtype=np.float32).reshape(count, 4),
        np.linspace(0, 1, count, dtype=np.float32),
        np.array(class_ids, np.int16),
    ).of(classes)
    rows = [row for row, each in enumerate(class_ids) if each in classes]
    assert found.class_id.tolist() == [class_ids[row] for row in rows]
    assert found.boxes[:, 0].tolist() == [4.0 * row for row in rows]
