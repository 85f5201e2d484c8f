"""Parked cars tell how long a lens is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.taxonomy import CLASS_ID
from vision.camera.known_heights import Sights
from vision.camera.passed_lengths import ROUNDED_M, FocalByLengths, focal_by_lengths
from vision.log import GroundCamera
from vision.motion.egomotion import EgoMotion

SIZE = (1280, 720)
COLUMN, HORIZON, HEIGHT_M = 650.0, 360.0, 1.3
LOOK_M = 1.5  # driven from look to look


def boxes_at(way: float, focal: float, cars: np.ndarray) -> np.ndarray:
    """(M, 4) boxes of cars (near end ahead, inner side to the right, length, width) by a camera that came `way`."""
    near, side, length, width = cars.T
    near = np.where(near - way > 1.0, near - way, np.nan)
    far = near + length - ROUNDED_M
    # To the left of the way the corners that are outermost are the mirrored ones.
    right = side > 0
    inner, outer = side / far, np.where(right, side + width, side - width) / near
    left, right_edge = np.where(right, inner, outer), np.where(right, outer, inner)
    foot, top = HEIGHT_M / near, (HEIGHT_M - 1.5) / near
    x1, x2 = COLUMN + focal * left, COLUMN + focal * right_edge
    return np.stack([x1, HORIZON + focal * top, x2, HORIZON + focal * foot], axis=1)


def drive(focal: float, cars: np.ndarray, looks: int, rng: np.random.Generator, moved: float = 0.0) -> Sights:
    """`moved`: metres that the cars drive ahead from look to look."""
    found, number = [], []
    for look in range(looks):
        at = cars.copy()
        at[:, 0] += moved * look
        boxes = boxes_at(look * LOOK_M, focal, at)
        inside = (boxes[:, :2] > 5).all(axis=1) & (boxes[:, 2:] < np.array(SIZE) - 5).all(axis=1)
        boxes = boxes[inside] + rng.normal(0, 1.0, boxes[inside].shape)
        found.append(boxes)
        number.append(np.full(len(boxes), look))
    boxes = np.concatenate(found).astype(np.float32)
    return Sights(boxes, np.full(len(boxes), CLASS_ID["car"], np.int16), np.concatenate(number).astype(np.intp))


def straight(looks: int, scale: float, turn: float = 0.0) -> EgoMotion:
    """The drive as seen through a focal length that is `scale` times the true one."""
    way, zero = np.arange(looks) * LOOK_M * scale, np.zeros(looks)
    return EgoMotion(way, zero, zero + turn * np.arange(looks), zero + 9.0, np.zeros(looks, bool))


def parked(rng: np.random.Generator, count: int) -> np.ndarray:
    """Far enough apart not to hide each other."""
    side = rng.choice([-1.0, 1.0], count) * rng.uniform(2.0, 3.5, count)
    length, width = rng.normal(4.3, 0.4, count), rng.normal(1.77, 0.08, count)
    return np.stack([15.0 + 14.0 * np.arange(count), side, length, width], axis=1)


def found(true_focal: float, guess: float, seed: int, moved: float = 0.0, turn: float = 0.0) -> FocalByLengths | None:
    rng = np.random.default_rng(seed)
    sights = drive(true_focal, parked(rng, 16), 160, rng, moved)
    camera = GroundCamera(guess, SIZE[0] / 2, HORIZON, HEIGHT_M, ("test",))
    return focal_by_lengths(sights, straight(160, guess / true_focal, turn), camera, COLUMN, SIZE, 0.2)


@settings(max_examples=8, deadline=None)
@given(st.floats(480, 900), st.integers(0, 99))
def test_the_focal_length_is_found_within_its_uncertainty(true_focal: float, seed: int) -> None:
    told = found(true_focal, 600.0, seed)
    assert told is not None
    assert told.log_std < 0.15
    assert abs(np.log(told.factor * 600.0 / true_focal)) < 2.5 * told.log_std


def test_over_many_streets_it_is_right_to_a_few_percent() -> None:
    factors = [told.factor for told in (found(720.0, 600.0, seed) for seed in range(8)) if told is not None]
    assert len(factors) == 8
    assert np.mean(factors) == pytest.approx(720.0 / 600.0, rel=0.05)


def test_cars_that_drive_say_nothing() -> None:
    assert found(700.0, 600.0, 1, moved=0.7) is None


def test_bends_say_nothing() -> None:
    assert found(700.0, 600.0, 1, turn=0.02) is None


def test_without_cars_nothing_is_told() -> None:
    camera = GroundCamera(600.0, 640.0, HORIZON, HEIGHT_M, ("test",))
    nothing = Sights(np.zeros((0, 4), np.float32), np.zeros(0, np.int16), np.zeros(0, np.intp))
    assert focal_by_lengths(nothing, straight(0, 1.0), camera, COLUMN, SIZE, 0.2) is None
