"""Half of two checkpoints lies in the middle of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import BadUse
from models.training.blend import blend, blended_lineage, start_of
from models.training.lineage import Lineage, TrainingStep

STEP = TrainingStep("two.toml", "0" * 64, "patrol train", "weights/one/street.safetensors", 10, 1)


def save(path: Path, **values: list[float]) -> Path:
    torch = pytest.importorskip("torch")
    save_file = pytest.importorskip("safetensors.torch").save_file
    save_file({name: torch.tensor(value).half() for name, value in values.items()}, path, metadata={"licence": "ours"})
    return path


def test_each_number_lies_between_as_the_share_says(tmp_path: Path) -> None:
    start, trained = save(tmp_path / "a.safetensors", w=[0.0, 4.0]), save(tmp_path / "b.safetensors", w=[1.0, 0.0])
    blend(start, trained, 0.25, tmp_path / "c.safetensors")
    load = pytest.importorskip("safetensors.torch").load_file
    assert load(tmp_path / "c.safetensors")["w"].tolist() == [0.75, 1.0]


def test_weights_of_other_networks_and_other_shares_are_refused(tmp_path: Path) -> None:
    start, trained = save(tmp_path / "a.safetensors", w=[0.0]), save(tmp_path / "b.safetensors", w=[1.0, 0.0])
    with pytest.raises(BadUse, match="not of one network"):
        blend(start, trained, 0.5, tmp_path / "c.safetensors")
    with pytest.raises(BadUse, match="between 0 and 1"):
        blend(start, start, 1.5, tmp_path / "c.safetensors")


def test_the_lineage_tells_the_share_and_where_the_start_is(tmp_path: Path) -> None:
    lineage = blended_lineage(Lineage((STEP,)), 0.2)
    assert lineage.training[-1].start_share == 0.2
    with pytest.raises(BadUse, match="started from"):
        start_of(lineage, tmp_path)
    (tmp_path / "one").mkdir()
    save(tmp_path / "one" / "street.safetensors", w=[0.0])
    assert start_of(lineage, tmp_path) == tmp_path / "one" / "street.safetensors"
