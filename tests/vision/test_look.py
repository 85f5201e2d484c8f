from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detections import Detections
from models.taxonomy import CLASS_ID
from vision.camera.pinhole import default_camera
from vision.look import (
    LookSettings,
    LookState,
    View,
    light_looks,
    noted,
    plan,
    road_looks,
    search_look,
    travelled,
    wide_look,
)

SETTINGS = LookSettings()
OPTICS = default_camera(1280, 720, "moving")


def view(
    width: int = 1920, height: int = 1080, speed: float = np.nan, standing: bool = False, fixed: bool = False
) -> View:
    return View(width, height, default_camera(width, height, "fixed" if fixed else "moving"), speed, standing, fixed)


def heads(*boxes: tuple[float, float, float, float], confidence: float = 0.9) -> Detections:
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(len(boxes), confidence, np.float32),
        np.full(len(boxes), CLASS_ID["light_red"], np.int16),
    )


def drive(seconds: float, scene: View, found: Detections, metres_per_frame: float = 0.0) -> list[tuple[float, str]]:
    """Kinds of looks over a video of 30 frames per second that always shows `found`."""
    state, done = LookState(), []
    for frame in range(0, round(seconds * 30), 5):  # the frames that are sampled
        state = travelled(state, metres_per_frame * 5)
        looks = plan(state, frame / 30, scene, SETTINGS)
        done += [(frame / 30, look.kind) for look in looks]
        if looks:
            state = noted(state, frame / 30, looks, found, SETTINGS)
    return done


def test_the_wide_look_shows_the_whole_frame_at_the_networks_size() -> None:
    look = wide_look(view(), SETTINGS)
    assert (look.window, look.size) == ((0, 0, 1920, 1080), (640, 360))


def test_a_small_video_is_not_scaled_at_all() -> None:
    assert wide_look(view(640, 480), SETTINGS).size == (640, 480)


def test_a_portrait_video_gets_as_many_pixels_as_a_landscape_one() -> None:
    wide, high = wide_look(view(720, 1280), SETTINGS).size
    assert wide * high == pytest.approx(640 * 360, rel=0.02)
    assert high > wide


@given(
    st.integers(160, 2000).map(lambda half: half * 2),
    st.integers(120, 1200).map(lambda half: half * 2),
    st.booleans(),
    st.booleans(),
)
def test_every_look_lies_in_the_picture_with_even_edges(width: int, height: int, standing: bool, fixed: bool) -> None:
    scene = view(width, height, standing=standing, fixed=fixed)
    small = heads((width * 0.5, height * 0.1, width * 0.5 + 6, height * 0.1 + 15), (0, 0, 5, 12))
    looks = [wide_look(scene, SETTINGS), search_look(scene, SETTINGS), *road_looks(scene, SETTINGS)]
    for look in [*looks, *light_looks(small, scene, SETTINGS)]:
        x1, y1, x2, y2 = look.window
        assert 0 <= x1 < x2 <= width
        assert 0 <= y1 < y2 <= height
        assert all(edge % 2 == 0 for edge in (*look.window, *look.size))
        assert min(look.size) >= 32


def test_the_road_look_is_native_for_full_hd_and_lies_below_the_horizon() -> None:
    (look,) = road_looks(view(speed=8.0), SETTINGS)
    assert look.scale == (1.0, 1.0)
    assert look.window[1] > 540


def test_a_standing_camera_looks_closer_in_tiles_that_cover_the_road() -> None:
    moving = road_looks(view(1280, 720, speed=8.0), SETTINGS)[0]
    tiles = road_looks(view(1280, 720, standing=True), SETTINGS)
    assert tiles[0].scale[0] < moving.scale[0] / 1.3
    seen = np.zeros((720, 1280), bool)
    for x1, y1, x2, y2 in (tile.window for tile in tiles):
        seen[y1:y2, x1:x2] = True
    x1, y1, x2, y2 = moving.window
    assert seen[y1:y2, x1:x2].mean() > 0.95


@pytest.mark.parametrize("standing", [True, False])
def test_all_looks_of_a_video_have_few_sizes_whatever_the_optics(standing: bool) -> None:
    sizes = set()
    for row in (200.0, 330.0, 420.0, 600.0):
        scene = replace(view(1280, 720, standing=standing, speed=5.0), camera=replace(OPTICS, horizon_y=row))
        looks = [wide_look(scene, SETTINGS), search_look(scene, SETTINGS), *road_looks(scene, SETTINGS)]
        sizes |= {look.size for look in looks}
    assert len(sizes) == 2


def test_tiles_are_taken_in_turn_but_one_that_shows_litter_is_looked_at_again() -> None:
    scene = view(1280, 720, standing=True)
    tiles = road_looks(scene, SETTINGS)
    litter = Detections(
        np.array([[600, 500, 620, 515]], np.float32),
        np.array([0.5], np.float32),
        np.array([CLASS_ID["litter"]], np.int16),
    )
    after_nothing = noted(LookState(), 0.0, (tiles[0],), Detections.empty(), SETTINGS)
    after_litter = noted(LookState(), 0.0, (tiles[0],), litter, SETTINGS)
    assert after_nothing.road_tile == 1
    assert after_litter.road_tile == 0
    for _ in range(SETTINGS.road_again):
        after_litter = noted(after_litter, 0.0, (tiles[0],), litter, SETTINGS)
    assert after_litter.road_tile == 1


def test_wide_looks_keep_their_rate() -> None:
    kinds = [kind for _, kind in drive(5.0, view(), Detections.empty())]
    assert kinds.count("wide") == 30
    assert kinds.count("light") == 0
    assert kinds.count("search") == 3


def test_road_looks_go_by_metres_while_driving() -> None:
    slow = [kind for _, kind in drive(8.0, view(speed=2.0), Detections.empty(), 2.0 / 30)]
    fast = [kind for _, kind in drive(8.0, view(speed=10.0), Detections.empty(), 10.0 / 30)]
    assert slow.count("road") == pytest.approx(8 * 2.0 / SETTINGS.road_every_m, abs=1)
    assert fast.count("road") == pytest.approx(8 * 10.0 / SETTINGS.road_every_m, abs=4)


def test_small_heads_are_looked_at_closer_large_sure_ones_are_not() -> None:
    small, large = heads((900, 300, 908, 324)), heads((900, 300, 960, 480))
    assert [kind for _, kind in drive(2.0, view(), small)].count("light") >= 8
    assert [kind for _, kind in drive(2.0, view(), large)].count("light") == 0
    unsure = heads((900, 300, 960, 480), confidence=0.3)
    assert [kind for _, kind in drive(2.0, view(), unsure)].count("light") >= 8


def test_heads_seen_long_ago_are_forgotten() -> None:
    state = noted(LookState(), 0.0, (wide_look(view(), SETTINGS),), heads((900, 300, 908, 324)), SETTINGS)
    assert any(look.kind == "light" for look in plan(state, 1.0, view(), SETTINGS))
    assert not any(look.kind == "light" for look in plan(state, 3.0, view(), SETTINGS))


def test_one_window_shows_heads_that_hang_together() -> None:
    near = heads((900, 300, 908, 324), (980, 310, 988, 334))
    far = heads((100, 300, 108, 324), (980, 310, 988, 334))
    assert len(light_looks(near, view(), SETTINGS)) == 1
    assert len(light_looks(far, view(), SETTINGS)) == 2
    (look,) = light_looks(near, view(), SETTINGS)
    assert look.window[0] <= 900
    assert look.window[2] >= 988
