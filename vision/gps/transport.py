"""Positions in transport streams of Novatek cameras (VIOFO, Blueskysea): a private packet a second.

Its stream is not announced in the program tables, so packets are looked at one by one; the record is that of freeGPS
blocks, at the start of the packet's body or, on some cameras, 164 bytes later (ExifTool M2TS.pm).
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from vision.gps.fixes import Fix
from vision.gps.freegps import RECORD_BYTES, decode_record

PACKET_BYTES = 188
SYNC = 0x47
# Private stream 2: six bytes of header, no time stamp.
PRIVATE = b"\x00\x00\x01\xbf"
HEADER_BYTES = 6
# The first record comes within seconds; a stream without one is not read to its end.
SEARCHED_FOR_FIRST = 64 << 20


def read_transport_stream(path: Path, duration_s: float) -> list[Fix]:
    """Its clock is the camera's local time, and no UTC; the packets come one a second."""
    del duration_s
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data[0] != SYNC or len(data) < PACKET_BYTES or data[PACKET_BYTES : PACKET_BYTES + 1] not in (b"", b"\x47"):
            return []
        fixes = list(_records(data))
    return [replace(fix, utc_s=math.nan, pts_s=float(number)) for number, fix in enumerate(fixes)]


def _records(data: mmap.mmap) -> Iterator[Fix]:
    at, found = data.find(PRIVATE), False
    while at >= 0 and (found or at < SEARCHED_FOR_FIRST):
        body = data[at + HEADER_BYTES : at + HEADER_BYTES + RECORD_BYTES]
        if (fix := decode_record(body)) is not None:
            found = True
            yield fix
        at = data.find(PRIVATE, at + len(PRIVATE))
