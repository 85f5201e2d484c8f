"""Pixels change where the log says something, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from models.taxonomy import STREET_CLASSES
from pipelines.evidence.draw import STRIP, Colour, Picture
from pipelines.evidence.frames import Footage
from pipelines.evidence.look import Looker
from pipelines.inspect.drawing import Drawing, Room
from pipelines.inspect.film import write_film
from pipelines.inspect.replay import Replay
from pipelines.inspect.sheet import sheet_times, write_sheet
from pipelines.inspect.style import CLASS_COLOURS, CUT, LAMP_COLOURS, colour_of
from pipelines.inspect.words import status
from tests.pipelines.logs import CAMERA, HEIGHT, WIDTH, lamp, make_log, mover, standing
from tests.pipelines.tiny_videos import write_square_video
from vision.log import ObservationLog

SIZE = (960, 540)  # half of the log's picture
HEAD = (1500.0, 300.0, 1560.0, 420.0)


def drawn(log: ObservationLog, time_s: float = 1.0) -> Picture:
    drawing = Drawing(log, Room(*SIZE))
    assert drawing.picture_size == SIZE
    return drawing.over(np.full((SIZE[1], SIZE[0], 3), 90, np.uint8), Replay(log).at(time_s))


def near(picture: Picture, colour: Colour) -> np.ndarray:
    return np.abs(picture.astype(int) - colour).max(axis=2) < 40


def test_a_box_has_its_classs_colour_and_its_inside_is_left_alone() -> None:
    log = make_log([standing(1, "car", 15.0, 0.0)], duration_s=2.0)
    difference = (drawn(log)[: SIZE[1], : SIZE[0]] != drawn(make_log(duration_s=2.0))[: SIZE[1], : SIZE[0]]).any(axis=2)
    x1, y1, x2, y2 = (log.observations.boxes[0] / 2).astype(int)
    rows, columns = np.nonzero(difference)
    assert y1 - 40 < rows.min() <= y1  # its words are above it
    assert (x1 - 12 < columns.min(), rows.max() < y2 + 12) == (True, True)
    assert not difference[y1 + 12 : y2 - 12, x1 + 12 : x2 - 12].any()
    assert near(drawn(log)[y1 - 3 : y1 + 1, x1:x2], CLASS_COLOURS["car"]).any(axis=0).mean() > 0.9


@pytest.mark.parametrize("state", ["red", "green"])
def test_a_signal_head_has_its_states_colour(state: str) -> None:
    log = make_log(lamps=[lamp(9, HEAD, [(state, 0.0, 2.0)])], duration_s=2.0)
    edge = drawn(log)[150:210, 747:750]
    assert near(edge, LAMP_COLOURS[state]).mean() > 0.5


def test_the_grid_crosses_the_road_where_ten_metres_are() -> None:
    picture = drawn(make_log(duration_s=2.0))[: SIZE[1], : SIZE[0]]
    ten = round((CAMERA.horizon_y + CAMERA.focal_px * CAMERA.height_m / 10.0) / 2)
    changed = (picture != 90).any(axis=2)
    assert changed[ten, 300:700].all()
    assert changed[ten - 6, 300:700].mean() < 0.1
    assert changed[round(CAMERA.horizon_y / 2)].all()  # the horizon
    assert not changed[: round(CAMERA.horizon_y / 2) - 15].any()


def test_from_above_a_thing_is_as_far_ahead_as_it_is() -> None:
    log = make_log([standing(1, "car", 15.0, 0.0), standing(2, "bus", 60.0, 0.0)], duration_s=2.0)
    panel = drawn(log)[: SIZE[1], SIZE[0] :]
    rows, columns = np.nonzero(near(panel, CLASS_COLOURS["car"])[:, : panel.shape[1] // 2 + 6])
    reach = 60.0
    metres = (0.97 * SIZE[1] - np.median(rows)) / (0.92 * SIZE[1] / reach)
    assert metres == pytest.approx(15.0 - 2.25 * 0.6, abs=1.0)  # its rear wheels
    assert np.median(columns) == pytest.approx(panel.shape[1] / 2, abs=3)


def test_a_cut_is_marked_in_its_first_picture_only() -> None:
    log = make_log(duration_s=2.0)
    log.frames.cut[8] = True
    assert near(drawn(log, 1.0)[2:5, : SIZE[0]], CUT).all()
    assert not near(drawn(log, 0.5)[2:5, : SIZE[0]], CUT).any()
    assert "CUT" in status(log, Replay(log).at(1.0))[1]


def test_the_words_say_when_where_and_how_the_camera_moves() -> None:
    log = make_log([standing(1, "car", 40.0, 3.0)], duration_s=2.0, mounting="moving", ego=[(0, 0, 0), (2, 20, 0)])
    lon, lat, accuracy = (np.full(len(log.frames.time_s), value) for value in (114.05, 22.5, 3.0))
    log = replace(log, frames=replace(log.frames, lon=lon, lat=lat, accuracy_m=accuracy))
    first, second = status(log, Replay(log).at(1.0))
    assert first == "1.00 s · 2026-03-02T08:00:01.000Z ± 0.5 s · 22.500000, 114.050000 ± 3 m · camera.mp4"
    assert second == "moving camera, 36 km/h · seen by look: wide 1 · tracks 1, signal heads 0"
    picture = drawn(log)
    assert (picture[-40:] != STRIP).any()
    assert picture.shape[0] % 2 == picture.shape[1] % 2 == 0  # as 4:2:0 needs


def test_every_class_has_a_colour_and_a_crowd_can_be_drawn() -> None:
    names = [name for name in STREET_CLASSES if not name.startswith("light")]
    log = make_log(
        [mover(1 + n, name, [(0.0, 12.0 + n, -4.0 + 0.5 * n), (2.0, 14.0 + n, 0.0)]) for n, name in enumerate(names)],
        duration_s=2.0,
    )
    sights = Replay(log).at(1.0).sights
    assert {sight.name for sight in sights} == set(names)
    assert all(near(drawn(log), colour_of(sight)).any() for sight in sights)


# With a video ---------------------------------------------------------------------------------------------


@pytest.fixture
def footage(tmp_path: Path) -> Footage:
    """A log of a picture of another size than the tiny video's would do: it is drawn in the log's shape."""
    person = mover(1, "person", [(0.0, 12.0, 0.0), (2.0, 13.0, 0.0)])
    log = make_log([person], duration_s=1.9, file_name="clip.mp4")
    return Footage(log, (write_square_video(tmp_path / "clip.mp4"),))


def test_a_film_has_a_picture_for_every_frame_of_the_video(tmp_path: Path, footage: Footage) -> None:
    told: list[float] = []
    facts = write_film(tmp_path / "film.mp4", footage, (0.5, 1.2), None, told.append)
    with av.open(str(tmp_path / "film.mp4")) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(frames) == len(facts.frame_times_s) == 8
    assert told == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2])
    assert frames[0].shape == (facts.height, facts.width, 3)
    assert near(frames[4], CLASS_COLOURS["person"]).any()


def test_a_sheet_has_twelve_pictures_or_one_every_so_often(tmp_path: Path, footage: Footage) -> None:
    looked = footage.log.frames.time_s
    assert len(sheet_times(footage, (0.0, 1.9), None)) == 12
    assert sheet_times(footage, (0.0, 1.9), 0.5) == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert set(sheet_times(footage, (0.0, 1.9), 0.3)) <= set(looked.tolist())
    write_sheet(tmp_path / "sheet.png", footage, [0.0, 0.5, 1.0, 1.5], None)
    drawing = Drawing(footage.log, Room(720, 540))
    width, height = drawing.picture_size
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert width / height == pytest.approx(WIDTH / HEIGHT, rel=0.01)
    assert sheet.shape[0] > 2 * height
    assert sheet.shape[1] > 3 * width


def test_heads_are_blurred_when_there_is_a_looker(tmp_path: Path, footage: Footage) -> None:
    """The tiny video is noise: a blurred part of it is even."""
    drawn = []
    for name, looker in (("clear", None), ("blurred", Looker(None))):
        write_sheet(tmp_path / f"{name}.png", footage, [1.0], looker)
        drawn.append(cv2.imread(str(tmp_path / f"{name}.png")).astype(float))
    x1, y1, x2, y2 = (footage.log.observations.boxes[8] * 720 / WIDTH).astype(int)
    head = slice(y1 + 4, y1 + (y2 - y1) // 4), slice(x1 + 3, x2 - 3)
    legs = slice(y1 + 3 * (y2 - y1) // 4, y2 - 5), slice(x1 + 3, x2 - 3)
    assert np.abs(drawn[0][head] - drawn[1][head]).mean() > 2.0
    assert np.abs(drawn[0][legs] - drawn[1][legs]).mean() < 0.5
