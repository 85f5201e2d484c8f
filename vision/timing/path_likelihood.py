"""How likely GPS fixes are, given the path that the camera saw itself drive: generalised least squares.

Places and velocities in the plane are complex numbers (east + i north). The seen path may be turned and scaled by one
complex factor and shifted by another, fitted to each stretch of fixes. What remains has a covariance that grows with
time: the receiver's noise, which is partly new with each fix and partly a wander, and the error of the seen speed,
which adds up along the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats

Complexes = NDArray[np.complex128]

STRETCH: Final = 60  # fixes that share one factor and shift: longer, the seen heading drifts away
SEEN_SPEED_ERROR: Final = 0.08  # relative, of the speed seen in the road's flow (its test allows 0.1)
SEEN_SPEED_MEMORY_S: Final = 4.0  # how long such an error lasts: until other parts of the road are looked at
# A car's velocity as a random walk, where no path is known: 2 m/s after a second, 6 m/s after ten (stops and turns).
AGILITY: Final = 4.0  # m^2/s^3
LARGEST_SCALE: Final = 4.0  # of true by seen speed: a camera is 0.5 to 4 m above the road and taken to be 1.2 to 2
TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Noise:
    """Of one receiver: `white` in the unit of what it measures, `wander` in that unit per square root of a second."""

    white: float
    wander: float


# 3-8 m of which most is wander in good receivers and new with each fix in bad ones; Doppler speeds are far better.
PLACE_NOISE: Final = tuple(Noise(*each) for each in ((0.5, 0.3), (2, 0.3), (5, 0.3), (8, 0.3), (0.7, 1.3), (4, 1.3)))
VELOCITY_NOISE: Final = tuple(Noise(*each) for each in ((0.2, 0.1), (0.6, 0.1), (2.0, 0.1)))


@dataclass(frozen=True, slots=True)
class Measured:
    """What a receiver says, at (N,) increasing times in seconds.

    Attributes:
        values: places in metres or velocities in m/s. Speeds without direction are real.
        noise: what its errors may be like.
    """

    time_s: Floats
    values: Complexes
    velocity: bool
    noise: tuple[Noise, ...]

    @property
    def plain(self) -> bool:
        """Speeds without direction."""
        return self.velocity and not np.iscomplex(self.values).any()


@dataclass(frozen=True, slots=True)
class _Whitener:
    """`inverse`: (N, N) turns values with the covariance C into independent ones of variance 1."""

    inverse: Floats
    log_determinant: float


def path_likelihood(measured: Measured, rows: NDArray[np.intp], seen: Complexes, noise: Noise) -> Floats:
    """(M,) log likelihoods of the fixes `rows` (N,) for each of (M, N) what was seen at their times."""
    total = np.zeros(len(seen))
    for part in _stretches(len(rows)):
        times, values = measured.time_s[rows[part]], measured.values[rows[part]]
        speed = _usual_speed(times, values, measured.velocity)
        whitener = _whitener(_key(times), noise, speed, measured.velocity, agile=False)
        total += _log_likelihood(whitener, values, seen[:, part], measured.plain)
    return total


def drive_likelihood(measured: Measured, rows: NDArray[np.intp], noise: Noise) -> float:
    """Log likelihood of the fixes for a drive of which nothing was seen: a car that goes as cars do."""
    total = 0.0
    for part in _stretches(len(rows)):
        times, values = measured.time_s[rows[part]], measured.values[rows[part]]
        whitener = _whitener(_key(times), noise, 0.0, measured.velocity, agile=True)
        straight = (times - times[0])[None].astype(complex)
        total += float(_log_likelihood(whitener, values, straight, measured.plain, any_scale=True)[0])
    return total


def _stretches(count: int) -> list[NDArray[np.intp]]:
    return np.array_split(np.arange(count), max(1, round(count / STRETCH)))


def _log_likelihood(
    whitener: _Whitener, values: Complexes, seen: Complexes, plain: bool, any_scale: bool = False
) -> Floats:
    """(M,) with the factor and the shift that fit best; -inf where the factor cannot be."""
    one = whitener.inverse.sum(axis=1)
    target, regressor = whitener.inverse @ values, seen @ whitener.inverse.T
    target = target - one * (one @ target) / (one @ one)
    regressor = regressor - np.outer(regressor @ one, one) / (one @ one)
    power = (np.abs(regressor) ** 2).sum(axis=1) + TINY
    product = regressor.conj() @ target
    residual = (np.abs(target) ** 2).sum() - np.abs(product) ** 2 / power
    scale = np.abs(product) / power
    possible = (scale < LARGEST_SCALE) & (scale > 1 / LARGEST_SCALE) | any_scale
    # A complex number is two real ones of the same covariance, and for each the likelihood has a factor of 1/2.
    likelihood = -(np.maximum(residual, 0.0) + whitener.log_determinant) * (0.5 if plain else 1.0)
    return np.where(possible, likelihood, -np.inf)


def _usual_speed(times: Floats, values: Complexes, velocity: bool) -> float:
    """Whole m/s; of places, over some seconds, so that their noise is no speed."""
    if velocity:
        return float(np.ceil(np.median(np.abs(values))))
    step = min(max(1, round(5.0 / float(np.median(np.diff(times))))), len(times) - 1)
    return float(np.ceil(np.median(np.abs(values[step:] - values[:-step]) / (times[step:] - times[:-step]))))


def _key(times: Floats) -> tuple[int, ...]:
    """Hundredths of seconds since the first."""
    return tuple(np.rint((times - times[0]) * 100).astype(int).tolist())


@lru_cache(maxsize=4096)
def _whitener(key: tuple[int, ...], noise: Noise, speed: float, velocity: bool, agile: bool) -> _Whitener:
    times = np.array(key) / 100.0
    early, late = np.minimum.outer(times, times), np.maximum.outer(times, times)
    covariance = noise.white**2 * np.eye(len(times)) + noise.wander**2 * early
    if agile:
        covariance += AGILITY * (early if velocity else early**2 * late / 2 - early**3 / 6)
    else:
        covariance += (SEEN_SPEED_ERROR * speed) ** 2 * _memory(early, late, velocity)
    lower = np.linalg.cholesky(covariance)
    return _Whitener(np.linalg.inv(lower), float(2 * np.log(np.diag(lower)).sum()))


def _memory(early: Floats, late: Floats, velocity: bool) -> Floats:
    """Covariance of an error that is forgotten exponentially (Ornstein-Uhlenbeck), or of what it adds up to."""
    memory = SEEN_SPEED_MEMORY_S
    if velocity:
        return np.exp(-(late - early) / memory)
    ends = np.exp(-early / memory) + np.exp(-late / memory) - np.exp(-(late - early) / memory) - 1
    return 2 * memory * early + memory**2 * ends
