"""The merged set as the training sees it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("ultralytics")

from models.data.dataset import StreetDataset, batches
from models.data.merge import MergedSet, merge_sources
from models.data.paste import Heads
from models.data.sources import Recipe, Source
from models.taxonomy import CLASS_ID

CAR, PERSON = CLASS_ID["car"], CLASS_ID["person"]
NO_HEADS = Heads((), np.zeros(0, np.int64))
SOURCE = Source("s", "d", "l", labels=((0, CAR),), fill=frozenset({PERSON}))
RECIPE = Recipe(start="", base="", heads="", sources=(SOURCE,), size=64, batch=2, mosaic=0.0, scale=(1.0, 1.0))


def merged(root: Path, recipe: Recipe) -> MergedSet:
    """Six grey pictures, each with a white car."""
    for part in ("images", "labels"):
        (root / "d" / part).mkdir(parents=True)
    for index in range(6):
        picture = np.full((64, 64, 3), 60 + 10 * index, np.uint8)
        cv2.rectangle(picture, (16, 16), (47, 39), (255, 255, 255), -1)
        cv2.imwrite(str(root / f"d/images/{index}.png"), picture)
        (root / f"d/labels/{index}.txt").write_text("0 0.5 0.4375 0.5 0.375\n")
    return merge_sources(recipe, (root,), root / "set")


def test_held_pictures_are_not_in_it(tmp_path: Path) -> None:
    whole = merged(tmp_path, RECIPE)
    split = np.array(["held", *["train"] * 5])
    dataset = StreetDataset(replace(whole, split=split), RECIPE, NO_HEADS, mosaic=False)
    assert sorted(Path(path).name for path in dataset.im_files) == [f"s__{index}.png" for index in range(1, 6)]


@pytest.mark.parametrize("mosaic", [True, False])
def test_a_picture_says_what_it_knows_and_what_it_is_taught(tmp_path: Path, mosaic: bool) -> None:
    recipe = replace(RECIPE, mosaic=1.0)
    dataset = StreetDataset(merged(tmp_path, recipe), recipe, NO_HEADS, mosaic=mosaic)
    (batch,) = batches(dataset, replace(recipe, batch=6), first=0, count=6, workers=0)
    assert [np.flatnonzero(row).tolist() for row in batch["known"]] == [sorted({CAR, PERSON})] * 6
    assert [np.flatnonzero(row).tolist() for row in batch["taught"]] == [[PERSON]] * 6


def test_a_squeezed_picture_is_stretched_with_its_boxes(tmp_path: Path) -> None:
    recipe = replace(RECIPE, sources=(replace(SOURCE, aspect=(1.6, 1.6)),))
    label = StreetDataset(merged(tmp_path, recipe), recipe, NO_HEADS, mosaic=False).get_image_and_label(1)
    height, width = label["img"].shape[:2]
    assert width / height == pytest.approx(1.6, abs=0.05)
    assert width * height == pytest.approx(64 * 64, rel=0.05)
    white = np.argwhere((label["img"] > 200).all(axis=2))
    label["instances"].convert_bbox("xyxy")
    label["instances"].denormalize(width, height)
    (x1, y1), (x2, y2) = white.min(axis=0)[::-1], white.max(axis=0)[::-1] + 1
    assert label["instances"].bboxes[0] == pytest.approx([x1, y1, x2, y2], abs=1.5)


def test_boxes_too_small_to_tell_are_not_taught(tmp_path: Path) -> None:
    recipe = replace(RECIPE, plain_scale=(0.25, 0.25), least_box=9.0)
    dataset = StreetDataset(merged(tmp_path, recipe), recipe, NO_HEADS, mosaic=False)
    assert not any(len(dataset[index]["cls"]) for index in range(6))  # 8 pixels wide


def test_scaled_mosaics_fill_the_picture(tmp_path: Path) -> None:
    recipe = replace(RECIPE, mosaic=1.0, scale=(0.5, 2.0))
    dataset = StreetDataset(merged(tmp_path, recipe), recipe, NO_HEADS, mosaic=True)
    empty = [float((dataset[index % 6]["img"] == 114).float().mean()) for index in range(12)]
    assert np.mean(empty) < 0.45
