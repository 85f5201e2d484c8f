"""DJI's subtitles (SRT) with a position in each cue."""

from __future__ import annotations

import math
import re
from pathlib import Path

from vision.errors import GpsError
from vision.gps.fixes import Fix

START = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{3})\s*-->")
NUMBER = r"(-?\d+(?:\.\d+)?)"
NAMED = re.compile(rf"\[latitude\s*:\s*{NUMBER}\].*?\[long(?:t?)itude\s*:\s*{NUMBER}", re.IGNORECASE | re.DOTALL)
PAIR = re.compile(rf"GPS\s*\(\s*{NUMBER},\s*{NUMBER},\s*{NUMBER}(M?)")


def read_subtitle(path: Path) -> list[Fix]:
    cues = [cue for cue in re.split(r"\n\s*\n", path.read_text(encoding="utf-8-sig", errors="replace")) if cue.strip()]
    fixes = [_fix(cue) for cue in cues]
    if fixes and fixes[-1] is None and any(fixes):
        raise GpsError(f"{path.name} is cut off in the middle of a cue", advice="copy it from the camera again")
    return [fix for fix in fixes if fix is not None]


def _fix(cue: str) -> Fix | None:
    if named := NAMED.search(cue):
        lat, lon = float(named[1]), float(named[2])
    elif pair := PAIR.search(cue):
        # Mavic and Phantom write (lon, lat, satellites); Matrice 300 (lat, lon, altitude with its unit).
        lon, lat = float(pair[1]), float(pair[2])
        if pair[4]:
            lon, lat = lat, lon
    else:
        return None
    return Fix(lon, lat, pts_s=_start(cue))  # its wall clock is local time of an unknown zone: no UTC


def _start(cue: str) -> float:
    if (start := START.search(cue)) is None:
        return math.nan
    hours, minutes, seconds, milliseconds = map(int, start.groups())
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
