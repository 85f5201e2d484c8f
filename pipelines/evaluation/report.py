"""All scores of a set of clips and drives added up, as tables and JSON show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.evaluation.clip_truth import Window
from pipelines.evaluation.clips import ClipScore, DriveScore, Optics
from pipelines.evaluation.cuts import CutScore
from pipelines.evaluation.follow import Identity, total_identity
from pipelines.evaluation.ground import PlaceScore, SpeedScore
from pipelines.evaluation.incidents import InWindow, KindScore
from pipelines.evaluation.lamps import LampScore, lamp_scores
from pipelines.evaluation.mistakes import Mistake, clip_mistakes, drive_mistakes
from pipelines.evaluation.parked import ParkedScore
from pipelines.evaluation.rest import RestScore, rest_score
from pipelines.evaluation.shares import Share, share
from pipelines.incident import Kind
from pipelines.judge import JUDGED_KINDS


@dataclass(frozen=True, slots=True)
class KindTotal:
    """One kind over all clips.

    Attributes:
        has_rule: otherwise nothing can be found yet.
        recall: of sure events. likely: of those that are merely likely. precision: in complete windows only.
        waiters: lawful waiters at the line that were reported, of all. unscored: incidents nothing can be said of.
        sightings: insufficient ones, which no tally counts.
    """

    kind: str
    has_rule: bool
    recall: Share
    likely: Share
    precision: Share
    waiters: Share
    unscored: int
    sightings: int


@dataclass(frozen=True, slots=True)
class WindowTotal:
    """`kind` "none": of all kinds. `precision` is of the events and incidents of this very window."""

    clip: str
    kind: str
    start_s: float
    end_s: float
    recall: Share
    precision: Share
    false_alarms: int


@dataclass(frozen=True, slots=True)
class CutTotal:
    """Of labelled cuts and what is seen of them; `carried`, `elsewhere` as of a clip."""

    found: Share
    carried: int
    elsewhere: int


@dataclass(frozen=True, slots=True)
class DriveRow:
    """`optics`, `gps`: as of a drive's score; `parked` only with positions."""

    drive: str
    optics: Optics
    gps: bool
    places: PlaceScore
    speeds: SpeedScore
    rest: RestScore
    identity: Identity
    parked: ParkedScore | None


@dataclass(frozen=True, slots=True)
class Report:
    """`rest`, `lamps`, `cuts`, `identity` are the clips'. `drive_rest`: of all drives, with GPS where there is some."""

    models: tuple[str, ...]
    kinds: tuple[KindTotal, ...]
    windows: tuple[WindowTotal, ...]
    rest: RestScore
    lamps: tuple[LampScore, ...]
    cuts: CutTotal
    identity: Identity
    drives: tuple[DriveRow, ...]
    drive_rest: RestScore
    mistakes: tuple[Mistake, ...]


def report(clips: Sequence[ClipScore], drives: Sequence[DriveScore]) -> Report:
    kinds = [(kind, [each for clip in clips for each in clip.kinds if each.kind is kind]) for kind in Kind]
    totals = [_kind_total(kind, scores, clips) for kind, scores in kinds]
    mistakes = [mistake for clip in clips for mistake in clip_mistakes(clip)]
    mistakes += [mistake for drive in _first_of_each(drives) for mistake in drive_mistakes(drive)]
    return Report(
        tuple(sorted({each.meta.model for each in [*(c.log for c in clips), *(d.log for d in drives)]})),
        tuple(total for total in totals if _tells(total)),
        _window_totals([window for _, scores in kinds for score in scores for window in score.windows]),
        rest_score([decision for clip in clips for decision in clip.rest]),
        lamp_scores([lamp for clip in clips for lamp in clip.lamps]),
        _cut_total([clip.cuts for clip in clips]),
        total_identity([clip.identity for clip in clips]),
        tuple(_drive_row(each) for each in drives),
        rest_score([decision for drive in _first_of_each(drives) for decision in drive.decisions]),
        tuple(mistakes),
    )


def _first_of_each(drives: Sequence[DriveScore]) -> list[DriveScore]:
    """A drive of which there are several logs shows its mistakes once."""
    return list({each.truth.name: each for each in reversed(drives)}.values())[::-1]


def _kind_total(kind: Kind, scores: Sequence[KindScore], clips: Sequence[ClipScore]) -> KindTotal:
    def count(name: str) -> int:
        return sum(len(getattr(score, name)) for score in scores)

    hits, likely, right = count("hits"), count("likely_hits"), count("hits_in_windows")
    return KindTotal(
        kind.value,
        kind in JUDGED_KINDS,
        share(hits, hits + count("misses")),
        share(likely, likely + count("likely_misses")),
        share(right, right + count("false_alarms")),
        share(count("reported_waiters"), count("waiters")),
        count("unscored"),
        sum(finding.kind is kind for clip in clips for finding in clip.sightings),
    )


def _tells(total: KindTotal) -> bool:
    counted = (total.recall, total.likely, total.precision)
    return total.has_rule or total.unscored > 0 or any(each.whole for each in counted)


def _window_totals(found: Sequence[InWindow]) -> tuple[WindowTotal, ...]:
    """A window of no kind has been scored for each kind."""
    windows = dict.fromkeys(each.window for each in found)
    return tuple(_window_total(window, [each for each in found if each.window == window]) for window in windows)


def _window_total(window: Window, found: Sequence[InWindow]) -> WindowTotal:
    hits, misses = sum(len(each.hits) for each in found), sum(len(each.misses) for each in found)
    alarms = sum(len(each.false_alarms) for each in found)
    place = (window.clip, window.kind, window.start_s, window.end_s)
    return WindowTotal(*place, share(hits, hits + misses), share(hits, hits + alarms), alarms)


def _cut_total(scores: Sequence[CutScore]) -> CutTotal:
    found, missed = sum(len(each.found) for each in scores), sum(len(each.missed) for each in scores)
    carried, elsewhere = sum(each.carried for each in scores), sum(each.elsewhere for each in scores)
    return CutTotal(share(found, found + missed), carried, elsewhere)


def _drive_row(each: DriveScore) -> DriveRow:
    name, scores = each.truth.name, (each.places, each.speeds, each.rest, each.identity, each.parked)
    return DriveRow(name, each.optics, each.gps, *scores)
