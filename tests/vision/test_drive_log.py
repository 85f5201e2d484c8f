from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from models.taxonomy import CLASS_ID
from tests.vision.logs import Thing, make_log
from vision.drive_log import stitch
from vision.log import ObservationLog, SignalTable
from vision.look import LookSettings
from vision.motion.flow_steps import FlowSteps
from vision.quality.coverage import coverage_table
from vision.quality.meter import PictureQuality
from vision.quality.seconds import quality_table

CAR = (100.0, 400.0, 300.0, 520.0)
ELSEWHERE = (700.0, 500.0, 900.0, 620.0)
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def with_lamp(log: ObservationLog, track: int, *rows: tuple[str, float, float]) -> ObservationLog:
    states, first, last = zip(*rows, strict=True)
    ids = np.full(len(rows), track, np.int32)
    signals = SignalTable(ids, np.array(states), np.array(first), np.array(last), np.full(len(rows), 0.9))
    return replace(log, signals=signals)


def test_a_single_file_becomes_a_drive_that_starts_at_zero() -> None:
    drive = stitch([make_log(Thing("car", CAR, CAR), first_s=2.5, utc=START)])
    assert drive.frames.time_s[0] == 0.0
    assert drive.meta.files[0].start_s == -2.5
    assert drive.meta.clock.utc(0.0) == START + timedelta(seconds=2.5)


def test_files_follow_each_other_by_one_frame_when_no_clock_is_known() -> None:
    drive = stitch([make_log(), make_log(name="b.mp4", first_s=4.0)])
    steps = np.diff(drive.frames.time_s)
    np.testing.assert_allclose(steps, 0.1, atol=1e-9)
    file, pts = drive.locate(1.5)
    assert file.name == "b.mp4"
    assert pts == pytest.approx(4.4)
    assert not drive.frames.cut.any()


def test_a_pause_that_the_clocks_show_is_kept_and_is_a_cut() -> None:
    logs = [make_log(utc=START), make_log(name="b.mp4", utc=START + timedelta(seconds=60))]
    drive = stitch(logs)
    assert drive.frames.time_s[11] == pytest.approx(60.0)
    assert drive.frames.cut[11]
    assert not drive.frames.cut[:11].any()
    assert not logs[1].frames.cut.any()


def test_clocks_of_whole_seconds_do_not_make_a_pause() -> None:
    drive = stitch([make_log(utc=START), make_log(utc=START + timedelta(seconds=2))])
    assert drive.frames.time_s[11] == pytest.approx(1.1)


def test_a_car_that_crosses_a_files_end_is_one_track() -> None:
    moved = (200.0, 400.0, 400.0, 520.0)
    further = (300.0, 400.0, 500.0, 520.0)
    first = make_log(Thing("car", CAR, moved), Thing("person", ELSEWHERE, ELSEWHERE))
    drive = stitch([first, make_log(Thing("truck", moved, further))])
    assert drive.tracks.track.tolist() == [1, 2]
    assert drive.tracks.hits.tolist() == [22, 11]
    assert drive.tracks.last_s[0] == pytest.approx(2.1)
    assert len(next(iter(drive.each_track())).rows) == 22


def test_a_rider_renamed_at_a_files_end_is_one_track() -> None:
    drive = stitch([make_log(Thing("bicycle", CAR, CAR)), make_log(Thing("motorcycle", CAR, CAR))])
    assert drive.tracks.track.tolist() == [1]
    assert drive.tracks.hits.tolist() == [22]


def test_different_things_stay_apart_and_ids_stay_unique() -> None:
    drive = stitch(
        [make_log(Thing("car", CAR, CAR)), make_log(Thing("person", CAR, CAR), Thing("car", ELSEWHERE, CAR))]
    )
    assert drive.tracks.track.tolist() == [1, 2, 3]
    assert set(drive.observations.track.tolist()) == {1, 2, 3}


def test_nothing_crosses_a_pause() -> None:
    logs = [make_log(Thing("car", CAR, CAR, 1.0), utc=START)]
    logs.append(make_log(Thing("car", CAR, CAR, 1.0), utc=START + timedelta(seconds=60)))
    assert len(stitch(logs).tracks.track) == 2


def test_a_thing_moved_in_one_file_was_not_at_rest_in_the_drive() -> None:
    drive = stitch([make_log(Thing("car", CAR, CAR, 0.9)), make_log(Thing("car", CAR, CAR, 0.1))])
    assert drive.tracks.at_rest.tolist() == [0.1]


def test_a_red_light_goes_on_across_a_files_end() -> None:
    lamp = Thing("light_red", (600.0, 100.0, 620.0, 140.0), (600.0, 100.0, 620.0, 140.0))
    first = with_lamp(make_log(lamp), 1, ("green", 0.0, 0.4), ("red", 0.5, 1.0))
    second = with_lamp(make_log(lamp), 1, ("red", 0.0, 0.7), ("green", 0.8, 1.0))
    drive = stitch([first, second])
    assert drive.signals.state.tolist() == ["green", "red", "green"]
    assert drive.signals.first_s[1] == pytest.approx(0.5)
    assert drive.signals.last_s[1] == pytest.approx(1.8)
    assert drive.tracks.class_id.tolist() == [CLASS_ID["light_red"]]


def test_the_pose_goes_on_where_the_last_file_ended() -> None:
    logs = [make_log(mounting="moving", speed=10.0), make_log(mounting="moving", speed=10.0)]
    drive = stitch(logs)
    assert drive.frames.x_m[-1] == pytest.approx(20.0, abs=1.1)
    assert np.all(np.diff(drive.frames.x_m) >= 0)


def test_a_georeferenced_file_keeps_its_place_on_earth() -> None:
    logs = [make_log(origin=(8.4, 49.0)), make_log(origin=(8.4, 49.001))]
    drive = stitch(logs)
    assert drive.meta.origin == (8.4, 49.0)
    assert drive.frames.y_m[-1] == pytest.approx(111.2, abs=0.2)


def test_another_picture_size_is_another_camera() -> None:
    other = make_log()
    other = replace(other, meta=replace(other.meta, width=640))
    with pytest.raises(ValueError, match="picture size"):
        stitch([make_log(), other])


def test_the_camera_drove_on_between_the_files() -> None:
    logs = [make_log(mounting="moving", speed=10.0, utc=START)]
    logs.append(make_log(mounting="moving", speed=10.0, utc=START + timedelta(seconds=2)))
    drive = stitch(logs)
    np.testing.assert_allclose(np.diff(drive.frames.x_m), 10.0 * np.diff(drive.frames.time_s), atol=1e-6)


def test_a_file_whose_motion_is_unknown_does_not_make_the_next_ones_unknown() -> None:
    lost, known = (make_log(Thing("litter", CAR, CAR, 0.9), mounting="moving", speed=10.0) for _ in range(2))
    for column in (lost.frames.x_m, lost.frames.y_m, lost.frames.speed_mps, lost.observations.x_m):
        column[:] = np.nan
    drive = stitch([lost, known])
    assert np.isnan(drive.frames.x_m[:11]).all()
    assert np.isfinite(drive.frames.x_m[11:]).all()
    assert np.isfinite(drive.observations.x_m[11:]).all()


def test_litter_lies_where_it_lay_though_a_few_looks_do_not_tell() -> None:
    near = (100.0, 500.0, 140.0, 520.0)
    nearer = (80.0, 520.0, 130.0, 545.0)
    logs = [make_log(Thing("litter", near, near, np.nan)), make_log(Thing("litter", nearer, nearer, np.nan))]
    assert len(stitch(logs).tracks.track) == 1


def with_sight(log: ObservationLog, aim_y_px: float = 360.0) -> ObservationLog:
    """The log with its coverage, and ten seconds of quality in which it heads for a row of the picture."""
    clear = PictureQuality(0.0, 0.5, 0.0, 0.0, 0.6, False, 0.3, 0.1, 0.0)
    seconds = log.frames.time_s[0] + np.arange(10)
    quality = quality_table([replace(clear, time_s=float(s)) for s in seconds], FlowSteps(), (), (1280, 720), "moving")
    aim = np.full(10, 640.0, np.float32), np.full(10, aim_y_px, np.float32)
    known = np.ones(len(log.frames.time_s))
    coverage = coverage_table(log.meta, log.frames, log.observations, known, LookSettings())
    return replace(log, quality=replace(quality, aim_x_px=aim[0], aim_y_px=aim[1]), coverage=coverage)


def test_what_was_seen_and_how_well_goes_on_across_files() -> None:
    logs = [with_sight(make_log(mounting="moving", speed=10.0, seconds=10.0, frames=61)) for _ in range(2)]
    drive = stitch(logs)
    assert len(drive.quality.time_s) == 20
    assert drive.quality.time_s[10] == pytest.approx(drive.meta.files[1].first_s)
    assert not drive.quality.shifted.any()
    np.testing.assert_allclose(drive.coverage.first_s[1:], drive.coverage.last_s[:-1], atol=0.01)
    np.testing.assert_allclose(np.diff(drive.coverage.x_m), 10.0, atol=2.0)
    assert drive.coverage.metres.sum() == pytest.approx(200, abs=5)


def test_a_camera_moved_in_its_mount_between_two_files_is_found() -> None:
    first, second = (make_log(mounting="moving", speed=10.0, seconds=10.0, frames=61) for _ in range(2))
    drive = stitch([with_sight(first), with_sight(second, aim_y_px=420.0)])
    assert np.flatnonzero(drive.quality.shifted).tolist() == [10]
