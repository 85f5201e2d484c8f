"""A simulated drive as `vision.perceive` would have seen it, and its exact truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import VEHICLES, class_ids
from pipelines.evaluation.drive_truth import DriveTruth, VehicleSight
from pipelines.evaluation.ground import FARTHEST_M
from pipelines.evaluation.rest import LEAST_S
from pipelines.simulate.drive_appearance import Appearances
from pipelines.simulate.drive_flow import flow_step
from pipelines.simulate.drive_noise import Found, SeenByNetwork
from pipelines.simulate.drive_sight import View, view
from pipelines.simulate.drive_world import World, stood
from vision.appearance.descriptors import SMALLEST_PX, Descriptors
from vision.camera.pinhole import default_camera
from vision.look import Look, LookSettings
from vision.motion.egomotion import step_motion
from vision.perceive import Perceived
from vision.watch import Glance, Watch, likely

VEHICLE_IDS: Final = class_ids(VEHICLES)
LEAST_SHARE: Final = 0.4  # of a vehicle that nothing hides, for it to be labelled


@dataclass(frozen=True, slots=True)
class SimulatedDrive:
    """`seen`: what is perceived of it. `truth`: what was there, vehicles up to `FARTHEST_M` away."""

    world: World
    seen: Perceived
    truth: DriveTruth


def simulated_drive(world: World, thresholds: NDArray[np.float32], settings: LookSettings) -> SimulatedDrive:
    """`thresholds`: by class, lowest confidences that the product reports."""
    views = [view(world, row) for row in range(len(world.time_s))]
    return SimulatedDrive(world, _perceived(world, views, thresholds, settings), truth_of(world, views))


def _perceived(world: World, views: list[View], thresholds: NDArray[np.float32], settings: LookSettings) -> Perceived:
    settings = replace(settings, light_search_hz=0.0)  # the street has no signal heads
    size = (world.optics.width, world.optics.height)
    camera = default_camera(*size, "moving")
    network = SeenByNetwork(len(world.things), np.random.default_rng((world.seed, 1)))
    rng = np.random.default_rng((world.seed, 3))
    class_id = np.array([thing.class_id for thing in world.things], np.intp)
    appearances = Appearances(class_id, np.random.default_rng((world.seed, 4)))
    described: list[Descriptors] = []
    watch = Watch()
    for before, now in zip([None, *views[:-1]], views, strict=True):
        if before is not None:
            step = flow_step(world, before, now, watch.masked(size[1]), rng)
            watch.moved(step, step_motion(step, camera, size[0]))
        now_s = float(world.time_s[now.row])
        network.advance(now_s)
        appearances.advance(now_s)
        glances = []
        for look in watch.planned(now_s, size, camera, False, settings):
            found = network.found(look, now.thing, class_id[now.thing], now.boxes, now.share, size)
            glances.append(Glance(now.row, look, found.detections))
            if look.kind == "wide":
                described.append(_described(found, now, look, appearances, thresholds))
        watch.saw(now_s, glances, thresholds, settings)
    time_s, end = world.time_s, float(world.time_s[-1])
    looks = Descriptors.concatenate(described)
    return Perceived(*size, time_s, tuple(watch.glances), watch.steps, tuple(watch.motions), 0.0, end, None, looks)


def _described(
    found: Found, now: View, look: Look, appearances: Appearances, thresholds: NDArray[np.float32]
) -> Descriptors:
    """What the detections of a wide look look like, those that are likely and large enough."""
    seen = found.detections
    small = (seen.boxes[:, 2:] - seen.boxes[:, :2]) / look.scale
    rows = np.flatnonzero(likely(seen, thresholds) & (small >= SMALLEST_PX).all(axis=1))
    boxes, scale = seen.boxes[rows], now.mask.shape[1] / (look.window[2] - look.window[0])
    vectors = appearances.described(found.thing[rows], boxes * scale, now.mask, small[rows, 1])
    return Descriptors(np.full(len(boxes), now.row, np.int32), boxes, vectors)


def truth_of(world: World, views: list[View]) -> DriveTruth:
    """Vehicles that are near, mostly visible, and so for a second or longer.

    One that leaves the picture and comes back is another subject: identities are to be kept as long as a thing is
    inside the field of view, hidden or not (annotation rules of Milan et al., "MOT16", 2016).
    """
    near: dict[tuple[int, int], list[VehicleSight]] = {}
    visits: dict[int, int] = {}
    for before, each in zip([None, *views[:-1]], views, strict=True):
        for index in set(each.inside.tolist()) - set([] if before is None else before.inside.tolist()):
            visits[index] = visits.get(index, 0) + 1
        for row, index in enumerate(each.thing.tolist()):
            if world.things[index].class_id in VEHICLE_IDS and each.share[row] >= LEAST_SHARE:
                sight = _sight(world, each, row, visits[index])
                if sight.forward_m > 0 and np.hypot(*sight.foot) <= FARTHEST_M:
                    near.setdefault((index, visits[index]), []).append(sight)
    step = float(np.median(np.diff(world.time_s)))
    kept = [_labelled(world, index, sights) for (index, _), sights in near.items() if len(sights) * step >= LEAST_S]
    vehicles = sorted((sight for sights in kept for sight in sights), key=lambda sight: sight.time_s)
    name = f"simulated-{world.seed}"
    return DriveTruth(name, Path(f"{name}.mp4"), tuple(vehicles), world.time_s, world.ego.speed)


def _sight(world: World, now: View, row: int, visit: int) -> VehicleSight:
    length, width = world.things[now.thing[row]].size_m
    x1, y1, x2, y2 = now.boxes[row].tolist()
    return VehicleSight(
        f"{now.thing[row]}.{visit}",
        float(world.time_s[now.row]),
        (x1, y1, x2, y2),
        float(now.forward_m[row]),
        float(now.left_m[row]),
        length,
        width,
        float(now.yaw_rad[row]),
        bool(now.whole[row]),
        None,
        float("nan"),
    )


def _labelled(world: World, index: int, sights: list[VehicleSight]) -> list[VehicleSight]:
    """The same with what is known of a vehicle over all the time it is seen."""
    rows = np.searchsorted(world.time_s, [sight.time_s for sight in sights])
    thing = world.things[index]
    still = stood(thing, rows)
    speed = np.gradient(thing.moved_m, world.time_s)[rows]
    return [replace(sight, stood=still, speed_mps=float(np.median(speed))) for sight in sights]
