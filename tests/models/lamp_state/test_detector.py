"""The second look changes signal heads and nothing else, and is loaded only as the manifest names it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.detections import Detections
from models.errors import WeightsError
from models.file_hash import sha256_of
from models.lamp_state.detector import LampStateDetector
from models.lamp_state.window import SIDE, STATES
from models.manifest import LAMP_GRAPH_NAME, LAMP_WEIGHTS_NAME, read_release
from models.manifest_write import update_lamp_states, update_network
from models.taxonomy import CLASS_ID

CAR, RED, YELLOW, GREEN = (CLASS_ID[name] for name in ("car", "light_red", "light_yellow", "light_green"))


class Fixed:
    """Always finds the same."""

    model_id = "fixed@0+test"
    thresholds = np.full(14, 0.3, np.float32)

    def __init__(self, found: Detections) -> None:
        self.found = found

    def detect(self, picture: np.ndarray) -> Detections:
        return self.found


class Reader:
    """Reads the state whose colour fills the window's middle; grey is none."""

    def read(self, windows: np.ndarray) -> np.ndarray:
        assert windows.shape[1:] == (SIDE, SIDE, 3)
        result = np.full((len(windows), len(STATES)), 0.005, np.float32)
        for row, window in enumerate(windows):
            red, green, _ = window[SIDE // 2, SIDE // 2].astype(int)
            state = "none" if abs(red - green) < 50 else "red" if red > green else "green"
            result[row, STATES.index(state)] = 0.98
        return result


def found(*rows: tuple[int, float, tuple[float, float, float, float]]) -> Detections:
    return Detections(
        np.array([row[2] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[0] for row in rows], np.int16),
    )


def detect(detections: Detections) -> Detections:
    picture = np.full((100, 200, 3), 128, np.uint8)
    picture[20:45, 10:20] = (20, 220, 20)
    return LampStateDetector(Fixed(detections), Reader()).detect(picture)  # type: ignore[arg-type]


def test_a_green_head_taken_for_red_and_yellow_becomes_one_green_head() -> None:
    seen = detect(found((RED, 0.5, (10, 20, 20, 45)), (YELLOW, 0.4, (10, 21, 20, 45))))
    assert seen.class_id.tolist() == [GREEN]
    assert seen.boxes.tolist() == [[10, 20, 20, 45]]
    assert 0.4 < seen.confidence[0] <= 0.5


def test_what_is_no_head_is_dropped_and_other_things_stay() -> None:
    seen = detect(found((CAR, 0.6, (100, 50, 150, 90)), (RED, 0.5, (120, 60, 125, 70))))
    assert seen.class_id.tolist() == [CAR]
    assert seen.confidence.tolist() == pytest.approx([0.6])


def test_detections_stay_sorted_by_confidence() -> None:
    seen = detect(found((CAR, 0.3, (100, 50, 150, 90)), (GREEN, 0.9, (10, 20, 20, 45))))
    assert seen.class_id.tolist() == [GREEN, CAR]


def test_without_lights_nothing_changes() -> None:
    cars = found((CAR, 0.6, (100, 50, 150, 90)))
    assert detect(cars) is cars


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    (tmp_path / "lamp").mkdir()
    for name in (LAMP_GRAPH_NAME, LAMP_WEIGHTS_NAME):
        (tmp_path / "lamp" / name).write_bytes(name.encode())
    files = {name: sha256_of(tmp_path / "lamp" / name) for name in (LAMP_GRAPH_NAME, LAMP_WEIGHTS_NAME)}
    update_network(tmp_path, "street", {"files": {}, "lamp_state": "lamp"}, default=True)
    update_lamp_states(tmp_path, "lamp", {"states": list(STATES), "files": files})
    return tmp_path


def test_a_release_names_its_lamp_state_network_in_its_stamp(weights: Path) -> None:
    release = read_release(weights=weights)
    assert release.lamps is not None
    assert release.lamps.graph() == weights / "lamp" / LAMP_GRAPH_NAME
    assert release.stamp == f"street@/lamp@{sha256_of(weights / 'lamp' / LAMP_WEIGHTS_NAME)[:12]}"


@pytest.mark.parametrize("name", [LAMP_GRAPH_NAME, LAMP_WEIGHTS_NAME])
def test_a_changed_lamp_file_is_refused(weights: Path, name: str) -> None:
    (weights / "lamp" / name).write_bytes(b"x")
    release = read_release(weights=weights)
    assert release.lamps is not None
    with pytest.raises(WeightsError, match="is not the file the manifest names"):
        release.lamps.graph()


def test_an_unknown_lamp_state_network_is_refused(weights: Path) -> None:
    update_network(weights, "street", {"lamp_state": "other"})
    with pytest.raises(WeightsError, match="no lamp state network called 'other'"):
        read_release(weights=weights)


def test_other_states_are_refused(weights: Path) -> None:
    update_lamp_states(weights, "lamp", {"states": ["red", "green"], "files": {}})
    with pytest.raises(WeightsError, match="other states"):
        read_release(weights=weights)
