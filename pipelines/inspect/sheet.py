"""Moments of a log on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from pipelines.evaluation.contact_sheet import grid
from pipelines.evidence.draw import Picture
from pipelines.evidence.frames import Footage
from pipelines.evidence.look import Looker
from pipelines.inspect.drawing import Drawing, Room
from pipelines.inspect.privacy import privacy_at

ROOM: Final = Room(720, 540)
PICTURES: Final = 12
MOST_PICTURES: Final = 60


def sheet_times(footage: Footage, window: tuple[float, float], every_s: float | None) -> list[float]:
    """Times of frames that were looked at, about every `every_s` seconds of log time, by default twelve in all."""
    looked = footage.log.frames.time_s
    looked = looked[(looked >= window[0] - 1e-6) & (looked <= window[1] + 1e-6)]
    if not len(looked):
        return []
    step = every_s or (window[1] - window[0]) / PICTURES
    wanted = np.arange(window[0] + (0.0 if every_s else step / 2), window[1] + 1e-6, max(step, 1e-3))
    nearest = np.abs(looked[None, :] - wanted[:, None]).argmin(axis=1)
    return [float(time) for time in np.unique(looked[nearest])]


def write_sheet(path: Path, footage: Footage, times_s: Sequence[float], looker: Looker | None) -> None:
    """A PNG. `looker`: None leaves plates and heads as they are. Raises `EvidenceError` if a frame is missing."""
    drawing = Drawing(footage.log, ROOM)
    picture = grid([_tile(drawing, footage, time_s, looker) for time_s in times_s])
    done, encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    assert done
    path.write_bytes(encoded.tobytes())


def _tile(drawing: Drawing, footage: Footage, time_s: float, looker: Looker | None) -> Picture:
    shot, native = footage.picture(time_s)
    privacy = None if looker is None else privacy_at(footage.log, looker, shot.time_s, native)
    return drawing.of(shot, privacy)
