"""The hand-made labels of the real clips: sites, events, windows, and the labelled vehicles as an observation log."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.taxonomy import CLASS_ID
from pipelines.site import Approach, Crosswalk, Ground, Site, SiteCamera
from vision.camera import default_camera
from vision.log import (
    Clock,
    FrameTable,
    LogMeta,
    ObservationLog,
    ObservationTable,
    SignalTable,
    SourceFile,
    TrackTable,
)

Box = tuple[float, float, float, float]

# What sites.csv says in words about the Hanoi clip: 47 px per m across and 17 along at the line (row 392), and
# that riders pass up to 2.8 m beside the line's left end. The focal length is that of a 65 degree lens.
_EXTEND_M = {"redlight_hanoi_lythuongkiet": 3.0}
_GROUND = {"redlight_hanoi_lythuongkiet": Ground(502.0, 320.0, 210.5, 3.86)}


@dataclass(frozen=True, slots=True)
class Event:
    """One labelled fact. `boxes`: (time, box) of its subject, from the event and from the hand-made tracks."""

    clip: str
    kind: str
    name: str
    start_s: float
    end_s: float
    vehicle: str
    sure: bool
    front_at_line_s: float
    boxes: tuple[tuple[float, Box], ...]


@dataclass(frozen=True, slots=True)
class Window:
    """A time range in which the list of events of a kind is complete; kind "none": nothing may be reported."""

    clip: str
    kind: str
    start_s: float
    end_s: float


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _number(text: str) -> float:
    return float(text) if text else float("nan")


def events(folder: Path) -> list[Event]:
    paths: dict[tuple[str, str], list[tuple[float, Box]]] = {}
    for row in _rows(folder / "tracks.csv"):
        paths.setdefault((row["clip"], row["id"]), []).append((float(row["pts_s"]), _box(row)))
    return [_event(row, paths) for row in _rows(folder / "events.csv")]


def _event(row: dict[str, str], paths: dict[tuple[str, str], list[tuple[float, Box]]]) -> Event:
    # "M3/b" is the second phase of M3.
    boxes = paths.get((row["name"], row["id"].split("/")[0]), []) if row["id"] else []
    if row["x1"]:
        boxes = [*boxes, (float(row["box_at_s"]), _box(row))]
    times = [_number(row[key]) for key in ("start_s", "end_s", "front_at_line_s")]
    sure = row["confidence"].startswith("sure")
    return Event(row["name"], row["kind"], row["id"], times[0], times[1], row["vehicle"], sure, times[2], tuple(boxes))


def _box(row: dict[str, str]) -> Box:
    return float(row["x1"]), float(row["y1"]), float(row["x2"]), float(row["y2"])


def windows(folder: Path) -> list[Window]:
    rows = _rows(folder / "windows.csv")
    return [Window(r["clip"], r["kind"], float(r["from_s"]), float(r["to_s"])) for r in rows if r["complete"] == "yes"]


def sites(folder: Path) -> dict[str, Site]:
    """A site per clip that has lines and lights in sites.csv."""
    approaches: dict[str, list[Approach]] = {}
    crosswalks: dict[str, list[Crosswalk]] = {}
    for row in _rows(folder / "sites.csv"):
        clip = row["clip"]
        v = {key: float(row[key]) for key in row if key.split("_")[-1] in ("x", "y", "x1", "y1", "x2", "y2")}
        approach = Approach(
            f"{clip} {len(approaches.get(clip, []))}",
            ((v["stop_x1"], v["stop_y1"]), (v["stop_x2"], v["stop_y2"])),
            (v["approach_x"], v["approach_y"]),
            ((v["signal_x1"], v["signal_y1"], v["signal_x2"], v["signal_y2"]),),
            (float(row["t0"]), float(row["t1"])),
            extend_m=_EXTEND_M.get(clip, 0.0),
        )
        approaches.setdefault(clip, []).append(approach)
        if row["crosswalk"]:
            corners = [pair.split(",") for pair in row["crosswalk"].split(";")]
            crosswalks.setdefault(clip, []).append(Crosswalk(tuple((float(x), float(y)) for x, y in corners)))
    return {clip: _site(clip, tuple(found), tuple(crosswalks.get(clip, []))) for clip, found in approaches.items()}


def _site(clip: str, approaches: tuple[Approach, ...], crosswalks: tuple[Crosswalk, ...]) -> Site:
    camera = SiteCamera(clip, (f"{clip}.*",), "fixed", _GROUND.get(clip), (), approaches, (), crosswalks)
    return Site(clip, None, None, clip, (camera,))


def hand_log(folder: Path, clip: str) -> ObservationLog:
    """The labelled vehicles and lamps of a clip as a log: what a perfect detector and tracker would record of them."""
    info = next(row for row in _rows(folder / "clips.csv") if row["name"] == clip)
    size = (int(info["width"]), int(info["height"]))
    rows = [row for row in _rows(folder / "tracks.csv") if row["clip"] == clip]
    times = np.unique([float(row["pts_s"]) for row in rows])
    names = list(dict.fromkeys(row["id"] for row in rows))
    vehicles = {event.name: event.vehicle for event in events(folder) if event.clip == clip and event.vehicle}
    classes = [CLASS_ID[vehicles.get(name, "car")] for name in names]
    lamps = [row for row in _rows(folder / "lights.csv") if row["name"] == clip and row["state"] in _PLAIN]
    vehicle_rows = _vehicle_rows(rows, names, classes, times)
    lamp_rows, signals = _lamp_rows(lamps, times)
    table = np.array(sorted([*vehicle_rows, *lamp_rows]), float)
    seen = _observation_table(table)
    file = SourceFile(f"{clip}.mp4", "0" * 64, 1, 0.0, float(times[0]), float(times[-1]))
    clock = Clock(None, float("inf"), "unknown")
    camera = default_camera(*size, "fixed")
    meta = LogMeta((file,), *size, clip, "fixed", clock, camera, None, "hand", "0" * 64)
    return ObservationLog(meta, _standing_frames(times), seen, _track_table(table), signals)


_PLAIN = ("red", "yellow", "green")


def _vehicle_rows(
    rows: list[dict[str, str]],
    names: list[str],
    classes: list[int],
    times: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> list[tuple[float, ...]]:
    found = []
    for row in rows:
        at, who = float(row["pts_s"]), names.index(row["id"])
        box = tuple(float(row[key]) for key in ("x1", "y1", "x2", "y2"))
        found.append((at, float(np.searchsorted(times, at)), who + 1.0, float(classes[who]), 0.9, *box))
    return found


def _lamp_rows(
    lamps: list[dict[str, str]], times: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> tuple[list[tuple[float, ...]], SignalTable]:
    heads = list(dict.fromkeys(tuple(row[key] for key in ("x1", "y1", "x2", "y2")) for row in lamps))
    found, states = [], []
    for row in lamps:
        head = tuple(row[key] for key in ("x1", "y1", "x2", "y2"))
        track = 1000.0 + heads.index(head)
        first, last = float(row["t0"]), float(row["t1"])
        states.append((first, track, row["state"], last))
        inside = np.flatnonzero((times >= first) & (times <= last))
        box = tuple(float(value) for value in head)
        found += [(times[i], float(i), track, float(CLASS_ID[f"light_{row['state']}"]), 0.9, *box) for i in inside]
    states.sort()
    table = SignalTable(
        np.array([s[1] for s in states], np.int32),
        np.array([s[2] for s in states], str),
        np.array([s[0] for s in states], float),
        np.array([s[3] for s in states], float),
        np.full(len(states), 0.9),
    )
    return found, table


def _observation_table(table: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> ObservationTable:
    unknown = np.full(len(table), np.nan)
    return ObservationTable(
        frame=table[:, 1].astype(np.int32),
        time_s=table[:, 0],
        track=table[:, 2].astype(np.int32),
        look=np.full(len(table), "wide"),
        class_id=table[:, 3].astype(np.int16),
        confidence=table[:, 4].astype(np.float32),
        boxes=table[:, 5:9].astype(np.float32),
        forward_m=unknown,
        left_m=unknown,
        x_m=unknown,
        y_m=unknown,
        std_m=unknown,
    )


def _track_table(table: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> TrackTable:
    tracks, first, hits = np.unique(table[:, 2], return_index=True, return_counts=True)
    last = np.array([table[table[:, 2] == track, 0].max() for track in tracks])
    unknown = np.full(len(tracks), np.nan)
    return TrackTable(
        track=tracks.astype(np.int32),
        class_id=table[first, 3].astype(np.int16),
        first_s=table[first, 0],
        last_s=last,
        hits=hits.astype(np.int32),
        confidence=np.full(len(tracks), 0.9, np.float32),
        at_rest=unknown,
        speed_mps=unknown,
    )


def _standing_frames(times: np.ndarray[tuple[int], np.dtype[np.float64]]) -> FrameTable:
    zero, unknown = np.zeros(len(times)), np.full(len(times), np.nan)
    flags = np.ones(len(times), bool)
    return FrameTable(times, zero, zero, zero, zero, flags, ~flags, unknown, unknown, unknown)


def without_ground(site: Site) -> Site:
    """The same site, its camera's optics left to estimation."""
    return replace(site, cameras=tuple(replace(camera, ground=None) for camera in site.cameras))
