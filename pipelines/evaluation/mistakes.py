"""Every miss and false alarm as something that can be looked at: a moment, a box, and words."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal

from pipelines.evaluation.clip_truth import Event
from pipelines.evaluation.clips import ClipScore, DriveScore
from pipelines.evaluation.incidents import KindScore
from pipelines.evaluation.lamps import LampSeconds
from pipelines.evaluation.rest import RestDecision, Told
from pipelines.evaluation.tables import Box
from pipelines.incident import Finding, Kind, Role

Verdict = Literal["missed", "false_alarm", "not_scored"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """Attributes:
    verdict: `not_scored` is no mistake, but worth a look: nothing says whether it is right.
    time_s: container PTS of the clip. box: native pixels, None where no label gives one.
    """

    verdict: Verdict
    clip: str
    what: str
    time_s: float
    box: Box | None
    words: str


def clip_mistakes(score: ClipScore) -> list[Mistake]:
    found = [mistake for kind in score.kinds for mistake in _of_kind(kind)]
    found += [_of_rest(score.truth.name, each) for each in score.rest if each.told is not Told.STOOD]
    found += [_of_lamp(each) for each in score.lamps if each.right < each.seconds / 2]
    return found + [
        Mistake("missed", score.truth.name, "cut", cut, None, "not told apart") for cut in score.cuts.missed
    ]


def drive_mistakes(score: DriveScore) -> list[Mistake]:
    """Vehicles that stood and are not said to have, and the other way round."""
    wrong = [each for each in score.decisions if each.stood != (each.told is Told.STOOD)]
    return [_of_rest(score.truth.name, each) for each in wrong]


def _of_kind(score: KindScore) -> list[Mistake]:
    alarms = dict.fromkeys((*score.false_alarms, *score.reported_waiters))
    return [
        *(_missed(score.kind, event) for event in score.misses),
        *(_reported("false_alarm", score.clip, each) for each in alarms),
        *(_reported("not_scored", score.clip, each) for each in score.unscored),
    ]


def _missed(kind: Kind, event: Event) -> Mistake:
    """At its box that is nearest to when it is to be seen."""
    words = f"{event.name} {event.note}".strip()
    at = event.front_at_line_s if isfinite(event.front_at_line_s) else event.start_s
    if not event.boxes:
        return Mistake("missed", event.clip, kind.value, at, None, words)
    during = [each for each in event.boxes if event.start_s <= each[0] <= event.end_s]
    time_s, box = min(during or event.boxes, key=lambda each: abs(each[0] - at))
    return Mistake("missed", event.clip, kind.value, time_s, box, words)


def _reported(verdict: Verdict, clip: str, finding: Finding) -> Mistake:
    shown = [moment for moment in finding.moments if moment.box is not None and moment.role is not Role.LAMP]
    best = next((moment for moment in shown if moment.role is Role.AT), shown[0] if shown else None)
    time_s, box = (finding.start_s, None) if best is None else (best.time_s, best.box)
    return Mistake(verdict, clip, finding.kind.value, time_s, box, f"{finding.subject_class}: {finding.reasons[0]}")


def _of_rest(clip: str, each: RestDecision) -> Mistake:
    verdict: Verdict = "missed" if each.stood else "false_alarm"
    truth = "stood" if each.stood else "moved"
    return Mistake(verdict, clip, "at rest", each.time_s, each.box, f"{each.subject}: {truth}, in the log: {each.told}")


def _of_lamp(each: LampSeconds) -> Mistake:
    truth = each.truth
    said = each.wrong_as or "nothing"
    words = f"{' or '.join(sorted(truth.states))} for {each.seconds:.1f} s, right {each.right:.1f} s, said: {said}"
    return Mistake("missed", truth.clip, "lamp state", (truth.start_s + truth.end_s) / 2, truth.box, words)
