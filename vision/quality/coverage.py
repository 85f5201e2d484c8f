"""Which ground was seen, from where, how far and how well: one row per stretch of the camera's way.

What a stretch showed is a fan on the ground: from the picture's lower edge to where a thing gets too small to be found,
cut off in each direction by the road users that stood in front. Tables are compact; `seen_ground` makes the outline.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import ROAD_USERS, class_ids
from vision.log import Floats, FrameTable, LogMeta, ObservationTable
from vision.look import LookSettings, View, wide_look
from vision.motion.egomotion import to_local_frame
from vision.tables.coverage import SECTORS, CoverageTable

Sought = Literal["litter", "vehicle"]

STRETCH_M: Final = 10.0
STRETCH_S: Final = 10.0  # of a camera that stands or whose way is not known
GAP_S: Final = 1.0  # frames further apart show nothing between them
LITTER_M, VEHICLE_M = 0.3, 1.5  # sizes that are to be seen: a bag or carton; a car's height
# What the network finds (model card, `LookSettings.road_enlarge`): litter of 15 native pixels, enlarged by a road look,
# and road users of 20 pixels in a wide look.
LITTER_PX: Final = 15.0
VEHICLE_PX: Final = 20.0
EDGE_PX: Final = 3.0
USERS: Final = tuple(class_ids(ROAD_USERS))


def coverage_table(
    meta: LogMeta, frames: FrameTable, seen: ObservationTable, quality: Floats, look: LookSettings
) -> CoverageTable:
    """The stretches of a log. `quality`: (frames,) 0..1 of each frame, NaN unknown. Pure."""
    if not len(frames.time_s):
        return CoverageTable.empty()
    first = _starts(frames)
    last = np.append(first[1:], len(frames.time_s)) - 1
    lasted = _lasted(frames)
    litter, vehicle = reach_m(meta, look)
    free = np.minimum(_free(meta, seen, len(frames.time_s)), vehicle)
    middle = (first + last) // 2
    count = (last - first + 1).astype(float)
    return CoverageTable(
        frames.time_s[first],
        frames.time_s[last] + lasted[last],
        frames.x_m[middle],
        frames.y_m[middle],
        frames.heading_rad[middle],
        np.add.reduceat(frames.speed_mps * lasted, first).astype(np.float32),
        frames.standing[first],
        (np.add.reduceat(quality, first) / count).astype(np.float32),
        np.full(len(first), litter, np.float32),
        np.full(len(first), vehicle, np.float32),
        np.array([np.median(free[a : b + 1], axis=0) for a, b in zip(first, last, strict=True)], np.float32),
    )


def reach_m(meta: LogMeta, look: LookSettings) -> tuple[float, float]:
    """Metres ahead to which litter and vehicles are large enough; road looks from a car end at `look.far_m`."""
    camera, fixed = meta.ground_camera, meta.mounting == "fixed"
    view = View(meta.width, meta.height, camera, np.nan, fixed, fixed)
    litter = camera.focal_px * LITTER_M / LITTER_PX
    vehicle = camera.focal_px * VEHICLE_M / (VEHICLE_PX * wide_look(view, look).scale[1])
    return (litter if fixed else min(litter, look.far_m)), vehicle


def near_m(meta: LogMeta) -> float:
    """Metres ahead of the nearest ground in the picture; infinite where the picture shows none."""
    forward, _ = meta.ground_camera.to_ground(np.array([meta.width / 2]), np.array([float(meta.height)]))
    return float(np.nan_to_num(forward[0], nan=np.inf))


def seen_ground(table: CoverageTable, row: int, meta: LogMeta, sought: Sought) -> Floats:
    """(N, 2) forward, left in metres: outline of the ground on which `sought` was seen at once, from a stretch's middle
    pose. Empty where there was none.
    """
    limit = table.litter_m[row] if sought == "litter" else table.vehicle_m[row]
    near, far = near_m(meta), np.minimum(table.free_m[row], limit).astype(float)
    if not (far > near).any():
        return np.zeros((0, 2))
    far = np.repeat(np.maximum(far, near), 2)
    edges = _edge_slopes(meta)
    sides = np.concatenate([edges[:1], np.repeat(edges[1:-1], 2), edges[-1:]])
    ahead = np.stack([far, sides * far], axis=1)
    behind = np.stack([np.full(2, near), sides[[-1, 0]] * near], axis=1)
    return np.concatenate([ahead, behind])


def in_local_frame(table: CoverageTable, row: int, points: Floats) -> Floats:
    """(N, 2) x, y in the local frame of points (forward, left) given from a stretch's middle pose."""
    pose = (table.x_m[row], table.y_m[row], table.heading_rad[row])
    return np.stack(to_local_frame(*pose, points[:, 0], points[:, 1]), axis=1)


def _edge_slopes(meta: LogMeta) -> Floats:
    """(9,) left over forward of the sectors' edges, from left to right; a lens bends them little below the horizon."""
    columns = np.linspace(0.0, meta.width, SECTORS + 1)
    rows = np.full(SECTORS + 1, (max(meta.ground_camera.horizon_y, 0.0) + meta.height) / 2)
    forward, left = meta.ground_camera.to_ground(columns, rows)
    pinhole = (meta.ground_camera.centre_x - columns) / meta.ground_camera.focal_px
    return np.where(forward > 0, left / forward, pinhole)


def _lasted(frames: FrameTable) -> Floats:
    """(N,) seconds for which each frame stands: until the next one, where that goes on with it."""
    step = np.diff(frames.time_s)
    usual = float(np.median(step)) if len(step) else 0.0
    goes_on = (step <= GAP_S) & ~frames.cut[1:]
    return np.append(np.where(goes_on, step, np.minimum(step, usual)), usual)


def _starts(frames: FrameTable) -> NDArray[np.intp]:
    """First frames of the stretches."""
    times, step = frames.time_s, _lasted(frames)
    way = np.cumsum(np.nan_to_num(frames.speed_mps) * step)
    known = np.isfinite(frames.speed_mps) & ~frames.standing
    new = frames.cut | (np.diff(times, prepend=times[0]) > GAP_S)
    new[1:] |= (known[1:] != known[:-1]) | (frames.standing[1:] != frames.standing[:-1])
    starts, start = [], 0
    for row in range(len(times)):
        by_way = known[row] and way[row] - way[start] >= STRETCH_M
        if row == 0 or new[row] or by_way or times[row] - times[start] >= STRETCH_S:
            starts.append(row)
            start = row
    return np.array(starts)


def _free(meta: LogMeta, seen: ObservationTable, frames: int) -> Floats:
    """(frames, SECTORS) metres ahead to the nearest road user that hides the ground behind it; infinite without."""
    free = np.full((frames, SECTORS), np.inf)
    boxes = seen.boxes.astype(float)
    cut = boxes[:, 3] > meta.height - EDGE_PX  # its foot is nearer than the picture's lower edge
    distance = np.where(cut, near_m(meta), seen.forward_m)
    # From a pole one looks over cars; what ends above the horizon hides all that is behind it.
    _, vehicle_row = meta.ground_camera.to_image(np.array([100.0]), np.array([0.0]))
    hides = np.isin(seen.class_id, USERS) & np.isfinite(distance) & (boxes[:, 1] <= vehicle_row[0])
    for sector in range(SECTORS):
        column = (sector + 0.5) * meta.width / SECTORS
        rows = np.flatnonzero(hides & (boxes[:, 0] <= column) & (column <= boxes[:, 2]))
        np.minimum.at(free[:, sector], seen.frame[rows], distance[rows])
    return free
