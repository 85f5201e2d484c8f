"""Who is where when, and what the light shows: exact functions of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.simulate.mesh import Floats
from pipelines.simulate.signals import Lamp


@dataclass(frozen=True, slots=True)
class Drive:
    """Motion along a line with speeds that change linearly between the given times.

    `times`, `speeds`: s and m/s, at least one each; before the first and after the last the speed stays. At time 0
    it is `start` metres along.
    """

    start: float
    times: tuple[float, ...]
    speeds: tuple[float, ...]

    @classmethod
    def steady(cls, start: float, speed: float) -> Drive:
        return cls(start, (0.0,), (speed,))

    @classmethod
    def parked(cls, at: float) -> Drive:
        return cls.steady(at, 0.0)

    @classmethod
    def stopping(
        cls, at: float, arrive: float, leave: float | None, speed: float, brake: float = 2.5, pull: float = 1.8
    ) -> Drive:
        """Comes at `speed`, stands at `at` from `arrive` until `leave` (None: for good), then goes off at `speed`."""
        slow = speed / brake
        times, speeds = [arrive - slow, arrive], [speed, 0.0]
        if leave is not None:
            times += [leave, leave + speed / pull]
            speeds += [0.0, speed]
        drive = cls(0.0, tuple(times), tuple(speeds))
        return cls(at - drive.position(arrive), drive.times, drive.speeds)

    def speed(self, time_s: float) -> float:
        return float(np.interp(time_s, self.times, self.speeds))

    def position(self, time_s: float) -> float:
        """Metres along: the exact integral of the speed."""
        return self.start + self._travelled(time_s) - self._travelled(0.0)

    def _travelled(self, time_s: float) -> float:
        """From the first given time."""
        times, speeds = np.array(self.times), np.array(self.speeds)
        if time_s <= times[0]:
            return float((time_s - times[0]) * speeds[0])
        until = times[times < time_s]
        nodes = np.r_[until, time_s]
        values: Floats = np.interp(nodes, times, speeds)
        return float(np.sum(np.diff(nodes) * (values[1:] + values[:-1]) / 2))


@dataclass(frozen=True, slots=True)
class LightPlan:
    """`changes`: (time, what the head shows from then on), in order; the first holds before its time too."""

    changes: tuple[tuple[float, Lamp], ...]

    def state(self, time_s: float) -> Lamp:
        current = self.changes[0][1]
        for at, lamp in self.changes:
            if at <= time_s:
                current = lamp
        return current
