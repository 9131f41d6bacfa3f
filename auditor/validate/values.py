"""Raw columns to typed ones, kind by kind: what a value must look like, and what is said of one that does not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.bitmaps import mask_of, present
from auditor.calendar.local_time import DAY
from auditor.calendar.time_text import FIRST_DAY, LAST_DAY, read_days, read_instants
from auditor.contract import Field
from auditor.validate.admitted import REASONS, arrow_type
from auditor.validate.blank import as_string, blank_to_null

Faults = npt.NDArray[np.int8]

FINE = 0
"""Fault 0: none. Fault n stands for REASONS[n - 1]."""

_MOST = 10**15
"""A whole number reaches neither this nor its negative."""
_WHOLE = r"^-?[0-9]{1,15}$"
_DECIMAL = r"^-?[0-9]{1,20}(?:\.[0-9]{1,18})?$"
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,6})?", re.ASCII)
_UNIT = Decimal(1).scaleb(-18)
_EXACT = Context(prec=38, rounding=ROUND_HALF_EVEN)
_TRUE, _FALSE = r"^(?i:true|1(?:\.0*)?)$", r"^(?i:false|-?0(?:\.0*)?)$"


class Typed(NamedTuple):
    """A typed column (null where blank or at fault), the text it came from, and each row's fault."""

    values: pa.Array
    raw: pa.Array
    faults: Faults


def fault(reason: str) -> int:
    """The number that stands for a reason."""
    return REASONS.index(reason) + 1


def typed(column: pa.Array, field: Field, zone: ZoneInfo) -> Typed:
    """The column as the field's kind, and what is wrong with it. A blank value of a mandatory field is `missing`.

    Texts may come with a table of them, and stay so where no row of it can be at fault.
    """
    if pa.types.is_dictionary(column.type):
        if field.is_text and _all_fine(column.dictionary, field):
            return Typed(column, column, _absent(column, field))
        return typed(as_string(column), field, zone)
    native = _NATIVE[field.kind](column.type)
    if native or column.null_count == len(column):
        values = _as_it_is(column, field)
        if values is not None:
            return Typed(values, column, _absent(column, field))
    raw = column if native else blank_to_null(as_string(column))
    # Texts are read with their gaps; what is worked out of a text is worked out of those that are there.
    whole = field.is_text or not raw.null_count
    given = raw if whole else raw.drop_null()
    if not (native or field.is_text or field.kind == "list"):
        given = pc.utf8_trim_whitespace(given)
    values, found = _READ[field.kind](given, field, zone)
    if not whole:
        shown = present(raw)
        values, found = _spread(values, shown), _spread_faults(found, shown)
    if field.mandatory and raw.null_count:
        found = np.where(present(raw), found, np.int8(fault("missing")))
    return Typed(values, raw, found)


def _all_fine(texts: pa.Array, field: Field) -> bool:
    """Whether none of the texts is blank, nor unknown where the field is a code."""
    if not pa.types.is_string(texts.type) or blank_to_null(texts).null_count:
        return False
    return field.kind != "code" or not _code(texts, field)[1].any()


def _as_it_is(column: pa.Array, field: Field) -> pa.Array | None:
    """The values of a column that shows nothing, or is native and shows nothing that could be refused on the clock of any zone."""
    if column.null_count == len(column):
        return pa.nulls(len(column), arrow_type(field))
    kind = column.type
    if pa.types.is_boolean(kind):
        return column
    if field.kind == "int" and _between(column, 1 - _MOST, _MOST - 1):
        return column.cast(pa.int64())
    if field.kind == "date" and pa.types.is_date32(kind) and _between(column.view(pa.int32()), FIRST_DAY, LAST_DAY):
        return column
    if field.kind == "time" and kind == pa.timestamp("us", "UTC"):
        ticks = column.view(pa.int64())
        if _between(ticks, (FIRST_DAY + 2) * DAY * 10**6, (LAST_DAY - 1) * DAY * 10**6 - 1):
            bitmap, numbers = ticks.buffers()
            seconds = np.frombuffer(numbers, np.int64)[: ticks.offset + len(ticks)] // 10**6  # toward the earlier second
            return pa.Array.from_buffers(arrow_type(field), len(ticks), [bitmap, pa.py_buffer(seconds)], offset=ticks.offset)
    return None


def _between(numbers: pa.Array, least: int, most: int) -> bool:
    ends = pc.min_max(numbers)
    return bool(least <= ends["min"].as_py() and ends["max"].as_py() <= most)


def _absent(column: pa.Array, field: Field) -> Faults:
    """The faults of a column of which only what it does not show can be one."""
    mask = ~present(column) if field.mandatory and column.null_count else None
    return _faulty(len(column), mask, "missing")


def _spread(values: pa.Array, shown: npt.NDArray[np.bool_]) -> pa.Array:
    """The values back among the rows that have none."""
    at = np.cumsum(shown) - 1
    return values.take(pa.array(at, mask=~shown))


def _spread_faults(found: Faults, shown: npt.NDArray[np.bool_]) -> Faults:
    faults = np.zeros(len(shown), np.int8)
    faults[shown] = found
    return faults


def _faulty(size: int, mask: npt.NDArray[np.bool_] | None = None, reason: str = "missing") -> Faults:
    faults = np.zeros(size, np.int8)
    if mask is not None:
        faults[mask] = fault(reason)
    return faults


def _text(given: pa.Array, _field: Field, _zone: ZoneInfo) -> tuple[pa.Array, Faults]:
    return given, _faulty(len(given))


def _code(given: pa.Array, field: Field, _zone: ZoneInfo | None = None) -> tuple[pa.Array, Faults]:
    known = mask_of(pc.is_in(given, value_set=pa.array(field.codes, pa.string()))) | mask_of(given.is_null())
    if known.all():
        return given, _faulty(len(given))
    return pc.if_else(pa.array(known), given, None), _faulty(len(given), ~known, "unknown_code")


def _flag(given: pa.Array, _field: Field, _zone: ZoneInfo) -> tuple[pa.Array, Faults]:
    if pa.types.is_boolean(given.type):
        return given, _faulty(len(given))
    # few distinct texts, whatever the number of rows
    distinct = given.dictionary_encode()
    yes, no = (pc.match_substring_regex(distinct.dictionary, form).take(distinct.indices) for form in (_TRUE, _FALSE))
    neither = ~(mask_of(yes) | mask_of(no))
    return pa.array(mask_of(yes), pa.bool_(), mask=neither), _faulty(len(given), neither, "not_a_flag")


def _instant(given: pa.Array, field: Field, zone: ZoneInfo) -> tuple[pa.Array, Faults]:
    seconds, found = read_instants(given, zone)
    values = pa.array(seconds, pa.int64(), mask=found != FINE).cast(arrow_type(field))
    return values, np.array([FINE, fault("not_a_time"), fault("impossible_time")], np.int8)[found]


def _day(given: pa.Array, field: Field, zone: ZoneInfo) -> tuple[pa.Array, Faults]:
    days, found = read_days(given, zone)
    values = pa.array(days.astype(np.int32), pa.int32(), mask=found != FINE).cast(arrow_type(field))
    return values, np.array([FINE, fault("not_a_date"), fault("impossible_date")], np.int8)[found]


def _integer(given: pa.Array, field: Field, _zone: ZoneInfo) -> tuple[pa.Array, Faults]:
    if pa.types.is_signed_integer(given.type):
        beyond = mask_of(pc.or_(pc.greater_equal(given, _MOST), pc.less_equal(given, -_MOST)))
        return pc.if_else(pa.array(beyond), None, given).cast(pa.int64()), _faulty(len(given), beyond, "out_of_range")
    return _numbers(given, field, _WHOLE, _whole_number)


def _decimal(given: pa.Array, field: Field, _zone: ZoneInfo) -> tuple[pa.Array, Faults]:
    return _numbers(given, field, _DECIMAL, _decimal_number)


def _numbers(given: pa.Array, field: Field, usual: str, read: Callable[[str], Any]) -> tuple[pa.Array, Faults]:
    """Arrow reads numbers of the usual form; what is left (exponents, signs, more digits) is read one by one."""
    kind = arrow_type(field)
    plain = pc.match_substring_regex(given, usual)
    if pc.all(plain).as_py() is not False:
        return given.cast(kind), _faulty(len(given))
    odd = np.flatnonzero(~mask_of(plain))
    read_once = {text: read(text) for text in given.take(pa.array(odd)).unique().to_pylist()}
    found = [read_once[text] for text in given.take(pa.array(odd)).to_pylist()]
    faults = _faulty(len(given))
    faults[odd] = [fault(f) if isinstance(f, str) else FINE for f in found]
    values = pc.if_else(plain, given, None).cast(kind)
    return pc.replace_with_mask(values, pc.invert(plain), pa.array([None if isinstance(f, str) else f for f in found], kind)), faults


def _decimal_number(text: str) -> Decimal | str:
    """Rounded half even at the 18th decimal; the reason where it is no number, or 10**20 or more."""
    if not _NUMBER.fullmatch(text):
        return "not_a_number"
    try:
        return Decimal(text).quantize(_UNIT, context=_EXACT)
    except InvalidOperation:
        return "out_of_range"


def _whole_number(text: str) -> int | str:
    """12, 12.0, 1.2e1; the reason where it is no whole number, or 10**15 or more."""
    if not _NUMBER.fullmatch(text):
        return "not_a_number"
    number = Decimal(text)
    if number.adjusted() >= 15:
        return "out_of_range"
    return int(number) if number == number.to_integral_value() else "not_a_number"


def _list(given: pa.Array, field: Field, _zone: ZoneInfo) -> tuple[pa.Array, Faults]:
    kind = arrow_type(field)
    if _native_list(given.type):
        lists = [items if all(isinstance(i, str) for i in items) else None for items in given.to_pylist()]
        return pa.array(lists, kind), _faulty(len(given), np.array([one is None for one in lists], bool), "not_a_list")
    read_once = {text: _json_list(text) for text in given.unique().to_pylist()}
    found = [read_once[text] for text in given.to_pylist()]
    faults = _faulty(len(given), np.array([one is False for one in found], bool), "not_a_list")
    return pa.array([one or (None if one is False else one) for one in found], kind), faults


def _json_list(text: str) -> list[str] | bool | None:
    """The list; None for JSON's null; False where it is no list of texts."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return False
    try:
        return value if "".join(value).encode() is not None else False
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can write and no text can hold
        return False


def _never(_kind: pa.DataType) -> bool:
    return False


def _native_time(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def _native_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


_NATIVE: dict[str, Callable[[pa.DataType], bool]] = {
    "id": _never,
    "text": _never,
    "code": _never,
    "bool": pa.types.is_boolean,
    "int": pa.types.is_signed_integer,
    "num": _never,
    "date": _native_time,
    "time": _native_time,
    "list": _native_list,
}
_READ: dict[str, Callable[[pa.Array, Field, ZoneInfo], tuple[pa.Array, Faults]]] = {
    "id": _text,
    "text": _text,
    "code": _code,
    "bool": _flag,
    "int": _integer,
    "num": _decimal,
    "date": _day,
    "time": _instant,
    "list": _list,
}
