"""When a duty falls due, as values: `after("dispatched_at", "contact_limit")`, `before("planned_off_at", "planned_notice")`.

A limit names the fact that starts its clock and the parameter that measures it; the parameter's unit tells how it is counted
(seconds to days on the clock, working days on the calendar).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class By:
    """A limit that depends on a code: `by("area_type", urban="arrival_urban", rural="arrival_rural")`."""

    field: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class After:
    """Due `limit` after `start`. Without a limit: due at the start itself, which must have come."""

    start: str
    limit: str | By
    from_day_end: bool = False
    """The clock starts at 23:59:59 of the day `start` (a date)."""
    received: str | None = None
    """The receipt that starts a derived clock: a case whose receipt is later than as-of is outside."""


@dataclass(frozen=True, slots=True)
class Before:
    """Due `limit` before `event` (at the event itself without a limit)."""

    event: str
    limit: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """Due at an instant that is on record or derived as a fact; `start` is the fact that starts its clock (None: it has always run),
    `year_unknown` the fact that names a calendar year not known (0 where known)."""

    due: str
    start: str | None
    year_unknown: str | None = None
    received: str | None = None
    parameters: tuple[str, ...] = ()


Limit = After | Before | Given


def by(field: str, **parameters: str) -> By:
    """The parameter that applies to each code of a field; a blank or other code makes the case indeterminate."""
    return By(field, dict(parameters))


def after(start: str, limit: str | By, *, received: str | None = None) -> After:
    """`start + limit`; a limit in working days ends at 23:59:59 of the N-th working day after the day of the start."""
    return After(start, limit, received=received)


def after_day(start: str, limit: str) -> After:
    """23:59:59 of the date `start`, `limit` days on."""
    return After(start, limit, from_day_end=True)


def before(event: str, limit: str) -> Before:
    """`event − limit`: an entry later than that is late; the case counts once the event has come or the act is on record."""
    return Before(event, limit)


def at(event: str) -> Before:
    """Due at the event itself; outside until it has come."""
    return Before(event, None)


def given(
    due: str, *, start: str | None, year_unknown: str | None = None, received: str | None = None, parameters: tuple[str, ...] = ()
) -> Given:
    """Due at the fact `due`; without a `start` the clock has always run."""
    return Given(due, start, year_unknown, received, parameters)


@dataclass(frozen=True, slots=True)
class AfterPeriod:
    """Handed in after the period: 23:59:59 of the N-th day after the period's last day."""

    limit: str


@dataclass(frozen=True, slots=True)
class FollowingMonth:
    """Handed in by 23:59:59 of the N-th day of the month after the period."""

    day: str


@dataclass(frozen=True, slots=True)
class WithinPeriod:
    """Once within the period, whose last second is due."""


@dataclass(frozen=True, slots=True)
class FromPeriodStart:
    """Handed in early in the period: 23:59:59 of the N-th day of it, the first day counted as 1; the clock starts with the period."""

    days: str


PeriodLimit = AfterPeriod | FollowingMonth | WithinPeriod | FromPeriodStart


def after_period(limit: str) -> AfterPeriod:
    return AfterPeriod(limit)


def of_following_month(day: str) -> FollowingMonth:
    return FollowingMonth(day)


def within_period() -> WithinPeriod:
    return WithinPeriod()


def from_period_start(days: str) -> FromPeriodStart:
    return FromPeriodStart(days)
