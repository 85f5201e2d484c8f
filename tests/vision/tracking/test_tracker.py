from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.taxonomy import CLASS_ID, STREET_CLASSES
from tests.vision.seen_road import HEIGHT, ROAD, THRESHOLDS, WIDTH, glance, moving, on_road, run, scenery
from vision.appearance.descriptors import Descriptors
from vision.log import GroundCamera
from vision.tables.world import APPEARANCE_SIZE
from vision.tracking.scans import looks_of, scans_of
from vision.tracking.sightings import voted_class
from vision.tracking.tracker import TrackingSettings, track


def test_a_car_is_one_track_and_takes_the_class_that_most_looks_gave_it() -> None:
    names = ["car", "truck", "car", "car", "bus", "car"]
    tracks = run([glance(i, (name, moving(100, 15, i), 0.8)) for i, name in enumerate(names)], scenery(6))
    assert len(tracks) == 1
    assert len(tracks[0].frame) == 6
    assert STREET_CLASSES[voted_class(tracks[0])] == "car"


def test_two_that_pass_each_other_keep_their_ids() -> None:
    glances = [
        glance(i, ("car", moving(100, 40, i), 0.8), ("car", moving(900, -40, i, top=430), 0.8)) for i in range(20)
    ]
    tracks = run(glances, scenery(20))
    assert len(tracks) == 2
    for one in tracks:
        assert np.all(np.sign(np.diff(one.boxes[:, 0])) == np.sign(one.boxes[1, 0] - one.boxes[0, 0]))


def test_what_is_seen_twice_only_is_not_confirmed() -> None:
    assert run([glance(i, ("car", moving(100, 5, i), 0.9)) for i in range(2)], scenery(2)) == []


def test_a_car_seen_once_does_not_become_its_neighbour() -> None:
    beside = [glance(i, ("car", (445.0, 400.0, 545.0, 470.0), 0.8)) for i in range(1, 5)]
    tracks = run([glance(0, ("car", (400.0, 400.0, 500.0, 470.0), 0.8)), *beside], scenery(5))
    assert [one.frame.tolist() for one in tracks] == [[1, 2, 3, 4]]


def test_weak_detections_extend_a_track_but_start_none() -> None:
    sure = [glance(i, ("car", moving(100, 5, i), 0.8)) for i in range(4)]
    weak = [glance(i, ("car", moving(100, 5, i), 0.15)) for i in range(4, 10)]
    tracks = run([*sure, *weak], scenery(10))
    assert [len(one.frame) for one in tracks] == [10]
    assert run([glance(i, ("car", moving(100, 5, i), 0.15)) for i in range(10)], scenery(10)) == []


def test_a_short_occlusion_does_not_break_a_track() -> None:
    glances = [glance(i, *([("car", moving(100, 12, i), 0.8)] if not 6 <= i < 10 else [])) for i in range(16)]
    assert len(run(glances, scenery(16))) == 1


def test_nothing_is_carried_over_a_cut() -> None:
    around = scenery(12)
    cut = around.cut.copy()
    cut[6] = True
    glances = [glance(i, ("car", moving(100, 0, i), 0.8)) for i in range(12)]
    assert len(run(glances, replace(around, cut=cut))) == 2


def test_a_thing_seen_by_two_looks_of_one_frame_counts_once() -> None:
    box = (400.0, 420.0, 520.0, 500.0)
    glances = [one for i in range(4) for one in (glance(i, ("car", box, 0.8)), glance(i, ("car", box, 0.7), look=ROAD))]
    tracks = run(glances, scenery(4))
    assert [len(one.frame) for one in tracks] == [4]


def test_a_part_at_the_edge_of_a_looks_window_is_not_a_thing() -> None:
    part = (200.0, 420.0, 330.0, 500.0)
    assert run([glance(i, ("car", part, 0.8), look=ROAD) for i in range(4)], scenery(4)) == []


def test_a_rider_stays_a_person_beside_the_motorcycle() -> None:
    glances = [
        glance(i, ("motorcycle", (500, 400, 560, 500), 0.8), ("person", (505, 350, 555, 460), 0.8)) for i in range(4)
    ]
    assert sorted(STREET_CLASSES[voted_class(one)] for one in run(glances, scenery(4))) == ["motorcycle", "person"]


def test_a_lamp_that_changes_is_one_head() -> None:
    lamp = (600.0, 100.0, 612.0, 130.0)
    glances = [glance(i, ("light_red" if i < 6 else "light_green", lamp, 0.6)) for i in range(12)]
    tracks = run(glances, scenery(12))
    assert len(tracks) == 1
    assert set(tracks[0].class_id.tolist()) == {CLASS_ID["light_red"], CLASS_ID["light_green"]}


@pytest.mark.parametrize("speed", [4.0, 8.0, 12.0])
def test_litter_looked_at_once_in_four_metres_is_found_again_by_its_place_on_the_road(speed: float) -> None:
    frames = round(16 / speed * 6)
    around = scenery(frames, speed=speed)
    every = max(1, round(4.0 / speed * 6))
    glances = []
    for frame in range(0, frames, every):
        ahead = 20.0 - speed * around.frame_s[frame]
        if ahead > 3.5:
            litter = on_road(around.camera, ahead, -1.5, 0.3)
            other = on_road(around.camera, ahead + 2.5, -2.0, 0.3)
            glances.append(glance(frame, ("litter", litter, 0.6), ("litter", other, 0.6)))
    tracks = run(glances, around)
    assert len(tracks) == 2
    assert all(len(one.frame) == len(glances) for one in tracks)
    assert all(np.all(np.diff(one.boxes[:, 3]) > 0) for one in tracks)


def test_a_turning_camera_does_not_lose_what_it_sees() -> None:
    around = scenery(12)
    shift = np.zeros((12, 2))
    shift[:, 0] = np.arange(12) ** 2 * 8.0
    turning = replace(around, shift=shift, ego=replace(around.ego, x_m=np.full(12, np.nan)))
    glances = [glance(i, ("person", (100 + shift[i, 0], 400, 140 + shift[i, 0], 500), 0.8)) for i in range(12)]
    assert len(run(glances, turning)) == 1


def parked(camera: GroundCamera, forward: float, left: float) -> tuple[float, float, float, float]:
    """The box of a car 4.3 m long, 1.8 m wide and 1.5 m high, as far as the picture shows it: its rear is `forward`
    metres ahead, its near side `left` metres aside.
    """
    ahead = np.maximum([forward, forward, forward + 4.3, forward + 4.3], 0.5)
    x, y = camera.to_image(ahead, np.array([left, left - 1.8] * 2))
    x, y = x.clip(0, WIDTH), np.concatenate([y, y - camera.focal_px * 1.5 / ahead]).clip(0, HEIGHT)
    return (float(x.min()), float(y.min()), float(x.max()), float(y.max()))


@pytest.mark.parametrize(("speed", "apart_m", "left"), [(9.0, 5.0, -2.0), (10.0, 7.0, -2.5), (12.0, 5.5, -1.6)])
def test_a_row_of_parked_cars_passes_out_of_the_picture_car_by_car(speed: float, apart_m: float, left: float) -> None:
    around = scenery(30, speed=speed)
    ahead = 8.0 + apart_m * np.arange(8) - speed * around.frame_s[:, None]
    rows = [[parked(around.camera, at, left) for at in now.tolist() if -3.5 < at < 25.0] for now in ahead]
    glances = [glance(i, *(("car", box, 0.8) for box in row if box[0] < WIDTH - 15)) for i, row in enumerate(rows)]
    tracks = run(glances, around)
    assert len(tracks) == 8
    for one in tracks:
        assert np.all(np.diff(one.boxes[:, 0]) > 0)  # a car that is passed on its left moves to the right


@pytest.mark.parametrize("gap_s", [2.5, 5.0, 8.0])
def test_a_parked_car_that_others_hid_for_long_is_the_same_when_it_shows_again(gap_s: float) -> None:
    around = scenery(80, speed=2.0)
    hidden = (around.frame_s > 3.0) & (around.frame_s < 3.0 + gap_s)
    rows = [parked(around.camera, 30.0 - 2.0 * at, -3.0) for at in around.frame_s.tolist()]
    glances = [glance(i, *([] if hidden[i] else [("car", box, 0.8)])) for i, box in enumerate(rows)]
    assert [len(one.frame) for one in run(glances, around)] == [int((~hidden).sum())]


def test_the_next_car_of_the_row_is_not_the_one_that_was_hidden() -> None:
    around = scenery(60, speed=2.0)
    glances = []
    for i, at in enumerate(around.frame_s.tolist()):
        forward = 20.0 if at < 3.0 else 26.0
        seen = at < 3.0 or at > 6.0
        glances.append(glance(i, *([("car", parked(around.camera, forward - 2.0 * at, -3.0), 0.8)] if seen else [])))
    assert len(run(glances, around)) == 2


@pytest.mark.parametrize("step", [45.0, 50.0, 60.0])
def test_a_car_that_crosses_behind_one_that_waits_comes_out_as_the_same(step: float) -> None:
    around, glances = scenery(50), []
    for i in range(50):
        left = -150.0 + step * i
        right = left + 200.0
        shown = (left, min(right, 560.0)) if left < 560.0 else (max(left, 760.0), right)
        x1, x2 = max(shown[0], 0.0), min(shown[1], float(WIDTH))
        crosses = [("car", (x1, 390.0, x2, 460.0), 0.9)] if x2 - x1 > 30.0 else []
        glances.append(glance(i, ("car", (560.0, 380.0, 760.0, 500.0), 0.9), *crosses))
    tracks = run(glances, around)
    assert len(tracks) == 2
    assert {round(float(np.ptp(one.boxes[:, 0])), -2) for one in tracks} == {0.0, 1200.0}


def test_who_drives_away_is_not_looked_for_where_it_stood() -> None:
    around = scenery(60)
    glances = [glance(i, *([("car", moving(100, 20, i), 0.8)] if not 10 <= i < 40 else [])) for i in range(60)]
    assert len(run(glances, around)) == 2


def test_a_car_seen_once_is_not_looked_for_long_where_it_was_while_the_camera_drives() -> None:
    around = scenery(12, speed=12.0)
    once = on_road(around.camera, 14.0, 3.0, 1.8)
    beside = [glance(frame, ("car", once, 0.8)) for frame in range(4, 8)]  # goes with the camera
    parked = run([glance(0, ("car", once, 0.8)), *beside], around)
    assert [one.frame.tolist() for one in parked] == [[4, 5, 6, 7]]
    ahead = run([glance(0, ("car", once, 0.8)), *(replace(each, frame=each.frame - 2) for each in beside)], around)
    assert [one.frame.tolist() for one in ahead] == [[0, 2, 3, 4, 5]]


@pytest.mark.parametrize("crossed", [False, True])
def test_of_two_that_fit_as_well_looks_tell_which_is_which(crossed: bool) -> None:
    def box(left: float, top: float = 400.0) -> tuple[float, float, float, float]:
        return (left, top, left + 120.0, top + 80.0)

    glances = [glance(frame, ("car", box(400.0), 0.8), ("car", box(460.0), 0.8)) for frame in range(9)]
    glances.append(glance(9, ("car", box(430.0, 372.0), 0.8), ("car", box(430.0, 428.0), 0.8)))
    own = np.random.default_rng(0).normal(0.14, 0.04, (2, APPEARANCE_SIZE)).astype(np.float16)
    later = own[::-1] if crossed else own
    descriptors = Descriptors(
        np.repeat(np.arange(10, dtype=np.int32), 2),
        np.concatenate([each.found.boxes for each in glances]),
        np.concatenate([own] * 9 + [later]),
    )
    found = scans_of(glances, THRESHOLDS, (WIDTH, HEIGHT), descriptors)
    tracks = track(found, looks_of(found, descriptors), THRESHOLDS, scenery(10), TrackingSettings())
    ends = {int(one.boxes[0, 0]): int(one.boxes[-1, 1]) for one in tracks}
    assert ends == ({400: 428, 460: 372} if crossed else {400: 372, 460: 428})
