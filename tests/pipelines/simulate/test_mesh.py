import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.simulate import people, rubbish, vehicles
from pipelines.simulate.mesh import Mesh, box, ellipsoid, merge, tube, wheel
from pipelines.simulate.model import Model


def volume(mesh: Mesh) -> float:
    """Signed: positive when faces are counterclockwise seen from outside."""
    a, b, c = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def test_solids_are_closed_and_face_outwards() -> None:
    assert volume(ellipsoid((1, 2, 3), sides=40)) == pytest.approx(4 / 3 * np.pi * 6, rel=0.05)
    assert volume(tube(np.zeros(3), np.array([0, 0, 2.0]), 0.5, n=40)) > 0.9 * np.pi * 0.25 * 2
    assert volume(wheel(0.3, 0.2)) > 0
    assert volume(merge([box((2, 3, 4))])) > 0


@given(angle=st.floats(-6, 6), axis=st.integers(0, 2))
def test_turning_keeps_lengths_and_volume(angle: float, axis: int) -> None:
    mesh = ellipsoid((1, 2, 3))
    turned = mesh.turned(angle, axis)
    assert np.allclose(np.linalg.norm(turned.vertices, axis=1), np.linalg.norm(mesh.vertices, axis=1))
    assert volume(turned) == pytest.approx(volume(mesh))


@pytest.mark.parametrize("maker", [vehicles.car, vehicles.bus, vehicles.truck, people.bicycle, people.motorcycle])
def test_vehicles_are_as_large_as_they_say_and_stand_on_the_ground(maker) -> None:  # type: ignore[no-untyped-def]
    model: Model = maker(np.random.default_rng(7))
    points = np.concatenate([part.mesh.vertices for part in model.parts])
    size = np.ptp(points, axis=0)
    assert size[1] == pytest.approx(model.length, rel=0.12)
    assert size[2] == pytest.approx(model.height, rel=0.2)
    assert points[:, 2].min() == pytest.approx(0, abs=0.03)


def test_a_hull_is_lit_from_outside() -> None:
    body = vehicles.car(np.random.default_rng(3)).parts[0].mesh
    right = body.vertices[:, 0] > 0.85 * body.vertices[:, 0].max()
    assert body.normals[right, 0].mean() > 0.5


@pytest.mark.parametrize("shape", ["bottle", "can", "cup", "paper", "bag", "carton"])
def test_litter_is_small_and_on_the_ground(shape: rubbish.Shape) -> None:
    points = np.concatenate([part.mesh.vertices for part in rubbish.litter(np.random.default_rng(1), shape).parts])
    assert np.ptp(points[:, :2], axis=0).max() < 0.7
    assert -0.02 < points[:, 2].min() < 0.05


def test_rider_and_machine_are_labelled_apart() -> None:
    labels = {part.label for part in people.motorcycle(np.random.default_rng(2)).parts}
    assert labels == {"motorcycle", "person", "licence_plate"}
