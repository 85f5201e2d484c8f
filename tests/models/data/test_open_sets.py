"""Other people's sets become YOLO folders with a source, without copies of photos to be judged by."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.data.boxes import read_labels
from models.data.open_sets import OpenSet, convert, open_sets
from models.data.open_sets_apart import Photos, photo
from models.data.open_sets_boxes import READERS
from models.errors import BadUse
from models.taxonomy import STREET_CLASSES


def scene(seed: int, width: int = 480, height: int = 360) -> np.ndarray:
    """Streets have corners at all scales: coloured rectangles."""
    random = np.random.default_rng(seed)
    picture = np.full((height, width, 3), random.integers(0, 256, 3), np.uint8)
    for _ in range(150):
        x, y, side = random.integers(0, width), random.integers(0, height), random.integers(6, 60)
        cv2.rectangle(picture, (x, y), (x + side, y + side // 2), random.integers(0, 256, 3).tolist(), -1)
    return picture


def a_set(**changed: object) -> OpenSet:
    fields: dict[str, object] = {
        "name": "ours",
        "url": "https://example.org/set",
        "commit": "0" * 40,
        "licence": "MIT",
        "stated": "LICENSE",
        "boxes": "yolo",
        "pictures": ("images/*.png",),
        "classes": {"0": "garbage_pile", "2": "overflowing_bin"},
        "note": "A note.",
    }
    return OpenSet(**{**fields, **changed})  # type: ignore[arg-type]


def clone(folder: Path, pictures: dict[str, np.ndarray], labels: str) -> Path:
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    for stem, picture in pictures.items():
        cv2.imwrite(str(folder / "images" / f"{stem}.png"), picture)
        (folder / "labels" / f"{stem}.txt").write_text(labels, "utf-8")
    return folder


def test_every_set_of_the_table_names_a_licence_a_reader_and_our_classes() -> None:
    for name, each in open_sets().items():
        assert each.name == name
        assert each.licence
        assert each.stated
        assert len(each.commit) == 40
        assert each.boxes in READERS
        assert set(each.classes.values()) <= set(STREET_CLASSES)


def test_pictures_are_scaled_renamed_and_their_small_piles_called_litter(tmp_path: Path) -> None:
    labels = "0 0.5 0.5 0.4 0.4\n0 0.2 0.2 0.1 0.1\n1 0.5 0.5 0.2 0.2\n2 0.9 0.9 0.4 0.4\n2 0.5 0.5 0.001 0.2\n"
    source = clone(tmp_path / "clone", {"one.rf.12": scene(1, 2048, 1024)}, labels)
    ours = a_set(rename=(r"\.rf\.\d+$", "_ours"), litter_below=0.02)
    assert convert(ours, source, tmp_path / "out", Photos()) == 1
    assert cv2.imread(str(tmp_path / "out/images/one_ours.jpg")).shape == (512, 1024, 3)
    boxes = read_labels(tmp_path / "out/labels/one_ours.txt")
    assert ours.written() == ("litter", "garbage_pile", "overflowing_bin")
    assert boxes.class_id.tolist() == [1, 0, 2]
    assert boxes.xyxy[2] == pytest.approx([0.7, 0.7, 1.0, 1.0], abs=1e-5)
    told = (tmp_path / "out/SOURCE.md").read_text("utf-8")
    assert "MIT" in told
    assert "| 2 | overflowing_bin | 1 |" in told
    with pytest.raises(BadUse):
        convert(ours, source, tmp_path / "out", Photos())


def test_copies_photos_to_be_judged_by_and_photos_of_tables_are_left_out(tmp_path: Path) -> None:
    shear = np.array([[1, 0.15, 4], [0.1, 1, 0]], np.float32)
    sheared = cv2.warpAffine(scene(1), shear, (480, 360))
    pictures = {"a": scene(1), "b": sheared, "c": scene(2), "d": np.full((360, 480, 3), 200, np.uint8)}
    source = clone(tmp_path / "clone", pictures, "0 0.5 0.5 0.4 0.4\n")
    (source / "images/e.png").write_bytes(b"half a picture")
    judged = Photos()
    judged.add(photo(cv2.convertScaleAbs(cv2.warpAffine(scene(2)[:, ::-1], shear, (480, 360)), alpha=1.2)))
    assert convert(a_set(copies=True, least_edges=0.01), source, tmp_path / "out", judged) == 1
    assert [path.name for path in (tmp_path / "out/images").iterdir()] == ["a.jpg"]
    reasons = "1 broken, 1 copies of a photo, 1 kept for judging, 1 on a table or a white wall"
    assert f"1 pictures; left out: {reasons}." in (tmp_path / "out/SOURCE.md").read_text("utf-8")


def test_a_broken_picture_to_be_judged_by_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"half a picture")
    with pytest.raises(BadUse, match=r"a\.png"):
        Photos.below([tmp_path])


def test_voc_dota_and_openalpr_boxes_are_read(tmp_path: Path) -> None:
    (tmp_path / "annots").mkdir()
    box = "<bndbox><xmin>10</xmin><ymin>20</ymin><xmax>50.5</xmax><ymax>40</ymax></bndbox>"
    objects = f"<object><name>plate</name>{box}</object><object><name>car</name>{box}</object>"
    (tmp_path / "annots/film.mp4#t=1.xml").write_text(f"<annotation>{objects}</annotation>", "utf-8")
    (tmp_path / "lot.txt").write_text("lot.jpg\t10\t20\t40\t20\tABC123\n", "utf-8")
    (tmp_path / "labelTxt").mkdir()
    (tmp_path / "labelTxt/turned.txt").write_text("30 20 50 30 30 40 10 30 plate 0\n0 0 1 0 1 1 0 1 car 0\n", "utf-8")
    places = {"voc": "images/film.mp4#t=1.jpg", "dota": "images/turned.jpg", "openalpr": "lot.jpg"}
    for layout, name in places.items():
        boxes = READERS[layout](tmp_path / name, (100, 100), {"plate": 3})
        assert boxes.class_id.tolist() == [3]
        assert boxes.xyxy[0] == pytest.approx([0.1, 0.2, 0.5, 0.4], abs=0.006)
