from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import h3
import pytest
from sqlalchemy import func, select

from pipelines.incident import CellCoverage, JudgedFile, Location
from service.counts import By, count
from service.coverage import Coverage, CoverageBy, CoverageFilters, coverage
from service.database import Database, open_database
from service.errors import BadQuery
from service.filters import IncidentFilters
from service.ingest import ingest
from service.places import PlaceRef, import_places
from service.tables import FileCoverageRow
from tests.service.builders import (
    EAST,
    START,
    WEST,
    areas,
    between_cells,
    file,
    filmed_by,
    incident,
    judgement,
    showing,
)

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
    assert by_place(mapped) == {
        "west": (None, None, None, None),
        "east": (2, 2.0, 1.0, 0.9),
        "far": (None, None, None, None),
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


def test_a_cell_that_two_files_showed_is_one_cell_and_on_each_drive_one(mapped: Database) -> None:
    west = cells_of(WEST, 4)
    put(mapped, showing(file(0), *west), showing(file(1), *west[:2]))
    put(mapped, showing(file(2), *west[:1]), drive="drive-8")
    assert {row.h3: row.cells for row in rows(mapped, CoverageBy.H3)} == Counter(
        h3.cell_to_parent(cell, 10) for cell in west
    )
    assert {row.drive: (row.cells, row.passes) for row in rows(mapped, CoverageBy.DRIVE)} == {
        "drive-7": (4, 1.5),
        "drive-8": (1, 1.0),
    }
    assert by_place(mapped, drive=("drive-7",))["west"] == (4, 3.0, 1.5, 0.9)


def test_files_of_unknown_start_are_in_no_time_and_were_seen_at_none(mapped: Database) -> None:
    put(mapped, replace(showing(file(0), *cells_of(WEST, 4)), start_utc=None))
    (row,) = rows(mapped, CoverageBy.PLACE, place=("west",), sought=("litter",))
    assert (row.cells, row.last_seen) == (4, None)
    for time in ({"since": START - timedelta(days=900)}, {"until": START + timedelta(days=900)}):
        assert by_place(mapped, **time)["west"] == (None, None, None, None)


@pytest.mark.parametrize("place", ["unplaced", "nowhere", "named:canteen", "", h3.latlng_to_cell(30.2, 120.1, 12)])
def test_a_place_that_there_is_none_of_is_no_place_nobody_saw(mapped: Database, place: str) -> None:
    with pytest.raises(BadQuery, match="there is no place"):
        rows(mapped, CoverageBy.PLACE, place=("west", place))


def test_rows_by_cell_are_of_the_same_cells_as_those_of_counts(database: Database) -> None:
    lon, lat = between_cells()
    found = replace(incident(10), location=Location(lon, lat, 4.0))
    with database.write() as session:
        ingest(session, judgement(found, files=(showing(file(0), h3.latlng_to_cell(lat, lon, 12)),)), now=NOW)
    with database.read() as session:
        counted = count(session, (By.H3, By.PLACE), IncidentFilters())
    seen = rows(database, CoverageBy.H3, CoverageBy.PLACE)
    assert [(row.h3, row.place) for row in counted] == [(row.h3, row.place) for row in seen]


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


@pytest.mark.parametrize("filters", [{"since": START + timedelta(minutes=58)}, {"drive": ("drive-last",)}])
def test_a_few_files_are_found_without_a_look_at_what_all_others_showed(tmp_path: Path, filters: object) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'patrol.db'}")
    put(database, *(showing(file(number), *cells_of(WEST, 37)) for number in range(58)))
    put(database, *(showing(file(number), *cells_of(WEST, 37)) for number in (58, 59)), drive="drive-last")
    assert steps_of(database, CoverageFilters(**filters)) < steps_of(database, CoverageFilters()) / 5  # type: ignore[arg-type]
    database.close()


def steps_of(database: Database, filters: CoverageFilters) -> int:
    """Hundreds of instructions that SQLite runs for it."""
    steps = itertools.count()
    with database.read() as session:
        driver = session.connection().connection.driver_connection
        driver.set_progress_handler(lambda: next(steps) < 0, 100)
        coverage(session, (CoverageBy.H3,), filters)
        driver.set_progress_handler(None, 100)
    return next(steps)


def test_breakdowns_combine(mapped: Database) -> None:
    put(mapped, showing(file(0), *cells_of(WEST, 4)))
    (row,) = rows(mapped, CoverageBy.DRIVE, CoverageBy.PLACE)
    assert (row.drive, row.place, row.cells) == ("drive-7", WEST, 4)
