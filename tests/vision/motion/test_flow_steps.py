"""The flow of a video is read back as it was written, and does not stay in memory."""

from __future__ import annotations

import tracemalloc

import numpy as np

from vision.motion.flow import FlowStep
from vision.motion.flow_steps import IN_MEMORY_BYTES, FlowSteps


def flow(number: int, points: int, cut: bool = False) -> FlowStep:
    before = np.random.default_rng(number).uniform(0, 1920, (points, 2)).astype(np.float32)
    return FlowStep(0.1 * number, 0.1, before, before + 1, cut)


def test_steps_are_read_as_they_were_written_again_and_again() -> None:
    written = [flow(0, 5), flow(1, 0, cut=True), flow(2, 240), flow(3, 1)]
    steps = FlowSteps()
    for step in written:
        steps.append(step)
    for _ in range(2):
        for read, step in zip(steps, written, strict=True):
            assert (read.time_s, read.dt_s, read.cut) == (step.time_s, step.dt_s, step.cut)
            np.testing.assert_array_equal(read.before, step.before)
            np.testing.assert_array_equal(read.after, step.after)


def test_steps_may_be_added_after_some_were_read() -> None:
    steps = FlowSteps()
    steps.append(flow(0, 7))
    assert len(next(iter(steps)).before) == 7
    steps.append(flow(1, 9))
    assert [len(step.before) for step in steps] == [7, 9]
    assert len(steps) == 2


def test_memory_stays_flat() -> None:
    step, steps = flow(0, 240), FlowSteps()
    tracemalloc.start()
    for _ in range(10_000):  # 38 MB, a quarter of an hour
        steps.append(step)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < IN_MEMORY_BYTES
