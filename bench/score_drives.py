"""How surely parked cars are found from a moving camera: `python -m bench.score_drives DRIVES LOGS`.

The labelled drives say which vehicles stood. Everything around the drive is taken as restricted, so that each vehicle
the rule holds for parked is reported: recall over the standing ones, and how many that moved were held for parked.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from rich.console import Console

from bench.clip_truth import Box
from pipelines.incident import Finding, Grade
from pipelines.region import Area, Region
from pipelines.rules.illegal_parking import IllegalParking
from pipelines.rules.protocol import Scene
from vision.log import ObservationLog
from vision.overlap import iou

_VEHICLES = ("Car", "Van", "Truck")
_SAME_TIME_S = 0.06
_LEAST_IOU = 0.4


@dataclass(frozen=True, slots=True)
class Sight:
    """One labelled vehicle in one frame. `rested`: None where the label does not say."""

    track: str
    time_s: float
    box: Box
    rested: bool | None


def sights(drive: Path) -> list[Sight]:
    with (drive / "objects.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["class"] in _VEHICLES]
    return [
        Sight(
            row["track_id"],
            float(row["pts_s"]),
            (float(row["x1"]), float(row["y1"]), float(row["x2"]), float(row["y2"])),
            None if row["at_rest"] == "" else row["at_rest"] == "1",
        )
        for row in rows
    ]


def subject_of(finding: Finding, labelled: list[Sight]) -> Sight | None:
    """The labelled vehicle whose box a finding's pictures show; None where nothing is labelled."""
    best, best_iou = None, _LEAST_IOU
    for moment in finding.moments:
        near = [sight for sight in labelled if abs(sight.time_s - moment.time_s) < _SAME_TIME_S]
        if not near or moment.box is None:
            continue
        shared = iou(np.array([moment.box], np.float32), np.array([sight.box for sight in near], np.float32))[0]
        if shared.max() > best_iou:
            best, best_iou = near[int(np.argmax(shared))], float(shared.max())
    return best


def everywhere(log: ObservationLog) -> Region:
    assert log.meta.origin is not None
    lon, lat = log.meta.origin
    around = shapely.box(lon - 0.05, lat - 0.05, lon + 0.05, lat + 0.05)
    return Region((Area("everywhere", "no_parking", around, "benchmark", None),))


def drive_log(drive: Path, logs: Path) -> ObservationLog:
    from models.store import load_detector
    from vision.clock import estimate_clock
    from vision.gps import read_gps
    from vision.log_store import read_log, write_log
    from vision.observe import observe
    from vision.video_probe import probe

    folder, video = logs / f"{drive.name}.obs", drive / f"{drive.name}.mp4"
    if not folder.is_dir():
        gps = read_gps(video, [drive / f"{drive.name}.gpx"])
        write_log(observe(video, load_detector(), clock=estimate_clock(probe(video), gps), gps=gps), folder)
    return read_log(folder)


def main(drives: Path, logs: Path) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for drive in sorted(path.parent for path in drives.glob("*/objects.csv")):
        log, labelled = drive_log(drive, logs), sights(drive)
        found = IllegalParking()(Scene(log, None, everywhere(log)))
        subjects = [(finding, subject_of(finding, labelled)) for finding in found]
        parked = {sight.track for sight in labelled if sight.rested}
        hit = {sight.track for _, sight in subjects if sight is not None} & parked
        moving = [finding for finding, sight in subjects if sight is not None and sight.rested is False]
        unlabelled = sum(sight is None for _, sight in subjects)
        queues = sum(finding.grade is Grade.INSUFFICIENT for finding in found)
        console.print(
            f"{drive.name}: {len(hit)} of {len(parked)} standing vehicles found, {len(moving)} moving ones held for "
            f"parked, {unlabelled} not labelled; {queues} of {len(found)} sightings insufficient"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
