from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import h3
import numpy as np
import pytest
from shapely.geometry import shape
from sqlalchemy import select

from service.database import Database
from service.errors import PlacesError
from service.ingest import ingest
from service.places import Imported, Place, PlaceIndex, PlaceRef, cell_of, import_places, read_places
from service.tables import CellRow, IncidentRow, PlaceRow
from tests.service.builders import feature, file, incident, judgement, polygon
from vision.gps.datum import wgs84_to_gcj02

NOW = datetime(2026, 11, 25, tzinfo=UTC)
STREET = Place(PlaceRef("s1", "Elm Street", "street"), shape(polygon(120.1, 120.2)))
DISTRICT = Place(PlaceRef("d1", "Old Town", "district"), shape(polygon(120.0, 121.0)))


def collection(*features: object, **more: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features} | more)


def written(folder: Path, text: str) -> Path:
    path = folder / "places.geojson"
    path.write_text(text, encoding="utf-8")
    return path


def test_smallest_area_wins() -> None:
    index = PlaceIndex([DISTRICT, STREET])
    assert index.place_of(120.15, 30.2, None) == STREET.ref
    assert index.place_of(120.5, 30.2, None) == DISTRICT.ref


def test_outside_all_areas_the_cell_is_the_place() -> None:
    cell = cell_of(10.0, 50.0)
    assert PlaceIndex([STREET]).place_of(10.0, 50.0, None) == PlaceRef(cell, cell, "h3")


def test_the_operators_word_counts_only_without_a_location() -> None:
    index = PlaceIndex([STREET])
    assert index.place_of(None, None, "Elm Street") == STREET.ref
    assert index.place_of(None, None, "the yard") == PlaceRef("named:the yard", "the yard", "named")
    assert index.place_of(10.0, 50.0, "Elm Street").level == "h3"
    assert index.place_of(None, None, None) is None


def test_import_gives_incidents_their_place_anew(database: Database) -> None:
    with database.write() as session:
        ingest(session, judgement(incident(10), incident(20, location=None)), now=NOW)
        assert import_places(session, [STREET]).moved == 1
        assert import_places(session, [STREET]).moved == 0
        renamed = Place(PlaceRef("s1", "Oak Street", "street"), STREET.polygon)
        assert import_places(session, [renamed]).moved == 1
        names = set(session.scalars(select(IncidentRow.place_name)))
    assert names == {"Oak Street", None}


def test_a_new_place_is_a_change_to_those_who_follow(database: Database) -> None:
    later = datetime(2026, 11, 26, tzinfo=UTC)
    with database.write() as session:
        ingest(session, judgement(incident(10), incident(20, location=None)), now=NOW)
        import_places(session, [STREET], now=later)
        rows = session.scalars(select(IncidentRow).order_by(IncidentRow.id))
        assert [(row.place_id, row.updated_at) for row in rows] == [("s1", later), (None, NOW)]


def test_what_lay_in_a_removed_place_is_placed_anew(database: Database) -> None:
    """In a larger place, in its cell, or by the operator's word; where cameras passed, too."""
    passed = replace(file(0), cells=(h3.latlng_to_cell(30.2, 120.15, 12),))
    inside, hinted = incident(10), incident(20, location=None, place_hint="Elm Street")
    with database.write() as session:
        import_places(session, [STREET, DISTRICT])
        ingest(session, judgement(inside, hinted, files=(passed,)), now=NOW)
        assert session.scalars(select(IncidentRow.place_id)).all() == ["s1", "s1"]
        assert import_places(session, [DISTRICT]) == Imported(moved=0, removed=0)
        assert import_places(session, [DISTRICT], replace=True) == Imported(moved=2, removed=1)
        assert session.scalars(select(IncidentRow.place_id).order_by(IncidentRow.id)).all() == [
            "d1",
            "named:Elm Street",
        ]
        assert session.scalars(select(CellRow.place_id)).all() == ["d1"]
        assert session.scalars(select(PlaceRow.id)).all() == ["d1"]


def test_ingest_uses_imported_places(database: Database) -> None:
    with database.write() as session:
        import_places(session, [STREET])
        ingest(session, judgement(incident(10)), now=NOW)
        assert session.scalars(select(IncidentRow.place_id)).all() == ["s1"]


def test_file_is_read_in_its_datum(tmp_path: Path) -> None:
    square = polygon(120.1, 120.2)
    corners = np.array(square["coordinates"][0])
    shifted = np.column_stack(wgs84_to_gcj02(corners[:, 0], corners[:, 1])).tolist()
    there = {"type": "Feature", "properties": {"name": "Elm Street"}, "geometry": square | {"coordinates": [shifted]}}
    for more, datum in (({"datum": "gcj02"}, None), ({}, "gcj02"), ({"datum": "wgs84"}, "gcj02")):
        (place,) = read_places(written(tmp_path, collection(there, **more)), datum)
        assert np.allclose(place.polygon.bounds, shape(square).bounds, atol=1e-6)


def test_names_and_ids(tmp_path: Path) -> None:
    text = collection(
        feature("Elm Street", 120, 121, id=7, level="street"),
        feature("Oak Street", 121, 122) | {"id": "oak"},
        feature("梧桐路", 122, 123),
    )
    refs = [place.ref for place in read_places(written(tmp_path, text))]
    assert refs == [
        PlaceRef("7", "Elm Street", "street"),
        PlaceRef("oak", "Oak Street", None),
        PlaceRef("梧桐路", "梧桐路", None),
    ]


BOWTIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
POINT = {"type": "Point", "coordinates": [0, 0]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "dictionary|object"),
        (collection(), "places.geojson: no features in it"),
        (collection({"type": "Feature", "properties": {}, "geometry": polygon(0, 1)}), "name"),
        (collection({"type": "Feature", "properties": {"name": "x"}, "geometry": POINT}), "a Point"),
        (collection({"type": "Feature", "properties": {"name": "x"}, "geometry": BOWTIE}), "Self-intersection"),
        (
            collection({"type": "Feature", "properties": {"name": "x"}, "geometry": {}}),
            r"features\.0\.geometry: a geometry without",
        ),
        *(
            (collection(feature("x", 0, 1) | {"geometry": {"type": kind} | given}), f"not the coordinates of a {kind}")
            for kind in ("Polygon", "MultiPolygon")
            for given in (
                {},
                *({"coordinates": given} for given in ([], None, 5, "x", [0, 0], [[0, 0], [1, 1]], [[["a", 0]]])),
            )
        ),
        (collection(feature("x", 500_000, 500_100)), "degrees"),
        (collection(feature("x", 0, 1), feature("x", 1, 2)), "two places"),
        (collection(feature("x", 0, 1), feature("unplaced", 0, 1)), r"features\.1: the id unplaced is reserved"),
        (collection(feature("x", 0, 1, id="named:x")), "the id named:x is reserved"),
        (collection(feature("x", 0, 1, id="8a309a433357fff")), "the id 8a309a433357fff is reserved"),
        (collection(feature("x", 0, 1, level="h3")), "the level h3 is reserved"),
        (collection(feature("x", 0, 1), datum="moon"), "datum"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PlacesError, match=said):
        read_places(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlacesError, match="cannot be read"):
        read_places(tmp_path / "nowhere.geojson")
