from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision.logs import Thing, make_log
from vision.appearance.descriptors import Descriptors
from vision.drive_log import stitch
from vision.log import ObservationLog, ObservationTable
from vision.log_store import read_log, write_log
from vision.sizes import TYPICAL
from vision.tables.world import APPEARANCE_SIZE
from vision.tracking.sightings import VEHICLE, Sightings
from vision.world.bodies import appearances, body_table
from vision.world.states import motions, state_table

# A car 10 to 16 m ahead of a camera 1.3 m high with a focal length of 800 px: 1.8 m wide, 1.5 m high.
NEAR, FAR = (568.0, 344.0, 712.0, 464.0), (595.0, 350.0, 685.0, 425.0)


def observed(*things: Thing, speed: float = 0.0) -> ObservationLog:
    """Two seconds of things that change evenly, from a camera that drives straight on."""
    log = make_log(*things, frames=13, seconds=2.0, speed=speed, mounting="moving" if speed else "fixed")
    return replace(log, states=state_table(log, motions(log)))


def test_a_car_that_drives_away_has_its_velocity_and_heading() -> None:
    states = observed(Thing("car", NEAR, FAR, at_rest=0.02)).states
    assert states.vx_mps[6] == pytest.approx(3.0, abs=0.6)
    assert states.vy_mps[6] == pytest.approx(0.0, abs=0.2)
    assert states.heading_rad[6] == pytest.approx(0.0, abs=0.1)
    assert 0 < states.heading_std_rad[6] < 0.3


def test_what_stands_is_given_no_motion_and_no_heading() -> None:
    log = observed(Thing("car", NEAR, NEAR, at_rest=0.98), Thing("litter", FAR, FAR, at_rest=np.nan), speed=1.0)
    assert np.abs(log.states.vx_mps).max() < 0.01
    assert np.isnan(log.states.heading_rad).all()


def test_states_have_one_row_per_track_and_frame_and_none_of_lamps() -> None:
    lamp = Thing("light_red", (600.0, 100.0, 612.0, 130.0), (600.0, 100.0, 612.0, 130.0))
    states = observed(Thing("car", NEAR, FAR), lamp, Thing("person", NEAR, NEAR)).states
    assert set(states.track.tolist()) == {1, 3}
    assert len(states.frame) == 2 * 13
    assert np.array_equal(np.lexsort((states.track, states.frame)), np.arange(26))


def test_a_log_without_tracks_has_no_states() -> None:
    assert len(observed().states.frame) == 0


def test_a_drive_has_the_states_of_all_its_files_in_one_frame_of_reference() -> None:
    first = observed(Thing("car", NEAR, FAR, at_rest=0.02), speed=5.0)
    second = observed(Thing("person", NEAR, FAR, at_rest=0.02), speed=5.0)
    states = stitch([first, second]).states
    assert states.x_m[states.time_s > 2.1].min() > 19.0  # 10 m driven, 10 m ahead
    assert len(np.unique(states.track)) == 2


def looks_of(log: ObservationLog, descriptors: Descriptors) -> NDArray[np.float16]:
    tracks = [track.rows for track in log.each_track(frozenset(log.tracks.class_id.tolist()))]
    return appearances([sightings_of(log.observations, rows, descriptors) for rows in tracks], descriptors)


def sightings_of(seen: ObservationTable, rows: NDArray[np.intp], descriptors: Descriptors) -> Sightings:
    frame, boxes, hidden = seen.frame[rows], seen.boxes[rows], np.zeros((len(rows), 4), bool)
    described = descriptors.rows_of(frame, boxes)
    return Sightings(
        VEHICLE, frame, boxes, seen.confidence[rows], seen.class_id[rows], seen.look[rows], hidden, described
    )


def test_bodies_have_the_size_that_boxes_show() -> None:
    log = observed(Thing("car", NEAR, FAR, at_rest=0.02), Thing("litter", NEAR, FAR), Thing("person", FAR, FAR))
    bodies = body_table(log, looks_of(log, Descriptors.empty()))
    assert bodies.track.tolist() == [1, 2, 3]
    assert bodies.height_m[0] == pytest.approx(1.5, abs=0.1)
    assert bodies.width_m[0] == pytest.approx(1.8, abs=0.15)
    assert np.isnan(bodies.length_m[1])
    assert bodies.height_std_m[2] < TYPICAL["person"].std[2]


def test_bodies_look_as_their_boxes_were_described() -> None:
    log = observed(Thing("car", NEAR, FAR), Thing("car", FAR, NEAR))
    seen = log.observations
    mine = np.flatnonzero(seen.track == 2)[:3]
    vector = np.zeros(APPEARANCE_SIZE, np.float16)
    vector[4] = 1.0
    described = Descriptors(seen.frame[mine], seen.boxes[mine], np.tile(vector, (3, 1)))
    bodies = body_table(log, looks_of(log, described))
    assert np.isnan(bodies.appearance[0]).all()
    assert np.array_equal(bodies.appearance[1], vector)


def test_states_and_bodies_survive_the_disk(tmp_path: Path) -> None:
    log = observed(Thing("car", NEAR, FAR), Thing("person", FAR, NEAR))
    log = replace(log, bodies=body_table(log, looks_of(log, Descriptors.empty())))
    write_log(log, tmp_path / "a.obs")
    back = read_log(tmp_path / "a.obs")
    for table in ("states", "bodies"):
        for name in getattr(log, table).__slots__:
            ours, theirs = getattr(getattr(log, table), name), getattr(getattr(back, table), name)
            assert ours.dtype == theirs.dtype
            assert np.array_equal(ours, theirs, equal_nan=True)
