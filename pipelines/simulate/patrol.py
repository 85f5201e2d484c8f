"""Renders the demo patrol: two videos, fixes, site and region files, places, and what was planted."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from models.errors import BadUse
from pipelines.simulate import demo_plan as plan
from pipelines.simulate.demo_truth import VideoStart, demo_truth
from pipelines.simulate.filming import HEIGHT, WIDTH, film
from pipelines.simulate.georeference import MapArea, MapFrame, gps_error, write_areas, write_gpx
from pipelines.simulate.site_sketch import site_text
from pipelines.simulate.training_frames import RESERVED_SEEDS
from pipelines.simulate.truth import write_truth

DEMO_SEED = 900_001
ZONE = "Asia/Shanghai"
# A street that does not exist, laid over the water of Lake Taihu so that nobody takes it for a real one.
FRAME = MapFrame(lon=120.1300, lat=31.2300, bearing=np.radians(64.0))
PATROL_START = datetime(2026, 9, 14, 0, 30, 0, tzinfo=UTC)
JUNCTION_START = datetime(2026, 9, 14, 0, 52, 0, tzinfo=UTC)
GPS_STD_M, GPS_HDOP = 2.2, 0.7
# Raised when what is rendered changes, so that an older rendering is not taken for this one.
VERSION = 2
_STAMP = "rendered.txt"


@dataclass(frozen=True, slots=True)
class RenderedPatrol:
    """`videos`: folders to scan. `fresh`: rendered by this call, not found ready."""

    folder: Path
    videos: tuple[Path, ...]
    region: Path
    places: Path
    truth: Path
    fresh: bool


def _name(start: datetime) -> str:
    """As dashcams write it: local time."""
    return (start + timedelta(hours=8)).strftime("%Y%m%d_%H%M%S")


def render_patrol(folder: Path, seed: int = DEMO_SEED) -> RenderedPatrol:
    """Renders into `folder`, or reuses what lies there if it was rendered with the same seed and version.

    Raises:
        BadUse: a seed outside `RESERVED_SEEDS`, which training could have seen.
        MissingExtra: Panda3D is not installed.
    """
    if seed not in RESERVED_SEEDS:
        raise BadUse(f"demo seed {seed} is not reserved", advice=f"take one of {RESERVED_SEEDS.start} and up")
    stamp = f"version {VERSION}, seed {seed}\n"
    mark = folder / _STAMP
    fresh = not (mark.is_file() and mark.read_text() == stamp)
    if fresh:
        _render(folder, seed)
        mark.write_text(stamp)
    return RenderedPatrol(
        folder,
        (folder / "patrol", folder / "junction"),
        folder / "region.geojson",
        folder / "places.geojson",
        folder / "truth.json",
        fresh,
    )


def _render(folder: Path, seed: int) -> None:
    (folder / _STAMP).unlink(missing_ok=True)
    for name in ("patrol", "junction"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    workers = min(2, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_film_patrol, folder, seed), pool.submit(_film_junction, folder, seed)]
        _write_sidecars(folder, seed)
        for job in jobs:
            job.result()


def _film_patrol(folder: Path, seed: int) -> None:
    film(plan.patrol_scenario(), folder / "patrol" / f"{_name(PATROL_START)}.mp4", seed, PATROL_START)


def _film_junction(folder: Path, seed: int) -> None:
    film(plan.junction_scenario(), folder / "junction" / f"{_name(JUNCTION_START)}.mp4", seed, JUNCTION_START)


def _write_sidecars(folder: Path, seed: int) -> None:
    rng = np.random.default_rng((seed, 4))
    seconds = int(plan.PATROL_S) + 2
    poses = [plan.patrol_scenario().camera(float(second)) for second in range(seconds)]
    positions = np.array([(pose.x, pose.y) for pose in poses])
    gpx = folder / "patrol" / f"{_name(PATROL_START)}.gpx"
    write_gpx(gpx, FRAME, positions, PATROL_START, gps_error(rng, seconds, GPS_STD_M), GPS_HDOP)
    camera = FRAME.point(plan.JUNCTION_CAMERA.x, plan.JUNCTION_CAMERA.y)
    (folder / "junction" / "site.toml").write_text(site_text(camera, ZONE, WIDTH, HEIGHT), encoding="utf-8")
    write_areas(folder / "region.geojson", FRAME, _areas())
    places = [MapArea(box, (("id", key), ("name", name), ("level", "street"))) for key, name, box in plan.PLACES]
    write_areas(folder / "places.geojson", FRAME, places)
    starts = (
        VideoStart(f"{_name(PATROL_START)}.mp4", PATROL_START),
        VideoStart(f"{_name(JUNCTION_START)}.mp4", JUNCTION_START),
    )
    write_truth(demo_truth(seed, FRAME, *starts), folder / "truth.json")


def _areas() -> tuple[MapArea, ...]:
    source = "invented for the demo"
    return (
        MapArea(plan.NO_PARKING_WEST, (("kind", "no_parking"), ("name", "Mill Street 12-30"), ("source", source))),
        MapArea(
            plan.NO_STOPPING_JUNCTION, (("kind", "no_stopping"), ("name", "Mill Street junction"), ("source", source))
        ),
        MapArea(plan.NO_PARKING_EAST, (("kind", "no_parking"), ("name", "Mill Street 61-75"), ("source", source))),
    )
