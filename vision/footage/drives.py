"""Files to drives: what one car filmed without a break, with all its cameras.

Dashcams cut a drive into files of 1-5 minutes and write front and rear beside each other. Files of one camera are
chained where the next begins when the one before ends; chains of different cameras of one car that ran at the same
time are one drive. A file that fits nowhere is a drive of its own.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from pathlib import Path

from vision.footage.file_names import CameraFileName, Channel, parse_file_name
from vision.footage.files import file_sha256, natural_key
from vision.footage.probe import VideoInfo

# Names count whole seconds, cameras need up to some seconds to open the next file, loops overlap by as much.
GAP_S = 10.0
CHANNEL_ORDER: dict[Channel | None, int] = {"front": 0, None: 1, "inside": 2, "rear": 3}


@dataclass(frozen=True, slots=True)
class CameraFiles:
    """`files` in the order they were filmed."""

    name: str
    files: tuple[VideoInfo, ...]


@dataclass(frozen=True, slots=True)
class Drive:
    """`id`: stable for the same first file and camera name; `cameras`: front first, then as they look."""

    id: str
    cameras: tuple[CameraFiles, ...]

    @property
    def files(self) -> tuple[VideoInfo, ...]:
        return tuple(file for camera in self.cameras for file in camera.files)


@dataclass(frozen=True, slots=True)
class Recording:
    """A file with what its name says. `began`: seconds on the camera's own clock, NaN unknown."""

    info: VideoInfo
    name: CameraFileName
    began: float
    by_name: bool

    @property
    def ended(self) -> float:
        return self.began + self.info.duration_s


Chain = tuple[Recording, ...]


def group_into_drives(
    infos: Iterable[VideoInfo],
    camera: str | None = None,
    sha256_of: Callable[[Path], str] = file_sha256,
) -> tuple[Drive, ...]:
    """Drives in the order of their files. `camera`: its name, default that of the folder.

    Reads the first file of each drive to name the drive by its content.
    """
    grouped = chain_recordings([_recording(info) for info in infos])
    drives = [_drive(chains, camera, sha256_of) for chains in grouped]
    return tuple(sorted(drives, key=lambda drive: natural_key(drive.cameras[0].files[0].path)))


def chain_recordings(recordings: Sequence[Recording]) -> list[list[Chain]]:
    """The chains of each drive, the leading camera's first. Pure."""
    by_folder: dict[Path, list[Recording]] = defaultdict(list)
    for recording in recordings:
        by_folder[recording.name.folder].append(recording)
    drives: list[list[Chain]] = []
    for together in by_folder.values():
        together = _without_doubtful_channels(together)
        by_camera: dict[tuple[object, ...], list[Recording]] = defaultdict(list)
        for recording in together:
            by_camera[_camera_key(recording)].append(recording)
        drives += _pair([chain for files in by_camera.values() for chain in _chains(files)])
    return drives


def _recording(info: VideoInfo) -> Recording:
    name = parse_file_name(info.path)
    if name.start is not None:
        return Recording(info, name, name.start.replace(tzinfo=UTC).timestamp(), by_name=True)
    began = info.creation_time.timestamp() if info.creation_time else math.nan
    return Recording(info, name, began, by_name=False)


def _without_doubtful_channels(recordings: Sequence[Recording]) -> list[Recording]:
    """A lonely letter at the end of a name is a channel only where the other channel's file exists."""
    channels: dict[str, set[Channel | None]] = defaultdict(set)
    for recording in recordings:
        channels[recording.name.recording].add(recording.name.channel)
    kept = []
    for recording in recordings:
        name = recording.name
        if name.channel is not None and not name.sure and len(channels[name.recording]) < 2:
            name = parse_file_name(name.folder / f"{recording.info.path.stem}_")  # the letter no longer ends the name
        kept.append(Recording(recording.info, name, recording.began, recording.by_name))
    return kept


def _camera_key(recording: Recording) -> tuple[object, ...]:
    """Files of one camera are alike in name, picture and coding."""
    info = recording.info
    key = recording.name.chapter[0] if recording.name.chapter else recording.name.key
    return recording.name.channel, key, info.width, info.height, info.codec


def _chains(recordings: Sequence[Recording]) -> list[Chain]:
    ordered = sorted(recordings, key=_order)
    chains: list[list[Recording]] = [[ordered[0]]]
    for before, after in pairwise(ordered):
        if _follows(before, after):
            chains[-1].append(after)
        else:
            chains.append([after])
    return [tuple(chain) for chain in chains]


def _order(recording: Recording) -> tuple[object, ...]:
    chapter = recording.name.chapter[1] if recording.name.chapter else 0
    began = recording.began if math.isfinite(recording.began) else math.inf
    return chapter, began, natural_key(recording.info.path)


def _follows(before: Recording, after: Recording) -> bool:
    if before.name.chapter and after.name.chapter:
        return after.name.chapter[1] == before.name.chapter[1] + 1
    if before.by_name != after.by_name:
        return False
    # A container's time may be that of the end of its recording: then the next file's length lies between them.
    lengths = [before.info.duration_s] if before.by_name else [before.info.duration_s, after.info.duration_s]
    step = after.began - before.began
    return step > 0 and any(abs(step - length) <= GAP_S for length in lengths)


def _pair(chains: Sequence[Chain]) -> list[list[Chain]]:
    """Adds each chain of another channel to the drive that it ran beside."""
    drives: list[list[Chain]] = []
    for chain in sorted(chains, key=lambda chain: CHANNEL_ORDER[chain[0].name.channel]):
        beside = next((drive for drive in drives if _ran_beside(drive, chain)), None)
        if beside is None:
            drives.append([chain])
        else:
            beside.append(chain)
    return drives


def _ran_beside(drive: Sequence[Chain], chain: Chain) -> bool:
    channel, leading = chain[0].name.channel, drive[0]
    if channel is None or leading[0].name.channel is None or any(other[0].name.channel == channel for other in drive):
        return False
    if {recording.name.recording for recording in leading} & {recording.name.recording for recording in chain}:
        return True
    if not (leading[0].by_name and chain[0].by_name):
        return False
    overlap = min(leading[-1].ended, chain[-1].ended) - max(leading[0].began, chain[0].began)
    shorter = min(leading[-1].ended - leading[0].began, chain[-1].ended - chain[0].began)
    return overlap > shorter / 2


def _drive(chains: Sequence[Chain], camera: str | None, sha256_of: Callable[[Path], str]) -> Drive:
    base = camera or chains[0][0].name.folder.resolve().name or "camera"
    cameras = tuple(
        CameraFiles(_camera_name(base, chain[0].name.channel), tuple(recording.info for recording in chain))
        for chain in chains
    )
    first = cameras[0]
    digest = hashlib.sha256(f"{first.name}\n{sha256_of(first.files[0].path)}".encode()).hexdigest()
    return Drive(f"drive-{digest[:16]}", cameras)


def _camera_name(base: str, channel: Channel | None) -> str:
    return base if channel is None else f"{base}/{channel}"
