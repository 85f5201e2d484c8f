"""What time was it? Weighs what GPS, container and file name say about a video's wall clock.

Manual sync points beat GPS, GPS beats the rest. Container time and file name are hypotheses, each in UTC or in the
local time of the place (many dashcams write local time and call it UTC), the container's for the start or the end of
the recording. What cannot be told apart widens the uncertainty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from tzfpy import get_tz

from vision.footage.file_names import start_in_name
from vision.footage.probe import VideoInfo
from vision.gps.track import GpsTrack, first_place
from vision.log import Clock, ClockSource

# A receiver's time is exact; when its sentence is written beside which picture is not.
GPS_UNCERTAINTY_S = 1.0
# A dashcam's clock between two settings by hand, phone or GPS.
CAMERA_CLOCK_S = 60.0
# Two notes of one moment: whole seconds, and a recording takes a moment to begin and to be closed.
SAME_MOMENT_S = 5.0
# Zones reach from UTC-12 to UTC+14, in steps of a quarter of an hour.
WIDEST_ZONE_S = 14 * 3600.0
ZONE_STEP_S = 900.0


@dataclass(frozen=True, slots=True)
class SyncPoint:
    """A person's word that the picture at PTS `time_s` was taken at `utc` (aware), give or take `uncertainty_s`."""

    time_s: float
    utc: datetime
    uncertainty_s: float = 0.5


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """`zero`: UTC at PTS 0, in seconds since 1970."""

    source: ClockSource
    zero: float
    says: str


def estimate_clock(
    info: VideoInfo,
    gps: GpsTrack | None = None,
    sync_points: Sequence[SyncPoint] = (),
    zone_hint: str | None = None,
) -> Clock:
    """The wall clock of a video's PTS. `zone_hint`: IANA zone of the place where GPS does not tell it."""
    place = first_place(gps)
    zone = get_tz(*place) if place else zone_hint
    if sync_points:
        return _manual(sync_points, zone)
    hypotheses = _hypotheses(info, zone)
    exact = _gps(gps, info, hypotheses, zone) if gps is not None and len(gps) else None
    if exact is not None:
        return exact
    return _weigh(_covered_by(gps, hypotheses, info), zone)


def _manual(points: Sequence[SyncPoint], zone: str | None) -> Clock:
    zeros = np.array([point.utc.timestamp() - point.time_s for point in points])
    zero = float(np.median(zeros))
    spread = float(np.max(np.abs(zeros - zero)))
    uncertainty = max(spread, max(point.uncertainty_s for point in points))
    return _clock(zero, uncertainty, "manual", zone, f"{len(points)} manual sync point(s), spread {spread:.1f} s")


# GPS ------------------------------------------------------------------------------------------------------


def _gps(gps: GpsTrack, info: VideoInfo, hypotheses: list[Hypothesis], zone: str | None) -> Clock | None:
    """From a track that is bound to the video: by its PTS, or because it is just as long. None for any other."""
    timed = np.isfinite(gps.utc_s)
    bound = timed & np.isfinite(gps.pts_s)
    if bound.any():
        zeros = gps.utc_s[bound] - gps.pts_s[bound]
        zero = float(np.median(zeros))
        uncertainty = GPS_UNCERTAINTY_S + float(np.median(np.abs(zeros - zero)))
        note = f"GPS time of {int(bound.sum())} embedded fixes"
    elif timed.any() and abs(surplus := float(np.ptp(gps.utc_s[timed])) - info.duration_s) <= SAME_MOMENT_S:
        zero = float(gps.utc_s[timed].min()) - info.start_s
        uncertainty = GPS_UNCERTAINTY_S + abs(surplus)
        note = "GPS log as long as the video"
    else:
        return None
    zero, warning = _undo_local_time(zero, info, zone)
    return _clock(zero, uncertainty, "gps", zone, f"{note}{warning}{_others(hypotheses, zero)}")


def _undo_local_time(zero: float, info: VideoInfo, zone: str | None) -> tuple[float, str]:
    """Some cameras (Novatek) stamp fixes with their local time: then it equals the file name's, which is local."""
    local = start_in_name(info.path.stem)
    if local is None or zone is None:
        return zero, ""
    offset = _offset_s(zone, zero)
    at_start = zero + info.start_s
    if abs(offset) >= ZONE_STEP_S and abs(local.replace(tzinfo=UTC).timestamp() - at_start) <= CAMERA_CLOCK_S:
        return zero - offset, "; its stamps equal the file name, so they are local time and were shifted"
    return zero, ""


def _covered_by(gps: GpsTrack | None, hypotheses: list[Hypothesis], info: VideoInfo) -> list[Hypothesis]:
    """Those hypotheses under which the log was running during the video, if there are any."""
    if gps is None or not np.isfinite(gps.utc_s).any():
        return hypotheses
    first, last = float(np.nanmin(gps.utc_s)), float(np.nanmax(gps.utc_s))
    length = info.duration_s if math.isfinite(info.duration_s) else 0.0
    covered = [
        Hypothesis(known.source, known.zero, f"{known.says} (within the GPS log)")
        for known in hypotheses
        if known.zero + length >= first - CAMERA_CLOCK_S and known.zero <= last + CAMERA_CLOCK_S
    ]
    return covered or hypotheses


# Container and file name ----------------------------------------------------------------------------------


def _hypotheses(info: VideoInfo, zone: str | None) -> list[Hypothesis]:
    """The most trusted reading first."""
    found: list[Hypothesis] = []
    if (local := start_in_name(info.path.stem)) is not None:
        found += _readings("filename", local.replace(tzinfo=UTC), "file name", info.start_s, zone, local_first=True)
    if info.creation_time is not None:
        found += _readings("container", info.creation_time, "container", info.start_s, zone, local_first=False)
        if math.isfinite(info.duration_s):
            began = info.creation_time - timedelta(seconds=info.duration_s)
            says = "container (written at the end)"
            found += _readings("container", began, says, info.start_s, zone, local_first=False)
    return found


def _readings(
    source: ClockSource, written: datetime, says: str, start_s: float, zone: str | None, *, local_first: bool
) -> list[Hypothesis]:
    digits = written.timestamp() - start_s
    as_utc = Hypothesis(source, digits, f"{says} as UTC")
    if zone is None or abs(offset := _offset_of_local(zone, written)) < 1:
        return [as_utc]
    as_local = Hypothesis(source, digits - offset, f"{says} as local time")
    return [as_local, as_utc] if local_first else [as_utc, as_local]


def _weigh(hypotheses: list[Hypothesis], zone: str | None) -> Clock:
    """File name and container that agree are believed; otherwise the first reading, as uncertain as they differ."""
    if not hypotheses:
        return Clock(None, math.inf, "unknown", zone, "no time in the file, its name or a GPS log")
    names = [known for known in hypotheses if known.source == "filename"]
    containers = [known for known in hypotheses if known.source == "container"]
    for name in names:
        for container in containers:
            if abs(name.zero - container.zero) <= SAME_MOMENT_S:
                return _agreed(name, container, zone)
    if names and containers and zone is None and (deduced := _zone_between(names, containers)) is not None:
        return deduced
    best = hypotheses[0]
    rivals = [known.zero for known in hypotheses if "within the GPS log" in known.says] or [k.zero for k in hypotheses]
    spread = max(abs(rival - best.zero) for rival in rivals)
    uncertainty = CAMERA_CLOCK_S + (spread if zone is not None else max(spread, WIDEST_ZONE_S))
    return _clock(best.zero, uncertainty, best.source, zone, best.says + _others(hypotheses, best.zero))


def _agreed(name: Hypothesis, container: Hypothesis, zone: str | None) -> Clock:
    """Without a zone two notes of the same digits are one clock of an unknown zone."""
    uncertainty = CAMERA_CLOCK_S if zone is not None else CAMERA_CLOCK_S + WIDEST_ZONE_S
    return _clock(name.zero, uncertainty, name.source, zone, f"{name.says} agrees with {container.says}")


def _zone_between(names: list[Hypothesis], containers: list[Hypothesis]) -> Clock | None:
    """A local file name and a container in UTC differ by the zone's offset, a multiple of a quarter of an hour."""
    for container in containers:
        offset = names[0].zero - container.zero
        quarters = round(offset / ZONE_STEP_S)
        if quarters and abs(offset) <= WIDEST_ZONE_S and abs(offset - quarters * ZONE_STEP_S) <= SAME_MOMENT_S:
            note = f"file name runs {quarters / 4:+g} h from {container.says}: local time and UTC"
            return _clock(container.zero, CAMERA_CLOCK_S, "container", None, note)
    return None


def _others(hypotheses: list[Hypothesis], zero: float) -> str:
    parts = [f"{known.says} {known.zero - zero:+.0f} s" for known in hypotheses if abs(known.zero - zero) >= 1]
    return f"; others: {', '.join(parts)}" if parts else ""


def _offset_s(zone: str, utc_s: float) -> float:
    offset = datetime.fromtimestamp(utc_s, ZoneInfo(zone)).utcoffset()
    return offset.total_seconds() if offset else 0.0


def _offset_of_local(zone: str, written: datetime) -> float:
    """Offset of the zone where its wall clock shows the digits of `written`."""
    offset = written.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    return offset.total_seconds() if offset else 0.0


def _clock(zero: float, uncertainty_s: float, source: ClockSource, zone: str | None, note: str) -> Clock:
    return Clock(datetime.fromtimestamp(zero, UTC), uncertainty_s, source, zone, note)
