"""Whatever a log does not know, judging gives findings whose numbers are numbers, or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
import pytest

from models.taxonomy import STREET_CLASSES
from pipelines.judge import judge, to_incident
from pipelines.site import Crosswalk, Site, SiteCamera
from tests.pipelines.logs import Mover, lamp, make_log, mover, standing
from tests.pipelines.rules.test_illegal_parking import KERB, ORIGIN, ZONE
from tests.pipelines.rules.test_red_light_running import APPROACH, HEAD, runs
from vision.log import FrameTable, Mounting, ObservationLog, ObservationTable, TrackTable

SECONDS = 12.0
THINGS = [
    mover(1, "car", runs()),
    standing(2, "car", 25.0, 0.0),
    standing(3, "litter", 20.0, 3.0),
    mover(4, "motorcycle", runs(2.0)),
    mover(5, "person", runs(2.0)),
    standing(6, "truck", 35.0, -4.0),
    standing(7, "licence_plate", 23.0, 0.0),
]
SITE = Site(
    "s",
    "Asia/Shanghai",
    None,
    None,
    (SiteCamera("c", approach=(APPROACH,), no_parking=(ZONE,), crosswalk=(Crosswalk(ZONE.polygon),)),),
)
MAY_BE_UNKNOWN = [
    *(("frames", spec.name) for spec in fields(FrameTable) if spec.name not in ("time_s", "standing", "cut")),
    *(("observations", name) for name in ("forward_m", "left_m", "x_m", "y_m", "std_m")),
    *(("tracks", name) for name in ("at_rest", "speed_mps")),
]


def log_of(mounting: Mounting, things: list[Mover] | None = None, seconds: float = SECONDS) -> ObservationLog:
    ego = [(0.0, 0.0, 0.0), (SECONDS, 40.0, 0.0)] if mounting == "moving" else [(0.0, 0.0, 0.0)]
    lamps = [lamp(9, HEAD, [("red", 0.0, seconds)])]
    things = THINGS if things is None else things
    return make_log(things, lamps, duration_s=seconds, rate_hz=6.0, mounting=mounting, ego=ego, origin=ORIGIN)


def numbers_of(log: ObservationLog) -> Iterator[float]:
    for site, region in ((SITE, KERB), (None, None)):
        for finding in judge(log, site, region):
            incident = to_incident(finding, log, site)
            yield from (finding.confidence, finding.start_s, finding.end_s, incident.pts_start, *incident.subject.box)
            yield from finding.local or ()
            yield from (v for moment in finding.moments for v in (moment.time_s, *(moment.box or ())))
            if incident.location is not None:
                yield from (incident.location.lon, incident.location.lat, incident.location.accuracy_m)


@pytest.mark.parametrize("mounting", ["fixed", "moving"])
@pytest.mark.parametrize(("table", "column"), MAY_BE_UNKNOWN)
@pytest.mark.parametrize("share", [0.5, 1.0])
def test_unknown_columns(mounting: Mounting, table: str, column: str, share: float) -> None:
    log = log_of(mounting)
    values = getattr(getattr(log, table), column)
    values[np.random.default_rng(0).random(len(values)) < share] = np.nan
    assert np.isfinite(list(numbers_of(log))).all()


@pytest.mark.parametrize("mounting", ["fixed", "moving"])
@pytest.mark.parametrize(("things", "seconds"), [([], SECONDS), (THINGS, 0.0), (THINGS, 0.17), ([], 0.0)])
def test_hardly_anything_seen(mounting: Mounting, things: list[Mover], seconds: float) -> None:
    assert np.isfinite(list(numbers_of(log_of(mounting, things, seconds)))).all()


@pytest.mark.parametrize("mounting", ["fixed", "moving"])
@pytest.mark.parametrize("seed", range(4))
def test_tracks_of_a_few_rows(mounting: Mounting, seed: int) -> None:
    log = log_of(mounting)
    seen = log.observations
    kept = np.random.default_rng(seed).random(len(seen.time_s)) < 0.1
    seen = ObservationTable(*(getattr(seen, spec.name)[kept] for spec in fields(seen)))
    still = np.isin(log.tracks.track, seen.track)
    tracks = TrackTable(*(getattr(log.tracks, spec.name)[still] for spec in fields(log.tracks)))
    assert np.isfinite(list(numbers_of(replace(log, observations=seen, tracks=tracks)))).all()


@pytest.mark.parametrize("box", [(5.0, 5.0, 5.0, 5.0), (0.0, 0.0, 1920.0, 1080.0), (0.0, 0.0, 1920.0, 4.0)])
def test_boxes_that_show_nothing(box: tuple[float, ...]) -> None:
    log = log_of("fixed")
    log.observations.boxes[:] = box
    assert np.isfinite(list(numbers_of(log))).all()


def test_a_cut_at_every_frame() -> None:
    log = log_of("fixed")
    log.frames.cut[:] = True
    assert np.isfinite(list(numbers_of(log))).all()


def test_the_fixture_shows_every_kind_of_thing_the_rules_judge() -> None:
    seen = {STREET_CLASSES[i] for i in np.unique(log_of("fixed").observations.class_id)}
    assert {"car", "litter", "motorcycle", "person", "light_red", "licence_plate"} <= seen
    assert len(judge(log_of("fixed"), SITE, KERB)) >= 3
