from __future__ import annotations

import numpy as np

from models.taxonomy import CLASS_ID
from vision.log import SignalTable
from vision.signals import Head, SignalSettings, signal_table

SETTINGS = SignalSettings()


def head(*looks: tuple[float, str], close: bool = True, track: int = 7) -> Head:
    times = np.array([time_s for time_s, _ in looks])
    classes = np.array([CLASS_ID[f"light_{state}"] for _, state in looks], np.int16)
    return Head(track, times, classes, np.full(len(looks), 0.8, np.float32), np.full(len(looks), close))


def every(start: float, end: float, state: str) -> list[tuple[float, str]]:
    return [(float(time_s), state) for time_s in np.arange(start, end - 1e-9, 0.2)]


def rows(table: SignalTable) -> list[tuple[str, float, float]]:
    return [
        (str(state), round(float(first), 2), round(float(last), 2))
        for state, first, last in zip(table.state, table.first_s, table.last_s, strict=True)
    ]


def test_a_change_lies_between_the_last_look_before_and_the_first_after() -> None:
    table = signal_table([head(*every(0, 5, "red"), *every(5, 8, "green"))], SETTINGS)
    assert rows(table) == [("red", 0.0, 4.8), ("green", 5.0, 7.8)]
    assert set(table.track.tolist()) == {7}
    assert (table.confidence > 0.8).all()


def test_a_single_wrong_look_does_not_change_the_light() -> None:
    table = signal_table([head(*every(0, 2, "red"), (2.0, "green"), *every(2.2, 4, "red"))], SETTINGS)
    assert rows(table) == [("red", 0.0, 3.8)]


def test_a_whole_cycle() -> None:
    looks = [*every(0, 4, "red"), *every(4, 9, "green"), *every(9, 12, "yellow"), *every(12, 15, "red")]
    assert [state for state, _, _ in rows(signal_table([head(*looks)], SETTINGS))] == ["red", "green", "yellow", "red"]


def test_nothing_is_said_of_a_time_without_looks() -> None:
    table = signal_table([head(*every(0, 2, "red"), *every(10, 12, "red"))], SETTINGS)
    assert rows(table) == [("red", 0.0, 1.8), ("red", 10.0, 11.8)]


def test_close_looks_outvote_far_ones() -> None:
    far, near = head(*every(0, 3, "green"), close=False), head(*[(t + 0.1, s) for t, s in every(0, 3, "red")])
    order = np.argsort(np.concatenate([far.time_s, near.time_s]))
    both = Head(
        1,
        np.concatenate([far.time_s, near.time_s])[order],
        np.concatenate([far.class_id, near.class_id])[order],
        np.concatenate([far.confidence, near.confidence])[order],
        np.concatenate([far.close, near.close])[order],
    )
    assert [state for state, _, _ in rows(signal_table([both], SETTINGS))] == ["red"]


def test_no_heads_no_rows() -> None:
    assert len(signal_table([], SETTINGS).track) == 0
