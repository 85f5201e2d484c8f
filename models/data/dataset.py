"""The merged set as ultralytics' augmented dataset, with our additions: things pasted, conditions, unknown classes."""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset
from ultralytics.cfg import get_cfg
from ultralytics.data.augment import Compose, Format, RandomFlip, RandomHSV
from ultralytics.data.dataset import YOLODataset
from ultralytics.utils import LOGGER
from ultralytics.utils.instance import Instances

from models.data.canvas import Pasted
from models.data.cutouts import Cutouts, read_cutouts
from models.data.decoys import with_decoys
from models.data.ground import paste_litter
from models.data.merge import TRAIN, MergedSet
from models.data.paste import Heads, paste_heads
from models.data.sources import Recipe
from models.data.transforms import Conditions, LeastBox, SameSourceMosaic, Zoom
from models.taxonomy import STREET_CLASSES

# A bar and a guess at the disk's speed for each scan of the pictures say nothing that the training's own lines do not.
LOGGER.setLevel(logging.WARNING)

LIST_NAME = "train.txt"
MASKS = ("known", "taught")


class StreetDataset(YOLODataset):  # type: ignore[misc]
    """Augmented pictures of the training split.

    Each item also has two masks, (classes,) float: `known`, 1 where the loss may say "not there", and `taught`, 1 where
    the base network says what is there beside the labels.
    """

    def __init__(self, merged: MergedSet, recipe: Recipe, heads: Heads, *, mosaic: bool) -> None:
        self._recipe, self._heads, self._mosaic = recipe, heads, mosaic
        rows = {path.name: row for row, path in enumerate(merged.pictures)}
        used = [str(path) for path, split in zip(merged.pictures, merged.split, strict=True) if split == TRAIN]
        (merged.folder / LIST_NAME).write_text("\n".join(used) + "\n", "utf-8")
        super().__init__(
            img_path=str(merged.folder / LIST_NAME),
            imgsz=self._size(),
            augment=True,
            batch_size=recipe.batch,
            hyp=get_cfg(),
            data={"names": dict(enumerate(STREET_CLASSES)), "channels": 3},
        )
        # ultralytics leaves out what it finds corrupt, so pictures are looked up by the names that are left.
        row = np.array([rows[_name(path)] for path in self.im_files], np.int64)
        self.source = merged.source[row]
        self._members = {int(each): np.flatnonzero(self.source == each).tolist() for each in np.unique(self.source)}
        self._index_of = {path: index for index, path in enumerate(self.im_files)}
        self._cutouts = read_cutouts(merged.folder, frozenset(_name(path).rpartition(".")[0] for path in used))

    def _size(self) -> int:
        return self._recipe.size if self._mosaic else self._recipe.plain_size or self._recipe.size

    def members_of(self, im_file: str) -> list[int]:
        """Pictures of the same source."""
        return self._members[int(self.source[self._index_of[im_file]])]

    def build_transforms(self, hyp: Any) -> Any:
        recipe, size = self._recipe, self._size()
        return Compose(
            [
                SameSourceMosaic(self, imgsz=size, p=recipe.mosaic if self._mosaic else 0.0),
                Zoom(recipe.scale if self._mosaic else recipe.plain_scale, size),
                LeastBox(recipe.least_box),
                RandomHSV(hgain=hyp.hsv_h, sgain=0.5, vgain=hyp.hsv_v),
                Conditions(recipe.conditions),
                RandomFlip(direction="horizontal", p=0.5),
                Format(bbox_format="xywh", normalize=True, batch_idx=True),
            ]
        )

    def get_image_and_label(self, index: int) -> dict[str, Any]:
        label: dict[str, Any] = super().get_image_and_label(index)
        source = self._recipe.sources[self.source[index]]
        _stretch(label, random.uniform(*source.aspect))  # noqa: S311
        if source.decoys and random.random() < source.decoys:  # noqa: S311
            _lay_decoys(label)
        if random.random() < source.paste:  # noqa: S311
            _paste(label, paste_heads, self._heads)
        if len(self._cutouts.class_id) and random.random() < source.litter_paste:  # noqa: S311
            _paste(label, paste_litter, self._cutouts)
        return label

    def __getitem__(self, index: int) -> dict[str, Any]:
        item: dict[str, Any] = super().__getitem__(index)
        source = self._recipe.sources[self.source[index]]  # a mosaic is of one source
        masks = {"known": source.known(), "taught": source.taught()}
        return item | {key: torch.from_numpy(mask.astype(np.float32)) for key, mask in masks.items()}


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


class _Draws(Dataset[Any]):  # type: ignore[misc]
    """The pictures of a stream from its draw `first` on; what is random in a draw depends on its number only."""

    def __init__(self, dataset: StreetDataset, order: list[int], seed: int, first: int) -> None:
        self._dataset, self._order, self._seed, self._first = dataset, order, seed, first

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, position: int) -> dict[str, Any]:
        value = int(np.random.SeedSequence([self._seed, self._first + position]).generate_state(1)[0])
        random.seed(value)
        np.random.seed(value)  # noqa: NPY002 - ultralytics draws from the global generators
        return self._dataset[self._order[position]]


def batches(dataset: StreetDataset, recipe: Recipe, *, first: int, count: int, workers: int) -> DataLoader[Any]:
    """A loader over draws `first` to `first + count` of the stream.

    Neither the number of workers nor where a training was stopped and went on changes a picture of it.
    """
    weights = np.array([recipe.sources[each].weight for each in dataset.source])
    order = draw_order(weights, first, count, recipe.seed)
    return DataLoader(
        _Draws(dataset, order, recipe.seed, first),
        batch_size=recipe.batch,
        num_workers=workers,
        collate_fn=_collate,
        worker_init_fn=_in_worker,
        drop_last=True,
        pin_memory=torch.cuda.is_available(),
    )


def _in_worker(_worker: int) -> None:
    cv2.setNumThreads(1)  # the processes share the cores; OpenCV's own threads only add waiting


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
    masks = {key: torch.stack([item.pop(key) for item in items]) for key in MASKS}
    batch: dict[str, Any] = YOLODataset.collate_fn(items)
    return batch | masks


def _stretch(label: dict[str, Any], aspect: float) -> None:
    """Make the picture that many times wider in proportion, at about the same number of pixels."""
    if aspect == 1.0:
        return
    height, width = label["img"].shape[:2]
    size = (round(width * math.sqrt(aspect)), round(height / math.sqrt(aspect)))
    label["img"] = cv2.resize(label["img"], size, interpolation=cv2.INTER_LINEAR)
    label["resized_shape"] = label["img"].shape[:2]


def _lay_decoys(label: dict[str, Any]) -> None:
    instances = _in_pixels(label)
    label["img"] = with_decoys(label["img"], instances.bboxes, np.random.default_rng(random.getrandbits(32)))


def _in_pixels(label: dict[str, Any]) -> Instances:
    """The picture's boxes as x1 y1 x2 y2 in pixels."""
    instances = label["instances"]
    instances.convert_bbox("xyxy")
    height, width = label["img"].shape[:2]
    instances.denormalize(width, height)
    return instances


def _paste(label: dict[str, Any], paste: Callable[..., Pasted], things: Heads | Cutouts) -> None:
    instances = _in_pixels(label)
    generator = np.random.default_rng(random.getrandbits(32))
    label["img"], boxes, classes = paste(label["img"], instances.bboxes, things, generator)
    if len(boxes):
        together = np.concatenate([instances.bboxes, boxes])
        label["instances"] = Instances(together, segments=instances.segments, bbox_format="xyxy", normalized=False)
        label["cls"] = np.concatenate([label["cls"], classes[:, None].astype(label["cls"].dtype)])


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]
