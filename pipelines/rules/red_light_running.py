"""A vehicle's front crosses its stop line while the light that governs it has surely been red, and it moves on.

Evidence is what red-light cameras have to show: head before the line, whole body over it while red, moved on into the
junction; one of the three shows the plate. A vehicle that stops just beyond the line is an overrun, another kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from pipelines.footprint import SIZES, Footprints, footprints
from pipelines.incident import Finding, Grade, Kind, Moment, Role
from pipelines.rules.crossing import Crossing, Line, find_crossing, line_on_ground
from pipelines.rules.lamps import Light, heads_at, light_of
from pipelines.rules.plates import plate_shown
from pipelines.rules.protocol import Scene
from pipelines.rules.red_light_unsited import sighting_without_line
from pipelines.rules.vehicles import TWO_WHEELED, Vehicle, counted
from pipelines.site import Approach

# Beyond the line by its own length and this much more, it moved on into the junction.
_ONWARD_M: Final = 1.0
# or it was last seen driving on at this speed with its whole body over.
_DRIVING_MPS: Final = 1.5
# So long before its front is at the line a picture shows it clear of the line.
_CLEAR_OF_LINE_S: Final = 0.25
# Further away a place on the road is no measurement any more.
_FARTHEST_TOLD_M: Final = 20.0
# Two crossings so close in time and place are one machine: a car is wide, motorcycles ride abreast and beside cars.
_SAME_S: Final = 0.7
_SAME_CAR_M: Final = 1.5
_SAME_CYCLE_M: Final = 0.5
_SAME_MIXED_M: Final = 0.9


@dataclass(frozen=True, slots=True)
class _Passage:
    vehicle: Vehicle
    prints: Footprints
    line: Line
    crossing: Crossing


@dataclass(frozen=True, slots=True)
class RedLightRunning:
    kind: ClassVar[Kind] = Kind.RED_LIGHT_RUNNING
    version: ClassVar[int] = 1

    def __call__(self, scene: Scene) -> tuple[Finding, ...]:
        approaches = scene.camera.approach if scene.camera and scene.fixed else ()
        if not approaches:
            return sighting_without_line(scene, self.rule_id)
        passages = _in_own_lane([_passages(scene, approach) for approach in approaches])
        both = zip(approaches, passages, strict=True)
        found = [finding for approach, own in both for finding in self._judge(scene, approach, own)]
        return tuple(sorted(found, key=lambda finding: (finding.start_s, finding.track)))

    @property
    def rule_id(self) -> str:
        return f"{self.kind}/{self.version}"

    def _judge(self, scene: Scene, approach: Approach, passages: list[_Passage]) -> list[Finding]:
        light = light_of(scene.log, heads_at(scene.log, approach.signals))
        if light is None or not light.red:
            return self._unread(scene, approach, light, passages)
        verdicts = (self._verdict(scene, approach, light, passage) for passage in passages)
        return [verdict for verdict in verdicts if verdict is not None]

    def _verdict(self, scene: Scene, approach: Approach, light: Light, passage: _Passage) -> Finding | None:
        crossing = passage.crossing
        red = light.red_since(crossing.earliest_s - approach.grace_s, crossing.latest_s)
        if red is None:
            doubtful = light.maybe_red(crossing.earliest_s - approach.grace_s, crossing.at_s, crossing.latest_s)
            return self._cannot_tell(scene, approach, light, passage) if doubtful else None
        if crossing.body_s is None or crossing.body_s > red[1]:
            return None
        plate = plate_shown(scene.log, passage.vehicle, _times(passage))
        return Finding(
            kind=self.kind,
            rule=self.rule_id,
            grade=Grade.COMPLETE if plate else Grade.CLUE,
            missing=() if plate else ("plate",),
            confidence=round(min(light.confidence, 1.0) * passage.vehicle.confidence, 3),
            reasons=(*_reasons(approach, passage, red), *(() if plate else ("no plate is large enough to be read",))),
            start_s=crossing.onward_s,
            end_s=max(_times(passage)),
            track=passage.vehicle.track,
            subject_class=passage.vehicle.name,
            moments=_moments(light, passage, red),
            local=_local(scene, passage),
            lamp_track=light.head_at(crossing.at_s)[0].track,
        )

    def _cannot_tell(self, scene: Scene, approach: Approach, light: Light, passage: _Passage) -> Finding:
        crossing = passage.crossing
        reason = (
            f"front crossed the stop line of '{approach.name}' between {crossing.earliest_s:.2f} and "
            f"{crossing.latest_s:.2f} s, while the light changed or less than {approach.grace_s:.1f} s after: "
            "cannot be told"
        )
        return self._insufficient(scene, passage, ("light_state",), reason, light)

    def _unread(self, scene: Scene, approach: Approach, light: Light | None, passages: list[_Passage]) -> list[Finding]:
        """One sighting for an approach whose light was never read; none where it was read and never red."""
        if light is not None or not passages:
            return []
        missing = "light_state" if approach.signals else "signal"
        why = "its light was never seen" if approach.signals else "the site file names no light for it"
        reason = f"{counted(len(passages))} crossed the stop line of '{approach.name}'; {why}"
        return [self._insufficient(scene, passages[0], (missing,), reason, None)]

    def _insufficient(
        self, scene: Scene, passage: _Passage, missing: tuple[str, ...], reason: str, light: Light | None
    ) -> Finding:
        return Finding(
            kind=self.kind,
            rule=self.rule_id,
            grade=Grade.INSUFFICIENT,
            missing=missing,
            confidence=round(0.5 * passage.vehicle.confidence, 3),
            reasons=(reason,),
            start_s=passage.crossing.at_s,
            end_s=max(_times(passage)),
            track=passage.vehicle.track,
            subject_class=passage.vehicle.name,
            moments=_moments(light, passage, None),
            local=_local(scene, passage),
            lamp_track=light.head_at(passage.crossing.at_s)[0].track if light else None,
        )


def _passages(scene: Scene, approach: Approach) -> list[_Passage]:
    line = line_on_ground(scene.optics, approach.stop_line, approach.before)
    if line is None:
        return []
    return _distinct([p for v in scene.vehicles if (p := _passage(scene, approach, line, v)) is not None])


def _in_own_lane(by_approach: list[list[_Passage]]) -> list[list[_Passage]]:
    """Of lines beside one another that a vehicle crosses at once, the one its middle goes over governs it."""
    every = [passage for passages in by_approach for passage in passages]
    return [[p for p in passages if not any(_nearer(other, p) for other in every)] for passages in by_approach]


def _nearer(other: _Passage, passage: _Passage) -> bool:
    """Whether the same crossing lies nearer to `other`'s line."""
    if other is passage or other.vehicle is not passage.vehicle:
        return False
    beside = [p.line.beside_m(p.crossing.along_m) for p in (other, passage)]
    return abs(other.crossing.at_s - passage.crossing.at_s) < _SAME_S and beside[0] < beside[1]


def _passage(scene: Scene, approach: Approach, line: Line, vehicle: Vehicle) -> _Passage | None:
    picture = (scene.log.meta.width, scene.log.meta.height)
    prints = footprints(vehicle.time_s, vehicle.boxes, scene.optics, picture, SIZES[vehicle.name], line.heading)
    crossing = None if prints is None else find_crossing(prints, line)
    if prints is None or crossing is None or not _moved_on(prints, crossing):
        return None
    if line.beside_m(crossing.along_m) > approach.extend_m + 0.5 * prints.size.width_m:
        return None
    if approach.valid is not None:
        _, pts = scene.log.locate(crossing.at_s)
        if not approach.valid[0] <= pts <= approach.valid[1]:
            return None
    return _Passage(vehicle, prints, line, crossing)


def _moved_on(prints: Footprints, crossing: Crossing) -> bool:
    if crossing.body_s is None:
        return False
    far = crossing.beyond_m >= prints.size.length_m + _ONWARD_M
    return far or crossing.last_speed_mps >= _DRIVING_MPS


def _distinct(passages: list[_Passage]) -> list[_Passage]:
    """Of passages at one time and place, the one seen most: they are one machine seen twice."""
    kept: list[_Passage] = []
    for passage in sorted(passages, key=lambda p: -len(p.vehicle.rows)):
        if not any(_same(passage, other) for other in kept):
            kept.append(passage)
    return sorted(kept, key=lambda p: p.crossing.at_s)


def _same(a: _Passage, b: _Passage) -> bool:
    cycles = sum(passage.vehicle.name in TWO_WHEELED for passage in (a, b))
    reach = (_SAME_CAR_M, _SAME_MIXED_M, _SAME_CYCLE_M)[cycles]
    close = abs(a.crossing.along_m - b.crossing.along_m) < reach
    return close and abs(a.crossing.at_s - b.crossing.at_s) < _SAME_S


def _times(passage: _Passage) -> tuple[float, float, float]:
    """Before the line, whole body over it, moved on; nearest frames that were looked at."""
    crossing, time_s = passage.crossing, passage.vehicle.time_s
    body = crossing.latest_s if crossing.body_s is None else crossing.body_s
    before = time_s[time_s <= crossing.earliest_s]
    clear = before[before <= crossing.earliest_s - _CLEAR_OF_LINE_S]
    before = clear if len(clear) else before
    after = time_s[time_s >= min(body + 0.7, float(time_s[-1]))]
    over = time_s[time_s >= body]
    return (
        float(before[-1] if len(before) else time_s[0]),
        float(over[0] if len(over) else time_s[-1]),
        float(after[0]),
    )


def _moments(light: Light | None, passage: _Passage, red: tuple[float, float] | None) -> tuple[Moment, ...]:
    """`red`: from when to when the light was seen red, None where that is in doubt."""
    before, over, after = _times(passage)
    views = (
        (Role.BEFORE, before, "front before the stop line"),
        (Role.AT, over, "its wheels are over the stop line"),
        (Role.AFTER, after, "moved on into the junction"),
    )
    vehicle = passage.vehicle
    moments = [Moment(role, at, vehicle.box_at(at), words + _into_red(at, red)) for role, at, words in views]
    if light is not None:
        head, row = light.head_at(passage.crossing.at_s)
        x1, y1, x2, y2 = head.boxes[row].tolist()
        at = float(head.time_s[row])
        moments.append(Moment(Role.LAMP, at, (x1, y1, x2, y2), "the governing light" + _into_red(at, red)))
    return tuple(moments)


def _into_red(at: float, red: tuple[float, float] | None) -> str:
    """What a red-light picture says on its face (FHWA-SA-05-002): how long the light had been red."""
    return f", {at - red[0]:.1f} s into red" if red is not None and red[0] <= at <= red[1] else ""


def _reasons(approach: Approach, passage: _Passage, red: tuple[float, float]) -> tuple[str, ...]:
    crossing = passage.crossing
    spread = max(0.5 * (crossing.latest_s - crossing.earliest_s), 0.5 * _step_s(passage))
    within = f" (± {spread:.1f})" if spread >= 0.1 else ""
    stood = "moved off from the stop line" if crossing.stood else "front crossed the stop line"
    middle = 0.5 * (crossing.latest_s + crossing.earliest_s)
    return (
        f"{stood} of '{approach.name}' {middle - red[0]:.1f} s{within} after its light was first seen red",
        f"rear wheels over the line {(crossing.body_s or crossing.latest_s) - red[0]:.1f} s into red, "
        f"light seen red for {red[1] - red[0]:.1f} s",
        f"front got {_distance(crossing)} beyond the line",
    )


def _step_s(passage: _Passage) -> float:
    """Between the looks before and after its front crossed: no time is told more finely than by half of it."""
    time_s = passage.vehicle.time_s
    after = int(np.clip(np.searchsorted(time_s, passage.crossing.at_s), 1, len(time_s) - 1))
    return float(time_s[after] - time_s[after - 1])


def _distance(crossing: Crossing) -> str:
    if crossing.beyond_m > _FARTHEST_TOLD_M:
        return f"more than {_FARTHEST_TOLD_M:.0f} m"
    return f"{crossing.beyond_m:.1f} m (± {crossing.std_m:.1f})"


def _local(scene: Scene, passage: _Passage) -> tuple[float, float, float] | None:
    """Where its front crossed, in the log's local frame."""
    frames = scene.log.frames
    row = int(np.argmin(np.abs(frames.time_s - passage.crossing.at_s)))
    x, y, heading = frames.x_m[row], frames.y_m[row], frames.heading_rad[row]
    if not np.isfinite([x, y, heading]).all():
        return None
    line = passage.line
    forward, left = line.origin + passage.crossing.along_m * line.along
    cos, sin = np.cos(heading), np.sin(heading)
    return float(x + cos * forward - sin * left), float(y + sin * forward + cos * left), passage.crossing.std_m
