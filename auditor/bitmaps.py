"""Masks as numpy has them, a byte a row, and as Arrow has them, a bit a row."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]


def bits(mask: Mask) -> pa.Buffer:
    """A mask as Arrow has it."""
    return pa.py_buffer(np.packbits(mask, bitorder="little"))


def present(column: pa.Array) -> Mask:
    """Where the column is not null."""
    bitmap = column.buffers()[0] if column.null_count else None
    if bitmap is None:
        return np.full(len(column), column.null_count == 0)
    start, stop = column.offset, column.offset + len(column)
    return np.unpackbits(np.frombuffer(bitmap, np.uint8), count=stop, bitorder="little")[start:].view(np.bool_)


def mask_of(values: Any) -> Mask:
    """An Arrow flag column as a numpy mask; null is false."""
    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), dtype=bool)
