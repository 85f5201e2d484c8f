"""Fixtures every room may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no failure: the tests share its cores, so no example has a time to keep.
# The same examples each time: a suite that fails once in twenty runs tells nobody anything. New ones are looked for
# with `HYPOTHESIS_PROFILE=explore make test`.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The data sets beside the checkout; tests that need them skip elsewhere."""
    folder = Path(os.environ.get("PATROL_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("needs the shared data sets beside the checkout")
    return folder
