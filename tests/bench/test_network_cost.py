"""Both networks take turns, and it is the ratio within a turn that is reported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench import network_cost
from models.manifest import read_release


def test_a_machine_that_slows_down_does_not_change_the_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = read_release()
    base = replace(ours, name="coco-base")
    slowness = iter(np.repeat(np.linspace(1.0, 3.0, network_cost.WARM_UP + 10), 6))

    def cost(detector: object, _: np.ndarray) -> float:
        return float(next(slowness)) * (2.0 if detector == "coco-base" else 1.0)

    monkeypatch.setattr(network_cost, "_detector", lambda release, precision: release.name)
    monkeypatch.setattr(network_cost, "_cpu_ms", cost)
    costs = network_cost.compare_costs(ours, base, rounds=10)
    assert [each.precision for each in costs] == ["f32", "bf16", "int8"]
    assert [each.ratio for each in costs] == pytest.approx([0.5] * 3)
    assert all(each.base_ms == pytest.approx(2 * each.ours_ms) for each in costs)


def test_noise_to_calibrate_with_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        network_cost.write_noise(tmp_path / name)
    assert len(list((tmp_path / "a").iterdir())) == network_cost.NOISE_PICTURES
    assert (tmp_path / "a/0.png").read_bytes() == (tmp_path / "b/0.png").read_bytes()
