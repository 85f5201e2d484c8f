"""Loose litter, a garbage pile or an overflowing bin, fixed in the world and on the ground."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import LITTER, ROAD_USERS, STREET_CLASSES, class_ids
from pipelines.incident import Finding, Grade, Kind, Moment, Role
from pipelines.rules.in_view import shown
from pipelines.rules.protocol import Scene
from pipelines.rules.views import SEEN, best_views
from vision.belief import agreed
from vision.log import Floats, Track
from vision.overlap import cover
from vision.places.rest import STANDS

SUBTYPES: Final = {"litter": "item", "garbage_pile": "pile", "overflowing_bin": "overflowing_bin"}

# Smallest and largest width in metres; the road scale of an uncalibrated camera is good to a quarter.
_WIDTH_M: Final = {"litter": (0.06, 1.6), "garbage_pile": (0.3, 10.0), "overflowing_bin": (0.3, 3.5)}
# Enough views: two sure ones or more weak ones, by the sum of their confidence.
_FEWEST_VIEWS: Final = 2
_ENOUGH: Final = 1.0
# A camera that stands sees the same thing from the same side again and again: what misleads the network once misleads
# it every time, so views do not add up. Of the detections about this sure (not: at least) on the validation set's
# litter photographs four in five are right (IoU 0.3, 640 px).
_SURE_WHEN_STANDING: Final = 0.65
# A thing that the picture's border cuts cannot be measured; lane dashes cut off look like paper.
_BORDER_PX: Final = 2.0
# Before a camera that stands, a thing that lies stays: paper that blows through does not.
_FIXED_STAYS_S: Final = 3.0
# Views of a thing that lies still scatter by this many of their uncertainties, and this much, at most.
_SCATTER_STD: Final = 2.5
_SCATTER_M: Final = 0.4
# Things this close are one place to sweep.
_ONE_PLACE_M: Final = 2.0
# and, where they were never seen at once, this many of their uncertainties: one thing seen twice.
_SAME_STDS: Final = 2.0
_FURTHEST_M: Final = 5.0
_ON_SOMETHING: Final = 0.6
# The network takes marks, lids and shadows for waste now and then, and waste in most looks from near by. Looks at a
# place count for so long before and after its sightings: others are of another visit, or drift has moved it.
_MOSTLY: Final = 0.5
# A camera that stands never comes nearer, and traffic hides what lies on the road: it need be seen less often; chosen.
_OFTEN: Final = 0.25
_ABOUT: Final = 0.9  # boxes are good to a tenth of their width
_ONE_VISIT_S: Final = 20.0
# Looks at the road and at the whole picture alternate: six of the latter a second.
_LOOKS_APART_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class _Thing:
    """`x, y, std_m`: local frame, NaN unknown."""

    track: Track
    name: str
    x: float
    y: float
    std_m: float
    width_m: float


@dataclass(frozen=True, slots=True)
class Litter:
    kind: ClassVar[Kind] = Kind.LITTER
    version: ClassVar[int] = 5

    def __call__(self, scene: Scene) -> tuple[Finding, ...]:
        tracks = scene.log.each_track(class_ids(LITTER))
        things = [thing for track in tracks if (thing := _lying(scene, _whole_views(scene, track))) is not None]
        places = [group for group in _places(scene, things) if _mostly_seen(scene, group)]
        picture = scene.log.meta.width, scene.log.meta.height
        found = [_finding(f"{self.kind}/{self.version}", group, picture) for group in places]
        return tuple(sorted(found, key=lambda finding: (finding.start_s, finding.track)))


def _whole_views(scene: Scene, track: Track) -> Track:
    """Without the views in which the border of the picture cuts the thing."""
    meta, boxes = scene.log.meta, track.boxes
    low, high = _BORDER_PX, np.array([meta.width, meta.height]) - _BORDER_PX
    return replace(track, rows=track.rows[(boxes[:, :2] >= low).all(axis=1) & (boxes[:, 2:] <= high).all(axis=1)])


def _is_sure(scene: Scene, track: Track) -> bool:
    if len(track.rows) < _FEWEST_VIEWS or float(track.confidence.sum()) < _ENOUGH:
        return False
    return not scene.fixed or float(np.median(track.confidence)) >= _SURE_WHEN_STANDING


def _lying(scene: Scene, track: Track) -> _Thing | None:
    name = STREET_CLASSES[track.class_id]
    if not _is_sure(scene, track):
        return None
    if not _stays(scene, track) or _on_something(scene, track):
        return None
    forward, _ = scene.optics.to_ground(track.boxes[:, 0].astype(float), track.boxes[:, 3].astype(float))
    width = np.median((track.boxes[:, 2] - track.boxes[:, 0]) * forward / scene.optics.focal_px)
    low, high = _WIDTH_M[name]
    if not low <= width <= high:
        return None
    x, y, std = _place(track)
    return _Thing(track, name, x, y, std, float(width))


def _placed(track: Track) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(track.local).all(axis=1) & np.isfinite(track.std_m))


def _place(track: Track) -> tuple[float, float, float]:
    """The nearest views count most; their shared errors do not average out."""
    known = _placed(track)
    if not known.any():
        return np.nan, np.nan, np.nan
    weight = 1.0 / np.maximum(track.std_m[known], 0.05) ** 2
    x, y = (track.local[known] * weight[:, None]).sum(axis=0) / weight.sum()
    return float(x), float(y), float(track.std_m[known].min())


def _stays(scene: Scene, track: Track) -> bool:
    """Fixed in the world: in the picture of a camera that stands, else on the ground."""
    if scene.fixed:
        return float(np.ptp(track.time_s)) >= _FIXED_STAYS_S and _still_in_picture(track)
    if np.isfinite(track.at_rest) and track.at_rest < STANDS:
        return False
    known = _placed(track)
    if known.sum() < _FEWEST_VIEWS:
        return False
    x, y, _ = _place(track)
    off: Floats = np.hypot(*(track.local[known] - [x, y]).T)
    return float(np.median(off - _SCATTER_STD * track.std_m[known])) <= _SCATTER_M


def _still_in_picture(track: Track) -> bool:
    boxes = track.boxes
    centre = 0.5 * (boxes[:, :2] + boxes[:, 2:])
    off = np.hypot(*(centre - np.median(centre, axis=0)).T)
    return float(np.percentile(off, 80)) < 0.6 * float(np.median(boxes[:, 2:] - boxes[:, :2], axis=0).max())


def _on_something(scene: Scene, track: Track) -> bool:
    """Carried, worn or driven: inside a road user's box, and not in front of it, in half of its views."""
    users = _road_users(scene)
    inside = 0
    for row, box in zip(track.rows.tolist(), track.boxes, strict=True):
        others = _seen_with(scene, users, row)
        behind = others[:, 3] > box[3] - 0.1 * (box[3] - box[1])
        bigger = (others[:, 2] - others[:, 0]) > (box[2] - box[0])
        inside += bool(len(others)) and bool(np.any(behind & bigger & (cover(others, box[None])[:, 0] > _ON_SOMETHING)))
    return 2 * inside >= len(track.rows)


def _road_users(scene: Scene) -> NDArray[np.intp]:
    """Rows of the observation table, in order of frames."""
    return np.flatnonzero(np.isin(scene.log.observations.class_id, list(class_ids(ROAD_USERS))))


def _seen_with(scene: Scene, users: NDArray[np.intp], row: int) -> NDArray[np.float32]:
    """Boxes of road users in the frame of a row and in the nearest one that shows any: a look at the road alone shows
    only parts of those near by, which are not counted.
    """
    seen = scene.log.observations
    time_s, at = seen.time_s[users], seen.time_s[row]
    low, high = np.searchsorted(time_s, [at - _LOOKS_APART_S, at + _LOOKS_APART_S])
    near = users[low:high]
    wide = near[seen.look[near] == "wide"]
    if not len(wide):
        return np.asarray(seen.boxes[near[seen.frame[near] == seen.frame[row]]])
    nearest = seen.frame[wide[np.argmin(np.abs(seen.time_s[wide] - at))]]
    return np.asarray(seen.boxes[near[(seen.frame[near] == seen.frame[row]) | (seen.frame[near] == nearest)]])


def _places(scene: Scene, things: list[_Thing]) -> list[list[_Thing]]:
    """Things at one place, the most convincing first; a thing without a place is on its own."""
    groups: list[list[_Thing]] = []
    for thing in sorted(things, key=lambda thing: (-agreed(thing.track.confidence), thing.track.track)):
        group = next((g for g in groups if _one_place(scene, g[0], thing)), None)
        if group is None:
            groups.append([thing])
        else:
            group.append(thing)
    return groups


def _one_place(scene: Scene, a: _Thing, b: _Thing) -> bool:
    # Without GPS, what lies between two scenes of a moving camera is unknown.
    if not scene.fixed and scene.log.meta.origin is None and _scene_of(scene, a) != _scene_of(scene, b):
        return False
    apart = float(np.hypot(a.x - b.x, a.y - b.y))
    if apart > _FURTHEST_M or a.name != b.name or np.intersect1d(a.track.time_s, b.track.time_s).size:
        return apart <= _ONE_PLACE_M
    doubt = _SAME_STDS * float(np.hypot(a.std_m, b.std_m))
    return apart <= max(_ONE_PLACE_M, min(doubt, _FURTHEST_M))


def _scene_of(scene: Scene, thing: _Thing) -> int:
    """How many hard cuts lie before it."""
    frames = scene.log.frames
    return int(np.sum(frames.cut & (frames.time_s <= thing.track.time_s[0] + 1e-9)))


def _mostly_seen(scene: Scene, group: list[_Thing]) -> bool:
    """Whether looks that show the place of the most convincing thing, so near that it is as large as in half of its
    sightings, find waste there more often than not; for a camera that stands, whether looks do often, from the first
    sighting to the last.
    """
    best, frames = group[0], scene.log.frames
    boxes, time_s = best.track.boxes, best.track.time_s
    hits = np.unique(np.concatenate([thing.track.observations.frame[thing.track.rows] for thing in group]))
    if scene.fixed:
        return len(hits) >= _OFTEN * float(hits[-1] - hits[0] + 1)
    if not np.isfinite(best.x):
        return True
    usual_px = _ABOUT * float(np.median(boxes[:, 2] - boxes[:, 0]))
    looks = shown(scene.log, scene.optics, (best.x, best.y), best.width_m, usual_px)
    looks &= (frames.time_s >= time_s[0] - _ONE_VISIT_S) & (frames.time_s <= time_s[-1] + _ONE_VISIT_S)
    looks &= np.cumsum(frames.cut) == _scene_of(scene, best)
    return float(looks[hits].sum()) >= _MOSTLY * float(looks.sum())


def _at_once(group: list[_Thing]) -> int:
    """How many are seen in one frame: the least number of things there are."""
    frames = np.concatenate([thing.track.observations.frame[thing.track.rows] for thing in group])
    return int(np.unique(frames, return_counts=True)[1].max())


def _finding(rule: str, group: list[_Thing], picture: tuple[int, int]) -> Finding:
    best = group[0]
    track, time_s, number = best.track, best.track.time_s, _at_once(group)
    placed = bool(np.isfinite(best.x))
    reasons = [
        f"{best.name.replace('_', ' ')} about {best.width_m:.1f} m wide seen {len(track.rows)} times over "
        f"{np.ptp(time_s):.1f} s, lying still" + (f" within ± {best.std_m:.1f} m" if placed else "")
    ]
    if number > 1:
        reasons.append(f"{number} things within {_ONE_PLACE_M:.0f} m")
    return Finding(
        kind=Kind.LITTER,
        rule=rule,
        grade=Grade.COMPLETE if placed else Grade.CLUE,
        missing=() if placed else ("position",),
        confidence=round(min(agreed(track.confidence), 0.99), 3),
        reasons=tuple(reasons),
        start_s=min(float(thing.track.time_s[0]) for thing in group),
        end_s=max(float(thing.track.time_s[-1]) for thing in group),
        track=track.track,
        subject_class=best.name,
        moments=tuple(_moment(best, role, row) for role, row in best_views(track.boxes, picture)),
        subtype=SUBTYPES[best.name],
        local=(best.x, best.y, best.std_m) if placed else None,
    )


def _moment(thing: _Thing, role: Role, row: int) -> Moment:
    track, lies = thing.track, "standing" if thing.name == "overflowing_bin" else "lying"
    x1, y1, x2, y2 = track.boxes[row].tolist()
    return Moment(role, float(track.time_s[row]), (x1, y1, x2, y2), f"{lies} on the ground, {SEEN[role]}")
