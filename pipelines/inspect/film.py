"""A stretch of a log as a film, every frame of its video drawn over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pipelines.errors import EvidenceError
from pipelines.evidence.clip import LARGEST_WIDTH, ClipFacts, encode
from pipelines.evidence.draw import Picture
from pipelines.evidence.frames import Footage
from pipelines.evidence.look import Looker
from pipelines.inspect.drawing import Drawing, Room
from pipelines.inspect.privacy import privacy_of, sections

ROOM: Final = Room(LARGEST_WIDTH, 720)


def write_film(
    path: Path,
    footage: Footage,
    window: tuple[float, float],
    looker: Looker | None,
    tell: Callable[[float], None],
) -> ClipFacts:
    """An MP4 (H.264) of `window`, log time. `looker`: None leaves plates and heads as they are. `tell`: gets the log
    time of each frame. Raises `EvidenceError` if no frame can be decoded.
    """
    pictures = _pictures(footage, window, looker, tell)
    first = next(pictures, None)
    if first is None:
        raise EvidenceError("no frame of the video can be decoded there", advice="has the file changed?")
    return encode(path, first, pictures)


def _pictures(
    footage: Footage, window: tuple[float, float], looker: Looker | None, tell: Callable[[float], None]
) -> Iterator[tuple[float, Picture]]:
    drawing, last = Drawing(footage.log, ROOM), -float("inf")
    for start_s, end_s in sections(*window):
        privacy = None if looker is None else privacy_of(footage, looker, start_s, end_s)
        for shot in footage.shots(start_s, end_s):
            if shot.time_s > last:  # a frame on the border belongs to both sections
                last = shot.time_s
                tell(last)
                yield last, drawing.of(shot, privacy)
