"""`patrol scan` as a user types it."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
import typer
from click.testing import Result
from rich.console import Console
from shapely.geometry import box
from typer.testing import CliRunner

from models.errors import BadUse, PatrolError
from pipelines.batch.progress import Event, Stage
from pipelines.batch.report import BatchReport, FileReport, Outcome
from pipelines.batch.spool import spool_for
from pipelines.errors import RefusedError
from pipelines.incident import Judgement
from service.cli import main, scan
from service.cli.scan_display import Meter, shown
from service.cli.scan_summary import Ending, print_summary
from service.client import HttpSink
from service.counts import By, count
from service.database import open_database
from service.filters import IncidentFilters
from service.places import Place, PlaceRef, import_places
from service.settings import Settings
from tests.pipelines.detectors import WhiteSquaresSource
from tests.pipelines.tiny_videos import write_square_video

app = typer.Typer()
scan.register(app)

DEAD = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_square_video(tmp_path_factory.mktemp("made") / "litter.mp4", 3.6, 80)


@pytest.fixture
def videos(tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(scan, "ReleasedDetector", WhiteSquaresSource)
    monkeypatch.setattr(scan, "default_workers", lambda: 0)  # in this process: no start-up to wait for
    folder = tmp_path / "videos"
    folder.mkdir()
    shutil.copy(made, folder)
    return folder


def patrol_scan(*arguments: str | Path, home: Path) -> Result:
    result = CliRunner().invoke(app, [*map(str, arguments), "--home", str(home)])
    if isinstance(result.exception, PatrolError):
        raise result.exception
    return result


def test_a_scan_ends_with_a_summary_and_the_next_command(videos: Path, tmp_path: Path) -> None:
    result = patrol_scan(videos, home=tmp_path / "home")
    assert result.exit_code == 0
    assert "1 file: 1 done" in result.output
    assert "x real time" in result.output
    assert "litter" in result.output
    assert "1 unreviewed" in result.output
    assert "Next: patrol serve" in result.output


def test_failed_files_are_named_with_their_reason_and_the_exit_code_is_3(videos: Path, tmp_path: Path) -> None:
    (videos / "empty.mp4").touch()
    result = patrol_scan(videos, home=tmp_path / "home")
    assert result.exit_code == 3
    assert "1 failed" in result.output
    assert "video-empty" in result.output


def test_a_copy_is_named_with_what_it_is_a_copy_of(
    videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    original, copy = videos / "litter.mp4", tmp_path / "copies" / "litter.mp4"
    patrol_scan(videos, home=tmp_path / "home")
    copy.parent.mkdir()
    shutil.copy(original, copy)
    again = patrol_scan(copy, home=tmp_path / "home")
    assert again.exit_code == 0
    assert "1 file: 0 done, 1 skipped" in again.output
    assert f"a copy of {original.resolve()}, done before" in again.output
    assert "1 unreviewed" in again.output
    renamed = json.loads(patrol_scan(original, "--camera", "car7", "--json", home=tmp_path / "home").output)
    assert [file["outcome"] for file in renamed["report"]["files"]] == ["done"]
    assert renamed["unreviewed"] == 1


def test_a_place_that_a_standing_camera_watches_in_vain_counts_0(videos: Path, tmp_path: Path) -> None:
    (videos / "site.toml").write_text(
        '[site]\nname = "pole"\nlocation = { lon = 120.1, lat = 30.2 }\n[[camera]]\nname = "pole"\nmounting = "fixed"\n'
    )
    patrol_scan(videos, home=tmp_path / "home")
    areas = [Place(PlaceRef(name, name, None), box(*sides)) for name, sides in PLACES]
    database = open_database(Settings(home=tmp_path / "home").database_url)
    with database.write() as session:
        import_places(session, areas)
        told = {(row.place.id, row.kind): row.count for row in count(session, (By.PLACE, By.KIND), IncidentFilters())}
    database.close()
    assert (told["here", "illegal_parking"], told["elsewhere", "illegal_parking"]) == (0, None)


PLACES = (("here", (120.0, 30.0, 120.2, 30.4)), ("elsewhere", (10.0, 30.0, 10.2, 30.4)))


def test_names_in_brackets_are_told_as_they_are(
    videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rich would take them for markup: swallow [a-z], and fall over [/x]."""
    (videos / "[red]empty.mp4").touch()
    home = tmp_path / "[a-z] home"
    result = patrol_scan(videos, home=home)
    assert "[red]empty.mp4" in result.output
    assert f"Next: patrol serve --home '{home}'" in result.output
    for nowhere in ("[/x]", "[a-z]*.mp4"):
        monkeypatch.setattr("sys.argv", ["patrol", "scan", str(tmp_path / nowhere), "--home", str(home)])
        with pytest.raises(SystemExit):
            main()
        assert str(tmp_path / nowhere) in capsys.readouterr().err


def test_a_bar_shows_names_in_brackets_as_they_are() -> None:
    console = Console(force_terminal=True, width=200, file=io.StringIO())
    with shown(console, quiet=False) as listen:
        listen(Event(Stage.OBSERVING, "[a-z][/x].mp4", done_s=1.0))
    assert "[a-z][/x].mp4" in console.file.getvalue()


def test_what_was_sent_to_a_server_is_looked_at_there() -> None:
    console = Console(width=200, file=io.StringIO())
    report = BatchReport((FileReport("a[/x].mp4", Outcome.FAILED, "video-empty", "it is [/y]"),), (), 0.0, 1.0, 0)
    print_summary(console, Ending(report, "http://[abcd::1]:8000"), None)
    told = console.file.getvalue()
    assert "a[/x].mp4" in told
    assert "it is [/y]" in told
    assert "Next: http://[abcd::1]:8000" in told


def test_long_names_are_folded_and_not_cut() -> None:
    console = Console(width=60, file=io.StringIO())
    long = "20261124_083000_" + 40 * "q" + "_front.renamed.mp4"
    report = BatchReport((FileReport(long, Outcome.SKIPPED, "copy", f"a copy of /{long}"),), (), 0.0, 1.0, 0)
    print_summary(console, Ending(report), None)
    told = console.file.getvalue()
    assert "…" not in told
    assert "skipped copy" in told
    assert told.count("q") == 80


def test_judging_is_told_with_how_far_it_is() -> None:
    meter = Meter()
    meter.note(Event(Stage.JUDGING, "kitti"))
    assert meter.doing == "judging kitti"
    meter.note(Event(Stage.JUDGING, "kitti", note="100 % of its evidence written"))
    assert meter.doing == "judging kitti, 100 % of its evidence written"


def test_the_next_command_keeps_the_database(videos: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/my patrol.db"
    assert (
        f"patrol serve --home {tmp_path}/home --database '{url}'"
        in patrol_scan(videos, "--database", url, home=tmp_path / "home").output
    )


def test_json_is_one_object_with_every_file(videos: Path, tmp_path: Path) -> None:
    report = json.loads(patrol_scan(videos, "--json", home=tmp_path / "home").output)
    assert [file["outcome"] for file in report["report"]["files"]] == ["done"]
    assert report["report"]["tallies"] == [{"kind": "litter", "grade": "complete", "count": 1}]
    assert report["unreviewed"] == 1


def test_json_says_what_the_user_should_know_of_a_file(videos: Path, tmp_path: Path) -> None:
    (videos / "litter.gpx").write_text("not a position log")
    report = json.loads(patrol_scan(videos, "--json", home=tmp_path / "home").output)
    ((note,),) = [file["notes"] for file in report["report"]["files"]]
    assert "litter.gpx" in note


def test_while_a_server_is_down_judgements_wait_and_the_exit_code_is_4(videos: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    result = patrol_scan(videos, "--server", DEAD, home=home)
    assert result.exit_code == 4
    assert "1 judgement waits in the spool, not sent" in result.output
    assert len(spool_for(DEAD, home).waiting()) == 1
    again = patrol_scan(videos, "--server", DEAD + "/", home=home)
    assert again.exit_code == 4
    assert "1 skipped" in again.output
    assert len(spool_for(DEAD, home).waiting()) == 1


def test_what_a_server_refuses_waits_too_and_is_told_apart(
    videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: HttpSink, judgement: Judgement) -> None:
        raise RefusedError("422 no such kind", advice="update the server")

    monkeypatch.setattr(HttpSink, "send", refuse)
    result = patrol_scan(videos, "--server", DEAD, home=tmp_path / "home")
    assert result.exit_code == 4
    assert "waits in the spool, refused: 422 no such kind (update the server)" in " ".join(result.output.split())


def test_a_server_gets_its_own_judgements_and_no_other_servers(
    videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, got = tmp_path / "home", list[str]()
    patrol_scan(videos, "--server", DEAD, "--place", "of the first", home=home)
    monkeypatch.setattr(HttpSink, "send", lambda _, judgement: got.append(judgement.incidents[0].place_hint))
    assert patrol_scan(videos, "--server", "http://127.0.0.1:10", "--place", "of the second", home=home).exit_code == 0
    assert got == ["of the second"]
    assert patrol_scan(videos, "--server", DEAD, "--place", "of the first", home=home).exit_code == 0
    assert got == ["of the second", "of the first"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--site", "missing.toml"],
        ["--region", "missing.geojson"],
        ["--recorded-at", "2026-11-24T08:30:00"],
        ["--recorded-at", "yesterday"],
        ["--server", "patrol.example:8000"],
        ["--server", "patrol.example"],
        ["--server", "ftp://patrol.example"],
        ["--server", "http://"],
        ["--server", "http://["],
        ["--server", "http://patrol.example:http"],
        ["--server", "https://patrol.example/?key=1"],
        ["--server", ""],
        ["--kind", "wrong_way"],
    ],
)
def test_options_that_make_no_sense_are_bad_use(videos: Path, tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(BadUse):
        patrol_scan(videos, *arguments, home=tmp_path / "home")


def test_kinds_without_a_rule_are_not_offered(videos: Path, tmp_path: Path) -> None:
    with pytest.raises(
        BadUse, match=r"no rule for wrong_way yet \(there are litter, illegal_parking, red_light_running"
    ):
        patrol_scan(videos, "--kind", "wrong_way", home=tmp_path / "home")
    told = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    assert "red_light_running" in told
    assert "wrong_way" not in told


def test_one_time_for_many_videos_is_bad_use(videos: Path, tmp_path: Path) -> None:
    write_square_video(videos / "other.mp4", 0.5, 60)
    with pytest.raises(BadUse, match="one video"):
        patrol_scan(videos, "--recorded-at", "2026-11-24T08:30:00Z", home=tmp_path / "home")


def test_the_meter_tells_rate_and_time_left() -> None:
    now = 100.0
    meter = Meter(lambda: now)
    meter.note(Event(Stage.PLANNED, total_s=120.0))
    meter.note(Event(Stage.OBSERVING, "a.mp4", done_s=10.0))
    meter.note(Event(Stage.OBSERVED, "a.mp4", done_s=20.0))
    meter.note(Event(Stage.OBSERVING, "b.mp4", done_s=40.0))
    meter.note(Event(Stage.SUBMITTED, "car7", incidents=3))
    now = 120.0
    assert meter.done_s == 60.0
    assert meter.times_real_time == 3.0
    assert meter.left_s == 20.0
    assert meter.line() == "1:00 of 2:00 video · 3.0 x real time · 0:20 left · 3 incidents"
