"""Which pictures a network is trained on: the typed form of a training configuration (TOML)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.configuration import configuration
from models.errors import BadUse
from models.taxonomy import STREET_CLASSES, class_ids, class_map


@dataclass(frozen=True, slots=True)
class Source:
    """Pictures of one origin, whose labels can be trusted for some classes only.

    Attributes:
        folder: holds `images/` and `labels/`, relative to one of the data roots.
        match: globs, one of which fits the picture's file name.
        labels: the source's class ids -> our class ids; its other classes are dropped.
        fill: our classes that nobody labelled (or not all of them), taught by the COCO base network
            (`models.training.teacher`).
        absent: our classes that nobody labelled and that hardly occur here: the picture is background for them.
        weight: how often each picture is drawn in one pass.
        paste: share of draws onto which traffic light heads are pasted.
        litter_paste: share of draws onto which cut-out litter is pasted.
        decoys: share of draws onto which things are drawn that are no litter, though they lie on the road.
        window: also cut one window of this many native pixels out of each picture larger than that; 0: none.
        aspect: width is stretched by a factor drawn from this range: undoes squeezing to a square.
        loose: its boxes are too large (a rotated export): tightened where the thing can be cut out.
        cutouts: at most this many of its pieces of litter and piles are cut out to be pasted elsewhere.
        sequence: regular expression whose first group is a picture's number in its recording; empty: names do not tell.
        held: whether a part of it is held out for early stopping and thresholds.

    A class that is in none of `labels`, `fill` and `absent` is unknown: the loss says nothing about it here.
    """

    name: str
    folder: str
    licence: str
    match: tuple[str, ...] = ("*",)
    labels: tuple[tuple[int, int], ...] = ()
    fill: frozenset[int] = frozenset()
    absent: frozenset[int] = frozenset()
    weight: float = 1.0
    paste: float = 0.0
    litter_paste: float = 0.0
    decoys: float = 0.0
    window: int = 0
    aspect: tuple[float, float] = (1.0, 1.0)
    loose: bool = False
    cutouts: int = 0
    sequence: str = ""
    held: bool = True

    def known(self) -> NDArray[np.bool_]:
        """(classes,) True where a picture without a box of the class teaches that there is none."""
        mask = np.zeros(len(STREET_CLASSES), np.bool_)
        mask[sorted({ours for _, ours in self.labels} | self.fill | self.absent)] = True
        return mask

    def taught(self) -> NDArray[np.bool_]:
        """(classes,) True where the base network has a say."""
        return np.isin(np.arange(len(STREET_CLASSES)), sorted(self.fill))


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole training configuration. Paths are relative to the data roots; sizes in pixels.

    Attributes:
        file, sha256: name and hash of the configuration file.
        size: side of the squares that are learnt from; `plain_size` in the plain epochs, 0: the same.
        plain_epochs: at the end, without mosaics, so that the network ends on pictures as they are.
        frozen_layers: so many of the network's first layers stay as they are; they cost the most to teach.
        scale: absolute factors by which a drawn picture is scaled; `plain_scale` in the plain epochs.
        least_box: boxes whose longer side is shorter after that are not taught.
        conditions: share of pictures changed by night, weather, windscreen, blur or compression.
        unsure_confidence: boxes of the base network with at least this confidence are taught, as sure as it is.
        held_share: of each source's pictures, kept from training in whole groups.
        held_every: the averaged weights are measured on those pictures every so many epochs; 0: never.
        patience: training stops when that has not got better for so many epochs; 0: it does not.
        apart_from: folders of pictures; what nearly duplicates one of them is left out.
    """

    start: str
    base: str
    heads: str
    sources: tuple[Source, ...]
    seed: int = 0
    size: int = 512
    batch: int = 16
    epochs: int = 10
    epoch_pictures: int = 1600
    plain_epochs: int = 2
    plain_size: int = 0
    learning_rate: float = 1e-3
    weight_decay: float = 5e-4
    warm_up_steps: int = 100
    frozen_layers: int = 0
    ema_decay: float = 0.998
    mosaic: float = 0.5
    scale: tuple[float, float] = (0.5, 1.5)
    plain_scale: tuple[float, float] = (0.6, 1.5)
    least_box: float = 0.0
    conditions: float = 0.0
    unsure_confidence: float = 0.05
    held_share: float = 0.0
    held_every: int = 0
    patience: int = 0
    apart_from: tuple[str, ...] = ()
    file: str = ""
    sha256: str = ""


def read_recipe(path: Path) -> Recipe:
    """Read a training configuration.

    Raises:
        BadUse: no such file, not TOML, or something in it that is not known.
    """
    known = ", ".join(field.name for field in fields(Recipe) if field.name not in ("sources", "file", "sha256"))
    advice = f"[training] takes {known}; each [[source]] a name, a folder and a licence"
    with configuration(path, advice=advice) as content:
        sources = tuple(_source(entry) for entry in content.tables["source"])
        training = dict(content.tables["training"])
        for key in ("scale", "plain_scale", "apart_from"):
            if key in training:
                training[key] = tuple(training[key])
        return Recipe(**training, sources=sources, file=path.name, sha256=content.sha256)


def find_in_roots(relative: str, roots: tuple[Path, ...]) -> Path:
    """The first `root / relative` that exists.

    Raises:
        BadUse: no root holds it.
    """
    for root in roots:
        if (root / relative).exists():
            return root / relative
    raise BadUse(
        f"no data root holds {relative}",
        advice=f"looked in {', '.join(map(str, roots)) or 'no roots'}; give the folder above it with --data",
    )


def _source(entry: dict[str, Any]) -> Source:
    options = {"match": ["*"], **entry}
    options["match"] = tuple(options["match"])
    options["labels"] = class_map(options.get("labels", {}))
    for key in ("fill", "absent"):
        options[key] = class_ids(options.get(key, ()))
    if "aspect" in options:
        options["aspect"] = tuple(options["aspect"])
    return Source(**options)
