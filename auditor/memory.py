"""Memory that is free within the process goes back to the system: an audit's peak is what its machine must have."""

from __future__ import annotations

import ctypes
import gc
import sys

import pyarrow as pa


def give_back() -> None:
    """Gives back what Python, Arrow and the C library keep for later; takes some tenths of a second in a big process."""
    gc.collect()  # logs and their frames know each other
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        # Database drivers allocate by malloc, which keeps what they free: as much again as the rows read. (musl has no such call.)
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
