"""Label files, and what is said of those that cannot be used."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import numpy as np
import pytest

from pipelines.errors import TruthError
from pipelines.evaluation.clip_sites import read_sites
from pipelines.evaluation.clip_truth import read_clips
from pipelines.evaluation.clips import score_clip
from pipelines.evaluation.drive_truth import DriveTruth, VehicleSight, read_drives
from pipelines.evaluation.report import report
from tests.pipelines.evaluation.builders import BOX
from tests.pipelines.evaluation.label_files import CAMERA, FILES, OBJECTS, write_drive, write_labels
from tests.pipelines.logs import make_log
from vision.camera.given_optics import NOTHING_GIVEN, GivenOptics


def test_a_folder_of_labels_is_read_clip_by_clip(tmp_path: Path) -> None:
    square, quiet = read_clips(write_labels(tmp_path))
    litter, never, crossing = square.events
    assert (litter.sure, litter.boxes) == (True, ((1.0, (150.0, 170.0, 190.0, 200.0)),))
    assert isnan(litter.front_at_line_s)
    assert (crossing.sure, crossing.boxes, crossing.done_s) == (False, ((1.1, (0.0, 0.0, 20.0, 20.0)),), 1.6)
    assert never.done_s == 0.0
    assert (square.cuts, quiet.cuts) == ((1.2,), (0.5,))
    assert [each.kind for each in quiet.windows] == ["none"]  # the incomplete one tells nothing
    assert [each.states for each in quiet.lamps] == [{"red"}, {"red", "yellow", "red_yellow"}]
    assert quiet.events[0].sure


def test_sites_hold_an_approach_per_line_and_its_crosswalk(tmp_path: Path) -> None:
    (camera,) = read_sites(write_labels(tmp_path))["square"].cameras
    assert [each.stop_line[0][1] for each in camera.approach] == [100.0, 120.0]
    assert camera.approach[0].signals == ((10.0, 10.0, 20.0, 30.0),)
    assert len(camera.crosswalk[0].polygon) == 4


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("events", "front_at_line_s,", "", "column front_at_line_s is missing"),
        ("events", "1.0,150", "one,150", "events.csv:2: box_at_s is no number: 'one'"),
        ("events", "150,170,190,200", "190,170,150,200", "x2 > x1"),
        ("events", "quiet,at_rest", "gone,at_rest", "'gone', clips.csv does not"),
        ("windows", "square,litter,0", "square,litre,0", "no kind 'litre'"),
        ("windows", ",0,2,yes", ",0,,yes", "windows.csv:2: to_s is no number"),
        ("lights", "red+yellow", "mauve", "no lamp state 'mauve'"),
        ("tracks", "M1,1,1.1,0,0,20,20,1", "M1,1,1.1,0", "tracks.csv:2: the line is too short"),
        ("clips", "quiet.mp4", "silent.mp4", "no silent.mp4"),
    ],
)
def test_spoilt_labels_are_refused_with_file_and_line(tmp_path: Path, name: str, old: str, new: str, told: str) -> None:
    text = FILES[f"{name}.csv"]
    assert old in text
    folder = write_labels(tmp_path, **{name: text.replace(old, new)})
    with pytest.raises(TruthError) as caught:
        read_clips(folder)
    assert told in caught.value.message
    assert caught.value.advice
    assert caught.value.exit_code == 2


def test_missing_files_are_refused(tmp_path: Path) -> None:
    folder = write_labels(tmp_path)
    (folder / "windows.csv").unlink()
    with pytest.raises(TruthError, match=r"windows\.csv: cannot be read"):
        read_clips(folder)
    with pytest.raises(TruthError, match=r"holds an objects\.csv"):
        read_drives(folder)
    with pytest.raises(TruthError, match="crosswalk is not"):
        read_sites(write_labels(tmp_path, sites=FILES["sites.csv"].replace("0,80;300,80", "zebra")))


def test_a_drive_holds_its_vehicles_and_its_speed(tmp_path: Path) -> None:
    (drive,) = read_drives(write_drive(tmp_path))
    assert [each.subject for each in drive.vehicles] == ["0", "1", "2"]
    assert drive.stood == {"0": True, "1": False}
    assert isnan(drive.vehicles[2].speed_mps)
    assert drive.ego_mps.tolist() == [10.0, 8.0]


def test_a_spoilt_drive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match="column yaw_rel_rad is missing"):
        read_drives(write_drive(tmp_path, OBJECTS.replace("yaw_rel_rad", "yaw")))
    (tmp_path / "one/one.mp4").unlink()
    with pytest.raises(TruthError, match=r"there is no one\.mp4"):
        read_drives(tmp_path)


def test_a_camera_file_gives_focal_length_axis_and_height_and_no_horizon(tmp_path: Path) -> None:
    assert read_drives(write_drive(tmp_path / "without"))[0].optics == NOTHING_GIVEN
    (drive,) = read_drives(write_drive(tmp_path / "with", camera=CAMERA))
    assert drive.optics == GivenOptics("camera file", focal_px=700.0, centre_x=150.5, height_m=1.65)


@pytest.mark.parametrize(
    ("camera", "said"),
    [
        (CAMERA.replace("fx", "f"), r"camera\.json: fx: Field required"),
        (CAMERA.replace("700.0", "0"), r"camera\.json: fx: "),
        (CAMERA.replace("150.5", "NaN"), r"camera\.json: cx: "),
        (CAMERA.replace("1.65", '"high"'), r"camera\.json: camera_height_m: "),
        (CAMERA[:-1], r"camera\.json: .*Invalid JSON"),
        ("[]", r"camera\.json: "),
    ],
)
def test_a_broken_camera_file_is_refused(tmp_path: Path, camera: str, said: str) -> None:
    with pytest.raises(TruthError, match=said) as caught:
        read_drives(write_drive(tmp_path, camera=camera))
    assert caught.value.advice


def test_a_camera_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (write_drive(tmp_path) / "one" / "camera.json").mkdir()
    with pytest.raises(TruthError, match="cannot be read"):
        read_drives(tmp_path)


@pytest.mark.parametrize(
    ("left", "yaw", "foot"),
    [
        (0.0, 0.0, (18.0, 0.0)),  # straight ahead: the rear's middle
        (0.0, 1.5708, (19.0, 0.0)),  # across the road: its side's
        (4.0, 0.0, (18.0, 18.0 * (3 / 22 + 5 / 18) / 2)),  # to the left: as near as the rear, between the outer corners
    ],
)
def test_the_foot_of_a_vehicle_is_what_a_perfect_box_shows_of_it(
    left: float, yaw: float, foot: tuple[float, float]
) -> None:
    sight = VehicleSight("0", 0.0, BOX, 20.0, left, 4.0, 2.0, yaw, True, None, 0.0)
    assert sight.foot == pytest.approx(foot, abs=1e-3)


def test_vehicles_are_where_labels_around_tell_and_nowhere_else() -> None:
    def at(time_s: float, forward: float, *, whole: bool = True) -> VehicleSight:
        return VehicleSight("0", time_s, (0.0, 0.0, forward, 10.0), forward, 2.0, 4.0, 2.0, 0.0, whole, True, 0.0)

    drive = DriveTruth("d", Path("d.mp4"), (at(1.0, 20.0), at(1.2, 18.0, whole=False), at(3.0, 9.0)), *np.zeros((2, 1)))
    found = drive.at(np.array([0.5, 1.01, 1.1, 2.0, 3.0, 3.5]))
    assert [(each.time_s, each.forward_m, each.whole) for each in found] == [
        (1.0, 20.0, True), (1.1, pytest.approx(19.0), False), (3.0, 9.0, True),
    ]  # fmt: skip
    assert found[1].box == pytest.approx((0.0, 0.0, 19.0, 10.0))


@pytest.mark.shared
def test_the_real_labels_are_read_and_an_empty_log_misses_every_sure_event(shared_data: Path) -> None:
    clips, sites = read_clips(shared_data / "clips"), read_sites(shared_data / "clips")
    assert (len(clips), len(sites)) == (23, 2)
    assert sum(len(clip.events) for clip in clips) == 59
    assert {clip.name: clip.cuts for clip in clips if clip.cuts} == {
        "redlight_us_photoenforce": (6.08,), "dashcam_my_night_70mai": (11.5,),
    }  # fmt: skip
    scores = []
    for clip in clips:
        log = make_log(duration_s=64.0, file_name=clip.video.name)
        scores.append(score_clip(clip, log, sites.get(clip.name)))
    found = report(scores, [])
    recall = {each.kind: (each.recall.part, each.recall.whole, each.likely.whole) for each in found.kinds}
    assert recall["red_light_running"] == (0, 18, 0)
    assert recall["litter"] == (0, 2, 0)
    assert recall["stop_line_overrun"] == (0, 1, 1)
    assert all(each.precision.whole == 0 for each in found.kinds)
    # windows.csv says in words how many crossings each window holds
    assert [each.recall.whole for each in found.windows if each.kind == "red_light_running"] == [2, 1, 15, 7]
    assert (found.rest.stood, found.rest.unseen) == (13, 13)
    drives = read_drives(shared_data / "drives")
    assert [sum(drive.stood.values()) for drive in drives] == [12, 10, 5, 42]
