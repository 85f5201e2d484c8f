"""How the camera moved: yaw from far points, speed from the road's flow or from GPS, and the pose they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats, GroundCamera, Mounting
from vision.motion.flow import FlowStep

# Shares of the picture's width per step. Corners are located to about 0.2 px of 640; a dashcam at 0.5 m/s moves the
# near road by 0.001 in a tenth of a second.
STILL: Final = 0.0006
NO_PARALLAX: Final = 0.0006
NOISE: Final = 0.0018  # corners of a dim or crushed picture dance by as much, but outward no more often than inward
OUTWARD: Final = 3.0  # standard deviations
FIELD_ERROR: Final = 0.04  # relative error of how turning moves points, as focal length and distortion are guessed
RELIC: Final = 0.00025  # writing, bonnet and reflections in the windscreen stay where they are while the world moves
DRIFT: Final = 0.05  # a fixed camera shakes, but its picture stays in place
MOVING_SHARE: Final = 0.15  # share of steps with parallax from which a camera counts as moving
FEWEST_POINTS: Final = 15
SETTLED: Final = 0.01  # change of the weights at which reweighting ends
CORNER_PX: Final = 0.25  # of a picture 640 wide
FEWEST_VOTES: Final = 6
MOST_VOTES: Final = 200
AGREEING_SHARE: Final = 0.3
BACKWARD_SHARE: Final = 0.5  # as many votes for driving backward show that the flow is no drive
SPEED_SPREAD: Final = 0.15  # relative
SLOWEST_MPS: Final = 0.7  # slower ways are taken for reflections
ROAD_FROM: Final = 0.06  # tangent below the horizon: sixteen heights of the camera
ROAD_HALF_WIDTH: Final = 3.0  # in camera heights: about 4 m
# What rises above the camera's height beside a road is hardly nearer to its path than half a lane and a kerb.
CLEARANCE_M: Final = 2.0
ASIDE_FROM: Final = 0.15  # tangent from the middle: what is nearer to it tells no distance aside
FEWEST_ASIDE: Final = 8
PASSING_SHARE: Final = 0.75  # so many of these pass by more slowly than the value that is told of them
NEAREST: Final = 0.5  # square of half a way over the depth of a point, of any that is followed
SMOOTH_S: Final = 0.6
STANDING_SHARE: Final = 0.6  # of the steps within that time
BRIDGED_S: Final = 1.5  # a car's speed does not change much in this time
FITTING_SHARE: Final = 0.4
FASTEST_MPS: Final = 60.0

Value = TypeVar("Value", bound=np.generic)


@dataclass(frozen=True, slots=True)
class StepMotion:
    """The camera's motion over one step.

    Attributes:
        yaw_rad: turn to the left.
        ways_m: (N,) way forward by each point that would lie on the road; most agree, others lie elsewhere.
        weight: (N,) how well each of them is known, up to 1.
        still: the camera does not travel: the background stands, or moves as one (it turns or shakes).
        quiet: it stands but for noise, unless its motion leads outward more often than chance would have it.
        outward, followed: points that move outward less those that move inward, and how many move.
        told: whether there were points enough to tell.
        passing: way forward over the distance aside of what rises above the road, of the quarter that is nearest; NaN
            where too little does.
        shift: (2,) how turning and nodding move far things in the picture, native pixels.
    """

    time_s: float
    dt_s: float
    yaw_rad: float
    ways_m: NDArray[np.float32]
    weight: NDArray[np.float32]
    still: bool
    shift: Floats
    cut: bool = False
    told: bool = True
    quiet: bool = False
    outward: float = 0.0
    followed: int = 0
    passing: float = np.nan


def without_ways(motion: StepMotion) -> StepMotion:
    """What `mounting_of` reads, in little memory."""
    nothing = np.zeros(0, np.float32)
    return replace(motion, ways_m=nothing, weight=nothing)


@dataclass(frozen=True, slots=True)
class EgoMotion:
    """(N,) arrays at given times, as in `FrameTable`; metres and radians in a frame that starts at (0, 0) along +x."""

    x_m: Floats
    y_m: Floats
    heading_rad: Floats
    speed_mps: Floats
    standing: NDArray[np.bool_]


def way_m(ego: EgoMotion) -> Floats:
    """(N,) metres driven up to each time; NaN where the place is not known, and what is driven there counts as none."""
    known = np.isfinite(ego.x_m)
    at, way = np.stack([ego.x_m, ego.y_m], axis=1)[known], np.full(len(ego.x_m), np.nan)
    way[known] = np.cumsum(np.hypot(*np.diff(at, axis=0, prepend=at[:1]).T))
    return way


def straightened(step: FlowStep, camera: GroundCamera) -> FlowStep:
    """The step as a level pinhole would have seen it."""
    if camera.lens is None:
        return step
    points = np.concatenate([step.before, step.after]).astype(float)
    before, after = camera.level(points).reshape(2, -1, 2)
    seen = np.isfinite(before).all(axis=1) & np.isfinite(after).all(axis=1)
    return replace(step, before=before[seen].astype(np.float32), after=after[seen].astype(np.float32))


def step_motion(step: FlowStep, camera: GroundCamera, width: int) -> StepMotion:
    """Motion over one step for a camera over a flat road that does not slip."""
    step = straightened(step, camera)
    nothing = np.zeros(0, np.float32)
    if step.cut or len(step.before) < FEWEST_POINTS:
        return StepMotion(step.time_s, step.dt_s, 0.0, nothing, nothing, False, np.zeros(2), step.cut, told=False)
    move = (step.after - step.before).astype(float)
    length = np.hypot(move[:, 0], move[:, 1])
    if quantile(length, 0.75) < STILL * width:
        return StepMotion(step.time_s, step.dt_s, 0.0, nothing, nothing, True, np.zeros(2))
    live = length > RELIC * width
    solved = _solve(step.before[live], step.after[live], camera)
    shift = camera.focal_px * solved.turn
    # Without parallax all points move as turning has it or, as the optics are guessed, simply by the same amount.
    together = np.array([quantile(move[live, side], 0.5) for side in range(2)])
    apart = min(quantile(solved.apart_px, 0.65), quantile(np.hypot(*(move[live] - together).T), 0.65))
    still = apart < NO_PARALLAX * width + FIELD_ERROR * float(np.hypot(*shift))
    return StepMotion(
        step.time_s, step.dt_s, float(solved.turn[0]), solved.ways_m, solved.weight, still, shift,
        quiet=apart < NOISE * width, outward=solved.outward, followed=int(live.sum()), passing=solved.passing,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Solved:
    """What a step's points tell.

    Attributes:
        turn: (2,) to the left and upward, radians. ways_m, weight: as in `StepMotion`.
        apart_px: (N,) what turning does not explain of each point's motion.
        outward: points of which that leads away from where the camera looks, less those towards it.
        passing: as in `StepMotion`.
    """

    turn: Floats
    ways_m: NDArray[np.float32]
    weight: NDArray[np.float32]
    apart_px: Floats
    outward: float
    passing: float


def _solve(before: NDArray[np.float32], after: NDArray[np.float32], camera: GroundCamera) -> _Solved:
    """Turning by all points, and the way travelled by each point that would lie on the road.

    Image motion in units of the focal length, at the middle of each point's way (which makes it exact to second order):
    turning moves a point by (1 + x^2, xy), nodding by (xy, 1 + y^2), rolling by (-y, x); driving moves it outward by
    (x, y) * way / depth. Depth is known on the road only (height / y); elsewhere only the part across that ray counts.
    """
    origin = np.array([camera.centre_x, camera.horizon_y])
    x, y = (((before + after) / 2 - origin) / camera.focal_px).T
    right, down = (after - before).T.astype(float) / camera.focal_px
    radius = np.hypot(x, y) + 1e-6
    out_x, out_y = x / radius, y / radius
    turning = np.array([[1 + x**2, x * y], [x * y, 1 + y**2], [-y, x]])
    road = may_be_road(x, y)
    across, outward = out_x * down - out_y * right, (out_x * right + out_y * down)[road]
    turned_across = out_x * turning[:, 1] - out_y * turning[:, 0]
    turned_outward = (out_x * turning[:, 0] + out_y * turning[:, 1])[:, road]
    lever = (radius * y)[road]
    rows = np.zeros((4, len(across) + len(outward)))
    rows[:3, : len(across)], rows[:3, len(across) :], rows[3, len(across) :] = turned_across, turned_outward, lever
    noise = CORNER_PX * max(1.0, 2 * camera.centre_x / 640) / camera.focal_px
    turn = _reweighted(rows, np.concatenate([across, outward]), noise)[:3]
    moved_x, moved_y = right - turn @ turning[:, 0], down - turn @ turning[:, 1]
    signs = np.sign(out_x * moved_x + out_y * moved_y)
    ways = _midway((outward - turn @ turned_outward) / lever, y[road])
    # What moves across its ray as well is no road: writing that changes, reflections, the bonnet.
    beside = np.abs(across - turn @ turned_across)[road]
    relative = np.hypot(noise, np.maximum(beside - 2 * noise, 0.0)) / np.maximum(np.abs(ways) * lever, 1e-9)
    weight = 1 / (1 + (relative / 0.15) ** 2)
    # Kept for all of a video, so in half the memory.
    return _Solved(
        turn[:2],
        (ways * camera.height_m).astype(np.float32),
        weight.astype(np.float32),
        np.hypot(moved_x, moved_y) * camera.focal_px,
        float(signs.sum()),
        _passing(x, y, moved_x),
    )


def may_be_road(x: Floats, y: Floats) -> NDArray[np.bool_]:
    """(N,) which tangents right and down of the horizon's middle would lie on the road not far before the camera."""
    return np.asarray((y > ROAD_FROM) & (np.abs(x) < ROAD_HALF_WIDTH * y))


def _passing(x: Floats, y: Floats, moved_x: Floats) -> float:
    """As `StepMotion` has it. `x`, `y`: (N,) tangents right and down; `moved_x`: what driving makes of them.

    A point `aside` metres to the right is seen at x = aside / depth, and moves by x * way / depth = x^2 * way / aside.
    """
    aside = (y < ROAD_FROM) & (np.abs(x) > ASIDE_FROM)
    if aside.sum() < FEWEST_ASIDE:
        return float("nan")
    return quantile(np.sign(x[aside]) * moved_x[aside] / x[aside] ** 2, PASSING_SHARE)


def _midway(ways: Floats, y: Floats) -> Floats:
    """(N,) ways in heights of the camera, from those by rows `y` of the middles of points' motions.

    From depth z + s / 2 to z - s / 2 a point's mean row is that of a depth of z - s^2 / 4 z.
    """
    return np.asarray(ways / (1.0 - np.minimum((ways * y) ** 2 / 4, NEAREST)))


def _reweighted(rows: Floats, value: Floats, noise: float) -> Floats:
    """Least squares of (4, N) rows and (N,) values, reweighted by the Cauchy function, which lets moving and raised
    things be outliers.
    """
    weight = np.ones(len(value))
    solution: Floats = np.zeros(len(rows))
    # Rolling and nodding are small; a weak pull to zero keeps them from taking over where few points are.
    prior = np.diag([1e-6, 0.3, 3.0, 1e-6])
    for _ in range(12):
        weighted = rows * weight
        solution = np.asarray(np.linalg.solve(weighted @ rows.T + prior, weighted @ value), np.float64)
        residual = np.abs(solution @ rows - value)
        scale = max(noise, 1.4826 * quantile(residual, 0.5))
        previous, weight = weight, 1 / (1 + (residual / scale) ** 2)
        if float(np.abs(weight - previous).max()) < SETTLED:
            break
    return solution


def quantile(values: Floats, share: float) -> float:
    """A value above `share` of the others, without numpy's interpolation, which costs five times as much."""
    place = min(int(share * len(values)), len(values) - 1)
    return float(np.partition(values, place)[place])


def drifts(told: Sequence[StepMotion]) -> Floats:
    """(S, 2) how far the picture of a camera that stands has moved, native pixels, at the end of each step."""
    return np.cumsum([step.shift if step.still else np.zeros(2) for step in told], axis=0)


def shifts_at(time_s: Floats, steps: Sequence[StepMotion], way: Floats) -> Floats:
    """(N, 2) at times what has added up to `way` (S, 2) at the ends of some steps; 0 before them."""
    ends = np.array([step.time_s for step in steps])
    return np.stack([np.interp(time_s, ends, way[:, side], left=0.0) for side in range(2)], axis=1)


def mounting_of(steps: Sequence[StepMotion], width: int, gps_speed: Floats | None = None) -> Mounting:
    """`fixed` if the background stood all the time (cuts aside) and GPS, where there is any, did not move."""
    if gps_speed is not None and float(np.nanpercentile(gps_speed, 90)) > 2.0:
        return "moving"
    told = [step for step in steps if step.told]
    if not told:
        return "fixed"
    drift = float(np.ptp(drifts(told), axis=0).max())
    travelled = float(np.mean([not step.still for step in told]))
    return "moving" if travelled > MOVING_SHARE or drift > DRIFT * width else "fixed"


def smoothed_speed(steps: Sequence[StepMotion]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Times of the steps' ends, speed in m/s there (NaN when the flow does not fit a drive) and standing or not."""
    times = np.array([step.time_s for step in steps])
    speed = np.full(len(times), np.nan)
    standing = np.zeros(len(times), bool)
    low, high = np.searchsorted(times, times - SMOOTH_S), np.searchsorted(times, times + SMOOTH_S, side="right")
    for row in range(len(times)):
        speed[row], standing[row] = _speed_over(steps[int(low[row]) : int(high[row])])
    driving = ~standing
    if driving.any() and np.mean(~np.isnan(speed[driving])) < FITTING_SHARE:
        speed[driving] = np.nan  # a pan, a zoom or a hand: not a drive
    return times, speed, standing


def latest_speed(steps: Sequence[StepMotion]) -> tuple[float, bool]:
    """Speed in m/s (NaN when the flow does not fit a drive) and whether the camera stands, at the last step's end."""
    return _speed_over([step for step in steps if step.time_s >= steps[-1].time_s - SMOOTH_S])


def _speed_over(steps: Sequence[StepMotion]) -> tuple[float, bool]:
    standing = sum(step.still for step in steps) > STANDING_SHARE * len(steps) or _dances(steps)
    if standing:
        return 0.0, True
    speed = _pooled_speed(steps)
    # Where the road shows no corners, those of reflections and of other cars' shadows agree on a speed at which all
    # that passes by would have to stand in the camera's lane.
    passing = [step.passing / max(step.dt_s, 1e-3) for step in steps if np.isfinite(step.passing)]
    return (np.nan if passing and speed < CLEARANCE_M * float(np.median(passing)) else speed), False


def _dances(steps: Sequence[StepMotion]) -> bool:
    """Whether corners move no more than in noise, in all directions alike. Told of all steps together: in one, a few
    far corners do not show a slow drive.
    """
    quiet = [step for step in steps if step.quiet or step.still]
    if len(quiet) <= STANDING_SHARE * len(steps):
        return False
    chance = float(np.sqrt(sum(step.followed for step in quiet)))
    return abs(sum(step.outward for step in quiet)) < OUTWARD * chance


def _pooled_speed(steps: Sequence[StepMotion]) -> float:
    """The speed on which the road points of some steps agree; NaN when they do not.

    The road has few corners, and reflections and kerbs are among them, so the densest value is taken, not the mean.
    """
    speeds = np.concatenate([step.ways_m / max(step.dt_s, 1e-3) for step in steps])
    weight = np.concatenate([step.weight for step in steps])
    use = (speeds > SLOWEST_MPS) & (speeds < FASTEST_MPS) & (weight > 0.1)
    backward, forward = float(weight[speeds < -SLOWEST_MPS].sum()), float(weight[use].sum())
    if use.sum() < FEWEST_VOTES or backward > BACKWARD_SHARE * forward:
        return np.nan
    # Evenly from all of the time: the speed at its middle is asked for, whether the camera brakes or not.
    votes = np.flatnonzero(use)
    votes = votes[np.linspace(0, len(votes) - 1, min(len(votes), MOST_VOTES)).astype(int)]
    logs, weight = np.log(speeds[votes]), weight[votes]
    near = np.exp(-(((logs[:, None] - logs[None, :]) / SPEED_SPREAD) ** 2) / 2)
    score = near @ weight
    peak = int(np.argmax(score))
    if score[peak] < AGREEING_SHARE * weight.sum() or score[peak] < FEWEST_VOTES / 2:
        return np.nan
    return float(np.exp(np.average(logs, weights=near[peak] * weight)))


def ego_motion(frame_s: Floats, steps: Sequence[StepMotion], mounting: Mounting) -> EgoMotion:
    """The pose at each frame by adding up the steps; a fixed camera stays where it is."""
    count = len(frame_s)
    if mounting == "fixed" or not steps:
        still = np.zeros(count)
        return EgoMotion(still, still.copy(), still.copy(), still.copy(), np.ones(count, bool))
    times, speed, standing = smoothed_speed(steps)
    yaw = np.array([step.yaw_rad for step in steps])
    turned = np.cumsum(yaw)
    dt = np.array([step.dt_s for step in steps])
    path_s = np.append(times[0] - dt[0], times)
    heading = np.interp(frame_s, path_s, np.append(0.0, turned))
    known = ~np.isnan(speed)
    if not known.any():
        nothing = np.full(count, np.nan)
        return EgoMotion(nothing, nothing.copy(), heading, nothing.copy(), _at(frame_s, times, standing))
    filled = np.interp(times, times[known], speed[known])
    speed = np.where(nearest_s(times, times[known]) <= BRIDGED_S, filled, np.nan)
    middle = turned - yaw / 2
    x, y = np.cumsum(filled * dt * np.cos(middle)), np.cumsum(filled * dt * np.sin(middle))
    return EgoMotion(
        np.interp(frame_s, path_s, np.append(0.0, x)),
        np.interp(frame_s, path_s, np.append(0.0, y)),
        heading,
        _at(frame_s, times, speed),
        _at(frame_s, times, standing),
    )


def nearest_s(times: Floats, marks: Floats) -> Floats:
    """(N,) seconds from each time to the nearest of the marks, which are sorted and at least one."""
    after = np.searchsorted(marks, times).clip(0, len(marks) - 1)
    before = (after - 1).clip(0)
    return np.asarray(np.minimum(np.abs(times - marks[after]), np.abs(times - marks[before])))


def to_local_frame(x: Floats, y: Floats, heading: Floats, forward: Floats, left: Floats) -> tuple[Floats, Floats]:
    """Ground points (forward, left) of cameras at poses x, y, heading, in the local frame."""
    cos, sin = np.cos(heading), np.sin(heading)
    return x + forward * cos - left * sin, y + forward * sin + left * cos


def from_local_frame(x: Floats, y: Floats, heading: Floats, at_x: Floats, at_y: Floats) -> tuple[Floats, Floats]:
    """The reverse of `to_local_frame`: local points as (forward, left) of cameras at poses x, y, heading."""
    cos, sin = np.cos(heading), np.sin(heading)
    dx, dy = at_x - x, at_y - y
    return dx * cos + dy * sin, dy * cos - dx * sin


def _at(frame_s: Floats, times: Floats, values: NDArray[Value]) -> NDArray[Value]:
    """The value of the step that ends at or next after each frame."""
    return np.asarray(values[np.searchsorted(times, frame_s - 1e-6).clip(0, len(times) - 1)])
