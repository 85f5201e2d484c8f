"""What sites.csv says of the clips' stop lines and lamps, as site files say it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Final

from pipelines.errors import TruthError
from pipelines.evaluation.tables import ADVICE, Row, read_rows
from pipelines.site import Approach, Crosswalk, Ground, Site, SiteCamera

_POINTS: Final = ("stop_x1", "stop_y1", "stop_x2", "stop_y2", "approach_x", "approach_y")
_SIGNAL: Final = ("signal_x1", "signal_y1", "signal_x2", "signal_y2")
_COLUMNS: Final = ("clip", "t0", "t1", *_POINTS, *_SIGNAL, "crosswalk")

# What sites.csv says in words about the Hanoi clip: 47 px per m across and 17 along at the line (row 392), and
# that riders pass up to 2.8 m beside the line's left end. The focal length is that of a 65 degree lens.
_EXTEND_M: Final = {"redlight_hanoi_lythuongkiet": 3.0}
_GROUND: Final = {"redlight_hanoi_lythuongkiet": Ground(502.0, 320.0, 210.5, 3.86)}


def read_sites(folder: Path) -> dict[str, Site]:
    """A site per clip that has lines and lights. Raises `TruthError`."""
    approaches: dict[str, list[Approach]] = defaultdict(list)
    crosswalks: dict[str, list[Crosswalk]] = defaultdict(list)
    for row in read_rows(folder / "sites.csv", _COLUMNS):
        clip = row.text("clip")
        approaches[clip].append(_approach(row, len(approaches[clip])))
        if row.text("crosswalk"):
            crosswalks[clip].append(_crosswalk(row))
    return {clip: _site(clip, tuple(found), tuple(crosswalks[clip])) for clip, found in approaches.items()}


def _approach(row: Row, number: int) -> Approach:
    clip = row.text("clip")
    x1, y1, x2, y2, before_x, before_y = (row.given(column) for column in _POINTS)
    left, top, right, bottom = (row.given(column) for column in _SIGNAL)
    return Approach(
        f"{clip} {number}",
        ((x1, y1), (x2, y2)),
        (before_x, before_y),
        ((left, top, right, bottom),),
        (row.given("t0"), row.given("t1")),
        extend_m=_EXTEND_M.get(clip, 0.0),
    )


def _crosswalk(row: Row) -> Crosswalk:
    corners = [pair.split(",") for pair in row.text("crosswalk").split(";")]
    try:
        return Crosswalk(tuple((float(x), float(y)) for x, y in corners))
    except ValueError as error:
        raise TruthError(f"{row.where}: crosswalk is not x,y;x,y;...", advice=ADVICE) from error


def _site(clip: str, approaches: tuple[Approach, ...], crosswalks: tuple[Crosswalk, ...]) -> Site:
    camera = SiteCamera(clip, (f"{clip}.*",), "fixed", _GROUND.get(clip), (), approaches, (), crosswalks)
    return Site(clip, None, None, clip, (camera,))
