"""Contact sheets: each mistake as a small frame with its box, a close-up and words, many to a picture.

They show other people's footage unblurred: for looking at on this machine, not for publishing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipelines.errors import EvidenceError
from pipelines.evaluation.mistakes import Mistake
from pipelines.evidence.draw import STRIP, Marks, annotated, close_up
from pipelines.evidence.frames import Footage

Picture = NDArray[np.uint8]

COLUMNS: Final = 3
ROWS: Final = 6
_HIGH: Final = 200  # of frame and close-up
_WIDE: Final = 360  # of the frame
_WORDS: Final = 76  # height of the strip below
_MOST_LETTERS: Final = 150


@dataclass(frozen=True, slots=True)
class Page:
    """RGB; `name` such as "missed-1"."""

    name: str
    picture: Picture


def sheets(mistakes: Sequence[Mistake], footage: Mapping[str, Footage]) -> Iterator[Page]:
    """Pages per verdict, in the order of the mistakes. `footage`: by clip."""
    for verdict in ("missed", "false_alarm", "not_scored"):
        mine = [mistake for mistake in mistakes if mistake.verdict == verdict]
        for number, start in enumerate(range(0, len(mine), COLUMNS * ROWS)):
            tiles = [tile(mistake, footage[mistake.clip]) for mistake in mine[start : start + COLUMNS * ROWS]]
            yield Page(f"{verdict}-{number + 1}", grid(tiles))


def write_sheets(folder: Path, pages: Iterator[Page]) -> list[Path]:
    """As PNG files in `folder`, which is made; sheets of an earlier run in it are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for verdict in ("missed", "false_alarm", "not_scored"):
        for old in folder.glob(f"{verdict}-*.png"):
            old.unlink()
    written = []
    for page in pages:
        path = folder / f"{page.name}.png"
        done, encoded = cv2.imencode(".png", cv2.cvtColor(page.picture, cv2.COLOR_RGB2BGR))
        assert done
        path.write_bytes(encoded.tobytes())
        written.append(path)
    return written


def grid(tiles: Sequence[Picture]) -> Picture:
    """Tiles of one size in `COLUMNS`, the last row filled up."""
    rows = []
    for start in range(0, len(tiles), COLUMNS):
        row = list(tiles[start : start + COLUMNS])
        row += [np.full_like(tiles[0], STRIP)] * (COLUMNS - len(row))
        rows.append(np.concatenate(row, axis=1))
    return np.concatenate(rows)


def tile(mistake: Mistake, footage: Footage) -> Picture:
    """(276, 560, 3) RGB: the frame with the box, what is around the box, and words below."""
    try:
        picture = footage.picture(mistake.time_s)[1]
    except EvidenceError:
        picture = np.full((_HIGH, _WIDE, 3), STRIP, np.uint8)  # its words are shown still
    drawn = annotated(picture, Marks(subject=mistake.box), ())[: picture.shape[0]]
    near = close_up(drawn, mistake.box, shown_px=_HIGH) if mistake.box else np.full((_HIGH, _HIGH, 3), STRIP, np.uint8)
    beside = np.concatenate([_fitted(drawn, _WIDE, _HIGH), _fitted(near, _HIGH, _HIGH)], axis=1)
    head = f"{mistake.clip}  {mistake.time_s:.2f} s  {mistake.what.replace('_', ' ')}"
    whole = annotated(beside, Marks(), (head, mistake.words[:_MOST_LETTERS]))
    return _padded(whole, _WIDE + _HIGH, _HIGH + _WORDS)


def _fitted(picture: Picture, wide: int, high: int) -> Picture:
    """Scaled to fit, in the middle of a dark ground."""
    scale = min(wide / picture.shape[1], high / picture.shape[0])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    ground = np.full((high, wide, 3), STRIP, np.uint8)
    top, left = (high - size[1]) // 2, (wide - size[0]) // 2
    ground[top : top + size[1], left : left + size[0]] = small
    return ground


def _padded(picture: Picture, wide: int, high: int) -> Picture:
    ground = np.full((high, wide, 3), STRIP, np.uint8)
    part = picture[:high, :wide]
    ground[: part.shape[0], : part.shape[1]] = part
    return ground
