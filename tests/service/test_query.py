"""What can be asked, and by which methods."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tests.service.builders import JPEG


@pytest.mark.parametrize(
    ("path", "unknown", "known"),
    [
        ("/v1/incidents?kinds=litter", "kinds", "kind"),
        ("/v1/incidents?kind=litter&Limit=3", "Limit", "limit"),
        ("/v1/counts?by=kind&updated_since=7d", "updated_since", "bbox, by, camera, drive, grade"),
        ("/v1/counts?limit=3", "limit", "since, status, until"),
        ("/v1/coverage?kind=litter", "kind", "bbox, by, camera, drive, place, since, sought, until"),
        ("/v1/places?name=x", "name", "none"),
        ("/v1/incidents/0?history=no", "history", "none"),
        ("/v1/incidents/0/evidence/at.jpg?size=9", "size", "none"),
        ("/healthz?verbose", "verbose", "none"),
    ],
)
def test_an_unknown_parameter_is_refused_by_name(patrol: TestClient, path: str, unknown: str, known: str) -> None:
    reply = patrol.get(path)
    assert (reply.status_code, reply.headers["content-type"]) == (422, "application/problem+json")
    assert f"no parameter {unknown} here" in reply.json()["detail"]
    assert known in reply.json()["detail"]


@pytest.mark.parametrize(
    ("query", "detail", "advice"),
    [
        ("since=yesterday", "'yesterday' is not a time", "an age such as 12h"),
        ("until=2026-11-24T08:00:00", "'2026-11-24T08:00:00' has no time zone", "an age such as 12h"),
        ("since=2026-11-24T08:00:00+08:00", "'2026-11-24T08:00:00 08:00' is not a time", "%2B"),
        ("updated_since=2026-11-24T08:00:00.5+0800", "is not a time", "%2B"),
        ("since=2026-11-24T08:00+08", "is not a time", "%2B"),
        ("since=2026-11-24T08:00:00%2B08", "", ""),
        ("since=", "'' is not a time", "an age"),
        ("bbox=1,2", "'1,2' is not a bbox", "minLon,minLat,maxLon,maxLat"),
        ("bbox=1,2,3,nan", "is not a bbox on this globe", "in degrees"),
    ],
)
def test_what_is_wrong_with_a_time_or_a_box_is_said_in_words(
    client: TestClient, query: str, detail: str, advice: str
) -> None:
    reply = client.get(f"/v1/incidents?{query}")
    assert reply.status_code == (422 if detail else 200)
    assert detail in reply.json().get("detail", "")
    assert advice in reply.json().get("advice", "")


@pytest.mark.parametrize(
    ("query", "known"), [("counts?by=kind,colour", "place, kind, day"), ("coverage?by=colour", "place, h3, drive")]
)
def test_what_there_is_no_breakdown_by_is_said_in_words(client: TestClient, query: str, known: str) -> None:
    reply = client.get(f"/v1/{query}")
    assert (reply.status_code, reply.json()["detail"]) == (422, "there is no breakdown by 'colour'")
    assert known in reply.json()["advice"]


def test_times_and_boxes_are_described_by_their_patterns(client: TestClient) -> None:
    described = client.get("/openapi.json").json()["paths"]["/v1/counts"]["get"]["parameters"]
    schemas = {parameter["name"]: parameter["schema"] for parameter in described}
    for name in ("since", "until", "bbox"):
        (text,) = (part for part in schemas[name]["anyOf"] if part["type"] == "string")
        assert text["pattern"].startswith("^"), name


def test_what_writes_refuses_unknown_parameters_too(patrol: TestClient) -> None:
    """A dry run nobody knows of would be a real one."""
    reply = patrol.post("/v1/incidents?dry_run=true", content=b"{}")
    assert "dry_run" in reply.json()["detail"]


def test_the_description_says_so(patrol: TestClient) -> None:
    described = patrol.get("/openapi.json").json()
    assert "not listed here is refused" in described["info"]["description"]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert "422" in operation["responses"], (method, path)


def test_every_filter_is_described(patrol: TestClient) -> None:
    described = patrol.get("/openapi.json").json()["paths"]["/v1/counts"]["get"]["parameters"]
    names = {parameter["name"] for parameter in described if parameter["in"] == "query"}
    assert names == {"by", "kind", "status", "grade", "place", "camera", "drive", "since", "until", "bbox"}


def test_head_is_get_without_a_body(patrol: TestClient) -> None:
    listed = patrol.get("/v1/incidents").json()["items"]
    href = next(item["evidence"][0]["href"] for item in listed if item["evidence"])
    for path in (
        *("/v1/incidents?limit=2", f"/v1/incidents/{listed[0]['id']}", href, "/v1/counts?by=kind", "/v1/places"),
        *("/healthz", "/openapi.json", "/", "/review", "/static/page.css"),
    ):
        told, asked = patrol.get(path), patrol.head(path)
        assert (asked.status_code, asked.content) == (200, b""), path
        for name in ("content-type", "link", "content-length", "etag", "vary"):
            assert asked.headers.get(name) == told.headers.get(name), (path, name)
    assert patrol.head("/v1/incidents/0").status_code == 404
    part = patrol.head(href, headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.headers["content-range"]) == (206, f"bytes 2-5/{len(JPEG)}")


def test_every_route_that_is_read_answers_head(patrol: TestClient) -> None:
    for path, methods in patrol.get("/openapi.json").json()["paths"].items():
        if "get" in methods:
            assert patrol.head(path.replace("{incident}", "0")).status_code in (200, 404), path


@pytest.mark.parametrize("query", ["by=kind,day", "by=kind&by=day", "by=kind&by=day,kind"])
def test_what_to_count_by_is_repeated_or_joined(patrol: TestClient, query: str) -> None:
    assert patrol.get(f"/v1/counts?{query}").json()["by"] == ["kind", "day"]


def test_what_cannot_be_had_in_a_form_is_said(client: TestClient) -> None:
    assert client.get("/v1/incidents", headers={"Accept": "image/png"}).status_code == 406
