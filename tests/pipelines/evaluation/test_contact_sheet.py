"""Every mistake can be looked at."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipelines.evaluation.contact_sheet import COLUMNS, ROWS, sheets, tile, write_sheets
from pipelines.evaluation.mistakes import Mistake, Verdict
from pipelines.evidence.draw import STRIP, SUBJECT
from pipelines.evidence.frames import Footage
from tests.pipelines.logs import make_log
from tests.pipelines.tiny_videos import write_square_video

SQUARE = (150.0, 170.0, 190.0, 200.0)


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    video = write_square_video(tmp_path_factory.mktemp("clips") / "clip.mp4")
    return Footage(make_log(duration_s=1.9, file_name="clip.mp4"), (video,))


def mistake(verdict: Verdict = "missed", time_s: float = 1.0, words: str = "a white square") -> Mistake:
    return Mistake(verdict, "clip", "litter", time_s, SQUARE, words)


def test_a_tile_shows_the_frame_its_box_and_what_is_in_it(footage: Footage) -> None:
    shown = tile(mistake(), footage)
    assert shown.shape == (276, 560, 3)
    close = shown[:200, 360:]
    assert (close > 220).all(axis=2).mean() > 0.02  # the square, enlarged
    assert (np.abs(close.astype(int) - SUBJECT).sum(axis=2) < 60).any()
    assert (shown[200:].max(axis=(0, 1)) > 200).all()  # words


def test_a_mistake_without_a_box_or_beyond_the_video_is_shown_all_the_same(footage: Footage) -> None:
    boxless = Mistake("missed", "clip", "litter", 1.0, None, "somewhere")
    assert tile(boxless, footage).shape == tile(mistake(time_s=90.0), footage).shape == (276, 560, 3)


def test_long_words_do_not_change_a_tiles_size(footage: Footage) -> None:
    assert tile(mistake(words="a long story " * 60), footage).shape == (276, 560, 3)


def test_pages_hold_so_many_tiles_and_a_verdict_each(footage: Footage) -> None:
    many = [mistake(time_s=0.1)] * (COLUMNS * ROWS + 1) + [mistake("false_alarm")]
    pages = list(sheets(many, {"clip": footage}))
    assert [page.name for page in pages] == ["missed-1", "missed-2", "false_alarm-1"]
    assert [page.picture.shape[0] for page in pages] == [ROWS * 276, 276, 276]
    assert (pages[1].picture[:, 560:] == STRIP).all()


def test_sheets_of_an_earlier_run_are_not_left_over(tmp_path: Path, footage: Footage) -> None:
    write_sheets(tmp_path, sheets([mistake("false_alarm"), mistake()], {"clip": footage}))
    (tmp_path / "notes.png").write_bytes(b"the user's own")
    written = write_sheets(tmp_path, sheets([mistake()], {"clip": footage}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["missed-1.png", "notes.png"]
    assert cv2.imread(str(written[0])).shape == (276, COLUMNS * 560, 3)
