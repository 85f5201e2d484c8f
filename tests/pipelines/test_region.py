"""Region files: restricted areas on the map."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import RegionError
from pipelines.region import load_region
from tests.conftest import ROOT

SQUARE = [[[8.0, 49.0], [8.001, 49.0], [8.001, 49.001], [8.0, 49.001], [8.0, 49.0]]]


def feature(geometry: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    shape = geometry or {"type": "Polygon", "coordinates": SQUARE}
    return {"type": "Feature", "properties": {"kind": "no_parking", **properties}, "geometry": shape}


def write(folder: Path, *features: dict[str, Any], **extra: Any) -> Path:
    path = folder / "region.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **extra}), encoding="utf-8")
    return path


def test_the_example_in_the_docs_loads(tmp_path: Path) -> None:
    docs = (ROOT / "docs" / "site-files.md").read_text(encoding="utf-8")
    path = tmp_path / "r.geojson"
    path.write_text(re.findall(r"```json\n(.*?)```", docs, re.S)[0])
    (area,) = load_region(path).areas
    assert (area.kind, area.hours) == ("no_parking", "Mo-Fr 07:30-19:00")


def test_areas_near_a_point_are_found(tmp_path: Path) -> None:
    region = load_region(write(tmp_path, feature(name="a", colour="red")))
    assert [area.name for area in region.near(8.0005, 49.0005, 1.0)] == ["a"]
    assert [area.name for area in region.near(7.9999, 49.0005, 10.0)] == ["a"]
    assert region.near(7.9999, 49.0005, 2.0) == ()


def test_the_datum_moves_the_areas(tmp_path: Path) -> None:
    there = [[[116.41, 39.91], [116.42, 39.91], [116.42, 39.92], [116.41, 39.91]]]
    shape = {"type": "Polygon", "coordinates": there}
    plain, shifted = (load_region(write(tmp_path, feature(shape), datum=datum)) for datum in ("wgs84", "gcj02"))
    moved_m = plain.areas[0].polygon.centroid.distance(shifted.areas[0].polygon.centroid) * 111_000
    assert 300 < moved_m < 1000


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (feature({"type": "Point", "coordinates": [8, 49]}), "features.0.geometry: a Point"),
        (feature({"type": "Polygon", "coordinates": []}), "features.0.geometry"),
        (feature({"type": "Polygon"}), "features.0.geometry"),
        (feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}), "not a usable"),
        (feature({"type": "Polygon", "coordinates": [[[500, 0], [501, 1], [501, 0], [500, 0]]]}), "degrees"),
        (feature(kind="parking"), "features.0.properties.kind"),
        (feature(hours="now and then"), "features.0.properties.hours"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, broken: dict[str, Any], said: str) -> None:
    with pytest.raises(RegionError, match=re.escape(said)):
        load_region(write(tmp_path, broken))


def test_not_json_and_not_there(tmp_path: Path) -> None:
    path = tmp_path / "r.geojson"
    with pytest.raises(RegionError, match="cannot be read"):
        load_region(path)
    path.write_text("{")
    with pytest.raises(RegionError, match="not valid JSON"):
        load_region(path)
