"""A trained checkpoint mixed with the one that it started from.

Between the two, what a training forgot comes back before what it learnt is lost (Wortsman et al. 2022, "Robust
fine-tuning of zero-shot models", CVPR).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from models.errors import BadUse
from models.training.lineage import Lineage


def blended_lineage(lineage: Lineage, start_share: float) -> Lineage:
    """Whose last training is mixed with `start_share` (0..1) of the weights it started from."""
    *before, last = lineage.training
    return replace(lineage, training=(*before, replace(last, start_share=start_share)))


def start_of(lineage: Lineage, weights: Path) -> Path:
    """The release in `weights` that the last training started from.

    Raises:
        BadUse: it is not there.
    """
    start = Path(lineage.training[-1].start)
    found = weights / start.parent.name / start.name
    if not found.is_file():
        raise BadUse(
            f"{found} is missing, which the training started from", advice="restore it, or leave the share out"
        )
    return found


def blend(start: Path, trained: Path, start_share: float, out: Path) -> None:
    """Write `start_share` (0..1) of the weights of `start` and the rest of those of `trained` to `out`.

    Raises:
        BadUse: they are not weights of one network, or the share is none.
    """
    from safetensors.torch import load_file, save_file

    from models.network import read_about

    old, new = load_file(start), load_file(trained)
    if not 0.0 <= start_share <= 1.0:
        raise BadUse(f"a share of {start_share} is not between 0 and 1", advice="as in 0.2")
    if {name: value.shape for name, value in old.items()} != {name: value.shape for name, value in new.items()}:
        raise BadUse(
            f"{start} and {trained} are not of one network", advice="give a checkpoint and what it started from"
        )
    mixed = {name: (start_share * old[name].float() + (1 - start_share) * new[name].float()).half() for name in new}
    save_file(mixed, out, metadata=read_about(trained))
