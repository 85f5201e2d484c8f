"""Frames of a drive by log time, whichever of its files they are in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.errors import EvidenceError
from vision.errors import DamagedVideo
from vision.footage.video import Frame, open_video
from vision.log import ObservationLog, SourceFile

NEAR_S = 0.5  # how far the frame asked for may lie from the time asked for
JITTER_S = 1e-4  # of times that went through a file of floats


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame with its place in the drive: `time_s` is log time, `frame.pts` the file's own."""

    time_s: float
    file: SourceFile
    frame: Frame


@dataclass(frozen=True, slots=True)
class Footage:
    """The log of a drive with the paths of its files, in the log's order."""

    log: ObservationLog
    paths: tuple[Path, ...]

    @property
    def span(self) -> tuple[float, float]:
        return self.log.meta.files[0].first_s, self.log.meta.files[-1].last_s

    def shots(self, start_s: float, end_s: float) -> Iterator[Shot]:
        """All frames with start_s <= log time <= end_s, across files, in order."""
        files = self.log.meta.files
        for row, (file, path) in enumerate(zip(files, self.paths, strict=True)):
            until = min(end_s, file.last_s)
            if row + 1 < len(files):  # recorders may let files overlap: each moment is shown once
                until = min(until, files[row + 1].first_s - 2 * JITTER_S)
            if until >= max(start_s, file.first_s):
                yield from _shots_of(file, path, start_s, until)

    def picture(self, time_s: float) -> tuple[Shot, NDArray[np.uint8]]:
        """The frame nearest to a log time, native RGB. Raises `EvidenceError` if none is near."""
        best: Shot | None = None
        for shot in self.shots(time_s - NEAR_S, time_s + NEAR_S):
            if best is None or abs(shot.time_s - time_s) < abs(best.time_s - time_s):
                best = shot
            if shot.time_s >= time_s:
                break
        if best is None:
            file, pts = self.log.locate(time_s)
            raise EvidenceError(f"{file.name} shows no frame at {pts:.2f} s any more", advice="has the file changed?")
        return best, best.frame.rgb()


def _shots_of(file: SourceFile, path: Path, start_s: float, end_s: float) -> Iterator[Shot]:
    first, last = start_s - file.start_s - JITTER_S, end_s - file.start_s + JITTER_S
    with open_video(path) as video, suppress(DamagedVideo):  # the log already says what is missing
        for frame in video.frames(first, last):
            yield Shot(frame.pts + file.start_s, file, frame)
