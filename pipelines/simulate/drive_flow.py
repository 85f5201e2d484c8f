"""The optical flow that `vision.motion.flow` would measure in a simulated drive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipelines.simulate.drive_sight import View, camera_pose
from pipelines.simulate.drive_world import World
from pipelines.simulate.mesh import Floats
from pipelines.simulate.stage import project
from vision.motion.flow import GRID, PER_CELL, FlowStep
from vision.overlap import Boxes

# Shares of the picture's width. Corners are located to 0.2-0.3 px of 640 (as `vision.motion.egomotion` takes it); what
# moves farther than the pyramid of `vision.motion.flow` reaches is lost.
CORNER: Final = 0.25 / 640
LOST: Final = 55.0 / 640
ASTRAY: Final = 0.06  # share of points that follow something else: reflections of the bonnet stay where they are
FOUND: Final = 0.7  # share of the texture that is sharp enough to follow
CORNERS_TO_M: Final = (35.0, 110.0)  # of the road and of what stands beside it


@dataclass(frozen=True, slots=True)
class _Points:
    """(N, 2) native pixels, before and after."""

    before: Floats
    after: Floats


def flow_step(world: World, first: View, second: View, masked: Boxes, rng: np.random.Generator) -> FlowStep:
    """Flow between two moments. `masked`: (N, 4) boxes found at the first, in which nothing is followed."""
    size = (world.optics.width, world.optics.height)
    every = [_standing(world, first, second), *_of_things(first, second)]
    before, after = (np.concatenate([getattr(part, name) for part in every]) for name in ("before", "after"))
    keep = _inside(before, size) & _inside(after, size) & (rng.random(len(before)) < FOUND)
    for x1, y1, x2, y2 in masked:
        keep &= ~((before[:, 0] > x1) & (before[:, 0] < x2) & (before[:, 1] > y1) & (before[:, 1] < y2))
    before, after = before[keep], after[keep]
    chosen = _spread(before, size, rng)
    before, after = before[chosen], after[chosen]
    after = after + rng.normal(0, CORNER * size[0], after.shape)
    astray = rng.random(len(after)) < ASTRAY
    relic = rng.random(len(after)) < 0.5
    wrong = np.where(relic[:, None], 0.0, rng.normal(0, 0.01 * size[0], after.shape))
    after = np.where(astray[:, None], before + wrong, after)
    near = np.hypot(*(after - before).T) < LOST * size[0]
    time_s = world.time_s[[first.row, second.row]]
    return FlowStep(
        float(time_s[1]), float(np.diff(time_s)[0]),
        before[near].astype(np.float32), after[near].astype(np.float32), False,
    )  # fmt: skip


def _standing(world: World, first: View, second: View) -> _Points:
    """Corners of the road and of what is built beside it that nothing hides."""
    s, left, above = world.corners.T
    far = np.where(above > 0, CORNERS_TO_M[1], CORNERS_TO_M[0])
    ahead = s - world.ego.s[first.row]
    near = (ahead > 1.0) & (ahead < far)
    points, size = world.road.place(s[near], left[near], above[near]), (world.optics.width, world.optics.height)
    moved = _kept(*(project(points, camera_pose(world, each.row), *size) for each in (first, second)))
    scale = world.optics.width / first.mask.shape[1]
    column, row = (moved.before / scale).astype(int).T
    row, column = row.clip(0, first.mask.shape[0] - 1), column.clip(0, first.mask.shape[1] - 1)
    free = first.mask[row, column] == 0
    return _Points(moved.before[free], moved.after[free])


def _of_things(first: View, second: View) -> list[_Points]:
    """Corners of road users themselves, followed where the detector missed them."""
    shown = [index for index in first.thing.tolist() if index in second.outlines]
    return [_kept(first.outlines[index], second.outlines[index]) for index in shown]


def _kept(before: Floats, after: Floats) -> _Points:
    ahead = (before[:, 2] > 1.0) & (after[:, 2] > 1.0)
    return _Points(before[ahead, :2], after[ahead, :2])


def _inside(points: Floats, size: tuple[int, int]) -> NDArray[np.bool_]:
    return np.asarray((points > 2.0).all(axis=1) & (points < np.array(size) - 2.0).all(axis=1))


def _spread(points: Floats, size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.intp]:
    """At most `PER_CELL` points of each cell of the grid, as `vision.motion.flow` takes them."""
    column, row = (points / size * GRID).astype(int).T
    order = rng.permutation(len(points))
    cell = (row * GRID[0] + column)[order]
    by_cell = np.argsort(cell, kind="stable")
    cell = cell[by_cell]
    place = np.arange(len(cell)) - np.searchsorted(cell, cell, side="left")
    return np.asarray(order[by_cell[place < PER_CELL]], np.intp)
