from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from vision.appearance.descriptors import AT_ONCE, SIDE, Describer, Descriptors, cut_out, describe, typical_of
from vision.tables.world import APPEARANCE_SIZE

RED, BLUE, GREY = (200, 30, 30), (30, 40, 190), (120, 120, 120)


def dressed(top: ArrayLike, bottom: ArrayLike, seed: int = 0) -> NDArray[np.uint8]:
    """A picture (1, SIDE, SIDE, 3) of somebody in two colours, with some noise."""
    picture = np.empty((1, SIDE, SIDE, 3))
    picture[:, : SIDE // 2], picture[:, SIDE // 2 :] = top, bottom
    noise = np.random.default_rng(seed).normal(0, 8, picture.shape)
    return np.asarray((picture + noise).clip(0, 255), np.uint8)


@given(st.integers(0, 10_000), st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_appearances_are_of_unit_length(seed: int, count: int) -> None:
    pictures = np.random.default_rng(seed).integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)
    vectors = describe(pictures)
    assert vectors.shape == (count, APPEARANCE_SIZE)
    assert np.allclose(np.linalg.norm(vectors.astype(float), axis=1), 1.0, atol=0.005)
    assert np.array_equal(vectors[0], describe(pictures[:1])[0])  # by itself as among others


def test_a_picture_of_one_colour_has_an_appearance_too() -> None:
    assert np.isfinite(describe(np.zeros((1, SIDE, SIDE, 3), np.uint8)).astype(float)).all()


def test_the_same_clothes_are_more_alike_than_others_or_the_same_upside_down() -> None:
    person = describe(dressed(RED, BLUE))
    again, other, upside_down = (
        describe(dressed(top, bottom, seed=1)) for top, bottom in ((RED, BLUE), (GREY, BLUE), (BLUE, RED))
    )
    alike = [float(person[0] @ each[0]) for each in (again, other, upside_down)]
    assert alike[0] > 0.97
    assert max(alike[1:]) < alike[0] - 0.05


def test_stripes_are_told_from_bars() -> None:
    stripes = np.full((1, SIDE, SIDE, 3), 60, np.uint8)
    stripes[:, :, ::4] = stripes[:, :, 1::4] = 200
    bars = stripes.transpose(0, 2, 1, 3)
    assert float(describe(stripes)[0] @ describe(bars)[0]) < 0.8


def test_only_boxes_that_are_large_enough_are_cut_out() -> None:
    picture = np.zeros((60, 100, 3), np.uint8)
    picture[10:40, 20:50] = RED
    boxes = np.array([[20, 10, 50, 40], [5, 5, 8, 30], [90, 50, 130, 90], [200, 10, 240, 40]], np.float32)
    cut, rows = cut_out(picture, boxes)
    assert rows.tolist() == [0, 2]
    assert (cut[0] == RED).all()


def test_descriptors_are_found_again_by_their_exact_box() -> None:
    boxes = np.array([[0, 0, 10, 10], [5, 5, 20, 20], [0, 0, 10, 10]], np.float32)
    known = Descriptors(np.array([3, 3, 7], np.int32), boxes, np.zeros((3, APPEARANCE_SIZE), np.float16))
    wanted = np.array([[0, 0, 10, 10], [0, 0, 10, 10], [5, 5, 20, 20.5]], np.float32)
    assert known.rows_of(np.array([7, 4, 3], np.int32), wanted).tolist() == [2, -1, -1]


def test_the_largest_sightings_tell_what_a_thing_looks_like() -> None:
    near, far = describe(dressed(RED, BLUE)), describe(dressed(GREY, GREY))
    boxes = np.array([[0, 0, 40, 40]] * 5 + [[0, 0, 8, 8]] * 20, np.float32)
    vectors = np.concatenate([near] * 5 + [far] * 20)
    assert np.allclose(typical_of(vectors, boxes).astype(float), near[0].astype(float), atol=0.002)
    assert np.isnan(typical_of(vectors[:0], boxes[:0])).all()


def test_boxes_described_one_picture_at_a_time_are_described_as_all_at_once() -> None:
    rng = np.random.default_rng(3)
    pictures = rng.integers(0, 256, (AT_ONCE // 2, 40, 60, 3), dtype=np.uint8)
    boxes = np.array([[0, 0, 20, 30], [10, 5, 11, 30], [30, 5, 58, 39]], np.float32)
    describer = Describer()
    assert len(describer.described().frame) == 0
    for frame, picture in enumerate(pictures):
        describer.see(frame, picture, boxes, 2 * boxes)
    seen = describer.described()
    assert seen.frame.tolist() == np.repeat(np.arange(len(pictures)), 2).tolist()  # one box is too narrow
    assert np.array_equal(seen.boxes, np.tile(2 * boxes[[0, 2]], (len(pictures), 1)))
    cut = np.concatenate([cut_out(picture, boxes)[0] for picture in pictures])
    assert np.array_equal(seen.vectors, describe(cut))
