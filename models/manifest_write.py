"""Changing `weights/manifest.toml`: `patrol export` adds a network, `patrol evaluate network` measures it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.manifest import MANIFEST_NAME, read_manifest
from models.taxonomy import STREET_CLASSES

BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
FIRST_THRESHOLD: Final = 0.35  # until `patrol evaluate network --tune` has chosen
HEADER: Final = (
    "# Written by `patrol export` and `patrol evaluate network`; hashes are checked whenever weights are loaded.\n\n"
)


def update_network(weights: Path, name: str, changes: dict[str, Any], *, default: bool = False) -> None:
    """Replace the given tables of one network's entry; creates the manifest or the entry where there is none."""
    manifest = _read(weights)
    networks = manifest.setdefault("networks", {})
    known = {"classes": list(STREET_CLASSES), "thresholds": dict.fromkeys(STREET_CLASSES, FIRST_THRESHOLD)}
    networks[name] = known | networks.get(name, {}) | changes
    if default or "default" not in manifest:
        manifest["default"] = name
    _write(weights, manifest)


def update_lamp_states(weights: Path, name: str, entry: dict[str, Any]) -> None:
    """Replace or add a lamp state network; a street network names the one it uses as its `lamp_state`."""
    manifest = _read(weights)
    manifest.setdefault("lamp_states", {})[name] = entry
    _write(weights, manifest)


def threshold_table(thresholds: NDArray[np.float32]) -> dict[str, float]:
    return {name: round(float(value), 3) for name, value in zip(STREET_CLASSES, thresholds, strict=True)}


def to_toml(table: dict[str, Any], path: tuple[str, ...] = ()) -> str:
    """TOML text of nested tables, lists of tables, and scalars or lists of scalars."""
    inner = {key: value for key, value in table.items() if isinstance(value, dict) or _is_tables(value)}
    lines = [f"{_key(key)} = {_value(value)}\n" for key, value in table.items() if key not in inner]
    for key, value in inner.items():
        name = ".".join(_key(part) for part in (*path, key))
        for each in [value] if isinstance(value, dict) else value:
            header = f"[{name}]" if isinstance(value, dict) else f"[[{name}]]"
            lines.append(f"\n{header}\n{to_toml(each, (*path, key))}")
    return "".join(lines)


def _read(weights: Path) -> dict[str, Any]:
    return read_manifest(weights) if (weights / MANIFEST_NAME).is_file() else {"schema": 1}


def _write(weights: Path, manifest: dict[str, Any]) -> None:
    path = weights / MANIFEST_NAME
    partial = path.with_suffix(".partial")
    partial.write_text(HEADER + to_toml(manifest), "utf-8")
    partial.replace(path)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else json.dumps(key)


def _value(value: object) -> str:
    """JSON's scalars and lists are TOML's, but for floats that JSON has no word for."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
