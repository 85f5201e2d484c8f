"""What cameras say in the names of their files and folders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

Channel = Literal["front", "rear", "inside"]

# 2026_1124_083000_001F (Novatek), NO20261124-083000-000123F (70mai), 20261124_083000_NF (BlackVue),
# DJI_20261124083000_0001_D, 2026-11-24_08-30-00, CH1_20261124T083000
FULL_YEAR = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)[-_.T ]{0,2}(\d\d)[-_.:h]?(\d\d)[-_.:m]?(\d\d)(?!\d{3})"
)
# FILE261124-083000F
SHORT_YEAR = re.compile(r"(?<!\d)(\d\d)(\d\d)(\d\d)[-_](\d\d)(\d\d)(\d\d)(?!\d)")
# GX020123: chapter 02 of recording 0123 (GoPro)
GOPRO = re.compile(r"^G[HXLP](\d\d)(\d{4})$", re.IGNORECASE)
LETTER = re.compile(r"(?:(?<=\d)|(?<=[-_]))[NEPMITAL]?([FRBI])$", re.IGNORECASE)
# Normal, event, parking...: the camera cuts on as before, so these are no other camera.
MODE = re.compile(r"^(?:no|ev|pa|la)(?=#)|(?<=[#_])[nepmital]$")
SIDE = re.compile(r"(?<=[-_])([AB])$", re.IGNORECASE)
WORD = re.compile(r"(?<![a-z])(front|rear|back|interior|inside|cabin)(?![a-z])", re.IGNORECASE)
CHANNELS: dict[str, Channel] = {
    "f": "front", "a": "front", "front": "front",
    "r": "rear", "b": "rear", "rear": "rear", "back": "rear",
    "i": "inside", "interior": "inside", "inside": "inside", "cabin": "inside",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CameraFileName:
    """Attributes:
    start: local time of the camera at the start of the recording, without a zone.
    channel: which camera of the car, by a folder, a word or a letter; None if nothing says so.
    sure: the channel's mark is more than a lonely letter A or B at the end.
    key: the name without channel, counter and time; equal for all files of one camera.
    recording: the name without its channel; equal for the front and rear file of one moment.
    folder: the folder above any folder that only names a channel.
    chapter: (recording's number, chapter) of a GoPro.
    """

    start: datetime | None
    channel: Channel | None
    sure: bool
    key: str
    recording: str
    folder: Path
    chapter: tuple[str, int] | None = None


def parse_file_name(path: Path) -> CameraFileName:
    folder, channel = path.parent, CHANNELS.get(path.parent.name.lower()) if len(path.parent.name) > 1 else None
    sure = channel is not None
    if channel is not None:
        folder = folder.parent
    stem = path.stem
    start = start_in_name(stem)
    for pattern in (WORD, LETTER, SIDE):
        if match := pattern.search(stem):
            stem = stem[: match.start(1)] + stem[match.end(1) :]
            if channel is None:
                channel = CHANNELS[match[1].lower()]
                sure = pattern is WORD or (pattern is LETTER and start is not None)
            break
    gopro = GOPRO.match(path.stem)
    return CameraFileName(
        start=start,
        channel=channel,
        sure=sure,
        key=MODE.sub("", re.sub(r"\d+", "#", stem).lower()),
        recording=stem.lower(),
        folder=folder,
        chapter=(gopro[2], int(gopro[1])) if gopro else None,
    )


def start_in_name(stem: str) -> datetime | None:
    """The camera's local time, without a zone; None if the name holds no valid time."""
    for pattern, century in ((FULL_YEAR, 0), (SHORT_YEAR, 2000)):
        for match in pattern.finditer(stem):
            year, month, day, hour, minute, second = map(int, match.groups())
            try:
                return datetime(century + year, month, day, hour, minute, second)  # noqa: DTZ001  # local by nature
            except ValueError:
                continue
    return None
