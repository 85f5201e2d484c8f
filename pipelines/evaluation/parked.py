"""Parked vehicles as the rule finds them on a drive around which everything is taken as restricted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from pipelines.evaluation.drive_truth import DriveTruth, VehicleSight
from pipelines.incident import Finding, Grade, Kind
from pipelines.judge import judge
from pipelines.region import Area, Region
from vision.log import ObservationLog
from vision.overlap import iou

_SAME_TIME_S: Final = 0.06
_LEAST_IOU: Final = 0.4
_AROUND_DEG: Final = 0.05


@dataclass(frozen=True, slots=True)
class ParkedScore:
    """Attributes:
    standing: vehicles that stood. found: of these, in an incident. sighted: in an incident or an insufficient sighting.
    moving: findings whose subject moved: the rule is wrong. unlabelled: findings on vehicles that no label shows.
    findings, insufficient: all, and those of them that no tally counts.
    """

    standing: int
    found: int
    sighted: int
    moving: int
    unlabelled: int
    findings: int
    insufficient: int


def score_parked(truth: DriveTruth, log: ObservationLog) -> ParkedScore | None:
    """None where the log has no place on the map, without which nothing is restricted."""
    if log.meta.origin is None:
        return None
    found = judge(log, None, _everywhere(*log.meta.origin), (Kind.ILLEGAL_PARKING,))
    subjects = [(finding, subject_of(finding, truth)) for finding in found]
    known = [(finding, sight) for finding, sight in subjects if sight is not None]
    standing = {subject for subject, stood in truth.stood.items() if stood}
    sighted = {sight.subject for _, sight in known} & standing
    counted = {sight.subject for finding, sight in known if finding.grade is not Grade.INSUFFICIENT} & standing
    return ParkedScore(
        len(standing),
        len(counted),
        len(sighted),
        sum(sight.stood is False for _, sight in known),
        len(subjects) - len(known),
        len(found),
        sum(finding.grade is Grade.INSUFFICIENT for finding in found),
    )


def subject_of(finding: Finding, truth: DriveTruth) -> VehicleSight | None:
    """The labelled vehicle whose box a finding's pictures show best; None where nothing is labelled."""
    best, best_iou = None, _LEAST_IOU
    for moment in finding.moments:
        near = [sight for sight in truth.vehicles if abs(sight.time_s - moment.time_s) < _SAME_TIME_S]
        if not near or moment.box is None:
            continue
        shared = iou(np.array([moment.box], np.float32), np.array([sight.box for sight in near], np.float32))[0]
        if shared.max() > best_iou:
            best, best_iou = near[int(np.argmax(shared))], float(shared.max())
    return best


def _everywhere(lon: float, lat: float) -> Region:
    around = shapely.box(lon - _AROUND_DEG, lat - _AROUND_DEG, lon + _AROUND_DEG, lat + _AROUND_DEG)
    return Region((Area("everywhere", "no_parking", around, "evaluation", None),))
