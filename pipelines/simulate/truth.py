"""What was planted in a rendered patrol, and what only looks like it: truth.json."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter

from pipelines.incident import Grade, Kind

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Planted:
    """An incident that is really there.

    Attributes:
        file: name of the video that shows it. start_s, end_s: container PTS between which it can be seen.
        start, end: the same in UTC. lon, lat: WGS 84, exact.
        grade: the best that its evidence allows; `insufficient` ones are not counted by the product.
    """

    __pydantic_config__ = _STRICT

    name: str
    kind: Kind
    subtype: str | None
    file: str
    start_s: float
    end_s: float
    start: datetime
    end: datetime
    lon: float
    lat: float
    grade: Grade
    description: str


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Lawful or harmless, and of a look that `kind` could be claimed for."""

    __pydantic_config__ = _STRICT

    name: str
    kind: Kind
    file: str
    lon: float
    lat: float
    description: str


@dataclass(frozen=True, slots=True)
class Truth:
    __pydantic_config__ = _STRICT

    seed: int
    planted: tuple[Planted, ...]
    look_alikes: tuple[LookAlike, ...]


_SCHEMA = TypeAdapter(Truth)


def write_truth(truth: Truth, path: Path) -> None:
    path.write_bytes(_SCHEMA.dump_json(truth, indent=2) + b"\n")


def read_truth(path: Path) -> Truth:
    return _SCHEMA.validate_json(path.read_bytes())
