"""A thing that can stand in the street: meshes with their textures and the class each part is labelled as."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.simulate.mesh import Mesh

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """`texture`: (H, W, 3) RGB, sides powers of two, row 0 at v = 1. `label`: street class or None. `glow`: unlit."""

    mesh: Mesh
    label: str | None = None
    texture: Picture | None = None
    glow: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """`length`, `width`, `height` in metres; `shadow`: whether a soft shadow lies below it."""

    parts: tuple[Part, ...]
    length: float
    width: float
    height: float
    shadow: bool = True
