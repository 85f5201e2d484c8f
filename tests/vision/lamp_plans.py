"""Signal heads that follow a program, and looks at them as a network gives them: noisy, uneven, with gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vision.log import SignalTable
from vision.signals.lamp_model import STATES, STEADY
from vision.signals.voting import Head

Plan = Sequence[tuple[str, float]]  # state and seconds
COLOURS = ("red", "yellow", "green")


@dataclass(frozen=True, slots=True)
class Noise:
    """`missed`: share of looks that do not find the head. `misread`: that read a colour at random. `dark`: share of
    looks at a lit lamp into whose shutter no light of the LEDs falls.
    """

    missed: float = 0.1
    misread: float = 0.02
    dark: float = 0.0
    confidence: float = 0.6


def shown(plan: Plan, time_s: float) -> str:
    """The state of a program that begins at 0; its last one stays."""
    end = 0.0
    for state, seconds in plan:
        end += seconds
        if time_s < end:
            return state
    return plan[-1][0]


def lamp(state: str, time_s: float) -> str:
    """What shines: a flash once a second is lit in its first half."""
    colour = state.removeprefix("flashing_")
    return "off" if colour != state and time_s % 1.0 >= 0.5 else colour


def head(*looks: tuple[float, str], confidence: float = 0.8, native: bool = True, track: int = 7) -> Head:
    """A head whose looks each take one state for certain."""
    share = np.eye(STEADY)[[STATES.index(state) for _, state in looks]] if looks else np.zeros((0, STEADY))
    times = np.array([time_s for time_s, _ in looks])
    return Head(track, times, share, np.full(len(looks), confidence, np.float32), np.full(len(looks), native))


def looked_at(plan: Plan, noise: Noise, seed: int, rate_hz: float = 6.0) -> Head:
    random = np.random.default_rng(seed)
    times = np.arange(0.0, sum(seconds for _, seconds in plan), 1 / rate_hz)
    times = times[random.random(len(times)) >= noise.missed]
    looks = [(float(time_s), _read(lamp(shown(plan, time_s), time_s), noise, random)) for time_s in times]
    return head(*looks, confidence=noise.confidence)


def _read(shines: str, noise: Noise, random: np.random.Generator) -> str:
    if random.random() < noise.misread:
        return str(random.choice(COLOURS))
    if shines != "off" and random.random() < noise.dark:
        return "off"
    return str(random.choice(["red", "yellow"])) if shines == "red_yellow" else shines


def shares(table: SignalTable, plan: Plan, step_s: float = 0.05) -> tuple[float, float]:
    """Shares of the program's time in which the table says the right state, and a wrong one."""
    times = np.arange(0.0, sum(seconds for _, seconds in plan), step_s)
    said = np.full(len(times), "unknown", "<U15")
    for state, first_s, last_s in zip(table.state, table.first_s, table.last_s, strict=True):
        said[(times >= first_s) & (times <= last_s)] = state
    right = np.array([state == shown(plan, time_s) for state, time_s in zip(said, times, strict=True)])
    return float(right.mean()), float((~right & (said != "unknown")).mean())
