"""Samples of the lamp state network: patches made as small, blurred, dazzling or badly boxed as on the street."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.lamps import opacity
from models.lamp_state.data import CONTEXT, Patch, Patches
from models.lamp_state.window import NONE, STATES, cut_windows, windows_of

SIZE: Final = (7.0, 80.0)  # longer side in pixels at which a sample is seen; drawn evenly in the logarithm


@dataclass(frozen=True, slots=True)
class Samples:
    """Attributes:
    windows: (N, SIDE, SIDE, 3) uint8 RGB. state: (N,) int64, index into `STATES`.
    """

    windows: NDArray[np.uint8]
    state: NDArray[np.int64]


def draw_samples(patches: Patches, shares: tuple[float, ...], count: int, random: np.random.Generator) -> Samples:
    """Draw training samples, each state by its share, and within a state each kind of patch as often."""
    by_state = [_rows(patches.train, state) for state in range(len(STATES))]
    parts = []
    for state in random.choice(len(STATES), count, p=np.array(shares) / sum(shares)):
        groups = by_state[int(state)]
        group = groups[int(random.integers(len(groups)))]
        patch = patches.train[int(random.choice(group))]
        parts.append(sample(patch, patches.streets, random))
    return _joined(parts)


def held_out_samples(patches: Patches, size: float, rounds: int, seed: int = 0) -> Samples:
    """All held-out patches `rounds` times at one size in pixels."""
    random = np.random.default_rng(seed)
    return _joined([sample(each, patches.streets, random, size) for _ in range(rounds) for each in patches.held_out])


def sample(
    patch: Patch, streets: tuple[NDArray[np.uint8], ...], random: np.random.Generator, size: float | None = None
) -> Samples:
    """One sample of a patch, at the size given or a random one; a patch is never enlarged."""
    if patch.bare:
        patch = _before_a_street(patch, streets[int(random.integers(len(streets)))], random)
    patch = _turned(patch, random)
    longer = size or float(np.exp(random.uniform(*np.log(SIZE))))
    scale = min(1.0, longer / float((patch.box[2:] - patch.box[:2]).max()))
    picture = np.asarray(cv2.resize(patch.picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    true = patch.box * scale
    window = windows_of(_moved(true, random)[None])
    return Samples(
        cut_windows(_as_filmed(picture, true, patch.state, random), window), np.array([patch.state], np.int64)
    )


def _rows(patches: tuple[Patch, ...], state: int) -> list[NDArray[np.intp]]:
    """Rows of a state's patches by kind: with a street around them or bare, real or made."""
    kinds = [2 * each.bare + each.made if each.state == state else -1 for each in patches]
    groups = [np.flatnonzero(np.array(kinds) == kind) for kind in range(4)]
    return [group for group in groups if len(group)]


def _joined(parts: list[Samples]) -> Samples:
    return Samples(np.concatenate([part.windows for part in parts]), np.concatenate([part.state for part in parts]))


def _before_a_street(patch: Patch, street: NDArray[np.uint8], random: np.random.Generator) -> Patch:
    """The bare head in the middle of a part of the street, its edge softened."""
    height, width = patch.picture.shape[:2]
    side = int(max(height, width) * CONTEXT)
    zoom = float(random.uniform(0.5, 1.0))
    want = min(round(side * zoom), *street.shape[:2])
    top, left = random.integers(0, street.shape[0] - want + 1), random.integers(0, street.shape[1] - want + 1)
    behind = cv2.resize(street[top : top + want, left : left + want], (side, side))
    canvas: NDArray[np.float32] = np.asarray(behind, np.float32)
    y, x = (side - height) // 2, (side - width) // 2
    mask = np.zeros((height, width), np.float32)
    edge = max(1, round(min(height, width) * 0.06))
    mask[edge:-edge, edge:-edge] = 1
    alpha = np.asarray(cv2.GaussianBlur(mask * opacity(patch.picture), (0, 0), edge), np.float32)[..., None]
    canvas[y : y + height, x : x + width] += alpha * (patch.picture - canvas[y : y + height, x : x + width])
    box = np.array([x, y, x + width, y + height], np.float32)
    return Patch(canvas.clip(0, 255).astype(np.uint8), box, patch.state)


def _turned(patch: Patch, random: np.random.Generator) -> Patch:
    """Mirrored half of the time; one in twelve lies on its side, as heads on gantries do, red left or right."""
    picture, box = patch.picture, patch.box
    if random.random() < 1 / 12 and patch.state != NONE:
        picture = np.ascontiguousarray(picture.transpose(1, 0, 2))
        box = np.array(box[[1, 0, 3, 2]], np.float32)
    if random.random() < 0.5:
        picture = np.ascontiguousarray(picture[:, ::-1])
        box = np.array([picture.shape[1] - box[2], box[1], picture.shape[1] - box[0], box[3]], np.float32)
    return Patch(picture, box, patch.state)


def _moved(box: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """The box as badly as a detector places small ones: moved by up to a fifth, sized 0.7 to 1.4."""
    centre, size = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
    centre = centre + np.clip(random.normal(0, 0.09, 2), -0.2, 0.2) * size
    size = size * np.exp(np.clip(random.normal(0, 0.15, 2), -0.35, 0.35))
    return np.concatenate([centre - size / 2, centre + size / 2]).astype(np.float32)


def _as_filmed(
    picture: NDArray[np.uint8], box: NDArray[np.float32], state: int, random: np.random.Generator
) -> NDArray[np.uint8]:
    """Light, colour, glare, blur, noise and compression of a camera."""
    light: NDArray[Any] = np.asarray(picture, np.float32)
    if state < NONE - 1 and random.random() < 0.3:
        light = _glare(light, box, random)
    light = 255 * (light / 255) ** float(np.exp(random.normal(0, 0.25)))
    light = light * float(random.uniform(0.6, 1.25)) * np.exp(random.normal(0, 0.08, 3))
    grey = light.mean(axis=2, keepdims=True)
    light = grey + (light - grey) * float(random.uniform(0.5, 1.4))
    if random.random() < 0.5:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), float(random.uniform(0.3, 1.2))), np.float32)
    light = light + random.normal(0, random.uniform(0, 7), light.shape)
    shown = np.asarray(light.clip(0, 255), np.uint8)
    if random.random() < 0.5:
        code = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 90))])[1]
        shown = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), np.uint8)
    return shown


def _glare(light: NDArray[Any], box: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """The street dimmed, the lit lamp's light spread around it until its middle is white."""
    left, top, right, bottom = np.round(box).astype(int).clip(0)
    lamp = np.zeros_like(light)
    head = light[top:bottom, left:right]
    if head.size == 0:
        return np.asarray(light, np.float32)
    colour = head.max(axis=2) - head.min(axis=2)
    lit = colour * head.max(axis=2)
    mask = (lit >= max(float(np.percentile(lit, 92)), 1.0))[..., None]
    lamp[top:bottom, left:right] = head * mask
    wide = max(0.5, float(random.uniform(0.05, 0.25)) * (bottom - top))
    spread = cv2.GaussianBlur(lamp, (0, 0), wide)
    strength = float(random.uniform(0.5, 3.0))
    return np.asarray(light * random.uniform(0.3, 1.0) + spread * strength + lamp * strength * 0.3, np.float32)
