"""What a rule is, and what it is given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from pipelines.incident import Finding, Kind
from pipelines.region import Region
from pipelines.rules.vehicles import Vehicle, vehicles_in
from pipelines.site import SITE_FILE, Site, SiteCamera
from vision.camera.given_optics import NOTHING_GIVEN
from vision.camera.vehicle_shapes import calibrated
from vision.log import GroundCamera, ObservationLog


@dataclass(frozen=True)
class Scene:
    """One camera's log with what is known of the place. `camera`: the site's entry for all its files, if any.
    `optics`: the site's, and what it leaves out for a camera that stands told from the cars that pass, else the log's.
    """

    log: ObservationLog
    site: Site | None = None
    region: Region | None = None

    @property
    def camera(self) -> SiteCamera | None:
        return None if self.site is None else self.site.camera_for(self.log.meta.files[0].name)

    @cached_property
    def optics(self) -> GroundCamera:
        given = NOTHING_GIVEN if self.camera is None else self.camera.optics
        seen_through = self.log.meta.ground_camera
        if self.fixed and seen_through.sources != (SITE_FILE,):
            return calibrated(self.log, given)
        return given.over(seen_through)

    @cached_property
    def vehicles(self) -> tuple[Vehicle, ...]:
        """Its motor vehicles and bicycles, in order of first sight."""
        return vehicles_in(self.log, self.optics if self.fixed else None)

    @property
    def fixed(self) -> bool:
        given = None if self.camera is None else self.camera.mounting
        return (given or self.log.meta.mounting) == "fixed"

    @property
    def zone(self) -> str | None:
        return (self.site.zone if self.site else None) or self.log.meta.clock.zone


class Rule(Protocol):
    """Pure: the same scene gives the same findings, in order of time. `version` is recorded with each finding."""

    @property
    def kind(self) -> Kind: ...

    @property
    def version(self) -> int: ...

    def __call__(self, scene: Scene) -> tuple[Finding, ...]: ...
