"""What a real lens does to the picture of a pinhole: straight lines bend, and the horizon may slope.

Only points are ever straightened, where they enter or leave the ground plane; pictures stay as they were filmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LensModel = Literal["pinhole", "fisheye"]

# cv2's own five rounds leave whole pixels at the corners of a wide lens.
_UNTIL: Final = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 60, 1e-9)
_RETURNS_WITHIN: Final = 1e-3  # of the focal length; a point that does not come back was not straightened
_WIDEST_RAD: Final = 1.48  # from the axis (85 degrees): further out a level picture has no place for it


@dataclass(frozen=True, slots=True)
class Lens:
    """A lens with distortion, and a camera that is not quite level from side to side.

    Attributes:
        model: "pinhole" with Brown-Conrady distortion (Brown 1971), good to about 100 degrees across; "fisheye" after
            Kannala & Brandt (PAMI 2006) beyond.
        distortion: as OpenCV counts them; pinhole: k1, k2, p1, p2, k3; fisheye: k1, k2, k3, k4. Missing ones are 0.
        centre_y: row of the optical axis, native pixels.
        roll_rad: how far the horizon falls towards the right.
    """

    model: LensModel
    distortion: tuple[float, ...]
    centre_y: float
    roll_rad: float = 0.0

    def __post_init__(self) -> None:
        if len(self.distortion) > self._most:
            raise ValueError(f"a {self.model} lens has at most {self._most} distortion coefficients")

    @property
    def _most(self) -> int:
        return 5 if self.model == "pinhole" else 4

    @property
    def _bends_nothing(self) -> bool:
        return self.model == "pinhole" and not any(self.distortion)

    def level(self, points: Floats, focal_px: float, centre_x: float, horizon_y: float) -> Floats:
        """Where a level pinhole of this focal length, with its axis at (centre_x, horizon_y), would show the points.

        Args:
            points: (N, 2) native pixels. horizon_y: row of the horizon in the column of the optical axis.

        Returns:
            (N, 2) pixels; NaN where the lens shows nothing, or what lies beside or behind a level camera.
        """
        flat = self._straight((points - (centre_x, self.centre_y)) / focal_px)
        tilt = self._tilt((horizon_y - self.centre_y) / focal_px)
        right, down = (flat @ _turned(self.roll_rad)).T
        ahead = down * np.sin(tilt) + np.cos(tilt)
        ahead = np.where(ahead > 1e-3, ahead, np.nan)
        below = down * np.cos(tilt) - np.sin(tilt)
        return np.stack([centre_x + focal_px * right / ahead, horizon_y + focal_px * below / ahead], axis=1)

    def native(self, points: Floats, focal_px: float, centre_x: float, horizon_y: float) -> Floats:
        """The reverse of `level`."""
        tilt = self._tilt((horizon_y - self.centre_y) / focal_px)
        right, below = ((points - (centre_x, horizon_y)) / focal_px).T
        ahead = np.cos(tilt) - below * np.sin(tilt)
        ahead = np.where(ahead > 1e-3, ahead, np.nan)
        down = below * np.cos(tilt) + np.sin(tilt)
        flat = np.stack([right / ahead, down / ahead], axis=1) @ _turned(self.roll_rad).T
        return np.asarray(self._bent(flat) * focal_px + (centre_x, self.centre_y))

    def _tilt(self, horizon: float) -> float:
        """Angle from the optical axis down to the horizon, which crosses the axis' column at `horizon`."""
        across = self._straight(np.array([[0.0, horizon]]))[0, 1]
        return float(np.arctan(across * np.cos(self.roll_rad)))

    def _straight(self, bent: Floats) -> Floats:
        """(N, 2) from the picture to the plane one focal length ahead, in focal lengths; NaN where that fails."""
        if not len(bent) or self._bends_nothing:
            return bent
        undo = cv2.undistortPoints if self.model == "pinhole" else cv2.fisheye.undistortPoints
        safe = np.nan_to_num(bent)[:, None]
        flat = np.asarray(undo(safe, np.eye(3), self._coefficients(), criteria=_UNTIL), np.float64)[:, 0]
        astray = np.abs(self._bent(flat) - bent).max(axis=1)
        return np.where((astray < _RETURNS_WITHIN)[:, None], flat, np.nan)

    def _bent(self, flat: Floats) -> Floats:
        """The reverse of `_straight`; NaN where the model no longer grows outward."""
        if not len(flat) or self._bends_nothing:
            return flat
        inside = np.hypot(*flat.T) < self._reach()
        rays = np.column_stack([np.nan_to_num(flat), np.ones(len(flat))])[:, None]
        still = np.zeros(3)
        if self.model == "pinhole":
            shown, _ = cv2.projectPoints(rays, still, still, np.eye(3), self._coefficients())
        else:
            shown, _ = cv2.fisheye.projectPoints(rays, still, still, np.eye(3), self._coefficients())
        return np.where(inside[:, None], np.asarray(shown, np.float64)[:, 0], np.nan)

    def _coefficients(self) -> Floats:
        return np.pad(np.array(self.distortion, np.float64), (0, self._most - len(self.distortion)))

    def _reach(self) -> float:
        """How far from the axis, in the plane one focal length ahead, the lens still shows further things further out:
        up to the first zero of the derivative of its radial polynomial.
        """
        known = self._coefficients()
        radial = known[[0, 1, 4]] if self.model == "pinhole" else known
        odd = 2.0 * np.arange(1, len(radial) + 1) + 1.0
        roots = np.roots(np.append((radial * odd)[::-1], 1.0))
        squares = roots.real[(np.abs(roots.imag) < 1e-9) & (roots.real > 0)]
        turning = float(np.sqrt(squares.min())) if len(squares) else np.inf
        widest = np.tan(_WIDEST_RAD)
        return min(turning, widest) if self.model == "pinhole" else float(np.tan(min(turning, _WIDEST_RAD)))


def _turned(angle: float) -> Floats:
    """(2, 2) by which rows of points are multiplied to take the slope `angle` out; its transpose puts it in."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])
