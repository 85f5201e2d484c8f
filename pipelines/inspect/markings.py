"""Stop lines and crosswalks as a log has them, over the picture and from above."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from pipelines.evidence.draw import Colour, Picture
from pipelines.inspect.birdseye import Panel
from pipelines.inspect.style import label
from vision.log import Floats, GroundCamera, ObservationLog
from vision.motion.egomotion import from_local_frame

SHOWN_S: Final = 1.5  # before its first and after its last sighting
COLOURS: Final[dict[str, Colour]] = {"stop_line": (255, 60, 60), "crosswalk": (0, 230, 118)}
OPACITY: Final = 0.4
LETTERS: Final = 11
FARTHEST_PX: Final = 20_000.0


@dataclass(frozen=True, slots=True)
class Laid:
    """A marking in the ground frame of one moment. `corners`: (4, 2) forward, left in metres."""

    kind: str
    confidence: float
    corners: Floats


def laid(log: ObservationLog, frame: int) -> list[Laid]:
    """What lies there about the time of a frame (row), in the ground frame of the camera's pose at it."""
    return list(_laid(log, frame))


def _laid(log: ObservationLog, frame: int) -> Iterator[Laid]:
    table, frames = log.markings, log.frames
    time_s, pose = frames.time_s[frame], (frames.x_m[frame], frames.y_m[frame], frames.heading_rad[frame])
    for row in np.flatnonzero((table.first_s - SHOWN_S <= time_s) & (time_s <= table.last_s + SHOWN_S)).tolist():
        x, y = np.array([table.x1_m[row], table.x2_m[row]]), np.array([table.y1_m[row], table.y2_m[row]])
        start, end = np.stack(from_local_frame(*pose, x, y), axis=1)
        axis = (end - start) / max(float(np.hypot(*(end - start))), 1e-6)
        half = 0.5 * float(table.width_m[row]) * np.array([-axis[1], axis[0]])
        corners = np.stack([start - half, end - half, end + half, start + half])
        yield Laid(str(table.kind[row]), float(table.confidence[row]), corners)


def draw_markings(picture: Picture, markings: list[Laid], camera: GroundCamera, scale: float) -> None:
    """Half transparent, in place; not those that reach behind the camera. `scale`: drawn pixels per native pixel."""
    filled = picture.copy()
    shown = []
    for marking in markings:
        pixels = np.stack(camera.to_image(marking.corners[:, 0], marking.corners[:, 1]), axis=1) * scale
        if np.isfinite(pixels).all():
            shown.append((marking, np.clip(pixels, -FARTHEST_PX, FARTHEST_PX).round().astype(np.int32)))
    for marking, corners in shown:
        cv2.fillPoly(filled, [corners], COLOURS[marking.kind], cv2.LINE_AA)
    cv2.addWeighted(filled, OPACITY, picture, 1 - OPACITY, 0, dst=picture)
    for marking, corners in shown:
        cv2.polylines(picture, [corners], True, COLOURS[marking.kind], 1, cv2.LINE_AA)
        left, top = corners[np.argmax(corners[:, 1])].tolist()
        words = f"{marking.kind.replace('_', ' ')} {marking.confidence:.2f}"
        label(picture, words, (int(np.clip(left, 0, picture.shape[1] - 1)), top + 2), LETTERS, COLOURS[marking.kind])


def draw_from_above(picture: Picture, markings: list[Laid], panel: Panel) -> None:
    """In place."""
    for marking in markings:
        corners = np.array([panel.pixel(*corner) for corner in marking.corners.tolist()], np.int32)
        cv2.polylines(picture, [corners.reshape(-1, 1, 2)], True, COLOURS[marking.kind], 1, cv2.LINE_AA)
