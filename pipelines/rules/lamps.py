"""When a light was surely red, from the voted states of the heads that show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.taxonomy import LIGHTS, class_ids
from pipelines.rules.intervals import Span, merged, without
from vision.log import ObservationLog, Track

# A head hidden by a lorry: red before and after within less than the shortest green is red in between.
_HIDDEN_S: Final = 4.0
# A head may appear this much of its size (and pixels) beside the box drawn in the site file.
_BOX_SLACK: Final = 0.6
_BOX_SLACK_PX: Final = 4.0
# Yellow lasts at least 3 s in all jurisdictions known to us: a shorter flash among red is a misread.
_MISREAD_S: Final = 0.45


@dataclass(frozen=True, slots=True)
class Light:
    """What a group of heads that show the same showed. `red`: spans in which it was surely red. `known`: spans in
    which its state is known. `tracks`: its heads, the one seen most first.
    """

    red: tuple[Span, ...]
    known: tuple[Span, ...]
    tracks: tuple[int, ...]
    confidence: float

    def red_since(self, start: float, end: float) -> Span | None:
        """The span of sure red that covers [start, end]."""
        return next((span for span in self.red if span[0] <= start and end <= span[1]), None)

    def maybe_red(self, start: float, end: float) -> bool:
        """Whether some of [start, end] is, or is next to, red without being surely red all along."""
        if self.red_since(start, end) is not None:
            return False
        return any(span[0] <= end and start <= span[1] for span in self.red)


def heads_at(log: ObservationLog, boxes: tuple[tuple[float, float, float, float], ...]) -> tuple[Track, ...]:
    """Light tracks whose median box lies at one of the site's signal boxes."""
    lights = log.each_track(class_ids(LIGHTS))
    return tuple(track for track in lights if any(_is_at(np.median(track.boxes, axis=0), box) for box in boxes))


def all_heads(log: ObservationLog) -> tuple[Track, ...]:
    return tuple(log.each_track(class_ids(LIGHTS)))


def light_of(log: ObservationLog, heads: tuple[Track, ...]) -> Light | None:
    """The common state of heads; None when no state of any of them is known. Where they disagree, it is not red."""
    heads = tuple(sorted(heads, key=lambda head: -len(head.rows)))
    table = log.signals
    rows = np.isin(table.track, [head.track for head in heads]) & (table.state != "unknown")
    if not rows.any():
        return None
    is_red = rows & (table.state == "red")
    others = [span for span in _spans(log, rows & ~is_red) if span[1] - span[0] >= _MISREAD_S]
    cuts = [(t - 1e-6, t) for t in log.frames.time_s[log.frames.cut].tolist()]
    red = without(merged(without(_spans(log, is_red), cuts), 1e-9), others)
    red = _joined(red, [*others, *cuts])
    known = tuple(merged([*red, *others]))
    confidence = float(np.mean(table.confidence[is_red if is_red.any() else rows]))
    return Light(tuple(red), known, tuple(head.track for head in heads), confidence)


def _joined(red: list[Span], others: list[Span]) -> list[Span]:
    """Red spans with nothing else between them and a short gap become one."""
    result: list[Span] = []
    for span in red:
        hidden = bool(result) and span[0] - result[-1][1] <= _HIDDEN_S
        if hidden and not any(result[-1][1] <= o[1] and o[0] <= span[0] for o in others):
            result[-1] = (result[-1][0], span[1])
        else:
            result.append(span)
    return result


def _spans(log: ObservationLog, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[Span]:
    table = log.signals
    return list(zip(table.first_s[rows].tolist(), table.last_s[rows].tolist(), strict=True))


def _is_at(seen: np.ndarray[tuple[int], np.dtype[np.float32]], box: tuple[float, float, float, float]) -> bool:
    x, y = 0.5 * (seen[0] + seen[2]), 0.5 * (seen[1] + seen[3])
    slack_x = _BOX_SLACK * (box[2] - box[0]) + _BOX_SLACK_PX
    slack_y = _BOX_SLACK * (box[3] - box[1]) + _BOX_SLACK_PX
    return bool(box[0] - slack_x < x < box[2] + slack_x and box[1] - slack_y < y < box[3] + slack_y)
