"""What is small is enlarged beside the picture, and the picture itself stays as it is."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.evidence.draw import LAMP, SUBJECT, Box, Marks, Picture
from pipelines.evidence.insets import FRAME_PX, with_insets

SMALL: Box = (300.0, 200.0, 324.0, 220.0)
LARGE: Box = (100.0, 100.0, 400.0, 300.0)


def street(width: int, height: int) -> Picture:
    """Grey, the small thing white."""
    picture = np.full((height, width, 3), 90, np.uint8)
    picture[200:220, 300:324] = 255
    return picture


def added(picture: Picture, marks: Marks) -> Picture:
    """What lies beside or below the picture."""
    height, width = picture.shape[:2]
    shown = with_insets(picture, picture, marks)
    assert np.array_equal(shown[:height, :width], picture)
    return shown[height:] if shown.shape[1] == width else shown[:, width:]


def test_a_large_subject_needs_no_inset() -> None:
    assert added(street(1280, 720), Marks(subject=LARGE)).size == 0


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (640, 480), (720, 1280), (1242, 375)])
def test_a_small_subject_is_enlarged_beside_or_below(width: int, height: int) -> None:
    panel = added(street(width, height), Marks(subject=SMALL))
    white = (panel == 255).all(axis=2).sum()
    assert white > 4 * 20 * 24
    assert (panel[FRAME_PX // 2, FRAME_PX // 2] == SUBJECT).all()


def test_wide_pictures_get_it_below_where_a_screen_has_room() -> None:
    shown = with_insets(street(1242, 375), street(1242, 375), Marks(subject=SMALL))
    assert shown.shape[1] == 1242
    assert shown.shape[0] > 375


def test_the_lamp_is_shown_under_the_subject_in_its_own_colour() -> None:
    panel = added(street(640, 480), Marks(subject=SMALL, lamp=(500.0, 50.0, 510.0, 80.0)))
    assert (panel[0, 0] == SUBJECT).all()
    assert (panel[panel.shape[0] // 2 + 1, 0] == LAMP).all()


def test_a_thing_at_the_pictures_corner_is_shown_too() -> None:
    assert added(street(640, 480), Marks(subject=(0.0, 0.0, 10.0, 8.0))).size
