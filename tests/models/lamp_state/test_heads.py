"""One box per head, and what two networks together say it shows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.detections import Detections
from models.lamp_state.heads import Heads, judged, merged_heads
from models.lamp_state.window import STATES
from models.taxonomy import CLASS_ID

RED, YELLOW, GREEN, OFF = (CLASS_ID[f"light_{name}"] for name in ("red", "yellow", "green", "off"))


def lights(*rows: tuple[int, float, tuple[float, float, float, float]]) -> Detections:
    return Detections(
        np.array([row[2] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[0] for row in rows], np.int16),
    )


def sure(state: str) -> list[float]:
    return [0.96 if each == state else 0.01 for each in STATES]


def test_a_head_seen_as_red_and_as_yellow_is_one_head() -> None:
    heads = merged_heads(lights((YELLOW, 0.3, (11, 20, 21, 45)), (RED, 0.4, (10, 20, 20, 45))))
    assert heads.boxes.tolist() == [[10, 20, 20, 45]]
    assert np.allclose(heads.evidence, [[0.4, 0.3, 0, 0]])


def test_heads_side_by_side_stay_two() -> None:
    heads = merged_heads(lights((RED, 0.4, (10, 20, 20, 45)), (GREEN, 0.3, (21, 20, 31, 45))))
    assert len(heads.boxes) == 2


def test_a_lamp_boxed_by_itself_belongs_to_its_head() -> None:
    heads = merged_heads(lights((RED, 0.5, (10, 20, 20, 45)), (RED, 0.2, (11, 21, 19, 29))))
    assert len(heads.boxes) == 1


def test_the_lamp_network_overrules_the_state() -> None:
    heads = merged_heads(lights((RED, 0.5, (10, 20, 20, 45))))
    seen = judged(heads, np.array([[0.001, 0.001, 0.99, 0.004, 0.004]], np.float32))
    assert seen.class_id[seen.confidence.argmax()] == GREEN


def test_where_the_lamp_network_is_undecided_the_detector_decides() -> None:
    heads = merged_heads(lights((YELLOW, 0.5, (10, 20, 20, 45))))
    seen = judged(heads, np.array([[0.46, 0.44, 0.05, 0.04, 0.01]], np.float32))
    assert seen.class_id[seen.confidence.argmax()] == YELLOW


def test_what_is_no_head_is_hardly_reported() -> None:
    heads = merged_heads(lights((RED, 0.8, (10, 20, 20, 45))))
    assert judged(heads, np.array([sure("none")], np.float32)).confidence.max() < 0.05
    assert judged(heads, np.array([sure("red")], np.float32)).confidence[0] > 0.7


@given(
    arrays(np.float32, (6, 5), elements=st.floats(0.015625, 1, width=32)),
    arrays(np.float32, (6, 4), elements=st.floats(0, 1, width=32)),
)
def test_confidence_never_exceeds_the_detectors(probability: np.ndarray, evidence: np.ndarray) -> None:
    probability = probability / probability.sum(axis=1, keepdims=True)
    seen = judged(Heads(np.zeros((6, 4), np.float32), evidence), probability)
    assert (seen.confidence.reshape(6, -1).sum(axis=1) <= evidence.max(axis=1) + 1e-5).all()
    assert (seen.confidence >= 0).all()
    assert set(seen.class_id.tolist()) <= {RED, YELLOW, GREEN, OFF}


@given(
    st.lists(st.tuples(st.sampled_from([RED, YELLOW, GREEN, OFF]), st.floats(0.05, 1), st.integers(0, 60)), max_size=8)
)
def test_merging_is_stable_and_loses_no_place(rows: list[tuple[int, float, int]]) -> None:
    found = lights(*((each, sure_, (x, 10, x + 10, 35)) for each, sure_, x in rows))
    once = merged_heads(found)
    again = merged_heads(
        Detections(once.boxes, once.evidence.max(axis=1, initial=0), np.full(len(once.boxes), RED, np.int16))
    )
    assert len(once.boxes) == len(again.boxes)
    for box in found.boxes:
        assert any(abs(box[0] - kept[0]) < 10 for kept in once.boxes)
