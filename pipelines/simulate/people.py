"""Pedestrians, cyclists and motorcyclists, from round limbs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipelines.simulate.mesh import Colour, Mesh, as_colour, box, ellipsoid, grid, merge, tube
from pipelines.simulate.model import Model, Part
from pipelines.simulate.vehicles import plate, plate_picture

SKIN: tuple[Colour, ...] = ((0.85, 0.66, 0.54), (0.72, 0.52, 0.4), (0.5, 0.34, 0.25), (0.9, 0.75, 0.65))
HAIR: tuple[Colour, ...] = ((0.06, 0.05, 0.05), (0.2, 0.12, 0.07), (0.4, 0.3, 0.2), (0.5, 0.5, 0.5))


def _cloth(rng: np.random.Generator) -> Colour:
    bright = rng.uniform(0.08, 0.85)
    return as_colour(np.clip(bright + rng.normal(0, 0.16, 3), 0.03, 0.95))


def _limb(points: list[tuple[float, float, float]], radii: list[float], colour: Colour) -> list[Mesh]:
    joints = [np.array(point) for point in points]
    return [tube(a, b, r1, r2, colour) for a, b, r1, r2 in zip(joints, joints[1:], radii, radii[1:], strict=False)]


def _head(at: tuple[float, float, float], skin: Colour, cover: Colour, *, helmet: bool) -> list[Mesh]:
    x, y, z = at
    size = 0.135 if helmet else 0.112
    face = ellipsoid((0.085, 0.1, 0.13), skin).moved(x, y, z)
    top = ellipsoid((size, size * 1.1, size), cover).moved(x, y - 0.02, z + 0.045)
    neck = tube(np.array([x, y - 0.01, z - 0.22]), np.array([x, y, z - 0.06]), 0.055, colour=skin)
    return [face, top, neck]


def walker(rng: np.random.Generator, phase: float | None = None) -> Model:
    """A pedestrian; `phase` in radians of the stride, None stands."""
    skin, hair = SKIN[int(rng.integers(len(SKIN)))], HAIR[int(rng.integers(len(HAIR)))]
    shirt, legs, shoe = _cloth(rng), _cloth(rng), _cloth(rng)
    stride = 0.0 if phase is None else 0.32 * np.sin(phase)
    parts: list[Mesh] = []
    for sign in (-1, 1):
        foot = sign * stride
        knee = max(0.0, foot) * 0.5 + 0.05
        parts += _limb(
            [(sign * 0.09, 0, 0.9), (sign * 0.1, knee, 0.5), (sign * 0.1, foot, 0.09)], [0.105, 0.075, 0.055], legs
        )
        parts.append(ellipsoid((0.05, 0.13, 0.055), shoe).moved(sign * 0.1, foot + 0.05, 0.055))
        hand = -sign * stride * 0.8
        arm = [(sign * 0.2, 0, 1.42), (sign * 0.25, hand * 0.4 - 0.03, 1.15), (sign * 0.24, hand + 0.05, 0.9)]
        parts += _limb(arm, [0.062, 0.05, 0.04], shirt)
        parts.append(ellipsoid((0.04, 0.045, 0.06), skin).moved(sign * 0.24, hand + 0.06, 0.85))
    waist, chest = rng.uniform(0.13, 0.19), rng.uniform(0.17, 0.22)
    turn = np.linspace(0, 2 * np.pi, 11)
    rings = [
        (0.86, 0.11, 0.09),
        (0.95, waist, 0.12),
        (1.15, waist * 0.95, 0.115),
        (1.36, chest, 0.13),
        (1.47, 0.13, 0.09),
    ]
    rings += [(1.5, 0.0, 0.0)]
    torso = grid(np.array([[(np.cos(t) * a, np.sin(t) * b, z) for t in turn] for z, a, b in rings]), shirt)
    parts += [torso, *_head((0, 0.02, 1.64), skin, hair, helmet=False)]
    if rng.random() < 0.35:
        parts.append(ellipsoid((0.15, 0.1, 0.22), _cloth(rng)).moved(0, -0.18, 1.25))
    if rng.random() < 0.25:
        parts.append(ellipsoid((0.13, 0.08, 0.15), _cloth(rng)).moved(0.3, 0, 0.68))
    tall = rng.uniform(0.9, 1.1)
    return Model((Part(merge(parts).scaled(tall, tall, tall), "person"),), 0.5, 0.6, 1.78 * tall)


def _rider(
    rng: np.random.Generator, seat: float, hands: tuple[float, float, float], feet: float, *, helmet: bool
) -> Mesh:
    """Sits at y = -0.25 and holds the bar at (±x, y, z) = `hands`."""
    skin, cover = SKIN[int(rng.integers(len(SKIN)))], _cloth(rng)
    shirt, legs = _cloth(rng), _cloth(rng)
    lean = rng.uniform(0.1, 0.28)
    neck = (0.0, -0.25 + lean, seat + 0.6)
    parts = [tube(np.array([0, -0.27, seat + 0.02]), np.array(neck), 0.16, 0.19, shirt, 10)]
    for sign in (-1, 1):
        x, y, z = hands
        arm = [
            (sign * 0.2, neck[1], neck[2] - 0.05),
            (sign * 0.28, (neck[1] + y) / 2, (neck[2] + z) / 2 - 0.1),
            (sign * x, y, z),
        ]
        parts += _limb(arm, [0.07, 0.05, 0.04], shirt)
        leg = [(sign * 0.1, -0.22, seat + 0.02), (sign * 0.17, 0.2, seat - 0.12), (sign * 0.14, 0.02, feet + 0.08)]
        parts += _limb(leg, [0.1, 0.075, 0.055], legs)
        parts.append(ellipsoid((0.05, 0.13, 0.05), (0.1, 0.1, 0.1)).moved(sign * 0.14, 0.06, feet + 0.05))
    parts += _head((0, neck[1] + 0.06, neck[2] + 0.22), skin, cover, helmet=helmet)
    return merge(parts)


def _hoop(radius: float, y: float, thick: float, colour: Colour = (0.06, 0.06, 0.06)) -> Mesh:
    turn, round_ = np.meshgrid(np.linspace(0, 2 * np.pi, 19), np.linspace(0, 2 * np.pi, 6))
    reach = radius - thick + thick * np.cos(round_)
    points = np.stack([thick * np.sin(round_), y + reach * np.cos(turn), radius + reach * np.sin(turn)], -1)
    return grid(points, colour)


def _bar(a: tuple[float, float, float], b: tuple[float, float, float], radius: float, colour: Colour) -> Mesh:
    return tube(np.array(a), np.array(b), radius, colour=colour, n=6)


def bicycle(rng: np.random.Generator, *, ridden: bool = True) -> Model:
    paint = _cloth(rng)
    r = 0.34
    saddle, crank, head = (0, -0.22, 0.88), (0, -0.08, 0.3), (0, 0.38, 0.85)
    bars = [
        (crank, saddle),
        (crank, head),
        (saddle, head),
        ((0, -0.52, r), crank),
        ((0, -0.52, r), saddle),
        (head, (0, 0.52, r)),
    ]
    parts = [_bar(a, b, 0.024, paint) for a, b in bars]
    parts += [_hoop(r, -0.52, 0.026), _hoop(r, 0.52, 0.026)]
    for y in (-0.52, 0.52):
        for angle in np.arange(0, np.pi, np.pi / 4):
            reach = 0.3 * np.array([0, np.cos(angle), np.sin(angle)])
            parts.append(
                tube(np.array([0, y, r]) - reach, np.array([0, y, r]) + reach, 0.006, colour=(0.6, 0.6, 0.6), n=4)
            )
    parts += [
        _bar((-0.28, 0.36, 1.02), (0.28, 0.36, 1.02), 0.02, (0.1, 0.1, 0.1)),
        _bar(head, (0, 0.36, 1.02), 0.02, paint),
    ]
    parts.append(ellipsoid((0.08, 0.14, 0.04), (0.08, 0.08, 0.08)).moved(0, -0.24, 0.92))
    if rng.random() < 0.4:
        parts.append(box((0.3, 0.25, 0.2), (0.3, 0.3, 0.3)).moved(0, 0.6, 0.78))
    made = [Part(merge(parts), "bicycle")]
    if ridden:
        made.append(Part(_rider(rng, 0.93, (0.26, 0.36, 1.04), 0.2, helmet=rng.random() < 0.3), "person"))
    return Model(tuple(made), 1.75, 0.6, 1.75 if ridden else 1.05)


def motorcycle(rng: np.random.Generator, *, ridden: bool = True) -> Model:
    """A scooter or a motorcycle."""
    paint, dark = _cloth(rng), (0.08, 0.08, 0.09)
    r = rng.uniform(0.25, 0.31)
    reach = rng.uniform(0.58, 0.7)
    parts = [_hoop(r, -reach, 0.065), _hoop(r, reach, 0.06)]
    hubs = [ellipsoid((0.05, r * 0.6, r * 0.6), (0.45, 0.45, 0.47)).moved(0, y, r) for y in (-reach, reach)]
    scooter = rng.random() < 0.6
    parts += hubs
    if scooter:
        parts += [
            ellipsoid((0.2, 0.5, 0.24), paint, 12).moved(0, -0.45, 0.55),
            box((0.34, 0.5, 0.1), paint).moved(0, 0.12, 0.24),
            tube(np.array([0, reach - 0.12, 0.3]), np.array([0, reach - 0.28, 1.0]), 0.17, 0.13, paint),
        ]
    else:
        parts += [
            ellipsoid((0.16, 0.3, 0.16), paint, 12).moved(0, 0.12, 0.78),
            ellipsoid((0.17, 0.28, 0.22), (0.3, 0.3, 0.32)).moved(0, 0.05, 0.42),
            tube(np.array([0.12, -0.1, 0.3]), np.array([0.14, -0.75, 0.36]), 0.05, 0.06, (0.55, 0.55, 0.57)),
            tube(np.array([0, -0.8, 0.78]), np.array([0, -0.3, 0.7]), 0.07, 0.12, paint),
        ]
    for sign in (-1, 1):
        parts.append(_bar((sign * 0.09, reach, r), (sign * 0.07, reach - 0.25, 0.98), 0.028, (0.5, 0.5, 0.5)))
        parts.append(_bar((sign * 0.3, reach - 0.3, 1.15), (sign * 0.3, reach - 0.3, 1.28), 0.012, dark))
        parts.append(ellipsoid((0.06, 0.02, 0.04), dark).moved(sign * 0.3, reach - 0.3, 1.3))
    parts += [
        _bar((-0.34, reach - 0.3, 1.04), (0.34, reach - 0.3, 1.04), 0.022, dark),
        ellipsoid((0.16, 0.36, 0.07), dark).moved(0, -0.38, 0.82),
        ellipsoid((0.09, 0.07, 0.09), (0.9, 0.9, 0.85)).moved(0, reach - 0.16, 0.9),
        ellipsoid((0.08, 0.03, 0.05), (0.6, 0.04, 0.04)).moved(0, -reach - 0.22, 0.66),
        ellipsoid((0.08, 0.2, 0.05), paint).moved(0, reach, 2 * r + 0.02),
    ]
    made = [Part(merge(parts), "motorcycle")]
    if rng.random() < 0.35:
        made.append(Part(box((0.42, 0.4, 0.38), _cloth(rng)).moved(0, -reach - 0.02, 0.85), "motorcycle"))
    tag = plate(-reach - 0.26, 0.46, plate_picture(rng), front=False)
    made.append(replace(tag, mesh=tag.mesh.scaled(0.5, 1, 1)))
    if ridden:
        made.append(Part(_rider(rng, 0.85, (0.32, reach - 0.28, 1.06), 0.26, helmet=rng.random() < 0.8), "person"))
    return Model(tuple(made), 2 * reach + 0.6, 0.7, 1.7 if ridden else 1.3)
