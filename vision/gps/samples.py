"""Timed metadata of a video: the samples of its data and subtitle streams."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import av

from vision.footage.probe import open_container

# A GoPro's telemetry of an hour; audio of a second microphone declared as data is larger.
MAX_BYTES = 512 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """`pts_s`, `duration_s`: seconds of the video's own clock."""

    pts_s: float
    duration_s: float
    data: bytes


def read_samples(path: Path) -> list[list[Sample]]:
    """One list for each data or subtitle stream, in file order. Raises a `VideoError` for a file that is no video."""
    streams: dict[int, list[Sample]] = defaultdict(list)
    left = MAX_BYTES
    with open_container(path) as container:
        chosen = [stream for stream in container.streams if stream.type in ("data", "subtitle")]
        if not chosen:
            return []
        try:
            for packet in container.demux(chosen):
                left -= packet.size
                if left < 0:
                    break
                if packet.size and packet.pts is not None:
                    base = packet.time_base
                    seconds = float(packet.pts * base), float((packet.duration or 0) * base)
                    streams[packet.stream_index].append(Sample(*seconds, bytes(packet)))
        except (av.error.FFmpegError, OSError):
            pass  # a cut file: what came before counts
    return list(streams.values())
