"""Writes auditor/calendar/china.toml from the package chinesecalendar, for the years that it covers.

Run once when a new version of that package brings a new year: `python tools/seed_calendar.py 2026.1`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from chinese_calendar import Holiday
from chinese_calendar.constants import holidays, workdays

TARGET = Path(__file__).resolve().parents[1] / "auditor" / "calendar" / "china.toml"
NAMES = {holiday.value: f"{holiday.value} {holiday.chinese}" for holiday in Holiday}

HEAD = """\
# The working calendar of mainland China: public holidays, and the weekend days that are worked in their stead,
# as the State Council announces them each autumn for the year after.
# off: days that are free (a span may run over weekends, which are free anyway). make_up: Saturdays and Sundays that are worked.
# A site supplies or corrects a year in a file of its own, in this same form; that year then replaces the whole one here.

version = "{version}"
source = "State Council notices on holiday arrangements, 2004 to 2026"
"""


def spans(days: Iterable[tuple[date, str]]) -> Iterable[tuple[date, date, str]]:
    """Runs of consecutive days of the same name."""
    run: list[date] = []
    name = ""
    for day, its_name in sorted(days):
        if run and day == run[-1] + timedelta(1) and its_name == name:
            run.append(day)
            continue
        if run:
            yield run[0], run[-1], name
        run, name = [day], its_name
    if run:
        yield run[0], run[-1], name


def year_table(year: int) -> str:
    """The table of one year."""

    def lines(days: dict[date, str]) -> str:
        of_year = [(day, name) for day, name in days.items() if day.year == year]
        rows = [
            f'    "{first:%m-%d}{"" if first == last else f"..{last:%m-%d}"}",  # {NAMES[name]}' for first, last, name in spans(of_year)
        ]
        return "[\n" + "\n".join(rows) + "\n]" if rows else "[]"

    return f"[years.{year}]\noff = {lines(holidays)}\nmake_up = {lines(workdays)}\n"


def main(version: str) -> None:
    years = range(min(holidays).year, max(holidays).year + 1)
    TARGET.write_text("\n".join([HEAD.format(version=version), *map(year_table, years)]), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/seed_calendar.py VERSION, such as 2026.1")
    main(sys.argv[1])
