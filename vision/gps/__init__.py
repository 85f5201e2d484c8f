"""Position logs of all kinds, read into one `GpsTrack`.

To add a format: a file here with a function that gives `Fix`es, and one line in `SIDECARS` (a file beside the video),
`EMBEDDED` (inside the video file) or `SAMPLES` (its timed metadata).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from vision.errors import GpsError, VideoError
from vision.gps.bramor import read_log
from vision.gps.camera_boxes import read_70mai_box, read_blackvue_box, read_navitel_box
from vision.gps.fixes import Fix, believable_track, fixes_of
from vision.gps.freegps import read_freegps
from vision.gps.gpmf import fixes_of_gpmf, read_gpmf_file
from vision.gps.gpx import read_gpx
from vision.gps.igc import read_igc
from vision.gps.ligogps import fixes_of_ligogps, read_ligogps_trailer
from vision.gps.nmea import read_nmea
from vision.gps.sample_formats import (
    fixes_of_garmin,
    fixes_of_nmea_text,
    fixes_of_sigmastar,
    fixes_of_vueroid,
    fixes_of_wolfbox,
)
from vision.gps.samples import Sample, read_samples
from vision.gps.subtitle import read_subtitle
from vision.gps.table import mai_rows, read_table
from vision.gps.track import Datum, GpsTrack
from vision.gps.transport import read_transport_stream
from vision.gps.xml_logs import read_garmin_xml, read_kml

__all__ = ["Datum", "Fix", "GpsTrack", "find_sidecars", "read_embedded", "read_gps", "read_sidecar"]

SIDECARS: dict[str, tuple[str, Callable[[Path], list[Fix]]]] = {
    ".gpx": ("gpx", read_gpx),
    ".nmea": ("nmea", read_nmea),
    ".gps": ("nmea", read_nmea),
    ".log": ("log", read_log),
    ".csv": ("csv", read_table),
    ".txt": ("csv", read_table),
    ".srt": ("srt", read_subtitle),
    ".kml": ("kml", read_kml),
    ".tcx": ("tcx", read_garmin_xml),
    ".xml": ("tcx", read_garmin_xml),
    ".igc": ("igc", read_igc),
    ".raw": ("gpmf", read_gpmf_file),
}
# Of these any file may be anything: they are logs only where they hold positions.
UNSURE = {".csv", ".txt", ".log", ".xml", ".srt", ".raw"}
EMBEDDED: tuple[tuple[str, Callable[[Path, float], list[Fix]]], ...] = (
    ("freegps", read_freegps),
    ("blackvue", read_blackvue_box),
    ("70mai", read_70mai_box),
    ("navitel", read_navitel_box),
    ("ligogps", read_ligogps_trailer),
    ("novatek-ts", read_transport_stream),
)
SAMPLES: tuple[tuple[str, Callable[[list[Sample]], list[Fix]]], ...] = (
    ("gpmf", fixes_of_gpmf),
    ("nmea", fixes_of_nmea_text),
    ("garmin", fixes_of_garmin),
    ("ligogps", fixes_of_ligogps),
    ("sigmastar", fixes_of_sigmastar),
    ("vueroid", fixes_of_vueroid),
    ("wolfbox", fixes_of_wolfbox),
)
MAX_LOG_BYTES = 256 << 20
# What decoding raises for bytes that are not what they seem: any file may lie beside a video, and anything be in one.
MALFORMED = (ValueError, LookupError, ArithmeticError, struct.error)


def read_gps(
    video: Path, sidecars: Iterable[Path] = (), datum: Datum = "wgs84", duration_s: float = math.nan
) -> GpsTrack | None:
    """Where the video's camera was.

    From `sidecars` if given, else from a log of the video's stem, else from the video itself, else from the logs of
    its folder. `datum` is that of the logs; None where nothing is known. Raises `GpsError` with a reason where
    there is a log that cannot be believed.
    """
    if given := list(sidecars):
        return _joined([read_sidecar(log, datum, video.name) for log in given])
    own, shared = find_sidecars(video)
    if tracks := _readable(own, datum, video.name):
        return tracks[0]
    return read_embedded(video, duration_s) or _joined(_readable(shared, datum, video.name))


def find_sidecars(video: Path) -> tuple[list[Path], list[Path]]:
    """(logs of the video's stem, logs of its folder that belong to no other video)."""
    beside = sorted(path for path in video.parent.iterdir() if path.is_file() and not path.name.startswith("."))
    logs = [path for path in beside if path.suffix.lower() in SIDECARS]
    videos = {path.stem.lower() for path in beside if path.suffix.lower() not in SIDECARS}
    own = [path for path in logs if path.stem.lower() == video.stem.lower()]
    return own, [path for path in logs if path.stem.lower() not in videos]


def _readable(logs: list[Path], datum: Datum, video_name: str) -> list[GpsTrack]:
    """Files that may be anything are passed over if they hold no position."""
    tracks = []
    for log in logs:
        try:
            tracks.append(read_sidecar(log, datum, video_name))
        except GpsError:
            if log.suffix.lower() not in UNSURE:
                raise
    return tracks


def _joined(tracks: list[GpsTrack]) -> GpsTrack | None:
    """One track of several, by their UTC."""
    if len(tracks) < 2:
        return tracks[0] if tracks else None
    return believable_track([fix for track in tracks for fix in fixes_of(track)], tracks[0].source)


def read_sidecar(log: Path, datum: Datum = "wgs84", video_name: str = "") -> GpsTrack:
    """`video_name` picks a video's part out of logs that name their videos (70mai)."""
    name, reader = SIDECARS.get(log.suffix.lower(), ("", None))
    if reader is None:
        raise GpsError(f"{log.name} is no position log that can be read", advice=f"known: {' '.join(sorted(SIDECARS))}")
    try:
        if log.stat().st_size > MAX_LOG_BYTES:
            raise GpsError(f"{log.name} is too large for a position log", advice="cut it by day")
        fixes = reader(log)
        if video_name and log.suffix.lower() == ".txt":
            text = log.read_text(encoding="utf-8-sig", errors="replace")
            fixes = [fix for video, fix in mai_rows(text, log.name) if video == video_name] or fixes
    except OSError as error:
        raise GpsError(
            f"{log.name} cannot be read: {error.strerror}", advice="check the path and the rights"
        ) from error
    except MALFORMED as error:
        raise GpsError(f"{log.name} holds what no {name} log does: {error}", advice="export it again") from error
    return believable_track(fixes, name, datum)


def read_embedded(video: Path, duration_s: float = math.nan) -> GpsTrack | None:
    """Raises `GpsError` where the video has a track and none of it can be believed."""
    try:
        if not video.stat().st_size:  # nothing in it, and it cannot be mapped
            return None
        for name, fixes in _found_in(video, duration_s):
            if fixes:
                return believable_track(fixes, name)
    except (OSError, VideoError):
        pass
    return None


def _found_in(video: Path, duration_s: float) -> Iterator[tuple[str, list[Fix]]]:
    """What each reader finds, in turn; one that stumbles found nothing, and the next may know the file better."""
    for name, reader in EMBEDDED:
        with suppress(OSError, *MALFORMED):
            yield name, reader(video, duration_s)
    for samples in read_samples(video):
        for name, decode in SAMPLES:
            with suppress(*MALFORMED):
                yield name, decode(samples)
