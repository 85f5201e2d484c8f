"""The page shows the mistakes that matter, and is one file that needs nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from models.evaluation.calibration import reliability
from models.evaluation.evaluate import Seen, by_class, scores
from models.evaluation.measures import Measure, take
from models.evaluation.mistakes import MISSED, SHOWN, draw, judge_picture, worst_mistakes
from models.evaluation.plots import precision_recall_plot, reliability_plot
from models.evaluation.report import page
from models.evaluation.report_json import calibration_of, plain
from models.evaluation.sets import EvaluationSet
from models.taxonomy import CLASS_ID, STREET_CLASSES
from tests.models.seen import boxes

CAR = CLASS_ID["car"]
HALF = np.full(len(STREET_CLASSES), 0.5, np.float32)


@pytest.fixture
def looked(tmp_path: Path) -> Seen:
    """Picture 0: a hit, a sure and a weak false alarm; picture 1: a large and a small miss."""
    paths = (tmp_path / "zero.png", tmp_path / "one <&>.png")
    for path in paths:
        cv2.imwrite(str(path), np.full((200, 300, 3), 90, np.uint8))
    hit, sure, weak = (0, 0, 40, 40, CAR, 0.75), (100, 0, 140, 40, CAR, 0.95), (100, 100, 140, 140, CAR, 0.65)
    found = (boxes(hit, sure, weak, (200, 0, 240, 40, CAR, 0.45)), boxes())
    truths = (boxes(hit), boxes((0, 0, 20, 20, CAR, 1), (100, 100, 190, 150, CAR, 1)))
    return Seen(EvaluationSet("s", "v", ((3, CAR),), size=0), paths, found, truths, np.arange(2))


def test_boxes_are_judged_at_the_threshold(looked: Seen) -> None:
    verdicts = judge_picture(looked, 0, CAR, 0.5)
    assert len(verdicts.right) == 1
    assert verdicts.false_confidence.tolist() == pytest.approx([0.95, 0.65])
    assert len(judge_picture(looked, 1, CAR, 0.5).missed) == 2


def test_the_worst_of_each_picture_comes_first(looked: Seen) -> None:
    (false,) = worst_mistakes([looked], CAR, 0.5, "false", 9)
    (missed,) = worst_mistakes([looked], CAR, 0.5, "missed", 9)
    assert (false.picture, false.badness) == (0, pytest.approx(0.95))
    assert (missed.picture, missed.badness) == (1, 90)
    assert worst_mistakes([looked], CLASS_ID["bus"], 0.5, "false", 9) == []


def test_a_mistake_is_drawn_with_its_surroundings(looked: Seen) -> None:
    (missed,) = worst_mistakes([looked], CAR, 0.5, "missed", 9)
    drawn = cv2.imdecode(np.frombuffer(draw(missed, 0.5), np.uint8), cv2.IMREAD_COLOR)
    assert max(drawn.shape[:2]) == SHOWN
    orange = np.abs(drawn[:, :, ::-1].astype(int) - MISSED).sum(axis=2) < 90
    assert orange.sum() > 2 * 90  # the outline of the 90 px box


def test_the_page_is_whole_in_itself_and_escapes_names(looked: Seen) -> None:
    results = by_class([looked])
    measured = take([Measure("m", "mean_ap50", "s", (CAR,), floor=0.99)], [looked], HALF)
    text = page("net", [looked], results, scores(results, HALF), measured, HALF)
    assert len(re.findall(r"data:image/jpeg;base64,[A-Za-z0-9+/=]{500,}", text)) == 2
    assert not re.search(r'(src|href)="(?!data:)', text)
    assert "one &lt;&amp;&gt;.png" in text
    assert 'class="below"' in text
    assert "nan" not in re.sub(r"base64,[^\"]*", "", text)


def test_plots_are_well_formed_and_one_line_per_set(looked: Seen) -> None:
    (one,) = by_class([looked])
    svg = ElementTree.fromstring(precision_recall_plot([("a & b", one.scored), ("c", one.scored)], 0.5))
    assert len(svg.findall("polyline")) == 2
    assert len(svg.findall("circle")) == 2
    bars = ElementTree.fromstring(reliability_plot(reliability([one.scored])))
    assert len(bars.findall("rect")) == 1 + 4  # the frame and four confidences in four bins


def test_plain_leaves_out_what_has_no_meaning(looked: Seen) -> None:
    results = by_class([looked])
    rows = plain(scores(results, HALF))
    assert rows[0]["false_per_picture"] == 1.0
    assert "bucket" not in rows[0]
    assert any(row.get("bucket") == [48.0, 96.0] for row in rows)
    (calibrated,) = plain(calibration_of(results))
    assert calibrated["class_name"] == "car"
    assert len(calibrated["reliability"]["bins"]) == 4
