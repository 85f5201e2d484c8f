"""What the lamp state network is trained on: the typed form of its configuration (TOML)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.configuration import configuration
from models.data.pictures import pictures_in
from models.data.sources import find_in_roots
from models.errors import BadUse
from models.lamp_state.window import STATES
from models.taxonomy import class_map


@dataclass(frozen=True, slots=True)
class LampSource:
    """Pictures of one origin, relative to a data root.

    Attributes:
        labels: of scenes only, the source's class ids -> our class ids.
        every: take each n-th picture only.
    """

    folder: str
    licence: str
    match: tuple[str, ...]
    labels: tuple[tuple[int, int], ...] = ()
    every: int = 1

    def pictures(self, roots: tuple[Path, ...], inside: str = "") -> list[Path]:
        """The pictures in `inside` of the folder.

        Raises:
            BadUse: there is none.
        """
        folder = find_in_roots(self.folder, roots) / inside
        found = pictures_in(folder, self.match)
        if not found:
            raise BadUse(f"no picture in {folder} matches {' or '.join(self.match)}")
        return found[:: self.every]


@dataclass(frozen=True, slots=True)
class LampRecipe:
    """A whole training configuration.

    Attributes:
        heads: street pictures with labelled heads. crops: folders of single heads by colour.
        streets: pictures without heads, to put crops into and to learn from what is none.
        shares: of the samples drawn, in the order of `STATES`.
    """

    heads: tuple[LampSource, ...]
    crops: tuple[LampSource, ...]
    streets: tuple[LampSource, ...]
    shares: tuple[float, ...]
    seed: int = 0
    epochs: int = 30
    epoch_samples: int = 12000
    batch: int = 96
    learning_rate: float = 2e-3
    sha256: str = ""


def read_lamp_recipe(path: Path) -> LampRecipe:
    """Read a training configuration.

    Raises:
        BadUse: no such file, not TOML, or something in it that is not known.
    """
    with configuration(path, advice="see models/config/lamp_state_v1.toml") as content:
        table = content.tables
        training = dict(table["training"])
        shares = training.pop("shares")
        return LampRecipe(
            heads=_sources(table["heads"]),
            crops=_sources(table["crops"]),
            streets=_sources(table["streets"]),
            **training,
            shares=tuple(float(shares[name]) for name in STATES),
            sha256=content.sha256,
        )


def _sources(entries: list[dict[str, Any]]) -> tuple[LampSource, ...]:
    return tuple(_source(entry) for entry in entries)


def _source(entry: dict[str, Any]) -> LampSource:
    return LampSource(**{**entry, "match": tuple(entry["match"]), "labels": class_map(entry.get("labels", {}))})
