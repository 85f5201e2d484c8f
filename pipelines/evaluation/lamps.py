"""What the log says of signal heads against what they showed, in seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import LIGHTS, class_ids
from pipelines.evaluation.clip_truth import LampTruth
from vision.log import Floats, ObservationLog

STEP_S: Final = 0.05
SMALL_PX: Final = 12.0  # longer side of a head
_LIGHT_IDS: Final = class_ids(LIGHTS)
# A track is the labelled head's when its middle lies in the head's box, made larger by this share on each side.
_GROWN: Final = 0.5
_MARGIN_S: Final = 0.2  # labels of moving cameras are shorter than the time between two looks


@dataclass(frozen=True, slots=True)
class LampSeconds:
    """Of one labelled head and interval. The rest of `seconds` nothing is said of it.

    `wrong_as`: what it was mostly taken for, "" for nothing.
    """

    truth: LampTruth
    seconds: float
    right: float
    wrong: float
    wrong_as: str

    @property
    def small(self) -> bool:
        x1, y1, x2, y2 = self.truth.box
        return max(x2 - x1, y2 - y1) < SMALL_PX


@dataclass(frozen=True, slots=True)
class LampScore:
    """Seconds of heads of one size. `share`: right seconds of all; NaN where none is labelled."""

    size: str
    heads: int
    seconds: float
    right: float
    wrong: float
    share: float


def lamp_seconds(truth: LampTruth, log: ObservationLog) -> LampSeconds:
    """Time outside of what was decoded does not count."""
    file = log.meta.files[0]
    start, end = max(truth.start_s, file.first_s), min(truth.end_s, file.last_s)
    steps = max(1, round((end - start) / STEP_S))
    times = start + (np.arange(steps) + 0.5) * (end - start) / steps
    said = _said(times, _tracks(truth, log), log)
    right = sum(state in truth.states for state in said)
    wrong = [state for state in said if state and state not in truth.states]
    each = max(end - start, 0.0) / steps
    most = max(sorted(set(wrong)), key=wrong.count) if wrong else ""
    return LampSeconds(truth, each * steps, each * right, each * len(wrong), most)


def _tracks(truth: LampTruth, log: ObservationLog) -> NDArray[np.int32]:
    seen = log.observations
    x1, y1, x2, y2 = truth.box
    x, y = seen.boxes[:, [0, 2]].mean(axis=1), seen.boxes[:, [1, 3]].mean(axis=1)
    inside = (np.abs(x - (x1 + x2) / 2) <= (0.5 + _GROWN) * (x2 - x1)) & (
        np.abs(y - (y1 + y2) / 2) <= (0.5 + _GROWN) * (y2 - y1)
    )
    during = (seen.time_s >= truth.start_s - _MARGIN_S) & (seen.time_s <= truth.end_s + _MARGIN_S)
    light = np.isin(seen.class_id, list(_LIGHT_IDS))
    return np.unique(seen.track[inside & during & light])


def _said(times: Floats, tracks: NDArray[np.int32], log: ObservationLog) -> list[str]:
    """The state told at each time; "" where nothing is. The surest of several tracks is believed."""
    table = log.signals
    rows = np.flatnonzero(np.isin(table.track, tracks) & (table.state != "unknown"))
    rows = rows[np.argsort(-table.confidence[rows], kind="stable")]
    said = []
    for time_s in times:
        now = rows[(table.first_s[rows] <= time_s) & (table.last_s[rows] >= time_s)]
        said.append(str(table.state[now[0]]) if len(now) else "")
    return said


def lamp_scores(found: Iterable[LampSeconds]) -> tuple[LampScore, LampScore]:
    """Of heads of `SMALL_PX` and more, and of smaller ones."""
    each = list(found)
    large, small = f"{SMALL_PX:.0f} px and more", f"below {SMALL_PX:.0f} px"
    return _total(large, [one for one in each if not one.small]), _total(small, [one for one in each if one.small])


def _total(size: str, found: Sequence[LampSeconds]) -> LampScore:
    seconds, right, wrong = (float(sum(getattr(one, name) for one in found)) for name in ("seconds", "right", "wrong"))
    heads = len({(one.truth.clip, one.truth.box) for one in found})
    return LampScore(size, heads, seconds, right, wrong, right / seconds if seconds else float("nan"))
