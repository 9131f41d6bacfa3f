"""Periods of an audit: a year, half year, quarter, month or any span of days, both ends included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from auditor.calendar.local_time import end_of_day, start_of_day
from auditor.errors import UsageError
from auditor.instants import DEFAULT_ZONE, day_number

Every = Literal["month", "quarter", "half_year", "year"]

_MONTHS: dict[Every, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_FORMS = "2026, 2026H1, 2026Q3, 2026-09, or 2026-09-01..2026-09-30 (both days included)"
_FIRST_YEAR, _LAST_YEAR = 1970, 2199


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included, on the clock of `zone`; `text` is the period as it was given."""

    text: str
    first: date
    last: date
    zone: ZoneInfo = DEFAULT_ZONE

    @property
    def start_at(self) -> int:
        """The instant at which the first day begins."""
        return int(start_of_day(np.array([day_number(self.first)], np.int64), self.zone)[0])

    @property
    def end_at(self) -> int:
        """The last second of the last day."""
        return int(end_of_day(np.array([day_number(self.last)], np.int64), self.zone)[0])

    @property
    def is_calendar_quarter(self) -> bool:
        """Whether it is one quarter of a year, however it was written."""
        return [(first, last) for _, first, last in enumerate_periods("quarter", self.first, self.last)] == [(self.first, self.last)]

    def months(self) -> tuple[str, ...]:
        """The labels of its months, such as 2026-07, where it consists of whole months; else none."""
        months = enumerate_periods("month", self.first, self.last)
        whole = months[0][1] == self.first and months[-1][2] == self.last
        return tuple(label for label, _, _ in months) if whole else ()


def parse_period(text: str, zone: ZoneInfo = DEFAULT_ZONE) -> Period:
    """The period that a text such as 2026Q3 names, in the zone's days.

    Raises UsageError in one paragraph where the text is none of the forms, or no period of the years 1970 to 2199.
    """
    given = text.strip()
    try:
        first, last = _bounds(given)
    except ValueError as error:
        raise UsageError(f"{text!r} is no period ({error}); write {_FORMS}") from error
    if last < first:
        raise UsageError(f"the period {text!r} ends before it begins; write the earlier day first")
    if not (_FIRST_YEAR <= first.year and last.year <= _LAST_YEAR):
        raise UsageError(f"the period {text!r} lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return Period(given, first, last, zone)


def enumerate_periods(every: Every, first: date, last: date) -> list[tuple[str, date, date]]:
    """Label, first and last day of every month, quarter, half year or year that has a day between `first` and `last`.

    Periods are whole, also those that reach beyond the two days; labels are 2026-09, 2026Q3, 2026H1 and 2026.
    """
    return list(_whole_periods(every, first, last)) if first <= last else []


def _whole_periods(every: Every, first: date, last: date) -> Iterator[tuple[str, date, date]]:
    length = _MONTHS[every]
    number = (first.year * 12 + first.month - 1) // length
    while (begins := _first_of_month(number * length)) <= last:
        year, part = begins.year, (begins.month - 1) // length + 1
        label = {"month": f"{year:04}-{part:02}", "quarter": f"{year:04}Q{part}", "half_year": f"{year:04}H{part}", "year": f"{year:04}"}[
            every
        ]
        yield label, begins, _first_of_month((number + 1) * length) - timedelta(1)
        number += 1


def _bounds(text: str) -> tuple[date, date]:
    if match := re.fullmatch(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)", text, re.ASCII):
        return date.fromisoformat(match[1]), date.fromisoformat(match[2])
    match = re.fullmatch(r"(\d{4})(?:H([12])|Q([1-4])|-(\d\d))?", text, re.ASCII)
    if match is None:
        raise ValueError("not one of the forms")
    half, quarter, month = match[2], match[3], match[4]
    part, length = (int(half), 6) if half else (int(quarter), 3) if quarter else (int(month), 1) if month else (1, 12)
    if not 1 <= part <= 12 // length:
        raise ValueError(f"there is no month {month}")
    first = int(match[1]) * 12 + (part - 1) * length
    return _first_of_month(first), _first_of_month(first + length) - timedelta(1)


def _first_of_month(number: int) -> date:
    """The first day of the month with this number, counted from year 0."""
    return date(number // 12, number % 12 + 1, 1)
