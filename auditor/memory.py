"""Memory that is free within the process goes back to the system: an audit's peak is what its machine must have."""

from __future__ import annotations

import ctypes
import gc
import sys

import pyarrow as pa

WORTH_BYTES = 50_000_000
"""Below so much the search for what is free takes longer than it is worth."""


def give_back(used_bytes: int) -> None:
    """Gives back what Python, Arrow and the C library keep for later, where what needed it was of some size.

    Takes some tenths of a second.
    """
    if used_bytes < WORTH_BYTES:
        return
    gc.collect()  # logs and their frames know each other
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        # Database drivers allocate by malloc, which keeps what they free: as much again as the rows read. (musl has no such call.)
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
