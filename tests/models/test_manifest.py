"""Weights are used only if they are the ones that the manifest names."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from models.errors import BadUse, WeightsError
from models.file_hash import sha256_of
from models.manifest import CHECKPOINT_NAME, GRAPH_NAME, WEIGHTS_FOLDER, WEIGHTS_NAME, read_release
from models.manifest_write import to_toml, update_network
from models.store import load_detector
from models.taxonomy import STREET_CLASSES


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "net"
    folder.mkdir()
    hashes = {}
    for name in (GRAPH_NAME, WEIGHTS_NAME):
        (folder / name).write_bytes(name.encode())
        hashes[name] = sha256_of(folder / name)
    update_network(tmp_path, "net", {"files": hashes}, default=True)
    return tmp_path


def test_the_default_network_is_the_one_the_manifest_names(weights: Path) -> None:
    release = read_release(weights=weights)
    assert release.name == "net"
    assert release.graph() == weights / "net" / GRAPH_NAME
    assert release.stamp == f"net@{sha256_of(weights / 'net' / WEIGHTS_NAME)[:12]}"


@pytest.mark.parametrize("name", [GRAPH_NAME, WEIGHTS_NAME])
def test_a_changed_file_is_refused(weights: Path, name: str) -> None:
    with (weights / "net" / name).open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(WeightsError, match=r"is not the file the manifest names"):
        read_release(weights=weights).graph()


def test_a_missing_file_is_refused(weights: Path) -> None:
    (weights / "net" / WEIGHTS_NAME).unlink()
    with pytest.raises(WeightsError, match="missing"):
        read_release(weights=weights).graph()


def test_a_file_that_is_not_listed_is_refused_though_it_is_there(weights: Path) -> None:
    (weights / "net" / CHECKPOINT_NAME).write_bytes(b"x")
    with pytest.raises(WeightsError, match="has no"):
        read_release(weights=weights).file(CHECKPOINT_NAME)


def test_an_unknown_network_names_the_known_ones(weights: Path) -> None:
    with pytest.raises(WeightsError, match="known: net"):
        read_release("other", weights)


def test_other_classes_are_refused(weights: Path) -> None:
    update_network(weights, "net", {"classes": ["cat", *STREET_CLASSES[1:]]})
    with pytest.raises(WeightsError, match="other classes"):
        read_release(weights=weights)


def test_no_manifest_is_one_typed_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no weights manifest"):
        load_detector(weights=tmp_path)


def test_an_unknown_back_end_is_bad_use(weights: Path) -> None:
    with pytest.raises(BadUse, match="no detector back end"):
        load_detector(backend="abacus", weights=weights)  # type: ignore[arg-type]


def test_what_is_written_is_read_back_by_a_toml_reader() -> None:
    table = {
        "text": 'quoted "words" \\ 街',
        "numbers": [1, 2.5, -3],
        "inner": {"a.b": "dotted key", "deep": {"x": True}},
        "rows": [{"name": "one", "limits": {"low": 0.1}}, {"name": "two"}],
        "empty": [],
    }
    assert tomllib.loads(to_toml(table)) == table


def test_updating_keeps_what_it_does_not_name(weights: Path) -> None:
    before = read_release(weights=weights)
    update_network(weights, "net", {"thresholds": dict.fromkeys(STREET_CLASSES, 0.5)})
    after = read_release(weights=weights)
    assert after.sha256 == before.sha256
    assert after.thresholds.tolist() == [0.5] * len(STREET_CLASSES)


def test_the_released_weights_are_whole() -> None:
    release = read_release()
    assert release.folder.parent == WEIGHTS_FOLDER
    for name in release.sha256:
        assert release.file(name).is_file()
    assert ((release.thresholds > 0.05) & (release.thresholds < 0.95)).all()
