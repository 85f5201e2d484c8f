"""Position logs as text tables: CSV with a header, and 70mai's `GPSData*.txt`."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from vision.errors import GpsError
from vision.gps.fixes import Fix
from vision.gps.nmea import KNOT_MPS
from vision.gps.times import to_utc_s

LAT = ("lat", "latitude", "gpslat", "gpslatitude", "locationlatitude", "纬度")
LON = ("lon", "lng", "long", "longitude", "gpslon", "gpslng", "gpslongitude", "locationlongitude", "经度")
TIME = ("time", "timestamp", "utc", "datetime", "gpstime", "gpstimestamp", "utctime", "unixtime", "时间")
ELAPSED = ("times", "timesec", "timeseconds", "pts", "ptss", "elapsed", "elapseds", "seconds", "offsets")
HEADING = ("heading", "course", "bearing", "track", "headingdeg", "coursedeg", "direction", "方向")
ACCURACY = ("accuracy", "accuracym", "horizontalaccuracy", "hacc", "epx")
# Attributes of `Fix` that are a number in the column of that name, as it is.
NUMBERS = {"lat": LAT, "lon": LON, "pts_s": ELAPSED, "heading_deg": HEADING, "accuracy_m": ACCURACY}
# A speed column without a unit is left out: the differences of the positions tell it better than a guess.
SPEED = {
    "ms": 1.0,
    "mps": 1.0,
    "kmh": 1 / 3.6,
    "kph": 1 / 3.6,
    "mph": 1609.344 / 3600,
    "kn": KNOT_MPS,
    "knots": KNOT_MPS,
}

MAI_HEADER = "$V02"
# Its firmware writes unix time eight hours early: https://dashcamtalk.com/forum/threads/
# unix-time-code-in-gps-txt-file-is-8-hours-out.51107/
MAI_LATE_S = 8 * 3600
# Before it has the time from the satellites it writes seconds since its epoch.
CLOCK_SET_FROM_S = 1_262_304_000


def read_table(path: Path) -> list[Fix]:
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    if text.lstrip().startswith(MAI_HEADER):
        return [fix for _, fix in mai_rows(text, path.name)]
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:4096], ",;\t")
    except csv.Error:
        dialect = "excel"
    rows = _rows(text, path.name, dialect)
    header = next(rows, [])
    cells = _cells(header)
    if not cells:
        raise GpsError(
            f"{path.name} has no latitude and longitude columns: {', '.join(header)[:120]}",
            advice="name them lat and lon in the first line",
        )
    return [_fix(cells, row) for row in rows if row]


def mai_rows(text: str, name: str) -> Iterator[tuple[str, Fix]]:
    """(video's name, fix): unix time, A/V, lat, lon, course in 1/100 degree, speed in cm/s, 3 accelerations, video.

    `name`: of the log, for the `GpsError` raised where it is no table.
    """
    for row in _rows(text, name):
        if len(row) < 10 or row[1] not in ("A", "V"):
            continue
        unix = _number(row[0]) + MAI_LATE_S
        yield (
            row[9],
            Fix(
                lon=_number(row[3]),
                lat=_number(row[2]),
                utc_s=unix if unix >= CLOCK_SET_FROM_S else math.nan,
                heading_deg=_number(row[4]) / 100,
                speed_mps=_number(row[5]) / 100,
                valid=row[1] == "A",
            ),
        )


def _rows(text: str, name: str, dialect: type[csv.Dialect] | str = "excel") -> Iterator[list[str]]:
    """Raises `GpsError` at a field that is too long for any table: minified JSON, or what follows a stray quote."""
    try:
        yield from csv.reader(text.splitlines(), dialect)
    except csv.Error as error:
        raise GpsError(f"{name} is no table: {error}", advice="is it a position log?") from error


Cell = Callable[[list[str]], float]


def _cells(header: list[str]) -> dict[str, Cell]:
    """For each attribute of `Fix` that the table has: how to get it from a row."""
    names = {re.sub(r"[^a-z0-9\u4e00-\u9fff]", "", name.lower()): column for column, name in enumerate(header)}

    def at(wanted: tuple[str, ...]) -> int | None:
        return next((names[name] for name in wanted if name in names), None)

    cells: dict[str, Cell] = {}
    for attribute, wanted in NUMBERS.items():
        if (column := at(wanted)) is not None:
            cells[attribute] = _cell(column)
    if "lat" not in cells or "lon" not in cells:
        return {}
    day, clock = at(("date", "utcdate", "日期")), at(TIME)
    if clock is not None:
        cells["utc_s"] = _moment(clock, day)
    for unit, factor in SPEED.items():
        if (column := at((f"speed{unit}", f"groundspeed{unit}", f"velocity{unit}"))) is not None:
            cells["speed_mps"] = _cell(column, factor)
    return cells


def _cell(column: int, factor: float = 1.0) -> Cell:
    return lambda row: _number(row[column]) * factor if column < len(row) else math.nan


def _moment(clock: int, day: int | None) -> Cell:
    def cell(row: list[str]) -> float:
        if max(clock, day or 0) >= len(row):
            return math.nan
        return to_utc_s(row[clock] if day is None else f"{row[day]} {row[clock]}")

    return cell


def _fix(cells: dict[str, Cell], row: list[str]) -> Fix:
    def number(attribute: str) -> float:
        return cells[attribute](row) if attribute in cells else math.nan

    return Fix(
        number("lon"),
        number("lat"),
        number("utc_s"),
        number("pts_s"),
        number("speed_mps"),
        number("heading_deg"),
        number("accuracy_m"),
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
