"""How large road users are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class TypicalSize:
    """Mean and standard deviation of length, width and height in a class, metres."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


# Cars: new ones in Europe grew from 4.16 x 1.71 x 1.48 m in 2000 to 4.36 x 1.81 x 1.55 m in 2022 (Inovev), streets show
# those between; spread from small cars (3.6 m) to vans of 5.0 x 1.9 x 2.0 m, which are called cars, too. Buses and
# trucks: the city bus and the single-unit truck of AASHTO, "A Policy on Geometric Design of Highways and Streets" (12.2
# x 2.6 x 3.2 m, 9.2 x 2.4 x 3.4 to 4.1 m) are the largest of their kind without a trailer; minibuses and vans of 5 to
# 7 m are called so, too.
# Two-wheelers are boxed without their rider: bicycles of 1.8 x 0.6 x 1.1 m, scooters and motorcycles 1.8 to 2.2 m long.
# People: 1.68 m tall, body ellipse 0.6 x 0.5 m (Highway Capacity Manual), a stride longer when walking.
TYPICAL: Final = {
    "person": TypicalSize((0.6, 0.6, 1.68), (0.2, 0.12, 0.12)),
    "bicycle": TypicalSize((1.75, 0.6, 1.1), (0.15, 0.1, 0.12)),
    "motorcycle": TypicalSize((1.95, 0.75, 1.15), (0.2, 0.12, 0.15)),
    "car": TypicalSize((4.3, 1.77, 1.52), (0.5, 0.12, 0.2)),
    "bus": TypicalSize((10.5, 2.5, 3.1), (2.5, 0.15, 0.35)),
    "truck": TypicalSize((7.0, 2.3, 2.9), (2.5, 0.25, 0.6)),
}
