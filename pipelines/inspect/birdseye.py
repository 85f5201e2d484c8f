"""The same moment from above: the camera at the bottom, what it sees ahead of it, in metres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from models.taxonomy import LIGHTS, LITTER
from pipelines.evidence.draw import STRIP, TEXT, Picture
from pipelines.inspect.replay import Instant, Sight
from pipelines.inspect.style import colour_of, label, stands
from vision.log import GroundCamera

RING_M: Final = 10.0
ARROW_S: Final = 1.0  # an arrow is as long as the way of one second
SLOWEST_MPS: Final = 0.7  # a slower motion is noise of the boxes
OFF_ROAD: Final = LIGHTS | {"licence_plate"}  # what hangs in the air has no place on the ground
DIM: Final = (70, 74, 82)
VIEW: Final = (36, 40, 46)


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture of the road from above, `reach_m` metres ahead; the camera stands in the middle near its lower edge."""

    width: int
    height: int
    reach_m: float

    @property
    def pixels_per_m(self) -> float:
        return 0.92 * self.height / self.reach_m

    def pixel(self, forward: float, left: float) -> tuple[int, int]:
        """Of a point of the ground frame, metres."""
        x = self.width / 2 - left * self.pixels_per_m
        return round(x), round(0.97 * self.height - forward * self.pixels_per_m)


def drawn_panel(panel: Panel, instant: Instant, camera: GroundCamera, picture_width: int) -> Picture:
    """(height, width, 3) RGB. `picture_width`: of the native picture, which bounds the field of view."""
    picture = np.full((panel.height, panel.width, 3), STRIP, np.uint8)
    _draw_view(picture, panel, camera, picture_width)
    placed = [sight for sight in instant.sights if sight.name not in OFF_ROAD and np.isfinite(sight.distance_m)]
    for sight in placed:
        trail = [panel.pixel(*point) for point in sight.trail.tolist()]
        cv2.polylines(picture, [np.array(trail, np.int32).reshape(-1, 1, 2)], False, colour_of(sight), 1, cv2.LINE_AA)
    for sight in placed:
        _draw_thing(picture, panel, sight)
    return picture


def _draw_view(picture: Picture, panel: Panel, camera: GroundCamera, picture_width: int) -> None:
    """Field of view, rings every 10 m, and the camera."""
    far = 2 * panel.reach_m
    edges = [far * camera.centre_x / camera.focal_px, -far * (picture_width - camera.centre_x) / camera.focal_px]
    here = panel.pixel(0.0, 0.0)
    wedge = np.array([here, *(panel.pixel(far, left) for left in edges)], np.int32)
    cv2.fillPoly(picture, [wedge], VIEW, cv2.LINE_AA)
    size = int(np.clip(panel.width / 24, 10, 15))
    for metres in np.arange(RING_M, panel.reach_m + 1e-6, RING_M).tolist():
        cv2.circle(picture, here, round(metres * panel.pixels_per_m), DIM, 1, cv2.LINE_AA)
        label(picture, f"{metres:.0f} m", (here[0] + 2, panel.pixel(metres, 0.0)[1]), size, (150, 154, 160))
    cv2.drawMarker(picture, here, TEXT, cv2.MARKER_TRIANGLE_UP, 14, 2)


def _draw_thing(picture: Picture, panel: Panel, sight: Sight) -> None:
    """A square stands, a disc moves or may move, hollow where it is only carried; litter is a diamond."""
    colour, here = colour_of(sight), panel.pixel(*sight.place.tolist())
    radius = max(3, panel.width // 90)
    width = -1 if sight.fresh else 1
    if sight.name in LITTER:
        cv2.drawMarker(picture, here, colour, cv2.MARKER_DIAMOND, 3 * radius, 2)
    elif stands(sight):
        x, y = here
        cv2.rectangle(picture, (x - radius, y - radius), (x + radius, y + radius), colour, width, cv2.LINE_AA)
    else:
        cv2.circle(picture, here, radius, colour, width, cv2.LINE_AA)
        if np.hypot(*sight.motion) >= SLOWEST_MPS:
            tip = panel.pixel(*(sight.place + ARROW_S * sight.motion).tolist())
            cv2.arrowedLine(picture, here, tip, colour, 1, cv2.LINE_AA, tipLength=0.25)
    if 0 <= here[0] < panel.width and 0 <= here[1] < panel.height:
        size = int(np.clip(panel.width / 28, 9, 13))
        label(picture, str(sight.track), (here[0] + radius + 2, here[1] - size), size, colour)
