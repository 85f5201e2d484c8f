from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.taxonomy import CLASS_ID
from pipelines.evaluation.clips import score_drive
from pipelines.evaluation.drive_truth import DriveTruth
from pipelines.simulate.bodies import SEDAN
from pipelines.simulate.drive_flow import flow_step
from pipelines.simulate.drive_following import driven
from pipelines.simulate.drive_gps import LATEST_S, NOISE_M, ORIGIN, simulated_gps
from pipelines.simulate.drive_logs import imitated_network, simulated_logs
from pipelines.simulate.drive_noise import SeenByNetwork
from pipelines.simulate.drive_observe import SimulatedDrive, simulated_drive, truth_of
from pipelines.simulate.drive_random import random_drive
from pipelines.simulate.drive_sight import camera_pose, view
from pipelines.simulate.drive_world import Ego, Optics, Road, Thing, World, body_outline, stood
from pipelines.simulate.stage import project
from vision.camera.given_optics import GivenOptics
from vision.camera.pinhole import FOCAL_LOG_STD
from vision.geodesy import to_local
from vision.log import GroundCamera, ObservationLog
from vision.look import Look
from vision.motion.egomotion import ego_motion, step_motion
from vision.observe import UNKNOWN_CLOCK, ObserveSettings, log_of
from vision.optics import find_camera

CAR = CLASS_ID["car"]
TIMES = np.arange(0.0, 4.0, 0.2)
LEVEL = Optics(1280, 720, 800.0, 1.4, 0.0, 0.0, 0.0)
WHOLE = Look("wide", (0, 0, 1280, 720), (640, 360))


def parked(s: float, left: float) -> Thing:
    still = np.zeros(len(TIMES))
    return Thing(CAR, body_outline(SEDAN), SEDAN.size[:2], still + s, still + left, still)


def straight(*things: Thing, mps: float = 8.0) -> World:
    """A level, straight road on which the camera drives along the middle from s = 100."""
    zero, nothing = np.zeros(len(TIMES)), np.zeros(400)
    ego = Ego(100.0 + mps * TIMES, zero, zero, zero, zero + mps)
    rng = np.random.default_rng(3)
    corners = np.column_stack([rng.uniform(100, 250, 4000), rng.uniform(-9, 9, 4000), np.zeros(4000)])
    corners[2000:, 1:] = np.column_stack([np.full(2000, 10.0), rng.uniform(0, 8, 2000)])
    return World(5, TIMES, Road(nothing, nothing), LEVEL, ego, things, corners)


@pytest.fixture(scope="module")
def drive() -> SimulatedDrive:
    return simulated_drive(random_drive(4, 12.0), imitated_network().thresholds, ObserveSettings().look)


def test_the_same_seed_gives_the_same_drive() -> None:
    first, again = random_drive(8, 5.0), random_drive(8, 5.0)
    assert len(first.things) == len(again.things)
    np.testing.assert_array_equal(first.ego.s, again.ego.s)
    assert first.optics == again.optics != random_drive(9, 5.0).optics


@given(ahead=st.floats(6.0, 60.0), aside=st.floats(-4.0, 4.0))
@settings(max_examples=30, deadline=None)
def test_a_point_on_a_level_road_is_seen_where_the_pinhole_has_it(ahead: float, aside: float) -> None:
    world = straight()
    point = world.road.place(np.array([100.0 + ahead]), np.array([aside]))
    x, y, depth = project(point, camera_pose(world, 0), 1280, 720)[0]
    forward, left = GroundCamera(800.0, 640.0, 360.0, 1.4, ("test",)).to_ground(np.array([x]), np.array([y]))
    assert (forward[0], left[0], depth) == pytest.approx((ahead, aside, ahead), abs=1e-6)


def test_a_car_in_front_hides_the_car_behind() -> None:
    alone = view(straight(parked(140.0, 0.0)), 0)
    both = view(straight(parked(140.0, 0.0), parked(115.0, 0.6)), 0)
    assert alone.share.tolist() == [pytest.approx(1.0, abs=0.05)]
    assert both.thing.tolist()[-1] == 1  # the nearest comes last
    assert both.share[both.thing == 0].sum() < 0.6


def test_what_comes_back_into_the_picture_is_another_vehicle_and_what_was_hidden_the_same() -> None:
    ahead, gap = 120.0 + 8.0 * TIMES, (TIMES > 1.3) & (TIMES < 2.5)
    follows = replace(parked(0.0, 0.0), s=ahead, left=np.where(gap, 60.0, 0.0))
    assert {sight.subject for sight in seen_by(straight(follows)).vehicles} == {"0.1", "0.2"}
    hides = replace(parked(0.0, 0.0), s=ahead - 6.0, left=np.where(gap, 0.0, 60.0))
    behind = replace(follows, left=np.zeros(len(TIMES)))
    hidden = [sight for sight in seen_by(straight(behind, hides)).vehicles if sight.subject.startswith("0.")]
    assert {sight.subject for sight in hidden} == {"0.1"}
    assert len(hidden) < len(TIMES)


def seen_by(world: World) -> DriveTruth:
    return truth_of(world, [view(world, row) for row in range(len(world.time_s))])


def test_what_stands_stays_where_it_is_while_the_camera_drives_past() -> None:
    world = straight(parked(130.0, 3.0))
    places = [(view(world, row).forward_m[0] + world.ego.s[row], view(world, row).left_m[0]) for row in (0, 6, 12)]
    np.testing.assert_allclose(places, [(130.0, 3.0)] * 3, atol=1e-6)
    assert stood(world.things[0], np.arange(10)) is True
    moving = replace(world.things[0], s=130.0 + 3.0 * TIMES)
    assert stood(moving, np.arange(10)) is False
    assert stood(moving, np.arange(2)) is None


def test_the_flow_of_a_straight_drive_gives_its_speed() -> None:
    world, rng = straight(mps=6.0), np.random.default_rng(1)
    step = flow_step(world, view(world, 2), view(world, 3), np.zeros((0, 4), np.float32), rng)
    motion = step_motion(step, GroundCamera(800.0, 640.0, 360.0, 1.4, ("test",)), 1280)
    assert not motion.still
    assert np.median(motion.ways_m[motion.weight > 0.3]) == pytest.approx(6.0 * 0.2, rel=0.1)
    assert abs(motion.yaw_rad) < 0.003


def test_a_driver_comes_to_rest_at_the_line_and_goes_on() -> None:
    times = np.arange(0.0, 40.0, 0.2)
    s, speed = driven(times, 0.0, 10.0, 80.0, 5.0)
    rests = times[speed == 0.0]
    assert abs(s[speed == 0.0][0] - 80.0) < 1.0
    assert 4.0 < np.ptp(rests) < 7.0
    assert speed.max() <= 10.0
    assert s[-1] > 150.0


def test_errors_of_boxes_go_on_and_are_shares_of_their_size() -> None:
    network = SeenByNetwork(1, np.random.default_rng(2))
    box = np.array([[400.0, 300.0, 640.0, 500.0]])
    feet = []
    for number in range(4000):
        network.advance(0.2 * number)
        found = network.found(WHOLE, np.array([0]), np.array([CAR]), box, np.ones(1), (1280, 720))
        found = found.detections.of(frozenset({CAR}))
        own = found[np.abs(found.boxes - box).max(axis=1) < 80.0]
        feet.append(float(own.boxes[0, 3]) - 500.0 if len(own) else np.nan)
    off = np.array(feet)
    assert np.isfinite(off).mean() > 0.9
    both = np.isfinite(off[1:]) & np.isfinite(off[:-1])
    assert 0.25 < np.corrcoef(off[1:][both], off[:-1][both])[0, 1] < 0.9
    assert 0.005 < 1.4826 * np.nanmedian(np.abs(off)) / 200.0 < 0.08


def test_gps_wanders_by_what_it_says_and_its_clock_is_off() -> None:
    world = random_drive(6, 60.0)
    gps = simulated_gps(world)
    assert gps.clock.utc_at_zero is not None
    seconds = gps.track.utc_s - gps.clock.utc_at_zero.timestamp() - gps.offset_s
    true = [np.interp(seconds, world.time_s, column) for column in world.ego_place.T[:2]]
    off = np.hypot(*(np.array(to_local(ORIGIN, gps.track.lon, gps.track.lat)) - true))
    assert abs(gps.offset_s) <= LATEST_S
    assert 0.3 < float(np.median(off)) < 2.5 * NOISE_M[1]


def test_a_simulated_drive_is_perceived_like_a_video(drive: SimulatedDrive) -> None:
    seen = drive.seen
    assert [glance.frame for glance in seen.glances] == sorted(glance.frame for glance in seen.glances)
    assert len(seen.steps) == len(seen.frame_s) - 1 == len(seen.motions)
    assert {glance.look.kind for glance in seen.glances} <= {"wide", "road", "light"}
    assert {sight.stood for sight in drive.truth.vehicles} & {True}


def test_the_road_tells_its_focal_length_and_lens(drive: SimulatedDrive) -> None:
    findings, steps = find_camera(drive.seen, "moving")
    off = abs(np.log(findings.camera.focal_px / drive.world.optics.focal_px))
    assert findings.turns is not None
    assert findings.camera.lens is None
    assert "turns" in findings.camera.sources
    assert findings.fitted.focal_log_std < 0.75 * FOCAL_LOG_STD
    assert off < 2 * findings.fitted.focal_log_std
    assert len(steps) == len(drive.seen.motions)


def test_what_is_given_of_its_optics_is_held_and_gps_does_not_rescale_it(drive: SimulatedDrive) -> None:
    true = drive.world.optics
    horizon = true.height / 2 + true.focal_px * np.tan(true.pitch)
    network, gps = imitated_network(), simulated_gps(drive.world)

    def log_with(given: GivenOptics, *, with_gps: bool) -> ObservationLog:
        clock, track = (gps.clock, gps.track) if with_gps else (UNKNOWN_CLOCK, None)
        video, settings = Path(__file__), ObserveSettings()  # the log names a file
        return log_of(drive.seen, video, network, settings, clock=clock, gps=track, given=given, sha256="")

    measured = GivenOptics("site file", focal_px=true.focal_px, height_m=true.height_m)
    with_gps, without = (log_with(measured, with_gps=each).meta.ground_camera for each in (True, False))
    assert with_gps == without
    assert (without.focal_px, without.height_m) == (true.focal_px, true.height_m)
    assert without.sources == ("site file", "flow", "traffic")
    assert without.horizon_y == pytest.approx(horizon, abs=5)
    # Height alone: the scale that GPS tells is all the focal length's.
    camera = log_with(replace(measured, focal_px=None), with_gps=True).meta.ground_camera
    assert camera.height_m == pytest.approx(true.height_m, rel=1e-9)
    assert camera.focal_px == pytest.approx(true.focal_px, rel=0.08)


@pytest.mark.parametrize("share", [0.9, 1.1])
def test_ways_go_with_a_given_focal_length(drive: SimulatedDrive, share: float) -> None:
    true = drive.world.optics
    right = GivenOptics("site file", focal_px=true.focal_px, height_m=true.height_m)
    wrong = replace(right, focal_px=share * true.focal_px)

    def way_m(given: GivenOptics) -> float:
        _, steps = find_camera(drive.seen, "moving", given)
        ego = ego_motion(drive.seen.frame_s, steps, "moving")
        return float(np.hypot(np.diff(ego.x_m), np.diff(ego.y_m)).sum())

    assert way_m(wrong) / way_m(right) == pytest.approx(share, rel=0.03)


def test_its_logs_are_scored_like_those_of_real_drives(drive: SimulatedDrive) -> None:
    with_gps, without = simulated_logs(drive, simulated_gps(drive.world), imitated_network(), ObserveSettings())
    score = score_drive(drive.truth, with_gps)
    assert score.gps
    assert not score_drive(drive.truth, without).gps
    assert score.places.sights > 50
    assert score.places.error_share < 0.5
    assert score.identity.seen > 0.5 * score.identity.subjects
    assert score.identity.seconds > 10.0
