"""What can be seen of a scenario's labelled things at given times, exact to the pixel: truth for measurements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipelines.simulate.filming import HEIGHT, WIDTH, build
from pipelines.simulate.labels import seen
from pipelines.simulate.model import Picture
from pipelines.simulate.scenario import Scenario
from pipelines.simulate.stage import Pose, Stage


@dataclass(frozen=True, slots=True)
class SeenObject:
    """`box`: x1, y1, x2, y2 of its visible pixels in the whole frame. `share`: how much of it is not hidden."""

    name: str
    label: str
    box: tuple[float, float, float, float]
    share: float


@dataclass(frozen=True, slots=True)
class SeenFrame:
    """`picture`: as drawn, before blur, noise and coding."""

    time_s: float
    camera: Pose
    objects: tuple[SeenObject, ...]
    picture: Picture


def seen_at(scenario: Scenario, seed: int, times: Iterable[float]) -> Iterator[SeenFrame]:
    stage = Stage(WIDTH, HEIGHT)
    cast = build(stage, scenario, seed)
    actors = [actor for _, actor in cast.named]
    for time_s in times:
        pose = cast.at(time_s)
        found = seen(stage, actors, stage.identities(), pose)
        objects = tuple(SeenObject(cast.named[one.actor][0], one.label, one.box, one.share) for one in found)
        yield SeenFrame(time_s, pose, objects, stage.picture())
