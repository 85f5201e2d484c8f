"""Plots of an evaluation as inline SVG: no image files, and no plotting library in the base installation."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np

from models.evaluation.calibration import Reliability
from models.evaluation.metrics import Scored

SIDE: Final = 220  # of the plotted square, pixels
MARGIN: Final = 34
# Okabe & Ito 2008: told apart by colour-blind readers as well.
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


def precision_recall_plot(curves: Sequence[tuple[str, Scored]], threshold: float) -> str:
    """Precision over recall, one line per named set, with a dot where the shipped threshold lies."""
    parts = [_frame("recall", "precision")]
    for number, (name, scored) in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        recall, precision, shown = _curve(scored, threshold)
        parts.append(_line(recall, precision, colour))
        if shown:
            parts.append(_dot(float(recall[shown - 1]), float(precision[shown - 1]), colour))
        y = MARGIN + SIDE - 8 - 13 * (len(curves) - 1 - number)
        parts.append(f'<text x="{MARGIN + 6}" y="{y}" fill="{colour}">{escape(name)}</text>')
    return _svg("".join(parts))


def reliability_plot(reliability: Reliability) -> str:
    """Share of right boxes over confidence; the number of boxes is written on each bar, the ideal is the diagonal."""
    parts = [_frame("confidence", "share that is right"), _line(np.array([0.0, 1.0]), np.array([0.0, 1.0]), "#999999")]
    for each in reliability.bins:
        x, width = _x(each.low), SIDE * (each.high - each.low) - 1
        parts.append(
            f'<rect x="{x:.1f}" y="{_y(each.precision):.1f}" width="{width:.1f}" height="{SIDE * each.precision:.1f}" '
            f'fill="{COLOURS[0]}" fill-opacity="0.55"/><text x="{x + width / 2:.1f}" '
            f'y="{min(_y(each.precision), MARGIN + SIDE) - 3:.1f}" text-anchor="middle" class="n">{each.count}</text>'
        )
    return _svg("".join(parts))


def _curve(scored: Scored, threshold: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Recall and precision as the threshold falls, and how many detections reach the threshold."""
    hits = np.cumsum(scored.truth[0] >= 0)
    recall = hits / max(len(scored.truth_picture), 1)
    precision = hits / np.arange(1, len(hits) + 1)
    return recall, precision, int((scored.confidence >= threshold).sum())


def _frame(across: str, up: str) -> str:
    ticks = "".join(
        f'<text x="{_x(each):.0f}" y="{MARGIN + SIDE + 14}" text-anchor="middle">{each:g}</text>'
        f'<text x="{MARGIN - 5}" y="{_y(each) + 4:.0f}" text-anchor="end">{each:g}</text>'
        for each in (0.0, 0.5, 1.0)
    )
    middle = MARGIN + SIDE / 2
    return (
        f'<rect x="{MARGIN}" y="{MARGIN}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#999999"/>{ticks}'
        f'<text x="{middle}" y="{MARGIN + SIDE + 28}" text-anchor="middle">{across}</text>'
        f'<text x="{MARGIN - 26}" y="{middle}" text-anchor="middle" transform="rotate(-90 {MARGIN - 26} {middle})">'
        f"{up}</text>"
    )


def _line(x: np.ndarray, y: np.ndarray, colour: str) -> str:
    points = " ".join(f"{_x(each):.1f},{_y(other):.1f}" for each, other in zip(x, y, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="4" fill="{colour}"/>'


def _x(value: float) -> float:
    return MARGIN + SIDE * float(value)


def _y(value: float) -> float:
    return MARGIN + SIDE * (1 - float(value))


def _svg(content: str) -> str:
    side = SIDE + 2 * MARGIN
    return f'<svg width="{side}" height="{side}" viewBox="0 0 {side} {side}">{content}</svg>'
