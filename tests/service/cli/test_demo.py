"""`patrol demo`: what it says of planted and found. Rendering and scanning are tested where they live."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from rich.console import Console

from pipelines.batch.report import BatchReport
from pipelines.incident import Grade, Kind
from pipelines.simulate.match import Found, Score, match
from pipelines.simulate.patrol import RenderedPatrol
from pipelines.simulate.truth import LookAlike, Planted
from service.cli import demo
from service.cli.scan_summary import Ending
from service.database import Database
from service.ingest import ingest
from tests.service.builders import incident, judgement

AT = datetime(2026, 9, 14, tzinfo=UTC)
BOTTLE = Planted("bottle", Kind.LITTER, "item", "a.mp4", 5.0, 8.0, AT, AT, 120.0, 31.0, Grade.COMPLETE, "")
RUNNER = replace(BOTTLE, name="runner", kind=Kind.RED_LIGHT_RUNNING, subtype=None, grade=Grade.INSUFFICIENT)
FOUND = Found(Kind.LITTER, "item", Grade.COMPLETE, (), 0.9, "a.mp4", 5.5, 7.0, 120.0, 31.0, 3.0)
VIDEOS = {"a.mp4": "patrol"}


def shown(table: object) -> str:
    console = Console(width=140, no_color=True)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_a_miss_is_called_a_miss() -> None:
    score = match([BOTTLE], [], [])
    assert "missed" in shown(demo._planted_table([BOTTLE], score, VIDEOS))
    assert "0 of 1" in demo._totals(score, 3)


def test_an_insufficient_sighting_of_something_provable_is_not_counted_as_found() -> None:
    score = match([BOTTLE], [], [replace(FOUND, grade=Grade.INSUFFICIENT, missing=("position",))])
    table = shown(demo._planted_table([BOTTLE], score, VIDEOS))
    assert "sighted" in table
    assert "no position" in table
    assert "0 of 1" in demo._totals(score, 0)


def test_what_nobody_could_prove_is_left_out_of_the_total() -> None:
    sighting = replace(FOUND, kind=Kind.RED_LIGHT_RUNNING, subtype=None, grade=Grade.INSUFFICIENT)
    score = match([BOTTLE, RUNNER], [], [FOUND, sighting])
    assert "1 of 1" in demo._totals(score, 0)
    assert "missed" not in shown(demo._planted_table([BOTTLE, RUNNER], score, VIDEOS))


def test_a_false_alarm_is_shown_with_what_it_fell_for() -> None:
    leaves = LookAlike("leaves", Kind.LITTER, "a.mp4", 120.0, 31.0, "fallen leaves")
    score: Score = match([], [leaves], [FOUND])
    table = shown(demo._false_alarm_table(score.false_alarms, VIDEOS))
    assert "leaves: fallen leaves" in table
    assert "patrol 6-7 s" in table or "patrol 5-7 s" in table
    assert "1[/] false alarm " in demo._totals(score, 1)


def test_what_to_type_next_names_the_demos_own_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATROL_HOME", str(tmp_path / "a home"))
    patrol = RenderedPatrol(tmp_path, (), tmp_path, tmp_path, tmp_path, False)
    ending = Ending(BatchReport((), (), 0.0, 0.0, 0), unreviewed=1)
    monkeypatch.setattr(demo, "_rendered", lambda *_: patrol)
    monkeypatch.setattr(demo, "_import_places", lambda *_: None)
    monkeypatch.setattr(demo, "scan_into", lambda *_: ending)
    monkeypatch.setattr(demo, "_report", lambda *_: None)
    with pytest.raises(typer.Exit):
        demo.demo()
    assert f"Next: patrol serve --home '{tmp_path}/a home/demo'" in capsys.readouterr().out


def test_only_incidents_of_these_videos_are_compared(database: Database) -> None:
    with database.write() as session:
        ingest(session, judgement(incident(10), incident(70, Kind.ILLEGAL_PARKING)))
    with database.read() as session:
        first = incident(10).file.sha256
        found = demo._found(session, [first])
    assert [one.kind for one in found] == [Kind.LITTER]
    assert found[0].file == incident(10).file.name
