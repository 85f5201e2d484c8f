"""Judgements reach a server in order, once it is there; what it has not taken over stays on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipelines.batch.ledger import FileKey
from pipelines.batch.spool import Spool, SpoolSink
from pipelines.errors import RefusedError, SinkError
from pipelines.incident import JudgedFile, Judgement, Kind
from tests.pipelines import moving_plate as scene
from vision.log import SourceFile

KEY = FileKey("a" * 64, "c")


def judgement(drive: str) -> Judgement:
    log = scene.log_of(SourceFile("a.mp4", "a" * 64, 1, 0.0, 0.0, 8.0))
    file = JudgedFile("a.mp4", drive.encode().hex().ljust(64, "0"), 1, 8.0, datetime(2026, 1, 1, tzinfo=UTC))
    return Judgement(drive, "car7", (file,), (Kind.LITTER,), (scene.incident_of(log, scene.finding()),))


class Server:
    def __init__(self, up: bool = True) -> None:
        self.up, self.got, self.calls = up, list[Judgement](), 0

    def send(self, judged: Judgement) -> None:
        self.calls += 1
        if not self.up:
            raise SinkError("connection refused", advice="start it")
        self.got.append(judged)


class Marks:
    """A ledger that only notes what is done."""

    def __init__(self) -> None:
        self.keys: list[FileKey] = []

    def done(self, keys: Sequence[FileKey]) -> None:
        self.keys += keys


def sink_of(folder: Path, server: Server) -> SpoolSink:
    return SpoolSink(Spool(folder), Marks(), server.send)  # type: ignore[arg-type]


def test_a_judgement_comes_out_as_it_went_in(tmp_path: Path) -> None:
    server = Server()
    sink_of(tmp_path, server).submit(judgement("one"), [KEY])
    assert server.got == [judgement("one")]
    assert not list(tmp_path.iterdir())


def test_while_the_server_is_down_judgements_wait_and_it_is_asked_once(tmp_path: Path) -> None:
    server = Server(up=False)
    sink = sink_of(tmp_path, server)
    for name in ("one", "two", "three"):
        sink.submit(judgement(name), [KEY])
    assert server.calls == 1
    assert sink.problem is not None
    assert sink.flush() == 3


def test_a_later_run_sends_what_waits_in_order(tmp_path: Path) -> None:
    down = sink_of(tmp_path, Server(up=False))
    for name in ("one", "two", "three"):
        down.submit(judgement(name), [KEY])
    server = Server()
    assert sink_of(tmp_path, server).flush() == 0
    assert [judged.drive for judged in server.got] == ["one", "two", "three"]


def test_the_ledger_is_marked_only_after_the_judgement_is_on_disk(tmp_path: Path) -> None:
    seen: list[int] = []

    class Looking(Marks):
        def done(self, keys: Sequence[FileKey]) -> None:
            seen.append(len(Spool(tmp_path).waiting()))

    SpoolSink(Spool(tmp_path), Looking(), Server(up=False).send).submit(judgement("one"), [KEY])  # type: ignore[arg-type]
    assert seen == [1]


class Choosy(Server):
    """Refuses the judgements of some drives."""

    def __init__(self, *refused: str) -> None:
        super().__init__()
        self.refused = set(refused)

    def send(self, judged: Judgement) -> None:
        if judged.drive in self.refused:
            raise RefusedError("422 too new")
        super().send(judged)


def test_a_refused_judgement_holds_up_its_camera_and_no_other(tmp_path: Path) -> None:
    server = Choosy("bad")
    sink = sink_of(tmp_path, server)
    for drive, camera in (("bad", "car7"), ("later", "car7"), ("other", "car8")):
        sink.submit(replace(judgement(drive), camera=camera), [KEY])
    assert [judged.drive for judged in server.got] == ["other"]
    assert isinstance(sink.problem, RefusedError)
    server.refused.clear()
    assert sink.flush() == 0
    assert [judged.drive for judged in server.got] == ["other", "bad", "later"]
    assert sink.problem is None


def test_a_refused_judgement_holds_up_what_else_is_said_of_its_files(tmp_path: Path) -> None:
    """Another camera's name is no other footage."""
    server = Choosy("bad")
    sink = sink_of(tmp_path, server)
    shared = (JudgedFile("a.mp4", "a" * 64, 1, 60.0, None),)
    for drive, camera, files in (("bad", "car7", shared), ("copy", "backup", shared), ("other", "car8", ())):
        sink.submit(replace(judgement(drive), camera=camera, files=files), [KEY])
    assert [judged.drive for judged in server.got] == ["other"]


def test_a_broken_file_in_the_spool_stops_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "00000000000000000001-broken.json").write_text("{")
    server = Server()
    sink = sink_of(tmp_path, server)
    sink.submit(judgement("one"), [KEY])
    assert server.got == [judgement("one")]
    assert "not a judgement" in str(sink.problem)
