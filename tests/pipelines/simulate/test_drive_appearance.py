from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.taxonomy import CLASS_ID
from pipelines.simulate.drive_appearance import Appearances
from pipelines.simulate.drive_appearance_fit import Described, distances
from vision.appearance.likeness import apart, on_scale
from vision.log import Floats

THINGS = 40
PLACES = np.stack([np.arange(THINGS) * 10.0, np.zeros(THINGS), np.arange(THINGS) * 10.0 + 8.0, np.full(THINGS, 8.0)], 1)
HIGH = np.full(THINGS, 40.0)


def street() -> NDArray[np.int32]:
    """A mask in which each thing fills its own box."""
    mask = np.zeros((10, THINGS * 10), np.int32)
    for index, (left, _, right, _) in enumerate(PLACES.astype(int).tolist()):
        mask[:8, left:right] = index + 1
    return mask


def seen_at(times: list[float], class_name: str = "car") -> Floats:
    """(T, THINGS, D) what all things look like at times, on the scale of `on_scale`."""
    appearances = Appearances(np.full(THINGS, CLASS_ID[class_name]), np.random.default_rng(1))
    vectors = []
    for time_s in times:
        appearances.advance(time_s)
        vectors.append(appearances.described(np.arange(THINGS), PLACES, street(), HIGH))
    picture = np.repeat(np.arange(len(times), dtype=np.int32), THINGS)
    looks = on_scale(np.concatenate(vectors), picture, np.zeros(len(picture), np.intp))
    return looks.reshape(len(times), THINGS, -1).astype(float)


def test_things_look_like_themselves_the_less_the_longer_ago_and_riders_less_than_cars() -> None:
    def itself(class_name: str) -> list[float]:
        looks = seen_at([0.0, 0.2, 2.0, 60.0], class_name)
        return [float(np.median(np.linalg.norm(looks[0] - later, axis=1))) for later in looks[1:]]

    cars, riders = itself("car"), itself("motorcycle")
    assert cars[0] < cars[1] < cars[2]
    assert all(car < rider for car, rider in zip(cars, riders, strict=True))
    looks = seen_at([0.0]).astype(np.float32)[0]
    others = apart(looks, looks)[np.triu_indices(THINGS, 1)]
    assert float(np.median(others)) == pytest.approx(0.95, abs=0.1)
    assert cars[0] < 0.5 * np.median(others)


def test_vectors_are_of_unit_length() -> None:
    appearances = Appearances(np.full(3, CLASS_ID["car"]), np.random.default_rng(2))
    vectors = appearances.described(np.array([0, 1, 2, -1]), PLACES[:4], street(), HIGH[:4])
    assert np.linalg.norm(vectors.astype(float), axis=1) == pytest.approx(np.ones(4), abs=0.01)


def test_what_hides_a_thing_makes_it_look_like_that() -> None:
    appearances = Appearances(np.full(THINGS, CLASS_ID["car"]), np.random.default_rng(3))
    free, hidden = street(), street()
    hidden[:, :6] = 2  # most of the first is behind the second
    many = [appearances.described(np.arange(THINGS), PLACES, mask, HIGH) for mask in [free, hidden] * 40]
    plain, behind = (np.mean(np.array(part, float), axis=0) for part in (many[::2], many[1::2]))
    assert np.linalg.norm(behind[0] - plain[1]) < np.linalg.norm(plain[0] - plain[1]) / 2
    assert np.allclose(behind[2:], plain[2:], atol=0.05)


def test_a_fancy_looks_like_itself() -> None:
    appearances = Appearances(np.zeros(0, np.intp), np.random.default_rng(4))
    empty, fancies = np.zeros((10, 40), np.int32), np.array([-1, -2])
    one, again = (appearances.described(fancies, PLACES[:2], empty, HIGH[:2]).astype(float) for _ in range(2))
    assert np.linalg.norm(one[0] - again[0]) < np.linalg.norm(one[0] - one[1])


def test_distances_are_of_all_pairs_of_a_kind() -> None:
    rng = np.random.default_rng(0)
    step, thing = np.repeat(np.arange(12, dtype=np.int32), 3), np.tile([0, 1, 2], 12)
    high = np.tile([10.0, 20.0, 30.0], 12)
    seen = Described(step, thing, np.tile([0, 0, 1], 12), high, rng.normal(0, 1, (36, 8)).astype(np.float16))
    pairs = distances(seen, 0)
    assert len(pairs.distance) == 24 * 23 // 2
    assert int(pairs.same.sum()) == 2 * 12 * 11 // 2
    assert set(pairs.high_px[~pairs.same]) == {10.0}
    assert pairs.gap_s.max() == pytest.approx(11 / 6)
    assert len(distances(seen, 1).distance) == 0  # never two of them in one picture
