"""The few seconds around an incident as an MP4 that every browser plays, blurred frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from pipelines.errors import EvidenceError
from pipelines.evidence.blur import Boxes, blur
from pipelines.evidence.carry import Carried, carried_track
from pipelines.evidence.draw import lightly_outlined
from pipelines.evidence.frames import Footage, Shot
from pipelines.evidence.look import LOOK_EVERY_S, Looker, cell
from pipelines.evidence.privacy import Privacy
from pipelines.incident import Finding, Moment
from vision.log import ObservationLog

LEAST_S, MOST_S = 6.0, 10.0
AROUND_S = 2.0  # of scene before and after the event
LARGEST_WIDTH = 1280
TICKS_PER_S = 90_000
SUBJECT_BEYOND_S = 0.2
LAMP_BEYOND_S = 1.0
H264 = {"preset": "veryfast", "crf": "23", "profile": "high"}
# One thread, and nothing of time or machine in the file: the same frames give the same bytes, and the same hash.
THREADS = 1
CPU_AVX_512F = 13  # of cv::CpuFeatures; the Python module does not name it
# libx264's AVX-512 code gives another result about once in a hundred clips on a busy machine, its AVX2 code never did.
if cv2.checkHardwareSupport(CPU_AVX_512F):
    H264 |= {"x264-params": "asm=avx2"}
CONTAINER = {"movflags": "+faststart", "fflags": "+bitexact"}


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """`start_s`, `end_s`: log time of the first and last frame. `frame_times_s`: of every frame; frame k of the clip
    is shown at frame_times_s[k] - start_s.
    """

    start_s: float
    end_s: float
    frame_times_s: tuple[float, ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Actors:
    """The finding's subject and the lamp that governs it, where they are tracked."""

    subject: Carried | None
    lamp: Carried | None

    def lamp_at(self, time_s: float) -> Boxes:
        """(N, 4) native pixels, N is 0 or 1; a lamp does not move in the world, so it is known somewhat longer."""
        if self.lamp is None or not self.lamp.known(time_s, LAMP_BEYOND_S):
            return np.zeros((0, 4), np.float32)
        return self.lamp.at(time_s)[None].astype(np.float32)


def actors_of(log: ObservationLog, finding: Finding) -> Actors:
    lamp = None if finding.lamp_track is None else carried_track(log, finding.lamp_track)
    return Actors(carried_track(log, finding.track), lamp)


def clip_window(finding: Finding, span: tuple[float, float]) -> tuple[float, float]:
    """6 to 10 s of log time that show the event, moved and cut to what the drive shows.

    An event that is too long for a clip is shown around its decisive moment.
    """
    start, end = finding.start_s - AROUND_S, finding.end_s + AROUND_S
    length = float(np.clip(end - start, LEAST_S, MOST_S))
    middle = _decisive(finding.moments, (finding.start_s + finding.end_s) / 2) if end - start > MOST_S else None
    first = (middle if middle is not None else (start + end) / 2) - length / 2
    first = max(span[0], min(first, span[1] - length))
    return first, min(first + length, span[1])


def _decisive(moments: tuple[Moment, ...], otherwise: float) -> float:
    return next((moment.time_s for moment in moments if moment.role == "at"), otherwise)


def look_through(footage: Footage, window: tuple[float, float], looker: Looker) -> None:
    """Looks for plates and heads a few times a second, before any frame is drawn: what is seen late helps early."""
    due = looker.due(*window)
    if not due:
        return
    cells = set(due)
    for shot in footage.shots(due[0] * LOOK_EVERY_S, (due[-1] + 1) * LOOK_EVERY_S):
        if cell(shot.time_s) in cells:
            cells.remove(cell(shot.time_s))
            looker.look(shot.time_s, shot.frame.rgb())


def write_clip(
    path: Path, footage: Footage, window: tuple[float, float], actors: Actors, privacy: Privacy
) -> ClipFacts:
    """Writes the clip and says what it shows. Raises `EvidenceError` if no frame can be decoded."""
    pictures = ((shot.time_s, _drawn(shot, actors, privacy)) for shot in footage.shots(*window))
    first = next(pictures, None)
    if first is None:
        raise EvidenceError("no frame of the clip can be decoded", advice="has the file changed since it was scanned?")
    return encode(path, first, pictures)


def _drawn(shot: Shot, actors: Actors, privacy: Privacy) -> NDArray[np.uint8]:
    """A frame in the clip's size, blurred, with the subject's box."""
    native_width, native_height = shot.frame.width, shot.frame.height
    size = clip_size(native_width, native_height)
    scale = np.array([size[0] / native_width, size[1] / native_height] * 2, np.float32)
    picture = shot.frame.rgb(size=size)
    blur(picture, privacy.regions(shot.time_s).scaled(scale), actors.lamp_at(shot.time_s) * scale)
    subject = actors.subject
    if subject is not None and subject.known(shot.time_s, SUBJECT_BEYOND_S):
        x1, y1, x2, y2 = (subject.at(shot.time_s) * scale).tolist()
        lightly_outlined(picture, (x1, y1, x2, y2))
    return picture


def clip_size(width: int, height: int) -> tuple[int, int]:
    """At most 1280 wide, even sides as 4:2:0 needs."""
    scale = min(1.0, LARGEST_WIDTH / width)
    return max(2, round(width * scale) & ~1), max(2, round(height * scale) & ~1)


def encode(
    path: Path, first: tuple[float, NDArray[np.uint8]], rest: Iterator[tuple[float, NDArray[np.uint8]]]
) -> ClipFacts:
    start_s, picture = first
    height, width = picture.shape[:2]
    times = [start_s]
    with av.open(str(path), "w", format="mp4", options=CONTAINER) as container:
        stream = _h264_stream(container, width, height)
        container.mux(stream.encode(_video_frame(picture, 0.0)))
        for time_s, picture in rest:
            times.append(time_s)
            container.mux(stream.encode(_video_frame(picture, time_s - start_s)))
        container.mux(stream.encode(None))
    return ClipFacts(start_s, times[-1], tuple(times), width, height)


def _h264_stream(container: av.container.OutputContainer, width: int, height: int) -> av.VideoStream:
    stream = container.add_stream("libx264", rate=30, options=H264)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    codec = stream.codec_context
    codec.time_base = stream.time_base = Fraction(1, TICKS_PER_S)
    codec.thread_count = THREADS
    codec.gop_size = 30  # a reviewer steps and seeks
    codec.color_range, codec.colorspace = ColorRange.MPEG, Colorspace.ITU709
    return stream


def _video_frame(picture: NDArray[np.uint8], time_s: float) -> av.VideoFrame:
    """Times are the source's, to 1/90000 s. BT.709, stated in the file: a lamp's colour must not shift."""
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
    frame.pts, frame.time_base = round(time_s * TICKS_PER_S), Fraction(1, TICKS_PER_S)
    return frame
