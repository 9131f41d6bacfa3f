"""The values of PostgreSQL rows in their binary form, by column, as Arrow has them.

A row is the number of its fields (two bytes) and each field's length (four bytes, -1 for null) and bytes. All rows are gone through
at once, from column to column. A time counts microseconds, a date days, since 2000; the greatest and the least number are infinite.

Flags and whole numbers stay what they are; so do times and dates as long as nobody could refuse them. Where a batch holds one that is
near the ends of what a log can show, or beyond, all of its column are the texts that the server writes in an ISO session of UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.bitmaps import Mask, bits
from auditor.load.text_sql import Shape
from auditor.load.texts import Places, texts_between

_DAY = 86_400 * 10**6
"""Microseconds."""
_EPOCH = (date(2000, 1, 1) - date(1970, 1, 1)).days
"""Days from Arrow's first day to PostgreSQL's."""
_CERTAIN = ((date(1970, 1, 3) - date(2000, 1, 1)).days, (date(2199, 12, 29) - date(2000, 1, 1)).days)
"""The first and the last day that a log can show on the clock of whatever zone."""
_USUAL = ((date.min - date(2000, 1, 1)).days, (date.max - date(2000, 1, 1)).days)
"""The years of four digits, 1 to 9999: Arrow writes them as the server does."""


class _Form(NamedTuple):
    """How a value of a shape is sent: in so many bytes, the most significant first, of this type of numbers; how Arrow keeps it."""

    width: int
    sent: str
    kept: pa.DataType


_FORMS = {
    Shape.TIME: _Form(8, "<i8", pa.int64()),
    Shape.ZONED_TIME: _Form(8, "<i8", pa.int64()),
    Shape.INT: _Form(8, "<i8", pa.int64()),
    Shape.DATE: _Form(4, "<i4", pa.int32()),
    Shape.BOOL: _Form(1, "u1", pa.bool_()),
}


class Misfit(Exception):
    """The bytes are not the rows that were asked for."""


def values_of(buffer: Any, starts: Places, ends: Places, shapes: Sequence[Shape]) -> tuple[list[pa.Array], Places]:
    """The values of each column of the rows that stand in these bytes of the buffer, and where in the buffer each row's values end.

    Of a shape that is sent in binary the numbers as they were sent (see `finished`), else texts. What is given are copies.
    Raises Misfit where the rows do not have these columns.
    """
    count = len(starts)
    raw = np.frombuffer(buffer, np.uint8)
    lengths = _anywhere(raw, "<i4", 4)
    columns: list[pa.Array] = []
    try:
        if bool((_anywhere(raw, ">u2", 2)[starts] != len(shapes)).any()):
            raise Misfit("a row has another number of values than the statement has columns")
        at = starts + 2
        for shape in shapes:
            length = lengths[at].byteswap(inplace=True).astype(np.int64)
            begin = at + 4
            blank: Mask | None = None
            least = int(length.min())
            if least < -1:
                raise Misfit("a value has a length that none can have")
            if least < 0:
                if int(length.max()) < 0:
                    columns.append(pa.nulls(count, _FORMS[shape].kept if shape in _FORMS else pa.string()))
                    at = begin
                    continue
                blank = length < 0
                length[blank] = 0
            at = begin + length
            if shape in _FORMS:
                columns.append(_numbers(raw, begin, length, blank, _FORMS[shape]))
            else:
                if int(at.max()) > int(ends[-1]):
                    raise Misfit("a value ends beyond the last row")
                columns.append(texts_between(buffer, begin, length, blank))
    except IndexError:
        raise Misfit("a value stands beyond the last row") from None
    return columns, at


def _anywhere(raw: Any, kind: str, width: int) -> Any:
    """The numbers that begin at each byte: PostgreSQL aligns nothing.

    To turn the bytes of those that are wanted round afterwards takes half as long as to read them the right way round.
    """
    return np.ndarray((max(len(raw) - width + 1, 0),), kind, raw, strides=(1,))


def _numbers(raw: Any, begin: Places, length: Places, blank: Mask | None, form: _Form) -> pa.Array:
    rows = None if blank is None else np.flatnonzero(~blank)
    if rows is not None:
        begin, shown = begin[rows], length[rows]
    else:
        shown = length
    if int(shown.min()) != form.width or int(shown.max()) != form.width:
        raise Misfit(f"a value is not of the {form.width} bytes that its type has")
    given = _anywhere(raw, form.sent, form.width)[begin].byteswap(inplace=True)
    if rows is not None:
        values = np.zeros(len(length), given.dtype)
        values[rows] = given
    else:
        values = given
    data = bits(values != 0) if pa.types.is_boolean(form.kept) else pa.py_buffer(values)
    return pa.Array.from_buffers(form.kept, len(length), [None if blank is None else bits(~blank), data])


def finished(parts: Sequence[pa.Array], shape: Shape) -> pa.Array:
    """A batch's column out of its parts: timestamp("us"[, "UTC"]), date32, bool or int64, or else texts."""
    column = parts[0] if len(parts) == 1 else pa.concat_arrays(parts)
    if shape is Shape.DATE:
        if not _certain(column, 1):
            return date_text(column)
        return pc.add(column, pa.scalar(_EPOCH, pa.int32())).view(pa.date32())
    if shape in (Shape.TIME, Shape.ZONED_TIME):
        zone = "UTC" if shape is Shape.ZONED_TIME else None
        if not _certain(column, _DAY):
            return time_text(column, zoned=zone is not None)
        return pc.add(column, pa.scalar(_EPOCH * _DAY, pa.int64())).view(pa.timestamp("us", zone))
    return column


def _certain(column: pa.Array, ticks: int) -> bool:
    """Whether all values are of days that a log can show, on any clock; `ticks` of them make a day."""
    ends = pc.min_max(column)
    first, last = ends["min"].as_py(), ends["max"].as_py()
    return first is None or (_CERTAIN[0] * ticks <= first and last < (_CERTAIN[1] + 1) * ticks)


def time_text(column: pa.Array, *, zoned: bool) -> pa.Array:
    """Times as the server writes them: `2026-07-01 01:00:00.5+00`, `0044-03-15 00:00:00+00 BC`, `infinity`; without zone no `+00`."""
    end = "+00" if zoned else ""

    def usual(values: pa.Array) -> pa.Array:
        stamps = pc.add(values, pa.scalar(_EPOCH * _DAY, pa.int64())).view(pa.timestamp("us"))
        digits = pc.utf8_rtrim(pc.cast(stamps, pa.string()), "0")  # the fraction is there always, and holds the zeros before it
        return pc.binary_join_element_wise(pc.utf8_rtrim(digits, "."), end, "")

    def odd(value: int) -> str:
        day, rest = divmod(value, _DAY)
        seconds, fraction = divmod(rest, 10**6)
        shown, era = _day_text(day)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return f"{shown} {clock}" + (f".{fraction:06}".rstrip("0") if fraction else "") + end + era

    return _text(column, _DAY, 63, usual, odd)


def date_text(column: pa.Array) -> pa.Array:
    """Dates as the server writes them: `2026-07-01`, `0044-03-15 BC`, `12345-01-01`, `infinity`."""

    def usual(values: pa.Array) -> pa.Array:
        return pc.cast(pc.add(values, pa.scalar(_EPOCH, pa.int32())).view(pa.date32()), pa.string())

    return _text(column, 1, 31, usual, lambda value: "".join(_day_text(value)))


def _text(column: pa.Array, ticks: int, size: int, usual: Any, odd: Any) -> pa.Array:
    """The column's texts: Arrow's of the usual years, ours of the others. The ends of a number of `size` bits are infinite."""
    infinite = {-(2**size): "-infinity", 2**size - 1: "infinity"}
    inside = pc.and_(pc.greater_equal(column, _USUAL[0] * ticks), pc.less(column, (_USUAL[1] + 1) * ticks))
    texts = usual(pc.if_else(inside, column, pa.scalar(0, column.type)))
    rare = column.filter(pc.invert(inside))
    shown = {value: infinite[value] if value in infinite else odd(value) for value in rare.unique().to_pylist()}
    # of a null neither is asked: it stays null
    return pc.replace_with_mask(texts, pc.fill_null(pc.invert(inside), False), pa.array([shown[v] for v in rare.to_pylist()], pa.string()))


def _day_text(day: int) -> tuple[str, str]:
    """Year, month and day, and ` BC` for the years before 1; `day` counts from 2000-01-01. The calendar repeats every 400 years."""
    cycles, within = divmod(day, 146_097)
    shown = date(2000, 1, 1) + timedelta(days=within)
    year = shown.year + 400 * cycles
    return (f"{year:04}" if year > 0 else f"{1 - year:04}") + f"-{shown.month:02}-{shown.day:02}", "" if year > 0 else " BC"
