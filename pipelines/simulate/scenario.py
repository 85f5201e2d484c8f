"""A scripted scene: a street, who stands, drives and walks in it, a light, and a camera, all as functions of time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Literal

import numpy as np

from pipelines.simulate import people, rubbish, signals, vehicles
from pipelines.simulate.model import Model
from pipelines.simulate.schedule import Drive, LightPlan
from pipelines.simulate.stage import Actor, Pose, Stage
from pipelines.simulate.street import Layout, Street, put

Way = Literal["north", "south", "east", "west"]
_HEADING: dict[Way, float] = {"north": 0.0, "west": np.pi / 2, "south": np.pi, "east": -np.pi / 2}
Kind = Literal[
    "bottle", "bag", "carton", "paper", "pile", "overflowing_bin", "closed_bin", "furniture",
    "car", "bus", "truck", "motorcycle", "bicycle",
]  # fmt: skip
_MAKERS: dict[Kind, Callable[[np.random.Generator], Model]] = {
    "car": vehicles.car,
    "bus": vehicles.bus,
    "truck": vehicles.truck,
    "motorcycle": people.motorcycle,
    "bicycle": people.bicycle,
    "bottle": partial(rubbish.litter, shape="bottle"),
    "bag": partial(rubbish.litter, shape="bag"),
    "carton": partial(rubbish.litter, shape="carton"),
    "paper": partial(rubbish.litter, shape="paper"),
    "pile": rubbish.garbage_pile,
    "overflowing_bin": rubbish.overflowing_bin,
    "closed_bin": rubbish.closed_bin,
    "furniture": rubbish.street_furniture,
}
_STEPS = 6


@dataclass(frozen=True, slots=True)
class Thing:
    """Stands or lies still. `y`: of its middle. `heading` counterclockwise from +y. `size`: factor on its model's."""

    name: str
    kind: Kind
    x: float
    y: float
    heading: float = 0.0
    size: float = 1.0


@dataclass(frozen=True, slots=True)
class Mover:
    """Drives along one axis. `drive`: metres of its middle along its way (y north, -y south, x east, -x west).
    `aside`: (metres along, the other coordinate), smoothly joined.
    """

    name: str
    kind: Kind
    way: Way
    drive: Drive
    aside: tuple[tuple[float, float], ...]

    def pose(self, time_s: float) -> tuple[float, float, float]:
        """x, y, heading."""
        along = self.drive.position(time_s)
        side, slope = self._aside(along)
        sign = 1 if self.way in ("north", "east") else -1
        x, y = (side, sign * along) if self.way in ("north", "south") else (sign * along, side)
        lean = -np.arctan(slope) if self.way in ("north", "west") else np.arctan(slope)
        return x, y, float(_HEADING[self.way] + lean)

    def _aside(self, along: float) -> tuple[float, float]:
        knots = self.aside
        for (a, p), (b, q) in pairwise(knots):
            if a <= along <= b:
                share = (along - a) / (b - a)
                ease = share * share * (3 - 2 * share)
                return p + (q - p) * ease, (q - p) / (b - a) * 6 * share * (1 - share)
        return (knots[0][1] if along < knots[0][0] else knots[-1][1]), 0.0


@dataclass(frozen=True, slots=True)
class Walker:
    """Walks straight from (x, y) at `speed` m/s, from `start_s` on for `walk_s`; `heading` counterclockwise from +y."""

    x: float
    y: float
    heading: float
    speed: float = 1.3
    start_s: float = 0.0
    walk_s: float = 1e9

    def pose(self, time_s: float) -> tuple[float, float, float]:
        """x, y and metres walked."""
        walked = self.speed * float(np.clip(time_s - self.start_s, 0.0, self.walk_s))
        return self.x - np.sin(self.heading) * walked, self.y + np.cos(self.heading) * walked, walked


@dataclass(frozen=True, slots=True)
class Head:
    """A signal head that faces -y unless turned, on a pole of `height` below it (0: none)."""

    x: float
    y: float
    z: float
    light: LightPlan
    heading: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """`camera`: its pose at a time. `duration_s`: of the video."""

    layout: Layout
    duration_s: float
    camera: Callable[[float], Pose]
    things: tuple[Thing, ...]
    movers: tuple[Mover, ...]
    walkers: tuple[Walker, ...]
    heads: tuple[Head, ...]


class Cast:
    """The scenario's actors on a stage; `at` puts them where they are at a time.

    `named`: actors with the names of their things and movers; walkers and heads by their number, e.g. "walker 2".
    """

    def __init__(self, stage: Stage, street: Street, scenario: Scenario, rng: np.random.Generator) -> None:
        self._stage, self._scenario = stage, scenario
        self.named: list[tuple[str, Actor]] = []
        for thing in scenario.things:
            model = scaled(_MAKERS[thing.kind](rng), thing.size)
            level = scenario.layout.level(thing.x)
            self.named.append((thing.name, put(stage, street, model, thing.x, thing.y, thing.heading, level)))
        self._movers = [put(stage, street, _MAKERS[mover.kind](rng), 0, -500) for mover in scenario.movers]
        self._walkers = [self._steps(street, rng) for _ in scenario.walkers]
        self._heads = [self._lamps(street, head) for head in scenario.heads]
        self.named += [(mover.name, actor) for mover, actor in zip(scenario.movers, self._movers, strict=True)]
        self.named += [(f"walker {i}", actor) for i, steps in enumerate(self._walkers) for actor in steps]
        self.named += [(f"head {i}", actor) for i, lamps in enumerate(self._heads) for actor in lamps.values()]

    def at(self, time_s: float) -> Pose:
        for mover, actor in zip(self._scenario.movers, self._movers, strict=True):
            self._stage.place(actor, *mover.pose(time_s))
        for walker, steps in zip(self._scenario.walkers, self._walkers, strict=True):
            self._walk(walker, steps, time_s)
        for head, lamps in zip(self._scenario.heads, self._heads, strict=True):
            for lamp, actor in lamps.items():
                self._stage.show(actor, lamp == head.light.state(time_s))
        pose = self._scenario.camera(time_s)
        self._stage.look(pose)
        return pose

    def _steps(self, street: Street, rng: np.random.Generator) -> list[Actor]:
        """One model per phase of the stride, of the same person."""
        state = rng.bit_generator.state
        made = []
        for step in range(_STEPS):
            rng.bit_generator.state = state
            made.append(put(self._stage, street, people.walker(rng, 2 * np.pi * step / _STEPS), 0, -500))
        return made

    def _walk(self, walker: Walker, steps: list[Actor], time_s: float) -> None:
        x, y, walked = walker.pose(time_s)
        shown = int(walked / 1.5 * _STEPS) % _STEPS
        for step, actor in enumerate(steps):
            self._stage.show(actor, step == shown)
            if step == shown:
                self._stage.place(actor, x, y, walker.heading, self._scenario.layout.level(x))

    def _lamps(self, street: Street, head: Head) -> dict[signals.Lamp, Actor]:
        put(self._stage, street, signals.pole(head.z), head.x, head.y + 0.22 * np.cos(head.heading))
        return {
            lamp: put(self._stage, street, signals.head(lamp), head.x, head.y, head.heading, head.z - 0.5)
            for lamp in signals.LAMPS
        }


def scaled(model: Model, size: float) -> Model:
    if size == 1.0:
        return model
    parts = tuple(replace(part, mesh=part.mesh.scaled(size, size, size)) for part in model.parts)
    return replace(model, parts=parts, length=model.length * size, width=model.width * size, height=model.height * size)
