"""Which incidents are the same: camera, kind and subject in the world agree, and the times overlap.

Pure. Tracker ids and scores are no part of it, save that the same track of the same file seen by the same network
is the same subject. Within one file the camera's name is no part of it either: the same content is the same footage,
whatever folder it lies in and whatever its camera is called.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from pipelines.incident import Incident, Location
from vision.geodesy import to_local
from vision.overlap import iou

SAME_BOX_IOU: Final = 0.1
SAME_MOMENT_S: Final = 0.2
SIGMAS: Final = 2.0
"""Two radii that each hold the truth with 68 % are believed to be of one thing up to twice their combination."""

MAX_CLOCK_DOUBT_S: Final = 30.0
"""A clock that is off by an hour is off by the same hour for all of a camera's files: it must not glue together what
happened one after the other.
"""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What identity needs of an incident. Those that are compared are all of one camera or of the same files. `id`:
    known or proposed. `rank`: of several that are equally like a new one, the lowest is taken for it.
    """

    id: str
    kind: str
    file_sha256: str
    pts: tuple[float, float]
    box: tuple[float, float, float, float]
    box_pts: float
    track: int
    model: str
    start: datetime | None
    end: datetime | None
    time_uncertainty_s: float | None
    location: Location | None
    rank: int = 0


def sighting_of(incident: Incident) -> Sighting:
    return Sighting(
        incident_id(incident),
        incident.kind,
        incident.file.sha256,
        (incident.pts_start, incident.pts_end),
        incident.subject.box,
        incident.subject.box_pts,
        incident.subject.track,
        incident.model,
        incident.start,
        incident.end,
        incident.time_uncertainty_s,
        incident.location,
    )


def incident_id(incident: Incident) -> str:
    """A UUID of version 7's shape: sorts by the incident's start, and the same content gives the same id, so that a
    repeated run cannot make a second one. Where the clock is unknown it sorts first.
    """
    subject = incident.subject
    content = json.dumps(
        (
            (incident.kind, incident.subtype, incident.file.sha256),
            (round(incident.pts_start, 3), round(incident.pts_end, 3)),
            (
                subject.subject_class,
                int(subject.track),
                [round(float(side)) for side in subject.box],
                round(subject.box_pts, 3),
            ),
        )
    )
    digits = hashlib.sha256(content.encode()).hexdigest()
    milliseconds = 0 if incident.start is None else max(int(incident.start.timestamp() * 1000), 0)
    stamp = f"{milliseconds:012x}"
    variant = "89ab"[int(digits[3], 16) % 4]
    return f"{stamp[:8]}-{stamp[8:]}-7{digits[:3]}-{variant}{digits[4:7]}-{digits[7:19]}"


def match(incoming: Sequence[Sighting], known: Sequence[Sighting]) -> dict[str, str]:
    """Which incoming sighting (id) is which known one (id): one to one, the surest pairs first.

    The same content is surest of all. What one judgement tells apart stays apart, however close it is.
    """
    same = {new.id for new in incoming} & {old.id for old in known}
    others = [old for old in known if old.id not in same]
    unsure = [new for new in incoming if new.id not in same]
    pairs = [
        (doubt, old.rank, new.id, old.id) for new in unsure for old in others if (doubt := _doubt(new, old)) is not None
    ]
    found = {each: each for each in same}
    taken: set[str] = set()
    for _, _, new, old in sorted(pairs):
        if new not in found and old not in taken:
            found[new] = old
            taken.add(old)
    return found


def _doubt(new: Sighting, old: Sighting) -> float | None:
    """More the less sure; None for two different things."""
    if new.kind != old.kind:
        return None
    if new.file_sha256 == old.file_sha256:
        return _doubt_within_file(new, old)
    place = _place_doubt(new, old)
    return 3.0 + place if place is not None and _clocks_overlap(new, old) else None


def _doubt_within_file(new: Sighting, old: Sighting) -> float | None:
    if new.pts[0] > old.pts[1] or old.pts[0] > new.pts[1]:
        return None
    overlap = _box_overlap(new, old)
    if abs(new.box_pts - old.box_pts) <= SAME_MOMENT_S and overlap < SAME_BOX_IOU:
        return None  # two things in one picture
    if new.track == old.track and new.model == old.model:
        return 1.0 - overlap / 2
    if overlap >= SAME_BOX_IOU:
        return 2.0 - overlap / 2
    place = _place_doubt(new, old)
    return None if place is None else 2.0 + place


def _box_overlap(new: Sighting, old: Sighting) -> float:
    return float(iou(np.array([new.box], np.float32), np.array([old.box], np.float32))[0, 0])


def _place_doubt(new: Sighting, old: Sighting) -> float | None:
    """Distance as a share of what the uncertainties allow, 0..1; None when further apart or unknown."""
    if new.location is None or old.location is None:
        return None
    origin = (old.location.lon, old.location.lat)
    x, y = to_local(origin, np.array([new.location.lon]), np.array([new.location.lat]))
    allowed = SIGMAS * float(np.hypot(new.location.accuracy_m, old.location.accuracy_m))
    share = float(np.hypot(x, y)[0]) / max(allowed, 1e-9)
    return share if share <= 1.0 else None


def _clocks_overlap(new: Sighting, old: Sighting) -> bool:
    if new.start is None or new.end is None or old.start is None or old.end is None:
        return False
    doubt = sum(min(sighting.time_uncertainty_s or 0.0, MAX_CLOCK_DOUBT_S) for sighting in (new, old))
    slack = timedelta(seconds=doubt)
    return new.start <= old.end + slack and old.start <= new.end + slack
