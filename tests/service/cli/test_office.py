"""The commands over the database, as one types them."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import h3
import httpx
import pytest
import typer
from typer.testing import CliRunner, Result

from models.errors import BadUse
from pipelines.evidence.store import EvidenceStore
from pipelines.incident import Grade, Kind, Location
from service.cli import counts, coverage, keys, places, serve
from service.cli.options import command
from service.database import open_database
from service.errors import BadQuery, CannotListen, KeyRequired, NotFound
from service.listen import listen, port_of
from service.settings import Settings
from service.sink import DatabaseSink
from tests.service.builders import a_patrol, feature, file, filmed_by, incident, judgement, showing

app = typer.Typer()
for module in (serve, counts, coverage, places, keys):
    module.register(app)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATROL_HOME", str(tmp_path))
    monkeypatch.delenv("PATROL_DATABASE", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    database = open_database(Settings(home=tmp_path).database_url)
    for given in a_patrol(EvidenceStore(tmp_path / "evidence")):
        DatabaseSink(database).submit(given, [])
    database.close()
    return tmp_path


def patrol(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_counts_as_a_table(home: Path) -> None:
    shown = patrol("counts", "--by", "kind").stdout
    assert "illegal_parking" in shown
    assert "as of 20" in shown


def test_counts_as_csv_and_json_say_the_same(home: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(patrol("counts", "--by", "kind,day", "--format", "csv").stdout)))
    told = json.loads(patrol("counts", "--by", "kind,day", "--format", "json").stdout)
    assert told["by"] == ["kind", "day"]
    assert [(row["kind"], int(row["count"])) for row in rows] == [(row["kind"], row["count"]) for row in told["rows"]]


def test_what_to_count_by_is_repeated_or_joined(home: Path) -> None:
    joined, repeated, default = (
        json.loads(patrol("counts", *words, "--format", "json").stdout)["by"]
        for words in (("--by", "day,kind"), ("--by", "day", "--by", "kind"), ())
    )
    assert (joined, repeated, default) == (["day", "kind"], ["day", "kind"], ["place", "kind"])


def test_counts_take_filters(home: Path) -> None:
    words = ("--kind", "litter", "--since", "2026-11-24T08:00:15Z", "--until", "2026-11-24T08:00:45Z", "--by", "")
    assert json.loads(patrol("counts", *words, "--format", "json").stdout)["rows"] == [{"count": 2, "unreviewed": 2}]


@pytest.mark.parametrize(
    ("words", "total"),
    [
        (("--place", "named:canteen"), 1),
        (("--place", "named:canteen", "--place", "unplaced"), 2),
        (("--camera", "car8/rear"), 2),
        (("--drive", "drive-7"), 5),
        (("--drive", "drive-7", "--camera", "car8/rear"), 0),
    ],
)
def test_counts_take_the_filters_of_the_api(home: Path, words: tuple[str, ...], total: int) -> None:
    told = json.loads(patrol("counts", "--by", "", *words, "--format", "json").stdout)
    assert told["rows"][0]["count"] == total


def test_nothing_to_count_names_the_next_command(tmp_path: Path) -> None:
    home = tmp_path / "a home"
    open_database(Settings(home=home).database_url).close()
    told = patrol("counts", "--home", str(home)).stdout
    assert f"next: patrol scan FOLDER --home '{home}'" in told


def test_what_was_found_but_does_not_count_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATROL_HOME", str(tmp_path))
    monkeypatch.delenv("PATROL_DATABASE", raising=False)
    database = open_database(Settings(home=tmp_path).database_url)
    seen = incident(10, Kind.RED_LIGHT_RUNNING, grade=Grade.INSUFFICIENT, missing=("light_state",))
    DatabaseSink(database).submit(judgement(seen), [])
    told = "Nothing counts yet: 1 insufficient (patrol counts --grade insufficient; docs/site-files.md).\n"
    assert patrol("counts").stdout == told
    assert "red_light_running" in patrol("counts", "--grade", "insufficient").stdout
    assert patrol("counts", "--kind", "litter").stdout == "Nothing that counts passes these filters.\n"
    DatabaseSink(database).submit(judgement(), [])
    database.close()
    assert patrol("counts").stdout == "Nothing counts: all is rejected, duplicate or withdrawn.\n"


@pytest.mark.parametrize("words", [("--kind", "wrong_way"), ("--since", "1m"), ("--place", "nowhere")])
def test_filters_that_nothing_passes_are_not_an_empty_database(home: Path, words: tuple[str, ...]) -> None:
    assert patrol("counts", *words).stdout == "Nothing that counts passes these filters.\n"


@pytest.mark.parametrize("words", ["counts", "coverage", "places list", "keys list", "keys revoke office"])
def test_what_only_reads_makes_no_database(tmp_path: Path, words: str) -> None:
    typo = tmp_path / "typo"
    error = patrol(*words.split(), "--home", str(typo)).exception
    assert isinstance(error, BadUse)
    assert error.message == f"no results in {typo}"
    assert "check --home" in error.advice
    elsewhere = patrol(*words.split(), "--database", f"sqlite:///{typo}/x.db").exception
    assert "check --database" in str(elsewhere)
    assert not typo.exists()


def test_the_command_to_type_next_names_the_same_results() -> None:
    assert command("counts --by place", None) == "patrol counts --by place"
    assert command("serve", Path("/my home"), "sqlite:////a b.db") == (
        "patrol serve --home '/my home' --database 'sqlite:////a b.db'"
    )
    assert "secret" not in command("serve", None, "postgresql://me:secret@host/patrol")


def test_a_port_that_is_taken_is_said_before_anything_else(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        tried = patrol("serve", "--port", str(port))
    assert isinstance(tried.exception, CannotListen)
    assert str(tried.exception) == f"port {port} is taken (choose another --port)"
    assert tried.stdout == ""


def test_a_host_that_is_none_is_an_error_of_ours() -> None:
    for host in ("x" * 64, "fe80::1%nowhere", "192.0.2.1"):
        with pytest.raises(CannotListen, match=host):
            listen(host, 0)


def test_all_addresses_of_a_host_get_the_same_port() -> None:
    sockets = listen("localhost", 0)
    assert {one.getsockname()[1] for one in sockets} == {port_of(sockets)}
    for one in sockets:
        one.close()


def test_it_serves_where_it_says(home: Path) -> None:
    words = [sys.executable, "-c", "from service.cli import main; main()", "serve", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        page = re.search(r"http://127\.0\.0\.1:[1-9]\d*/", served.stdout.readline())
        assert page is not None
        assert httpx.get(f"{page[0]}healthz").json()["status"] == "ok"
        served.send_signal(signal.SIGINT)
        assert served.wait(20) == 0


@pytest.mark.parametrize(
    ("words", "error"), [(("--by", "colour"), BadUse), (("--since", "lately"), BadQuery), (("--bbox", "1"), BadQuery)]
)
def test_bad_use_is_an_error_of_ours(home: Path, words: tuple[str, ...], error: type[Exception]) -> None:
    assert isinstance(patrol("counts", *words).exception, error)


def test_a_setting_that_makes_no_sense_is_an_error_of_ours(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATROL_PORT", "eight")
    error = patrol("serve").exception
    assert isinstance(error, BadUse)
    assert "port" in str(error)


def test_only_a_count_nobody_took_is_explained(home: Path) -> None:
    note = "nobody is known to have looked"
    assert note not in patrol("counts", "--by", "day").stdout
    path = home / "city.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature("Far Away", 10, 11)]}))
    patrol("places", "import", str(path))
    assert note in patrol("counts", "--by", "place").stdout


def test_coverage_as_a_table_csv_and_json_say_the_same(home: Path) -> None:
    database = open_database(Settings(home=home).database_url)
    seen = showing(file(0), h3.latlng_to_cell(30.2, 120.1, 12), sought="vehicle")
    DatabaseSink(database).submit(judgement(files=(seen,)), [])
    database.close()
    path = home / "city.geojson"
    features = [feature("Elm Street", 120, 121), feature("Far Away", 10, 11)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    patrol("places", "import", str(path))
    shown = patrol("coverage", "--sought", "vehicle").stdout
    assert "Elm Street" in shown
    assert "- where nobody is known to have looked" in shown
    rows = list(csv.DictReader(io.StringIO(patrol("coverage", "--format", "csv").stdout)))
    told = json.loads(patrol("coverage", "--by", "place", "--format", "json").stdout)
    assert told["by"] == ["place"]
    assert [(row["place_id"], row["sought"], row["cells"]) for row in rows] == [
        (row["place"]["id"], row["sought"], "" if row["cells"] is None else str(row["cells"])) for row in told["rows"]
    ]
    assert [row["passes"] for row in rows] == ["", "1.0", "", ""]
    assert "No footage with a position" in patrol("coverage", "--camera", "none", "--by", "drive").stdout
    both = patrol("coverage", "--sought", "litter", "--sought", "vehicle", "--format", "csv").stdout
    assert both == patrol("coverage", "--format", "csv").stdout
    refused = patrol("coverage", "--sought", "ufo")
    assert isinstance(refused.exception, BadQuery)


def test_coverage_of_a_place_that_is_none_is_refused(home: Path) -> None:
    assert "unplaced" not in patrol("coverage", "--help").stdout
    for place in ("unplaced", "nowhere"):
        error = patrol("coverage", "--place", place).exception
        assert isinstance(error, BadQuery)
        assert place in error.message


def test_places_are_imported_and_listed(home: Path) -> None:
    path = home / "city.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature("Elm [b]Street", 120, 121)]}))
    assert "6 incidents have a new place" in patrol("places", "import", str(path)).stdout
    assert "Elm [b]Street" in patrol("places", "list").stdout
    assert "Elm [b]Street" in patrol("counts", "--by", "place").stdout


def test_one_incident_has_a_new_place(home: Path) -> None:
    database = open_database(Settings(home=home).database_url)
    seen = judgement(incident(10, location=Location(10.5, 30.2, 4.0)))
    DatabaseSink(database).submit(filmed_by("car9", "drive-9", seen), [])
    database.close()
    path = home / "city.geojson"
    features = [feature("Far Away", 10, 11), feature("Farther", 12, 13)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert "2 places stored, 1 incident has a new place\n" in patrol("places", "import", str(path)).stdout


def test_places_that_are_no_more_are_removed_only_if_asked(home: Path) -> None:
    path = home / "city.geojson"

    def imported(*names: str, replace: bool = False) -> str:
        features = [feature(name, 120, 121) for name in names]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return patrol("places", "import", str(path), *(["--replace"] if replace else [])).stdout

    imported("Elm")
    assert "1 place stored, 0 incidents have" in imported("Oak")
    assert "1 place stored, 1 removed, 6 incidents have" in imported("Oak", replace=True)
    assert "Elm" not in patrol("places", "list").stdout


def test_keys_are_shown_once(home: Path) -> None:
    token = patrol("keys", "add", "office").stdout.splitlines()[0]
    listed = patrol("keys", "list").stdout
    assert token.startswith("patrol_")
    assert "office" in listed
    assert token not in listed
    assert patrol("keys", "revoke", "office").exit_code == 0
    assert isinstance(patrol("keys", "revoke", "garage").exception, NotFound)


def test_nothing_listens_beyond_loopback_without_a_key(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[str] = []

    def run(_app: object, sockets: list[socket.socket]) -> None:
        served.append(sockets[0].getsockname()[0])
        for one in sockets:
            one.close()

    monkeypatch.setattr(serve, "run", run)
    monkeypatch.setenv("PATROL_PORT", "0")
    assert patrol("serve").exception is None
    for words in (("--host", "0.0.0.0"), ("--host", "::"), ("--host", "patrol.example"), ("--require-key",)):
        assert isinstance(patrol("serve", *words).exception, KeyRequired)
    assert served == ["127.0.0.1"]
    patrol("keys", "add", "office")
    assert patrol("serve", "--host", "0.0.0.0").exception is None
    patrol("keys", "revoke", "office")
    assert isinstance(patrol("serve", "--host", "0.0.0.0").exception, KeyRequired)
    assert served == ["127.0.0.1", "0.0.0.0"]
