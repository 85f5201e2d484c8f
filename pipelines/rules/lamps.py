"""When a light was surely red, from the voted states of the heads that show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.taxonomy import CLASS_ID, LIGHTS, class_ids
from pipelines.rules.intervals import Span, merged, without
from pipelines.rules.protocol import Scene
from vision.log import ObservationLog, Track

# A head hidden by a lorry: red before and after within less than the shortest green is red in between.
_HIDDEN_S: Final = 4.0
# A head may appear this much of its size (and pixels) beside the box drawn in the site file.
_BOX_SLACK: Final = 0.6
_BOX_SLACK_PX: Final = 4.0
# Between two reds with nothing known between them it may have been red for this long: the longest cycle.
_BETWEEN_REDS_S: Final = 180.0
# Yellow lasts at least 3 s in all jurisdictions known to us: a shorter flash among red is a misread.
_MISREAD_S: Final = 0.45
# and no red is as short as this.
_SHORTEST_RED_S: Final = 1.0
# A head with three lamps of 300 mm, where the lowest are mounted, and how far away one still makes cars queue here.
_HEAD_HEIGHT_M: Final = 1.0
_LOWEST_HEAD_M: Final = 2.2
_NEAR_M: Final = 60.0
_FEWEST_RED: Final = 2
# Yellow beside red "does not affect the prohibition of passing indicated by the red light" (Convention on Road Signs
# and Signals, Vienna 1968, article 23). Flashing red or yellow is another signal: stop first, or take care, then go on.
_RED: Final = ("red", "red_yellow")


@dataclass(frozen=True, slots=True)
class Light:
    """What a group of heads that show the same showed. `red`: spans in which it was surely red. `other`: spans in
    which it surely was not. `heads`: the one seen most first.
    """

    red: tuple[Span, ...]
    other: tuple[Span, ...]
    heads: tuple[Track, ...]
    confidence: float

    def head_at(self, time_s: float) -> tuple[Track, int]:
        """The head that was seen nearest to a time, and the row of that sighting; of several the one seen most."""
        rows = [int(np.argmin(np.abs(head.time_s - time_s))) for head in self.heads]
        seen = list(zip(self.heads, rows, strict=True))
        return min(seen, key=lambda pair: abs(float(pair[0].time_s[pair[1]]) - time_s))

    def red_since(self, start: float, end: float) -> Span | None:
        """The span of sure red that covers [start, end]."""
        return next((span for span in self.red if span[0] <= start and end <= span[1]), None)

    def maybe_red(self, start: float, at: float, end: float) -> bool:
        """Whether it may have been red at the likely time `at` of something that happened in [start, end], though not
        surely in all of it: it was red in some of it, or nothing is known of it then and it was red just before, or
        before and after.
        """
        if self.red_since(start, end) is not None or any(a <= at <= b for a, b in self.other):
            return False
        if any(a <= end and start <= b for a, b in self.red):
            return True
        before = max((b for _, b in self.red if b <= at), default=-np.inf)
        after = min((a for a, _ in self.red if a >= at), default=np.inf)
        if any(before <= b and a <= at for a, b in self.other):
            return False
        changed = any(a <= after and at <= b for a, b in self.other)
        return bool(at - before <= _HIDDEN_S or (not changed and after - before <= _BETWEEN_REDS_S))


def heads_at(log: ObservationLog, boxes: tuple[tuple[float, float, float, float], ...]) -> tuple[Track, ...]:
    """Light tracks whose median box lies at one of the site's signal boxes."""
    lights = log.each_track(class_ids(LIGHTS))
    return tuple(track for track in lights if any(_is_at(np.median(track.boxes, axis=0), box) for box in boxes))


def heads_in_view(scene: Scene) -> tuple[Track, ...]:
    """Every head, where no site says which ones count. Heads hang higher than a car's camera: what appears below
    the horizon there is a tail light.
    """
    optics = scene.optics
    lowest = optics.horizon_y if optics.height_m < _LOWEST_HEAD_M else np.inf
    lights = scene.log.each_track(class_ids(LIGHTS))
    return tuple(track for track in lights if float(np.median(track.boxes[:, 3])) < lowest)


def near_red(scene: Scene, start: float, end: float) -> bool:
    """Whether a red head less than `_NEAR_M` away was seen in [start, end]."""
    for head in heads_in_view(scene):
        rows = (head.time_s >= start) & (head.time_s <= end)
        red = rows & (head.observations.class_id[head.rows] == CLASS_ID["light_red"])
        tall = head.boxes[red, 3] - head.boxes[red, 1]
        if len(tall) >= _FEWEST_RED and float(tall.max()) > scene.optics.focal_px * _HEAD_HEIGHT_M / _NEAR_M:
            return True
    return False


def light_of(log: ObservationLog, heads: tuple[Track, ...]) -> Light | None:
    """The common state of heads; None when no state of any of them is known. Where one shows another colour, it is not
    red, nor where one flashes; one that shows nothing says nothing of the others, but a head that goes out between two
    reds flashes.
    """
    heads = tuple(sorted(heads, key=lambda head: -len(head.rows)))
    table = log.signals
    rows = np.isin(table.track, [head.track for head in heads]) & (table.state != "unknown")
    if not rows.any():
        return None
    is_red = rows & np.isin(table.state, _RED)
    is_off = rows & (table.state == "off")
    lit = _lasting(_spans(log, rows & ~is_red & ~is_off))
    others = [*lit, *_lasting(_spans(log, is_off))]
    cuts = [(t - 1e-6, t) for t in log.frames.time_s[log.frames.cut].tolist()]
    red = without(merged(without(_spans(log, is_red), cuts), 1e-9), lit)
    red = [span for span in _joined(red, [*others, *cuts]) if span[1] - span[0] >= _SHORTEST_RED_S]
    confidence = float(np.mean(table.confidence[is_red if is_red.any() else rows]))
    return Light(tuple(red), tuple(merged(without(others, red))), heads, confidence)


def _lasting(spans: list[Span]) -> list[Span]:
    return [span for span in spans if span[1] - span[0] >= _MISREAD_S]


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
