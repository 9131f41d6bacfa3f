"""The book that the demonstration is written into: rows, running numbers, and the planted cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from random import Random

Row = dict[str, object]

FIRST_DAY, LAST_DAY = date(2026, 6, 22), date(2026, 9, 30)
"""Orders are taken on these days; the last June days are there so that the quarter does not begin with an empty desk."""

PLANT_FROM, PLANT_TO = date(2026, 7, 2), date(2026, 9, 11)
"""Planted acts begin on these days, so that whatever follows from them is due within the quarter."""

_SHANGHAI = timezone(timedelta(hours=8))
_HOLIDAYS = {date(2026, 6, 19), date(2026, 9, 25), *(date(2026, 10, n) for n in range(1, 8))}
_MAKE_UP_DAYS = {date(2026, 9, 20), date(2026, 10, 10)}


def is_working_day(day: date) -> bool:
    """Whether the bureau's offices are open (State Council's calendar of 2026, June to October)."""
    return day in _MAKE_UP_DAYS or (day.weekday() < 5 and day not in _HOLIDAYS)


def working_days_after(day: date, number: int) -> date:
    """The number-th working day after the day."""
    while number:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day


def minutes(number: float) -> timedelta:
    """So many minutes, to the second."""
    return timedelta(seconds=round(number * 60))


def hours(number: float) -> timedelta:
    """So many hours, to the second."""
    return timedelta(seconds=round(number * 3600))


class Book:
    """Rows by record, with the planted (rule, case id) beside them."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.rows: dict[str, list[Row]] = {}
        self.planted: list[tuple[str, str]] = []
        self._serial: Counter[str] = Counter()

    def number(self, prefix: str, day: date | None = None) -> str:
        """The next running number, as the bureau's systems give it: `BX20260703-0012`."""
        head = prefix if day is None else f"{prefix}{day:%Y%m%d}"
        self._serial[head] += 1
        return f"{head}-{self._serial[head]:04d}"

    def add(self, record: str, **fields: object) -> None:
        """A row; times become ISO 8601 text of Shanghai, fields without a value are left out."""
        self.rows.setdefault(record, []).append({name: _text(value) for name, value in fields.items() if value is not None})

    def plant(self, rule: str, case_id: str) -> None:
        """Note a breach or merit that an audit must find."""
        self.planted.append((rule, case_id))

    def between(self, low: float, high: float) -> float:
        """A number from the range."""
        return self.random.uniform(low, high)

    def office_time(self, day: date) -> datetime:
        """A time of office hours on the day."""
        return at(day, self.random.choice((8, 9, 9, 10, 10, 11, 14, 14, 15, 15, 16))) + minutes(self.between(0, 59.9))

    def any_time(self, day: date) -> datetime:
        """A time of the day as customers call: few at night, many in the evening."""
        hour = self.random.choices(range(24), (1, 1, 1, 1, 1, 2, 4, 6, 7, 7, 6, 6, 7, 6, 6, 6, 6, 7, 9, 11, 11, 9, 5, 2))[0]
        return at(day, hour) + minutes(self.between(0, 59.9))

    def plant_day(self) -> date:
        """A working day from which a planted act falls due within the quarter."""
        while True:
            day = PLANT_FROM + timedelta(days=self.random.randrange((PLANT_TO - PLANT_FROM).days))
            if is_working_day(day):
                return day

    def days(self) -> Iterator[date]:
        """Every day on which orders are taken."""
        for number in range((LAST_DAY - FIRST_DAY).days + 1):
            yield FIRST_DAY + timedelta(days=number)


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """The local time on the day."""
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=_SHANGHAI)


def _text(value: object) -> object:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
