"""Tracks in KML (`gx:Track`, `LineString`) and Garmin's XML (TCX and Forerunner logbooks)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from vision.errors import GpsError
from vision.gps.fixes import Fix
from vision.gps.times import to_utc_s


def read_kml(path: Path) -> list[Fix]:
    root = _root(path)
    fixes: list[Fix] = []
    for track in _all(root, "Track"):
        times = [element.text or "" for element in _all(track, "when")]
        places = [(element.text or "").split() for element in _all(track, "coord")]
        fixes += [_fix(place, to_utc_s(time)) for time, place in zip(times, places, strict=False)]
    if not fixes:
        for line in _all(root, "LineString"):
            for element in _all(line, "coordinates"):
                fixes += [_fix(place.split(","), math.nan) for place in (element.text or "").split()]
    return fixes


def read_garmin_xml(path: Path) -> list[Fix]:
    fixes = []
    for point in _all(_root(path), "Trackpoint"):
        lon = _text(point, "Longitude") or _text(point, "LongitudeDegrees")
        lat = _text(point, "Latitude") or _text(point, "LatitudeDegrees")
        if lon and lat:
            fixes.append(_fix([lon, lat], to_utc_s(_text(point, "Time"))))
    return fixes


def _root(path: Path) -> ElementTree.Element:
    data = path.read_bytes()
    if b"<!ENTITY" in data:  # entity bombs; no position log defines entities
        raise GpsError(f"{path.name} defines XML entities", advice="export the track again")
    try:
        return ElementTree.fromstring(data)  # noqa: S314  # entities are refused above
    except ElementTree.ParseError as error:
        raise GpsError(f"{path.name} is broken XML: {error}", advice="export the track again") from error
    except (ValueError, LookupError) as error:  # expat knows Unicode's encodings and those of one byte a character
        raise GpsError(f"{path.name} is of an unreadable encoding: {error}", advice="save it as UTF-8") from error


def _all(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Descendants by local name: the namespaces differ between versions."""
    return (child for child in element.iter() if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name)


def _text(element: ElementTree.Element, name: str) -> str:
    return next(((child.text or "").strip() for child in _all(element, name)), "")


def _fix(place: list[str], utc_s: float) -> Fix:
    try:
        return Fix(float(place[0]), float(place[1]), utc_s=utc_s)
    except (ValueError, IndexError):
        return Fix(math.nan, math.nan, valid=False)
