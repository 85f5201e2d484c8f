"""The hand-made labels of real clips: clips, events, windows, lamps, cuts and paths of single vehicles."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final, TypeVar, get_args

from pipelines.errors import TruthError
from pipelines.evaluation.tables import ADVICE, BOX_COLUMNS, Box, Row, read_rows
from pipelines.incident import Kind
from vision.log import LampState

NO_KIND: Final = "none"  # of a window in which nothing may be reported
AT_REST: Final = "at_rest"
WAITING: Final = "negative_waiting"

_EVENT_COLUMNS: Final = (
    "name", "kind", "id", "start_s", "end_s", "front_at_line_s", "rear_past_line_s", "vehicle", "box_at_s",
    *BOX_COLUMNS, "confidence", "note",
)  # fmt: skip
# What clips.csv says in words of places where one scene ends at once and another begins; title cards fade.
_CUT: Final = re.compile(r"(?:hard cut at|end card from) (\d+(?:\.\d+)?) s")

Labelled = TypeVar("Labelled", "Event", "Window", "LampTruth", "Spot")


@dataclass(frozen=True, slots=True)
class Event:
    """One labelled fact.

    Attributes:
        kind: one of ours, or `at_rest`, `negative_waiting`, `ambiguous...`, `..._legal`, or a word of another rule.
        name: of its subject, e.g. "M3/b" for the second phase of M3; "" for most.
        front_at_line_s, rear_past_line_s: NaN where no line is crossed.
        sure: otherwise merely likely.
        boxes: (time, box) of its subject, from the event and from the hand-made path, native pixels.
    """

    clip: str
    kind: str
    name: str
    start_s: float
    end_s: float
    front_at_line_s: float
    rear_past_line_s: float
    sure: bool
    boxes: tuple[tuple[float, Box], ...]
    note: str = ""

    @property
    def ambiguous(self) -> bool:
        return self.kind.startswith("ambiguous")

    @property
    def done_s(self) -> float:
        """By which a window holds it: a crossing is one when the rear has passed, anything else when it begins."""
        crossed = self.kind == Kind.RED_LIGHT_RUNNING and isfinite(self.rear_past_line_s)
        return self.rear_past_line_s if crossed else self.start_s


@dataclass(frozen=True, slots=True)
class Window:
    """A time range in which the list of events of a kind is complete; `kind` "none": nothing may be reported."""

    clip: str
    kind: str
    start_s: float
    end_s: float

    def covers(self, kind: Kind, time_s: float) -> bool:
        return self.kind in (kind, NO_KIND) and self.start_s <= time_s <= self.end_s


@dataclass(frozen=True, slots=True)
class LampTruth:
    """What a signal head showed from `start_s` to `end_s`. `states`: right answers (red with yellow: either)."""

    clip: str
    box: Box
    start_s: float
    end_s: float
    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a labelled vehicle was at one moment."""

    clip: str
    subject: str
    time_s: float
    box: Box


@dataclass(frozen=True, slots=True)
class ClipTruth:
    """All that is known of one clip. `cuts`: times at which the scene becomes another one."""

    name: str
    video: Path
    events: tuple[Event, ...]
    windows: tuple[Window, ...]
    lamps: tuple[LampTruth, ...]
    path: tuple[Spot, ...]
    cuts: tuple[float, ...]


def read_clips(folder: Path) -> list[ClipTruth]:
    """Raises `TruthError` where a file, a column, a number or a clip that is named is missing."""
    clips = {row.text("name"): row for row in read_rows(folder / "clips.csv", ("name", "file", "warning"))}
    spots = [_spot(row) for row in read_rows(folder / "tracks.csv", ("clip", "id", "pts_s", *BOX_COLUMNS))]
    events = _events(folder, spots)
    windows = [_window(r) for r in read_rows(folder / "windows.csv", ("clip", "kind", "from_s", "to_s", "complete"))
               if r.text("complete") == "yes"]  # fmt: skip
    lamps = [_lamp(row) for row in read_rows(folder / "lights.csv", ("name", *BOX_COLUMNS, "t0", "t1", "state"))]
    found = []
    for name, row in clips.items():
        video = folder / row.text("file")
        if not video.is_file():
            raise TruthError(
                f"{row.where}: there is no {video.name} in {folder}", advice="put the clip beside its labels"
            )
        cuts = tuple(float(time_s) for time_s in _CUT.findall(row.text("warning")))
        of_clip = (_of(name, events), _of(name, windows), _of(name, lamps), _of(name, spots))
        found.append(ClipTruth(name, video, *of_clip, cuts))
    labelled = {label.clip for labels in (events, windows, lamps, spots) for label in labels}
    if strange := sorted(labelled - set(clips)):
        raise TruthError(f"{folder}: labels name the clip '{strange[0]}', clips.csv does not", advice=ADVICE)
    return found


def _of(clip: str, labels: Sequence[Labelled]) -> tuple[Labelled, ...]:
    return tuple(label for label in labels if label.clip == clip)


def _events(folder: Path, spots: list[Spot]) -> list[Event]:
    paths: dict[tuple[str, str], list[tuple[float, Box]]] = defaultdict(list)
    for spot in spots:
        paths[spot.clip, spot.subject].append((spot.time_s, spot.box))
    return [_event(row, paths) for row in read_rows(folder / "events.csv", _EVENT_COLUMNS)]


def _event(row: Row, paths: dict[tuple[str, str], list[tuple[float, Box]]]) -> Event:
    clip, name = row.text("name"), row.text("id")
    boxes = list(paths.get((clip, name.split("/")[0]), [])) if name else []
    if row.text("x1"):
        boxes.append((row.given("box_at_s"), row.box()))
    return Event(
        clip,
        row.text("kind"),
        name,
        row.given("start_s"),
        row.given("end_s"),
        row.number("front_at_line_s"),
        row.number("rear_past_line_s"),
        row.text("confidence").startswith(("sure", "stationary sure")),
        tuple(boxes),
        row.text("note"),
    )


def _window(row: Row) -> Window:
    kind = row.text("kind")
    if kind not in (*Kind, NO_KIND):
        raise TruthError(f"{row.where}: no kind '{kind}'", advice=f"use {', '.join(Kind)} or {NO_KIND}")
    return Window(row.text("clip"), kind, row.given("from_s"), row.given("to_s"))


def _lamp(row: Row) -> LampTruth:
    # "red (left arrow)" is red, "red+yellow" shows both.
    shown = row.text("state").split(" ")[0]
    states = frozenset(shown.split("+")) | ({"red_yellow"} if shown == "red+yellow" else frozenset())
    if not states <= set(get_args(LampState)):
        raise TruthError(f"{row.where}: no lamp state '{row.text('state')}'", advice=ADVICE)
    return LampTruth(row.text("name"), row.box(), row.given("t0"), row.given("t1"), states)


def _spot(row: Row) -> Spot:
    return Spot(row.text("clip"), row.text("id"), row.given("pts_s"), row.box())
