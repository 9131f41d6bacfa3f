"""Instants: whole seconds since 1970-01-01 UTC, with a value for "not on record"."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

NEVER = 253402300799
"""9999-12-31T23:59:59Z, later than any time that the contract admits: an act that is not on record."""

NEVER_DAY = 2932896
"""The day number of 9999-12-31: a date that is not on record."""

NO_NUMBER = -(10**15)
"""A whole number that is not on record."""

DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")

_EPOCH_DAY = date(1970, 1, 1)


def to_iso(instant: int, zone: ZoneInfo = DEFAULT_ZONE) -> str | None:
    """ISO 8601 with the zone's offset, to the second; None where the instant is not on record."""
    if instant >= NEVER:
        return None
    return datetime.fromtimestamp(instant, zone).isoformat(timespec="seconds")


def from_iso(text: str, zone: ZoneInfo = DEFAULT_ZONE) -> int:
    """Seconds of an ISO 8601 text; without an offset it is local in `zone`. Fractions are dropped.

    Raises ValueError where the text is no such time.
    """
    stamp = datetime.fromisoformat(text)
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=zone)
    return (stamp - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH_DAY).days


def day_of(number: int) -> date:
    """The date of a day number."""
    return _EPOCH_DAY + timedelta(days=number)
