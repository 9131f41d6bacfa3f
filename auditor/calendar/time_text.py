"""Times and dates, native or ISO 8601 text, to instants and days.

Whole columns go through Arrow's own parser; only what it does not take is read one by one, so that an odd format costs what
it is worth. Fractions of a second are dropped, toward the earlier second.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.calendar.local_time import DAY, local_day, seconds_of_day, start_of_day
from auditor.instants import day_number

Instants = npt.NDArray[np.int64]
Faults = npt.NDArray[np.int8]

FINE, UNREADABLE, IMPOSSIBLE = 0, 1, 2

FIRST_DAY, LAST_DAY = day_number(date(1970, 1, 1)), day_number(date(2199, 12, 31))
"""The days, on the zone's clock, that a log can show."""

_SMALL = 256
"""Below this many rows one by one is no slower than splitting further."""

_USUAL = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}"
_ZONE = r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)$"
_FRACTION = r"^([^.,]*:[0-9]{2}:[0-9]{2})[.,][0-9]+"
_OFFSET = r"(?P<zone>[zZ]|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)"
_EXTENDED = r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?:[Tt ](?P<H>\d\d)(?::(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,]\d+)?)?)? *OFFSET?)?"
_BASIC = _EXTENDED.replace("-(", "(").replace("(?::(", "(?:(")
_ISO = tuple(re.compile(form.replace("OFFSET", _OFFSET), re.ASCII) for form in (_EXTENDED, _BASIC))


class Clock(NamedTuple):
    """What texts show: seconds of the wall clock or, where `zoned`, of UTC; `fault` FINE, UNREADABLE or IMPOSSIBLE."""

    seconds: Instants
    zoned: npt.NDArray[np.bool_]
    fault: Faults


def read_instants(column: pa.Array, zone: ZoneInfo) -> tuple[Instants, Faults]:
    """Instants of a column without nulls (text, timestamp or date), local in `zone` where it shows none."""
    clock = _clock(column)
    seconds, fault = np.where(clock.zoned, clock.seconds, 0), clock.fault.copy()
    local = ~clock.zoned
    if local.any():
        seconds[local] = to_utc(clock.seconds[local], zone)
    first = int(start_of_day(np.array([FIRST_DAY]), zone)[0])
    last = int(start_of_day(np.array([LAST_DAY + 1]), zone)[0]) - 1
    fault[(fault == FINE) & ((seconds < first) | (seconds > last))] = IMPOSSIBLE
    return seconds, fault


def read_days(column: pa.Array, zone: ZoneInfo) -> tuple[Instants, Faults]:
    """Day numbers of a column without nulls: of a time the day on the zone's clock."""
    if pa.types.is_string(column.type):
        try:
            days = column.cast(pa.date32()).cast(pa.int32()).cast(pa.int64()).to_numpy()
            return days, _possible(days, np.zeros(len(column), np.int8))
        except pa.ArrowInvalid:
            pass
    clock = _clock(column)
    days = np.where(clock.zoned, local_day(np.where(clock.zoned, clock.seconds, 0), zone), clock.seconds // DAY)
    return days, _possible(days, clock.fault)


def to_utc(wall: Instants, zone: ZoneInfo) -> Instants:
    """Instants of what a zone's clock shows. Where it shows a time twice the earlier one holds."""

    def offset(instants: Instants) -> Instants:
        return local_day(instants, zone) * DAY + seconds_of_day(instants, zone) - instants

    wall = np.clip(wall, (FIRST_DAY - 2) * DAY, (LAST_DAY + 2) * DAY)
    before, after = offset(wall - DAY), offset(wall + DAY)
    instants = wall - before
    near_change = np.flatnonzero(before != after)
    for shown in np.unique(wall[near_change]):
        moment = datetime(1970, 1, 1, tzinfo=zone) + timedelta(seconds=int(shown))  # on the wall clock
        instants[near_change[wall[near_change] == shown]] = int(moment.timestamp())
    return instants


def _possible(days: Instants, fault: Faults) -> Faults:
    fault = fault.copy()
    fault[(fault == FINE) & ((days < FIRST_DAY) | (days > LAST_DAY))] = IMPOSSIBLE
    return fault


def _clock(column: pa.Array) -> Clock:
    size = len(column)
    if pa.types.is_timestamp(column.type):
        ticks = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[column.type.unit]
        seconds = column.cast(pa.int64()).to_numpy() // ticks
        return Clock(seconds, np.full(size, column.type.tz is not None), np.zeros(size, np.int8))
    if pa.types.is_date(column.type):
        days = column.cast(pa.date32()).cast(pa.int32()).cast(pa.int64()).to_numpy()
        return Clock(days * DAY, np.zeros(size, bool), np.zeros(size, np.int8))
    # Arrow is slow to say no: it is asked only where a look at three values says that it will take them all.
    seen = [_shows_zone(column[at].as_py()) for at in (0, size // 2, size - 1)] if size else []
    if size and seen[0] is not None and len(set(seen)) == 1:
        seconds = _cast(column, seen[0], "us")
        if seconds is not None:
            return Clock(seconds, np.full(size, seen[0]), np.zeros(size, np.int8))
    return _mixed(column)


def _shows_zone(text: str) -> bool | None:
    """Whether a time of the usual form shows a zone; None where it has another form."""
    usual = re.match(_USUAL, text)
    if usual is None:
        return None
    rest = re.sub(r"^[.][0-9]{1,6}", "", text[usual.end() :])
    return False if not rest else True if re.fullmatch(_ZONE, rest) else None


def _cast(texts: pa.Array, zoned: bool, unit: str) -> Instants | None:
    """Arrow's own reading of the whole column; None where one value is not as the others."""
    try:
        stamps = texts.cast(pa.timestamp(unit, "UTC" if zoned else None))
    except pa.ArrowInvalid:
        return None
    seconds: Instants = stamps.cast(pa.int64()).to_numpy() // (10**6 if unit == "us" else 1)
    return seconds


def _mixed(texts: pa.Array) -> Clock:
    """A column in which some times show a zone, some do not, or some are none."""
    plain = pc.replace_substring_regex(texts, _FRACTION, r"\1")
    clock = Clock(np.zeros(len(texts), np.int64), np.zeros(len(texts), bool), np.zeros(len(texts), np.int8))
    odd = np.ones(len(texts), bool)
    for form, with_zone in ((_USUAL + _ZONE, True), (_USUAL + "$", False)):
        usual = np.asarray(pc.match_substring_regex(plain, form).to_numpy(zero_copy_only=False), dtype=bool)
        rows = np.flatnonzero(usual)
        if len(rows):
            _read_rows(plain.take(pa.array(rows)), rows, with_zone, clock)
        odd &= ~usual
    rows = np.flatnonzero(odd)
    _read_each(texts.take(pa.array(rows)), rows, clock)
    return clock


def _read_rows(texts: pa.Array, rows: npt.NDArray[np.int64], zoned: bool, into: Clock) -> None:
    """Halves the column until Arrow takes a part, and reads what is left one by one."""
    seconds = _cast(texts, zoned, "s")
    if seconds is not None:
        into.seconds[rows], into.zoned[rows] = seconds, zoned
    elif len(rows) > _SMALL:
        half = len(rows) // 2
        _read_rows(texts.slice(0, half), rows[:half], zoned, into)
        _read_rows(texts.slice(half), rows[half:], zoned, into)
    else:
        _read_each(texts, rows, into)


def _read_each(texts: pa.Array, rows: npt.NDArray[np.int64], into: Clock) -> None:
    for row, text in zip(rows, texts.to_pylist(), strict=True):
        into.seconds[row], into.zoned[row], into.fault[row] = read_one(text)


@lru_cache(maxsize=10_000)
def read_one(text: str) -> tuple[int, bool, int]:
    """Seconds, whether of UTC, and the fault of one ISO 8601 text."""
    match = next((m for m in (form.fullmatch(text) for form in _ISO) if m), None)
    if match is None:
        return 0, False, UNREADABLE
    part = match.groupdict()
    try:
        year, month, day, hour, minute, second = (int(part[p] or 0) for p in "ymdHMS")
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return 0, False, IMPOSSIBLE
    seconds = int(moment.timestamp())
    shift = part["zone"]
    if shift is None:
        return seconds, False, FINE
    digits = (re.sub(r"\D", "", shift) + "000000")[:6]
    hours, minutes, rest = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hours > 23 or minutes > 59 or rest > 59:
        return 0, False, UNREADABLE
    offset = hours * 3600 + minutes * 60 + rest
    return seconds + (offset if shift.startswith("-") else -offset), True, FINE
