"""What a mapping does to the values of a column: text in, text out. What it does not understand it leaves as it is, for quarantine."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.calendar.time_text import read_days, read_instants
from auditor.config import ColumnConfig, TimeReading
from auditor.contract import Field

_OFFSET = r"^(.*\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?) *(?:[zZ]|[+-]\d{2}(?::?\d{2})?)$"
_TICKS = {"s": 1, "ms": 10**3, "us": 10**6}
_EPOCH = r"^-?[0-9]{1,18}(?:\.[0-9]+)?$"
_LAST_SECOND = 253402300799


def transformed(texts: pa.Array, field: Field, column: ColumnConfig, times: TimeReading) -> pa.Array:
    """The column as the mapping has it: times first, then codes, defaults and prefixes."""
    if field.kind in ("time", "date"):
        texts = shown_times(texts, times, dates=field.kind == "date")
    if column.codes:
        texts = _coded(texts, column)
    if column.split is not None:
        texts = _split(texts, column.split)
    blank = blank_mask(texts)
    if column.prefix:
        texts = pc.if_else(blank, texts, pc.binary_join_element_wise(column.prefix, texts, ""))
    if column.default is not None:
        texts = pc.if_else(blank, column.default, texts)
    return texts


def leaves_as_it_is(column: ColumnConfig, times: TimeReading) -> bool:
    """Whether the mapping asks for nothing but the values as the source has them."""
    asked = (times.zero, times.epoch, times.ignore_offset, times.zone, column.codes, column.prefix, column.max_length)
    return not any(asked) and column.split is None and column.default is None


def shown_times(texts: pa.Array, times: TimeReading, *, dates: bool = False) -> pa.Array:
    """Times as ISO 8601: zero values blank, counted seconds as UTC, wrong offsets dropped, local times of another zone in UTC."""
    if times.zero:
        texts = _without_zero(texts, times.zero)
    if times.epoch is not None:
        texts = _from_epoch(texts, times.epoch)
    if times.ignore_offset:
        texts = pc.replace_substring_regex(texts, _OFFSET, r"\1")
    if times.zone is not None:
        texts = _in_utc(texts, times.zone, dates)
    return texts


def blank_mask(texts: pa.Array) -> pa.Array:
    """Where the text is null or blank."""
    return pc.fill_null(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(texts)), 0), True)


def _without_zero(texts: pa.Array, zero: tuple[str, ...]) -> pa.Array:
    """A zero date also shows with its midnight: 0000-00-00 00:00:00.000000."""
    trimmed = pc.utf8_trim_whitespace(texts)
    shown = pc.is_in(trimmed, value_set=pa.array(zero, pa.string()))
    for value in zero:
        for separator in (" ", "T"):
            shown = pc.or_(shown, pc.fill_null(pc.starts_with(trimmed, value + separator), False))
    return pc.if_else(shown, pa.scalar(None, pa.string()), texts)


def _from_epoch(texts: pa.Array, unit: str) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(texts)
    counted = pc.fill_null(pc.match_substring_regex(trimmed, _EPOCH), False)
    whole = pc.replace_substring_regex(pc.if_else(counted, trimmed, None), r"\.[0-9]+$", "").cast(pa.int64())
    negative = pc.fill_null(pc.starts_with(trimmed, "-"), False)
    seconds = np.asarray(whole.fill_null(0).to_numpy()) // _TICKS[unit]
    inside = np.abs(seconds) <= _LAST_SECOND
    stamps = pa.array(np.where(inside, seconds, 0), pa.int64()).cast(pa.timestamp("s"))
    shown = pc.binary_join_element_wise(pc.strftime(stamps, "%Y-%m-%dT%H:%M:%S"), "Z", "")
    usable = pc.and_(pc.and_(counted, pa.array(inside)), pc.invert(negative))
    return pc.if_else(usable, shown, texts)


def _in_utc(texts: pa.Array, zone: ZoneInfo, dates: bool) -> pa.Array:
    """Times that are local to another zone, with that zone's offset taken into account."""
    blank = blank_mask(texts)
    given = pc.utf8_trim_whitespace(pc.if_else(blank, "1970-01-02", texts))
    if dates:
        days, faults = read_days(given, zone)
        shown = pa.array(days.astype(np.int32), pa.int32()).cast(pa.date32()).cast(pa.string())
    else:
        seconds, faults = read_instants(given, zone)
        stamps = pa.array(np.where(faults == 0, seconds, 0), pa.int64()).cast(pa.timestamp("s"))
        shown = pc.binary_join_element_wise(pc.strftime(stamps, "%Y-%m-%dT%H:%M:%S"), "Z", "")
    return pc.if_else(pc.or_(blank, pa.array(faults != 0)), texts, shown)


def _coded(texts: pa.Array, column: ColumnConfig) -> pa.Array:
    """Codes are looked up as they stand, blanks around them apart (a padded column)."""
    trimmed = pc.utf8_trim_whitespace(texts)
    codes = pa.array(list(column.codes), pa.string())
    at = pc.index_in(trimmed, value_set=codes)
    values = pa.array([v or None for v in column.codes.values()], pa.string()).take(at)
    unlisted = texts if column.other is None else pc.if_else(blank_mask(texts), texts, column.other)
    return pc.if_else(pc.is_valid(at), values, unlisted)


def _split(texts: pa.Array, separator: str) -> pa.Array:
    lists = {
        text: json.dumps([item.strip() for item in text.split(separator) if item.strip()], ensure_ascii=False)
        for text in texts.unique().to_pylist()
        if text is not None and text.strip()
    }
    return pa.array([lists.get(text, text) for text in texts.to_pylist()], pa.string())
