"""A made-up video of a car with a textured plate, and the log that perceives it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from models.taxonomy import CLASS_ID
from pipelines.incident import FileRef, Finding, Grade, Incident, Kind, Location, Moment, Role, Subject
from vision.log import (
    Clock,
    FrameTable,
    GroundCamera,
    LogMeta,
    ObservationLog,
    ObservationTable,
    SignalTable,
    SourceFile,
    TrackTable,
)

WIDTH, HEIGHT, RATE = 640, 360, 20
CAR_TRACK, PLATE_TRACK = 1, 2
Box = tuple[float, float, float, float]


def car_box(time_s: float) -> Box:
    left = 40 + 45 * time_s
    return left, 150.0, left + 120, 250.0


def plate_box(time_s: float) -> Box:
    left, _, _, bottom = car_box(time_s)
    return left + 36, bottom - 34, left + 84, bottom - 18


def picture(time_s: float) -> NDArray[np.uint8]:
    """Grey street, dark car, a plate of black and white strokes 3 px wide."""
    frame = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
    x1, y1, x2, y2 = (round(side) for side in car_box(time_s))
    frame[y1:y2, x1:x2] = (30, 40, 90)
    x1, y1, x2, y2 = (round(side) for side in plate_box(time_s))
    strokes = np.where((np.arange(x2 - x1) // 3) % 2 == 0, 255, 0).astype(np.uint8)
    frame[y1:y2, x1:x2] = strokes[None, :, None]
    return frame


def write_video(path: Path, start_s: float = 0.0, seconds: float = 8.0) -> Path:
    """H.264 whose picture at PTS t shows the scene at `start_s` + t."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "12", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(round(seconds * RATE)):
            frame = av.VideoFrame.from_ndarray(picture(start_s + number / RATE), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def source(path: Path, start_s: float = 0.0, seconds: float = 8.0) -> SourceFile:
    content = path.read_bytes()
    last_s = start_s + seconds - 1 / RATE
    return SourceFile(path.name, hashlib.sha256(content).hexdigest(), len(content), start_s, start_s, last_s)


def log_of(*files: SourceFile, rate_hz: float = 5.0) -> ObservationLog:
    """The car and its plate, looked at `rate_hz` times a second."""
    times = np.arange(files[0].first_s, files[-1].last_s, 1 / rate_hz)
    count = len(times)
    none = np.full(count, np.nan)
    frames = FrameTable(
        times, np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count), np.ones(count, bool),
        np.zeros(count, bool), none, none, none,
    )  # fmt: skip
    classes = (CLASS_ID["car"], CLASS_ID["licence_plate"])
    boxes = [box(time_s) for time_s in times for box in (car_box, plate_box)]
    twice = np.full(2 * count, np.nan)
    seen = ObservationTable(
        np.repeat(np.arange(count, dtype=np.int32), 2),
        np.repeat(times, 2),
        np.tile(np.array([CAR_TRACK, PLATE_TRACK], np.int32), count),
        np.full(2 * count, "wide"),
        np.tile(np.array(classes, np.int16), count),
        np.full(2 * count, 0.9, np.float32),
        np.array(boxes, np.float32),
        twice, twice, twice, twice, twice,
    )  # fmt: skip
    pair = np.full(2, np.nan)
    tracks = TrackTable(
        np.array([CAR_TRACK, PLATE_TRACK], np.int32), np.array(classes, np.int16), np.full(2, times[0]),
        np.full(2, times[-1]), np.full(2, count, np.int32), np.full(2, 0.9, np.float32), pair, pair,
    )  # fmt: skip
    signals = SignalTable(np.zeros(0, np.int32), np.zeros(0, "U1"), np.zeros(0), np.zeros(0), np.zeros(0))
    clock = Clock(datetime(2026, 11, 24, 8, 30, tzinfo=UTC), 0.4, "gps", "Asia/Shanghai")
    camera = GroundCamera(600.0, WIDTH / 2, 120.0, 3.0, ("site file",))
    meta = LogMeta(files, WIDTH, HEIGHT, "car7/front", "fixed", clock, camera, None, "fake@0", "c" * 64)
    return ObservationLog(meta, frames, seen, tracks, signals)


def finding(start_s: float = 3.0, end_s: float = 4.5, grade: Grade = Grade.CLUE) -> Finding:
    moments = (
        Moment(Role.BEFORE, start_s - 0.5, car_box(start_s - 0.5), "before the line"),
        Moment(Role.AT, start_s, car_box(start_s), "front over the line 1.2 s (± 0.1) after red"),
        Moment(Role.AFTER, end_s, car_box(end_s), "moved on 12 m"),
    )
    return Finding(
        Kind.RED_LIGHT_RUNNING, "red_light_running/1", grade, ("plate",), 0.9, ("ran it",), start_s, end_s, CAR_TRACK,
        "car", moments,
    )  # fmt: skip


def incident_of(log: ObservationLog, found: Finding) -> Incident:
    file, pts = log.locate(found.start_s)
    start, end = log.meta.clock.utc(found.start_s), log.meta.clock.utc(found.end_s)
    return Incident(
        found.kind, None, found.grade, found.missing, found.confidence, found.reasons, start, end, 0.4,
        "Asia/Shanghai", Location(120.1, 30.2, 4.0), None, FileRef(file.name, file.sha256), pts,
        pts + found.end_s - found.start_s, Subject("car", CAR_TRACK, car_box(found.start_s), pts), "fake@0", found.rule,
    )  # fmt: skip


def without_plates(log: ObservationLog) -> ObservationLog:
    """The same log whose wide look was too coarse to see the plate."""
    seen = log.observations
    rows = seen.track != PLATE_TRACK
    kept = ObservationTable(*(getattr(seen, name)[rows] for name in ObservationTable.__slots__))
    return replace(log, observations=kept)
