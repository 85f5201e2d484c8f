"""Traffic light heads, one model per state, and the poles and gantries that carry them."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import cv2
import numpy as np

from pipelines.simulate.mesh import Colour, Mesh, box, merge, quad, tube
from pipelines.simulate.model import Model, Part, Picture

Lamp = Literal["red", "yellow", "green", "off"]
LAMPS: tuple[Lamp, ...] = ("red", "yellow", "green", "off")
_LIT: dict[str, tuple[int, int, int]] = {"red": (255, 30, 25), "yellow": (255, 190, 30), "green": (20, 255, 150)}
_ROWS: tuple[Lamp, ...] = ("red", "yellow", "green")


def _lamp_picture(lamp: Lamp, lit: bool, arrow: float | None) -> Picture:
    """One lens on black; `arrow`: its direction in radians, None a full disc."""
    picture = np.full((64, 64, 3), 14, np.uint8)
    colour = np.array(_LIT[lamp])
    if not lit:
        cv2.circle(picture, (32, 32), 26, [int(part) for part in colour * 0.13 + 10], -1, cv2.LINE_AA)
        cv2.circle(picture, (26, 25), 7, [int(part) for part in colour * 0.1 + 38], -1, cv2.LINE_AA)
        return picture
    if arrow is None:
        for radius, white in ((28, 0.0), (22, 0.15), (14, 0.4), (8, 0.6)):
            shade = colour * (1 - white) + 255 * white
            cv2.circle(picture, (32, 32), radius, [int(part) for part in shade], -1, cv2.LINE_AA)
        return picture
    turn = np.array([[np.cos(arrow), -np.sin(arrow)], [np.sin(arrow), np.cos(arrow)]])
    shape = np.array([(-24, -6), (2, -6), (2, -18), (26, 0), (2, 18), (2, 6), (-24, 6)]) @ turn.T + 32
    cv2.fillPoly(picture, [np.round(shape).astype(np.int32)], [int(part) for part in colour * 0.8 + 50], cv2.LINE_AA)
    return picture


def head(
    state: Lamp,
    *,
    upright: bool = True,
    arrow: float | None = None,
    label: str | None = "light",
    paint: Colour = (0.06, 0.07, 0.06),
) -> Model:
    """A head of three lamps that faces -y, its middle at the origin; `label` "light" gives `light_<state>`."""
    name = None if label is None else f"light_{state}"
    size, pitch = 0.36, 0.34
    body = box((size, 0.22, 3 * pitch + 0.06), paint).moved(z=-1.5 * pitch - 0.03)
    parts = [Part(body, name)]
    for row, lamp in enumerate(_ROWS):
        z = (1 - row) * pitch
        picture = _lamp_picture(lamp, lamp == state, arrow)
        half = 0.15
        corners = [
            np.array([x, -0.115, z + up]) for x, up in ((-half, -half), (half, -half), (half, half), (-half, half))
        ]
        parts.append(Part(quad(corners[0], corners[1], corners[2], corners[3], (1, 1, 1)), name, picture, glow=True))
        turn = np.linspace(0, np.pi, 7)
        visor = [
            tube(
                np.array([0.16 * np.cos(t), -0.1, z + 0.16 * np.sin(t)]),
                np.array([0.16 * np.cos(t), -0.26, z + 0.16 * np.sin(t)]),
                0.03,
                colour=paint,
                n=4,
            )
            for t in turn
        ]
        parts.append(Part(merge(visor), name))
    if not upright:
        parts = [replace(part, mesh=part.mesh.turned(-np.pi / 2, 1)) for part in parts]
    return Model(tuple(parts), 0.3, 0.4, 1.1, shadow=False)


def pole(height: float, arm: float = 0.0) -> Model:
    """A post at the origin; `arm` metres of gantry towards -x at its top (negative: towards +x)."""
    grey: Colour = (0.35, 0.36, 0.37)
    made: list[Mesh] = [tube(np.zeros(3), np.array([0, 0, height]), 0.1, 0.08, grey)]
    if arm:
        made.append(tube(np.array([0, 0, height - 0.2]), np.array([-arm, 0, height]), 0.08, 0.06, grey))
    return Model((Part(merge(made)),), 0.2, 0.2, height, shadow=False)
