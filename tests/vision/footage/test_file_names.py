"""Names as cameras write them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from vision.footage.file_names import parse_file_name, start_in_name

START = datetime(2026, 11, 24, 8, 30, 0)  # noqa: DTZ001  # cameras write no zone


@pytest.mark.parametrize(
    "stem",
    [
        "2026_1124_083000_001F",
        "20261124_083000",
        "20261124_083000_NF",
        "NO20261124-083000-000123F",
        "FILE261124-083000F",
        "DJI_20261124083000_0001_D",
        "20261124083000_000123",
        "2026-11-24_08-30-00",
        "2026-11-24T08:30:00",
        "CH1_20261124T083000",
    ],
)
def test_start_in_the_names_of_many_makers(stem: str) -> None:
    assert start_in_name(stem) == START


@pytest.mark.parametrize(
    "stem", ["GOPR0123", "clip", "20261340_083000", "20261124_250000", "IMG_20261124", "123456789012345678"]
)
def test_what_is_no_time(stem: str) -> None:
    assert start_in_name(stem) is None


@pytest.mark.parametrize(
    ("path", "channel", "sure", "folder"),
    [
        ("car/2026_1124_083000_001F.MP4", "front", True, "car"),
        ("car/2026_1124_083000_001PR.MP4", "rear", True, "car"),
        ("car/20261124_083000_NF.mp4", "front", True, "car"),
        ("car/Front/NO20261124-083000-000123F.MP4", "front", True, "car"),
        ("car/Back/x.MP4", "rear", True, "car"),
        ("car/trip_rear.mp4", "rear", True, "car"),
        ("car/trip_B.mp4", "rear", False, "car"),
        ("car/trip.mp4", None, False, "car"),
        ("car/buffer.mp4", None, False, "car"),
    ],
)
def test_channel(path: str, channel: str | None, sure: bool, folder: str) -> None:
    name = parse_file_name(Path(path))
    assert (name.channel, name.sure, name.folder) == (channel, sure, Path(folder))


def test_front_and_rear_share_their_recording_and_files_of_a_camera_their_key() -> None:
    front, rear = (parse_file_name(Path(f"20261124083000_000123{letter}.MP4")) for letter in "FR")
    later = parse_file_name(Path("20261124083100_000124F.MP4"))
    assert front.recording == rear.recording != later.recording
    assert front.key == later.key
