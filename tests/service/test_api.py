from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import h3
import pytest
from fastapi.testclient import TestClient
from pydantic import TypeAdapter
from shapely.geometry import shape

from pipelines.incident import EvidenceItem, FileRef, Grade, Judgement, Kind, Role, Subject
from service.places import Place, PlaceRef, import_places
from service.review import Status
from service.times import rfc3339
from tests.service.builders import JPEG, START, a_patrol, file, incident, judgement, polygon, showing, wire


def items(client: TestClient, **query: object) -> list[dict]:
    reply = client.get("/v1/incidents", params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()["items"]


def test_incident_reads_as_the_conventions_say(patrol: TestClient) -> None:
    found = items(patrol, kind="illegal_parking")[0]
    assert found | {"id": "", "created_at": "", "updated_at": ""} == {
        "id": "",
        "kind": "illegal_parking",
        "subtype": None,
        "status": "unreviewed",
        "grade": "clue",
        "missing": ["plate"],
        "confidence": 0.9,
        "reasons": ["seen in 7 frames"],
        "start": "2026-11-24T08:00:30.000Z",
        "end": "2026-11-24T08:00:32.000Z",
        "time_uncertainty_s": 0.4,
        "zone": "Asia/Shanghai",
        "location": {"lon": 120.103125, "lat": 30.2, "accuracy_m": 4.0},
        "place": {"id": found["h3"], "name": found["h3"], "level": "h3"},
        "h3": found["h3"],
        "drive": "drive-7",
        "camera": "car7/front",
        "file": {"name": "front_0000.mp4", "sha256": "00".ljust(64, "f")},
        "pts_start": 30.0,
        "pts_end": 32.0,
        "subject": {"class": "car", "track": 31, "box": [300.0, 100.0, 360.0, 160.0], "box_pts": 31.0},
        "model": "street-v7",
        "rule": "illegal_parking/1",
        "evidence": [],
        "review": None,
        "created_at": "",
        "updated_at": "",
    }


def test_handing_over_twice_changes_nothing(client: TestClient) -> None:
    first = client.post("/v1/incidents", content=wire(judgement(incident(10), incident(20)))).json()
    before = items(client)
    second = client.post("/v1/incidents", content=wire(judgement(incident(10), incident(20)))).json()
    assert [entry["change"] for entry in first["incidents"]] == ["created", "created"]
    assert [entry["change"] for entry in second["incidents"]] == ["unchanged", "unchanged"]
    assert [entry["id"] for entry in first["incidents"]] == [entry["id"] for entry in second["incidents"]]
    assert items(client) == before


def test_what_is_no_longer_found_is_withdrawn_and_named(client: TestClient) -> None:
    ids = [
        e["id"]
        for e in client.post("/v1/incidents", content=wire(judgement(incident(10), incident(20)))).json()["incidents"]
    ]
    reply = client.post("/v1/incidents", content=wire(judgement(incident(10)))).json()
    assert reply["withdrawn"] == [ids[1]]
    assert client.get(f"/v1/incidents/{ids[1]}").json()["status"] == "withdrawn"


def test_list_is_newest_first(patrol: TestClient) -> None:
    """What has no clock stands where it came in."""
    times = [item["start"] or item["created_at"] for item in items(patrol)]
    assert times == sorted(times, reverse=True)
    assert None in [item["start"] for item in items(patrol)]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 8),
        ({"kind": "litter"}, 5),
        ({"kind": ["litter", "illegal_parking"]}, 6),
        ({"status": "confirmed"}, 0),
        ({"grade": ["complete", "clue"]}, 7),
        ({"camera": "car8/rear"}, 2),
        ({"drive": "drive-7"}, 6),
        ({"place": "named:canteen"}, 1),
        ({"place": "unplaced"}, 1),
        ({"since": "2026-11-24T08:01:00Z"}, 3),
        ({"since": "2026-11-24T16:00:00+08:00", "until": "2026-11-24T08:00:25Z"}, 2),
        ({"bbox": "120.1,30,120.1025,31"}, 2),
        ({"updated_since": "1d"}, 8),
    ],
)
def test_filters(patrol: TestClient, query: dict, count: int) -> None:
    assert len(items(patrol, **query)) == count


@pytest.mark.parametrize("query", [{}, {"updated_since": "1d"}])
def test_pages_add_up_to_the_list(patrol: TestClient, query: dict) -> None:
    reply = patrol.get("/v1/incidents", params=query | {"limit": 3})
    seen = reply.json()["items"]
    while "next" in reply.links:
        assert reply.json()["next"]
        reply = patrol.get(reply.links["next"]["url"])
        seen += reply.json()["items"]
    assert seen == items(patrol, **query)
    assert reply.json()["next"] is None


def test_a_page_is_not_moved_by_what_comes_in_meanwhile(patrol: TestClient) -> None:
    before = [item["id"] for item in items(patrol)]
    first = patrol.get("/v1/incidents", params={"limit": 3})
    patrol.post("/v1/incidents", content=wire(judgement(incident(175, Kind.WRONG_WAY), drive="d9", files=())))
    rest = items(patrol, cursor=first.json()["next"])
    assert [item["id"] for item in first.json()["items"] + rest] == before


def test_geojson_by_accept_header(patrol: TestClient) -> None:
    reply = patrol.get("/v1/incidents", headers={"Accept": "application/geo+json"})
    assert reply.headers["content-type"] == "application/geo+json"
    features = reply.json()["features"]
    placed = [entry for entry in features if entry["geometry"]]
    assert len(features) == 8
    assert len(placed) == 6
    assert placed[-1]["geometry"]["coordinates"] == [placed[-1]["properties"]["location"]["lon"], 30.2]


def test_csv_by_accept_header_runs_no_formula(client: TestClient) -> None:
    evil = incident(10, reasons=("=HYPERLINK(1)",), subtype="@cmd", place_hint="x")
    client.post("/v1/incidents", content=wire(judgement(evil)))
    reply = client.get("/v1/incidents", headers={"Accept": "text/csv"})
    row = next(csv.DictReader(io.StringIO(reply.text)))
    assert reply.headers["content-type"].startswith("text/csv")
    assert (row["reasons"], row["subtype"]) == ("'=HYPERLINK(1)", "'@cmd")
    assert (row["kind"], row["lat"], row["place_level"], row["review_verdict"]) == ("litter", "30.2", "h3", "")


def test_evidence_can_be_read_in_parts(patrol: TestClient) -> None:
    evidence = next(item["evidence"] for item in items(patrol) if item["evidence"])[0]
    assert evidence["sha256"] == hashlib.sha256(JPEG).hexdigest()
    whole = patrol.get(evidence["href"])
    part = patrol.get(evidence["href"], headers={"Range": "bytes=2-5"})
    assert (whole.content, whole.headers["content-type"]) == (JPEG, "image/jpeg")
    assert (part.status_code, part.content) == (206, JPEG[2:6])
    for nonsense in ("lines=1-2", "bytes=x", "bytes=5-2"):
        ignored = patrol.get(evidence["href"], headers={"Range": nonsense})
        assert (ignored.status_code, ignored.content) == (200, JPEG)
    beyond = patrol.get(evidence["href"], headers={"Range": "bytes=9999-"})
    assert (beyond.status_code, beyond.headers["content-type"]) == (416, "application/problem+json")
    assert beyond.headers["content-range"] == f"bytes */{len(JPEG)}"


def test_places_in_each_form(app, client: TestClient) -> None:
    area = Place(PlaceRef("s1", "=Elm Street", None), shape(polygon(120.1, 120.2)))
    with app.state.context.database.write() as session:
        import_places(session, [area])
    assert client.get("/v1/places").json() == {"items": [{"id": "s1", "name": "=Elm Street", "level": None}]}
    table = client.get("/v1/places", headers={"Accept": "text/csv"})
    assert table.text.splitlines() == ["id,name,level", "s1,'=Elm Street,"]
    features = client.get("/v1/places", headers={"Accept": "application/geo+json"}).json()["features"]
    assert features[0]["geometry"]["type"] == "Polygon"


def test_evidence_is_taken_only_with_the_content_its_name_promises(client: TestClient) -> None:
    sha256, path = hashlib.sha256(JPEG).hexdigest(), "/v1/evidence/"
    put = {"content": JPEG, "headers": {"Content-Type": "image/jpeg"}}
    assert client.head(path + sha256).status_code == 404
    assert client.put(path + "0" * 64, **put).status_code == 422
    assert client.put(path + sha256, content=JPEG, headers={"Content-Type": "text/html"}).status_code == 415
    assert client.head(path + sha256).status_code == 404
    assert client.put(path + sha256, **put).status_code == 204
    assert client.head(path + sha256).status_code == 200
    assert client.put(path + sha256, **put).status_code == 204


def test_a_judgement_says_what_was_looked_for(client: TestClient) -> None:
    reply = client.post("/v1/incidents", json=json.loads(wire(judgement())) | {"kinds": []})
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, "body.kinds")


def test_an_original_that_does_not_count_is_refused(patrol: TestClient) -> None:
    first, second, *_ = items(patrol)
    review(patrol, second["id"], verdict="rejected", reason="other")
    refused = review(patrol, first["id"], verdict="duplicate", duplicate_of=second["id"])
    assert (refused.status_code, refused.json()["detail"]) == (409, f"{second['id']} is rejected")
    assert items(patrol)[0] == first


def review(client: TestClient, incident_id: str, **body: object):
    return client.post(f"/v1/incidents/{incident_id}/review", json=body)


def test_verdict_is_kept_with_who_and_when(patrol: TestClient) -> None:
    first = items(patrol)[0]["id"]
    reply = review(patrol, first, verdict="rejected", reason="legal_here", by="Mei").json()
    assert (reply["status"], reply["review"]["reason"], reply["review"]["by"]) == ("rejected", "legal_here", "Mei")
    assert reply["review"]["at"].endswith("Z")
    undone = review(patrol, first, verdict="undo", by="Li").json()
    assert (undone["status"], undone["review"]) == ("unreviewed", None)
    assert [(entry["verdict"], entry["undone_by"]) for entry in undone["history"]] == [("rejected", "Li")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"verdict": "rejected"}, 422),
        ({"verdict": "rejected", "reason": "no such"}, 422),
        ({"verdict": "confirmed", "reason": "other"}, 422),
        ({"verdict": "confirmed", "duplicate_of": "x"}, 422),
        ({"verdict": "duplicate", "duplicate_of": "0"}, 404),
        ({"verdict": "undo"}, 409),
        ({"verdict": "undo", "reason": "other"}, 422),
        ({"verdict": "maybe"}, 422),
        ({"verdict": "confirmed", "by": "\0"}, 422),
    ],
)
def test_a_verdict_that_makes_no_sense_is_refused(patrol: TestClient, body: dict, status: int) -> None:
    first = items(patrol)[0]
    reply = review(patrol, first["id"], **body)
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
    assert items(patrol)[0] == first


def rows(client: TestClient, by: str, **query: object) -> list[dict]:
    reply = client.get("/v1/counts", params={"by": by, **query})
    assert reply.status_code == 200, reply.text
    return reply.json()["rows"]


def test_counts_leave_out_what_is_no_incident(patrol: TestClient) -> None:
    first, second, third, *_ = (item["id"] for item in items(patrol, grade=["complete", "clue"]))
    assert rows(patrol, "") == [{"count": 7, "unreviewed": 7}]
    review(patrol, first, verdict="confirmed")
    review(patrol, second, verdict="rejected", reason="other")
    review(patrol, third, verdict="duplicate", duplicate_of=first)
    assert rows(patrol, "") == [{"count": 5, "unreviewed": 4}]
    assert rows(patrol, "", status="rejected") == [{"count": 1, "unreviewed": 0}]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"kind": "litter"},
        {"status": "rejected"},
        {"status": ["unreviewed", "confirmed"]},
        {"grade": "insufficient"},
        {"camera": "car8/rear"},
        {"drive": "drive-7", "kind": ["litter", "red_light_running"]},
        {"place": ["unplaced", "named:canteen"]},
        {"since": "2026-11-24T08:00:20Z", "until": "2026-11-24T08:01:20Z"},
        {"bbox": "120.1,30,120.1025,31"},
    ],
)
def test_counts_that_name_all_statuses_and_grades_add_up_to_the_list(patrol: TestClient, query: dict) -> None:
    first, second, *_ = (item["id"] for item in items(patrol, kind="litter"))
    review(patrol, first, verdict="rejected", reason="other")
    review(patrol, second, verdict="confirmed")
    everything = {"status": [status.value for status in Status], "grade": [grade.value for grade in Grade]}
    listed = items(patrol, **query)
    assert listed
    for by in ("", "place", "place,kind"):
        assert sum(row["count"] for row in rows(patrol, by, **everything | query)) == len(listed)


def test_counts_name_what_they_are_by(patrol: TestClient) -> None:
    reply = patrol.get("/v1/counts", params={"by": "kind,day", "kind": "litter", "since": "2026-11-24T00:00:00Z"})
    body = reply.json()
    assert body["by"] == ["kind", "day"]
    assert body["filters"] == {"kind": ["litter"], "since": "2026-11-24T00:00:00.000Z"}
    assert body["rows"] == [{"kind": "litter", "day": "2026-11-24", "count": 4, "unreviewed": 4}]
    assert body["as_of"].endswith("Z")


def test_counts_as_csv_and_geojson(patrol: TestClient) -> None:
    text = patrol.get("/v1/counts?by=place,kind&place=named:canteen", headers={"Accept": "text/csv"}).text
    assert text.splitlines() == ["place_id,place_name,kind,count,unreviewed", "named:canteen,canteen,litter,1,1"]
    reply = patrol.get("/v1/counts?by=h3", headers={"Accept": "application/geo+json"}).json()
    assert {(entry["geometry"] or {}).get("type") for entry in reply["features"]} == {"Polygon", None}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/v1/incidents/0", 404),
        ("GET", "/v1/incidents/%00", 422),
        ("DELETE", "/v1/incidents", 405),
        ("GET", "/v1/incidents?limit=0", 422),
        ("GET", "/v1/incidents?limit=99999", 422),
        ("GET", "/v1/incidents?cursor=%25", 422),
        ("GET", "/v1/incidents?cursor=AAAA", 422),
        ("GET", "/v1/incidents?since=yesterday", 422),
        ("GET", "/v1/incidents?since=2026-13-01T00:00:00Z", 422),
        ("GET", "/v1/incidents?since=2026-01-01T00:00:00", 422),
        ("GET", "/v1/incidents?since=999999w", 422),
        ("GET", "/v1/incidents?bbox=1,2,3", 422),
        ("GET", "/v1/incidents?bbox=0,80,0,70", 422),
        ("GET", "/v1/incidents?kind=murder", 422),
        ("GET", "/v1/counts?by=colour", 422),
        ("GET", "/v1/coverage?by=kind", 422),
        ("GET", "/v1/coverage?sought=kerb", 422),
        ("GET", "/v1/coverage?place=unplaced", 422),
        ("GET", "/v1/coverage?by=drive&place=nowhere", 422),
        ("GET", "/v1/counts?by=kind&by=colour", 422),
        ("GET", "/v1/incidents/0/evidence/..%2Fpatrol.db", 404),
    ],
)
def test_every_error_is_a_problem(client: TestClient, method: str, path: str, status: int) -> None:
    reply = client.request(method, path)
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["status"] == status
    assert reply.json()["title"]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [("application/json; charset=utf-8", 200), ("text/plain", 415), ("application/x-www-form-urlencoded", 415)],
)
def test_a_judgement_comes_as_json(client: TestClient, content_type: str, status: int) -> None:
    given = wire(judgement(incident(10)))
    assert client.post("/v1/incidents", content=given, headers={"Content-Type": content_type}).status_code == status


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"start": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, "1900"),
        ({"start": datetime(9999, 12, 31, 23, 59, tzinfo=UTC)}, "1900"),
        ({"evidence": (EvidenceItem(Role.AT, "at.jpg", "image/jpeg", "0" * 64, 1, None, False),) * 2}, "at.jpg"),
        ({"kind": Kind.LITTER}, "kinds"),
        ({"file": FileRef("another.mp4", "0" * 64)}, "files"),
        ({"end": START}, "end is before start"),
        ({"pts_end": 9.999}, "pts_end is before pts_start"),
        ({"subject": Subject("car", 1, (60, 100, 60, 160), 11)}, "x1 < x2"),
        ({"subject": Subject("car", 1, (10, 160, 60, 100), 11)}, "y1 < y2"),
        ({"zone": "Mars/Olympus"}, "IANA"),
        ({"zone": "America"}, "IANA"),  # a folder of zones
    ],
)
def test_an_incident_that_cannot_be_is_refused(client: TestClient, changes: dict, said: str) -> None:
    one = incident(10, Kind.ILLEGAL_PARKING)
    given = replace(judgement(one), kinds=(Kind.ILLEGAL_PARKING,))
    body = TypeAdapter(Judgement).dump_json(replace(given, incidents=(replace(one, **changes),)))
    reply = client.post("/v1/incidents", content=body.replace(b"subject_class", b"class"))
    assert (reply.status_code, said in reply.json()["detail"]) == (422, True), reply.text


def test_a_single_moment_is_an_incident(client: TestClient) -> None:
    one = incident(10)
    glimpse = replace(one, end=one.start, pts_end=one.pts_start)
    assert client.post("/v1/incidents", content=wire(judgement(glimpse))).status_code == 200


def test_a_broken_judgement_is_refused_as_a_whole(client: TestClient) -> None:
    reply = client.post("/v1/incidents", content=wire(judgement(incident(10))).replace(b'"lat":30.2', b'"lat":130.2'))
    assert reply.status_code == 422
    assert "incidents.0.location.lat" in reply.json()["errors"][0]["field"]
    assert items(client) == []


def test_bodies_have_a_limit(app, client: TestClient) -> None:
    size = app.state.context.settings.max_body_bytes + 1
    assert client.post("/v1/incidents", content=b" " * size).status_code == 413
    chunks = (b" " * 1_000_000 for _ in range(size // 1_000_000 + 1))
    reply = client.post("/v1/incidents", content=chunks)
    assert (reply.status_code, reply.json()["code"]) == (413, "too-large")


def test_everything_of_a_patrol_comes_back(client: TestClient, app) -> None:
    given = a_patrol(app.state.context.evidence)
    for part in given:
        client.post("/v1/incidents", content=wire(part))
    expected = sorted(item.kind.value for part in given for item in part.incidents)
    assert sorted(item["kind"] for item in items(client)) == expected


SEEN = tuple(h3.cell_to_children(h3.latlng_to_cell(30.2, 120.1, 10), 12)[:7])


@pytest.fixture
def covered(client: TestClient) -> TestClient:
    """A service that knows of one minute, which showed seven cells."""
    assert client.post("/v1/incidents", content=wire(judgement(files=(showing(file(0), *SEEN),)))).status_code == 200
    return client


def test_coverage_in_each_form(covered: TestClient) -> None:
    (row,) = covered.get("/v1/coverage?by=place&sought=litter").json()["rows"]
    cell = h3.cell_to_parent(SEEN[0], 10)
    numbers = {"sought": "litter", "cells": 7, "seconds": 2.0, "passes": 1.0, "quality": 0.9}
    assert row == {"place": {"id": cell, "name": cell, "level": "h3"}, **numbers, "last_seen": rfc3339(START)}
    text = covered.get("/v1/coverage?by=place&by=drive", headers={"Accept": "text/csv"}).text
    assert text.splitlines() == [
        "place_id,place_name,drive,sought,cells,seconds,passes,quality,last_seen",
        f"{cell},{cell},drive-7,litter,7,2.0,1.0,0.9,{rfc3339(START)}",
    ]
    (feature,) = covered.get("/v1/coverage?by=h3", headers={"Accept": "application/geo+json"}).json()["features"]
    assert (feature["geometry"]["type"], feature["properties"]["h3"]) == ("Polygon", cell)


def test_a_cell_that_is_shown_twice_or_is_none_is_refused(client: TestClient) -> None:
    for cells, said in (((SEEN[0],) * 2, f"two are of litter in {SEEN[0]}"), (("8c" + "0" * 13,), "H3 cell")):
        reply = client.post("/v1/incidents", content=TypeAdapter(Judgement).dump_json(showing_only(*cells)))
        assert (reply.status_code, said in reply.json()["detail"]) == (422, True), reply.text


def showing_only(*cells: str) -> Judgement:
    return judgement(files=(showing(file(0), *cells),))


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
