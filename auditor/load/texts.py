"""Texts out of the bytes of many rows: each value is known by where it begins and ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from auditor.bitmaps import Mask, bits

Places = npt.NDArray[np.int64]


def texts_between(buffer: Any, begin: Places, length: Places, blank: Mask | None = None) -> pa.Array:
    """The texts that begin at these bytes of the buffer and have so many bytes; null where `blank`, whose lengths have to be 0.

    The buffer holds less than 2 GB, and is copied from: it may be used again. That the bytes are UTF-8 is for the caller to know.
    """
    size = len(begin)
    if blank is None:
        return _gathered(buffer, begin, length)
    valid = ~blank
    rows = np.flatnonzero(valid)
    if not len(rows):
        return pa.nulls(size, pa.string())
    shown = _gathered(buffer, begin[rows], length[rows])
    ends = np.zeros(size + 1, np.int32)
    np.cumsum(length, out=ends[1:])
    return pa.Array.from_buffers(pa.string(), size, [bits(valid), pa.py_buffer(ends), shown.buffers()[2]])


def _gathered(buffer: Any, begin: Places, length: Places) -> pa.Array:
    """Values and what lies between them are, in turn, one array of texts over the buffer: every other one is taken, which copies it."""
    bounds = np.empty((len(begin), 2), np.int32)
    bounds[:, 0] = begin
    np.add(begin, length, out=bounds[:, 1], casting="unsafe")
    pieces = pa.Array.from_buffers(pa.string(), 2 * len(begin) - 1, [None, pa.py_buffer(bounds), pa.py_buffer(buffer)])
    return pieces.take(pa.array(np.arange(0, 2 * len(begin), 2)))
