"""How signal lamps change, and what a look shows of them: a hidden Markov model in continuous time.

States follow one another as signal programs allow, each for about its usual time; a look shows the right state
mostly. From these two the probability of each state at each look follows by the forward-backward algorithm (Rabiner,
1989, "A tutorial on hidden Markov models", III.B). Looks may be any time apart.

Usual times: yellow 3-6 s (MUTCD 2009, 4D.26), 3-5 s by the speed limit (RiLSA 2015, 2.4; GB 14886-2016); red with
yellow 1 s (RiLSA) to 2 s (UK Traffic Signs Manual, chapter 6); green at least 5 s (RiLSA). A flashing lamp flashes 50
to 60 times a minute and is lit for half to two thirds of it (MUTCD 2009, 4L.01); a green that flashes does so for some
3 s before its yellow (China, Austria, Israel).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from vision.log import Floats

STATES: Final = ("red", "yellow", "green", "red_yellow", "off", "flashing_red", "flashing_yellow", "flashing_green")
STEADY: Final = 5  # the first states are what a single look may show
FLASHING: Final = (5, 6, 7)  # of red, yellow, green
OFF: Final = STATES.index("off")
RED_YELLOW: Final = STATES.index("red_yellow")

MEAN_S: Final = np.array([40.0, 3.5, 25.0, 1.5, 60.0, 60.0, 60.0, 3.0])
# What follows, in weights. Red after green: lamps without yellow (pedestrians, bicycles, some arrows).
_NEXT: Final = np.array(
    # red yellow green r+y  off  f_red f_yellow f_green
    [
        [0.0, 0.5, 75.0, 20.0, 2.0, 1.0, 1.5, 0.0],  # red
        [95.0, 0.0, 1.0, 0.0, 2.0, 1.0, 1.0, 0.0],  # yellow
        [8.0, 60.0, 0.0, 0.0, 1.0, 0.5, 0.5, 30.0],  # green
        [2.0, 0.5, 96.0, 0.0, 1.5, 0.0, 0.0, 0.0],  # red_yellow
        [30.0, 15.0, 25.0, 0.0, 0.0, 10.0, 15.0, 5.0],  # off
        [60.0, 5.0, 20.0, 0.0, 15.0, 0.0, 0.0, 0.0],  # flashing_red
        [50.0, 20.0, 20.0, 0.0, 10.0, 0.0, 0.0, 0.0],  # flashing_yellow
        [30.0, 60.0, 8.0, 0.0, 2.0, 0.0, 0.0, 0.0],  # flashing_green
    ]
)
BEGIN: Final = np.array([0.5, 0.05, 0.32, 0.01, 0.04, 0.02, 0.04, 0.02])

# A flash is lit and dark for half a second each, in stages that make its times less random than single ones would.
LIT_S = DARK_S = 0.5
STAGES: Final = 6
_PHASES: Final = 2 * STAGES

# Each hidden state's state, and what a lamp in it shows: one of the steady states.
STATE_OF: Final[NDArray[np.intp]] = np.concatenate([np.arange(STEADY), np.repeat(FLASHING, _PHASES)])
_LAMP_OF: Final[NDArray[np.intp]] = np.concatenate(
    [np.arange(STEADY), *([colour] * STAGES + [OFF] * STAGES for colour in range(3))]
)

# P(seen | shown) at the video's resolution and below it. Of 83 labelled heads of lights/scenes/val the released
# networks read one in a wrong colour (yellow as green) and 5 yellows as dark; at half and a third of the resolution 4
# and 13 of 120. Films are worse: LEDs are dark in some frames while the shutter is open, so a lit lamp looks dark more
# often; a dark one hardly ever looks lit. No labelled picture shows red with yellow, of which a network without a class
# for it sees one, or is torn between both: those rows are a guess.
_NATIVE: Final = np.array(
    # seen: red yellow green r+y  off
    [
        [0.775, 0.01, 0.01, 0.005, 0.20],
        [0.01, 0.76, 0.02, 0.01, 0.20],
        [0.01, 0.01, 0.775, 0.005, 0.20],
        [0.25, 0.15, 0.02, 0.48, 0.10],
        [0.03, 0.02, 0.03, 0.0, 0.92],
    ]
)
_REDUCED: Final = np.array(
    [
        [0.65, 0.03, 0.015, 0.005, 0.30],
        [0.02, 0.65, 0.02, 0.01, 0.30],
        [0.01, 0.03, 0.655, 0.005, 0.30],
        [0.35, 0.20, 0.02, 0.23, 0.20],
        [0.05, 0.04, 0.05, 0.0, 0.86],
    ]
)
# Looks a sixth of a second apart show the same glare and dirt and err together: each counts for less.
TEMPER: Final = 0.7
# Confidence of a look from which it is believed in full: of 27 heads between 0.05 and 0.4 that were read as lit one
# was misread. A look of less is a mixture with no knowledge at all, and so is some of each.
BELIEVED: Final = 0.15
MOST_BELIEVED: Final = 0.95
TICK_S: Final = 0.01


def likelihood(share: Floats, confidence: Floats, native: NDArray[np.bool_]) -> Floats:
    """(N, 5) likelihood of what N looks show for each steady state, scaled to at most 1.

    Args:
        share: (N, 5) what each took for how likely, rows adding to 1. confidence: (N,) that it saw a head at all.
    """
    believed = np.clip(confidence / BELIEVED, 0.0, MOST_BELIEVED)[:, None]
    told = np.where(native[:, None], share @ _NATIVE.T, share @ _REDUCED.T)
    mixed = (believed * told + (1 - believed) / STEADY) ** TEMPER
    return np.asarray(mixed / mixed.max(axis=1, keepdims=True))


def posterior(time_s: Floats, seen: Floats) -> Floats:
    """(N, 8) probability of each of `STATES` at N sorted times, given `likelihood`s (N, 5) of the looks then."""
    emission = seen[:, _LAMP_OF]
    step, gap = _transitions(np.diff(time_s))
    forward = np.empty_like(emission)
    forward[0] = _normal(_start() * emission[0])
    for row in range(1, len(emission)):
        forward[row] = _normal((forward[row - 1] @ step[gap[row - 1]]) * emission[row])
    backward = np.ones_like(emission)
    for row in range(len(emission) - 2, -1, -1):
        backward[row] = _normal(step[gap[row]] @ (backward[row + 1] * emission[row + 1]))
    hidden = forward * backward
    return np.asarray((hidden / hidden.sum(axis=1, keepdims=True)) @ np.eye(len(STATES))[STATE_OF])


def _normal(values: Floats) -> Floats:
    return np.asarray(values / values.sum())


def _start() -> Floats:
    hidden = BEGIN[STATE_OF]
    hidden[STEADY:] /= _PHASES
    return np.asarray(hidden / hidden.sum())


def _transitions(gap_s: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """(M, hidden, hidden) transition probabilities over the M different gaps, and (N,) which of them each gap is: looks
    are many, their gaps are few.
    """
    ticks, inverse = np.unique(np.round(gap_s / TICK_S).astype(int), return_inverse=True)
    return np.asarray(expm(_RATES * (ticks * TICK_S)[:, None, None])), inverse


def _rates() -> Floats:
    """(hidden, hidden) changes per second; rows add to 0."""
    size = len(STATE_OF)
    rates = np.zeros((size, size))
    leaves = _NEXT / _NEXT.sum(axis=1, keepdims=True) / MEAN_S[:, None]
    first = [STEADY + _PHASES * index for index in range(len(FLASHING))]
    enters = np.zeros((len(STATES), size))
    enters[np.arange(STEADY), np.arange(STEADY)] = 1.0
    for state, begin in zip(FLASHING, first, strict=True):
        enters[state, [begin, begin + STAGES]] = 0.5  # lit or dark first
    rates += leaves[STATE_OF] @ enters
    for begin in first:
        for phase in range(_PHASES):
            lasts = LIT_S if phase < STAGES else DARK_S
            rates[begin + phase, begin + (phase + 1) % _PHASES] += STAGES / lasts
    np.fill_diagonal(rates, 0.0)
    np.fill_diagonal(rates, -rates.sum(axis=1))
    return rates


_RATES: Final[Floats] = _rates()
