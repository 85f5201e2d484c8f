"""What a batch is told, and which results stay valid when that changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from pipelines.evidence import EVIDENCE_VERSION
from pipelines.incident import Kind
from vision.gps.track import Datum
from vision.log import SCHEMA_VERSION
from vision.observe import PERCEPTION_VERSION, ObserveSettings


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """Attributes:
    home: folder that holds logs/, evidence/ and spool/.
    site, region: files for all videos; without a site file each video's own is looked for beside it.
    kinds: what to judge; empty: everything there are rules for.
    place: used where there is neither GPS nor a site file.
    camera: name of the camera for all videos; otherwise their names and folders tell.
    recorded_at: UTC of the first frame of every file given. clock_offset_s: added to the camera's clock.
    workers: processes; 0 works in the caller's.
    target: where judgements go ("" the embedded database, else a server): work done for one is not done for another.
    settle_s: how long a file must have been left alone to count as finished.
    """

    home: Path
    site: Path | None = None
    region: Path | None = None
    kinds: tuple[Kind, ...] = ()
    place: str | None = None
    camera: str | None = None
    gps_datum: Datum = "wgs84"
    recorded_at: datetime | None = None
    clock_offset_s: float = 0.0
    workers: int = 1
    retry_failed: bool = False
    target: str = ""
    settle_s: float = 2.0
    observe: ObserveSettings = field(default_factory=ObserveSettings)


def digest(*parts: object) -> str:
    """Hash of values whose JSON says all there is to them."""
    text = json.dumps(parts, default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def perception_config(options: BatchOptions, network: str, camera: object, logs: Sequence[str]) -> str:
    """Of all that shapes the observation log beside the video. `camera`: the site file's word on optics and clock.
    `logs`: hashes of its position logs.
    """
    manual = (options.recorded_at, options.clock_offset_s, options.gps_datum)
    versions = (SCHEMA_VERSION, PERCEPTION_VERSION)
    return digest("observe", *versions, network, asdict(options.observe), camera, list(logs), manual)


def judgement_config(options: BatchOptions, perception: str, rules: Sequence[str], law: Sequence[str | None]) -> str:
    """Of all that shapes incidents and evidence beside the observation log. `rules`: names with versions. `law`:
    hashes of site and region file.
    """
    named = (options.place, options.camera, options.target)
    return digest("judge", EVIDENCE_VERSION, perception, sorted(rules), list(law), *named)
