"""docs/api.md cannot rot: its examples are run, in its order, and must be answered as it says."""

from __future__ import annotations

import json
import re
import shlex
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import h3
import pytest
from fastapi.testclient import TestClient
from httpx import Response
from shapely.geometry import shape

from service.app import create_app
from service.places import Place, PlaceRef, import_places
from service.settings import Settings
from tests.service.builders import JPEG, START, a_patrol, polygon, showing, wire

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
ADDRESS = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Example:
    """`file`: the JSON last shown before it, which `-d @...` sends. `reply`: what follows on it, and in which language;
    empty where nothing does.
    """

    file: str
    command: str
    language: str
    reply: str


BLOCK = r"^```{}\n(.*?)^```\n"
EXAMPLE = re.compile(BLOCK.format("sh") + rf"(?:{BLOCK.format('(json|csv)')})?", re.MULTILINE | re.DOTALL)
LAST_JSON = re.compile(rf".*{BLOCK.format('json')}", re.MULTILINE | re.DOTALL)


def examples() -> list[Example]:
    text = PAGE.read_text(encoding="utf-8")
    found = []
    for example in EXAMPLE.finditer(text):
        file = LAST_JSON.match(text, 0, example.start())
        found.append(Example(file[1] if file else "", *(part or "" for part in example.groups())))
    return found


def curl(client: TestClient, example: Example) -> Response:
    parser = ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-I", dest="method", action="store_const", const="HEAD")
    parser.add_argument("-d", dest="data")
    parser.add_argument("-T", dest="upload")
    parser.add_argument("-o")
    asked = parser.parse_args(shlex.split(example.command.replace("\\\n", " "))[1:])
    method = asked.method or ("POST" if asked.data else "PUT" if asked.upload else "GET")
    data = example.file if asked.data and asked.data.startswith("@") else asked.data
    headers = dict(line.split(": ", 1) for line in asked.H)
    return client.request(method, asked.url, headers=headers, content=JPEG if asked.upload else data)


def is_shown(shown: object, real: object) -> bool:
    """Whether what the page shows is part of the real answer; it may leave out members, and the ends of lists."""
    if isinstance(shown, dict) and isinstance(real, dict):
        return all(name in real and is_shown(value, real[name]) for name, value in shown.items())
    if isinstance(shown, list) and isinstance(real, list):
        return len(shown) <= len(real) and all(map(is_shown, shown, real))
    return shown == real


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The patrol that the page is about: two streets that were driven along, and a harbour that was not."""
    app = create_app(Settings(home=tmp_path_factory.mktemp("home")), now=lambda: START + timedelta(hours=12))
    context = app.state.context
    areas = (
        ("elm", "Elm Street", 120.099, 120.1015),
        ("mill", "Mill Lane", 120.2, 120.201),
        ("port", "Harbour", 121, 122),
    )
    places = [Place(PlaceRef(name, title, "street"), shape(polygon(west, east))) for name, title, west, east in areas]
    with context.database.write() as session:
        import_places(session, places)
    client = TestClient(app, base_url=ADDRESS, raise_server_exceptions=False)
    front, rear = a_patrol(context.evidence)
    first, second, third = front.files
    passed = replace(first, cells=(h3.latlng_to_cell(30.2, 120.2005, 12),))
    seen = showing(second, *(h3.latlng_to_cell(30.2, lon, 12) for lon in (120.0995, 120.1, 120.1005)))
    for given in (replace(front, files=(passed, seen, third)), rear):
        client.post(
            "/v1/incidents", content=wire(given), headers={"Content-Type": "application/json"}
        ).raise_for_status()
    yield client
    context.database.close()


def test_the_examples_are_answered_as_the_page_says(client: TestClient) -> None:
    for example in examples():
        reply = curl(client, example)
        said = f"{example.command}\n{reply.text}"
        if example.language == "json":
            shown = json.loads(example.reply)
            assert reply.is_success != ("code" in shown), said
            assert is_shown(shown, reply.json()), said
        else:
            assert reply.is_success, said
        if example.language == "csv":
            assert reply.text.splitlines() == example.reply.splitlines()


def test_what_the_page_shows_wrong_is_seen() -> None:
    assert is_shown({"a": [1]}, {"a": [1, 2], "b": None})
    for shown in ({"a": [2]}, {"a": [1, 2, 3]}, {"b": 0}, {"c": None}):
        assert not is_shown(shown, {"a": [1, 2], "b": None})


def test_every_endpoint_has_an_example(client: TestClient) -> None:
    commands = "\n".join(example.command for example in examples())
    for path in client.get("/openapi.json").json()["paths"]:
        assert re.search(re.sub(r"\{\w+\}", r"[^/\\s]+", path) + r"['?\s]", commands), path


def test_every_parameter_is_explained(client: TestClient) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query":
                    assert f"`{parameter['name']}`" in text, (path, parameter["name"])
