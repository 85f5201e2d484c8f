"""`weights/manifest.toml`: which networks are released, what their files hash to, and what they can do."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import WeightsError
from models.file_hash import sha256_of
from models.lamp_state.window import STATES
from models.taxonomy import STREET_CLASSES

WEIGHTS_FOLDER = Path(__file__).resolve().parent.parent / "weights"
MANIFEST_NAME = "manifest.toml"
GRAPH_NAME = "street.xml"
WEIGHTS_NAME = "street.bin"
INT8_NAME = "street-int8.xml"
CHECKPOINT_NAME = "street.safetensors"
LAMP_GRAPH_NAME = "lamps.xml"
LAMP_WEIGHTS_NAME = "lamps.bin"
LAMP_CHECKPOINT_NAME = "lamps.safetensors"


@dataclass(frozen=True, slots=True)
class LampRelease:
    """One released lamp state network, which reads what the heads found by a street network show."""

    name: str
    folder: Path
    sha256: dict[str, str]

    @property
    def stamp(self) -> str:
        return f"{self.name}@{self.sha256.get(LAMP_WEIGHTS_NAME, '')[:12]}"

    def graph(self) -> Path:
        """The verified OpenVINO graph (`.xml`; its `.bin` lies beside it); raises WeightsError."""
        for name in (LAMP_WEIGHTS_NAME, LAMP_GRAPH_NAME):
            path = _verified(self.name, self.folder, self.sha256, name)
        return path


@dataclass(frozen=True, slots=True)
class Release:
    """One released network.

    Attributes:
        folder: where its files lie.
        sha256: file name -> hex digest.
        thresholds: (number of street classes,) float32, lowest confidence that the product reports.
        lamps: reads its signal heads a second time; None where its own reading stands.
    """

    name: str
    folder: Path
    sha256: dict[str, str]
    thresholds: NDArray[np.float32]
    lamps: LampRelease | None = None

    @property
    def stamp(self) -> str:
        """`<name>@<first 12 hex of the float weights' sha256>`, for each network: what a log calls them."""
        own = f"{self.name}@{self.sha256.get(WEIGHTS_NAME, '')[:12]}"
        return f"{own}/{self.lamps.stamp}" if self.lamps else own

    @property
    def has_int8(self) -> bool:
        return INT8_NAME in self.sha256

    def graph(self, *, int8: bool = False) -> Path:
        """The verified OpenVINO graph (`.xml`; its `.bin` lies beside it)."""
        path = self.file(INT8_NAME if int8 else GRAPH_NAME)
        self.file(path.with_suffix(".bin").name)
        return path

    def file(self, name: str) -> Path:
        """The verified path of one of the release's files.

        Raises:
            WeightsError: the manifest lists no such file, it is missing, or it hashes to something else.
        """
        return _verified(self.name, self.folder, self.sha256, name)


def read_release(name: str | None = None, weights: Path = WEIGHTS_FOLDER) -> Release:
    """The release called `name`, or the manifest's default one.

    Raises:
        WeightsError: no manifest, no such network, or another set of classes than this code's.
    """
    manifest = read_manifest(weights)
    networks: dict[str, Any] = manifest.get("networks", {})
    chosen = name or str(manifest.get("default", ""))
    if chosen not in networks:
        raise WeightsError(f"no network called '{chosen}'", advice=f"known: {', '.join(sorted(networks)) or 'none'}")
    lamps = _lamp_release(networks[chosen].get("lamp_state", ""), weights, manifest.get("lamp_states", {}))
    return _release(chosen, weights / chosen, networks[chosen], lamps)


def read_manifest(weights: Path = WEIGHTS_FOLDER) -> dict[str, Any]:
    """The manifest's tables.

    Raises:
        WeightsError: there is none, or it is not TOML.
    """
    path = weights / MANIFEST_NAME
    if not path.is_file():
        raise WeightsError(f"no weights manifest at {path}", advice="reinstall, or run `patrol export`")
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WeightsError(f"{path} is not TOML: {error}") from error


def _lamp_release(name: str, weights: Path, entries: dict[str, Any]) -> LampRelease | None:
    if not name:
        return None
    if name not in entries:
        raise WeightsError(f"no lamp state network called '{name}'", advice=f"known: {', '.join(sorted(entries))}")
    if tuple(entries[name].get("states", ())) != STATES:
        raise WeightsError(f"lamp state network {name} knows other states than this version")
    return LampRelease(name, weights / name, {str(key): str(value) for key, value in entries[name]["files"].items()})


def _release(name: str, folder: Path, entry: dict[str, Any], lamps: LampRelease | None) -> Release:
    if tuple(entry.get("classes", ())) != STREET_CLASSES:
        raise WeightsError(f"network {name} knows other classes than this version", advice="choose another network")
    thresholds = np.array([entry["thresholds"][name] for name in STREET_CLASSES], np.float32)
    return Release(name, folder, {str(key): str(value) for key, value in entry["files"].items()}, thresholds, lamps)


def _verified(network: str, folder: Path, sha256: dict[str, str], name: str) -> Path:
    if name not in sha256:
        raise WeightsError(f"network {network} has no {name}", advice="choose another back end or precision")
    _verify(folder / name, sha256[name])
    return folder / name


def _verify(path: Path, expected: str) -> None:
    if not path.is_file():
        raise WeightsError(f"weight file {path} is missing", advice="reinstall, or run `patrol export`")
    found = sha256_of(path)
    if found != expected:
        raise WeightsError(
            f"{path.name} is not the file the manifest names: sha256 {found[:12]}, expected {expected[:12]}",
            advice="it was changed or cut short; reinstall it",
        )
