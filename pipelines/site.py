"""What the law says about a camera's view: stop lines, governing lights, no-parking areas. docs/site-files.md.

A site file is TOML; pixels are native pixels of the video, so it holds for a camera that does not move.
"""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import available_timezones

import numpy as np
import opening_hours
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, TypeAdapter, ValidationError

from pipelines.errors import SiteError
from pipelines.incident import Location
from vision.camera.given_optics import NOTHING_GIVEN, GivenOptics
from vision.gps.datum import to_wgs84
from vision.gps.track import Datum
from vision.lens import Lens, LensModel
from vision.log import PITCH_STD, SCALE_STD, Mounting

Restriction = Literal["no_parking", "no_stopping"]
Point = tuple[float, float]
Seconds = Annotated[float, Field(ge=0)]

SITE_FILE: Final = "site file"  # as the source of what it says
# A short stop is not parking; where stopping itself is forbidden, 10 s are what GA/T 832-2014 needs to show it.
DEFAULT_MAX_STOP_S: dict[Restriction, float] = {"no_parking": 60.0, "no_stopping": 10.0}

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


def _ordered_box(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    if box[2] <= box[0] or box[3] <= box[1]:
        raise ValueError("a box is [left, top, right, bottom] with right > left and bottom > top")
    return box


def _ordered_range(span: tuple[float, float]) -> tuple[float, float]:
    if span[1] <= span[0]:
        raise ValueError("a time range is [from, to] in seconds with to > from")
    return span


def _known_zone(zone: str) -> str:
    if zone not in available_timezones() - {"localtime", "Factory"}:  # which are no place's
        raise ValueError("not an IANA time zone such as Asia/Shanghai")
    return zone


def valid_hours(hours: str) -> str:
    if not opening_hours.validate(hours):
        raise ValueError("not an OSM opening_hours expression such as Mo-Fr 07:30-19:00")
    return hours


Box = Annotated[tuple[float, float, float, float], AfterValidator(_ordered_box)]
Polygon = Annotated[tuple[Point, ...], Field(min_length=3)]
Hours = Annotated[str, AfterValidator(valid_hours)]


@dataclass(frozen=True, slots=True)
class Approach:
    """One direction of traffic into a junction.

    Attributes:
        stop_line: polyline along the middle of the painted line.
        before: a point on the side traffic comes from (`from` in the file).
        signals: where the governing heads appear; all show the same.
        valid: PTS range in which this geometry holds, None: always.
        grace_s: how long the light must have been red for a crossing to count.
        extend_m: how far beside the painted line's ends a crossing still counts.
    """

    __pydantic_config__ = _STRICT

    name: str
    stop_line: Annotated[tuple[Point, ...], Field(min_length=2)]
    before: Annotated[Point, Field(alias="from")]
    signals: tuple[Box, ...] = ()
    valid: Annotated[tuple[float, float], AfterValidator(_ordered_range)] | None = None
    grace_s: Seconds = 0.3
    extend_m: Seconds = 0.0


@dataclass(frozen=True, slots=True)
class NoParking:
    """`max_stop_s`: the longest lawful stop, None for the default of its kind. `hours`: when it holds, in local
    time; None: always. `source`: where the rule comes from, shown to the reviewer.
    """

    __pydantic_config__ = _STRICT

    name: str
    polygon: Polygon
    kind: Restriction = "no_parking"
    max_stop_s: Seconds | None = None
    hours: Hours | None = None
    source: str = SITE_FILE

    @property
    def longest_stop_s(self) -> float:
        return DEFAULT_MAX_STOP_S[self.kind] if self.max_stop_s is None else self.max_stop_s


@dataclass(frozen=True, slots=True)
class Crosswalk:
    __pydantic_config__ = _STRICT

    polygon: Polygon
    name: str = "crosswalk"


@dataclass(frozen=True, slots=True)
class SyncPoint:
    """A manual clock: `utc` was the time at `pts` seconds of `file`."""

    __pydantic_config__ = _STRICT

    file: str
    pts: float
    utc: AwareDatetime


@dataclass(frozen=True, slots=True)
class GroundLens:
    """As `vision.lens.Lens`. `roll_deg`: how far the horizon falls towards the right."""

    __pydantic_config__ = _STRICT

    centre_y: float
    model: LensModel = "pinhole"
    distortion: Annotated[tuple[float, ...], Field(max_length=5)] = ()
    roll_deg: Annotated[float, Field(gt=-45, lt=45)] = 0.0

    def __post_init__(self) -> None:
        self.lens()  # whose complaint is the reader's, too

    def lens(self) -> Lens:
        return Lens(self.model, self.distortion, self.centre_y, math.radians(self.roll_deg))


@dataclass(frozen=True, slots=True)
class Ground:
    """As `vision.camera.given_optics.GivenOptics`, whose uncertainties hold where none are given."""

    __pydantic_config__ = _STRICT

    focal_px: Annotated[float, Field(gt=0)] | None = None
    centre_x: float | None = None
    horizon_y: float | None = None
    height_m: Annotated[float, Field(gt=0)] | None = None
    lens: GroundLens | None = None
    scale_std: Annotated[float, Field(gt=0, lt=1)] | None = None
    pitch_std_deg: Annotated[float, Field(gt=0, lt=45)] | None = None

    def __post_init__(self) -> None:
        needs = {"lens": ("focal_px",), "scale_std": ("focal_px", "height_m"), "pitch_std_deg": ("horizon_y",)}
        for key, needed in needs.items():
            missing = [each for each in needed if getattr(self, each) is None]
            if getattr(self, key) is not None and missing:
                raise ValueError(f"{key} says nothing without {' and '.join(missing)}")


@dataclass(frozen=True, slots=True)
class SiteCamera:
    """`files`: globs over file names; `ground`: what is known of the optics, the rest is estimated."""

    __pydantic_config__ = _STRICT

    name: str
    files: tuple[str, ...] = ("*",)
    mounting: Mounting | None = None
    ground: Ground | None = None
    sync: tuple[SyncPoint, ...] = ()
    approach: tuple[Approach, ...] = ()
    no_parking: tuple[NoParking, ...] = ()
    crosswalk: tuple[Crosswalk, ...] = ()

    @property
    def no_parking_areas(self) -> tuple[NoParking, ...]:
        """Crosswalks are some, too."""
        return (*self.no_parking, *(NoParking(c.name, c.polygon, source="crosswalk") for c in self.crosswalk))

    @property
    def optics(self) -> GivenOptics:
        g = self.ground
        if g is None:
            return NOTHING_GIVEN
        return GivenOptics(
            SITE_FILE,
            g.focal_px,
            g.centre_x,
            g.horizon_y,
            g.height_m,
            None if g.lens is None else g.lens.lens(),
            SCALE_STD if g.scale_std is None else g.scale_std,
            PITCH_STD if g.pitch_std_deg is None else math.radians(g.pitch_std_deg),
        )

    def sync_of(self, file_name: str) -> tuple[tuple[float, datetime], ...]:
        """Manual clock points (PTS, UTC) of a file."""
        return tuple((point.pts, point.utc) for point in self.sync if point.file == file_name)


@dataclass(frozen=True, slots=True)
class _Place:
    __pydantic_config__ = _STRICT

    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    accuracy_m: Annotated[float, Field(gt=0)] = 10.0


@dataclass(frozen=True, slots=True)
class _Head:
    __pydantic_config__ = _STRICT

    name: str
    zone: Annotated[str, AfterValidator(_known_zone)] | None = None
    location: _Place | None = None
    datum: Datum = "wgs84"
    place: str | None = None


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = _STRICT

    site: _Head
    camera: tuple[SiteCamera, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """`location`: WGS 84, converted from the file's datum. `place`: a name used where there is no location."""

    name: str
    zone: str | None
    location: Location | None
    place: str | None
    cameras: tuple[SiteCamera, ...]

    def camera_for(self, file_name: str) -> SiteCamera | None:
        """The first camera whose globs match a video's file name."""
        matching = (c for c in self.cameras if any(fnmatchcase(Path(file_name).name, glob) for glob in c.files))
        return next(matching, None)


_SCHEMA = TypeAdapter(_File)


def load_site(path: Path) -> Site:
    """Raises `SiteError` naming the key that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
        file = _SCHEMA.validate_python(tomllib.loads(text))
    except (OSError, UnicodeDecodeError) as error:
        raise SiteError(f"{path}: cannot be read: {error}", advice="give the path of a UTF-8 TOML file") from error
    except tomllib.TOMLDecodeError as error:
        raise SiteError(f"{path}: not valid TOML: {error}", advice="see docs/site-files.md for an example") from error
    except ValidationError as error:
        raise SiteError(f"{path}: {_in_toml(error)}", advice="see docs/site-files.md for this key") from error
    return Site(file.site.name, file.site.zone, _location(file.site), file.site.place, file.camera)


def find_site(video: Path) -> Path | None:
    """The site file that belongs to a video: `<stem>.site.toml` beside it, else the folder's `site.toml`."""
    candidates = (video.with_name(f"{video.stem}.site.toml"), video.with_name("site.toml"))
    return next((path for path in candidates if path.is_file()), None)


def first_problem(error: ValidationError) -> str:
    """`camera.0.approach.0.stop_line: what is wrong` of the first of pydantic's findings."""
    problem = error.errors()[0]
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{key}: unknown key"
    return f"{key}: {problem['msg'].removeprefix('Value error, ')}"


def _in_toml(error: ValidationError) -> str:
    """The first problem as who writes TOML can mend it."""
    problem = error.errors()[0]
    if problem["type"] != "tuple_type":
        return first_problem(error)
    names = [str(part) for part in problem["loc"] if isinstance(part, str)]
    key, given = ".".join(str(part) for part in problem["loc"]), problem["input"]
    if isinstance(given, dict):
        return f"{key}: there may be several, write [[{'.'.join(names)}]]"
    return f"{key}: write a list{f': [{json.dumps(given, ensure_ascii=False)}]' if isinstance(given, str) else ''}"


def _location(head: _Head) -> Location | None:
    if head.location is None:
        return None
    lon, lat = to_wgs84(np.array(head.location.lon), np.array(head.location.lat), head.datum)
    return Location(float(lon), float(lat), head.location.accuracy_m)
