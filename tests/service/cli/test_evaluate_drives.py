from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner, Result

from pipelines.simulate.drive_random import random_drive
from pipelines.simulate.drive_world import World
from service.cli import evaluate, evaluate_drives


@pytest.fixture(autouse=True)
def short_drives(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(seed: int) -> World:
        return random_drive(seed, 6.0)

    monkeypatch.setattr(evaluate_drives, "random_drive", short)


def run(*options: str) -> Result:
    app = typer.Typer()
    evaluate.register(app)
    return CliRunner().invoke(app, ["evaluate", "drives", *options])


def test_each_seed_is_a_drive_scored_with_and_without_gps() -> None:
    found = run("--seeds", "3-4", "--json")
    assert found.exit_code == 0, found.output
    report = json.loads(found.stdout)
    assert [(row["drive"], row["gps"]) for row in report["drives"]] == [
        (f"simulated-{seed}", gps) for seed in (3, 4) for gps in (True, False)
    ]
    assert {goal["limit"] for goal in report["goals"]} >= {0.97, 1.5}


def test_a_range_of_seeds_that_is_none_is_refused() -> None:
    found = run("--seeds", "all")
    assert found.exit_code != 0
