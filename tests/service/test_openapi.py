"""OpenAPI says it all, and the service keeps to what it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.app import create_app
from service.settings import Settings
from tests.service.builders import a_patrol, wire

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    app = create_app(Settings(home=tmp_path_factory.mktemp("home")))
    client = TestClient(app, base_url="http://127.0.0.1")
    for part in a_patrol(app.state.context.evidence):
        assert client.post("/v1/incidents", content=wire(part), headers={"Content-Type": "application/json"}).is_success
    yield schemathesis.openapi.from_asgi("/openapi.json", app, headers={"Host": "127.0.0.1"})
    app.state.context.database.close()


QUICK = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def takes_anything(operation: APIOperation) -> bool:
    return any(len(part) for part in (operation.query, operation.path_parameters, operation.body))


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_service_keeps_to_its_description(served: schemathesis.BaseSchema, mode: GenerationMode) -> None:
    for operation in (result.ok() for result in served.get_all_operations()):
        if mode is GenerationMode.NEGATIVE and not takes_anything(operation):
            continue  # there is nothing to get wrong

        @QUICK
        @given(case=operation.as_strategy(generation_mode=mode))
        def keeps_its_word(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS, headers={"Host": "127.0.0.1"})

        keeps_its_word()


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict:
    app = create_app(Settings(home=tmp_path_factory.mktemp("home")))
    app.state.context.database.close()
    return app.openapi()


def operations(described: dict) -> list[tuple[str, dict]]:
    return [(f"{method} {path}", one) for path, each in described["paths"].items() for method, one in each.items()]


def test_every_route_tells_its_errors_as_problems(described: dict) -> None:
    for name, operation in operations(described):
        errors = {status: reply for status, reply in operation["responses"].items() if status >= "4"}
        assert {"403", "500", "503"} <= set(errors), name
        for reply in errors.values():
            assert list(reply["content"]) == ["application/problem+json"], name


def test_every_route_but_health_takes_a_key(described: dict) -> None:
    for name, operation in operations(described):
        assert bool(operation.get("security")) == ("healthz" not in name), name


def test_pages_are_no_part_of_the_api(described: dict) -> None:
    assert {path.split("/")[1] for path in described["paths"]} == {"v1", "healthz"}


def test_the_description_is_whole(described: dict) -> None:
    """No reference leads nowhere."""
    names = set(described["components"]["schemas"])
    text = Path(__file__).name + str(described)
    used = {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]}
    assert used <= names
