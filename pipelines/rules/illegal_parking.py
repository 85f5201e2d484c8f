"""A vehicle at rest in the world where stopping is not allowed at that time. A queue is not parking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pipelines.incident import Finding, Kind
from pipelines.rules.parking_fixed import parked_in_view
from pipelines.rules.parking_moving import parked_on_the_way
from pipelines.rules.protocol import Scene


@dataclass(frozen=True, slots=True)
class IllegalParking:
    kind: ClassVar[Kind] = Kind.ILLEGAL_PARKING
    version: ClassVar[int] = 2

    def __call__(self, scene: Scene) -> tuple[Finding, ...]:
        judge = parked_in_view if scene.fixed else parked_on_the_way
        found = judge(scene, f"{self.kind}/{self.version}")
        return tuple(sorted(found, key=lambda finding: (finding.start_s, finding.track)))
