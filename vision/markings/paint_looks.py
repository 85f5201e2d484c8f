"""When the road is looked at for paint, and through which view."""

from __future__ import annotations

from typing import Final

import numpy as np

from vision.footage.video import Frame
from vision.log import GroundCamera
from vision.look import due
from vision.markings.paint import PaintLook, RoadView, painted_bars, road_view
from vision.overlap import Boxes

# A look costs 2 to 5 ms. A stop line is told from the road on some 8 m: at 20 km/h it is seen three times, at 40 km/h
# once or twice.
DRIVING_HZ: Final = 2.0
STANDING_HZ: Final = 0.5  # what stands before the paint moves on


class PaintLooks:
    """Looks at the frames it is shown, as often as paint may have come into view."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._camera: GroundCamera | None = None
        self._view: RoadView | None = None
        self._last_s = -np.inf

    def look(self, frame: Frame, row: int, camera: GroundCamera, resting: bool, hidden: Boxes) -> PaintLook | None:
        """None when it is not time, or where no road is seen.

        Args:
            row: of the frame among those that are looked at. camera: a likely one. resting: it does not travel.
            hidden: native boxes of what stands on the road.
        """
        if not due(frame.pts, self._last_s, STANDING_HZ if resting else DRIVING_HZ):
            return None
        self._last_s = frame.pts
        if camera != self._camera:
            self._camera, self._view = camera, road_view(camera, *self._size)
        if self._view is None:
            return None
        gray = frame.gray(size=self._view.size, window=self._view.window)
        return PaintLook(row, painted_bars(gray, self._view, hidden), hidden)
