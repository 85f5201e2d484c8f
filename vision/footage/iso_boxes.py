"""Boxes of ISO base media files (MP4, MOV), as far as FFmpeg does not show them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_PAYLOAD_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Box:
    """`start`: offset of the payload in the file, `size`: bytes of payload that it claims."""

    kind: bytes
    start: int
    size: int

    def read(self, file: BinaryIO) -> bytes:
        """The payload, at most the first 64 MiB."""
        file.seek(self.start)
        return file.read(min(self.size, MAX_PAYLOAD_BYTES))


def top_boxes(file: BinaryIO) -> Iterator[Box]:
    """Boxes of the top level, up to the first thing that is none."""
    end = file.seek(0, 2)
    yield from boxes_between(file, 0, end)


def children(file: BinaryIO, parent: Box) -> Iterator[Box]:
    yield from boxes_between(file, parent.start, parent.start + parent.size)


def boxes_between(file: BinaryIO, position: int, end: int) -> Iterator[Box]:
    while position + 8 <= end:
        file.seek(position)
        header = file.read(16)
        if len(header) < 8:
            return
        size, kind = struct.unpack(">I4s", header[:8])
        start = position + 8
        if size == 1 and len(header) == 16:
            size, start = int.from_bytes(header[8:], "big"), position + 16
        elif size == 0:
            size = end - position
        if position + size < start:
            return
        yield Box(kind, start, min(position + size, end) - start)
        position += size
