"""A road and all that stands and moves along it, exactly known: what simulated drives are made of.

Places are given along the road: `s` metres of its middle line, `left` metres beside it; `local` metres and radians as
in the observation log (x east, y north, headings counterclockwise from +x), `up` metres above the road's start.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipelines.simulate.bodies import Body
from pipelines.simulate.mesh import Floats


@dataclass(frozen=True)
class Road:
    """A middle line from its curvature (1/m, positive to the left) and slope (rise per metre), one of each a metre."""

    curvature: Floats
    slope: Floats

    @cached_property
    def heading(self) -> Floats:
        return np.asarray(np.cumsum(self.curvature) - self.curvature[0])

    @cached_property
    def _line(self) -> Floats:
        """(N, 3) x, y, up at each metre."""
        steps = np.stack([np.cos(self.heading), np.sin(self.heading), self.slope], axis=1)
        return np.asarray(np.cumsum(steps, axis=0) - steps[0])

    def turn(self, s: Floats) -> Floats:
        """Heading of the middle line."""
        return np.interp(s, np.arange(len(self.heading)), self.heading)

    def rise(self, s: Floats) -> Floats:
        return np.interp(s, np.arange(len(self.slope)), self.slope)

    def place(self, s: Floats, left: Floats, above: Floats | float = 0.0) -> Floats:
        """(N, 3) local x, y, up of points beside the middle line and `above` the road."""
        at = np.arange(len(self._line))
        x, y, up = (np.interp(s, at, column) for column in self._line.T)
        turn = self.turn(s)
        return np.stack([x - left * np.sin(turn), y + left * np.cos(turn), up + above], axis=-1)


@dataclass(frozen=True, slots=True)
class Thing:
    """A road user or a parked vehicle over the times of its world.

    Attributes:
        outline: (P, 3) points of its surface, metres forward, left and up of the middle of its footprint.
        size_m: length and width of the footprint.
        s, left: (T,) where that middle is. turn: (T,) radians against the road's heading there.
    """

    class_id: int
    outline: Floats
    size_m: tuple[float, float]
    s: Floats
    left: Floats
    turn: Floats

    @property
    def moved_m(self) -> Floats:
        """(T,) way since the start."""
        return np.cumsum(np.hypot(np.diff(self.s, prepend=self.s[0]), np.diff(self.left, prepend=self.left[0])))


@dataclass(frozen=True, slots=True)
class Optics:
    """A pinhole at a fixed place in a car. `pitch`, `yaw`, `roll`: radians up, left and clockwise against the car."""

    width: int
    height: int
    focal_px: float
    height_m: float
    pitch: float
    yaw: float
    roll: float


@dataclass(frozen=True, slots=True)
class Ego:
    """(T,) the camera's car: place along the road, heading against it, nodding up in radians, m/s over ground."""

    s: Floats
    left: Floats
    turn: Floats
    nod: Floats
    speed: Floats


@dataclass(frozen=True)
class World:
    """`time_s`: (T,) of all that moves. `corners`: (C, 3) s, left, above of points worth following that stand."""

    seed: int
    time_s: Floats
    road: Road
    optics: Optics
    ego: Ego
    things: tuple[Thing, ...]
    corners: Floats

    @cached_property
    def ego_place(self) -> Floats:
        """(T, 4) x, y, up of the road point below the camera, and the car's heading."""
        turn = self.road.turn(self.ego.s) + self.ego.turn
        return np.column_stack([self.road.place(self.ego.s, self.ego.left), turn])

    @cached_property
    def places(self) -> Floats:
        """(things, T, 3) local x, y of the middles of all things, and their headings."""
        shape = (len(self.things), len(self.time_s))
        s, left, turn = (
            np.array([getattr(each, name) for each in self.things]).reshape(shape) for name in ("s", "left", "turn")
        )
        points = self.road.place(s, left)
        return np.concatenate([points[..., :2], (self.road.turn(s) + turn)[..., None]], axis=-1)


def body_outline(body: Body) -> Floats:
    """(P, 3) of a vehicle: its side profile narrowed towards the roof, its bumpers, and where its wheels stand.

    Bumpers and sills end above the road, so that the lowest visible point wanders along a car that is passed.
    """
    length, width, height = body.size
    rows = [((share - 0.5) * length, top * height) for share, top in body.profile]
    rows += [(-0.5 * length, body.clearance), (0.5 * length, body.clearance)]
    rows += [((axle - 0.5) * length, 0.0) for axle in body.wheels]
    narrow = 1.0 if body.boxy else 0.8
    sides = [(along, up, (width / 2) * (narrow if up > body.belt * height * 1.05 else 1.0)) for along, up in rows]
    return np.array([(along, sign * half, up) for along, up, half in sides for sign in (-1.0, 1.0)])


def upright_outline(length: float, width: float, height: float) -> Floats:
    """(8, 3) corners of a block that stands on the road: a person, a rider with a machine."""
    return np.array(
        [(a * length, b * width, up * height) for a in (-0.5, 0.5) for b in (-0.5, 0.5) for up in (0.0, 1.0)]
    )


def stood(thing: Thing, rows: NDArray[np.intp]) -> bool | None:
    """Whether a thing stood at all of some times; None where it moved so little that neither is right."""
    way = float(thing.moved_m[rows[-1]] - thing.moved_m[rows[0]])
    return True if way < 0.3 else False if way > 1.5 else None
