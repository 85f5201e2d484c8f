"""Small hand-made observation logs for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from models.taxonomy import CLASS_ID
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


@dataclass(frozen=True)
class Thing:
    """One track: its class, box at the first and at the last frame, and how surely it stood."""

    class_name: str
    first: tuple[float, float, float, float]
    last: tuple[float, float, float, float]
    at_rest: float = 0.0


def make_log(
    *things: Thing,
    name: str = "a.mp4",
    frames: int = 11,
    seconds: float = 1.0,
    first_s: float = 0.0,
    utc: datetime | None = None,
    mounting: str = "fixed",
    speed: float = 0.0,
    origin: tuple[float, float] | None = None,
) -> ObservationLog:
    """`frames` frames over `seconds` from `first_s`, in which each thing moves evenly; the camera drives straight."""
    times = first_s + np.linspace(0.0, seconds, frames)
    camera = GroundCamera(800.0, 640.0, 360.0, 1.3, ("default",))
    nothing = np.full(frames, np.nan)
    share = np.linspace(0.0, 1.0, frames)[:, None]
    boxes = [np.asarray(thing.first) * (1 - share) + np.asarray(thing.last) * share for thing in things]
    order = np.argsort(np.tile(np.arange(frames), len(things)), kind="stable")
    every = np.concatenate([*boxes, np.zeros((0, 4))]).astype(np.float32)[order]
    forward, left = camera.to_ground((every[:, 0] + every[:, 2]) / 2.0, every[:, 3])
    frame = np.tile(np.arange(frames), len(things))[order].astype(np.int32)
    class_ids = np.array([CLASS_ID[thing.class_name] for thing in things], np.int16)
    track = np.arange(1, len(things) + 1, dtype=np.int32)
    size = len(every)
    return ObservationLog(
        LogMeta(
            files=(SourceFile(name, "0" * 64, 1000, 0.0, first_s, first_s + seconds),),
            width=1280,
            height=720,
            camera="car7/front",
            mounting="moving" if mounting == "moving" else "fixed",
            clock=Clock(utc, 1.0, "gps" if utc else "unknown"),
            ground_camera=camera,
            origin=origin,
            model="none@000000000000+test-f32",
            config_sha256="0" * 64,
        ),
        FrameTable(
            times,
            speed * (times - first_s),
            np.zeros(frames),
            np.zeros(frames),
            np.full(frames, speed),
            np.full(frames, speed == 0.0),
            np.zeros(frames, bool),
            nothing,
            nothing.copy(),
            nothing.copy(),
        ),
        ObservationTable(
            frame,
            times[frame],
            np.repeat(track, frames)[order] if size else np.zeros(0, np.int32),
            np.full(size, "wide"),
            np.repeat(class_ids, frames)[order] if size else np.zeros(0, np.int16),
            np.full(size, 0.8, np.float32),
            every,
            forward,
            left,
            forward + speed * (times[frame] - first_s),
            left,
            np.full(size, 0.5),
        ),
        TrackTable(
            track,
            class_ids,
            np.full(len(things), times[0]),
            np.full(len(things), times[-1]),
            np.full(len(things), frames, np.int32),
            np.full(len(things), 0.8, np.float32),
            np.array([thing.at_rest for thing in things], float),
            np.zeros(len(things)),
        ),
        SignalTable(np.zeros(0, np.int32), np.zeros(0, "<U7"), np.zeros(0), np.zeros(0), np.zeros(0)),
    )
