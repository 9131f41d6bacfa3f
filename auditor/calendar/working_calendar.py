"""Working days: weekdays without the public holidays, and the weekends that are worked in their stead.

A year that no file covers is unknown, never guessed: its make-up days are announced only the autumn before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from auditor.calendar.local_time import end_of_day, local_day, year_month
from auditor.errors import UsageError
from auditor.instants import NEVER, NEVER_DAY, day_number, day_of
from auditor.toml_source import TomlSource, read_toml

CHINA = Path(__file__).with_name("china.toml")
"""The calendar that comes with the auditor: holidays and make-up days as the State Council announced them."""

_SPAN = re.compile(r"(\d\d)-(\d\d)(?:\.\.(\d\d)-(\d\d))?", re.ASCII)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class CalendarError(UsageError):
    """A calendar file that cannot be read as one; the text names the file, the line and the key."""


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One year: `off` = the days that are free besides the weekends, `make_up` = the weekend days that are worked."""

    off: frozenset[date]
    make_up: frozenset[date]


class WorkingCalendar:
    """Which days are worked, and when N working days are over."""

    def __init__(self, years: Mapping[int, CalendarYear], version: str) -> None:
        self._years = dict(sorted(years.items()))
        self._version = version
        first, last = (min(self._years), max(self._years)) if self._years else (1970, 1969)
        self._first_day = day_number(date(first, 1, 1))
        self._state = np.concatenate([np.empty(0, np.int8), *(self._states(year) for year in range(first, last + 1))])
        days = np.arange(self._first_day, self._first_day + len(self._state), dtype=np.int64)
        self._working_days = days[self._state == 1]
        # Both tables have one entry a day and one for the day after the last.
        self._worked_before = np.concatenate(([0], np.cumsum(self._state == 1))).astype(np.int64)
        self._next_unknown = _next_unknown(self._state) + self._first_day

    @classmethod
    def from_files(cls, *paths: Path | str) -> WorkingCalendar:
        """The auditor's own calendar (CHINA) with a site's files on top, the last one uppermost.

        A year that stands in a file replaces that whole year of the files below it.
        Raises UsageError where a file cannot be read, and CalendarError (one of them) where it is no calendar; both name
        the file, and line and key.
        """
        years: dict[int, CalendarYear] = {}
        versions: dict[str, None] = {}
        for path in (CHINA, *map(Path, paths)):
            found, version = _read(path)
            years.update(found)
            versions[version] = None
        return cls(years, "+".join(versions))

    @property
    def version(self) -> str:
        """The versions of the files that it was read from, joined by '+'."""
        return self._version

    @property
    def known_years(self) -> tuple[int, ...]:
        """The years that the calendar covers, in order."""
        return tuple(self._years)

    def is_working(self, day_numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
        """1 where the day is worked, 0 where it is free, -1 where its year is not known."""
        index = np.asarray(day_numbers, np.int64) - self._first_day
        inside = (index >= 0) & (index < len(self._state))
        states = np.full(index.shape, -1, np.int8)
        states[inside] = self._state[index[inside]]
        return states

    def due_after(
        self, start_instants: npt.NDArray[np.int64], n: npt.NDArray[np.int64] | int, zone: ZoneInfo
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The end (23:59:59 local) of the n-th working day after each start's local day, and the year that was missing.

        The start's own day never counts; n = 0 is the end of that day, worked or not. `due` is NEVER where the start is
        NEVER and where a day that had to be looked at lies in an unknown year; `unknown_year` is then the first such
        year, else 0. Raises ValueError where n is negative.
        """
        starts = np.asarray(start_instants, np.int64)
        count = np.broadcast_to(np.asarray(n, np.int64), starts.shape)
        if count.size and int(count.min()) < 0:
            raise ValueError(f"a limit of {int(count.min())} working days: it cannot be negative")
        start_day = local_day(starts, zone)
        asked = (starts < NEVER) & (count > 0)

        index = start_day + 1 - self._first_day
        inside = (index >= 0) & (index < len(self._state))
        index = np.where(inside, index, len(self._state))
        # The number of days worked before the day after the start is also the place of the first one that counts.
        place = self._worked_before[index] + count - 1
        within_table = place < len(self._working_days)
        due_day = np.full(starts.shape, NEVER_DAY, np.int64)
        fits = asked & inside & within_table
        due_day[fits] = self._working_days[place[fits]]
        first_unknown = np.where(inside, self._next_unknown[index], start_day + 1)
        known = fits & (due_day < first_unknown)

        due_day = np.where(known, due_day, np.where(asked, NEVER_DAY, start_day))
        unknown = asked & ~known
        unknown_year = np.zeros(starts.shape, np.int64)
        unknown_year[unknown] = year_month(first_unknown[unknown])[0]
        return end_of_day(due_day, zone), unknown_year

    def days_not_counted(self, start_instant: int, due_instant: int, zone: ZoneInfo) -> tuple[date, ...]:
        """The free days after the start's local day, up to and with the due day's; none where either is NEVER.

        Days of unknown years are not among them.
        """
        if start_instant >= NEVER or due_instant >= NEVER:
            return ()
        first, last = local_day(np.array([start_instant, due_instant], np.int64), zone).tolist()
        days = np.arange(first + 1, last + 1, dtype=np.int64)
        return tuple(day_of(number) for number in days[self.is_working(days) == 0].tolist())

    def _states(self, year: int) -> npt.NDArray[np.int8]:
        first = day_number(date(year, 1, 1))
        length = day_number(date(year + 1, 1, 1)) - first
        if year not in self._years:
            return np.full(length, -1, np.int8)
        # 1970-01-01 was a Thursday, and Monday is 0.
        states = ((np.arange(first, first + length) + 3) % 7 < 5).astype(np.int8)
        states[_offsets_in_year(self._years[year].off, first)] = 0
        states[_offsets_in_year(self._years[year].make_up, first)] = 1
        return states


def _offsets_in_year(days: Iterable[date], first: int) -> npt.NDArray[np.int64]:
    return np.array(sorted(day_number(day) - first for day in days), np.int64)


def _next_unknown(state: npt.NDArray[np.int8]) -> npt.NDArray[np.int64]:
    """For each place the first one from there on whose state is unknown; the place after the last is unknown."""
    length = len(state)
    places = np.append(np.where(state == -1, np.arange(length), length), length)
    return np.minimum.accumulate(places[::-1])[::-1].astype(np.int64)


def _read(path: Path) -> tuple[dict[int, CalendarYear], str]:
    source = read_toml(path)
    for key in source.data:
        if key not in ("version", "source", "years"):
            raise _error(source, (key,), "no such key; a calendar has version, source and years")
    version = source.data.get("version")
    if not isinstance(version, str) or not version.strip():
        raise _error(source, ("version",), 'missing or not a text; write version = "2027.1", a new one with every change')
    years = source.data.get("years", {})
    if not isinstance(years, dict):
        raise _error(source, ("years",), "write one table a year, such as [years.2027]")
    return {_year_number(source, name): _year(source, name, table) for name, table in years.items()}, version


def _year_number(source: TomlSource, name: str) -> int:
    if re.fullmatch(r"(19[7-9]|20\d|21\d)\d", name, re.ASCII) is None:
        raise _error(source, ("years", name), "not a year from 1970 to 2199")
    return int(name)


def _year(source: TomlSource, name: str, table: object) -> CalendarYear:
    if not isinstance(table, dict):
        raise _error(source, ("years", name), "write a table with off and make_up")
    for key in ("off", "make_up"):
        if key not in table:
            raise _error(source, ("years", name), f"{key} is missing; a year without any says {key} = []")
    for key in table:
        if key not in ("off", "make_up"):
            raise _error(source, ("years", name, key), "no such key; a year has off and make_up")
    off = _days(source, name, "off", table["off"])
    make_up = _days(source, name, "make_up", table["make_up"])
    where = ("years", name, "make_up")
    for day, text in make_up.items():
        if day.weekday() < 5:
            what = f"{day} is a {_WEEKDAYS[day.weekday()]}, and worked anyway; a make-up day is a Saturday or Sunday"
            raise _error(source, where, what, text)
        if day in off:
            raise _error(source, where, f"{day} is also in off; a day is free or worked", text)
    return CalendarYear(frozenset(off), frozenset(make_up))


def _days(source: TomlSource, year: str, key: str, spans: object) -> dict[date, str]:
    """The days of a list of 'MM-DD' and 'MM-DD..MM-DD', each with the text that names it."""
    where = ("years", year, key)
    if not isinstance(spans, list):
        raise _error(source, where, 'write a list of days such as ["01-01..01-03", "05-01"]')
    days: dict[date, str] = {}
    for text in spans:
        first, last = _span(int(year), text)
        if first is None or last is None:
            raise _error(source, where, f"{text!r} is no day MM-DD or MM-DD..MM-DD of {year}", str(text))
        if last < first:
            raise _error(source, where, f"{text!r} ends before it begins; split what crosses the end of the year", text)
        for day in (first + timedelta(n) for n in range((last - first).days + 1)):
            if day in days:
                raise _error(source, where, f"{text!r}: {day} stands twice, also in {days[day]!r}", text)
            days[day] = text
    return days


def _span(year: int, text: object) -> tuple[date | None, date | None]:
    match = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None, None
    month, day, to_month, to_day = match.groups()
    try:
        first = date(year, int(month), int(day))
        return first, date(year, int(to_month), int(to_day)) if to_month else first
    except ValueError:
        return None, None


def _error(source: TomlSource, keys: tuple[str, ...], what: str, item: str = "") -> CalendarError:
    """The error at a key or, where an item of its list is to blame, at the line of that item."""
    line = source.line_of(*keys)
    if item:
        rest = source.path.read_text(encoding="utf-8-sig").splitlines()[line - 1 :]
        line += next((number for number, text in enumerate(rest) if item in text), 0)
    return CalendarError(f"{source.path}, line {line}, {'.'.join(keys)}: {what}")
