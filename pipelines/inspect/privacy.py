"""Looks for plates and heads before anything is drawn, as for evidence."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from pipelines.evidence.clip import look_through
from pipelines.evidence.draw import Picture
from pipelines.evidence.frames import Footage
from pipelines.evidence.look import Looker
from pipelines.evidence.privacy import LOOKS_REACH_S, Privacy
from vision.log import ObservationLog

SECTION_S: Final = 20.0


def sections(start_s: float, end_s: float) -> Iterator[tuple[float, float]]:
    """Parts of a span of log time, so that a long one is not looked through as a whole before its first picture."""
    edges = [*np.arange(start_s, end_s, SECTION_S).tolist(), end_s]
    yield from pairwise(edges)


def privacy_of(footage: Footage, looker: Looker, start_s: float, end_s: float) -> Privacy:
    """What to blur in a section. Looks a few times a second, and a little beyond its end."""
    look_through(footage, (start_s, end_s + LOOKS_REACH_S), looker)
    looks = looker.between(start_s - LOOKS_REACH_S, end_s + LOOKS_REACH_S)
    return Privacy(footage.log, looks, start_s, end_s)


def privacy_at(log: ObservationLog, looker: Looker, time_s: float, picture: Picture) -> Privacy:
    """What to blur in one frame, `picture` in native pixels."""
    looker.look(time_s, picture)
    return Privacy(log, looker.between(time_s, time_s), time_s, time_s)
