"""Pictures that show nearly the same stay together."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.data.groups import NEAR_DUPLICATE, SAME_SCENE, difference_hash, held_out, nearest, scene_groups


def scene(seed: int) -> np.ndarray:
    return cv2.resize(np.random.default_rng(seed).integers(0, 256, (9, 12, 3), np.uint8), (240, 180))


def hashes(*pictures: np.ndarray) -> np.ndarray:
    return np.array([difference_hash(each) for each in pictures], np.uint64)


def test_a_photo_scaled_compressed_or_mirrored_is_a_near_duplicate() -> None:
    one = scene(1)
    _, data = cv2.imencode(".jpg", cv2.resize(one, (160, 120)), [cv2.IMWRITE_JPEG_QUALITY, 40])
    copies = hashes(cv2.imdecode(data, cv2.IMREAD_COLOR), one[:, ::-1], scene(2))
    assert (nearest(copies, hashes(one)) <= NEAR_DUPLICATE).tolist() == [True, True, False]


def test_nothing_is_near_to_no_pictures() -> None:
    assert nearest(hashes(scene(1)), np.zeros((0, 2), np.uint64)).min() > SAME_SCENE


def test_likeness_and_following_numbers_group_pictures() -> None:
    pictures = hashes(scene(1), scene(2), scene(1), scene(3), scene(4))
    names = ["a_100", "a_3", "a_200", "a_7", "b"]
    alike = scene_groups(names, pictures, "")
    assert alike[0] == alike[2]
    assert len(set(alike.tolist())) == 4
    numbered = scene_groups(names, pictures, r"_(\d+)$")
    assert numbered[1] == numbered[3]
    assert len(set(numbered.tolist())) == 3


@given(st.lists(st.integers(0, 30), min_size=1, max_size=200), st.floats(0, 0.5), st.integers(0, 99))
def test_whole_groups_are_held_out_and_not_more_than_asked(groups: list[int], share: float, seed: int) -> None:
    group = np.unique(groups, return_inverse=True)[1]
    held = held_out(group, share, seed)
    assert held.sum() <= share * len(group)
    for each in np.unique(group):
        assert len(set(held[group == each].tolist())) == 1
    assert (held == held_out(group, share, seed)).all()


def test_without_hashes_only_the_names_tell() -> None:
    assert scene_groups(["a_1", "a_2", "b_90"], None, r"_(\d+)$").tolist() == [0, 0, 1]
