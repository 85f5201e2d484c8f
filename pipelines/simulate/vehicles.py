"""Cars, vans, buses and trucks: a hull lofted through sections, painted by projecting four drawings on it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pipelines.simulate.bodies import BUS, CAB, HATCH, SEDAN, SUV, VAN, Body
from pipelines.simulate.mesh import Colour, Floats, Mesh, as_colour, box, grid, merge, quad, wheel
from pipelines.simulate.model import Model, Part, Picture

_SECTION = np.array(  # half width, height, as shares of the hull's: from below the floor up to the roof's middle
    [
        (0, 0.0),
        (0.86, 0.0),
        (0.97, 0.05),
        (1, 0.3),
        (1, 0.55),
        (0.965, 0.62),
        (0.87, 0.84),
        (0.8, 0.94),
        (0.7, 0.985),
        (0.4, 1.0),
        (0, 1.005),
    ]
)
_BOXY = np.array(
    [
        (0, 0.0),
        (0.95, 0.0),
        (0.99, 0.03),
        (1, 0.3),
        (1, 0.5),
        (1, 0.62),
        (0.985, 0.84),
        (0.97, 0.93),
        (0.9, 0.985),
        (0.5, 1.0),
        (0, 1.005),
    ]
)

PAINTS: tuple[Colour, ...] = (
    (0.9, 0.9, 0.9), (0.75, 0.76, 0.78), (0.5, 0.52, 0.55), (0.25, 0.26, 0.28), (0.08, 0.08, 0.09), (0.6, 0.08, 0.08),
    (0.1, 0.2, 0.5), (0.2, 0.35, 0.6), (0.1, 0.3, 0.2), (0.45, 0.35, 0.25), (0.8, 0.75, 0.6), (0.85, 0.6, 0.1),
    (0.35, 0.1, 0.15), (0.1, 0.4, 0.45), (0.8, 0.3, 0.1),
)  # fmt: skip


def _rgb(colour: Colour, gain: float = 1.0) -> tuple[float, float, float]:
    return as_colour(np.clip(255 * gain * np.array(colour), 0, 255))


def _glass(rng: np.random.Generator, width: int, height: int) -> Picture:
    """Dark glass with the sky in its upper part and something bright in it."""
    top, bottom = rng.uniform(70, 150), rng.uniform(15, 45)
    column = np.linspace(top, bottom, height)[:, None] * np.ones((1, width))
    column += 25 * np.sin(np.linspace(0, rng.uniform(2, 9), width) + rng.uniform(0, 6))[None] * (column / 150)
    return np.asarray(np.clip(column[..., None] * np.array([0.92, 1.0, 1.06]), 0, 255), np.uint8)


def _fill(picture: Picture, polygon: Floats, glass: Picture) -> None:
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(polygon).astype(np.int32)], 1)
    picture[mask > 0] = glass[mask > 0]
    cv2.polylines(picture, [np.round(polygon).astype(np.int32)], True, (22, 22, 24), 2)


def _shade(picture: Picture, low: float, high: float) -> Picture:
    gain = np.linspace(high, low, len(picture))[:, None, None]
    return np.clip(picture * gain, 0, 255).astype(np.uint8)


def _side(body: Body, paint: Colour, rng: np.random.Generator) -> Picture:
    width, height = 512, 192
    picture = _shade(np.full((height, width, 3), _rgb(paint), np.uint8), 0.72, 1.05)
    share, top = np.array(body.profile).T
    start, end = body.windows
    edge = np.linspace(start, end, 40)
    upper = np.maximum(np.interp(edge, share, top) - (0.07 if not body.boxy else 0.1), body.belt + 0.01)
    outline = np.stack([np.r_[edge, end, start] * width, (1 - np.r_[upper, body.belt, body.belt]) * height], 1)
    _fill(picture, outline, _glass(rng, width, height))
    for post in body.posts:
        x = int(post * width)
        pillar = _rgb(paint, 0.8) if not body.boxy else (30, 30, 32)
        cv2.line(
            picture, (x, int((1 - np.interp(post, share, top)) * height)), (x, int((1 - body.belt) * height)), pillar, 6
        )
        cv2.line(picture, (x, int((1 - body.belt) * height)), (x, int(0.88 * height)), _rgb(paint, 0.5), 2)
        if not body.boxy:
            cv2.rectangle(picture, (x + 8, int(0.43 * height)), (x + 24, int(0.455 * height)), _rgb(paint, 0.45), -1)
    cv2.rectangle(picture, (0, int(0.9 * height)), (width, height), (28, 28, 30), -1)
    for axle in body.wheels:
        radius = body.wheel_radius * 1.2
        axes = (int(radius / body.size[0] * width), int(radius / body.size[2] * height))
        centre = (
            int(axle * width),
            int((1 - (body.wheel_radius - body.clearance) / (body.size[2] - body.clearance)) * height),
        )
        cv2.ellipse(picture, centre, axes, 0, 0, 360, (14, 14, 15), -1)
    lamp = int(0.47 * height)
    if not body.boxy:
        cv2.ellipse(picture, (4, lamp), (22, 9), 0, 0, 360, (150, 20, 20), -1)
        cv2.ellipse(picture, (width - 6, lamp + 8), (24, 9), 0, 0, 360, (225, 225, 220), -1)
    return picture


def _top(body: Body, paint: Colour, rng: np.random.Generator) -> Picture:
    picture = np.full((128, 512, 3), _rgb(paint, 1.05), np.uint8)
    glass = _glass(rng, 512, 128)
    for start, end, narrow, wide in ((*body.screen, 12, 20), (*body.rear_screen[::-1], 14, 22)):
        corners = np.array(
            [(start * 512, wide), (start * 512, 128 - wide), (end * 512, 128 - narrow), (end * 512, narrow)]
        )
        _fill(picture, corners, glass)
    return picture


def _end(body: Body, paint: Colour, rng: np.random.Generator, *, front: bool) -> Picture:
    """Face seen from outside: the glass above, lamps at both sides, grille or boot lid, bumper."""
    height, width = 192, 256
    picture = _shade(np.full((height, width, 3), _rgb(paint), np.uint8), 0.75, 1.02)
    belt = 1 - body.belt
    glass_top = 0.1 if body.boxy else 0.06
    corners = np.array([(0.16, glass_top), (0.84, glass_top), (0.92, belt), (0.08, belt)]) * (width, height)
    _fill(picture, corners, _glass(rng, width, height))
    row = (0.5 if front else 0.44) if body.belt > 0.5 else 0.72
    lamp: tuple[float, float, float] = (235, 235, 228) if front else (165, 18, 18)
    for x in (0.12, 0.88):
        size = (int(rng.uniform(16, 24)), int(rng.uniform(7, 14)))
        cv2.ellipse(
            picture, (int(x * width), int(row * height)), (size[0] + 3, size[1] + 3), 0, 0, 360, (40, 40, 42), -1
        )
        cv2.ellipse(picture, (int(x * width), int(row * height)), size, 0, 0, 360, lamp, -1)
    if front:
        cv2.rectangle(picture, (80, int((row - 0.02) * height)), (176, int((row + 0.12) * height)), (26, 26, 28), -1)
        cv2.rectangle(picture, (80, int((row + 0.03) * height)), (176, int((row + 0.05) * height)), (130, 130, 132), -1)
        cv2.rectangle(picture, (50, int(0.8 * height)), (206, int(0.9 * height)), (30, 30, 32), -1)
    else:
        cv2.rectangle(picture, (70, int((row - 0.03) * height)), (186, int((row + 0.2) * height)), _rgb(paint, 0.85), 2)
        cv2.line(picture, (20, int(0.72 * height)), (236, int(0.72 * height)), _rgb(paint, 0.45), 2)
        cv2.rectangle(picture, (20, int(0.86 * height)), (236, height), (34, 34, 36), -1)
    return picture


def _atlas(body: Body, paint: Colour, rng: np.random.Generator) -> Picture:
    atlas = np.zeros((512, 512, 3), np.uint8)
    atlas[:192] = _side(body, paint, rng)
    atlas[192:320] = _top(body, paint, rng)
    atlas[320:, :256] = _end(body, paint, rng, front=True)
    atlas[320:, 256:] = _end(body, paint, rng, front=False)
    return atlas


def _sections(body: Body) -> Floats:
    """(stations, points, 3) of the hull: rear to front, each from below over the right, the roof, down the left."""
    length, width, height = body.size
    shares, tops = np.array(body.profile).T
    stations = np.unique(np.r_[shares, np.linspace(0, 1, 17)])
    half = _BOXY if body.boxy else _SECTION
    loop = np.concatenate([half, half[-2::-1] * [-1, 1]])
    rows = []
    for station in stations:
        top = float(np.interp(station, shares, tops))
        bottom = 0.1 * max(0.0, abs(2 * station - 1) - 0.85) / 0.15
        plan = 1 - (0.06 if body.boxy else 0.2) * abs(2 * station - 1) ** (14 if body.boxy else 7)
        level = np.minimum(loop[:, 1], top) - 0.05 * (loop[:, 0] ** 4) * (loop[:, 1] > top)
        level = np.maximum(level, bottom)
        rows.append(
            np.stack(
                [
                    loop[:, 0] * plan * width / 2,
                    np.full(len(loop), (station - 0.5) * length),
                    body.clearance + level * (height - body.clearance),
                ],
                1,
            )
        )
    middle = [np.tile(row.mean(0), (len(loop), 1)) for row in (rows[0], rows[-1])]
    return np.stack([middle[0], *rows, middle[1]])


def _project(hull: Mesh, body: Body) -> Mesh:
    """Each triangle takes its texture from the drawing of the side it faces."""
    length, width, height = body.size
    points = hull.vertices[hull.faces]
    facing = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-9)
    along = np.clip(points[..., 1] / length + 0.5, 0.003, 0.997)
    across = np.clip(points[..., 0] / width + 0.5, 0.01, 0.99)
    up = np.clip((points[..., 2] - body.clearance) / (height - body.clearance), 0.01, 0.99)
    side = np.stack([along, 1 - (1 - up) * 192 / 512], -1)
    top = np.stack([along, 1 - (192 + across * 128) / 512], -1)
    front = np.stack([(1 - across) * 0.5, up * 192 / 512], -1)
    rear = np.stack([0.5 + across * 0.5, up * 192 / 512], -1)
    is_side = (np.abs(facing[:, 0]) > 0.55)[:, None, None]
    steep = 0.75 if not body.boxy else 0.5
    is_front, is_rear = (facing[:, 1] > steep)[:, None, None], (facing[:, 1] < -steep)[:, None, None]
    uv = np.where(is_side, side, np.where(is_front, front, np.where(is_rear, rear, top)))
    index = hull.faces.ravel()
    faces = np.arange(len(index), dtype=np.int32).reshape(-1, 3)
    return Mesh(hull.vertices[index], hull.normals[index], uv.reshape(-1, 2), np.ones((len(index), 3)), faces)


def plate_picture(rng: np.random.Generator) -> Picture:
    """A made-up licence plate that follows no country's scheme."""
    ground, ink = [((20, 60, 170), (240, 240, 240)), ((240, 240, 235), (20, 20, 20)), ((235, 190, 40), (20, 20, 20))][
        int(rng.integers(3))
    ]
    picture = np.full((32, 128, 3), ground, np.uint8)
    cv2.rectangle(picture, (1, 1), (126, 30), ink, 2)
    text = "".join(rng.choice(list("ABCDEFGHKLMNPRSTUVXYZ0123456789"), 6))
    cv2.putText(picture, text, (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.8, ink, 2, cv2.LINE_AA)
    return picture


def plate(y: float, z: float, picture: Picture, *, front: bool) -> Part:
    half, tall = 0.24, 0.14
    corners = [(-half, z), (half, z), (half, z + tall), (-half, z + tall)]
    sign = -1 if front else 1
    points = [np.array([sign * x, y, level]) for x, level in corners]
    return Part(quad(points[0], points[1], points[2], points[3], (1, 1, 1)), "licence_plate", picture)


def _wheels(body: Body) -> Mesh:
    length, width, _ = body.size
    breadth = 0.22 * body.wheel_radius / 0.32
    made = []
    for axle in body.wheels:
        for sign in (-1, 1):
            x = sign * (width / 2 - breadth * 0.42)
            made.append(wheel(body.wheel_radius, breadth).moved(x, (axle - 0.5) * length, body.wheel_radius))
    return merge(made)


def hull_parts(body: Body, paint: Colour, rng: np.random.Generator, label: str) -> list[Part]:
    hull = _project(grid(_sections(body), inside_out=True), body)
    return [Part(hull, label, _atlas(body, paint, rng)), Part(_wheels(body), label)]


def _varied(body: Body, rng: np.random.Generator) -> Body:
    length, width, height = (float(part * rng.uniform(0.93, 1.08)) for part in body.size)
    return replace(body, size=(length, width, height))


def _paint(rng: np.random.Generator) -> Colour:
    base = np.array(PAINTS[int(rng.integers(len(PAINTS)))]) * rng.uniform(0.8, 1.15)
    return as_colour(np.clip(base + rng.normal(0, 0.02, 3), 0.02, 0.98))


def car(rng: np.random.Generator) -> Model:
    body = _varied((SEDAN, HATCH, SUV, VAN)[int(rng.choice(4, p=[0.4, 0.22, 0.28, 0.1]))], rng)
    parts = hull_parts(body, _paint(rng), rng, "car")
    picture = plate_picture(rng)
    length, width, height = body.size
    parts.append(plate(-length / 2 - 0.03, 0.36 * height, picture, front=False))
    parts.append(plate(length / 2 + 0.03, 0.25 * height, picture, front=True))
    mirrors = [
        box((0.2, 0.12, 0.13), (0.1, 0.1, 0.1)).moved(s * (width / 2 + 0.05), 0.2 * length, 0.62 * height)
        for s in (-1, 1)
    ]
    parts.append(Part(merge(mirrors), "car"))
    return Model(tuple(parts), length, width, height)


def bus(rng: np.random.Generator) -> Model:
    body = _varied(BUS, rng)
    parts = hull_parts(body, _paint(rng), rng, "bus")
    picture = plate_picture(rng)
    length, width, height = body.size
    parts.append(plate(-length / 2 - 0.03, 0.5, picture, front=False))
    parts.append(plate(length / 2 + 0.03, 0.45, picture, front=True))
    sign = np.full((32, 128, 3), 12, np.uint8)
    cv2.putText(sign, f"{rng.integers(1, 99)} CITY", (6, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (250, 160, 30), 2)
    for y, front in ((length / 2 + 0.02, True), (-length / 2 - 0.02, False)):
        board = plate(y, 0.0, sign, front=front).mesh.scaled(4, 1, 2.0).moved(0, 0, height - 0.42)
        parts.append(Part(board, "bus", sign, glow=True))
    return Model(tuple(parts), length, width, height)


def truck(rng: np.random.Generator) -> Model:
    cab = _varied(CAB, rng)
    length = rng.uniform(5.5, 8.5)
    paint = _paint(rng)
    cargo = length - cab.size[0] - 0.15
    parts = [
        replace(part, mesh=part.mesh.moved(y=length / 2 - cab.size[0] / 2))
        for part in hull_parts(cab, paint, rng, "truck")
    ]
    tall = rng.uniform(1.6, 2.5)
    side = np.full((128, 128, 3), _rgb(_paint(rng)), np.uint8)
    for x in range(0, 128, int(rng.integers(8, 22))):
        side[:, x : x + 2] = (side[:, x : x + 2] * 0.75).astype(np.uint8)
    side[:4] = side[-6:] = 60
    middle = -length / 2 + cargo / 2
    load = box((2.25, cargo, tall), (1, 1, 1)).moved(0, middle, 0.85)
    frame = box((1.9, length - 0.4, 0.3), (0.12, 0.12, 0.12)).moved(0, 0, 0.5)
    axles = [wheel(0.46, 0.4).moved(s * 0.9, y, 0.46) for s in (-1, 1) for y in (-length / 2 + 1.0, -length / 2 + 2.0)]
    lamps = [box((0.3, 0.05, 0.12), (0.6, 0.05, 0.05)).moved(s * 0.9, -length / 2 - 0.02, 0.62) for s in (-1, 1)]
    parts += [Part(load, "truck", side), Part(merge([frame, *axles, *lamps]), "truck")]
    picture = plate_picture(rng)
    parts.append(plate(-length / 2 - 0.05, 0.6, picture, front=False))
    parts.append(plate(length / 2 + 0.04, 0.55, picture, front=True))
    return Model(tuple(parts), length, 2.3, max(0.85 + tall, cab.size[2]))
