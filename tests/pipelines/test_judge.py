"""From findings to incidents in the world's terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from pipelines.incident import Kind, Location
from pipelines.judge import judge, to_incident
from pipelines.rules.litter import Litter
from pipelines.site import Site
from tests.pipelines.logs import CLOCK, make_log, mover, standing
from vision.geodesy import to_local
from vision.log import Clock, ObservationLog, SourceFile

ORIGIN = (8.0, 49.0)
SITE = Site("s", "Europe/Berlin", Location(8.1, 49.1, 12.0), "yard", ())


def log_with_litter(origin: tuple[float, float] | None = ORIGIN, clock: Clock = CLOCK) -> ObservationLog:
    things = [standing(1, "litter", 35, 3)]
    ego = [(0.0, 0.0, 0.0), (8.0, 40.0, 0.0)]
    return make_log(things, duration_s=8, rate_hz=2, mounting="moving", ego=ego, origin=origin, clock=clock)


def test_place_and_time_come_from_the_log() -> None:
    log = log_with_litter()
    (finding,) = judge(log)
    incident = to_incident(finding, log)
    assert incident.location is not None
    x, y = to_local(ORIGIN, np.array(incident.location.lon), np.array(incident.location.lat))
    assert (float(x), float(y)) == pytest.approx((35, 3), abs=1.0)
    assert incident.start == CLOCK.utc_at_zero + timedelta(seconds=finding.start_s)  # type: ignore[operator]
    assert (incident.zone, incident.time_uncertainty_s) == ("Asia/Shanghai", 0.5)
    assert (incident.model, incident.rule) == ("test@0", f"litter/{Litter.version}")


def test_without_gps_the_sites_place_is_taken_and_none_is_made_up() -> None:
    log = log_with_litter(origin=None)
    (finding,) = judge(log)
    assert to_incident(finding, log, SITE).location == SITE.location
    assert to_incident(finding, log).location is None
    named = to_incident(finding, log, replace(SITE, location=None))
    assert (named.location, named.place_hint) == (None, "yard")


def test_an_unknown_clock_stays_unknown() -> None:
    log = log_with_litter(clock=Clock(None, float("inf"), "unknown"))
    incident = to_incident(judge(log)[0], log)
    assert (incident.start, incident.end, incident.time_uncertainty_s) == (None, None, None)


def test_in_a_drive_the_incident_belongs_to_the_file_it_starts_in() -> None:
    log = log_with_litter()
    files = (
        SourceFile("1.mp4", "a" * 64, 1, 0.0, 0.0, 0.9),
        SourceFile("2.mp4", "b" * 64, 1, 0.5, 1.0, 8.0),
    )
    drive = replace(log, meta=replace(log.meta, files=files))
    (finding,) = judge(drive)
    incident = to_incident(replace(finding, start_s=2.0), drive)
    assert (incident.file.name, incident.pts_start) == ("2.mp4", 1.5)
    assert incident.subject.box_pts == pytest.approx(finding.moments[1].time_s - 0.5)


def test_only_the_kinds_asked_for_are_judged() -> None:
    log = log_with_litter()
    assert judge(log, kinds=[Kind.RED_LIGHT_RUNNING]) == ()
    assert [finding.kind for finding in judge(log, kinds=[Kind.LITTER])] == [Kind.LITTER]


def test_an_empty_log_is_no_problem() -> None:
    assert judge(make_log(duration_s=1.0)) == ()
    assert judge(make_log([mover(1, "car", [(0.0, 20.0, 0.0)], seen=(0.0, 0.0))], duration_s=1.0)) == ()


def test_while_gps_is_lost_no_place_is_made_up() -> None:
    log = log_with_litter()
    log.frames.accuracy_m[:] = np.nan
    assert to_incident(judge(log)[0], log).location is None
