"""Heads pasted into street pictures, and their lamps."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.boxes import overlap
from models.data.lamps import GREEN, RED, YELLOW, is_lit, opacity, red_as_yellow, unlit
from models.data.paste import HEIGHT, LOWEST, Heads, paste_heads, read_heads
from models.errors import BadUse
from models.taxonomy import CLASS_ID

COLOURS = {RED: (20, 20, 250), YELLOW: (20, 180, 250), GREEN: (160, 230, 20)}
CENTRES = {RED: 0.2, YELLOW: 0.5, GREEN: 0.8}


def head(lit: int | None) -> np.ndarray:
    """A 60x20 head with three dark lamps, one of them lit."""
    picture = np.full((60, 20, 3), 35, np.uint8)
    for class_id, centre in CENTRES.items():
        cv2.circle(picture, (10, int(60 * centre)), 6, COLOURS[class_id] if class_id == lit else (60, 60, 60), -1)
    return picture


def heads() -> Heads:
    return Heads(tuple(head(each) for each in COLOURS), np.array(list(COLOURS), np.int64))


@given(st.integers(0, 2**31))
def test_pasted_heads_are_small_apart_high_and_off_other_things(seed: int) -> None:
    picture = np.full((200, 300, 3), 128, np.uint8)
    thing = np.array([[100, 20, 200, 90]], np.float32)
    changed, placed, classes = paste_heads(picture, thing, heads(), np.random.default_rng(seed))
    assert len(placed) == len(classes) <= 10
    assert (picture == 128).all()  # the input stays
    assert (changed[20:90, 100:200] == 128).all()  # neither heads nor poles cover what is there
    for index, box in enumerate(placed):
        assert HEIGHT[0] - 1 <= box[3] - box[1] <= HEIGHT[1] + 1
        assert box[3] <= 200 * LOWEST + 1
        assert overlap(box[None], np.concatenate([thing, np.delete(placed, index, 0)])).max() == 0
        x1, y1, x2, y2 = box.astype(int)
        assert (changed[y1:y2, x1:x2] != 128).any()


@pytest.mark.parametrize("class_id", COLOURS)
def test_a_head_is_lit_in_its_own_colour_only(class_id: int) -> None:
    assert [is_lit(head(class_id), each) for each in COLOURS] == [each == class_id for each in COLOURS]
    assert not is_lit(head(None), class_id)


@pytest.mark.parametrize("class_id", COLOURS)
def test_an_unlit_head_keeps_its_housing_and_loses_its_colour(class_id: int) -> None:
    dark = unlit(head(class_id), class_id)
    assert dark is not None
    assert (dark.max(axis=2).astype(int) - dark.min(axis=2)).max() < 45
    assert abs(dark.astype(int) - head(None)).mean() < 6


def test_a_red_head_recoloured_is_yellow_in_the_middle() -> None:
    made = red_as_yellow(head(RED))
    assert is_lit(made, YELLOW)
    assert not is_lit(made, RED)
    assert abs(made.astype(int) - head(YELLOW)).mean() < 8


def test_the_sky_around_a_head_is_transparent() -> None:
    picture = np.full((60, 30, 3), 230, np.uint8)
    picture[:, 8:22] = head(RED)[:, 3:17]
    seen = opacity(picture)
    assert seen[:, :8].max() == 0
    assert seen[:, 22:].max() == 0
    assert seen[:, 8:22].min() == 1


def test_heads_of_every_colour_are_needed(tmp_path: Path) -> None:
    for class_id, colour in ((RED, "red"), (YELLOW, "yellow"), (GREEN, "green")):
        (tmp_path / colour).mkdir()
        cv2.imwrite(str(tmp_path / colour / "a.png"), head(class_id if colour != "green" else None))
    with pytest.raises(BadUse, match=r"no heads in .*green"):
        read_heads(tmp_path)
    cv2.imwrite(str(tmp_path / "green" / "b.png"), head(GREEN))
    assert read_heads(tmp_path).class_id.tolist() == [CLASS_ID[f"light_{each}"] for each in ("red", "yellow", "green")]
