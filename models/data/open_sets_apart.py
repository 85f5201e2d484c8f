"""Whether a picture shows a photo that was seen before, also sheared, turned, mirrored or recoloured by Roboflow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.groups import NEAR_DUPLICATE, difference_hash, nearest
from models.data.pictures import pictures_in, read_bgr

SIDE: Final = 480  # pixels: keypoints are looked for at this size
KEYPOINTS: Final = 300
ALIKE: Final = 10  # photos of the most similar colours are compared by keypoints
RATIO: Final = 0.75  # Lowe 2004, https://doi.org/10.1023/B:VISI.0000029664.99615.94, section 7.1
SHARED: Final = 15  # keypoints that one affine transform maps: copies share a third of theirs, other photos none


@dataclass(frozen=True, slots=True)
class Keypoints:
    """(K, 2) places, pixels, and (K, 32) ORB descriptors."""

    points: NDArray[np.float32]
    descriptors: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Photo:
    """What is compared of a picture: (2,) hashes, (256,) histogram of hue and saturation, keypoints of both sides."""

    hashes: NDArray[np.uint64]
    colours: NDArray[np.float32]
    keypoints: Keypoints
    mirrored: Keypoints


def photo(picture: NDArray[np.uint8]) -> Photo:
    """Of a BGR picture."""
    scale = SIDE / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)
    colours = np.sqrt(cv2.calcHist([hsv], [0, 1], None, [32, 8], [0, 180, 0, 256]).ravel() / (small.size / 3))
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    both = _keypoints(grey), _keypoints(np.ascontiguousarray(grey[:, ::-1]))
    return Photo(difference_hash(picture), np.asarray(colours, np.float32), *both)


class Photos:
    """Photos, of which a picture may show one again."""

    def __init__(self) -> None:
        self._photos: list[Photo] = []
        self._hashes = np.zeros((0, 2), np.uint64)
        self._colours = np.zeros((0, 256), np.float32)

    @classmethod
    def below(cls, folders: Iterable[Path]) -> Photos:
        """All the pictures in the folders and below them.

        Raises:
            BadUse: one of them cannot be read; its copies would get past.
        """
        photos = cls()
        for path in (path for folder in folders for path in pictures_in(folder, ("**/*",))):
            photos.add(photo(read_bgr(path)))
        return photos

    def add(self, one: Photo) -> None:
        self._photos.append(one)
        self._hashes = np.concatenate([self._hashes, one.hashes[None]])
        self._colours = np.concatenate([self._colours, one.colours[None]])

    def hold(self, one: Photo) -> bool:
        """Whether one of them is the same photo."""
        if nearest(one.hashes[None], self._hashes).min() <= NEAR_DUPLICATE:
            return True
        likest = np.argsort(self._colours @ one.colours)[: -ALIKE - 1 : -1]
        sides = (one.keypoints, one.mirrored)
        return any(_shared(side, self._photos[each].keypoints) >= SHARED for each in likest for side in sides)


def _keypoints(grey: NDArray[np.uint8]) -> Keypoints:
    found, descriptors = cv2.ORB.create(KEYPOINTS).detectAndCompute(grey, None)
    points = np.array([each.pt for each in found], np.float32).reshape(-1, 2)
    return Keypoints(points, np.zeros((0, 32), np.uint8) if descriptors is None else np.asarray(descriptors, np.uint8))


def _shared(one: Keypoints, other: Keypoints) -> int:
    """How many keypoints of one an affine transform maps onto keypoints of the other."""
    if min(len(one.points), len(other.points)) < SHARED:
        return 0
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(one.descriptors, other.descriptors, k=2)
    kept = [best for best, second in pairs if best.distance < RATIO * second.distance]
    if len(kept) < SHARED:
        return 0
    source = one.points[[each.queryIdx for each in kept]]
    target = other.points[[each.trainIdx for each in kept]]
    _, inside = cv2.estimateAffine2D(source, target, ransacReprojThreshold=6.0)
    return 0 if inside is None else int(np.count_nonzero(inside))
