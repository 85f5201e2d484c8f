"""Keeps a long-lived worker small: pictures come and go in many sizes, and glibc would rather keep than return them.

Elsewhere than on glibc nothing happens.
"""

from __future__ import annotations

import ctypes
import resource
from pathlib import Path
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


def resident_bytes() -> int:
    """Memory this process holds now; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * resource.getpagesize()
