"""How well and how far one saw at a moment: quality in words, and the ground in view from above."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from pipelines.evidence.draw import Colour, Picture
from pipelines.inspect.birdseye import Panel
from pipelines.inspect.style import label
from vision.log import Floats, ObservationLog
from vision.quality.coverage import Sought, seen_ground
from vision.quality.seconds import kept_shares

NAMED: Final = 0.1  # a fault that hides this share is named
GROUND: Final[dict[Sought, Colour]] = {"vehicle": (86, 180, 233), "litter": (255, 110, 40)}
GOOD: Final[Colour] = (200, 204, 210)
POOR: Final[Colour] = (255, 90, 60)
LETTERS: Final = 12


def seeing_words(log: ObservationLog, time_s: float) -> tuple[str, ...]:
    """What the picture is like, then how far things are found; empty where nothing was measured."""
    table, row = log.quality, _row(log.quality.time_s, time_s)
    if row is None:
        return ()
    usable = "usable" if table.usable[row] else "NOT USABLE"
    words = [f"picture {table.quality[row]:.2f}, {usable}", *_faults(log, row)]
    stretch = _row(log.coverage.first_s, time_s)
    if stretch is not None:
        seen = log.coverage
        words.append(f"litter to {seen.litter_m[stretch]:.0f} m, cars to {seen.vehicle_m[stretch]:.0f} m")
    return tuple(words)


def draw_seeing(picture: Picture, panel: Panel, log: ObservationLog, time_s: float) -> None:
    """Outlines of the ground on which cars and litter are found, and the words, into the view from above, in place."""
    stretch = _row(log.coverage.first_s, time_s)
    if stretch is not None:
        for sought, colour in GROUND.items():
            outline = seen_ground(log.coverage, stretch, log.meta, sought)
            corners = [panel.pixel(*point) for point in outline.tolist()]
            cv2.polylines(picture, [np.array(corners, np.int32).reshape(-1, 1, 2)], True, colour, 1, cv2.LINE_AA)
    for line, words in enumerate(seeing_words(log, time_s)):
        label(picture, words, (4, 4 + line * (LETTERS + 6)), LETTERS, POOR if "NOT" in words else GOOD)


def _faults(log: ObservationLog, row: int) -> list[str]:
    table = log.quality
    dim = "dark" if table.brightness[row] < 0.2 else "hazy"
    names = np.array(["blurred", dim, "glare", "dirty glass", "covered", "night"])
    named = names[kept_shares(table)[row] <= 1 - NAMED].tolist()
    words = [", ".join(named)] if named else []
    return words + ["camera was moved"] * bool(table.shifted[row])


def _row(starts: Floats, time_s: float) -> int | None:
    """The last row that began by then."""
    row = int(np.searchsorted(starts, time_s + 1e-6, side="right")) - 1
    return row if row >= 0 else None
