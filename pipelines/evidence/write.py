"""Writes what proves a finding: annotated and clean stills, a clip, and the manifest that ties them to their source.

Nothing is written before plates and heads are blurred (`pipelines.evidence.privacy`); unblurred pictures never
leave memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.evidence.blur import Boxes, blur
from pipelines.evidence.clip import Actors, ClipFacts, actors_of, clip_window, look_through, write_clip
from pipelines.evidence.draw import Box, Marks, Point, captioned, close_up, jpeg, marked
from pipelines.evidence.frames import Footage, Shot
from pipelines.evidence.insets import with_insets
from pipelines.evidence.look import Looker
from pipelines.evidence.manifest import Still, build_manifest, utc_text
from pipelines.evidence.privacy import Privacy
from pipelines.evidence.store import EvidenceStore
from pipelines.incident import EvidenceItem, Finding, Grade, Incident, Moment, Role

JPEG, MP4, JSON = "image/jpeg", "video/mp4", "application/json"
LOOKS_AROUND_S = 1.0


@dataclass(frozen=True, slots=True)
class EvidenceWriter:
    """Where evidence of one log goes, and who looks for what must be blurred."""

    store: EvidenceStore
    looker: Looker

    def write(
        self, footage: Footage, finding: Finding, incident: Incident, lines: tuple[tuple[Point, ...], ...] = ()
    ) -> tuple[EvidenceItem, ...]:
        """Evidence of a finding, its manifest last. `incident`: the same finding in the world's terms. `lines`: the
        stop line and the like, polylines in native pixels.

        An `insufficient` finding gets a single still, no clip. Raises `EvidenceError` or a `VideoError` if the footage
        can no longer be read.
        """
        window = None if finding.grade is Grade.INSUFFICIENT else clip_window(finding, footage.span)
        shown = [(name, moment, *footage.picture(moment.time_s)) for name, moment in _named(_moments(finding))]
        privacy = self._looked(footage, window, [(shot, picture) for _, _, shot, picture in shown])
        actors = actors_of(footage.log, finding)
        stills: list[Still] = []
        for name, moment, shot, picture in shown:
            lamp = actors.lamp_at(shot.time_s)
            blur(picture, privacy.regions(shot.time_s), lamp)
            shown_as = _marked(footage, incident, moment, shot, picture, Marks(moment.box, _box(lamp), lines))
            stills.append(self._still(moment.role, f"{name}.jpg", shown_as, shot, marked=True))
            stills.append(self._still(moment.role, f"{name}.clean.jpg", picture, shot, marked=False))
        clip = None if window is None else self._clip(footage, window, actors, privacy)
        content = build_manifest(footage.log, finding, incident, tuple(stills), clip).to_json()
        items = [still.item for still in stills] + ([clip[0]] if clip else [])
        return (*items, self._stored(Role.MANIFEST, "evidence.json", JSON, content))

    def _looked(
        self,
        footage: Footage,
        window: tuple[float, float] | None,
        stills: list[tuple[Shot, NDArray[np.uint8]]],
    ) -> Privacy:
        """Has looked at the stills themselves and through the clip."""
        times = [shot.time_s for shot, _ in stills] + list(window or ())
        for shot, picture in stills:
            self.looker.look(shot.time_s, picture)
        if window is not None:
            look_through(footage, window, self.looker)
        first, last = min(times), max(times)
        looks = self.looker.between(first - LOOKS_AROUND_S, last + LOOKS_AROUND_S)
        return Privacy(footage.log, looks, first, last)

    def _still(self, role: Role, name: str, picture: NDArray[np.uint8], shot: Shot, *, marked: bool) -> Still:
        item = self._stored(role, name, JPEG, jpeg(picture), pts=round(shot.frame.pts, 6), marked=marked)
        return Still(item, shot.time_s)

    def _clip(
        self, footage: Footage, window: tuple[float, float], actors: Actors, privacy: Privacy
    ) -> tuple[EvidenceItem, ClipFacts]:
        with self.store.scratch(MP4) as path:
            facts = write_clip(path, footage, window, actors, privacy)
            return self._stored(Role.CLIP, "clip.mp4", MP4, path), facts

    def _stored(
        self,
        role: Role,
        name: str,
        media_type: str,
        content: bytes | Path,
        pts: float | None = None,
        marked: bool = False,
    ) -> EvidenceItem:
        stored = self.store.put(content, media_type)
        return EvidenceItem(role, name, media_type, stored.sha256, stored.size_bytes, pts, marked)


def _moments(finding: Finding) -> tuple[Moment, ...]:
    """What to show; of an insufficient finding the decisive moment only."""
    if finding.moments and finding.grade is not Grade.INSUFFICIENT:
        return finding.moments
    decisive = [moment for moment in finding.moments if moment.role is Role.AT] or list(finding.moments)
    return (decisive[0],) if decisive else (Moment(Role.AT, finding.start_s, None, finding.reasons[0]),)


def _named(moments: tuple[Moment, ...]) -> list[tuple[str, Moment]]:
    """Moments in order of time with unique names: before, at, at-2..."""
    named: list[tuple[str, Moment]] = []
    for moment in sorted(moments, key=lambda moment: moment.time_s):
        count = 1 + sum(other.role is moment.role for _, other in named)
        named.append((moment.role.value if count == 1 else f"{moment.role}-{count}", moment))
    return named


def _marked(
    footage: Footage, incident: Incident, moment: Moment, shot: Shot, picture: NDArray[np.uint8], marks: Marks
) -> NDArray[np.uint8]:
    """A blurred picture with its marks and words, what is small enlarged beside it; of a lamp its surroundings only."""
    words = _words(footage, incident, moment, shot)
    if moment.role is Role.LAMP and moment.box is not None:
        return captioned(close_up(picture, moment.box), words)
    return captioned(with_insets(picture, marked(picture, marks), marks), words)


def _box(boxes: Boxes) -> Box | None:
    for x1, y1, x2, y2 in boxes.tolist():
        return x1, y1, x2, y2
    return None


def _words(footage: Footage, incident: Incident, moment: Moment, shot: Shot) -> tuple[str, str]:
    """The caption, and where and when it was: what an evidence picture must say on its face (GA/T 832-2014, 3.6)."""
    utc = utc_text(footage.log.meta.clock.utc(shot.time_s))
    when = f"{utc} ± {_span_text(footage.log.meta.clock.uncertainty_s)}" if utc else "time unknown"
    place = incident.location
    where = f"{place.lat:.6f}, {place.lon:.6f} ± {place.accuracy_m:.0f} m" if place else incident.place_hint
    facts = (when, where or "unplaced", f"{shot.file.name} at {shot.frame.pts:.3f} s")
    kind = ", ".join(word.replace("_", " ") for word in (incident.kind, incident.subtype) if word)
    return f"{moment.role} · {kind} ({incident.grade}) · {moment.caption}", " · ".join(facts)


def _span_text(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
