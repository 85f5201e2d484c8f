"""A street thrown together at random for training: no two alike, none like the demo's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipelines.simulate import people, rubbish, signals, surfaces, vehicles
from pipelines.simulate.mesh import Colour, merge
from pipelines.simulate.model import Model
from pipelines.simulate.stage import Pose, Stage
from pipelines.simulate.street import (
    Layout,
    Street,
    fallen_leaves,
    houses,
    junction_lines,
    kerb_line,
    lane_lines,
    lay_ground,
    manhole,
    put,
    random_materials,
    tree,
)


def random_layout(rng: np.random.Generator) -> Layout:
    return Layout(
        lane=rng.uniform(2.9, 3.7),
        lanes=int(rng.choice([1, 2, 3], p=[0.4, 0.45, 0.15])),
        pavement=rng.uniform(2, 5),
        junction=float(rng.uniform(14, 55)) if rng.random() < 0.7 else None,
        crossing=rng.uniform(8, 18),
        bay=rng.uniform(2.0, 2.6) if rng.random() < 0.4 else 0.0,
        near=-30,
        far=260,
    )


def _light(stage: Stage, rng: np.random.Generator) -> None:
    mood = rng.random()
    if mood < 0.12:
        level, beam, bright = rng.uniform(0.28, 0.45), 0.08, rng.uniform(0.06, 0.25)
    elif mood < 0.5:
        level, beam, bright = rng.uniform(0.55, 0.8), rng.uniform(0.1, 0.3), rng.uniform(0.8, 1.05)
    else:
        level, beam, bright = rng.uniform(0.4, 0.6), rng.uniform(0.5, 0.9), rng.uniform(0.9, 1.1)
    turn = rng.uniform(0, 2 * np.pi)
    sun = (float(np.cos(turn)), float(np.sin(turn)), float(rng.uniform(0.5, 1.5)))
    stage.light((level, level, level * 1.05), (beam, beam * 0.97, beam * 0.88), sun)
    stage.add_sky(surfaces.sky(rng, bright))


def _paint(stage: Stage, layout: Layout, rng: np.random.Generator) -> None:
    made_of = random_materials(rng)
    lay_ground(stage, layout, made_of)
    made = lane_lines(layout, made_of, rng.uniform(1.5, 5), rng.uniform(2, 7), double=rng.random() < 0.5)
    made += junction_lines(layout, made_of, zebra=rng.random() < 0.75)
    if rng.random() < 0.4:
        made.append(kerb_line(layout, made_of.yellow, -20, 150 if layout.junction is None else layout.junction - 2))
    stage.add_ground(merge(made), 2)
    for _ in range(int(rng.integers(0, 5))):
        manhole(stage, rng.uniform(-1, 1) * layout.edge, rng.uniform(5, 50), rng.uniform(0.12, 0.35))
    for _ in range(int(rng.integers(0, 6))):
        x = rng.choice([-1, 1]) * (layout.edge - rng.uniform(0.2, 1.2))
        fallen_leaves(stage, rng, float(x), float(rng.uniform(3, 40)), float(rng.uniform(1, 3)))


def _free_of_junction(layout: Layout, y: float) -> bool:
    return layout.junction is None or not layout.junction - 3 < y < layout.junction + layout.crossing + 3


def _surroundings(stage: Stage, layout: Layout, rng: np.random.Generator) -> None:
    built = rng.random() < 0.8
    if built:
        houses(stage, layout, rng, far=240)
    green = [surfaces.leaves(rng) for _ in range(2)]
    for _ in range(int(rng.integers(0, 14))):
        reach = rng.uniform(0.6, layout.pavement - 0.2 if built else 15)
        y = float(rng.uniform(6, 120))
        if _free_of_junction(layout, y):
            planted = stage.add(tree(rng, green[int(rng.integers(2))]))
            stage.place(planted, float(rng.choice([-1, 1]) * (layout.edge + reach)), y)
    for _ in range(int(rng.integers(0, 8))):
        thing = rubbish.closed_bin(rng) if rng.random() < 0.4 else rubbish.street_furniture(rng)
        x = float(rng.choice([-1, 1]) * (layout.edge + rng.uniform(0.4, layout.pavement - 0.4)))
        stage.place(stage.add(thing), x, float(rng.uniform(4, 50)), float(rng.uniform(0, 6.3)), layout.kerb)
    if rng.random() < 0.7:
        for y in np.arange(rng.uniform(5, 20), 160, rng.uniform(20, 35)):
            post = signals.pole(rng.uniform(6, 9), arm=rng.uniform(1, 2.5))
            stage.place(stage.add(post), layout.edge + 0.5, float(y))


def _vehicle(rng: np.random.Generator) -> Model:
    kind = rng.choice(5, p=[0.5, 0.1, 0.12, 0.15, 0.13])
    if kind == 3:
        return people.motorcycle(rng, ridden=rng.random() < 0.85)
    if kind == 4:
        return people.bicycle(rng, ridden=rng.random() < 0.85)
    return (vehicles.car, vehicles.bus, vehicles.truck)[int(kind)](rng)


def _drivers(stage: Stage, street: Street, rng: np.random.Generator, lane: int, sign: int) -> None:
    layout = street.layout
    y = rng.uniform(5, 25)
    while y < 110:
        if rng.random() < 0.65:
            model = _vehicle(rng)
            x = sign * (lane + 0.5) * layout.lane + rng.normal(0, 0.25)
            heading = (0.0 if sign > 0 else np.pi) + rng.normal(0, 0.04)
            put(stage, street, model, float(x), float(y + model.length / 2), float(heading))
            y += model.length
        y += rng.uniform(2, 22)


def _parked(stage: Stage, street: Street, rng: np.random.Generator, side: int) -> None:
    layout = street.layout
    x = layout.edge - layout.bay / 2 if layout.bay else layout.edge + (0.9 if rng.random() < 0.3 else -0.9)
    y = rng.uniform(4, 15)
    while y < 80:
        model = vehicles.car(rng) if rng.random() < 0.85 else _vehicle(rng)
        if _free_of_junction(layout, y + model.length / 2):
            heading = rng.choice([0, np.pi]) + rng.normal(0, 0.05)
            put(stage, street, model, float(side * x), float(y + model.length / 2), float(heading))
        y += model.length + rng.uniform(0.7, 12)


def _traffic(stage: Stage, street: Street, rng: np.random.Generator) -> None:
    layout = street.layout
    for lane in range(layout.lanes):
        for sign in (-1, 1):
            _drivers(stage, street, rng, lane, sign)
    for side in (-1, 1):
        if rng.random() < (0.75 if layout.bay else 0.35):
            _parked(stage, street, rng, side)
    if layout.junction is not None:
        for _ in range(int(rng.integers(0, 4))):
            heading = float(rng.choice([-1, 1])) * np.pi / 2 + rng.normal(0, 0.25)
            at = layout.junction + layout.crossing * rng.uniform(0.25, 0.75)
            put(stage, street, _vehicle(rng), float(rng.uniform(-20, 20)), float(at), float(heading))


def _crowd(stage: Stage, street: Street, rng: np.random.Generator) -> None:
    layout = street.layout
    for _ in range(int(rng.integers(0, 14))):
        beside = rng.choice([-1, 1]) * (layout.edge + rng.uniform(0.3, layout.pavement))
        x = float(beside if rng.random() < 0.75 else rng.uniform(-1, 1) * layout.edge)
        phase = float(rng.uniform(0, 6.3)) if rng.random() < 0.8 else None
        turn, y = float(rng.uniform(0, 6.3)), float(rng.uniform(6, 55))
        put(stage, street, people.walker(rng, phase), x, y, turn, layout.level(x))


def _refuse(stage: Stage, street: Street, rng: np.random.Generator) -> None:
    layout = street.layout
    makers: list[Callable[[np.random.Generator], Model]] = [rubbish.litter] * int(rng.integers(4, 26))
    makers += [rubbish.garbage_pile] * int(rng.integers(0, 3)) + [rubbish.overflowing_bin] * int(rng.integers(0, 3))
    for maker in makers:
        loose = maker is rubbish.litter
        beside = rng.choice([-1, 1]) * (layout.edge + rng.uniform(-2.2 if loose else -1, layout.pavement * 0.7))
        x = float(beside if not loose or rng.random() < 0.75 else rng.uniform(-1, 1) * layout.edge)
        y = float(rng.uniform(2.5, 26) if loose else rng.uniform(5, 35))
        put(stage, street, maker(rng), x, y, float(rng.uniform(0, 6.3)), layout.level(x))
        street.small.append((x, y, 0.0))


def _head(
    stage: Stage, street: Street, rng: np.random.Generator, state: signals.Lamp, x: float, y: float, z: float
) -> None:
    away = rng.random() < 0.1
    arrow = float(rng.choice([0, np.pi / 2, np.pi, -np.pi / 2])) if rng.random() < 0.2 else None
    tone = rng.uniform(0.03, 0.3)
    paint: Colour = (0.75, 0.6, 0.1) if rng.random() < 0.1 else (tone, tone, tone)
    made = signals.head(state, upright=rng.random() < 0.8, arrow=arrow, label=None if away else "light", paint=paint)
    put(stage, street, made, x, y, float(rng.normal(0, 0.2)) + (np.pi if away else 0), z)
    if not away:
        street.heads.append((x, y, z))


def _another(rng: np.random.Generator, state: signals.Lamp, chance: float) -> signals.Lamp:
    return signals.LAMPS[int(rng.integers(4))] if rng.random() < chance else state


def _signals(stage: Stage, street: Street, rng: np.random.Generator) -> None:
    layout = street.layout
    if layout.junction is None or rng.random() < 0.1:
        return
    state = signals.LAMPS[int(rng.choice(4, p=[0.33, 0.2, 0.3, 0.17]))]
    near, far = layout.junction - 4, layout.junction + layout.crossing + 1.5
    for y in (near, far):
        for side in (-1, 1):
            if rng.random() < 0.7:
                x = side * (layout.edge + rng.uniform(0.4, 1.5))
                height = rng.uniform(3.0, 4.2)
                stage.place(stage.add(signals.pole(height)), x, y + 0.2)
                _head(stage, street, rng, _another(rng, state, 0.2), x, y, height - 0.5)
    if rng.random() < 0.6:
        height, arm = rng.uniform(5.2, 6.5), rng.uniform(2, layout.edge + 1)
        y = far if rng.random() < 0.7 else near
        stage.place(stage.add(signals.pole(height, arm)), layout.edge + 0.8, y + 0.2)
        for at in np.arange(0.5, arm, rng.uniform(1.8, 3.5)):
            _head(stage, street, rng, _another(rng, state, 0.3), layout.edge + 0.8 - float(at), y, height - 0.1)


def build_street(stage: Stage, rng: np.random.Generator) -> Street:
    """Empties the stage and fills it with another street."""
    stage.clear()
    street = Street(random_layout(rng))
    _light(stage, rng)
    _paint(stage, street.layout, rng)
    _surroundings(stage, street.layout, rng)
    _signals(stage, street, rng)
    _traffic(stage, street, rng)
    _crowd(stage, street, rng)
    _refuse(stage, street, rng)
    return street


def random_pose(street: Street, rng: np.random.Generator) -> Pose:
    """A dashcam in one of the right-hand lanes, or, rarely, on a roof."""
    layout = street.layout
    lane = int(rng.integers(layout.lanes))
    ahead = 0.0 if layout.junction is None else max(0.0, layout.junction - 12)
    return Pose(
        x=float((lane + 0.5) * layout.lane + rng.normal(0, 0.3)),
        y=float(rng.uniform(-4, 0 if rng.random() < 0.5 else max(ahead, 1))),
        z=float(rng.uniform(1.1, 1.9) if rng.random() < 0.8 else rng.uniform(2, 3.5)),
        heading=float(rng.normal(0, 0.08)),
        pitch=float(rng.normal(-0.03, 0.05)),
        roll=float(rng.normal(0, 0.015)),
        fov=float(rng.uniform(60, 110)),
    )
