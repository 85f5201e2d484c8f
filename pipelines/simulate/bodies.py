"""The shapes of cars, vans, buses and lorries: side profiles and where glass, doors and wheels lie."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Body:
    """`profile`: (share of the length from the rear, top as a share of the height); `windows`: shares of the length
    between which side glass lies; `belt`: where the glass begins; `posts`: shares of the length of its posts;
    `wheels`: shares of the length of the axles; `screen`, `rear_screen`: shares of the length the glass spans.
    """

    profile: tuple[tuple[float, float], ...]
    size: tuple[float, float, float]
    clearance: float
    wheel_radius: float
    wheels: tuple[float, ...]
    windows: tuple[float, float]
    belt: float
    posts: tuple[float, ...]
    screen: tuple[float, float]
    rear_screen: tuple[float, float]
    boxy: bool = False


SEDAN = Body(
    ((0, 0.42), (0.012, 0.62), (0.05, 0.68), (0.16, 0.71), (0.29, 0.95), (0.38, 1), (0.53, 1), (0.6, 0.96),
     (0.745, 0.68), (0.93, 0.59), (0.985, 0.5), (1, 0.36)),
    (4.6, 1.8, 1.45), 0.2, 0.32, (0.19, 0.805), (0.2, 0.72), 0.66, (0.33, 0.5), (0.605, 0.735), (0.165, 0.29),
)  # fmt: skip
HATCH = Body(
    ((0, 0.42), (0.012, 0.6), (0.03, 0.7), (0.11, 0.93), (0.17, 0.98), (0.3, 1), (0.52, 1), (0.6, 0.96), (0.76, 0.68),
     (0.93, 0.6), (0.985, 0.5), (1, 0.36)),
    (4.1, 1.75, 1.5), 0.2, 0.31, (0.17, 0.81), (0.09, 0.73), 0.64, (0.3, 0.5), (0.605, 0.75), (0.03, 0.12),
)  # fmt: skip
SUV = Body(
    ((0, 0.4), (0.01, 0.62), (0.03, 0.72), (0.09, 0.95), (0.14, 0.99), (0.3, 1), (0.54, 1), (0.61, 0.96), (0.74, 0.7),
     (0.94, 0.63), (0.985, 0.55), (1, 0.38)),
    (4.7, 1.9, 1.7), 0.24, 0.37, (0.18, 0.81), (0.08, 0.72), 0.65, (0.28, 0.48), (0.61, 0.735), (0.025, 0.1),
)  # fmt: skip
VAN = Body(
    ((0, 0.4), (0.008, 0.7), (0.02, 0.95), (0.05, 0.99), (0.3, 1), (0.7, 1), (0.78, 0.95), (0.9, 0.58), (0.97, 0.48),
     (0.99, 0.42), (1, 0.3)),
    (4.9, 1.85, 2.0), 0.22, 0.33, (0.17, 0.82), (0.06, 0.85), 0.56, (0.28, 0.52, 0.68), (0.79, 0.895), (0.01, 0.03),
    boxy=True,
)  # fmt: skip
BUS = Body(
    ((0, 0.3), (0.003, 0.9), (0.012, 0.97), (0.03, 1), (0.5, 1), (0.96, 1), (0.985, 0.97), (0.995, 0.9), (1, 0.25)),
    (11.0, 2.5, 3.1), 0.3, 0.48, (0.22, 0.76), (0.02, 0.97), 0.42, (0.16, 0.3, 0.44, 0.58, 0.72, 0.86),
    (0.985, 1.0), (0.0, 0.01),
    boxy=True,
)  # fmt: skip
CAB = Body(
    ((0, 0.9), (0.02, 0.96), (0.1, 1), (0.5, 1), (0.7, 0.98), (0.88, 0.8), (0.95, 0.55), (0.98, 0.45), (1, 0.2)),
    (2.1, 2.2, 2.4), 0.45, 0.45, (0.55,), (0.3, 0.86), 0.52, (0.35,), (0.72, 0.94), (0.0, 0.01), boxy=True,
)  # fmt: skip
