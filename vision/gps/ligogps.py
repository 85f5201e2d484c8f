"""LIGOGPSINFO: in samples of an `ssmd` stream, scrambled (CARCAM), or as plain text after the last box (Beferich).

Scrambling as in ExifTool's LigoGPS.pm (DecryptLigoGPS, Perl Artistic License / GPL).
"""

from __future__ import annotations

import math
import re
import struct
from pathlib import Path

from vision.footage.iso_boxes import top_boxes
from vision.gps.fixes import Fix
from vision.gps.nmea import KNOT_MPS
from vision.gps.samples import Sample
from vision.gps.times import to_utc_s

MAGIC = b"LIGOGPSINFO"
SCRAMBLED = b"####"
HEADER_BYTES = 0x14
SLOT_BYTES = 0x84
MAX_TRAILER_BYTES = 8 << 20
NUMBER = rb"(?:\d+\.?\d*|\.\d+)(?![.\d])"
TEXT = re.compile(
    rb"^.{4}(\S+ \S+)\s+([NS]):(-?%b)\s+([EW]):(-?%b)\s+(%b)(?:.*?\bA:(%b))?" % ((NUMBER,) * 4), re.DOTALL
)
# By the control byte's upper three bits: masks of its lower bits that go into each following byte, None for a space.
BRANCHES: dict[int, tuple[int | None, ...]] = {
    0x40: (None, 0x01, 0x06, 0x18),
    0x60: (0x03, None, 0x04, 0x18),
    0x80: (0x03, 0x0C, None, 0x10),
    0xA0: (0x01, 0x06, 0x18, None),
}
SPACE = 0x20


def fixes_of_ligogps(samples: list[Sample]) -> list[Fix]:
    fixes = []
    for sample in samples:
        at = sample.data.find(MAGIC)
        slot = sample.data[at + HEADER_BYTES :]
        if at >= 0 and slot.startswith(SCRAMBLED) and (fix := _fix(_unscramble(slot), sample.pts_s, KNOT_MPS)):
            fixes.append(fix)
    return fixes


def read_ligogps_trailer(path: Path, duration_s: float) -> list[Fix]:
    """One slot a second, numbered from 1; speed in km/h."""
    del duration_s
    with path.open("rb") as file:
        boxes = [box for box in top_boxes(file) if box.kind.isascii() and box.kind.strip().isalnum()]
        file.seek(boxes[-1].start + boxes[-1].size if boxes else 0)
        trailer = file.read(MAX_TRAILER_BYTES) if boxes else b""
    fixes: list[Fix] = []
    for match in re.finditer(MAGIC, trailer):
        table = trailer[match.start() + HEADER_BYTES :]
        for at in range(0, len(table) - SLOT_BYTES + 1, SLOT_BYTES):
            slot = table[at : at + SLOT_BYTES]
            if slot.startswith(SCRAMBLED):
                break
            if fix := _fix(slot, float(struct.unpack_from(">I", slot)[0] - 1), 1 / 3.6):
                fixes.append(fix)
    return fixes


def _fix(text: bytes, pts_s: float, speed_unit: float) -> Fix | None:
    """counter, date time N:lat E:lon speed ... A:course"""
    if (match := TEXT.match(text)) is None:
        return None
    moment, north, lat, east, lon, speed, course = match.groups()
    return Fix(
        lon=float(lon) * (-1 if east == b"W" else 1),
        lat=float(lat) * (-1 if north == b"S" else 1),
        utc_s=to_utc_s(moment.decode("latin-1")),
        pts_s=pts_s,
        speed_mps=float(speed) * speed_unit,
        heading_deg=float(course) if course else math.nan,
    )


def _unscramble(slot: bytes) -> bytes:
    size = int.from_bytes(slot[4:8], "little")
    packed = iter(slot[8 : 8 + min(size, SLOT_BYTES)])
    plain = bytearray()
    try:
        for control in packed:
            branch = control & 0xE0
            if branch >= 0xC0:
                for mask in (0x01, 0x02, 0x0C):
                    plain.append((next(packed) | (control & mask)) ^ SPACE)
                plain.append((next(packed) ^ SPACE) | (control & 0x30))
            elif branch in BRANCHES:
                for bits in BRANCHES[branch]:
                    plain.append(SPACE if bits is None else (next(packed) | (control & bits)) ^ SPACE)
            elif branch == 0:
                plain.append(next(packed) | (control & 0x13))
            else:
                return b""
    except StopIteration:
        pass  # a slot cut short: what came before counts
    return bytes(plain)
