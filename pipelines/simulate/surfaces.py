"""Procedural pictures for the ground, facades, leaves and sky."""

from __future__ import annotations

import cv2
import numpy as np

from pipelines.simulate.mesh import Colour
from pipelines.simulate.model import Picture


def _noise(
    rng: np.random.Generator, size: int, cells: tuple[int, ...]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    total = np.zeros((size, size))
    for cell in cells:
        coarse = rng.normal(0, 1, (cell, cell)).astype(np.float32)
        coarse = np.pad(coarse, ((0, 1), (0, 1)), mode="wrap")
        total += cv2.resize(coarse, (size, size), interpolation=cv2.INTER_LINEAR) / len(cells)
    return total


def asphalt(rng: np.random.Generator) -> Picture:
    base = rng.uniform(70, 135)
    field = base + 7 * _noise(rng, 256, (4, 8)) + 6 * _noise(rng, 256, (64, 128)) + rng.normal(0, 6, (256, 256))
    picture = np.repeat(field[..., None], 3, 2) * (1 + rng.normal(0, 0.02, 3))
    for _ in range(int(rng.integers(0, 4))):
        points = np.cumsum(rng.normal(0, 18, (8, 2)), 0) + rng.uniform(0, 256, 2)
        cv2.polylines(picture, [points.astype(np.int32)], False, [base * 0.55] * 3, int(rng.integers(1, 3)))
    for _ in range(int(rng.integers(0, 3))):
        x, y = (int(part) for part in rng.integers(0, 200, 2))
        cv2.rectangle(
            picture,
            (x, y),
            (x + int(rng.integers(15, 60)), y + int(rng.integers(15, 90))),
            [base * rng.uniform(0.7, 1.15)] * 3,
            -1,
        )
    return np.clip(picture, 0, 255).astype(np.uint8)


def paving(rng: np.random.Generator) -> Picture:
    base = rng.uniform(110, 190)
    tint = 1 + rng.normal(0, 0.05, 3)
    picture = (base + 8 * _noise(rng, 256, (8, 64)) + rng.normal(0, 5, (256, 256)))[..., None] * tint
    step = int(rng.choice([32, 64, 128]))
    for at in range(0, 256, step):
        picture[at : at + 2] *= 0.75
        picture[:, at : at + 2] *= 0.75
    for y in range(0, 256, step):
        for x in range(0, 256, step):
            picture[y : y + step, x : x + step] *= 1 + rng.normal(0, 0.04)
    return np.clip(picture, 0, 255).astype(np.uint8)


def grass(rng: np.random.Generator) -> Picture:
    field = 1 + 0.15 * _noise(rng, 256, (8, 32, 128)) + rng.normal(0, 0.12, (256, 256))
    picture = field[..., None] * np.array([70, 95, 45]) * rng.uniform(0.7, 1.3)
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def facade(rng: np.random.Generator, *, ground_floor: bool = True) -> Picture:
    """Four storeys of three windows, with shops below if `ground_floor`."""
    wall = rng.uniform(70, 220) * (1 + rng.normal(0, 0.1, 3))
    field = wall * (1 + 0.04 * _noise(rng, 256, (8, 64)))[..., None]
    if rng.random() < 0.3:
        field[::8] *= 0.88
    picture = np.clip(field, 0, 255).astype(np.uint8)
    columns, rows = int(rng.integers(2, 6)), int(rng.integers(3, 6))
    width, height = 256 // columns, 256 // rows
    frame = [float(part) for part in (wall * rng.uniform(0.5, 1.3)).clip(0, 255)]
    for row in range(rows):
        for column in range(columns):
            x, y = column * width, row * height
            if ground_floor and row == rows - 1:
                _shop(picture, rng, x, y, width, height)
                continue
            left, right = x + int(width * 0.22), x + int(width * 0.78)
            top, bottom = y + int(height * 0.18), y + int(height * 0.78)
            cv2.rectangle(picture, (left - 3, top - 3), (right + 3, bottom + 4), frame, -1)
            glass = rng.uniform(30, 120)
            cv2.rectangle(picture, (left, top), (right, bottom), [glass * 0.9, glass, glass * 1.08], -1)
            cv2.line(picture, ((left + right) // 2, top), ((left + right) // 2, bottom), frame, 2)
            if rng.random() < 0.3:
                cv2.rectangle(picture, (left, top), (right, (top + bottom) // 2), [190, 185, 170], -1)
    return picture


def _shop(picture: Picture, rng: np.random.Generator, x: int, y: int, width: int, height: int) -> None:
    sign = [float(part) for part in rng.uniform(20, 240, 3)]
    cv2.rectangle(picture, (x + 2, y + 3), (x + width - 3, y + height // 4), sign, -1)
    word = "".join(rng.choice(list("ABCDEHKLMNORSTU"), 5))
    cv2.putText(
        picture, word, (x + 6, y + height // 4 - 3), cv2.FONT_HERSHEY_SIMPLEX, 0.4, [245, 245, 245], 1, cv2.LINE_AA
    )
    glass = rng.uniform(25, 90)
    cv2.rectangle(picture, (x + 5, y + height // 3), (x + width - 6, y + height), [glass, glass, glass * 1.1], -1)
    cv2.line(picture, (x + width // 2, y + height // 3), (x + width // 2, y + height), [60, 60, 60], 2)


def leaves(rng: np.random.Generator) -> Picture:
    green: Colour = tuple(np.array([60, 90, 35]) * rng.uniform(0.6, 1.4) * rng.uniform(0.85, 1.15, 3))
    picture = np.zeros((128, 128, 3))
    picture[:] = np.array(green) * 0.5
    for _ in range(700):
        x, y = (int(part) for part in rng.integers(0, 128, 2))
        shade = np.array(green) * rng.uniform(0.4, 1.6)
        cv2.ellipse(picture, (x, y), (3, 2), float(rng.uniform(0, 180)), 0, 360, [float(part) for part in shade], -1)
    return np.clip(picture, 0, 255).astype(np.uint8)


def sky(rng: np.random.Generator, brightness: float) -> Picture:
    """256 high, zenith first; clouds more or less."""
    overcast = rng.random() < 0.5
    zenith = np.array([150, 155, 165]) if overcast else np.array([70, 120, 190])
    horizon = np.array([205, 208, 210]) if overcast else np.array([190, 210, 230])
    share = np.linspace(0, 1, 256)[:, None, None] ** 1.5
    picture = zenith * (1 - share) + horizon * share
    clouds = np.clip(_noise(rng, 256, (4, 8, 16, 32)) * 1.2, 0, 1)[..., None]
    picture = picture * (1 - 0.7 * clouds) + 235 * 0.7 * clouds
    return np.clip(picture * brightness, 0, 255).astype(np.uint8)


def _soft_spot(size: int = 64) -> tuple[Picture, Picture]:
    """Black, and the alpha of a soft shadow that fills about two thirds of it."""
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    reach = np.maximum(np.abs(x), np.abs(y)) * 0.6 + np.hypot(x, y) * 0.4
    alpha = 170 * np.clip((0.95 - reach) / 0.4, 0, 1)
    return np.zeros((size, size, 3), np.uint8), alpha.astype(np.uint8)


SOFT_SPOT = _soft_spot()
