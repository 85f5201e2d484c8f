"""NMEA 0183 text: RMC and GGA sentences (and Magellan's TRK), alone or inside a camera's own log lines.

BlackVue writes `[unix ms]$GPRMC,...`; some cameras add `$GSENSOR` lines, which are passed over. RMC gives date,
speed and course; a GGA of the same moment adds the dilution, or a position where there is no RMC.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pynmea2

from vision.gps.fixes import Fix
from vision.gps.gpx import RANGE_ERROR_M

KNOT_MPS = 1852 / 3600
SENTENCE = re.compile(r"\$(?:G[A-Z](?:RMC|GGA)|PMGNTRK),[\x20-\x23\x25-\x7e]*")
MAGELLAN = re.compile(
    r",(\d{1,2})(\d\d\.\d+),([NS]),(\d{1,3})(\d\d\.\d+),([EW]),[^,]*,M,(\d{6})(\.\d+)?,([AV]),[^,]*,(\d{6})"
)


def read_nmea(path: Path) -> list[Fix]:
    return parse_nmea(path.read_text(encoding="latin-1"))


def parse_nmea(text: str) -> list[Fix]:
    """Sentences without a position are left out; those that say "no fix" are kept as such.

    A sentence with a wrong checksum is left out, unless most are wrong: then the camera never computed them.
    """
    fixes: list[Fix] = []
    dilution: dict[time, float] = {}
    loose: list[Fix] = []
    day: date | None = None
    sentences = [sentence.strip() for sentence in SENTENCE.findall(text)]
    check = sum(map(_checks, sentences)) * 2 >= len(sentences)
    for sentence in sentences:
        if sentence.startswith("$PMGNTRK"):
            fixes.extend(_magellan(sentence))
            continue
        try:
            parsed = pynmea2.parse(sentence if check else sentence.partition("*")[0], check=check)
        except (pynmea2.ParseError, ValueError):
            continue
        moment = getattr(parsed, "timestamp", None)
        if not isinstance(moment, time):
            continue
        if parsed.sentence_type == "RMC":
            day = parsed.datestamp if isinstance(parsed.datestamp, date) else day
            fixes.extend(_rmc(parsed, day, moment))
        elif parsed.sentence_type == "GGA":
            fix = _gga(parsed)
            dilution[moment.replace(tzinfo=None)] = fix.accuracy_m
            loose.append(fix)
    if fixes:
        return [replace(fix, accuracy_m=dilution.get(_time_of_day(fix), fix.accuracy_m)) for fix in fixes]
    return loose


def _checks(sentence: str) -> bool:
    body, _, checksum = sentence[1:].partition("*")
    return checksum[:2].upper() == f"{pynmea2.NMEASentence.checksum(body):02X}"


def from_degrees_minutes(value: float) -> float:
    """12345.678 (123 degrees, 45.678 minutes) to degrees; NaN for what is no number."""
    if not math.isfinite(value):
        return math.nan
    degrees = math.trunc(value / 100)
    return degrees + (value - 100 * degrees) / 60


def _rmc(sentence: pynmea2.RMC, day: date | None, moment: time) -> Iterator[Fix]:
    yield Fix(
        lon=_longitude(sentence),
        lat=_latitude(sentence),
        utc_s=math.nan if day is None else datetime.combine(day, moment.replace(tzinfo=None), UTC).timestamp(),
        speed_mps=_number(sentence.spd_over_grnd) * KNOT_MPS,
        heading_deg=_number(sentence.true_course),
        valid=sentence.status == "A" and bool(sentence.lat and sentence.lon),
    )


def _gga(sentence: pynmea2.GGA) -> Fix:
    return Fix(
        lon=_longitude(sentence),
        lat=_latitude(sentence),
        accuracy_m=RANGE_ERROR_M * _number(sentence.horizontal_dil),
        valid=_number(sentence.gps_qual) > 0 and bool(sentence.lat and sentence.lon),
    )


def _longitude(sentence: pynmea2.RMC | pynmea2.GGA) -> float:
    return from_degrees_minutes(_number(sentence.lon)) * (-1 if sentence.lon_dir == "W" else 1)


def _latitude(sentence: pynmea2.RMC | pynmea2.GGA) -> float:
    return from_degrees_minutes(_number(sentence.lat)) * (-1 if sentence.lat_dir == "S" else 1)


def _magellan(sentence: str) -> Iterator[Fix]:
    """$PMGNTRK,ddmm.mmm,N,dddmm.mmm,W,altitude,M,hhmmss.ss,A,name,ddmmyy (pynmea2 does not know it)."""
    match = MAGELLAN.search(sentence)
    if match is None:
        return
    lat = (int(match[1]) + float(match[2]) / 60) * (1 if match[3] == "N" else -1)
    lon = (int(match[4]) + float(match[5]) / 60) * (1 if match[6] == "E" else -1)
    try:
        moment = datetime.strptime(match[10] + match[7], "%d%m%y%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return
    yield Fix(lon, lat, utc_s=moment.timestamp() + float(match[8] or 0), valid=match[9] == "A")


def _time_of_day(fix: Fix) -> time:
    return datetime.fromtimestamp(fix.utc_s if math.isfinite(fix.utc_s) else 0, UTC).time()


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return math.nan
