"""Arithmetic of time spans, sorted and disjoint."""

from __future__ import annotations

from collections.abc import Sequence

Span = tuple[float, float]


def merged(spans: Sequence[Span], gap_s: float = 0.0) -> list[Span]:
    """Spans that overlap or lie at most `gap_s` apart become one."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1] + gap_s:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """What is left of `spans` outside of `holes`."""
    result = list(spans)
    for low, high in holes:
        pieces = ((part for part in ((a, min(b, low)), (max(a, high), b)) if part[1] > part[0]) for a, b in result)
        result = [part for pair in pieces for part in pair]
    return result


def overlap_s(spans: Sequence[Span], start: float, end: float) -> float:
    """Seconds of [start, end] that lie in `spans`."""
    return sum(max(0.0, min(b, end) - max(a, start)) for a, b in spans)
