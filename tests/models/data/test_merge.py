"""Sources with partial labels become one training set with our classes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.boxes import Boxes, overlap, read_labels, write_labels
from models.data.merge import merge_sources
from models.data.sources import Recipe, Source, find_in_roots, read_recipe
from models.data.window import cut_window
from models.errors import BadUse
from models.taxonomy import CLASS_ID, STREET_CLASSES

CONFIGS = sorted((Path(__file__).parents[3] / "models/config").glob("street_*.toml"))
CAR, LITTER, PERSON = CLASS_ID["car"], CLASS_ID["litter"], CLASS_ID["person"]


def boxes(*rows: tuple[int, float, float, float, float]) -> Boxes:
    return Boxes(np.array([row[0] for row in rows], np.int64), np.array([row[1:] for row in rows]).reshape(-1, 4))


def write_source(folder: Path, *names: str, size: tuple[int, int] = (40, 60), labels: str = "") -> None:
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name in names:
        cv2.imwrite(str(folder / "images" / f"{name}.png"), np.full((*size, 3), 90, np.uint8))
        (folder / "labels" / f"{name}.txt").write_text(labels)


def recipe(*sources: Source) -> Recipe:
    return Recipe(start="", base="", heads="", sources=sources)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_shipped_configuration_is_read_and_states_its_licences(path: Path) -> None:
    read = read_recipe(path)
    assert read.sources
    assert all(source.licence for source in read.sources)
    labelled = {ours for source in read.sources for _, ours in source.labels}
    assert labelled == set(range(len(STREET_CLASSES)))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[training", "toml|TOML|Expected"),
        ('[training]\nstart = "a"\n[[source]]\nname = "s"\nfolder = "f"\nlicence = "l"\ncolour = 1', "colour"),
        ('[training]\n[[source]]\nname = "s"\nfolder = "f"\nlicence = "l"\nlabels = { 0 = "cat" }', "cat"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(BadUse, match=complaint):
        read_recipe(tmp_path / "c.toml")


def test_the_first_root_that_holds_a_path_is_used(tmp_path: Path) -> None:
    (tmp_path / "b" / "x").mkdir(parents=True)
    assert find_in_roots("x", (tmp_path / "a", tmp_path / "b")) == tmp_path / "b" / "x"
    with pytest.raises(BadUse, match="no data root holds y"):
        find_in_roots("y", (tmp_path,))


def test_a_class_that_is_not_labelled_taught_or_absent_is_unknown() -> None:
    source = Source("s", "f", "l", labels=((7, CAR),), fill=frozenset({PERSON}), absent=frozenset({LITTER}))
    assert np.flatnonzero(source.known()).tolist() == sorted({CAR, PERSON, LITTER})
    assert np.flatnonzero(source.taught()).tolist() == [PERSON]


def test_labels_are_renamed_and_foreign_classes_dropped(tmp_path: Path) -> None:
    write_source(tmp_path / "d", "one", labels="7 0.5 0.5 0.2 0.2\n8 0.1 0.1 0.1 0.1\n")
    merged = merge_sources(recipe(Source("s", "d", "l", labels=((7, CAR),))), (tmp_path,), tmp_path / "set")
    written = read_labels(tmp_path / "set/labels/s__one.txt")
    assert written.class_id.tolist() == [CAR]
    assert written.xyxy == pytest.approx(np.array([[0.4, 0.4, 0.6, 0.6]]))
    assert merged.pictures[0].resolve() == (tmp_path / "d/images/one.png").resolve()


def test_a_picture_without_boxes_stays_in_the_set(tmp_path: Path) -> None:
    write_source(tmp_path / "d", "empty")
    merged = merge_sources(recipe(Source("s", "d", "l")), (tmp_path,), tmp_path / "set")
    assert [path.name for path in merged.pictures] == ["s__empty.png"]


def noise(seed: int) -> np.ndarray:
    return cv2.resize(np.random.default_rng(seed).integers(0, 256, (9, 12, 3), np.uint8), (120, 90))


def test_near_duplicates_of_pictures_to_judge_by_are_left_out(tmp_path: Path) -> None:
    write_source(tmp_path / "d", "same", "mirrored", "other")
    write_source(tmp_path / "val", "one")
    for path, seed in (("d/images/same", 1), ("d/images/mirrored", 1), ("d/images/other", 2), ("val/images/one", 1)):
        picture = noise(seed)[:, ::-1] if "mirrored" in path else noise(seed)
        cv2.imwrite(str(tmp_path / f"{path}.png"), picture)
    apart = replace(recipe(Source("s", "d", "l")), apart_from=("val",))
    merged = merge_sources(apart, (tmp_path,), tmp_path / "set")
    assert [path.name for path in merged.pictures] == ["s__other.png"]
    assert (tmp_path / "set/left_out.csv").read_text().split() == [
        "picture,source",
        "s__mirrored.png,s",
        "s__same.png,s",
    ]


def test_a_part_is_held_out_with_its_windows_and_never_trained_on(tmp_path: Path) -> None:
    write_source(tmp_path / "d", *(f"p{index}" for index in range(20)), size=(90, 120))
    for index in range(20):
        cv2.imwrite(str(tmp_path / f"d/images/p{index}.png"), noise(index))
    held = replace(recipe(Source("s", "d", "l", window=64)), held_share=0.2)
    merged = merge_sources(held, (tmp_path,), tmp_path / "set")
    split = {path.stem: str(each) for path, each in zip(merged.pictures, merged.split, strict=True)}
    assert sum(each == "held" for each in split.values()) == 8  # 4 pictures, each with its window
    assert all(split[stem] == split[f"{stem}__window"] for stem in split if not stem.endswith("__window"))


def test_the_manifest_hashes_contents(tmp_path: Path) -> None:
    write_source(tmp_path / "d", "one", labels="0 0.5 0.5 0.4 0.4\n")
    source = Source("s", "d", "CC0", labels=((0, CAR),))
    hashes = []
    for name in ("first", "again", "other"):
        if name == "other":
            (tmp_path / "d/labels/one.txt").write_text("0 0.5 0.5 0.4 0.3\n")
        merge_sources(recipe(source), (tmp_path,), tmp_path / name)
        manifest = json.loads((tmp_path / name / "manifest.json").read_text())
        hashes.append(manifest["sha256"])
    assert hashes[0] == hashes[1] != hashes[2]
    assert manifest["pictures"][0]["licence"] == "CC0"
    assert manifest["pictures"][0]["sha256"] == hashlib.sha256((tmp_path / "d/images/one.png").read_bytes()).hexdigest()


def test_sources_choose_their_pictures_by_name(tmp_path: Path) -> None:
    write_source(tmp_path / "d", "a_1", "a_2", "b_1")
    sources = (Source("a", "d", "l", match=("a_*",)), Source("b", "d", "l", match=("b_*", "c_*")))
    merged = merge_sources(recipe(*sources), (tmp_path,), tmp_path / "set")
    assert merged.source.tolist() == [0, 0, 1]


def test_a_source_without_pictures_is_an_error(tmp_path: Path) -> None:
    write_source(tmp_path / "d", "a_1")
    with pytest.raises(BadUse, match=r"source s: no picture matches x_\*"):
        merge_sources(recipe(Source("s", "d", "l", match=("x_*",))), (tmp_path,), tmp_path / "set")


def test_an_interrupted_merge_is_done_again_and_a_finished_one_is_kept(tmp_path: Path) -> None:
    write_source(tmp_path / "d", "one", "two")
    one = recipe(Source("s", "d", "l"))
    merge_sources(one, (tmp_path,), tmp_path / "set")
    (tmp_path / "set/index.csv").unlink()
    assert len(merge_sources(one, (tmp_path,), tmp_path / "set").pictures) == 2
    again = merge_sources(one, (), tmp_path / "set")  # no roots: nothing is read again
    assert len(again.pictures) == 2


def test_large_pictures_also_give_a_native_window(tmp_path: Path) -> None:
    write_source(tmp_path / "d", "big", size=(80, 120), labels="0 0.9 0.9 0.1 0.1\n")
    source = Source("s", "d", "l", labels=((0, LITTER),), window=64)
    merged = merge_sources(recipe(source), (tmp_path,), tmp_path / "set")
    window = next(path for path in merged.pictures if "window" in path.name)
    assert cv2.imread(str(window)).shape == (64, 64, 3)
    cut = read_labels(tmp_path / "set/labels" / f"{window.stem}.txt")
    size = (cut.xyxy[0, 2:] - cut.xyxy[0, :2]) * 64
    assert size == pytest.approx([12, 8], abs=0.1)


def test_boxes_cut_to_a_sliver_by_a_window_are_dropped() -> None:
    kept = cut_window(boxes((CAR, 0.0, 0.0, 0.5, 0.5), (CAR, 0.45, 0.0, 0.8, 0.5)), 100, 100, (0, 0, 50, 50))
    assert kept.xyxy.tolist() == [[0, 0, 1, 1]]


unit = st.floats(0.0, 0.9)


@given(st.lists(st.tuples(st.integers(0, 13), unit, unit, st.floats(0.01, 0.1), st.floats(0.01, 0.1)), max_size=5))
def test_labels_are_read_as_they_were_written(tmp_path_factory: pytest.TempPathFactory, rows: list) -> None:
    path = tmp_path_factory.mktemp("labels") / "one.txt"
    before = boxes(*((each, x, y, x + w, y + h) for each, x, y, w, h in rows))
    write_labels(path, before)
    after = read_labels(path)
    assert after.class_id.tolist() == before.class_id.tolist()
    assert after.xyxy == pytest.approx(before.xyxy, abs=2e-6)


@given(st.tuples(unit, unit), st.floats(0.01, 1), st.floats(0.01, 1))
def test_overlap_is_one_with_itself_and_symmetric(corner: tuple[float, float], width: float, height: float) -> None:
    one = np.array([[*corner, corner[0] + width, corner[1] + height]])
    other = np.array([[0.2, 0.2, 0.7, 0.9]])
    assert overlap(one, one)[0, 0] == pytest.approx(1.0)
    assert overlap(one, other)[0, 0] == pytest.approx(overlap(other, one)[0, 0])
