"""Judgements for the tests of the service: one realistic patrol, and small changes of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import h3
from shapely.geometry import shape

from pipelines.evidence.store import EvidenceStore
from pipelines.incident import (
    CellCoverage,
    EvidenceItem,
    FileRef,
    Grade,
    Incident,
    JudgedFile,
    Judgement,
    Kind,
    Location,
    Role,
    Subject,
)
from service.places import Place, PlaceRef
from service.wire import from_judgement
from vision.quality.coverage import Sought

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""16:00 in Shanghai, a Tuesday of week 48."""

CAMERA = "car7/front"
JPEG = b"\xff\xd8\xff\xe0 not much of a picture"


def file(number: int, *, copy: str = "") -> JudgedFile:
    """The `number`th minute of the drive; a `copy` has other bytes."""
    sha256 = f"{number:02x}{copy.encode().hex()}".ljust(64, "f")
    return JudgedFile(f"front_{number:04}.mp4", sha256, 1000, 60.0, START + timedelta(minutes=number), 400.0)


def incident(at_s: float, kind: Kind = Kind.LITTER, **changes: object) -> Incident:
    """Something seen for two seconds, `at_s` into the drive; the car goes 10 m/s east from 120.1."""
    number = int(at_s // 60)
    judged = file(number)
    pts = at_s - 60 * number
    start = START + timedelta(seconds=at_s)
    plain = Incident(
        kind=kind,
        subtype="item" if kind is Kind.LITTER else None,
        grade=Grade.COMPLETE,
        missing=(),
        confidence=0.9,
        reasons=("seen in 7 frames",),
        start=start,
        end=start + timedelta(seconds=2),
        time_uncertainty_s=0.4,
        zone="Asia/Shanghai",
        location=Location(round(120.1 + at_s * 10 / 96_000, 7), 30.2, 4.0),
        place_hint=None,
        file=FileRef(judged.name, judged.sha256),
        pts_start=pts,
        pts_end=pts + 2,
        subject=Subject("car", 1 + int(at_s), (10.0 * (at_s % 50), 100.0, 10.0 * (at_s % 50) + 60, 160.0), pts + 1),
        model="street-v7",
        rule=f"{kind}/1",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def judgement(*incidents: Incident, drive: str = "drive-7", files: tuple[JudgedFile, ...] | None = None) -> Judgement:
    """Of three minutes of car 7's front camera, all kinds."""
    return Judgement(drive, CAMERA, files or (file(0), file(1), file(2)), tuple(Kind), incidents)


def filmed_by(camera: str, drive: str, plain: Judgement) -> Judgement:
    """The same minutes and finds by another camera: its files have other bytes."""

    def other(ref: JudgedFile | FileRef) -> str:
        return hashlib.sha256(f"{camera}{ref.sha256}".encode()).hexdigest()

    files = tuple(replace(each, sha256=other(each)) for each in plain.files)
    found = tuple(replace(each, file=replace(each.file, sha256=other(each.file))) for each in plain.incidents)
    return replace(plain, drive=drive, camera=camera, files=files, incidents=found)


def with_picture(plain: Incident, store: EvidenceStore) -> Incident:
    stored = store.put(JPEG, "image/jpeg")
    item = EvidenceItem(Role.AT, "at.jpg", "image/jpeg", stored.sha256, stored.size_bytes, plain.pts_start, True)
    return replace(plain, evidence=(item,))


def a_patrol(store: EvidenceStore) -> tuple[Judgement, ...]:
    """Two cameras, three kinds, two days: 7 incidents that count, one that is insufficient, one without a place."""
    front = judgement(
        with_picture(incident(10), store),
        incident(20),
        incident(30, Kind.ILLEGAL_PARKING, grade=Grade.CLUE, missing=("plate",)),
        incident(70, Kind.RED_LIGHT_RUNNING),
        incident(80, Kind.RED_LIGHT_RUNNING, grade=Grade.INSUFFICIENT, missing=("stop_line",)),
        incident(130, place_hint="canteen", location=None),
    )
    unclear = incident(15, start=None, end=None, time_uncertainty_s=None, zone=None, location=None)
    return front, filmed_by("car8/rear", "drive-8", judgement(incident(40), unclear))


def showing(plain: JudgedFile, *cells: str, sought: Sought = "litter") -> JudgedFile:
    """A file that showed these H3 cells for 2 s, in one pass."""
    return replace(plain, coverage=tuple(CellCoverage(cell, sought, 2.0, 1, 0.9) for cell in cells))


def between_cells() -> tuple[float, float]:
    """Lon, lat of a point at the edge of its H3 cell of resolution 10: its cell of resolution 12 is the next one's."""
    for step in range(1000):
        lon, lat = 120.1 + 1e-5 * step, 30.2
        if h3.latlng_to_cell(lat, lon, 10) != h3.cell_to_parent(h3.latlng_to_cell(lat, lon, 12), 10):
            return lon, lat
    raise AssertionError


def polygon(west: float, east: float, south: float = 30.0, north: float = 30.4) -> dict[str, object]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


WEST = PlaceRef("west", "West Street", "street")
EAST = PlaceRef("east", "East Street", "street")
FAR = PlaceRef("far", "Far Street", "street")


def areas() -> list[Place]:
    """Streets. West: the first 20 s of the drive. East: 20 s to 40 s. Far: where nobody was."""
    second = 10 / 96_000
    edges = [(WEST, 120.099, 120.1 + 20 * second), (EAST, 120.1 + 20 * second, 120.1 + 40 * second), (FAR, 121, 121.1)]
    return [Place(ref, shape(polygon(west, east))) for ref, west, east in edges]


def feature(name: str, west: float, east: float, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": {"name": name} | properties, "geometry": polygon(west, east)}


def wire(given: Judgement) -> bytes:
    return from_judgement(given).model_dump_json(by_alias=True).encode()


def stored_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
