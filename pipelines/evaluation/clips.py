"""All that one labelled clip or drive tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from models.taxonomy import VEHICLES, class_ids
from pipelines.evaluation.clip_truth import ClipTruth
from pipelines.evaluation.cuts import CutScore, score_cuts
from pipelines.evaluation.drive_truth import CAMERA_FILE, DriveTruth
from pipelines.evaluation.follow import Identity, follow, identity
from pipelines.evaluation.ground import PlaceScore, SpeedScore, score_places, score_speeds
from pipelines.evaluation.incidents import KindScore, paths_of, score_kind
from pipelines.evaluation.lamps import LampSeconds, lamp_seconds
from pipelines.evaluation.parked import ParkedScore, score_parked
from pipelines.evaluation.rest import RestDecision, RestScore, clip_rest, decisions, rest_score, seen_long
from pipelines.incident import Finding, Grade, Kind
from pipelines.judge import judge
from pipelines.rules.protocol import Scene
from pipelines.site import SITE_FILE, Site
from vision.log import ObservationLog

Optics = Literal["found", "file"]

_TRACKED: Final = class_ids(VEHICLES)


@dataclass(frozen=True, slots=True)
class ClipScore:
    """`sightings`: insufficient ones, that no tally counts."""

    truth: ClipTruth
    log: ObservationLog
    kinds: tuple[KindScore, ...]
    sightings: tuple[Finding, ...]
    rest: tuple[RestDecision, ...]
    lamps: tuple[LampSeconds, ...]
    cuts: CutScore
    identity: Identity


@dataclass(frozen=True, slots=True)
class DriveScore:
    """`optics`: found in the footage, or some of them given by a file. `gps`: whether the log was made with positions.
    `decisions`: what `rest` counts.
    """

    truth: DriveTruth
    log: ObservationLog
    optics: Optics
    gps: bool
    places: PlaceScore
    speeds: SpeedScore
    rest: RestScore
    decisions: tuple[RestDecision, ...]
    identity: Identity
    parked: ParkedScore | None


def score_clip(truth: ClipTruth, log: ObservationLog, site: Site | None) -> ClipScore:
    """Incidents are judged anew from the log with `site`."""
    found = judge(log, site)
    paths = paths_of(Scene(log, site))
    rows = follow(truth.path, log, _TRACKED)
    return ClipScore(
        truth,
        log,
        tuple(score_kind(truth, kind, found, paths) for kind in Kind),
        tuple(finding for finding in found if finding.grade is Grade.INSUFFICIENT),
        tuple(clip_rest(truth, log)),
        tuple(lamp_seconds(lamp, log) for lamp in truth.lamps),
        score_cuts(truth.cuts, log),
        identity(truth.path, rows, log),
    )


def score_drive(truth: DriveTruth, log: ObservationLog) -> DriveScore:
    sights = truth.at(log.frames.time_s)
    rows = follow(sights, log, _TRACKED)
    told = decisions(sights, seen_long(truth), rows, log)
    return DriveScore(
        truth,
        log,
        "file" if log.meta.ground_camera.sources[0] in (SITE_FILE, CAMERA_FILE) else "found",
        log.meta.origin is not None,
        score_places(sights, rows, log),
        score_speeds(truth, sights, rows, log),
        rest_score(told),
        tuple(told),
        identity(sights, rows, log),
        score_parked(truth, log),
    )
