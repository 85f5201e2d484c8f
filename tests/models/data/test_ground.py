"""Litter cut out of its photo and put on a road."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.boxes import Boxes, overlap
from models.data.cutouts import Cutouts, extent, foreground, read_cutouts, write_cutout
from models.data.ground import MOST_PIXELS, ROWS, paste_litter
from models.data.loose import tightened
from models.taxonomy import CLASS_ID

LITTER = CLASS_ID["litter"]


def photo(centre: tuple[int, int] = (100, 80), radius: int = 24) -> np.ndarray:
    """A red can on noisy asphalt."""
    picture = np.random.default_rng(0).normal(90, 6, (160, 200, 3)).clip(0, 255).astype(np.uint8)
    cv2.circle(picture, centre, radius, (30, 40, 220), -1)
    return picture


def test_a_thing_is_cut_out_of_its_box() -> None:
    cutout = foreground(photo(), np.array([70.0, 50.0, 130.0, 110.0]))
    assert cutout is not None
    solid = cutout[..., 3] > 127
    assert 0.9 < solid.sum() / (np.pi * 24**2) < 1.1  # the box is under the working size: nothing was scaled
    assert cutout[solid][:, 2].mean() > 180


def test_ground_without_a_thing_is_not_cut_out() -> None:
    assert foreground(photo(radius=0), np.array([10.0, 10.0, 15.0, 15.0])) is None  # too small to tell


def test_a_loose_box_is_tightened_to_its_thing() -> None:
    size = np.array([200, 160, 200, 160])
    loose = Boxes(np.array([LITTER]), np.array([[66.0, 46.0, 134.0, 114.0]]) / size)
    tight = tightened(photo(), loose).xyxy[0] * size
    assert tight == pytest.approx([76, 56, 124, 104], abs=2)


def test_a_box_that_cannot_be_cut_stays(tmp_path: Path) -> None:
    small = Boxes(np.array([LITTER]), np.array([[0.1, 0.1, 0.12, 0.13]]))
    assert (tightened(photo(), small).xyxy == small.xyxy).all()


def test_cutouts_are_read_for_the_pictures_asked_for_only(tmp_path: Path) -> None:
    cutout = foreground(photo(), np.array([70.0, 50.0, 130.0, 110.0]))
    assert cutout is not None
    write_cutout(tmp_path, "s__one", 0, LITTER, cutout)
    write_cutout(tmp_path, "s__held", 1, LITTER, cutout)
    kept = read_cutouts(tmp_path, frozenset({"s__one"}))
    assert kept.class_id.tolist() == [LITTER]
    assert extent(kept.pictures[0]) == pytest.approx([0, 0, 1, 1])


def cutouts() -> Cutouts:
    thing = np.zeros((30, 40, 4), np.uint8)
    cv2.ellipse(thing, (20, 15), (19, 14), 0, 0, 360, (200, 230, 240, 255), -1)
    return Cutouts((thing, thing), np.array([LITTER, CLASS_ID["garbage_pile"]], np.int64))


@given(st.integers(0, 2**31))
def test_pasted_things_lie_on_the_road_off_other_things_and_grow_towards_the_camera(seed: int) -> None:
    picture = np.full((384, 640, 3), 110, np.uint8)
    thing = np.array([[200, 230, 400, 380]], np.float32)
    changed, placed, classes = paste_litter(picture, thing, cutouts(), np.random.default_rng(seed))
    assert len(placed) == len(classes) <= 5
    assert (picture == 110).all()
    for index, (box, class_id) in enumerate(zip(placed, classes, strict=True)):
        x1, y1, x2, y2 = box.astype(int)
        assert ROWS[0] * 384 - 1 <= y2 <= 384
        assert max(x2 - x1, y2 - y1) <= MOST_PIXELS
        assert overlap(box[None], np.concatenate([thing, np.delete(placed, index, 0)])).max() == 0
        assert changed[y1:y2, x1:x2].max() > 130
        metres = max(x2 - x1, y2 - y1) * 1.8 / (y2 - 0.50 * 384)  # seen by the highest camera, horizon lowest
        assert metres >= (0.07 if class_id == LITTER else 0.45)


def test_nothing_is_put_on_grass() -> None:
    grass = np.random.default_rng(0).integers(0, 256, (384, 640, 3), np.uint8)
    _, placed, _ = paste_litter(grass, np.zeros((0, 4), np.float32), cutouts(), np.random.default_rng(1))
    assert not len(placed)
