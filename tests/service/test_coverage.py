from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import h3
import pytest
from sqlalchemy import func, select

from pipelines.incident import CellCoverage, JudgedFile
from service.coverage import Coverage, CoverageBy, CoverageFilters, coverage
from service.database import Database
from service.ingest import ingest
from service.places import PlaceRef, import_places
from service.tables import FileCoverageRow
from tests.service.builders import EAST, START, WEST, areas, file, filmed_by, incident, judgement, showing

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def cells_of(place: PlaceRef, count: int) -> list[str]:
    """Some that lie in a place."""
    area = next(each for each in areas() if each.ref == place)
    centre = area.polygon.centroid
    near = h3.grid_disk(h3.latlng_to_cell(centre.y, centre.x, 12), 3)
    return sorted(near)[:count]


def put(database: Database, *files: JudgedFile, drive: str = "drive-7") -> None:
    with database.write() as session:
        ingest(session, judgement(drive=drive, files=files), now=NOW)


def rows(database: Database, *by: CoverageBy, **filters: object) -> tuple[Coverage, ...]:
    with database.read() as session:
        return coverage(session, by, CoverageFilters(**filters))  # type: ignore[arg-type]


def by_place(database: Database, **filters: object) -> dict[str, tuple[object, ...]]:
    """Of litter."""
    found = rows(database, CoverageBy.PLACE, **({"sought": ("litter",)} | filters))
    return {row.place.id: (row.cells, row.seconds, row.passes, row.quality) for row in found if row.place}


@pytest.fixture
def mapped(database: Database) -> Database:
    with database.write() as session:
        import_places(session, areas())
    return database


def test_a_place_is_seen_as_its_cells_are_on_average_and_one_nobody_saw_is_null(mapped: Database) -> None:
    west = cells_of(WEST, 4)
    more = replace(file(1), coverage=tuple(CellCoverage(cell, "litter", 4.0, 2, 0.6) for cell in west[:2]))
    put(mapped, showing(file(0), *west), more)
    assert by_place(mapped) == {
        "west": (4, 4.0, 2.0, 0.75),
        "east": (None, None, None, None),
        "far": (None, None, None, None),
    }


def test_what_is_sought_is_seen_apart(mapped: Database) -> None:
    put(mapped, showing(file(0), *cells_of(WEST, 3), sought="vehicle"))
    assert {(row.place, row.sought): row.cells for row in rows(mapped, CoverageBy.PLACE, place=("west",))} == {
        (WEST, "litter"): None,
        (WEST, "vehicle"): 3,
    }
    assert [(row.sought, row.cells) for row in rows(mapped)] == [("litter", None), ("vehicle", 3)]


def test_a_place_that_is_not_imported_is_its_cell_as_for_counts(database: Database) -> None:
    put(database, showing(file(0), *cells_of(WEST, 1)))
    cell = h3.cell_to_parent(cells_of(WEST, 1)[0], 10)
    assert [row.place for row in rows(database, CoverageBy.PLACE)] == [PlaceRef(cell, cell, "h3")]
    assert [row.h3 for row in rows(database, CoverageBy.H3, place=(cell,))] == [cell]


def test_judging_again_says_it_anew_and_adds_nothing(mapped: Database) -> None:
    put(mapped, showing(file(0), *cells_of(WEST, 4)))
    put(mapped, showing(file(0), *cells_of(WEST, 4)))
    assert by_place(mapped)["west"] == (4, 2.0, 1.0, 0.9)
    put(mapped, showing(file(0), *cells_of(EAST, 2)))
    assert by_place(mapped) | {"far": None} == {
        "west": (None, None, None, None),
        "east": (2, 2.0, 1.0, 0.9),
        "far": None,
    }


def test_a_copy_is_no_further_look(mapped: Database) -> None:
    """Under another name of its camera, of another drive, from another machine."""
    plain = judgement(incident(10), files=(showing(file(0), *cells_of(WEST, 4)),))
    with mapped.write() as session:
        ingest(session, plain, now=NOW)
        ingest(session, replace(plain, camera="backup", drive="drive-copy"), now=NOW)
    assert by_place(mapped)["west"] == (4, 2.0, 1.0, 0.9)
    assert [row.drive for row in rows(mapped, CoverageBy.DRIVE)] == ["drive-copy"]


def test_another_camera_is_another_look(mapped: Database) -> None:
    plain = judgement(files=(showing(file(0), *cells_of(WEST, 4)),))
    with mapped.write() as session:
        ingest(session, plain, now=NOW)
        ingest(session, filmed_by("car8/rear", "drive-8", plain), now=NOW)
    assert by_place(mapped)["west"] == (4, 4.0, 2.0, 0.9)
    assert by_place(mapped, camera=("car8/rear",))["west"] == (4, 2.0, 1.0, 0.9)
    assert {row.drive: row.passes for row in rows(mapped, CoverageBy.DRIVE)} == {"drive-7": 1.0, "drive-8": 1.0}


def test_looks_are_chosen_by_time_and_box(mapped: Database) -> None:
    put(mapped, showing(file(0), *cells_of(WEST, 4)), showing(file(2), *cells_of(EAST, 4)))
    assert by_place(mapped, since=START + timedelta(minutes=1))["west"] == (None, None, None, None)
    assert by_place(mapped, until=START + timedelta(minutes=1))["east"] == (None, None, None, None)
    assert by_place(mapped, bbox=(121.0, 30.0, 122.0, 30.4)) == {"far": (None, None, None, None)}
    assert [row.last_seen for row in rows(mapped, sought=("litter",))] == [START + timedelta(minutes=2)]


def test_places_imported_later_take_over_what_was_seen_in_them(database: Database) -> None:
    put(database, showing(file(0), *cells_of(WEST, 4)))
    with database.write() as session:
        import_places(session, areas())
    assert by_place(database)["west"] == (4, 2.0, 1.0, 0.9)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(FileCoverageRow)) == 4


def test_breakdowns_combine(mapped: Database) -> None:
    put(mapped, showing(file(0), *cells_of(WEST, 4)))
    (row,) = rows(mapped, CoverageBy.DRIVE, CoverageBy.PLACE)
    assert (row.drive, row.place, row.cells) == ("drive-7", WEST, 4)
