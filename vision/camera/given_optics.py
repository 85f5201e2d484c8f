"""What is known of a camera's optics before its footage is looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from vision.lens import Lens
from vision.log import PITCH_STD, SCALE_STD, GroundCamera

_NUMBERS: Final = ("focal_px", "centre_x", "horizon_y", "height_m")


@dataclass(frozen=True, slots=True)
class GivenOptics:
    """Numbers of a `GroundCamera` that somebody measured; of each that is None the footage is asked.

    Attributes:
        source: where they come from, e.g. "site file".
        lens: goes with `focal_px`, without which it means nothing; None there is a level pinhole.
        scale_std, pitch_std: of focal length times height where both are given, and of a given horizon.
    """

    source: str
    focal_px: float | None = None
    centre_x: float | None = None
    horizon_y: float | None = None
    height_m: float | None = None
    lens: Lens | None = None
    scale_std: float = SCALE_STD
    pitch_std: float = PITCH_STD

    @property
    def complete(self) -> bool:
        """Whether nothing is left to be found; the axis is in the middle of the picture where nobody says otherwise."""
        return None not in (self.focal_px, self.horizon_y, self.height_m)

    def over(self, camera: GroundCamera) -> GroundCamera:
        """`camera` with the given numbers in place of its own. Done twice it is the same."""
        numbers: dict[str, Any] = {name: getattr(self, name) for name in _NUMBERS}
        numbers = {name: value for name, value in numbers.items() if value is not None}
        if not numbers:
            return camera
        if self.focal_px is not None:
            numbers["lens"] = self.lens
        if self.focal_px is not None and self.height_m is not None:
            numbers["scale_std"] = self.scale_std
        if self.horizon_y is not None:
            numbers["pitch_std"] = self.pitch_std
        return replace(camera, **numbers, sources=self._sources(camera.sources))

    def _sources(self, found: tuple[str, ...]) -> tuple[str, ...]:
        return (self.source,) if self.complete else (self.source, *(each for each in found if each != self.source))


NOTHING_GIVEN: Final = GivenOptics("nothing")
