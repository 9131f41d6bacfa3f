"""Local days of instants, and instants of local days, over whole columns and for any time zone.

Arrays are int64: instants in seconds since 1970-01-01 UTC, days as day numbers since 1970-01-01.
What is not on record stays so: NEVER and NEVER_DAY go through every function and come out as NEVER, NEVER_DAY or NO_NUMBER.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from auditor.instants import NEVER, NEVER_DAY, NO_NUMBER

Days = npt.NDArray[np.int64]
Instants = npt.NDArray[np.int64]

DAY = 86_400
"""Seconds of a day."""

_FIRST = int(datetime(1969, 12, 1, tzinfo=UTC).timestamp())
_LAST = int(datetime(2201, 2, 1, tzinfo=UTC).timestamp())


class _Offsets(NamedTuple):
    """A zone's offsets from UTC: `offset[i]` holds from instant `start[i]` until `start[i + 1]`."""

    start: Instants
    offset: npt.NDArray[np.int64]


def local_day(instants: Instants, zone: ZoneInfo) -> Days:
    """The day number of each instant on the zone's clock; NEVER_DAY where it is NEVER."""
    instants = np.asarray(instants, np.int64)
    days = (instants + _offset_at(instants, zone)) // DAY
    return np.where(instants >= NEVER, NEVER_DAY, days)


def seconds_of_day(instants: Instants, zone: ZoneInfo) -> npt.NDArray[np.int64]:
    """What the zone's clock shows, in seconds since its midnight (0 to 86399); NO_NUMBER where the instant is NEVER."""
    instants = np.asarray(instants, np.int64)
    seconds = (instants + _offset_at(instants, zone)) % DAY
    return np.where(instants >= NEVER, NO_NUMBER, seconds)


def start_of_day(days: Days, zone: ZoneInfo) -> Instants:
    """The first second of each local day; NEVER where the day is NEVER_DAY.

    That is 00:00:00, but for a day whose midnight the clock jumps over. Where the clock is set back over midnight,
    it is the instant from which the day is not left again.
    """
    days = np.asarray(days, np.int64)
    wall = np.minimum(days, NEVER_DAY) * DAY
    table = _offsets(zone)
    if len(table.start) == 1 or (wall.size and wall.min() > table.start[-1] + table.offset[-1]):
        starts = wall - table.offset[-1]
    else:
        at = np.maximum(np.searchsorted(table.start + table.offset, wall, side="left") - 1, 0)
        following = np.append(table.start[1:], NEVER)
        starts = np.minimum(wall - table.offset[at], following[at])
    return np.where(days >= NEVER_DAY, NEVER, starts)


def end_of_day(days: Days, zone: ZoneInfo) -> Instants:
    """The last second of each local day, 23:59:59; NEVER where the day is NEVER_DAY."""
    days = np.asarray(days, np.int64)
    return np.where(days >= NEVER_DAY, NEVER, start_of_day(days + 1, zone) - 1)


def add_months(days: Days, n: int | npt.NDArray[np.int64]) -> Days:
    """The same day of the month, n months on (back where negative), or the last of that month where it is shorter.

    NEVER_DAY stays NEVER_DAY.
    """
    days = np.asarray(days, np.int64)
    dates = np.minimum(days, NEVER_DAY).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    day_of_month = (dates - months.astype("datetime64[D]")).astype(np.int64)
    target = months + np.asarray(n, np.int64).astype("timedelta64[M]")
    first = target.astype("datetime64[D]").astype(np.int64)
    length = (target + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - first
    return np.where(days >= NEVER_DAY, NEVER_DAY, first + np.minimum(day_of_month, length - 1))


def year_month(days: Days) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Year and month (1 to 12) of each day; NEVER_DAY is in (9999, 12), after every month on record."""
    months = np.minimum(np.asarray(days, np.int64), NEVER_DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months // 12 + 1970, months % 12 + 1


def _offset_at(instants: Instants, zone: ZoneInfo) -> npt.NDArray[np.int64]:
    table = _offsets(zone)
    # Most zones of a site have not changed their offset for decades: one number then serves all.
    if len(table.start) == 1 or (instants.size and instants.min() >= table.start[-1]):
        return table.offset[-1:]
    at = np.maximum(np.searchsorted(table.start, instants, side="right") - 1, 0)
    return table.offset[at]


@lru_cache(maxsize=32)
def _offsets(zone: ZoneInfo) -> _Offsets:
    """The zone's changes of offset from 1970 to 2200, the years that the contract admits.

    zoneinfo does not show its table, so it is asked once a day, and the second of each change is found by halving.
    """

    def offset(instant: int) -> int:
        delta = datetime.fromtimestamp(instant, zone).utcoffset()
        assert delta is not None, "an aware datetime has an offset"
        return delta.days * DAY + delta.seconds

    starts, offsets = [_FIRST], [offset(_FIRST)]
    for day_end in range(_FIRST + DAY, _LAST, DAY):
        found = offset(day_end)
        if found == offsets[-1]:
            continue
        before, after = day_end - DAY, day_end
        while after - before > 1:
            middle = (before + after) // 2
            if offset(middle) == offsets[-1]:
                before = middle
            else:
                after = middle
        starts.append(after)
        offsets.append(found)
    return _Offsets(np.array(starts, np.int64), np.array(offsets, np.int64))
