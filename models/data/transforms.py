"""Our steps among ultralytics' transforms of a labelled picture."""

from __future__ import annotations

import random
from typing import Any, Final

import numpy as np
from ultralytics.data.augment import BaseTransform, Mosaic, RandomPerspective

from models.data.weather import changed_conditions
from models.taxonomy import CLASS_ID

LIT: Final = [CLASS_ID[name] for name in ("light_red", "light_yellow", "light_green")]


class SameSourceMosaic(Mosaic):  # type: ignore[misc]
    """A mosaic of pictures of one source, so that it tells about a class what each of them tells."""

    def get_params(self, labels: dict[str, Any]) -> dict[str, Any]:
        self._members = self.dataset.members_of(labels["im_file"])
        return super().get_params(labels)  # type: ignore[no-any-return]

    def get_indexes(self) -> list[int]:
        return random.choices(self._members, k=self.n - 1)  # noqa: S311


class Zoom(RandomPerspective):  # type: ignore[misc]
    """Shift and scale: mosaics are mostly scaled down and single pictures mostly up, so that little stays empty."""

    def __init__(self, scale: tuple[float, float], size: int) -> None:
        super().__init__(translate=0.15, scale=scale, size=(size, size))
        low, high = scale
        self._of_mosaic, self._of_single = (low, max(low, min(high, 1.0))), (max(low, min(high, 0.6)), high)

    def get_params(self, labels: dict[str, Any]) -> dict[str, Any]:
        mosaic = labels["img"].shape[1] >= 2 * self.size[0]
        self.scale = self._of_mosaic if mosaic else self._of_single
        return super().get_params(labels)  # type: ignore[no-any-return]


class LeastBox(BaseTransform):  # type: ignore[misc]
    """Drops boxes whose longer side is under some pixels: nobody could say what is in them."""

    def __init__(self, pixels: float) -> None:
        self._pixels = pixels

    def apply_instances(self, labels: dict[str, Any], params: dict[str, Any] | None = None) -> dict[str, Any]:
        del params
        boxes = labels["instances"].bboxes
        large = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) >= self._pixels
        labels["instances"], labels["cls"] = labels["instances"][large], labels["cls"][large]
        return labels


class Conditions(BaseTransform):  # type: ignore[misc]
    """Night, weather, windscreen, blur and compression in a share of the pictures; boxes are x1 y1 x2 y2 in pixels."""

    def __init__(self, share: float) -> None:
        self._share = share

    def apply_image(self, labels: dict[str, Any], params: dict[str, Any] | None = None) -> dict[str, Any]:
        del params
        if random.random() < self._share:  # noqa: S311
            lit = np.isin(labels["cls"].ravel(), LIT)
            generator = np.random.default_rng(random.getrandbits(32))
            labels["img"] = changed_conditions(labels["img"], labels["instances"].bboxes[lit], generator)
        return labels
