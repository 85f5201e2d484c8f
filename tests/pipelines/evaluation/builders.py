"""Small labels and incidents, made up."""

from __future__ import annotations

from pathlib import Path

from pipelines.evaluation.clip_truth import ClipTruth, Event, LampTruth, Spot, Window
from pipelines.evaluation.tables import Box
from pipelines.incident import Finding, Grade, Kind, Moment, Role

CLIP = "clip"
NAN = float("nan")
BOX: Box = (100.0, 100.0, 200.0, 200.0)
ELSEWHERE: Box = (400.0, 100.0, 500.0, 200.0)


def event(
    kind: str = Kind.RED_LIGHT_RUNNING,
    start_s: float = 10.0,
    end_s: float = 12.0,
    box: Box | None = BOX,
    *,
    at_s: float | None = None,
    sure: bool = True,
    front: float = NAN,
    rear: float = NAN,
    name: str = "M1",
) -> Event:
    boxes = () if box is None else (((start_s if at_s is None else at_s), box),)
    return Event(CLIP, kind, name, start_s, end_s, front, rear, sure, boxes)


def finding(
    kind: Kind = Kind.RED_LIGHT_RUNNING,
    start_s: float = 10.0,
    end_s: float | None = None,
    box: Box = BOX,
    *,
    grade: Grade = Grade.COMPLETE,
    track: int = 1,
) -> Finding:
    end_s = start_s + 1.0 if end_s is None else end_s
    moments = (Moment(Role.AT, start_s, box, "at"),)
    return Finding(kind, "rule/1", grade, (), 0.9, ("because",), start_s, end_s, track, "car", moments)


def window(kind: str = Kind.RED_LIGHT_RUNNING, start_s: float = 0.0, end_s: float = 60.0) -> Window:
    return Window(CLIP, kind, start_s, end_s)


def truth(
    *,
    events: tuple[Event, ...] = (),
    windows: tuple[Window, ...] = (),
    lamps: tuple[LampTruth, ...] = (),
    path: tuple[Spot, ...] = (),
    cuts: tuple[float, ...] = (),
    video: Path = Path("clip.mp4"),
) -> ClipTruth:
    return ClipTruth(CLIP, video, events, windows, lamps, path, cuts)
