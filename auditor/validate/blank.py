"""Blank text: null, empty, or white space of any kind, tabs and ideographic spaces too."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.bitmaps import mask_of, present

_MAY_BE_BLANK = r"^[\s\x0b\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]*$"

_BLANK_BEGINS = np.zeros(256, bool)
"""The first bytes, in UTF-8, of white space: ASCII's own, and those that the others share with signs that are none."""
_BLANK_BEGINS[[*range(0x09, 0x0E), *range(0x1C, 0x21), 0xC2, 0xE1, 0xE2, 0xE3]] = True


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
    places = _begin_as_blank(text)
    if len(places):
        places = places[mask_of(pc.match_substring_regex(text.take(pa.array(places)), _MAY_BE_BLANK))]
    if not len(places):
        return text
    blank = np.zeros(len(text), bool)
    blank[places] = True
    return pc.if_else(pa.array(blank), pa.scalar(None, pa.string()), text)


def _begin_as_blank(text: pa.Array) -> npt.NDArray[np.int64]:
    """The rows whose text is empty or begins with a byte that can begin white space: they are few, and the expression is asked of these."""
    _, bounds, data = text.buffers()
    if text.null_count == len(text) or bounds is None:
        return np.zeros(0, np.int64)
    offsets = np.frombuffer(bounds, np.int32)[text.offset : text.offset + len(text) + 1]
    letters = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    starts, ends = offsets[:-1], offsets[1:]
    rows = np.flatnonzero(present(text)) if text.null_count else None
    if rows is not None:
        starts, ends = starts[rows], ends[rows]
    begins = _BLANK_BEGINS[letters[np.minimum(starts, len(letters) - 1)]]
    begins |= starts == ends
    places = np.flatnonzero(begins)
    return places if rows is None else rows[places]
