"""What a rule is, and what it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pipelines.incident import Finding, Kind
from pipelines.region import Region
from pipelines.site import Site, SiteCamera
from vision.log import GroundCamera, ObservationLog


@dataclass(frozen=True, slots=True)
class Scene:
    """One camera's log with what is known of the place. `camera`: the site's entry for this video, if any."""

    log: ObservationLog
    site: Site | None = None
    region: Region | None = None

    @property
    def camera(self) -> SiteCamera | None:
        return None if self.site is None else self.site.camera_for(self.log.meta.files[0].name)

    @property
    def optics(self) -> GroundCamera:
        given = None if self.camera is None else self.camera.ground_camera
        return given or self.log.meta.ground_camera

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
