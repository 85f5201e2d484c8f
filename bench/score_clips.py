"""Recall and precision of the rules on the labelled real clips: `python -m bench.score_clips CLIPS LOGS`.

CLIPS is the folder of the clips and their CSV files, LOGS where observation logs are kept (made when missing).
Precision counts only inside windows whose list of events is complete; `ambiguous*` labels are not scored.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from scipy.optimize import linear_sum_assignment

from bench.clip_truth import Box, Event, Window, events, sites, windows
from pipelines.incident import Finding, Grade, Kind
from pipelines.judge import JUDGED_KINDS, judge
from pipelines.rules.protocol import Scene
from pipelines.rules.vehicles import Vehicle
from pipelines.site import Site
from vision.log import ObservationLog
from vision.overlap import cover

# A finding is an event's when it is this near in time, and overlaps its box where both are seen.
_NEAR_S = 1.5
_LEAST_COVER = 0.4
_SAME_TIME_S = 0.2


@dataclass(frozen=True, slots=True)
class ClipScore:
    """`dont_care`: findings on labels that are not scored, or outside every complete window."""

    clip: str
    kind: Kind
    hits: tuple[tuple[Event, Finding], ...]
    misses: tuple[Event, ...]
    false_alarms: tuple[Finding, ...]
    dont_care: tuple[Finding, ...]


def score(
    clip: str,
    kind: Kind,
    log: ObservationLog,
    found: Iterable[Finding],
    truth: list[Event],
    complete: list[Window],
    site: Site | None = None,
) -> ClipScore:
    """Assign incidents (insufficient sightings are none) to the clip's sure and likely events."""
    incidents = [f for f in found if f.kind is kind and f.grade is not Grade.INSUFFICIENT]
    machines = {v.track: v for v in Scene(log, site).vehicles}
    wanted = [event for event in truth if event.clip == clip and event.kind == kind and event.sure]
    cost = np.array([[_misfit(event, f, machines) for f in incidents] for event in wanted])
    pairs = _assign(cost.reshape(len(wanted), len(incidents)))
    rest = [f for column, f in enumerate(incidents) if column not in {c for _, c in pairs}]
    lenient = [e for e in truth if e.clip == clip and _unscored(e, kind)]
    spared = [f for f in rest if any(np.isfinite(_misfit(e, f, machines)) for e in lenient)]
    windows_here = [w for w in complete if w.clip == clip and w.kind in (kind, "none")]
    alarms = [f for f in rest if f not in spared and any(w.start_s <= f.start_s <= w.end_s for w in windows_here)]
    return ClipScore(
        clip,
        kind,
        tuple((wanted[r], incidents[c]) for r, c in pairs),
        tuple(event for row, event in enumerate(wanted) if row not in {r for r, _ in pairs}),
        tuple(alarms),
        tuple(f for f in rest if f not in alarms),
    )


def _unscored(event: Event, kind: Kind) -> bool:
    """Ambiguous labels, and merely likely ones of this or a neighbouring kind."""
    return event.kind.startswith("ambiguous") or (not event.sure and event.kind in (kind, "stop_line_overrun"))


def _assign(cost: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> list[tuple[int, int]]:
    if cost.size == 0:
        return []
    rows, columns = linear_sum_assignment(np.where(np.isfinite(cost), cost, 1e6))
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if np.isfinite(cost[r, c])]


def _misfit(event: Event, finding: Finding, machines: dict[int, Vehicle]) -> float:
    """Seconds apart, less the overlap of boxes; infinite when they are not the same."""
    start, end = event.start_s - _NEAR_S, event.end_s + _NEAR_S
    if finding.end_s < start or finding.start_s > end:
        return float("inf")
    overlap = _overlap(event, finding, machines.get(finding.track))
    if overlap is None or overlap < _LEAST_COVER:
        return float("inf")
    anchor = event.front_at_line_s if np.isfinite(event.front_at_line_s) else event.start_s
    return abs(finding.start_s - anchor) - 5.0 * overlap


def _overlap(event: Event, finding: Finding, machine: Vehicle | None) -> float | None:
    """Median share of the smaller box in the other, when both were seen; None when they never were."""
    seen = [(moment.time_s, moment.box) for moment in finding.moments if moment.box is not None]
    if machine is not None:
        seen = [(float(t), machine.box_at(float(t))) for t in machine.time_s]
    times = np.array([time_s for time_s, _ in seen])
    pairs = [(int(np.argmin(np.abs(times - at))), at, box) for at, box in event.boxes]
    shared = [_cover(seen[row][1], box) for row, at, box in pairs if abs(times[row] - at) <= _SAME_TIME_S]
    return float(np.median(shared)) if shared else None


def _cover(a: Box, b: Box) -> float:
    return float(cover(np.array([a], np.float32), np.array([b], np.float32))[0, 0])


def clip_log(video: Path, logs: Path) -> ObservationLog:
    from models.store import load_detector
    from vision.log_store import read_log, write_log
    from vision.observe import observe

    folder = logs / f"{video.stem}.obs"
    if not folder.is_dir():
        write_log(observe(video, load_detector()), folder)
    return read_log(folder)


def main(clips: Path, logs: Path, only: tuple[str, ...] = ()) -> None:
    console = Console(highlight=False, soft_wrap=True)
    truth, complete, known = events(clips), windows(clips), sites(clips)
    hits = misses = alarms = 0
    for video in sorted(clips.glob("*.mp4")):
        if only and not any(name in video.stem for name in only):
            continue
        site = known.get(video.stem)
        log = clip_log(video, logs)
        found = judge(log, site)
        for kind in JUDGED_KINDS:
            result = score(video.stem, kind, log, found, truth, complete, site)
            hits, misses, alarms = (
                hits + len(result.hits),
                misses + len(result.misses),
                alarms + len(result.false_alarms),
            )
            _show(console, result)
        for finding in found:
            if finding.grade is Grade.INSUFFICIENT:
                console.print(f"  {video.stem}: {_line(finding)}")
    console.print(
        f"recall {hits}/{hits + misses}, precision in complete windows {hits}/{hits + alarms} (hits of all windows)"
    )


def _show(console: Console, result: ClipScore) -> None:
    if not (result.hits or result.misses or result.false_alarms or result.dont_care):
        return
    console.print(f"{result.clip} {result.kind}: {len(result.hits)} found, {len(result.misses)} missed")
    for event, finding in result.hits:
        late = finding.start_s - event.front_at_line_s
        console.print(f"  found {event.name} front at line {event.front_at_line_s:.2f} s ({late:+.2f} s)")
    for event in result.misses:
        console.print(f"  MISSED {event.name} {event.vehicle} {event.start_s:.1f}-{event.end_s:.1f} s")
    for finding in result.false_alarms:
        console.print(f"  FALSE ALARM {_line(finding)}")
    for finding in result.dont_care:
        console.print(f"  not scored {_line(finding)}")


def _line(finding: Finding) -> str:
    boxes = " ".join(f"{m.role}@{m.time_s:.2f}{_box(m.box)}" for m in finding.moments)
    where = f"{finding.kind} {finding.grade} {','.join(finding.missing)} track {finding.track} {finding.subject_class}"
    return f"{where} {finding.start_s:.2f}-{finding.end_s:.2f} s {boxes}: {'; '.join(finding.reasons)}"


def _box(box: Box | None) -> str:
    return "" if box is None else f"[{','.join(f'{value:.0f}' for value in box)}]"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), tuple(sys.argv[3:]))
