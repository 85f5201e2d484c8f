"""Who may talk to the service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.keys import add_key, revoke_key
from service.settings import Settings, is_loopback
from tests.service.builders import incident, judgement, wire

NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def talk_to(home: Path, address: str = "http://127.0.0.1:8000", **settings: object) -> TestClient:
    return TestClient(create_app(Settings(home=home, **settings)), base_url=address)


@pytest.fixture
def public(home: Path) -> Iterator[tuple[TestClient, str]]:
    client = talk_to(home, "http://patrol.example", host="0.0.0.0")
    with client.app.state.context.database.write() as session:
        token = add_key(session, "office", NOW)
    yield client, token
    client.app.state.context.database.close()


@pytest.mark.parametrize(
    ("host", "is_safe"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.3.2.1", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("", False),
    ],
)
def test_loopback(host: str, is_safe: bool) -> None:
    assert is_loopback(host) == is_safe


@pytest.mark.parametrize("address", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:9"])
def test_on_loopback_no_key_is_asked_for(home: Path, address: str) -> None:
    assert talk_to(home, address).get("/v1/incidents").status_code == 200


def test_a_foreign_name_for_this_machine_is_refused(home: Path) -> None:
    """DNS rebinding: a page of evil.example, whose name now leads here, would share its origin with us."""
    for path in ("/v1/incidents", "/", "/healthz", "/openapi.json"):
        reply = talk_to(home, "http://evil.example:8000").get(path)
        assert (reply.status_code, reply.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_pages_of_other_sites_cannot_act(home: Path, headers: dict[str, str]) -> None:
    client = talk_to(home)
    assert client.post("/v1/incidents/0/review", json={"verdict": "confirmed"}, headers=headers).status_code == 403
    own = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/v1/incidents/0/review", json={"verdict": "confirmed"}, headers=own).status_code == 404


@pytest.mark.parametrize("headers", [{"Host": "[x"}, {"Origin": "http://[x"}])
def test_an_address_that_is_none_is_refused(home: Path, headers: dict[str, str]) -> None:
    assert talk_to(home).post("/v1/incidents/0/review", json={}, headers=headers).status_code == 403


def test_beyond_loopback_every_route_of_the_api_asks_for_a_key(public: tuple[TestClient, str]) -> None:
    client, _ = public
    paths = client.get("/openapi.json").json()["paths"]
    for path, methods in paths.items():
        for method in methods:
            reply = client.request(method, path.replace("{sha256}", "0" * 64).replace("{incident}", "0"))
            expected = 200 if path == "/healthz" else 401
            assert reply.status_code == expected, (method, path)
            if method == "get":
                assert client.head(path.replace("{incident}", "0")).status_code == expected, path


@pytest.mark.parametrize("carry", ["bearer", "header", "cookie"])
def test_a_good_key_opens(public: tuple[TestClient, str], carry: str) -> None:
    client, token = public

    def ask(key: str) -> int:
        client.cookies.clear()
        if carry == "cookie":
            client.cookies.set("patrol_key", key)
        headers = {"bearer": {"Authorization": f"Bearer {key}"}, "header": {"X-API-Key": key}, "cookie": {}}
        return client.get("/v1/incidents", headers=headers[carry]).status_code

    assert (ask(token), ask(token + "x"), ask("")) == (200, 401, 401)
    with client.app.state.context.database.write() as session:
        revoke_key(session, "office", NOW)
    assert ask(token) == 401


def test_a_refusal_says_how_to_ask(public: tuple[TestClient, str]) -> None:
    reply = public[0].get("/v1/incidents")
    assert (reply.headers["www-authenticate"], reply.headers["content-type"]) == ("Bearer", "application/problem+json")


def test_a_cookie_does_not_let_other_sites_act(public: tuple[TestClient, str]) -> None:
    client, token = public
    client.cookies.set("patrol_key", token)
    reply = client.post("/v1/incidents/0/review", json={}, headers={"Origin": "https://evil.example"})
    assert reply.status_code == 403


def test_the_keys_name_signs_a_verdict(public: tuple[TestClient, str]) -> None:
    client, token = public
    client.headers.update({"X-API-Key": token, "Content-Type": "application/json"})
    given = client.post("/v1/incidents", content=wire(judgement(incident(10)))).json()["incidents"][0]["id"]
    reply = client.post(f"/v1/incidents/{given}/review", json={"verdict": "confirmed"})
    assert (reply.json()["review"]["by"], reply.json()["review"]["key_name"]) == ("office", "office")


def test_the_key_is_kept_beside_what_people_call_themselves(public: tuple[TestClient, str]) -> None:
    client, token = public
    client.headers.update({"X-API-Key": token, "Content-Type": "application/json"})
    given = client.post("/v1/incidents", content=wire(judgement(incident(10)))).json()["incidents"][0]["id"]
    client.post(f"/v1/incidents/{given}/review", json={"verdict": "confirmed", "by": "Mei"})
    undone = client.post(f"/v1/incidents/{given}/review", json={"verdict": "undo", "by": "Li"}).json()
    names = ("by", "key_name", "undone_by", "undone_key_name")
    assert [[entry[name] for name in names] for entry in undone["history"]] == [["Mei", "office", "Li", "office"]]


def test_without_a_key_no_body_is_parsed(public: tuple[TestClient, str]) -> None:
    client, token = public
    for path in ("/v1/incidents", "/v1/incidents/0/review"):
        reply = client.post(path, content=b"{", headers={"Content-Type": "application/json"})
        assert (reply.status_code, reply.json()["code"]) == (401, "unauthorized")
    keyed = {"Content-Type": "application/json", "X-API-Key": token}
    assert client.post("/v1/incidents", content=b"{", headers=keyed).status_code == 422


def test_loopback_can_ask_for_keys_too(home: Path) -> None:
    assert talk_to(home, "http://patrol.example", require_key=True).get("/v1/incidents").status_code == 401


@pytest.mark.parametrize("key", ["patrol_made_up", "é中"])
def test_only_a_key_that_was_taken_becomes_a_cookie(home: Path, public: tuple[TestClient, str], key: str) -> None:
    refused = public[0].post("/sign-in", data={"key": key}, follow_redirects=False)
    assert (refused.status_code, refused.cookies) == (401, {})
    unasked = talk_to(home).post("/sign-in", data={"key": key}, follow_redirects=False)
    assert (unasked.status_code, unasked.headers["location"], unasked.cookies) == (303, "/review", {})
    taken = public[0].post("/sign-in", data={"key": public[1]}, follow_redirects=False)
    assert taken.cookies == {"patrol_key": public[1]}


def test_behind_a_proxy_the_refusal_says_what_to_pass_on(home: Path) -> None:
    """nginx sends the name of its upstream as Host unless it is told otherwise."""
    name = {"Host": "patrol_upstream", "Origin": "https://patrol.example"}
    refused = talk_to(home, require_key=True).post("/v1/incidents/0/review", json={}, headers=name)
    for reply in (refused, talk_to(home).get("/v1/incidents", headers=name)):
        assert reply.status_code == 403
        assert "proxy_set_header Host $host" in reply.json()["advice"]
    passed = talk_to(home, require_key=True).post(
        "/v1/incidents/0/review", json={}, headers=name | {"Host": "patrol.example"}
    )
    assert passed.status_code == 401


def test_nothing_is_loaded_from_elsewhere(home: Path) -> None:
    client = talk_to(home)
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
