"""Road markings over a video: what was seen of them in single looks, joined in the local frame. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from vision.markings.lane_flow import Flow
from vision.markings.paint import PaintLook
from vision.markings.relics import without_relics
from vision.markings.sightings import Seen, Sighting, in_picture, sightings
from vision.tables.markings import MarkingTable

SAME_AXIS: Final = np.cos(np.radians(20.0))
SAME_PLACE_M: Final = 0.8
OVERLAP_M: Final = 1.0  # two pieces of one line may lie so far apart
AGREED: Final = 0.2  # of the sightings reach this far
FORGOTTEN_S: Final = 20.0  # a pose that is carried on from step to step has drifted by then
SAMPLES: Final = 9
FEWEST_HITS: Final = 2
LEAST: Final = 0.25  # less sure ones are not recorded


@dataclass(slots=True)
class Marking:
    """One marking's sightings, in order of time. `era`: they are joined only with those of the same one."""

    era: int
    sightings: list[Sighting] = field(default_factory=list)

    def whole(self) -> Sighting:
        """The best sighting, along its middle line as far as others as near saw more of it: a part may be hidden, or
        the edge of something else may go on where the paint ends. A few must agree.
        """
        best = max(self.sightings, key=lambda one: one.quality / (1.0 + one.std_m))
        start, end = best.ends
        axis = (end - start) / np.hypot(*(end - start))
        along = np.sort([(one.ends - start) @ axis for one in self.sightings if one.std_m <= 2 * best.std_m], axis=1)
        low, high = np.quantile(along[:, 0], AGREED), np.quantile(along[:, 1], 1 - AGREED)
        return replace(best, ends=start + np.array([low, high])[:, None] * axis)

    @property
    def hits(self) -> int:
        """Looks that saw it, or pieces of it."""
        return len({one.look for one in self.sightings})

    def confidence(self, chances: int) -> float:
        """How much it looks like one, times how steadily it was seen. `chances`: looks at which it could be seen."""
        quality = float(np.mean([one.quality for one in self.sightings]))
        return quality * self.hits / (max(chances, self.hits) + 1)


def find_markings(looks: Sequence[PaintLook], seen: Seen, flow: Flow | None = None) -> MarkingTable:
    """Stop lines and crosswalks, each once, by all looks that saw it or could have.

    Args:
        flow: of a fixed camera's traffic; a moving camera drives the way the road goes.
    """
    found: list[Marking] = []
    known: list[Marking] = []
    era, before = 0, -1
    places = np.stack([seen.ego.x_m, seen.ego.y_m], axis=1)
    looks = without_relics(looks, places, seen.size[0])
    for number, look in enumerate(looks):
        if seen.cut[before + 1 : look.frame + 1].any():
            known, era = [], era + 1
        before = look.frame
        known = [one for one in known if flow or seen.frame_s[look.frame] - one.sightings[-1].time_s <= FORGOTTEN_S]
        for sighting in sightings(number, look, seen, flow):
            one = _same(known, sighting)
            if one is None:
                one = Marking(era)
                found.append(one)
                known.append(one)
            one.sightings.append(sighting)
    often = [(one, whole) for one, whole in _merged(found) if one.hits >= FEWEST_HITS]
    sure = [(one, whole, one.confidence(_chances(one, whole, looks, seen))) for one, whole in often]
    return _table([each for each in sure if each[2] >= LEAST], seen)


def _chances(marking: Marking, whole: Sighting, looks: Sequence[PaintLook], seen: Seen) -> int:
    """Looks from its first sighting to its last in which at least half of it was in the picture and not hidden."""
    start, end = whole.ends
    points = start + np.linspace(0.0, 1.0, SAMPLES)[:, None] * (end - start)
    count = 0
    for look in looks[marking.sightings[0].look : marking.sightings[-1].look + 1]:
        x, y = in_picture(points, look.frame, seen).T
        inside = (x >= 0) & (y >= 0) & (x < seen.size[0]) & (y < seen.size[1])
        x1, y1, x2, y2 = look.hidden.T[:, :, None]
        hidden = ((x >= x1) & (x <= x2) & (y >= y1) & (y <= y2)).any(axis=0)
        count += bool(np.mean(inside & ~hidden) >= 0.5)
    return count


def _merged(found: Sequence[Marking]) -> list[tuple[Marking, Sighting]]:
    """Pieces between which something hid the rest at first are one marking. Each with its `whole`."""
    merged: list[tuple[Marking, Sighting]] = []
    for marking in sorted(found, key=lambda one: -len(one.sightings)):
        whole = marking.whole()
        for row, (other, its) in enumerate(merged):
            if other.era == marking.era and _apart(its, whole) < 1.0:
                both = sorted(other.sightings + marking.sightings, key=lambda one: one.time_s)
                joined = Marking(other.era, both)
                merged[row] = joined, joined.whole()
                break
        else:
            merged.append((marking, whole))
    return sorted(merged, key=lambda one: one[0].sightings[0].time_s)


def _table(sure: Sequence[tuple[Marking, Sighting, float]], seen: Seen) -> MarkingTable:
    """Of markings, each with its `whole` and its confidence."""
    markings, wholes = [one for one, _, _ in sure], [whole for _, whole, _ in sure]
    ends = np.array([one.ends for one in wholes]).reshape(-1, 2, 2)
    image = np.array([in_picture(one.ends, one.frame, seen) for one in wholes])
    x1, y1, x2, y2 = ends.reshape(-1, 4).T
    image_x1, image_y1, image_x2, image_y2 = image.reshape(-1, 4).T
    return MarkingTable(
        marking=np.arange(1, len(wholes) + 1, dtype=np.int32),
        kind=np.array([one.kind for one in wholes], "<U9"),
        first_s=np.array([one.sightings[0].time_s for one in markings], float),
        last_s=np.array([one.sightings[-1].time_s for one in markings], float),
        hits=np.array([one.hits for one in markings], np.int32),
        confidence=np.array([confidence for _, _, confidence in sure], np.float32),
        x1_m=x1, y1_m=y1, x2_m=x2, y2_m=y2,
        width_m=np.array([one.width_m for one in wholes], float),
        std_m=np.array([one.std_m for one in wholes], float),
        frame=np.array([one.frame for one in wholes], np.int32),
        image_x1=image_x1, image_y1=image_y1, image_x2=image_x2, image_y2=image_y2,
    )  # fmt: skip


def _same(known: Sequence[Marking], sighting: Sighting) -> Marking | None:
    """The nearest marking that this may be, of its kind."""
    candidates = [(_apart(one.sightings[-1], sighting), number) for number, one in enumerate(known)]
    apart, number = min(candidates, default=(np.inf, -1))
    return known[number] if apart < 1.0 else None


def _apart(one: Sighting, other: Sighting) -> float:
    """0 (the same place) to 1 and more (another marking), in units of what is doubtful."""
    if one.kind != other.kind:
        return np.inf
    span = one.ends[1] - one.ends[0]
    length = float(np.hypot(*span))
    axis = span / length
    toward = other.ends[1] - other.ends[0]
    if abs(float(axis @ toward)) < SAME_AXIS * float(np.hypot(*toward)):
        return np.inf
    relative = other.ends - one.ends[0]
    along = np.sort(relative @ axis)
    if along[0] > length + OVERLAP_M or along[1] < -OVERLAP_M:
        return np.inf
    off = float(abs(np.mean(relative @ [-axis[1], axis[0]])))
    return off / (SAME_PLACE_M + 0.5 * (one.std_m + other.std_m))
