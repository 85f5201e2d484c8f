"""A small patrol's worth of incidents with made-up pictures, for the tests of what people see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from io import BytesIO

import av
import cv2
import numpy as np

from pipelines.evidence.store import EvidenceStore
from pipelines.incident import (
    EvidenceItem,
    FileRef,
    Grade,
    Incident,
    JudgedFile,
    Judgement,
    Kind,
    Location,
    Role,
    Subject,
)

NEWEST = datetime(2026, 11, 24, 8, 31, 7, 200_000, UTC)
FILE = FileRef("front_0001.mp4", "f" * 64)
CLIP_RATE = 25
CLIP_SECONDS = 2


def incident(minutes_ago: float, kind: Kind = Kind.LITTER, **changes: object) -> Incident:
    """One incident, `minutes_ago` before the newest and as many metres east of it; anything can be changed."""
    start = NEWEST - timedelta(minutes=minutes_ago)
    plain = Incident(
        kind=kind,
        subtype="item" if kind is Kind.LITTER else None,
        grade=Grade.COMPLETE,
        missing=(),
        confidence=0.91,
        reasons=(f"seen in 7 frames, {minutes_ago:g} min before the newest",),
        start=start,
        end=start + timedelta(seconds=2),
        time_uncertainty_s=0.4,
        zone="Asia/Shanghai",
        location=Location(120.1 + minutes_ago * 0.01, 30.2, 4.0),
        place_hint=None,
        file=FILE,
        pts_start=900 - minutes_ago,
        pts_end=902 - minutes_ago,
        subject=Subject("car", 1000 - round(minutes_ago), (60, 40, 120, 80), 901 - minutes_ago),
        model="test",
        rule=f"{kind}/1",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def judgement(*incidents: Incident, camera: str = "car7/front") -> Judgement:
    file = JudgedFile(FILE.name, FILE.sha256, 1, 1000.0, NEWEST - timedelta(seconds=900), 5000.0)
    return Judgement(f"drive-{camera}", camera, (file,), tuple(Kind), incidents)


def with_evidence(plain: Incident, store: EvidenceStore) -> Incident:
    """The incident with before / at / after stills (marked and clean) and a clip, stored."""
    moments = ((Role.BEFORE, -2.0), (Role.AT, 0.0), (Role.AFTER, 2.0))
    items = [
        _stored(
            store, role, f"{role}{suffix}.jpg", "image/jpeg", _still(role, marked), plain.pts_start + after_s, marked
        )
        for role, after_s in moments
        for suffix, marked in (("", True), (".clean", False))
    ]
    items.append(_stored(store, Role.CLIP, "clip.mp4", "video/mp4", _clip(), None, False))
    return replace(plain, evidence=tuple(items))


def _stored(
    store: EvidenceStore, role: Role, name: str, media_type: str, content: bytes, pts: float | None, marked: bool
) -> EvidenceItem:
    file = store.put(content, media_type)
    return EvidenceItem(role, name, media_type, file.sha256, file.size_bytes, pts, marked)


@cache
def _still(role: Role, marked: bool) -> bytes:
    picture = _street(["before", "at", "after"].index(role.value) * 20)
    if marked:
        cv2.rectangle(picture, (60, 90), (150, 150), (0, 200, 255), 2)
    return bytes(cv2.imencode(".jpg", picture)[1].tobytes())


def _street(shift: int) -> np.ndarray:
    picture = np.full((180, 320, 3), (200, 180, 150), np.uint8)
    picture[90:] = (90, 90, 90)
    cv2.rectangle(picture, (70 + shift, 95), (140 + shift, 145), (60, 60, 190), -1)
    return picture


@cache
def _clip() -> bytes:
    """A car that moves one pixel a frame."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=CLIP_RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for index in range(CLIP_RATE * CLIP_SECONDS):
            frame = av.VideoFrame.from_ndarray(_street(index), format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, CLIP_RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()
