"""The flow of a whole video, kept outside of memory: an hour of it is more than 100 MB of points."""

from __future__ import annotations

import weakref
from array import array
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Final

import numpy as np

from vision.motion.flow import FlowStep

# The flow of two or three minutes; more goes to a nameless file that ends with the process.
IN_MEMORY_BYTES: Final = 8 * 2**20
POINT_BYTES: Final = 16  # before and after, x and y, float32


class FlowSteps:
    """Steps that are written once, in order of time, and can be read again any number of times, one pass at a time."""

    def __init__(self) -> None:
        self._points = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - lives as long as the steps
        weakref.finalize(self, self._points.close)
        self._time_s, self._dt_s = array("d"), array("d")
        self._count, self._cut = array("l"), array("b")

    def append(self, step: FlowStep) -> None:
        self._points.seek(0, 2)
        self._points.write(np.concatenate([step.before, step.after]).astype(np.float32).tobytes())
        self._time_s.append(step.time_s)
        self._dt_s.append(step.dt_s)
        self._count.append(len(step.before))
        self._cut.append(step.cut)

    def __len__(self) -> int:
        return len(self._time_s)

    def __iter__(self) -> Iterator[FlowStep]:
        offset = 0
        for time_s, dt_s, count, cut in zip(self._time_s, self._dt_s, self._count, self._cut, strict=True):
            self._points.seek(offset)
            offset += count * POINT_BYTES
            points = np.frombuffer(self._points.read(count * POINT_BYTES), np.float32).reshape(2, count, 2)
            yield FlowStep(time_s, dt_s, points[0], points[1], bool(cut))
