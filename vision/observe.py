"""One video in, one observation log out: the composition of all that vision does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.detector import Detector
from vision.camera.given_optics import NOTHING_GIVEN, GivenOptics
from vision.footage.files import file_sha256, file_size
from vision.footage.video import open_video
from vision.geodesy import to_wgs84
from vision.gps.track import GpsTrack
from vision.log import (
    Clock,
    Floats,
    FrameTable,
    LogMeta,
    Mounting,
    ObservationLog,
    SourceFile,
)
from vision.look import LookSettings
from vision.markings.joined import find_markings
from vision.markings.lane_flow import traffic_flow
from vision.markings.sightings import Seen
from vision.motion.egomotion import (
    EgoMotion,
    StepMotion,
    ego_motion,
    mounting_of,
    shifts_at,
)
from vision.motion.route import Fixes, Route, fixes_in, route
from vision.optics import optics_of, scaled_by_gps
from vision.perceive import Perceived, perceive
from vision.places.approach import bridged
from vision.quality.coverage import coverage_table
from vision.quality.seconds import quality_at, quality_table
from vision.signals.head_facts import head_table
from vision.signals.lamp_earlier import with_earlier_sights
from vision.signals.lamp_sights import LampSights, lamp_sights, looks_at
from vision.signals.voting import Head, SignalSettings, signal_table
from vision.timing.pace import believed_motion, breaks, pace_table
from vision.timing.seen_clock import seen_clock
from vision.tracking.both_ways import track_backwards
from vision.tracking.foresight import Scenery
from vision.tracking.mistaken import without_mistaken_heads
from vision.tracking.scans import looks_of, scans_of
from vision.tracking.sightings import LIGHT, Sightings
from vision.tracking.tracker import TrackingSettings, track
from vision.world.bodies import body_table
from vision.world.states import state_table
from vision.world.told_tracks import told_tracks

# Raised when the same video gives another log (who is who, what stood, where it was): it is watched again.
PERCEPTION_VERSION: Final = 3
UNKNOWN_CLOCK: Final = Clock(None, float("inf"), "unknown")


@dataclass(frozen=True, slots=True)
class ObserveSettings:
    """All that shapes a log beside the video, the network and the camera's given optics.

    Attributes:
        flow_hz: how often the background is followed: with each wide look. At 10 a second the labelled drives' standing
            vehicles are found no better, for 0.04 CPU-s per second of video more.
    """

    look: LookSettings = field(default_factory=LookSettings)
    tracking: TrackingSettings = field(default_factory=TrackingSettings)
    signals: SignalSettings = field(default_factory=SignalSettings)
    flow_hz: float = 6.0


def observe(
    video: Path,
    detector: Detector,
    settings: ObserveSettings | None = None,
    *,
    camera: str = "",
    clock: Clock = UNKNOWN_CLOCK,
    gps: GpsTrack | None = None,
    given: GivenOptics = NOTHING_GIVEN,
    mounting: Mounting | None = None,
    sha256: str | None = None,
    progress: Callable[[float], None] | None = None,
) -> ObservationLog:
    """Watch a video.

    Args:
        camera: its name, e.g. "car7/front". given: measured optics; what they leave out is told from the footage.
        mounting: told from the pictures unless given. sha256: of the file, where the caller already knows it.
        progress: called with the PTS of each frame that is looked at.

    Raises:
        VideoError: nothing could be decoded. A file damaged part way gives the log of its good part.
    """
    settings = settings or ObserveSettings()
    with open_video(video) as opened:
        seen = perceive(opened, detector, settings.look, settings.flow_hz, given, progress)
    return log_of(
        seen, video, detector, settings,
        camera=camera, clock=clock, gps=gps, given=given, mounting=mounting, sha256=sha256,
    )  # fmt: skip


def log_of(
    seen: Perceived,
    video: Path,
    detector: Detector,
    settings: ObserveSettings,
    *,
    camera: str = "",
    clock: Clock = UNKNOWN_CLOCK,
    gps: GpsTrack | None = None,
    given: GivenOptics = NOTHING_GIVEN,
    mounting: Mounting | None = None,
    sha256: str | None = None,
) -> ObservationLog:
    """The log of what `detector` and these settings perceived of a video. The rest as for `observe`."""
    fixes = None if gps is None else fixes_in(gps, clock, seen.first_s, seen.last_s)
    mounting = mounting or mounting_of(seen.motions, seen.width, None if fixes is None else fixes.speed)
    optics = optics_of(seen, mounting, given)
    if gps is not None:
        ego = ego_motion(seen.frame_s, optics.steps, mounting)
        clock, gps = seen_clock(clock, gps, seen.frame_s, ego)
        fixes = fixes_in(gps, clock, seen.first_s, seen.last_s)
        optics = optics if fixes is None else scaled_by_gps(optics, seen, ego, fixes)
    source = SourceFile(
        video.name, sha256 or file_sha256(video), file_size(video), 0.0, seen.first_s, seen.last_s, seen.damage
    )
    meta = LogMeta(
        (source,),
        seen.width,
        seen.height,
        camera,
        optics.mounting,
        clock,
        optics.camera,
        None,
        detector.model_id,
        config_sha256(settings, given),
    )
    return finish(seen, optics.steps, meta, fixes, detector.thresholds, settings)


def config_sha256(settings: ObserveSettings, given: GivenOptics = NOTHING_GIVEN) -> str:
    """Hash of the settings and of given optics."""
    return hashlib.sha256(json.dumps([asdict(settings), asdict(given)], sort_keys=True).encode()).hexdigest()


def finish(
    seen: Perceived,
    steps: list[StepMotion],
    meta: LogMeta,
    fixes: Fixes | None,
    thresholds: NDArray[np.float32],
    settings: ObserveSettings,
) -> ObservationLog:
    """The log of what was perceived: poses, tracks, places, rest, states, bodies and signals. Pure."""
    ego = _seen_motion(seen, steps, meta)
    pace = pace_table(seen.steps, steps, seen.frame_s, ego, fixes.rate if fixes is not None else 1.0)
    driven = route(seen.frame_s, ego, fixes) if fixes is not None and len(seen.frame_s) else None
    reckoned = ego
    if driven is not None:
        ego, reckoned = driven.ego, driven.reckoned
        meta = replace(meta, origin=driven.origin)
    ego, reckoned = (believed_motion(each, seen.frame_s, pace) for each in (ego, reckoned))
    cut = _cuts(seen.frame_s, steps) | breaks(seen.frame_s, pace)
    # Within a track's life the place on the map matters less than that nothing which stands is moved by GPS.
    shift = _shift(seen.frame_s, steps)
    scenery = Scenery(seen.width, seen.height, meta.ground_camera, seen.frame_s, reckoned, shift, cut)
    sights = lamp_sights(seen.glances, seen.width, seen.height)
    scans = scans_of(seen.glances, thresholds, (seen.width, seen.height), seen.descriptors)
    looks = looks_of(scans, seen.descriptors)
    tracks = track(scans, looks, thresholds, scenery, settings.tracking)
    tracks = without_mistaken_heads(with_earlier_sights(tracks, sights, scenery, settings.tracking), seen.frame_s)
    frames = _frames(seen.frame_s, ego, cut, driven)
    backwards = track_backwards(scans, looks, thresholds, scenery, settings.tracking)
    tracked = told_tracks(tracks, backwards, frames, reckoned, meta, seen.descriptors, looks, settings.tracking)
    log, tracks = tracked.log, tracked.sightings
    signals = signal_table(_heads(tracks, sights, seen.frame_s), settings.signals)
    log = replace(log, signals=signals, heads=head_table(tracks, seen.frame_s, meta.ground_camera))
    flow = traffic_flow(log.observations) if meta.mounting == "fixed" else None
    paint = Seen(seen.frame_s, ego, cut, meta.ground_camera, (seen.width, seen.height))
    log = replace(log, states=state_table(log, tracked.moved), markings=find_markings(seen.paint, paint, flow))
    log = replace(log, bodies=body_table(log, tracked.looks))
    quality = quality_table(seen.quality, seen.steps, steps, (seen.width, seen.height), meta.mounting)
    seen_well = quality_at(quality, seen.frame_s)
    return replace(
        log,
        pace=pace,
        quality=quality,
        coverage=coverage_table(meta, log.frames, log.observations, seen_well, settings.look),
    )


def _seen_motion(seen: Perceived, steps: list[StepMotion], meta: LogMeta) -> EgoMotion:
    """The camera's motion by the pictures alone."""
    ego, size = ego_motion(seen.frame_s, steps, meta.mounting), (seen.width, seen.height)
    return bridged(ego, seen.frame_s, seen.sights, seen.frame_s[seen.wide], meta.ground_camera, size)


def _cuts(frame_s: Floats, steps: list[StepMotion]) -> NDArray[np.bool_]:
    """Frames that are the first looked at after a hard cut."""
    cut = np.zeros(len(frame_s), bool)
    times = np.array([step.time_s for step in steps if step.cut])
    rows = np.searchsorted(frame_s, times - 1e-6)
    cut[rows[rows < len(cut)]] = True
    return cut


def _shift(frame_s: Floats, steps: list[StepMotion]) -> Floats:
    """(N, 2) cumulated motion of far things in the picture at the frames."""
    if not steps:
        return np.zeros((len(frame_s), 2))
    return shifts_at(frame_s, steps, np.cumsum([step.shift for step in steps], axis=0))


def _frames(frame_s: Floats, ego: EgoMotion, cut: NDArray[np.bool_], driven: Route | None) -> FrameTable:
    unknown = np.full(len(frame_s), np.nan)
    lon, lat, accuracy = unknown, unknown.copy(), unknown.copy()
    if driven is not None:
        lon, lat = to_wgs84(driven.origin, ego.x_m, ego.y_m)
        accuracy = driven.accuracy_m
        lon, lat = np.where(np.isnan(accuracy), np.nan, lon), np.where(np.isnan(accuracy), np.nan, lat)
    return FrameTable(frame_s, ego.x_m, ego.y_m, ego.heading_rad, ego.speed_mps, ego.standing, cut, lon, lat, accuracy)


def _heads(tracks: list[Sightings], sights: LampSights, frame_s: Floats) -> list[Head]:
    """All looks at each signal head."""
    heads = [(row + 1, looks_at(one, sights)) for row, one in enumerate(tracks) if one.group == LIGHT]
    return [Head(row, frame_s[looks.frame], looks.share, looks.confidence, looks.native) for row, looks in heads]
