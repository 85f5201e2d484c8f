"""What the service refuses, the pipelines must never produce."""

from __future__ import annotations

from zoneinfo import available_timezones

import tzfpy
from pydantic import TypeAdapter

from pipelines.incident import JudgedFile
from pipelines.judge import judge, to_incident
from service.schemas_in import IncidentIn
from service.wire import from_judgement
from tests.pipelines.logs import make_log, standing
from tests.service.builders import incident, judgement

EGO = [(0.0, 0.0, 0.0), (8.0, 40.0, 0.0)]


def test_every_zone_the_clock_can_name_is_taken() -> None:
    """`vision.timing.clock` takes zones from tzfpy, site files from the zone database."""
    zones = {*tzfpy.timezonenames(), "Asia/Shanghai", "UTC"}
    assert zones <= available_timezones()
    assert from_judgement(judgement(*(incident(10, zone=zone) for zone in sorted(zones))))


def test_zones_are_described() -> None:
    described = TypeAdapter(IncidentIn).json_schema()["properties"]["zone"]
    assert described["anyOf"][0]["examples"] == ["Asia/Shanghai"]


def test_what_the_rules_find_is_taken() -> None:
    log = make_log([standing(1, "litter", 35, 3)], duration_s=8, rate_hz=2, mounting="moving", ego=EGO, origin=(8, 49))
    found = tuple(to_incident(finding, log) for finding in judge(log))
    files = tuple(JudgedFile(file.name, file.sha256, 1, 8.0, None) for file in log.meta.files)
    assert found
    assert from_judgement(judgement(*found, files=files)).incidents
