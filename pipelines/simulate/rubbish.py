"""Litter, garbage piles and overflowing bins, and harmless things that look a little like them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Literal

import cv2
import numpy as np

from pipelines.simulate.mesh import Colour, Mesh, as_colour, box, ellipsoid, grid, merge, quad, tube
from pipelines.simulate.model import Model, Part, Picture


def _bright(rng: np.random.Generator) -> Colour:
    if rng.random() < 0.4:
        level = rng.uniform(0.65, 0.97)
        return (level, level, level * rng.uniform(0.9, 1.0))
    return as_colour(rng.uniform(0.05, 0.9, 3))


def print_on(rng: np.random.Generator, ground: Colour) -> Picture:
    """A printed surface: blocks, stripes and a word."""
    picture = np.full((64, 64, 3), [255 * part for part in ground], np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        x, y = (int(part) for part in rng.integers(0, 56, 2))
        ink = [int(part) for part in rng.integers(0, 255, 3)]
        if rng.random() < 0.5:
            cv2.rectangle(picture, (x, y), (x + int(rng.integers(6, 50)), y + int(rng.integers(3, 20))), ink, -1)
        else:
            cv2.circle(picture, (x, y), int(rng.integers(4, 16)), ink, -1)
    word = "".join(rng.choice(list("ACDEKLMNOSTX"), 4))
    cv2.putText(picture, word, (4, int(rng.integers(16, 60))), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (250, 250, 250), 2)
    return picture


def crumpled(
    rng: np.random.Generator, radii: tuple[float, float, float], colour: Colour, rough: float = 0.25, sides: int = 14
) -> Mesh:
    """A bag or a ball of paper, its lowest point at z = 0."""
    mesh = ellipsoid(radii, colour, sides)
    columns = sides + 1
    rows = len(mesh.vertices) // columns
    noise = rng.normal(0, rough, (rows, columns))
    noise[:, -1] = noise[:, 0]
    noise[[0, -1]] = noise[[0, -1], :1]
    points = mesh.vertices.reshape(rows, columns, 3) * (1 + np.clip(noise, -0.5, 0.5)[..., None])
    points[..., 2] = np.maximum(points[..., 2], -radii[2] * 0.7) + radii[2] * 0.7
    made = grid(points, colour)
    shade = rng.uniform(0.6, 1.15, (len(made.colours), 1))
    return replace(made, colours=np.clip(made.colours * shade, 0, 1))


def _bottle(rng: np.random.Generator) -> list[Part]:
    radius, length = rng.uniform(0.032, 0.045), rng.uniform(0.2, 0.3)
    glass: Colour = [(0.75, 0.85, 0.9), (0.15, 0.4, 0.2), (0.35, 0.2, 0.1), (0.7, 0.8, 0.75)][int(rng.integers(4))]
    body = tube(np.array([0, 0, radius]), np.array([0, length * 0.7, radius]), radius, colour=glass)
    neck = tube(np.array([0, length * 0.7, radius]), np.array([0, length, radius]), radius * 0.8, radius * 0.35, glass)
    cap = tube(np.array([0, length, radius]), np.array([0, length + 0.02, radius]), radius * 0.42, colour=_bright(rng))
    band = tube(
        np.array([0, length * 0.2, radius]), np.array([0, length * 0.55, radius]), radius * 1.03, colour=_bright(rng)
    )
    return [Part(merge([body, neck, cap, band]), "litter")]


def _can(rng: np.random.Generator) -> list[Part]:
    paint = _bright(rng)
    body = tube(np.array([0, 0, 0.033]), np.array([0, 0.115, 0.033]), 0.033, colour=paint)
    ends = [
        tube(np.array([0, y, 0.033]), np.array([0, y + 0.006, 0.033]), 0.03, colour=(0.75, 0.75, 0.77))
        for y in (-0.01, 0.12)
    ]
    return [Part(body, "litter", print_on(rng, paint)), Part(merge(ends), "litter")]


def _cup(rng: np.random.Generator) -> list[Part]:
    paint = _bright(rng)
    body = tube(np.array([0, 0, 0.05]), np.array([0, 0.13, 0.045]), 0.032, 0.045, paint)
    lid = tube(np.array([0, 0.13, 0.045]), np.array([0, 0.145, 0.045]), 0.048, colour=(0.92, 0.92, 0.9))
    return [Part(merge([body, lid]), "litter")]


def _paper(rng: np.random.Generator) -> list[Part]:
    size = rng.uniform(0.1, 0.3)
    x, y = np.meshgrid(np.linspace(-size, size, 6) / 2, np.linspace(-size, size, 5) * rng.uniform(0.3, 0.7))
    z = 0.012 + np.abs(rng.normal(0, 0.12 * size, x.shape))
    ground = _bright(rng)
    return [Part(grid(np.stack([x, y, z], -1), (1, 1, 1)), "litter", print_on(rng, ground))]


def _bag(rng: np.random.Generator) -> list[Part]:
    size = rng.uniform(0.1, 0.22)
    return [
        Part(
            crumpled(rng, (size, size * rng.uniform(0.6, 1), size * rng.uniform(0.3, 0.7)), _bright(rng), 0.3), "litter"
        )
    ]


def _carton(rng: np.random.Generator, label: str = "litter") -> list[Part]:
    brown = (0.62, 0.48, 0.32) if rng.random() < 0.6 else _bright(rng)
    size = rng.uniform(0.1, 0.3, 3)
    mesh = box((float(size[0]), float(size[1]), float(size[2] * 0.6)), (1, 1, 1))
    return [Part(mesh, label, print_on(rng, brown))]


Shape = Literal["bottle", "can", "cup", "paper", "bag", "carton"]
_SHAPES: dict[Shape, Callable[[np.random.Generator], list[Part]]] = {
    "bottle": _bottle,
    "can": _can,
    "cup": _cup,
    "paper": _paper,
    "bag": _bag,
    "carton": _carton,
}


def litter(rng: np.random.Generator, shape: Shape | None = None) -> Model:
    """One thing thrown away, lying on the ground; of any shape if None."""
    chosen = shape or list(_SHAPES)[int(rng.choice(6, p=[0.2, 0.14, 0.14, 0.22, 0.2, 0.1]))]
    return Model(tuple(_SHAPES[chosen](rng)), 0.3, 0.3, 0.15, shadow=False)


def _sack(rng: np.random.Generator, label: str) -> Part:
    dark = rng.random() < 0.55
    colour: Colour = (0.06, 0.06, 0.07) if dark else _bright(rng)
    size = rng.uniform(0.2, 0.38)
    body = crumpled(rng, (size, size * rng.uniform(0.7, 1), size * rng.uniform(0.7, 1.1)), colour, 0.1)
    knot = crumpled(rng, (0.07, 0.07, 0.1), colour, 0.2).moved(z=float(body.vertices[:, 2].max()) - 0.03)
    return Part(merge([body, knot]), label)


def garbage_pile(rng: np.random.Generator) -> Model:
    parts: list[Part] = []
    spread = rng.uniform(0.4, 1.1)
    for index in range(int(rng.integers(4, 13))):
        x, y = rng.normal(0, spread * 0.45, 2)
        lift = max(0.0, 0.35 * rng.random() * (index > 4) * (1 - abs(x) / spread))
        if rng.random() < 0.65:
            new = [_sack(rng, "garbage_pile")]
        else:
            new = [replace(part, mesh=part.mesh.scaled(2, 2, 2)) for part in _carton(rng, "garbage_pile")]
        angle = rng.uniform(0, 6.3)
        parts += [replace(part, mesh=part.mesh.turned(angle).moved(x, y, lift)) for part in new]
    for _ in range(int(rng.integers(2, 8))):
        x, y = rng.normal(0, spread * 0.6, 2)
        loose = litter(rng).parts
        parts += [replace(part, mesh=part.mesh.moved(x, y), label="garbage_pile") for part in loose]
    return Model(tuple(parts), 2 * spread, 2 * spread, 0.8)


def _bin_body(rng: np.random.Generator) -> tuple[Mesh, float, float]:
    """The body, its height and half width."""
    paint: Colour = [(0.12, 0.35, 0.16), (0.2, 0.22, 0.24), (0.1, 0.2, 0.45), (0.45, 0.45, 0.46), (0.55, 0.35, 0.1)][
        int(rng.integers(5))
    ]
    height = rng.uniform(0.85, 1.1)
    if rng.random() < 0.5:
        body = tube(np.array([0, 0, 0.04]), np.array([0, 0, height]), 0.24, 0.29, paint, 14)
        bands = [
            tube(np.array([0, 0, z]), np.array([0, 0, z + 0.03]), 0.3, colour=(0.1, 0.1, 0.1), n=14)
            for z in (0.2, height - 0.06)
        ]
        return merge([body, *bands]), height, 0.28
    body = box((0.56, 0.6, height), paint)
    rim = box((0.62, 0.66, 0.06), as_colour(paint, 0.8)).moved(z=height - 0.06)
    feet = [
        tube(
            np.array([s * 0.2 - 0.03, -0.28, 0.1]),
            np.array([s * 0.2 + 0.03, -0.28, 0.1]),
            0.1,
            colour=(0.05, 0.05, 0.05),
        )
        for s in (-1, 1)
    ]
    return merge([body, rim, *feet]), height, 0.3


def overflowing_bin(rng: np.random.Generator) -> Model:
    label = "overflowing_bin"
    body, height, half = _bin_body(rng)
    parts = [Part(body, label)]
    for _ in range(int(rng.integers(3, 7))):
        x, y = rng.uniform(-half, half, 2) * 0.8
        new = [_sack(rng, label)] if rng.random() < 0.45 else [replace(part, label=label) for part in litter(rng).parts]
        gain = rng.uniform(0.7, 1.0) if new[0].mesh.vertices[:, 2].max() > 0.25 else 1.6
        parts += [replace(part, mesh=part.mesh.scaled(gain, gain, gain).moved(x, y, height - 0.08)) for part in new]
    if rng.random() < 0.6:
        lid = box((0.6, 0.06, 0.6), (0.1, 0.1, 0.1)).turned(-0.5, 0).moved(0, half, height - 0.05)
        parts.append(Part(lid, label))
    for _ in range(int(rng.integers(0, 4))):
        turn, reach = rng.uniform(0, 6.3), rng.uniform(0.35, 0.6)
        loose = litter(rng).parts if rng.random() < 0.7 else (_sack(rng, label),)
        parts += [
            replace(part, label=label, mesh=part.mesh.moved(reach * np.cos(turn), reach * np.sin(turn)))
            for part in loose
        ]
    return Model(tuple(parts), 0.7, 0.7, height + 0.3)


def closed_bin(rng: np.random.Generator) -> Model:
    """A bin in order: never labelled."""
    body, height, half = _bin_body(rng)
    lid = ellipsoid((half * 1.1, half * 1.15, 0.1), (0.1, 0.12, 0.12)).moved(z=height)
    return Model((Part(merge([body, lid])),), 0.7, 0.7, height + 0.1)


def street_furniture(rng: np.random.Generator) -> Model:
    """A bollard, cone, cabinet or bench: never labelled."""
    choice = int(rng.integers(4))
    if choice == 0:
        mesh = tube(np.array([0, 0, 0]), np.array([0, 0, 0.9]), 0.07, colour=(0.3, 0.3, 0.3))
        return Model((Part(mesh),), 0.2, 0.2, 0.9)
    if choice == 1:
        rings = [(0.0, 0.19), (0.25, 0.13), (0.45, 0.08), (0.7, 0.03)]
        cuts = pairwise(rings)
        colours: list[Colour] = [(0.9, 0.3, 0.05), (0.9, 0.9, 0.9), (0.9, 0.3, 0.05)]
        cone = [
            tube(np.array([0, 0, a]), np.array([0, 0, b]), r1, r2, c)
            for ((a, r1), (b, r2)), c in zip(cuts, colours, strict=True)
        ]
        return Model((Part(merge(cone)),), 0.4, 0.4, 0.7)
    if choice == 2:
        return Model((Part(box((0.8, 0.45, 1.3), (0.45, 0.5, 0.45))),), 0.8, 0.45, 1.3)
    seat = box((1.6, 0.45, 0.06), (0.4, 0.25, 0.12)).moved(z=0.45)
    back = box((1.6, 0.05, 0.4), (0.4, 0.25, 0.12)).moved(0, 0.25, 0.5)
    legs = [box((0.08, 0.4, 0.45), (0.15, 0.15, 0.15)).moved(x) for x in (-0.7, 0.7)]
    return Model((Part(merge([seat, back, *legs])),), 1.6, 0.5, 0.9)


def leaf_picture(rng: np.random.Generator) -> tuple[Picture, Picture]:
    """Fallen leaves as a colour and an alpha picture, to be laid on the ground: no litter."""
    picture, alpha = np.zeros((128, 128, 3), np.uint8), np.zeros((128, 128), np.uint8)
    for _ in range(int(rng.integers(10, 60))):
        centre = tuple(int(part) for part in np.clip(rng.normal(64, 26, 2), 6, 121))
        hue = np.array([150, 105, 40]) * rng.uniform(0.5, 1.2) * rng.uniform(0.8, 1.2, 3)
        shape = (int(rng.integers(2, 5)), int(rng.integers(1, 3)))
        angle = float(rng.uniform(0, 180))
        cv2.ellipse(picture, centre, shape, angle, 0, 360, [int(part) for part in hue.clip(0, 255)], -1)
        cv2.ellipse(alpha, centre, shape, angle, 0, 360, 255, -1)
    return picture, alpha


def decal(x: float, y: float, size: float) -> Mesh:
    half = size / 2
    corners = [np.array([x + a * half, y + b * half, 0.0]) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return quad(corners[0], corners[1], corners[2], corners[3], (1, 1, 1))
