"""What a batch tells while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """In the order in which a file goes through them; SKIPPED, WAITING and FAILED end it early."""

    HASHING = "hashing"
    SKIPPED = "skipped"
    WAITING = "waiting"
    PLANNED = "planned"
    OBSERVING = "observing"
    OBSERVED = "observed"
    JUDGING = "judging"
    JUDGED = "judged"
    SUBMITTED = "submitted"
    FAILED = "failed"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a batch.

    Attributes:
        name: the file, from JUDGING to SUBMITTED the camera; empty for PLANNED.
        done_s: OBSERVING: seconds of the file's video seen so far; OBSERVED: all of it (0 when its log was there).
        total_s: PLANNED: seconds of video to be observed.
        incidents: JUDGED, SUBMITTED: how many were found, insufficient sightings left out.
        note: why, in words, for SKIPPED, WAITING, FAILED and NOTE; JUDGING: how far it is.
    """

    stage: Stage
    name: str = ""
    done_s: float = 0.0
    total_s: float = 0.0
    incidents: int = 0
    note: str = ""


Progress = Callable[[Event], None]


def silent(event: Event) -> None:
    """For callers that do not want to know."""
