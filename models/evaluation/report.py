"""The page of an evaluation: one HTML file with its pictures and plots inside, for looking at on this machine.

It shows other people's pictures, among them readable plates and faces: it is not for publishing.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from math import isfinite, isinf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.calibration import reliability
from models.evaluation.evaluate import ClassOnSet, Score, Seen
from models.evaluation.measures import Measured
from models.evaluation.mistakes import Kind, draw, worst_mistakes
from models.evaluation.plots import precision_recall_plot, reliability_plot
from models.taxonomy import STREET_CLASSES

MISTAKES: Final = 12  # pictures of each kind and class
HEADINGS: Final[dict[Kind, str]] = {"false": "False alarms, the surest first", "missed": "Misses, the largest first"}
STYLE: Final = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em; max-width: 110em; color: #222; }
table { border-collapse: collapse; margin: 1em 0; } td, th { padding: 2px 10px; text-align: right; }
td:first-child, th:first-child, td.t { text-align: left; } tr:nth-child(even) { background: #f4f4f4; }
.below { color: #b00020; } .aim { color: #00702e; } svg text { font-size: 10px; } svg .n { font-size: 8px; }
.row { display: flex; flex-wrap: wrap; gap: 8px; } figure { margin: 0; width: 300px; }
figcaption { font-size: 12px; overflow-wrap: anywhere; }
"""


def page(
    title: str,
    seen: Sequence[Seen],
    results: Sequence[ClassOnSet],
    rows: Sequence[Score],
    measured: Sequence[Measured],
    thresholds: NDArray[np.float32],
) -> str:
    """The whole HTML text. It reads the pictures of the mistakes once more from where the evaluation found them."""
    parts = [
        f"<h1>{escape(title)}</h1><p>Pictures of third parties, with readable plates and faces: keep this page on this "
        "machine. Boxes: green found, red wrong, orange missed; the mistake itself is drawn thick.</p>",
        _measure_table(measured),
        _score_table(rows),
    ]
    classes = sorted({each.class_id for each in results})
    parts += [_class_section(each, seen, results, float(thresholds[each])) for each in classes]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def number(value: float, places: int = 2) -> str:
    return f"{value:.{places}f}" if isfinite(value) else "–"


def span(interval: tuple[float, float], places: int = 2) -> str:
    return f"{number(interval[0], places)} to {number(interval[1], places)}" if isfinite(interval[0]) else ""


def bucket_name(bucket: tuple[float, float] | None) -> str:
    if bucket is None:
        return "all"
    low, high = bucket
    return f"{low:.0f}+" if isinf(high) else f"{low:.0f}-{high:.0f}"


def _class_section(class_id: int, seen: Sequence[Seen], results: Sequence[ClassOnSet], threshold: float) -> str:
    mine = [each for each in results if each.class_id == class_id]
    curves = [(each.source.name, each.scored) for each in mine if len(each.scored.truth_picture)]
    calibration = reliability([each.scored for each in mine])
    plots = precision_recall_plot(curves, threshold) + reliability_plot(calibration)
    pictures = "".join(_pictures(seen, class_id, threshold, kind) for kind in HEADINGS)
    return (
        f"<h2>{STREET_CLASSES[class_id]}</h2><p>Threshold {threshold:.2f}; expected calibration error "
        f'{number(calibration.error)}.</p><div class="row">{plots}</div>{pictures}'
    )


def _pictures(seen: Sequence[Seen], class_id: int, threshold: float, kind: Kind) -> str:
    figures = []
    for each in worst_mistakes(seen, class_id, threshold, kind, MISTAKES):
        data = base64.b64encode(draw(each, threshold)).decode("ascii")
        how_bad = f"{each.badness:.2f}" if kind == "false" else f"{each.badness:.0f} px"
        caption = f"{each.seen.source.name}: {each.seen.paths[each.picture].name}, {how_bad}"
        figures.append(
            f'<figure><img alt="" src="data:image/jpeg;base64,{data}">'
            f"<figcaption>{escape(caption)}</figcaption></figure>"
        )
    return f'<h3>{HEADINGS[kind]}</h3><div class="row">{"".join(figures) or "none"}</div>'


def _measure_table(measured: Sequence[Measured]) -> str:
    heading = ("measure", "value", "95 %", "floor", "aim", "reached", "rests on")
    rows = [
        (each.name, number(each.value, 3), span(each.interval, 3), number(each.floor), number(each.aim),
         f'<span class="{each.reached}">{each.reached}</span>', escape(each.note))
        for each in measured
    ]  # fmt: skip
    return _table("Numbers to reach", heading, rows)


def _score_table(rows: Sequence[Score]) -> str:
    heading = ("set", "class", "size px", "boxes", "AP50", "95 %", "AP50-95", "threshold", "P", "95 %", "R", "95 %",
               "false per picture")  # fmt: skip
    cells = [
        (row.set_name, row.class_name, bucket_name(row.bucket), str(row.truths), number(row.ap50),
         span(row.interval50), number(row.ap), number(row.threshold), number(row.precision),
         span(row.precision_interval), number(row.recall), span(row.recall_interval), number(row.false_per_picture))
        for row in rows
    ]  # fmt: skip
    return _table("Every set, class and size", heading, cells)


def _table(caption: str, heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells are HTML already."""
    head = "".join(f"<th>{each}</th>" for each in heading)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<h2>{caption}</h2><table><tr>{head}</tr>{body}</table>"
