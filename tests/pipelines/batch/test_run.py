"""A batch goes on whatever its files are like, does nothing twice, and says what became of each."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.errors import BadUse
from pipelines.batch.ledger import FileKey, FileState, FileStatus, LastDone
from pipelines.batch.progress import Event, Stage
from pipelines.batch.report import BatchReport, Outcome
from pipelines.batch.run import BatchOptions, run_batch
from pipelines.batch.workers import DetectorSource
from pipelines.errors import RegionError
from pipelines.incident import Grade, Judgement, Kind
from tests.pipelines.detectors import WhiteSquaresSource
from tests.pipelines.tiny_videos import write_square_video
from vision.observe import PERCEPTION_VERSION

SECONDS = 3.6
SLOTS = (("before", "*_08300[0-5].mp4"), ("after", "*_083006.mp4"))


@dataclass
class Memory:
    """Ledger and sink in memory."""

    states: dict[FileKey, FileState] = field(default_factory=dict)
    judgements: list[Judgement] = field(default_factory=list)
    last: dict[tuple[str, str], LastDone] = field(default_factory=dict)

    def last_done(self, sha256: str, target: str) -> LastDone | None:
        return self.last.get((sha256, target))

    def note_done(self, sha256: str, target: str, last: LastDone) -> None:
        self.last[sha256, target] = last

    def state(self, key: FileKey) -> FileState | None:
        return self.states.get(key)

    def pending(self, key: FileKey, name: str, size_bytes: int) -> None:
        self.states[key] = FileState(FileStatus.PENDING)

    def done(self, keys: Sequence[FileKey]) -> None:
        self.states |= {key: FileState(FileStatus.DONE) for key in keys}

    def failed(self, key: FileKey, code: str, message: str) -> None:
        self.states[key] = FileState(FileStatus.FAILED, code, message)

    def submit(self, judgement: Judgement, done: Sequence[FileKey]) -> None:
        self.judgements.append(judgement)
        self.done(done)

    def flush(self) -> int:
        return 0


@dataclass
class Desk:
    """A folder of videos, and scans of it that share one memory."""

    folder: Path
    options: BatchOptions
    memory: Memory = field(default_factory=Memory)
    events: list[Event] = field(default_factory=list)
    detector: DetectorSource = field(default_factory=WhiteSquaresSource)

    def scan(self, *inputs: Path, **changes: object) -> BatchReport:
        self.events.clear()
        options = replace(self.options, **changes)  # type: ignore[arg-type]
        return run_batch(inputs or [self.folder], options, self.memory, self.memory, self.detector, self.events.append)

    def stages(self, stage: Stage) -> list[str]:
        return [event.name for event in self.events if event.stage is stage]


@pytest.fixture(scope="module")
def litter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_square_video(tmp_path_factory.mktemp("made") / "litter.mp4", SECONDS, 80)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_square_video(tmp_path_factory.mktemp("made") / "street.mp4", 1.0, 100, square=False)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    folder = tmp_path / "videos"
    folder.mkdir()
    return Desk(folder, BatchOptions(tmp_path / "home", workers=0, settle_s=0))


def test_an_incident_comes_with_evidence_that_is_in_the_store(desk: Desk, litter: Path) -> None:
    shutil.copy(litter, desk.folder)
    report = desk.scan(place="Market Street")
    (judgement,) = desk.memory.judgements
    (incident,) = judgement.incidents
    assert (incident.kind, incident.grade, incident.place_hint) == (Kind.LITTER, Grade.COMPLETE, "Market Street")
    names = {path.stem for path in (desk.options.home / "evidence").glob("??/*")}
    assert {item.sha256 for item in incident.evidence} == names
    assert incident.evidence[-1].name == "evidence.json"
    assert [(tally.kind, tally.count) for tally in report.tallies] == [(Kind.LITTER, 1)]
    assert report.video_s == pytest.approx(SECONDS, abs=0.2)


def test_a_second_scan_does_nothing(desk: Desk, street: Path) -> None:
    shutil.copy(street, desk.folder)
    assert desk.scan().count(Outcome.DONE) == 1
    report = desk.scan()
    assert [file.code for file in report.files] == ["done"]
    assert len(desk.memory.judgements) == 1


def test_broken_files_are_typed_errors_and_the_rest_is_done(desk: Desk, street: Path) -> None:
    shutil.copy(street, desk.folder / "good.mp4")
    (desk.folder / "empty.mp4").touch()
    (desk.folder / "text.mp4").write_text("not a video at all")
    (desk.folder / "cut.mp4").write_bytes(street.read_bytes()[:900])
    report = desk.scan()
    assert {file.name: (file.outcome, file.code) for file in report.files} == {
        "good.mp4": (Outcome.DONE, None),
        "empty.mp4": (Outcome.FAILED, "video-empty"),
        "text.mp4": (Outcome.FAILED, "not-a-video"),
        "cut.mp4": (Outcome.FAILED, "video-damaged"),
    }
    assert report.failed


def test_what_failed_is_tried_again_only_when_asked(desk: Desk) -> None:
    (desk.folder / "text.mp4").write_text("not a video at all")
    desk.scan()
    again = desk.scan()
    assert (again.files[0].outcome, again.failed) == (Outcome.SKIPPED, False)
    assert "failed before" in str(again.files[0].reason)
    assert desk.scan(retry_failed=True).files[0].outcome is Outcome.FAILED


def test_a_copy_of_a_file_is_the_same_file(desk: Desk, street: Path) -> None:
    shutil.copy(street, desk.folder / "a.mp4")
    shutil.copy(street, desk.folder / "b.mp4")
    report = desk.scan()
    assert [file.outcome for file in report.files] == [Outcome.DONE, Outcome.SKIPPED]
    assert (report.files[1].code, report.files[1].reason) == ("copy", f"a copy of {desk.folder / 'a.mp4'}")


def test_a_copy_that_is_scanned_later_is_said_to_be_one_and_not_judged(desk: Desk, street: Path) -> None:
    original, copy = (desk.folder / each / "a.mp4" for each in ("car7", "backup"))
    for path in (original, copy):
        path.parent.mkdir()
        shutil.copy(street, path)
    desk.scan(original)
    (file,) = desk.scan(copy.parent).files
    assert (file.outcome, file.code) == (Outcome.SKIPPED, "copy")
    assert file.reason == f"a copy of {original.resolve()}, done before"
    assert len(desk.memory.judgements) == 1
    reports = desk.scan(desk.folder).files
    assert [(each.code, each.reason) for each in reports] == [
        ("copy", f"a copy of {original}"),
        ("done", "done before"),
    ]


def test_a_moved_file_is_the_same_file_at_a_new_path(desk: Desk, street: Path) -> None:
    old, new = desk.folder / "a.mp4", desk.folder / "archive" / "b.mp4"
    shutil.copy(street, old)
    desk.scan()
    new.parent.mkdir()
    old.rename(new)
    assert [file.code for file in desk.scan().files] == ["done"]
    assert [last.path for last in desk.memory.last.values()] == [new.resolve()]
    shutil.copy(new, old)
    assert desk.scan(old).files[0].reason == f"a copy of {new.resolve()}, done before"


def test_a_moved_file_is_judged_anew_by_the_name_it_has_now(desk: Desk, litter: Path) -> None:
    """Its site file tells cameras apart by the names of files; the log is kept, and was written under the old one."""
    old, new = desk.folder / "a.mp4", desk.folder / "pole" / "b.mp4"
    shutil.copy(litter, old)
    desk.scan()
    new.parent.mkdir()
    old.rename(new)
    desk.scan(place="Market Street")
    assert desk.stages(Stage.OBSERVING) == []
    first, second = desk.memory.judgements
    assert (second.camera, second.files[0].name, second.incidents[0].file.name) == ("pole", "b.mp4", "b.mp4")
    assert second.files[0].sha256 == first.files[0].sha256


def test_a_copy_among_new_files_of_its_drive_is_judged_with_them_and_says_so(desk: Desk) -> None:
    drive, backup = desk.folder / "drive", desk.folder / "backup"
    for number, name in enumerate(("20261124_083000.mp4", "20261124_083003.mp4")):
        drive.mkdir(exist_ok=True)
        write_square_video(drive / name, SECONDS, 70 + 20 * number, square=False)
    backup.mkdir()
    shutil.copy(drive / "20261124_083003.mp4", backup)
    desk.scan(backup)
    report = desk.scan(drive)
    assert [file.outcome for file in report.files] == [Outcome.DONE, Outcome.DONE]
    said = f"a copy of {backup.resolve() / '20261124_083003.mp4'}: counted once, as it is found here"
    assert [file.notes for file in report.files] == [(), (said,)]
    assert desk.stages(Stage.OBSERVED) == ["20261124_083000.mp4"]
    assert [len(judgement.files) for judgement in desk.memory.judgements] == [1, 2]


def test_a_copy_beside_another_site_file_is_still_a_copy_until_the_original_is_gone(desk: Desk, street: Path) -> None:
    """What lies beside a copy says nothing of what was filmed; the original's site file does."""
    original, copy = (desk.folder / each / "a.mp4" for each in ("car7", "junction"))
    for path in (original, copy):
        path.parent.mkdir()
        shutil.copy(street, path)
    (copy.parent / "site.toml").write_text('[site]\nname = "junction"\nplace = "Junction"\n')
    desk.scan(original)
    assert [file.code for file in desk.scan(copy, place="Elsewhere").files] == ["copy"]
    assert len(desk.memory.judgements) == 1
    original.unlink()
    assert [file.outcome for file in desk.scan(copy).files] == [Outcome.DONE]
    assert desk.stages(Stage.OBSERVING) == []
    assert [judgement.camera for judgement in desk.memory.judgements] == ["car7", "junction"]


def _interrupted(*_: object) -> None:
    raise RuntimeError


def test_a_copy_of_what_was_interrupted_or_done_for_another_server_is_worked_on(
    desk: Desk, street: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, copy = (desk.folder / each / "a.mp4" for each in ("car7", "backup"))
    for path in (original, copy):
        path.parent.mkdir()
        shutil.copy(street, path)
    with monkeypatch.context() as patched:
        patched.setattr(Memory, "submit", _interrupted)
        with pytest.raises(RuntimeError):
            desk.scan(original)
    assert [file.outcome for file in desk.scan(copy).files] == [Outcome.DONE]
    assert [file.outcome for file in desk.scan(original, target="http://one").files] == [Outcome.DONE]


def test_after_a_change_of_the_site_file_nothing_is_perceived_again(desk: Desk, street: Path) -> None:
    shutil.copy(street, desk.folder)
    desk.scan()
    (desk.folder / "site.toml").write_text('[site]\nname = "junction"\nplace = "Junction"\n')
    report = desk.scan()
    assert report.count(Outcome.DONE) == 1
    assert desk.stages(Stage.OBSERVING) == []
    assert len(desk.memory.judgements) == 2


def _written_site(folder: Path, place: str) -> None:
    (folder / "site.toml").write_text(f'[site]\nname = "junction"\nplace = "{place}"\n')


def test_who_goes_back_to_an_earlier_site_file_gets_its_result_again(desk: Desk, litter: Path) -> None:
    shutil.copy(litter, desk.folder)
    for place in ("Elm Street", "Oak Street", "Elm Street", "Elm Street"):
        _written_site(desk.folder, place)
        report = desk.scan()
    assert report.files[0].code == "done"
    assert desk.stages(Stage.OBSERVING) == []
    said = [judgement.incidents[0].place_hint for judgement in desk.memory.judgements]
    assert said == ["Elm Street", "Oak Street", "Elm Street"]


def test_who_goes_back_after_a_scan_was_killed_once_it_had_been_stored_gets_the_result_again(
    desk: Desk, litter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(litter, desk.folder)
    _written_site(desk.folder, "Elm Street")
    desk.scan()
    _written_site(desk.folder, "Oak Street")

    def stored_then_killed(memory: Memory, judgement: Judgement, done: Sequence[FileKey]) -> None:
        memory.judgements.append(judgement)
        memory.done(done)
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(Memory, "submit", stored_then_killed)
        with pytest.raises(RuntimeError):
            desk.scan()
    _written_site(desk.folder, "Elm Street")
    assert desk.scan().count(Outcome.DONE) == 1


def test_what_was_done_before_the_last_word_was_remembered_is_done(desk: Desk, street: Path) -> None:
    shutil.copy(street, desk.folder)
    desk.scan()
    desk.memory.last.clear()
    assert desk.scan().files[0].code == "done"


def test_a_copy_in_a_fuller_folder_does_not_take_over_from_the_original(desk: Desk, street: Path, litter: Path) -> None:
    original, dump = desk.folder / "car7" / "a.mp4", desk.folder / "a_dump"
    original.parent.mkdir()
    dump.mkdir()
    shutil.copy(street, original)
    _written_site(original.parent, "Elm Street")
    desk.scan(original)
    shutil.copy(street, dump / "a.mp4")
    shutil.copy(litter, dump / "another.mp4")
    codes = {(file.name, file.code) for file in desk.scan().files}
    assert codes == {("a.mp4", "copy"), ("another.mp4", None), ("a.mp4", "done")}


def test_files_that_cannot_be_opened_do_not_make_a_folder_fuller(desk: Desk, street: Path) -> None:
    first, second = desk.folder / "a" / "1.mp4", desk.folder / "b" / "1.mp4"
    for path in (first, second):
        path.parent.mkdir()
        shutil.copy(street, path)
    for number in range(3):
        (second.parent / f"broken{number}.mp4").write_text(f"no video {number}")
    (second.parent / "broken_copy.mp4").write_text("no video 0")
    reports = desk.scan().files
    assert [file.reason for file in reports if file.name == "1.mp4"] == [None, f"a copy of {first}"]
    assert [file.code for file in reports if file.name == "broken_copy.mp4"] == ["copy"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'mounting = "fixed"'),
        ("", "ground = { focal_px = 300, height_m = 4 }"),
        ("ground = { focal_px = 300, height_m = 4 }", "ground = { focal_px = 300, height_m = 5 }"),
        ("ground = { focal_px = 300, height_m = 4 }", "ground = { focal_px = 300, height_m = 4, horizon_y = 60 }"),
    ],
)
def test_changed_optics_in_the_site_file_need_another_look(desk: Desk, street: Path, before: str, after: str) -> None:
    shutil.copy(street, desk.folder)
    for camera in (before, after):
        (desk.folder / "site.toml").write_text(f'[site]\nname = "j"\n[[camera]]\nname = "c"\n{camera}\n')
        desk.scan()
        assert desk.stages(Stage.OBSERVED) == ["street.mp4"]


def test_a_program_that_perceives_better_watches_again(
    desk: Desk, street: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(street, desk.folder)
    desk.scan()
    monkeypatch.setattr("pipelines.batch.options.PERCEPTION_VERSION", PERCEPTION_VERSION + 1)
    desk.scan()
    assert desk.stages(Stage.OBSERVED) == ["street.mp4"]


def test_work_for_one_server_is_not_done_for_another_but_the_log_is_kept(desk: Desk, street: Path) -> None:
    shutil.copy(street, desk.folder)
    desk.scan()
    assert desk.scan(target="http://one").count(Outcome.DONE) == 1
    assert desk.stages(Stage.OBSERVING) == []


def test_a_file_that_joins_a_drive_later_has_the_drive_judged_as_a_whole(desk: Desk) -> None:
    write_square_video(desk.folder / "20261124_083000.mp4", SECONDS, 70)
    desk.scan()
    write_square_video(desk.folder / "20261124_083003.mp4", SECONDS, 90)
    desk.scan()
    first, second = desk.memory.judgements
    assert second.drive == first.drive
    assert [file.name for file in second.files] == ["20261124_083000.mp4", "20261124_083003.mp4"]
    assert desk.stages(Stage.OBSERVED) == ["20261124_083003.mp4"]


def test_a_broken_file_of_a_drive_does_not_take_the_others_with_it(desk: Desk) -> None:
    write_square_video(desk.folder / "20261124_083000.mp4", 1.0, 70, square=False)
    (desk.folder / "20261124_083001.mp4").write_text("broken")
    report = desk.scan()
    assert [file.outcome for file in report.files] == [Outcome.DONE, Outcome.FAILED]


def test_a_broken_log_is_made_anew(desk: Desk, street: Path) -> None:
    shutil.copy(street, desk.folder)
    desk.scan()
    (log,) = (desk.options.home / "logs").iterdir()
    (log / "tracks.parquet").write_bytes(b"damaged")
    desk.scan(target="elsewhere")
    assert desk.stages(Stage.OBSERVED) == ["street.mp4"]


def test_what_was_decoded_before_the_damage_counts(desk: Desk, litter: Path) -> None:
    content = bytearray(litter.read_bytes())
    # the last tenth of the pictures' bytes is overwritten; the index stays
    end = content.rindex(b"moov") - 4
    content[end - (end // 10) : end] = bytes(end // 10)
    (desk.folder / "damaged.mp4").write_bytes(content)
    report = desk.scan()
    (file,) = report.files
    assert file.outcome is Outcome.DONE
    assert file.damage is not None
    assert desk.memory.judgements[0].files[0].damage == file.damage


def test_a_time_told_by_hand_is_the_time_of_the_first_frame(desk: Desk, litter: Path) -> None:
    shutil.copy(litter, desk.folder)
    told = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    desk.scan(recorded_at=told)
    (judgement,) = desk.memory.judgements
    assert judgement.files[0].start_utc == told
    assert judgement.incidents[0].time_uncertainty_s == pytest.approx(0.5)


def test_a_file_starts_with_its_first_frame_wherever_its_own_clock_starts(desk: Desk) -> None:
    write_square_video(desk.folder / "cut.mkv", SECONDS, 80, first_s=60.0)
    told = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    desk.scan(recorded_at=told)
    (judgement,) = desk.memory.judgements
    assert judgement.files[0].start_utc == told
    assert judgement.incidents[0].pts_start >= 60.0


def test_a_broken_region_file_is_found_before_anything_is_watched(desk: Desk, street: Path, tmp_path: Path) -> None:
    shutil.copy(street, desk.folder)
    region = tmp_path / "region.geojson"
    region.write_text('{"type": "FeatureCollection", "features": [')
    with pytest.raises(RegionError, match="not valid JSON"):
        desk.scan(region=region)
    assert desk.stages(Stage.OBSERVING) == []
    assert desk.memory.states == {}


def test_files_of_a_drive_that_a_site_file_tells_apart_are_judged_apart(desk: Desk) -> None:
    for number, name in enumerate(("20261124_083000.mp4", "20261124_083003.mp4", "20261124_083006.mp4")):
        write_square_video(desk.folder / name, SECONDS, 70 + 10 * number, square=False)
    first, second = ('[[camera]]\nname = "{}"\nfiles = ["{}"]\nmounting = "fixed"\n'.format(*each) for each in SLOTS)
    (desk.folder / "site.toml").write_text(f'[site]\nname = "junction"\n{first}{second}')
    desk.scan()
    judged = [[file.name for file in judgement.files] for judgement in desk.memory.judgements]
    assert sorted(judged) == [["20261124_083000.mp4", "20261124_083003.mp4"], ["20261124_083006.mp4"]]
    assert len({judgement.drive for judgement in desk.memory.judgements}) == 2
    assert len({judgement.camera for judgement in desk.memory.judgements}) == 1


def test_inputs_that_lead_nowhere_are_bad_use(desk: Desk) -> None:
    with pytest.raises(BadUse):
        desk.scan(desk.folder / "nothing")


def test_a_killed_worker_is_a_typed_error_of_its_file(desk: Desk, street: Path, litter: Path) -> None:
    shutil.copy(street, desk.folder / "a.mp4")
    shutil.copy(litter, desk.folder / "b.mp4")
    desk.detector = WhiteSquaresSource(dies_of_white=True)
    report = desk.scan(workers=1)
    assert [(file.outcome, file.code) for file in report.files] == [
        (Outcome.DONE, None),
        (Outcome.FAILED, "worker-died"),
    ]
