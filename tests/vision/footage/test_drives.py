"""Which files are one drive."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from vision.footage.drives import Drive, group_into_drives
from vision.footage.probe import VideoInfo

START = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def video(
    name: str, *, folder: str = "car", container: datetime | None = None, duration: float = 60, width: int = 1920
) -> VideoInfo:
    return VideoInfo(Path(folder) / name, width, 1080, duration, 0.0, "h264", 0, container, 1, 30.0)


def group(*infos: VideoInfo) -> tuple[Drive, ...]:
    return group_into_drives(infos, sha256_of=lambda path: f"content of {path.name}")


def names(drive: Drive) -> dict[str, list[str]]:
    return {camera.name: [file.path.name for file in camera.files] for camera in drive.cameras}


def viofo(minute: int, letter: str = "F") -> VideoInfo:
    at = START + timedelta(minutes=minute)
    return video(f"{at:%Y_%m%d_%H%M%S}_{minute:03d}{letter}.MP4")


def test_files_that_follow_each_other_are_one_drive() -> None:
    assert [names(drive) for drive in group(viofo(1), viofo(0), viofo(2))] == [
        {"car/front": [viofo(minute).path.name for minute in (0, 1, 2)]}
    ]


def test_a_break_begins_a_new_drive() -> None:
    assert len(group(viofo(0), viofo(1), viofo(5))) == 2


def test_front_and_rear_are_two_cameras_of_one_drive() -> None:
    drives = group(*(viofo(minute, letter) for minute in (0, 1) for letter in "RF"), viofo(30), viofo(30, "R"))
    assert [list(names(drive)) for drive in drives] == [["car/front", "car/rear"]] * 2


def test_front_and_rear_folders_are_two_cameras_of_one_drive() -> None:
    front = video("20261124_083000.mp4", folder="car/Front")
    rear = video("20261124_083001.mp4", folder="car/Rear")
    assert [list(names(drive)) for drive in group(front, rear)] == [["car/front", "car/rear"]]


def test_sides_a_and_b_are_cameras_only_where_both_exist() -> None:
    both = group(video("trip_A.mp4"), video("trip_B.mp4"), video("lone_B.mp4"))
    assert sorted(map(len, (drive.cameras for drive in both))) == [1, 2]
    assert {"car": ["lone_B.mp4"]} in [names(drive) for drive in both]


def test_unrelated_clips_are_drives_of_their_own() -> None:
    clips = [video(f"{name}.mp4", container=START + timedelta(days=day)) for day, name in enumerate("xyz")]
    assert len(group(*clips, video("no_time.mp4"), video("no_time_either.mp4"))) == 5


def test_container_times_chain_whether_they_mark_the_start_or_the_end() -> None:
    lengths = [60.0, 180.0, 20.0]
    ends = [sum(lengths[: number + 1]) for number in range(3)]
    for moments in ([0.0, *ends[:2]], ends):
        clips = [
            video(f"MOV_000{number}.mp4", container=START + timedelta(seconds=at), duration=length)
            for number, (at, length) in enumerate(zip(moments, lengths, strict=True))
        ]
        assert len(group(*clips)) == 1


def test_files_of_another_picture_size_are_another_camera() -> None:
    assert len(group(video("20261124_083000.mp4"), video("20261124_083100.mp4", width=1280))) == 2


def test_chapters_of_a_gopro_are_one_drive() -> None:
    drives = group(video("GX020007.MP4"), video("GX010007.MP4"), video("GX010008.MP4"))
    assert sorted(len(drive.files) for drive in drives) == [1, 2]


def test_event_files_belong_into_the_chain() -> None:
    kinds = ["NO20261124-083000-000001F.MP4", "EV20261124-083100-000002F.MP4", "NO20261124-083200-000003F.MP4"]
    assert len(group(*map(video, kinds))) == 1


def test_the_id_is_that_of_camera_and_first_file() -> None:
    one, two = group(viofo(0), viofo(1))[0], group(viofo(0))[0]
    assert one.id == two.id != group(viofo(1))[0].id
    assert one.id.startswith("drive-")
    assert len(one.id) == len("drive-") + 16


@given(
    gaps=st.lists(st.sampled_from([0, 1, 60, 3600]), min_size=1, max_size=12),
    seed=st.integers(0, 1000),
)
def test_every_file_is_in_exactly_one_drive_in_order_whatever_the_order_given(gaps: list[int], seed: int) -> None:
    at, clips, breaks = START, [], 1
    for gap in gaps:
        breaks += bool(clips) and gap > 10
        at += timedelta(seconds=gap)
        clips.append(video(f"{at:%Y%m%d_%H%M%S}F.MP4"))
        at += timedelta(seconds=60)
    shuffled = random.Random(seed).sample(clips, len(clips))
    drives = group(*shuffled)
    assert [file.path for drive in drives for file in drive.files] == [clip.path for clip in clips]
    assert len(drives) == breaks
