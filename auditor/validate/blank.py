"""Blank text: null, empty, or white space of any kind, tabs and ideographic spaces too."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]

_MAY_BE_BLANK = r"^[\s\x0b\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]*$"


def as_string(column: pa.Array) -> pa.Array:
    """Any Arrow column as plain text."""
    if pa.types.is_string(column.type):
        return column
    if pa.types.is_null(column.type):
        return pa.nulls(len(column), pa.string())
    if isinstance(column, pa.ExtensionArray):
        return as_string(column.storage)
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, "true", "false")
    if pa.types.is_nested(column.type):
        return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def blank_to_null(text: pa.Array) -> pa.Array:
    """The text as it stands, null where it is blank."""
    blank = pc.match_substring_regex(text, _MAY_BE_BLANK)
    return pc.if_else(blank, pa.scalar(None, pa.string()), text) if pc.any(blank).as_py() else text


def mask_of(values: Any) -> Mask:
    """An Arrow flag column as a numpy mask; null is false."""
    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), dtype=bool)
