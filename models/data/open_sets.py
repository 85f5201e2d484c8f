"""Openly licensed sets of labelled pictures on GitHub, written as YOLO folders that a training configuration names.

    python -m models.data.open_sets --clone robertlucian_plates=license-plate-dataset --out open

The user clones the repositories; nothing is downloaded here. docs/training-data.md describes the sets.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.boxes import Boxes, write_labels
from models.data.open_sets_apart import Photos, photo
from models.data.open_sets_boxes import READERS
from models.data.pictures import pictures_in, read_bgr
from models.errors import BadUse
from models.taxonomy import STREET_CLASSES

LONGEST: Final = 1024  # pixels: what a network is trained on is smaller
QUALITY: Final = 90
LEAST_SIDE: Final = 3.0  # pixels as written: a box with a shorter side is a slip of the mouse
TABLE: Final = Path(__file__).with_name("open_sets.toml")


@dataclass(frozen=True, slots=True)
class OpenSet:
    """One set, as `open_sets.toml` describes it.

    Attributes:
        commit: the one that was looked at.
        stated: where the repository states the licence.
        boxes: how boxes are written, a key of `READERS`.
        pictures: globs below the clone; of copies of one photo the first is taken.
        classes: the set's class names (YOLO: ids) -> our class names.
        note: what is labelled, what is not, and known faults.
        rename: regular expression and replacement that turn a picture's stem into the one written.
        copies: whether it holds several copies of a photo, as Roboflow makes them.
        litter_below: a pile that covers a smaller share of the picture is litter.
        least_edges: least share of edge pixels outside the boxes: a photo with less was taken on a table.
    """

    name: str
    url: str
    commit: str
    licence: str
    stated: str
    boxes: str
    pictures: tuple[str, ...]
    classes: dict[str, str]
    note: str
    rename: tuple[str, str] = ("^", "")
    copies: bool = False
    litter_below: float = 0.0
    least_edges: float = 0.0

    def written(self) -> tuple[str, ...]:
        """Our class names in the order of the ids that are written."""
        names = {*self.classes.values(), *(("litter",) if self.litter_below else ())}
        return tuple(name for name in STREET_CLASSES if name in names)


def open_sets(table: Path = TABLE) -> dict[str, OpenSet]:
    """The sets of the table by name."""
    rows: list[dict[str, Any]] = tomllib.loads(table.read_text("utf-8"))["set"]
    for row in rows:
        row.update({key: tuple(row[key]) for key in ("pictures", "rename") if key in row})
    sets = [OpenSet(**row) for row in rows]
    return {each.name: each for each in sets}


def convert(each: OpenSet, clone: Path, out: Path, apart: Photos) -> int:
    """Write `images/`, `labels/` (YOLO boxes) and `SOURCE.md` of one cloned set into the folder `out`.

    Args:
        apart: photos that are kept for judging: no copy of one is written.

    Returns:
        How many pictures were written. `SOURCE.md` says how many were left out and why.

    Raises:
        BadUse: the clone holds no picture of the set, or `out` is not empty.
    """
    if out.exists() and any(out.iterdir()):
        raise BadUse(f"{out} is not empty")
    paths = [path for glob in each.pictures for path in pictures_in(clone, (glob,))]
    if not paths:
        raise BadUse(f"no pictures of {each.name} in {clone}", advice=f"clone {each.url}")
    for folder in ("images", "labels"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    count: Counter[int] = Counter()
    left_out: Counter[str] = Counter()
    for path, picture, boxes in _kept(each, paths, apart, left_out):
        stem = re.sub(each.rename[0], each.rename[1], path.stem)
        _write_picture(path, picture, out / "images" / f"{stem}.jpg")
        write_labels(out / "labels" / f"{stem}.txt", boxes)
        count.update(boxes.class_id.tolist())
    written = len(paths) - left_out.total()
    (out / "SOURCE.md").write_text(_source(each, written, left_out, count), "utf-8")
    return written


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clone", action="append", required=True, metavar="NAME=FOLDER", help="a set and its clone")
    parser.add_argument("--out", type=Path, required=True, help="each set becomes a folder below it")
    parser.add_argument(
        "--apart-from",
        type=Path,
        action="append",
        default=[],
        help="folder of pictures to be judged by: no copy of one is written",
    )
    given = parser.parse_args(arguments)
    sets = open_sets()
    clones = [clone.partition("=")[::2] for clone in given.clone]
    for name, _ in clones:
        if name not in sets:
            parser.error(f"no set is called {name}: {', '.join(sets)}")
    try:
        apart = Photos.below(given.apart_from)
        for name, folder in clones:
            sys.stdout.write(f"{name}: {convert(sets[name], Path(folder), given.out / name, apart)} pictures\n")
    except BadUse as error:
        parser.error(str(error))


def _kept(
    each: OpenSet, paths: Sequence[Path], apart: Photos, left_out: Counter[str]
) -> Iterator[tuple[Path, NDArray[np.uint8], Boxes]]:
    """Pictures of a set with the boxes to write; the others are counted by why they were left out."""
    before = Photos()
    ids = {theirs: each.written().index(ours) for theirs, ours in each.classes.items()}
    for path in paths:
        try:
            picture = read_bgr(path)
        except BadUse:  # one broken file of thousands in somebody else's repository
            left_out["broken"] += 1
            continue
        boxes = _sized(each, READERS[each.boxes](path, (picture.shape[1], picture.shape[0]), ids), picture)
        one = photo(picture)
        if _edges(picture, boxes) < each.least_edges:
            left_out["on a table or a white wall"] += 1
        elif apart.hold(one):
            left_out["kept for judging"] += 1
        elif each.copies and before.hold(one):
            left_out["copies of a photo"] += 1
        else:
            if each.copies:
                before.add(one)
            yield path, picture, boxes


def _sized(each: OpenSet, boxes: Boxes, picture: NDArray[np.uint8]) -> Boxes:
    """Boxes cut at the picture's edges, without the tiniest, small piles called litter."""
    size = np.array([picture.shape[1], picture.shape[0]])
    inside = Boxes(boxes.class_id, np.clip(boxes.xyxy, 0.0, 1.0))
    sides = inside.xyxy[:, 2:] - inside.xyxy[:, :2]
    kept = (sides * size * _scale(picture)).min(axis=1, initial=np.inf) >= LEAST_SIDE
    class_id = inside.class_id.copy()
    if each.litter_below:
        small = sides.prod(axis=1) < each.litter_below
        class_id[small & (class_id == each.written().index("garbage_pile"))] = each.written().index("litter")
    return Boxes(class_id, inside.xyxy)[kept]


def _edges(picture: NDArray[np.uint8], boxes: Boxes) -> float:
    """Share of the pixels outside the boxes that Canny calls edges, in a copy of 320 x 320 pixels."""
    edges = cv2.Canny(cv2.resize(picture, (320, 320), interpolation=cv2.INTER_AREA), 60, 120) > 0
    outside = np.ones(edges.shape, np.bool_)
    for left, top, right, bottom in (boxes.xyxy * 320).astype(int):
        outside[top : bottom + 1, left : right + 1] = False
    return float(edges[outside].mean()) if outside.any() else 1.0


def _scale(picture: NDArray[np.uint8]) -> float:
    return float(min(1.0, LONGEST / max(picture.shape[:2])))


def _write_picture(path: Path, picture: NDArray[np.uint8], target: Path) -> None:
    if _scale(picture) == 1.0 and path.suffix.lower() in {".jpg", ".jpeg"}:
        target.write_bytes(path.read_bytes())
    else:
        small = cv2.resize(picture, None, fx=_scale(picture), fy=_scale(picture), interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(target), small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def _source(each: OpenSet, written: int, left_out: Counter[str], count: Counter[int]) -> str:
    reasons = ", ".join(f"{pictures} {why}" for why, pictures in sorted(left_out.items())) or "none"
    rows = "".join(f"| {index} | {name} | {count[index]} |\n" for index, name in enumerate(each.written()))
    return (
        f"# {each.name}\n\n{each.url} at commit `{each.commit}`\n\n"
        f"Licence: {each.licence}, stated in {each.stated}.\n\n{written} pictures; left out: {reasons}. {each.note}\n\n"
        f"| id | class | boxes |\n| --- | --- | --- |\n{rows}"
    )


if __name__ == "__main__":
    main()
