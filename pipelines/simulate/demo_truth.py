"""What the demo's script plants, in the product's terms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from pipelines.incident import Grade, Kind
from pipelines.simulate import demo_plan as plan
from pipelines.simulate.georeference import MapFrame
from pipelines.simulate.scenario import Thing
from pipelines.simulate.truth import LookAlike, Planted, Truth

# From how far ahead, and until how near, a thing can be made out by a patrol that drives past.
_SEEN_FROM_M = {"litter": 30.0, "vehicle": 60.0}
_SEEN_UNTIL_M = 3.0
_SUBTYPES = {"pile": "pile", "overflowing_bin": "overflowing_bin"}


@dataclass(frozen=True, slots=True)
class VideoStart:
    """`at`: UTC of PTS 0."""

    file: str
    at: datetime


def demo_truth(seed: int, frame: MapFrame, patrol: VideoStart, junction: VideoStart) -> Truth:
    things = {thing.name: thing for thing in plan.patrol_scenario().things}
    planted = [_littered(frame, patrol, things[name]) for name in plan.LITTERED]
    planted += [_parked(frame, patrol, things[name]) for name in plan.ILLEGALLY_PARKED]
    planted += [_runner_beside_patrol(frame, patrol), _runner(frame, junction), _parker(frame, junction)]
    look_alikes = [*_lawful(frame, patrol, things), *_junction_look_alikes(frame, junction)]
    return Truth(seed, tuple(planted), tuple(look_alikes))


def _passing(y: float, seen_from: float) -> tuple[float, float]:
    """PTS between which a thing at y lies in view of the patrol."""
    times = np.arange(0.0, plan.PATROL_S, 0.1)
    ahead = y - np.array([plan.PATROL.position(t) for t in times])
    seen = times[(ahead < seen_from) & (ahead > _SEEN_UNTIL_M)]
    return float(seen[0]), float(seen[-1])


def _planted(
    frame: MapFrame, video: VideoStart, name: str, kind: Kind, at: tuple[float, float], span: tuple[float, float]
) -> Callable[[str | None, Grade, str], Planted]:
    lon, lat = frame.point(*at)
    start, end = round(span[0], 2), round(span[1], 2)
    utc = (video.at + timedelta(seconds=start), video.at + timedelta(seconds=end))

    def finish(subtype: str | None, grade: Grade, description: str) -> Planted:
        return Planted(name, kind, subtype, video.file, start, end, utc[0], utc[1], lon, lat, grade, description)

    return finish


def _littered(frame: MapFrame, video: VideoStart, thing: Thing) -> Planted:
    span = _passing(thing.y, _SEEN_FROM_M["litter"])
    finish = _planted(frame, video, thing.name, Kind.LITTER, (thing.x, thing.y), span)
    where = "on the pavement" if thing.x > plan.LAYOUT.edge else "in the parking lane"
    return finish(_SUBTYPES.get(thing.kind, "item"), Grade.COMPLETE, f"{thing.name} {where}, right-hand side")


def _parked(frame: MapFrame, video: VideoStart, thing: Thing) -> Planted:
    span = _passing(thing.y, _SEEN_FROM_M["vehicle"])
    finish = _planted(frame, video, thing.name, Kind.ILLEGAL_PARKING, (thing.x, thing.y), span)
    return finish(None, Grade.CLUE, f"{thing.name} parked where the map forbids it; one pass is a clue at best")


def _runner_beside_patrol(frame: MapFrame, video: VideoStart) -> Planted:
    span = (plan.RUNNER_LINE_S - 1.0, plan.RUNNER_LINE_S + 4.0)
    at = (plan.LEFT_LANE, plan.STOP_LINE)
    finish = _planted(frame, video, "runner beside the patrol", Kind.RED_LIGHT_RUNNING, at, span)
    return finish(None, Grade.INSUFFICIENT, "runs red in the left lane; no stop line is known to a moving camera")


def _runner(frame: MapFrame, video: VideoStart) -> Planted:
    span = (plan.JUNCTION_RUNNER_S, plan.JUNCTION_RUNNER_S + 2.5)
    at = (plan.LEFT_LANE, plan.STOP_LINE)
    finish = _planted(frame, video, "runner", Kind.RED_LIGHT_RUNNING, at, span)
    return finish(None, Grade.COMPLETE, "crosses the stop line 5 s after the light turned red")


def _parker(frame: MapFrame, video: VideoStart) -> Planted:
    span = (plan.PARKER_ARRIVES_S, plan.JUNCTION_S)
    finish = _planted(frame, video, "parker", Kind.ILLEGAL_PARKING, (plan.BAY, plan.PARKER_Y), span)
    seconds = plan.JUNCTION_S - plan.PARKER_ARRIVES_S
    return finish(None, Grade.COMPLETE, f"stands {seconds:.0f} s where 10 s are allowed")


def _lawful(frame: MapFrame, video: VideoStart, things: dict[str, Thing]) -> list[LookAlike]:
    made = [_look_alike(frame, video, thing.name, Kind.ILLEGAL_PARKING, (thing.x, thing.y), "parked where it may")
            for thing in things.values() if thing.name.startswith("legal")]  # fmt: skip
    queue = (plan.RIGHT_LANE, plan.WAITING)
    made.append(_look_alike(frame, video, "leader", Kind.ILLEGAL_PARKING, queue, "waits at a red light"))
    made.append(_look_alike(frame, video, "leader", Kind.RED_LIGHT_RUNNING, queue, "goes on at green"))
    made += [_look_alike(frame, video, thing.name, Kind.LITTER, (thing.x, thing.y), "street furniture in order")
             for thing in things.values() if thing.kind in ("closed_bin", "furniture")]  # fmt: skip
    made += [_look_alike(frame, video, "leaves", Kind.LITTER, at, "fallen leaves") for at in plan.LEAVES]
    made += [_look_alike(frame, video, "manhole", Kind.LITTER, at, "manhole cover") for at in plan.MANHOLES]
    return made


def _junction_look_alikes(frame: MapFrame, video: VideoStart) -> list[LookAlike]:
    at, line = (plan.RIGHT_LANE, plan.WAITING), (plan.LEFT_LANE, plan.STOP_LINE)
    return [
        _look_alike(frame, video, "waits 1", Kind.ILLEGAL_PARKING, at, "waits at a red light"),
        _look_alike(frame, video, "waits 1", Kind.RED_LIGHT_RUNNING, at, "goes on at green"),
        *(_look_alike(frame, video, "leaves", Kind.LITTER, spot, "fallen leaves") for spot in plan.LEAVES[1:2]),
        _look_alike(frame, video, "lawful 2", Kind.RED_LIGHT_RUNNING, line, "passes at green"),
    ]


def _look_alike(
    frame: MapFrame, video: VideoStart, name: str, kind: Kind, at: tuple[float, float], description: str
) -> LookAlike:
    lon, lat = frame.point(*at)
    return LookAlike(name, kind, video.file, lon, lat, description)
