"""What a batch did, in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from pipelines.incident import Grade, Judgement, Kind


class Outcome(StrEnum):
    """What became of a file in this run. `WAITING`: still being written."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class FileReport:
    """`code`, `reason`: of the error, or why it was skipped. `damage`: what is missing of a file that is done.
    `notes`: what the user should know though nothing failed.
    """

    name: str
    outcome: Outcome
    code: str | None = None
    reason: str | None = None
    damage: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    kind: Kind
    grade: Grade
    count: int


@dataclass(frozen=True, slots=True)
class BatchReport:
    """`files` in the order of the inputs. `tallies`: of what this run judged. `video_s`: seconds of video observed in
    `wall_s` seconds. `waiting`: judgements in the spool.
    """

    files: tuple[FileReport, ...]
    tallies: tuple[Tally, ...]
    video_s: float
    wall_s: float
    waiting: int

    @property
    def failed(self) -> bool:
        return any(file.outcome is Outcome.FAILED for file in self.files)

    def count(self, outcome: Outcome) -> int:
        return sum(file.outcome is outcome for file in self.files)


def tallies_of(judgements: list[Judgement]) -> tuple[Tally, ...]:
    counts = Counter((found.kind, found.grade) for judgement in judgements for found in judgement.incidents)
    kinds, grades = list(Kind), list(Grade)
    rows = sorted(counts, key=lambda row: (kinds.index(row[0]), grades.index(row[1])))
    return tuple(Tally(kind, grade, counts[kind, grade]) for kind, grade in rows)
