"""Labels of drives whose truth was measured with lidar and inertial navigation: vehicles, and the camera's speed."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from pipelines.errors import TruthError
from pipelines.evaluation.follow import SAME_TIME_S
from pipelines.evaluation.tables import ADVICE, BOX_COLUMNS, Box, Row, read_rows
from pipelines.site import first_problem
from vision.camera.given_optics import NOTHING_GIVEN, GivenOptics
from vision.log import Floats

GAP_S: Final = 0.25  # of labels between which a vehicle went straight on
CAMERA_FILE: Final = "camera file"  # as the source of what it says
VEHICLE_CLASSES: Final = frozenset({"Car", "Van", "Truck"})
_OBJECT_COLUMNS: Final = (
    "pts_s", "track_id", "class", *BOX_COLUMNS, "x_forward_m", "y_left_m", "at_rest", "truncated", "length_m",
    "width_m", "yaw_rel_rad", "track_speed_mps",
)  # fmt: skip


Positive = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, slots=True)
class _CameraFile:
    """A camera.json: focal length and column of the optical axis in native pixels, height above the road in metres."""

    __pydantic_config__ = ConfigDict(allow_inf_nan=False)

    fx: Positive
    cx: float
    camera_height_m: Positive


_CAMERA_SCHEMA: Final = TypeAdapter(_CameraFile)


@dataclass(frozen=True, slots=True)
class VehicleSight:
    """One labelled vehicle in one frame.

    Attributes:
        forward_m, left_m: middle of its footprint, ground frame. yaw_rad: against the camera's axis, to the left.
        whole: not cut off by the picture's edge.
        stood: all the while it was labelled; None where the label does not say.
        speed_mps: median of its track, NaN unknown.
    """

    subject: str
    time_s: float
    box: Box
    forward_m: float
    left_m: float
    length_m: float
    width_m: float
    yaw_rad: float
    whole: bool
    stood: bool | None
    speed_mps: float

    @property
    def foot(self) -> tuple[float, float]:
        """The road point (forward, left) below the middle of a perfect box's lower edge: as near as the nearest corner
        of the footprint, in the middle of the angle that the footprint fills.
        """
        along = np.array([0.5, 0.5, -0.5, -0.5]) * self.length_m
        across = np.array([0.5, -0.5, 0.5, -0.5]) * self.width_m
        forward = self.forward_m + along * np.cos(self.yaw_rad) - across * np.sin(self.yaw_rad)
        left = self.left_m + along * np.sin(self.yaw_rad) + across * np.cos(self.yaw_rad)
        slopes = left / np.maximum(forward, 0.1)
        return float(forward.min()), float(forward.min() * (slopes.min() + slopes.max()) / 2)


@dataclass(frozen=True, slots=True)
class DriveTruth:
    """`ego_s`, `ego_mps`: (N,) container PTS and speed of the camera. `vehicles`: in order of time. `optics`: as far as
    they were measured.
    """

    name: str
    video: Path
    vehicles: tuple[VehicleSight, ...]
    ego_s: Floats
    ego_mps: Floats
    optics: GivenOptics = NOTHING_GIVEN

    def at(self, times: Floats) -> tuple[VehicleSight, ...]:
        """Where the vehicles were at (N,) increasing times, as far as labels tell: not all frames are labelled, and the
        log looks at every second one.
        """
        paths: dict[str, list[VehicleSight]] = defaultdict(list)
        for sight in self.vehicles:
            paths[sight.subject].append(sight)
        found = (_at(path, float(time_s)) for path in paths.values() for time_s in times)
        return tuple(sorted((each for each in found if each is not None), key=lambda each: each.time_s))

    @property
    def stood(self) -> dict[str, bool]:
        """Of each vehicle of which it is known."""
        return {sight.subject: sight.stood for sight in self.vehicles if sight.stood is not None}


def _at(path: list[VehicleSight], time_s: float) -> VehicleSight | None:
    """`path`: of one vehicle, in order of time. In a straight line between neighbouring labels."""
    after = bisect_left(path, time_s, key=lambda sight: sight.time_s)
    around = path[max(after - 1, 0) : after + 1]
    nearest = min(around, key=lambda sight: abs(sight.time_s - time_s))
    if abs(nearest.time_s - time_s) <= SAME_TIME_S:
        return nearest
    if len(around) < 2 or after == 0 or around[1].time_s - around[0].time_s > GAP_S:
        return None
    return _between(around[0], around[1], time_s)


def _between(first: VehicleSight, second: VehicleSight, time_s: float) -> VehicleSight:
    share = (time_s - first.time_s) / (second.time_s - first.time_s)
    x1, y1, x2, y2 = ((1 - share) * a + share * b for a, b in zip(first.box, second.box, strict=True))
    return replace(
        first,
        time_s=time_s,
        box=(x1, y1, x2, y2),
        forward_m=(1 - share) * first.forward_m + share * second.forward_m,
        left_m=(1 - share) * first.left_m + share * second.left_m,
        yaw_rad=(first if share < 0.5 else second).yaw_rad,
        whole=first.whole and second.whole,
    )


def read_drives(folder: Path) -> list[DriveTruth]:
    """The folders that hold an objects.csv. Raises `TruthError` where there is none, or one cannot be used."""
    found = sorted(path.parent for path in folder.glob("*/objects.csv"))
    if not found:
        raise TruthError(f"{folder}: no folder in it holds an objects.csv", advice=ADVICE)
    return [_drive(each) for each in found]


def _drive(folder: Path) -> DriveTruth:
    video = folder / f"{folder.name}.mp4"
    if not video.is_file():
        raise TruthError(f"{folder}: there is no {video.name}", advice="put the video beside its labels")
    rows = [row for row in read_rows(folder / "objects.csv", _OBJECT_COLUMNS) if row.text("class") in VEHICLE_CLASSES]
    ego = read_rows(folder / "ego.csv", ("pts_s", "speed_mps"))
    times, speeds = ([row.given(column) for row in ego] for column in ("pts_s", "speed_mps"))
    vehicles = sorted((_vehicle(row) for row in rows), key=lambda sight: sight.time_s)
    optics = _optics(folder / "camera.json")
    return DriveTruth(folder.name, video, tuple(vehicles), np.array(times), np.array(speeds), optics)


def _optics(path: Path) -> GivenOptics:
    """Without a horizon, which changes with load and road: where the axis points says little of it."""
    if not path.exists():
        return NOTHING_GIVEN
    try:
        camera = _CAMERA_SCHEMA.validate_json(path.read_bytes())
    except OSError as error:
        raise TruthError(f"{path}: cannot be read: {error}", advice=ADVICE) from error
    except ValidationError as error:
        raise TruthError(f"{path}: {first_problem(error)}", advice=ADVICE) from error
    return GivenOptics(CAMERA_FILE, focal_px=camera.fx, centre_x=camera.cx, height_m=camera.camera_height_m)


def _vehicle(row: Row) -> VehicleSight:
    stood = row.text("at_rest")
    return VehicleSight(
        subject=row.text("track_id"),
        time_s=row.given("pts_s"),
        box=row.box(),
        forward_m=row.given("x_forward_m"),
        left_m=row.given("y_left_m"),
        length_m=row.given("length_m"),
        width_m=row.given("width_m"),
        yaw_rad=row.given("yaw_rel_rad"),
        whole=row.given("truncated") == 0.0,
        stood=None if stood == "" else stood == "1",
        speed_mps=row.number("track_speed_mps"),
    )
