"""Which files belong together, what each is known as, and what is still to be done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from pipelines.batch.ledger import FileKey
from pipelines.batch.options import BatchOptions, digest, judgement_config, perception_config
from pipelines.incident import Kind
from pipelines.judge import JUDGED_KINDS
from pipelines.region import load_region
from pipelines.rules import RULES
from pipelines.site import SiteCamera, find_site, load_site
from vision.footage.drives import Drive, group_into_drives
from vision.footage.files import file_sha256
from vision.footage.probe import VideoInfo
from vision.gps import find_sidecars


def kept_logs(home: Path, sha256: str) -> list[Path]:
    """The logs that scans keep of the video with this hash, whatever its name was; the newest last."""
    return sorted((home / "logs").glob(f"{sha256}-*.obs"), key=lambda log: log.stat().st_mtime)


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """Attributes:
    key: what the ledger knows it by. perception: hash of the configuration of its observation log.
    log: the log's folder. site_camera: what its site file says of the camera that filmed it.
    zone: IANA zone that the site file gives.
    """

    info: VideoInfo
    sha256: str
    key: FileKey
    perception: str
    log: Path
    site: Path | None
    site_camera: SiteCamera | None
    zone: str | None

    @property
    def name(self) -> str:
        return self.info.path.name


@dataclass(frozen=True, slots=True)
class CameraRun:
    """Files of one camera of one drive, in order of time, that one site entry is about: what is judged at once."""

    drive: str
    camera: str
    site: Path | None
    files: tuple[PlannedFile, ...]


@dataclass(frozen=True, slots=True)
class Hashed:
    """A file that can be opened, and its content's hash."""

    info: VideoInfo
    sha256: str


def kinds_of(options: BatchOptions) -> tuple[Kind, ...]:
    return tuple(kind for kind in JUDGED_KINDS if not options.kinds or kind in options.kinds)


def plan_runs(files: Iterable[Hashed], options: BatchOptions, network: str) -> list[CameraRun]:
    """Raises `SiteError`, `RegionError` for a file that cannot be used: it would be wrong for all its videos."""
    if options.region is not None:
        load_region(options.region)
    sha256_of = {file.info.path: file.sha256 for file in files}
    infos = [file.info for file in files]
    drives = group_into_drives(infos, options.camera, sha256_of.__getitem__)
    planner = _Planner(options, network, sha256_of.__getitem__)
    return [run for drive in drives for run in planner.runs_of(drive)]


class _Planner:
    def __init__(self, options: BatchOptions, network: str, sha256_of: Callable[[Path], str]) -> None:
        self._options, self._network, self._sha256_of = options, network, sha256_of
        chosen = kinds_of(options)
        self._rules = [f"{rule.kind}/{rule.version}" for rule in RULES if rule.kind in chosen]
        self._digest_of = cache(file_sha256)  # one log or site file may belong to a thousand videos
        self._site_of = cache(load_site)

    def runs_of(self, drive: Drive) -> list[CameraRun]:
        """A camera's files under different site files, or entries of one, are judged apart."""
        runs = []
        for camera in drive.cameras:
            files = [self._planned(info) for info in camera.files]
            alike = groupby(files, key=lambda file: (file.site, file.site_camera))
            for part, ((site, _), members) in enumerate(alike):
                together = tuple(members)
                name = drive.id if part == 0 else f"drive-{digest(camera.name, together[0].sha256)[:16]}"
                runs.append(CameraRun(name, camera.name, site, together))
        return runs

    def _planned(self, info: VideoInfo) -> PlannedFile:
        site_path = self._options.site or find_site(info.path)
        site = None if site_path is None else self._site_of(site_path)
        camera = None if site is None else site.camera_for(info.path.name)
        zone = None if site is None else site.zone
        own, shared = find_sidecars(info.path)
        sha256 = self._sha256_of(info.path)
        optics = None if camera is None else (camera.ground, camera.mounting, camera.sync_of(info.path.name))
        perception = perception_config(
            self._options, self._network, (optics, zone), [self._digest_of(log) for log in own + shared]
        )
        law = [None if path is None else self._digest_of(path) for path in (site_path, self._options.region)]
        key = FileKey(sha256, judgement_config(self._options, perception, self._rules, law))
        log = self._options.home / "logs" / f"{sha256}-{perception[:16]}.obs"
        return PlannedFile(info, sha256, key, perception, log, site_path, camera, zone)
