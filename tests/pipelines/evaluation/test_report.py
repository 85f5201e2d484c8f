"""Scores of several clips added up, and their mistakes one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from pipelines.evaluation.clip_truth import ClipTruth, LampTruth
from pipelines.evaluation.clips import ClipScore, score_clip
from pipelines.evaluation.mistakes import clip_mistakes
from pipelines.evaluation.report import report
from pipelines.incident import Kind
from tests.pipelines.evaluation.builders import ELSEWHERE, event, truth, window
from tests.pipelines.logs import make_log, standing
from vision.log import ObservationLog

LITTER = (150.0, 470.0, 190.0, 500.0)


def litter_log() -> ObservationLog:
    """Five seconds of something that lies at `LITTER`, about 0.7 m wide."""
    log = make_log([standing(1, "litter", 18.0, 0.0)], duration_s=5.0)
    boxes = np.tile(np.array(LITTER, np.float32), (len(log.observations.time_s), 1))
    return replace(log, observations=replace(log.observations, boxes=boxes))


def scored(known: ClipTruth) -> ClipScore:
    return score_clip(known, litter_log(), None)


def test_hits_and_alarms_of_all_clips_are_added_up() -> None:
    lies, other = event(Kind.LITTER, 0.0, 5.0, LITTER, at_s=1.0), event(Kind.LITTER, 0.0, 5.0, ELSEWHERE, at_s=1.0)
    whole = window(Kind.LITTER)
    clips = [
        scored(truth(events=(lies, other), windows=(whole,))),  # one of two found
        scored(truth(events=(other,), windows=(window("none"),))),  # missed, and reported where nothing is
        scored(truth(events=(lies,))),  # found, but nothing is known of precision
    ]
    found = report(clips, [])
    litter = next(each for each in found.kinds if each.kind == Kind.LITTER)
    assert (litter.recall.part, litter.recall.whole) == (2, 4)
    assert (litter.precision.part, litter.precision.whole) == (1, 2)
    windows = [(each.kind, each.recall.part, each.recall.whole, each.false_alarms) for each in found.windows]
    assert windows == [("litter", 1, 2, 0), ("none", 0, 1, 1)]
    assert Counter(each.verdict for each in found.mistakes) == {"missed": 2, "false_alarm": 1}


def test_kinds_without_a_rule_are_shown_only_where_something_is_labelled() -> None:
    shown = {each.kind: each.has_rule for each in report([scored(truth(events=(event(Kind.WRONG_WAY),)))], []).kinds}
    assert shown == {"litter": True, "illegal_parking": True, "red_light_running": True, "wrong_way": False}


def test_every_sort_of_mistake_can_be_looked_at() -> None:
    lamp = LampTruth("clip", (10.0, 10.0, 14.0, 20.0), 0.0, 2.0, frozenset({"red"}))
    events = (event(box=None, start_s=3.0), event("at_rest", box=ELSEWHERE, at_s=1.0))
    found = clip_mistakes(scored(truth(events=events, lamps=(lamp,), cuts=(1.0,))))
    assert sorted((each.what, each.verdict) for each in found) == [
        ("at rest", "missed"), ("cut", "missed"), ("lamp state", "missed"), ("litter", "not_scored"),
        ("red_light_running", "missed"),
    ]  # fmt: skip
    boxes = {each.what: each.box for each in found}
    assert (boxes["litter"], boxes["red_light_running"], boxes["lamp state"]) == (LITTER, None, lamp.box)
