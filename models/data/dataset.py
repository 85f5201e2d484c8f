"""The merged set as ultralytics' augmented dataset, with our two additions: heads and unknown classes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader
from ultralytics.cfg import get_cfg
from ultralytics.data.augment import Compose, Format, Mosaic, RandomFlip, RandomHSV, RandomPerspective
from ultralytics.data.dataset import YOLODataset

from models.data.merge import MergedSet
from models.data.paste import Heads, paste_heads
from models.data.sources import Recipe
from models.taxonomy import STREET_CLASSES


class SameSourceMosaic(Mosaic):  # type: ignore[misc]
    """A mosaic of pictures of one source, so that all of it is silent about the same unknown classes."""

    def get_params(self, labels: dict[str, Any]) -> dict[str, Any]:
        self._members = self.dataset.members_of(labels["im_file"])
        return super().get_params(labels)  # type: ignore[no-any-return]

    def get_indexes(self) -> list[int]:
        return random.choices(self._members, k=self.n - 1)  # noqa: S311


class StreetDataset(YOLODataset):  # type: ignore[misc]
    """Augmented pictures; each item also has `known`, (classes,) float: 1 where the loss may say "not there"."""

    def __init__(self, merged: MergedSet, recipe: Recipe, heads: Heads, *, mosaic: bool) -> None:
        self._recipe, self._heads, self._mosaic = recipe, heads, mosaic
        source_of = {path.name: int(each) for path, each in zip(merged.pictures, merged.source, strict=True)}
        names = dict(enumerate(STREET_CLASSES))
        super().__init__(
            img_path=str(merged.folder / "images"),
            imgsz=recipe.size,
            augment=True,
            batch_size=recipe.batch,
            hyp=get_cfg(),
            data={"names": names, "channels": 3},
        )
        # ultralytics leaves out what it finds corrupt, so sources are looked up by the names that are left.
        self.source = np.array([source_of[_name(path)] for path in self.im_files], np.int64)
        self._members = {int(each): np.flatnonzero(self.source == each).tolist() for each in np.unique(self.source)}
        self._source_of = source_of
        self._known = np.stack([source.known() for source in recipe.sources]).astype(np.float32)

    def members_of(self, im_file: str) -> list[int]:
        return self._members[self._source_of[_name(im_file)]]

    def build_transforms(self, hyp: Any) -> Any:
        size = self._recipe.size
        return Compose(
            [
                SameSourceMosaic(self, imgsz=size, p=self._recipe.mosaic if self._mosaic else 0.0),
                RandomPerspective(translate=0.15, scale=self._recipe.scale, size=(size, size)),
                RandomHSV(hgain=hyp.hsv_h, sgain=0.5, vgain=hyp.hsv_v),
                RandomFlip(direction="horizontal", p=0.5),
                Format(bbox_format="xywh", normalize=True, batch_idx=True),
            ]
        )

    def get_image_and_label(self, index: int) -> dict[str, Any]:
        label: dict[str, Any] = super().get_image_and_label(index)
        if random.random() < self._recipe.sources[self.source[index]].paste:  # noqa: S311
            self._paste(label)
        return label

    def __getitem__(self, index: int) -> dict[str, Any]:
        item: dict[str, Any] = super().__getitem__(index)
        item["known"] = torch.from_numpy(self._known[self.source[index]])
        return item

    def _paste(self, label: dict[str, Any]) -> None:
        instances = label["instances"]
        instances.convert_bbox("xyxy")
        height, width = label["img"].shape[:2]
        instances.denormalize(width, height)
        generator = np.random.default_rng(random.getrandbits(32))
        picture, boxes, classes = paste_heads(label["img"], instances.bboxes, self._heads, generator)
        label["img"] = picture
        if len(boxes):
            label["instances"] = _with_boxes(instances, boxes)
            label["cls"] = np.concatenate([label["cls"], classes[:, None].astype(label["cls"].dtype)])


def draw_order(weights: NDArray[np.float64], start: int, count: int, seed: int) -> list[int]:
    """Pictures `start` to `start + count` of an endless stream of weighted passes.

    In one pass a picture of weight 1 occurs once; of 2.5, twice or three times. The stream depends only on the seed,
    so a resumed training continues it.
    """
    order: list[int] = []
    position = 0
    for each in _passes(weights, seed):
        if position + len(each) > start:
            order += each[max(0, start - position) :].tolist()
        position += len(each)
        if len(order) >= count:
            return order[:count]
    raise AssertionError("the stream does not end")


def batches(dataset: StreetDataset, order: list[int], recipe: Recipe, *, epoch: int, workers: int) -> DataLoader[Any]:
    """A loader over `order` whose random augmentation depends on the recipe's seed and the epoch only."""

    def seed_worker(worker: int) -> None:
        value = recipe.seed * 1_000_003 + epoch * 1009 + worker
        random.seed(value)
        np.random.seed(value % 2**32)  # noqa: NPY002 - ultralytics draws from the global generators

    if workers == 0:
        seed_worker(0)
    return DataLoader(
        dataset,
        batch_size=recipe.batch,
        sampler=order,
        num_workers=workers,
        collate_fn=_collate,
        worker_init_fn=seed_worker,
        drop_last=True,
    )


def _passes(weights: NDArray[np.float64], seed: int) -> Iterator[NDArray[np.int64]]:
    number = 0
    if weights.sum() <= 0:
        raise ValueError("no picture has a weight above 0")
    while True:
        generator = np.random.default_rng([seed, number])
        copies = np.floor(weights + generator.random(len(weights))).astype(np.int64)
        yield generator.permutation(np.repeat(np.arange(len(weights)), copies))
        number += 1


def _collate(items: list[dict[str, Any]]) -> dict[str, Any]:
    known = torch.stack([item.pop("known") for item in items])
    batch: dict[str, Any] = YOLODataset.collate_fn(items)
    return batch | {"known": known}


def _with_boxes(instances: Any, boxes: NDArray[np.float32]) -> Any:
    from ultralytics.utils.instance import Instances

    return Instances(
        np.concatenate([instances.bboxes, boxes]), segments=instances.segments, bbox_format="xyxy", normalized=False
    )


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]
