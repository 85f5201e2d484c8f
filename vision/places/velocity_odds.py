"""How much better "it stands" explains a velocity in the world than "it moves", as logarithms."""

from __future__ import annotations

from typing import Final

import numpy as np

from vision.log import Floats

# What moves on a street moves at a few metres per second; walking pace is slow already.
MOVING_MPS: Final = 8.0
CREEP_MPS: Final = 0.25  # detectors' boxes wander this much
# Vehicles drive about as fast as the camera does on the same street, one way or the other: at 12 m/s hardly any are
# met that drive at 3. But some brake, pull away or creep in a queue, and near junctions some cross.
SLOWEST_MPS: Final = 3.0  # a camera that itself brakes or pulls away is met by such all the same
SPREAD: Final = 0.5  # log standard deviation of vehicles' speeds over the camera's
OTHERWISE: Final = 0.2  # share of those at any speed up to `FASTEST` times the camera's
FASTEST: Final = 1.5
CROSSING: Final = 0.2  # share of those that cross
CROSSING_MPS: Final = (3.0, 6.0)  # their velocity along the camera's way and across it
ASIDE_MPS: Final = 0.5  # of those that do not: they change lanes, and streets bend
# Logarithmic, since slow ones are told from standing ones by small differences.
_SPEEDS: Final = np.geomspace(0.3, 40.0, 60)
_ALONG: Final = np.concatenate([-_SPEEDS[::-1], _SPEEDS])
TINY: Final = 1e-30  # a density that is none
_WIDTH: Final = np.abs(_ALONG) * np.log(_SPEEDS[1] / _SPEEDS[0])


def rest_odds(velocity: Floats, deviation: Floats) -> Floats:
    """(N,) of velocities in one direction, metres per second, and their standard uncertainties: of anything, in any
    direction, nothing else being known.
    """
    rest = deviation**2 + CREEP_MPS**2
    moving = rest + MOVING_MPS**2
    return np.asarray(0.5 * np.log(moving / rest) - 0.5 * velocity**2 * (1 / rest - 1 / moving))


def vehicle_rest_odds(velocity: Floats, deviation: Floats, ego_mps: float) -> float:
    """Of a vehicle's velocity (2,) along and across the camera's way, and its standard uncertainties.

    Args:
        ego_mps: the camera's own speed.
    """
    std = np.hypot(deviation, CREEP_MPS)
    along, across = velocity
    stands = _normal(along, std[0]) * _normal(across, std[1])
    street = (_speed_density(ego_mps) * _WIDTH * _normal(along - _ALONG, std[0])).sum()
    street *= _normal(across, np.hypot(std[1], ASIDE_MPS))
    crosses = np.prod(_normal(velocity, np.hypot(std, CROSSING_MPS)))
    moves = (1 - CROSSING) * street + CROSSING * crosses
    return float(np.log(stands + TINY) - np.log(moves + TINY))


def _speed_density(ego_mps: float) -> Floats:
    """Of `_ALONG`, per metre per second."""
    usual, speed = max(ego_mps, SLOWEST_MPS), np.abs(_ALONG)
    like_camera = np.exp(-0.5 * (np.log(speed / usual) / SPREAD) ** 2) / (speed * SPREAD * np.sqrt(2 * np.pi)) / 2
    any_speed = (speed < FASTEST * usual) / (2 * FASTEST * usual)
    return np.asarray((1 - OTHERWISE) * like_camera + OTHERWISE * any_speed)


def _normal(off: Floats, std: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * (off / std) ** 2) / (std * np.sqrt(2 * np.pi)))
