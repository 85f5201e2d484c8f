"""Triangle meshes as arrays, and the few solids that street things are made of.

Metres; x right, y forward, z up. A model's origin is on the ground below its middle, looking along +y.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Colour = tuple[float, float, float]
GREY: Colour = (0.5, 0.5, 0.5)


def as_colour(values: Floats | Colour, gain: float = 1.0) -> Colour:
    """Red, green, blue in 0..1 (or 0..255, left as they are) times `gain`."""
    red, green, blue = (float(part) * gain for part in values)
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Mesh:
    """`vertices`, `normals`, `colours` (N, 3); `uv` (N, 2), v up; `faces` (M, 3) indices, counterclockwise outside."""

    vertices: Floats
    normals: Floats
    uv: Floats
    colours: Floats
    faces: NDArray[np.int32]

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Mesh:
        return replace(self, vertices=self.vertices + np.array([x, y, z]))

    def turned(self, angle: float, axis: int = 2) -> Mesh:
        """Rotated counterclockwise by `angle` radians about x (0), y (1) or z (2)."""
        c, s = np.cos(angle), np.sin(angle)
        i, j = [(1, 2), (2, 0), (0, 1)][axis]
        turn = np.eye(3)
        turn[i, i], turn[i, j], turn[j, i], turn[j, j] = c, -s, s, c
        return replace(self, vertices=self.vertices @ turn.T, normals=self.normals @ turn.T)

    def scaled(self, x: float, y: float, z: float) -> Mesh:
        scale = np.array([x, y, z])
        normals = self.normals / scale
        return replace(self, vertices=self.vertices * scale, normals=_unit(normals))


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9))


def merge(meshes: Sequence[Mesh]) -> Mesh:
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.uv for mesh in meshes]),
        np.concatenate([mesh.colours for mesh in meshes]),
        np.concatenate([mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=True)]).astype(np.int32),
    )


def grid(points: Floats, colour: Colour = GREY, *, inside_out: bool = False) -> Mesh:
    """A smooth surface through an (R, C, 3) lattice of points; u runs along columns, v along rows."""
    rows, columns = points.shape[:2]
    along_rows = np.gradient(points, axis=0)
    along_columns = np.gradient(points, axis=1)
    normals = _unit(np.cross(along_columns, along_rows).reshape(-1, 3))
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (part.ravel() for part in (index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]))
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    if inside_out:
        normals, faces = -normals, faces[:, ::-1]
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    uv = np.stack([u.ravel(), v.ravel()], 1)
    colours = np.tile(np.asarray(colour, float), (rows * columns, 1))
    return Mesh(points.reshape(-1, 3).astype(float), normals, uv, colours, faces.astype(np.int32))


def ellipsoid(radii: tuple[float, float, float], colour: Colour = GREY, sides: int = 10) -> Mesh:
    turn, rise = np.meshgrid(np.linspace(0, 2 * np.pi, sides + 1), np.linspace(-np.pi / 2, np.pi / 2, sides // 2 + 1))
    unit = np.stack([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)], -1)
    mesh = grid(unit * np.asarray(radii), colour)
    return replace(mesh, normals=_unit(unit.reshape(-1, 3) / np.asarray(radii)))


def tube(
    start: Floats, end: Floats, radius: float, top: float | None = None, colour: Colour = GREY, n: int = 8
) -> Mesh:
    """A round bar from `start` to `end`, `top` its radius at the end, both ends closed by a low dome."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    axis = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
    side = np.cross(axis, [0.0, 0.0, 1.0] if abs(axis[2]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    other = np.cross(axis, side)
    top = radius if top is None else top
    turn = np.linspace(0, 2 * np.pi, n + 1)
    ring = np.cos(turn)[:, None] * side + np.sin(turn)[:, None] * other
    stations = [(start, 0.0, -0.5), (start, radius, 0.0), (end, top, 0.0), (end, 0.0, 0.5)]
    points = np.stack([at + ring * size + axis * (lift * max(radius, top)) for at, size, lift in stations])
    mesh = grid(points, colour)
    normals = np.stack([np.tile(-axis, (n + 1, 1)), ring, ring, np.tile(axis, (n + 1, 1))]).reshape(-1, 3)
    return replace(mesh, normals=normals)


def box(size: tuple[float, float, float], colour: Colour = GREY) -> Mesh:
    """A box standing on z = 0, centred in x and y; every face carries the whole texture."""
    half = np.array([size[0] / 2, size[1] / 2])
    faces = []
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        foot = np.array([[ax * half[0], ay * half[1], 0.0], [bx * half[0], by * half[1], 0.0]])
        faces.append(quad(foot[0], foot[1], foot[1] + [0, 0, size[2]], foot[0] + [0, 0, size[2]], colour))
    top = [np.array([x * half[0], y * half[1], size[2]]) for x, y in corners]
    return merge([*faces, quad(top[0], top[1], top[2], top[3], colour)])


def quad(
    a: Floats, b: Floats, c: Floats, d: Floats, colour: Colour = GREY, repeat: tuple[float, float] = (1, 1)
) -> Mesh:
    """Counterclockwise corners seen from outside; a is the texture's lower left."""
    points = np.stack([a, b, c, d]).astype(float)
    normal = _unit(np.cross(points[1] - points[0], points[3] - points[0])[None])
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float) * np.asarray(repeat, float)
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    return Mesh(points, np.repeat(normal, 4, 0), uv, np.tile(np.asarray(colour, float), (4, 1)), faces)


def flat(x1: float, y1: float, x2: float, y2: float, z: float = 0.0, colour: Colour = GREY, tile: float = 0.0) -> Mesh:
    """A level rectangle seen from above; `tile` metres per repeat of its texture (0: once)."""
    repeat = ((x2 - x1) / tile, (y2 - y1) / tile) if tile else (1.0, 1.0)
    corners = [np.array([x, y, z]) for x, y in ((x1, y1), (x2, y1), (x2, y2), (x1, y2))]
    return quad(corners[0], corners[1], corners[2], corners[3], colour, repeat)


def wheel(radius: float, width: float, hub: Colour = (0.6, 0.6, 0.62)) -> Mesh:
    """A tyre with a hub, its axle along x."""
    turn = np.linspace(0, 2 * np.pi, 15)
    profile = [(0.0, 0.42), (0.55, 0.46), (0.62, 0.38), (0.66, 0.5), (0.95, 0.5), (1.0, 0.35)]
    profile += [(size, -side) for size, side in reversed(profile)]
    points = np.array(
        [[(side * width, np.cos(t) * size * radius, np.sin(t) * size * radius) for t in turn] for size, side in profile]
    )
    mesh = grid(points, (0.06, 0.06, 0.065), inside_out=True)
    colours = mesh.colours.reshape(len(profile), len(turn), 3).copy()
    for row in (0, 1, 2, -3, -2, -1):
        colours[row] = np.asarray(hub)
        if row in (1, -2):
            colours[row, ::2] = np.asarray(hub) * 0.35
    return replace(mesh, colours=colours.reshape(-1, 3))
