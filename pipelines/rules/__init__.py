"""One file per kind of incident; each rule is pure logic over an observation log and a site.

A new rule is one file with a class that keeps `protocol.Rule`, and one line in `RULES`.
"""

from __future__ import annotations

from typing import Final

from pipelines.rules.illegal_parking import IllegalParking
from pipelines.rules.litter import Litter
from pipelines.rules.protocol import Rule
from pipelines.rules.red_light_running import RedLightRunning

RULES: Final[tuple[Rule, ...]] = (Litter(), IllegalParking(), RedLightRunning())
