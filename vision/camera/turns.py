"""How wide a lens looks and how it bends lines, from what turning does to the picture of the road.

While a camera turns, a pinhole shows things at the sides moving faster than those in its middle, by
1 + (x / focal length)^2; a fisheye moves them all alike. Driving moves points as well, along the rays away from where
the camera heads. Across these rays hardly anything tells one lens from another: for a ray `m`, a heading `h` and a
turn `w` that motion is (h x m) . (w x m) = (h . w) (m . m) - (h . m) (m . w), and a car heads across the axis it turns
about and nearly where its camera looks, which leaves the last term, the same for all lenses (two views whose axes meet
halfway tell no focal length; Sturm, "On focal length calibration from two views", CVPR 2001). Along the rays it shows
where the depth is known, which is on the road: flow across the rays tells how the camera turns, and the road's along
them what that should look like. Focal length, bend, optical axis and how the road slopes aside are shared by all
steps; turning, heading and way are each step's own and are eliminated from the normal equations (Schur complement;
Triggs et al., "Bundle adjustment", 2000).

`bend` is one number for all lenses: a ray at angle a from the axis is shown at focal length * tan(k a) / k, with
k^2 = bend: 1 a pinhole, 1/4 stereographic, 0 equidistant, below 0 (tan becomes tanh) near equal-area.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.camera.rays import TINY, Rays, rays
from vision.lens import Lens
from vision.log import Floats, GroundCamera
from vision.motion.egomotion import may_be_road
from vision.motion.flow import FlowStep

FEWEST_STEPS: Final = 10
MOST_STEPS: Final = 60
FEWEST_POINTS: Final = 40
FEWEST_ON_ROAD: Final = 4
MOST_BESIDE: Final = 60  # points of a step that are not on the road: for three turns and a heading these do
SLOWEST_MPS: Final = 0.2
CORNER_SHARE: Final = 0.25 / 640  # of the width: how exactly corners are followed
RELIC_SHARE: Final = 0.00025  # of the width: what moves less is on the windscreen
ROUNDS: Final = 25
HELD_ROUNDS: Final = 5  # at first what is shared is held: steps find their own motion
WIDE_ROUNDS: Final = 8  # then what does not fit is only doubted; later, what is far out is left out
SETTLED: Final = 0.02  # standard deviations: a round that moves everything less is the last
LONGEST_ROUND: Final = 0.7  # standard deviations of what was likely
# What is likely: dashcams are between equidistant and stereographic, phones and rectified pictures are pinholes.
BEND, BEND_STD = 0.6, 0.4
HEADING_STD: Final = 0.1  # radians; in turns a camera before the rear axle heads somewhat outward
WAY_STD: Final = 0.1  # of a step's way: the speed of a second or so tells it
LOWEST_BEND: Final = -0.5  # orthographic: no lens bends more, something else moves
AXIS_STD: Final = 0.007  # of the width: where the axis is, off the middle of the picture
ROLL_STD: Final = 0.03  # radians: how cameras are stuck to windscreens, and how roads slope aside
# Radians by which a car leans outward, per m/s^2 across: up to 8 degrees per g on its springs (0.014; Gillespie,
# "Fundamentals of Vehicle Dynamics", 1992), less where bends are banked, not at all where it is hard.
LEAN, LEAN_STD = 0.003, 0.005
LEANING_HEIGHT_M: Final = 1.3  # of the camera, roughly, which that takes to tell speeds
LEAST_AHEAD: Final = 0.2  # cosine: what is seen further aside is not on the road before the car
# Of the motion that driving gives a point of the road: kerbs, crowns and dips.
UNEVEN: Final = 0.05
SMOOTHEST: Final = 0.3  # of the errors expected on the road: no road is known better
# Across the rays flow is known to a quarter pixel, but to no more than this many of them does one pinhole with its axis
# in the middle explain it: there it is not to tell what it hardly shows.
ACROSS: Final = 2.0
DOUBT: Final = 2.0  # errors from which a point is doubted
APART_S: Final = 2.0  # what is further apart in time errs on its own
# A real lens is no member of a family of one parameter, and no road a plane.
MODEL_STD, BEND_MODEL_STD = 0.05, 0.05
WORST_BEND_STD: Final = 0.15
WORST_FIT: Final = 1.5  # errors expected on the road
FARTHEST_OFF: Final = 3.0  # standard deviations of what was likely
PINHOLE_WITHIN: Final = 0.15  # of 1: pictures that were rectified, or lenses that need no correction
SURE_STDS: Final = 2.0
# Places of what is shared by all steps; roll and lean follow.
FOCAL, BENDS, AXIS_X, AXIS_Y, ROLL, LEANS = range(6)


@dataclass(frozen=True, slots=True)
class LensEstimate:
    """`focal_log_std`: uncertainty of the focal length, as a logarithm. `bend`: as the module has it, exactly 1 for a
    pinhole. `steps`: of turning that it rests on. `roll_rad`: how far the horizon falls towards the right.
    """

    focal_px: float
    focal_log_std: float
    bend: float
    bend_std: float
    steps: int
    roll_rad: float
    roll_std: float

    def lens(self, centre_y: float) -> Lens | None:
        """With its axis at this row; None where a pinhole does."""
        if self.bend == 1.0:
            return None
        # tan(k a) / k as the powers of a that Kannala & Brandt count.
        b = self.bend
        return Lens("fisheye", (b / 3, 2 * b**2 / 15, 17 * b**3 / 315, 62 * b**4 / 2835), centre_y)


@dataclass(frozen=True, slots=True)
class Turning:
    """Steps of flow while the camera drives, and (S,) its speed then as a guess of its optics has it."""

    steps: list[FlowStep]
    speed_mps: Floats


@dataclass(frozen=True, slots=True)
class _Turns:
    """Of all steps' points the first R may lie on the road.

    Attributes:
        before, after: (S, N, 2) native pixels from the middle of the picture.
        known: (S, N) which are points at all. road: (S, R) which of the first lie on the road.
        time_s, dt_s: (S,). way: (S,) by the guessed focal length `focal_px`, in heights of the camera.
        noise: pixels.
    """

    before: Floats
    after: Floats
    known: NDArray[np.bool_]
    road: NDArray[np.bool_]
    time_s: Floats
    dt_s: Floats
    way: Floats
    focal_px: float
    noise: float


@dataclass(frozen=True, slots=True)
class _Guess:
    """`shared`: logarithm of the focal length, bend, axis off the middle in pixels (column, row), roll against the
    road, lean per m/s^2. `turn`: (S, 3) about the axes right, down, ahead, radians. `own`: (S, 3) tangents of the
    heading, and the way as `_Turns` has it.
    """

    shared: Floats
    turn: Floats
    own: Floats


@dataclass(frozen=True, slots=True)
class _Seen:
    """Points halfway through a step, and `moved`: (S, N, 3) how far their unit rays move over it."""

    at: Rays
    moved: Floats


@dataclass(frozen=True, slots=True)
class _Fit:
    """`std`: of what is shared. `off_road`: how far the road's flow is off, in errors expected."""

    guess: _Guess
    std: Floats
    off_road: float


def turning(steps: Iterable[FlowStep], yaw_rad: Floats, speed_mps: Floats) -> Turning:
    """The steps that turn most, in order of time, by (S,) turns and speeds as a guess of the optics has them."""
    drives = np.nan_to_num(speed_mps) > SLOWEST_MPS
    most = np.argsort(np.where(drives, -np.abs(yaw_rad), np.inf), kind="stable")[:MOST_STEPS]
    chosen = set(most[drives[most]].tolist())
    found = [(step, row) for row, step in enumerate(steps) if row in chosen and len(step.before) >= FEWEST_POINTS]
    return Turning([step for step, _ in found], speed_mps[[row for _, row in found]])


def lens_from_turns(
    seen: Turning, camera: GroundCamera, size: tuple[int, int], focal_log_std: float
) -> LensEstimate | None:
    """Focal length and lens that make the flow of all steps look most like turning over a road.

    Args:
        camera: a guess of its optics, by which the speeds are. `focal_log_std`: uncertainty of its focal length, as a
            logarithm.
        size: width, height of the picture.

    Returns:
        None where the drive does not tell.
    """
    turns = _gathered(seen, camera, size)
    if len(turns.known) < FEWEST_STEPS:
        return None
    likely = np.array([np.log(camera.focal_px), BEND, 0.0, 0.0, 0.0, LEAN])
    likely_std = np.array([focal_log_std, BEND_STD, AXIS_STD * size[0], AXIS_STD * size[0], ROLL_STD, LEAN_STD])
    heading = np.tile([0.0, (camera.horizon_y - size[1] / 2) / camera.focal_px], (len(turns.known), 1))
    start = _Guess(likely, np.zeros((len(turns.known), 3)), np.column_stack([heading, turns.way]))
    fit = _solved(turns, start, likely, likely_std)
    bend, bend_std = float(fit.guess.shared[BENDS]), float(np.hypot(fit.std[BENDS], BEND_MODEL_STD))
    if not bend_std <= WORST_BEND_STD or bend < LOWEST_BEND:  # NaN: nothing solves it
        return None
    if 1.0 - bend < max(PINHOLE_WITHIN, SURE_STDS * bend_std):
        bend, held = 1.0, np.arange(len(likely)) == BENDS
        shared = np.where(held, 1.0, fit.guess.shared)
        likely, likely_std = np.where(held, 1.0, likely), np.where(held, TINY, likely_std)
        fit = _solved(turns, replace(fit.guess, shared=shared), likely, likely_std, WIDE_ROUNDS)
    far_off = abs(fit.guess.shared[FOCAL] - likely[FOCAL]) > FARTHEST_OFF * focal_log_std
    if not fit.std[FOCAL] < focal_log_std or far_off or fit.off_road > WORST_FIT:
        return None
    # That of the flow alone is at least `MODEL_STD`.
    by_flow = 1.0 / (fit.std[FOCAL] ** -2 - focal_log_std**-2) + MODEL_STD**2
    std = float((focal_log_std**-2 + 1.0 / by_flow) ** -0.5)
    focal = float(np.exp(fit.guess.shared[FOCAL]))
    return LensEstimate(focal, std, bend, bend_std, len(turns.known), *_roll(fit.guess.turn))


def _gathered(seen: Turning, camera: GroundCamera, size: tuple[int, int]) -> _Turns:
    """Steps with enough points on the road; those first."""
    middle = np.array(size) / 2
    rows: list[int] = []
    chosen: list[tuple[Floats, Floats]] = []  # on the road and elsewhere
    for row, step in enumerate(seen.steps):
        points = np.stack([step.before, step.after]).astype(float) - middle
        points = points[:, np.hypot(*(points[1] - points[0]).T) > RELIC_SHARE * size[0]]
        x, y = (points.mean(axis=0) + middle - (camera.centre_x, camera.horizon_y)).T / camera.focal_px
        road = may_be_road(x, y)
        others = np.flatnonzero(~road)
        beside = points[:, others[np.linspace(0, len(others) - 1, min(len(others), MOST_BESIDE)).astype(int)]]
        if road.sum() >= FEWEST_ON_ROAD:
            rows.append(row)
            chosen.append((points[:, road], beside))
    on, off = (max((each[part].shape[1] for each in chosen), default=0) for part in (0, 1))
    before, after = np.zeros((2, len(chosen), on + off, 2))
    known = np.zeros((len(chosen), on + off), bool)
    for at, parts in enumerate(chosen):
        for first, points in zip((0, on), parts, strict=True):
            place = slice(first, first + points.shape[1])
            before[at, place], after[at, place], known[at, place] = *points, True
    time_s, dt_s = (np.array([getattr(seen.steps[row], name) for row in rows]) for name in ("time_s", "dt_s"))
    way = seen.speed_mps[rows] * dt_s / camera.height_m
    noise = CORNER_SHARE * size[0]
    return _Turns(before, after, known, known[:, :on], time_s, dt_s, way, camera.focal_px, noise)


def _roll(turn: Floats) -> tuple[float, float]:
    """How the camera is rolled against the vertical about which it turns, and the uncertainty of that; radians."""
    right, down = turn[:, 0], turn[:, 1]
    power = float((down**2).sum())
    slope = float((right * down).sum()) / power
    return -slope, float(np.sqrt(((right - slope * down) ** 2).sum() / (len(turn) - 1) / power))


def _solved(turns: _Turns, guess: _Guess, likely: Floats, likely_std: Floats, first: int = 0) -> _Fit:
    """What explains all steps best, from a guess on. `first`: the round to begin with, where that is a good one."""
    for turn in range(first, ROUNDS):
        narrow = float(np.clip((turn - WIDE_ROUNDS) / 4, 0.0, 1.0))
        change, fit = _improved(turns, guess, likely, likely_std, narrow, held=turn < HELD_ROUNDS)
        guess = fit.guess
        if narrow == 1.0 and change < SETTLED:
            break
    return fit


def _improved(
    turns: _Turns, guess: _Guess, likely: Floats, likely_std: Floats, narrow: float, held: bool
) -> tuple[float, _Fit]:
    """One round of Gauss-Newton.

    Args:
        narrow: from 0, points are reweighted by the Cauchy function, to 1, on the road by that of Geman and McClure.
        held: what is shared stays.

    Returns:
        How far it moved what is shared, in standard deviations; what it came to.
    """
    off, own, shared = _linearised(turns, guess)
    weight, off_road = _weights(turns, off, own, guess, narrow)
    way_std = WAY_STD * turns.way
    sure = np.zeros((len(off), 6, 6)) + np.diag([TINY, TINY, 1.0, HEADING_STD**-2, HEADING_STD**-2, 0.0])
    sure[:, 5, 5] = way_std**-2
    inverse = np.linalg.inv(np.einsum("snp,sn,snq->spq", own, weight, own) + sure)
    mixed = np.einsum("snp,sn,snq->spq", own, weight, shared)
    own_pull = np.einsum("snp,sn,sn->sp", own, weight, off)
    own_pull[:, 3:5] += guess.own[:, :2] / HEADING_STD**2
    own_pull[:, 5] += (guess.own[:, 2] - turns.way) / way_std**2
    pulls = np.einsum("snp,sn,sn->sp", shared, weight, off)
    normal = np.einsum("snp,sn,snq->pq", shared, weight, shared) + np.diag(likely_std**-2.0)
    eliminated = np.einsum("spq,spr->sqr", mixed, inverse)
    covariance = np.linalg.inv(normal - np.einsum("sqr,srt->qt", eliminated, mixed))
    pulls -= np.einsum("sqr,sr->sq", eliminated, own_pull)
    change = -covariance @ (pulls.sum(axis=0) + (guess.shared - likely) / likely_std**2)
    change = np.zeros(len(change)) if held else np.clip(change, -LONGEST_ROUND * likely_std, LONGEST_ROUND * likely_std)
    own_change = -np.einsum("spr,sr->sp", inverse, own_pull + mixed @ change)
    moved = guess.own + own_change[:, 3:]
    moved[:, :2] = np.clip(moved[:, :2], -0.5, 0.5)
    std = _deviations(turns, pulls, covariance, likely_std)
    found = _Guess(guess.shared + change, guess.turn + own_change[:, :3], moved)
    return float(np.abs(change / std).max()), _Fit(found, std, off_road)


def _deviations(turns: _Turns, pulls: Floats, covariance: Floats, likely_std: Floats) -> Floats:
    """Standard uncertainties of what is shared: as points scatter, or as parts of the drive contradict each other,
    whatever is more (the sandwich estimator with clusters; Liang & Zeger, Biometrika 1986).
    """
    _, part = np.unique(np.floor(turns.time_s / APART_S), return_inverse=True)
    count = int(part.max()) + 1
    pull = np.zeros((count, pulls.shape[1]))
    np.add.at(pull, part, pulls)
    scatter = pull.T @ pull * count / max(count - 1, 1) + np.diag(likely_std**-2.0)
    return np.sqrt(np.maximum(np.diag(covariance), np.diag(covariance @ scatter @ covariance)))


def _weights(turns: _Turns, off: Floats, own: Floats, guess: _Guess, narrow: float) -> tuple[Floats, float]:
    """(S, N + R) of what is off, and by how many of the errors expected the road's flow is."""
    count = turns.known.shape[1]
    across, along = off[:, :count], off[:, count:]
    noise = max(turns.noise, 1.4826 * float(np.median(np.abs(across[turns.known]))))
    uneven = UNEVEN * np.abs(guess.own[:, 2:] * own[:, count:, 5])
    expected = np.hypot(noise, uneven)
    off_road = 1.4826 * float(np.median(np.abs(along / expected)[turns.road]))
    error = np.concatenate([np.full(across.shape, noise), max(off_road, SMOOTHEST) * expected], axis=1)
    doubt = 1.0 + (off / (DOUBT * error)) ** 2
    doubt[:, :count] *= ACROSS**2
    doubt[:, count:] **= 1.0 + narrow
    known = np.concatenate([turns.known, turns.road], axis=1)
    return known / doubt / error**2, off_road


def _linearised(turns: _Turns, guess: _Guess) -> tuple[Floats, Floats, Floats]:
    """(S, N + R) pixels across and along the rays that are not explained, and what they change by: (S, N + R, 6) with
    each step's turning, heading and way, (S, N + R, 6) with what is shared.
    """
    seen = _seen(turns, guess)
    off, by_turn = _off(turns, guess, seen)
    by_own = [_off(turns, replace(guess, own=guess.own + TINY * axis), seen)[0] for axis in np.eye(3)]
    others = [replace(guess, shared=guess.shared + TINY * axis) for axis in np.eye(6)]
    through = [_seen(turns, other) for other in others[:ROLL]] + [seen] * (len(others) - ROLL)
    by_shared = [_off(turns, other, each)[0] for other, each in zip(others, through, strict=True)]
    own, shared = (np.stack([(moved - off) / TINY for moved in each], axis=2) for each in (by_own, by_shared))
    return off, np.concatenate([by_turn, own], axis=2), shared


def _seen(turns: _Turns, guess: _Guess) -> _Seen:
    focal, bend = float(np.exp(guess.shared[FOCAL])), float(guess.shared[BENDS])
    axis = guess.shared[[AXIS_X, AXIS_Y]]
    moved = rays(turns.after - axis, focal, bend).unit - rays(turns.before - axis, focal, bend).unit
    return _Seen(rays((turns.before + turns.after) / 2 - axis, focal, bend), moved)


def _off(turns: _Turns, guess: _Guess, seen: _Seen) -> tuple[Floats, Floats]:
    """(S, N + R) motion across the rays away from the heading without turning's part, then motion along them of what
    is on the road without turning's and driving's, pixels; (S, N + R, 3) what turning changes of these.
    """
    at, moved = seen.at, seen.moved
    heading = np.concatenate([guess.own[:, :2], np.ones((len(guess.own), 1))], axis=1)
    heading /= np.linalg.norm(heading, axis=1, keepdims=True)
    side = np.cross(heading[:, None], at.unit)
    lever = np.linalg.norm(side, axis=2)
    side *= (at.around_px / np.maximum(lever, 1e-6))[..., None]
    across = (moved * side).sum(axis=2)
    road = turns.road.shape[1]
    ray, lever = at.unit[:, :road], lever[:, :road]
    ahead = np.einsum("snp,sp->sn", ray, heading)
    outward = ahead[..., None] * ray - heading[:, None]
    outward *= (at.outward_px[:, :road] / np.maximum(lever, 1e-6))[..., None]
    along = (moved[:, :road] * outward).sum(axis=2)
    along -= _driven(turns, guess, ray, ahead) * lever * at.outward_px[:, :road]
    by_turn = np.concatenate([np.cross(side, at.unit), np.cross(outward, ray)], axis=1)
    return np.concatenate([across, along], axis=1) + np.einsum("snp,sp->sn", by_turn, guess.turn), by_turn


def _driven(turns: _Turns, guess: _Guess, ray: Floats, ahead: Floats) -> Floats:
    """(S, R) ways over the distances of points on the road that `ray` (S, R, 3) show. `ahead`: its cosine with where
    the camera heads, which is along the road.
    """
    way = guess.own[:, 2] * np.exp(guess.shared[FOCAL]) / turns.focal_px
    to_side = LEANING_HEIGHT_M * way / turns.dt_s * guess.turn[:, 1] / turns.dt_s
    roll = guess.shared[ROLL] + guess.shared[LEANS] * to_side
    down = np.stack([roll, np.ones(len(roll)), -(guess.own[:, 1] + roll * guess.own[:, 0])], axis=1)
    share = way[:, None] * np.einsum("snp,sp->sn", ray, down)
    # Over a step from depth z + s / 2 to z - s / 2 a point's mean row is that of a depth of z - s^2 / 4 z.
    return np.asarray(2.0 * share / (1.0 + np.sqrt(1.0 + (share / np.maximum(ahead, LEAST_AHEAD)) ** 2)))
