"""Keeps a long-lived worker small: pictures come and go in many sizes, and glibc would rather keep than return them.

Elsewhere than on glibc nothing happens.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

M_ARENA_MAX: Final = -8  # mallopt(3)


def _glibc() -> Any:
    try:
        library = ctypes.CDLL("libc.so.6")
    except OSError:
        return None
    return library if hasattr(library, "malloc_trim") else None


def use_few_arenas() -> None:
    """One heap for all of a decoder's threads; each would get its own, and keep the largest it ever was."""
    if (library := _glibc()) is not None:
        library.mallopt(M_ARENA_MAX, 2)


def return_free_memory() -> None:
    """Give what is free back to the system."""
    if (library := _glibc()) is not None:
        library.malloc_trim(0)
