"""What the process does with memory that is free within it: keeps it while it works, gives it back between two stages.

An audit's peak is what its machine must have, and a page that the system hands out anew must first be cleared: of an audit of millions
of rows that was a sixth of all the work.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

WORTH_BYTES = 50_000_000
"""Below so much the search for what is free takes longer than it is worth."""

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -2, -3, -4, -8
"""Parameters of glibc's mallopt(3)."""

# Threads share one arena from then on: memory that one lets go of is there for the others, and its few locks are nothing beside the work.
_USUAL = ((_MMAP_MAX, 65_536), (_MMAP_THRESHOLD, 4 << 20), (_TRIM_THRESHOLD, 64 << 20), (_TOP_PAD, 1 << 20))
_KEPT = ((_ARENA_MAX, 1), (_MMAP_MAX, 0), (_TRIM_THRESHOLD, 2**31 - 1), (_TOP_PAD, 64 << 20))


@contextmanager
def kept_for_reuse() -> Iterator[None]:
    """Within it, memory that is let go of stays with the process, in one place for Arrow, numpy and the drivers.

    For work on thousands of batches of one size, each of which would else be fetched from the system and given back to it. Not for a
    process of which copies are made by fork: what was free at the fork is then copied page by page when it is used again. Without effect
    where the C library is not glibc.
    """
    mallopt, usual = _glibc("mallopt"), pa.default_memory_pool()
    if mallopt is None:
        yield
        return
    for setting in _KEPT:
        mallopt(*setting)
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(usual)
        for setting in _USUAL:
            mallopt(*setting)
        _trim()


def give_back(used_bytes: int) -> None:
    """Gives back what Python, Arrow and the C library keep for later, where what needed it was of some size.

    Takes some tenths of a second.
    """
    if used_bytes < WORTH_BYTES:
        return
    gc.collect()  # logs and their frames know each other
    pa.default_memory_pool().release_unused()
    _trim()


def give_back_beyond(kept_bytes: int) -> None:
    """Gives back what is kept for later where it is more than so much. Quick where it is not; without effect where there is no glibc."""
    mallinfo = _glibc("mallinfo2")
    if mallinfo is None:
        return
    mallinfo.restype = _Mallinfo
    info = mallinfo()
    try:
        resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # a place without /proc
        return
    if resident - info.uordblks - info.hblkhd > kept_bytes:
        _trim()


class _Mallinfo(ctypes.Structure):
    """mallinfo2(3): `uordblks` bytes in use, `hblkhd` bytes in mappings of their own."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    )


def _trim() -> None:
    # Database drivers allocate by malloc, which keeps what they free: as much again as the rows read.
    trim = _glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _glibc(name: str) -> Any:
    """A function of the GNU C library; None where that is not the one in use, or too old (musl has no such functions)."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
