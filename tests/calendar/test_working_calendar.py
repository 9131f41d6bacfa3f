from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.calendar.working_calendar import CHINA, CalendarError, CalendarYear, WorkingCalendar
from auditor.errors import UsageError
from auditor.instants import NEVER, day_number, from_iso, to_iso

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkingCalendar.from_files()


def due(start: str, n: int, calendar: WorkingCalendar = CALENDAR, zone: ZoneInfo = SHANGHAI) -> tuple[str | None, int]:
    instant, year = calendar.due_after(np.array([from_iso(start, zone)], np.int64), n, zone)
    return to_iso(int(instant[0]), zone), int(year[0])


def test_every_day_agrees_with_the_package_chinesecalendar() -> None:
    package = pytest.importorskip("chinese_calendar", reason="chinesecalendar is a package of the development group")
    days = [date(2004, 1, 1) + timedelta(n) for n in range((date(2026, 12, 31) - date(2004, 1, 1)).days + 1)]
    ours = CALENDAR.is_working(np.array([day_number(day) for day in days], np.int64))
    assert ours.tolist() == [int(package.is_workday(day)) for day in days]
    assert CALENDAR.known_years == tuple(range(2004, 2027))


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-09-07T10:00:00", 1, "2026-09-08"),  # Monday to Tuesday
        ("2026-09-11T10:00:00", 1, "2026-09-14"),  # over a weekend
        ("2026-09-12T10:00:00", 1, "2026-09-14"),  # from a Saturday
        ("2026-09-18T23:59:59", 1, "2026-09-20"),  # a Sunday that is worked
        ("2026-09-20T00:00:00", 1, "2026-09-21"),  # the start's own day does not count, worked or not
        ("2026-09-24T09:00:00", 2, "2026-09-29"),  # the Mid-autumn Festival is free
        ("2026-09-30T09:00:00", 1, "2026-10-08"),  # a week of National Day
        ("2026-09-30T09:00:00", 3, "2026-10-10"),  # and the Saturday after it, worked
        ("2026-10-03T09:00:00", 0, "2026-10-03"),  # none: the day itself
        ("2025-12-31T09:00:00", 2, "2026-01-05"),  # over the turn of the year, with the worked Sunday
    ],
)
def test_the_end_of_the_nth_working_day(start: str, n: int, end: str) -> None:
    assert due(start, n) == (f"{end}T23:59:59+08:00", 0)


def test_a_limit_that_reaches_an_unknown_year_is_unknown_and_names_it() -> None:
    assert due("2026-12-30T09:00:00", 1) == ("2026-12-31T23:59:59+08:00", 0)
    assert due("2026-12-31T09:00:00", 1) == (None, 2027)
    assert due("2027-05-01T09:00:00", 1) == (None, 2027)
    assert due("2035-05-01T09:00:00", 1) == (None, 2035)
    assert due("2035-05-01T09:00:00", 0) == ("2035-05-01T23:59:59+08:00", 0)
    # The days that count are all in 2004, which is known, though the start's own day is not.
    assert due("2003-12-31T09:00:00", 1) == ("2004-01-02T23:59:59+08:00", 0)
    assert due("2003-12-30T09:00:00", 1) == (None, 2003)


def test_a_start_not_on_record_has_no_due_instant() -> None:
    instants, years = CALENDAR.due_after(np.array([NEVER, NEVER], np.int64), np.array([0, 5], np.int64), SHANGHAI)
    assert instants.tolist() == [NEVER, NEVER]
    assert years.tolist() == [0, 0]


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 working days"):
        CALENDAR.due_after(np.array([0], np.int64), -1, SHANGHAI)


def naive_due(calendar: WorkingCalendar, start: date, n: int) -> tuple[date | None, int]:
    """The definition, day by day."""
    day = start
    while n:
        day += timedelta(1)
        state = int(calendar.is_working(np.array([day_number(day)], np.int64))[0])
        if state == -1:
            return None, day.year
        n -= state
    return day, 0


years = st.dictionaries(
    st.integers(2020, 2024),
    st.builds(lambda off, make_up: (off, make_up), st.sets(st.integers(1, 365), max_size=40), st.sets(st.integers(1, 365), max_size=40)),
    max_size=4,
)


def calendar_of(chosen: dict[int, tuple[set[int], set[int]]]) -> WorkingCalendar:
    def days(year: int, numbers: set[int]) -> frozenset[date]:
        return frozenset(date(year, 1, 1) + timedelta(number - 1) for number in numbers)

    return WorkingCalendar({y: CalendarYear(days(y, off), days(y, make_up - off)) for y, (off, make_up) in chosen.items()}, "test")


@given(
    years,
    st.lists(
        st.tuples(st.integers(day_number(date(2018, 12, 1)), day_number(date(2026, 2, 1))), st.integers(0, 700)), min_size=1, max_size=15
    ),
    st.sampled_from([SHANGHAI, ZoneInfo("Europe/Berlin"), ZoneInfo("America/Sao_Paulo")]),
    st.integers(0, 86399),
)
def test_due_after_agrees_with_counting_day_by_day(
    chosen: dict[int, tuple[set[int], set[int]]], cases: list[tuple[int, int]], zone: ZoneInfo, second: int
) -> None:
    calendar = calendar_of(chosen)
    starts = np.array([day * 86400 + second for day, _ in cases], np.int64)
    found, unknown = calendar.due_after(starts, np.array([n for _, n in cases], np.int64), zone)
    for start, (_, n), instant, year in zip(starts.tolist(), cases, found.tolist(), unknown.tolist(), strict=True):
        local = to_iso(start, zone)
        assert local is not None
        day, expected_year = naive_due(calendar, date.fromisoformat(local[:10]), n)
        assert year == expected_year
        shown = to_iso(instant, zone)
        assert (shown[:19] if shown else None) == (f"{day}T23:59:59" if day else None)


def test_the_days_that_did_not_count_are_named() -> None:
    start, end = from_iso("2026-09-30T09:00:00"), from_iso("2026-10-08T23:59:59")
    assert CALENDAR.days_not_counted(start, end, SHANGHAI) == tuple(date(2026, 10, day) for day in range(1, 8))
    assert CALENDAR.days_not_counted(from_iso("2026-09-18T09:00:00"), from_iso("2026-09-21T23:59:59"), SHANGHAI) == (date(2026, 9, 19),)
    assert CALENDAR.days_not_counted(start, NEVER, SHANGHAI) == ()
    assert CALENDAR.days_not_counted(NEVER, NEVER, SHANGHAI) == ()


def test_a_million_due_instants_are_a_matter_of_columns_not_of_loops() -> None:
    starts = np.random.default_rng(1).integers(from_iso("2020-01-01"), from_iso("2026-06-01"), 1_000_000)
    CALENDAR.due_after(starts[:10], 5, SHANGHAI)
    began = time.process_time()
    CALENDAR.due_after(starts, 5, SHANGHAI)
    # Some 0.1 s of processor time; ten times that still tells a loop over rows (5 s and more), however busy the machine is.
    assert time.process_time() - began < 1.0


def write(folder: Path, text: str) -> Path:
    path = folder / "site_calendar.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_site_supplies_a_year_and_corrects_another(tmp_path: Path) -> None:
    site = write(
        tmp_path,
        'version = "site 3"\n[years.2027]\noff = ["01-01..01-03"]\nmake_up = []\n[years.2026]\noff = ["12-31"]\nmake_up = ["10-03"]\n',
    )
    calendar = WorkingCalendar.from_files(site)
    assert calendar.known_years == tuple(range(2004, 2028))
    assert calendar.version == "2026.1+site 3"
    assert due("2026-12-30T09:00:00", 1, calendar) == ("2027-01-04T23:59:59+08:00", 0)
    # The corrected year is replaced as a whole.
    assert due("2026-09-30T09:00:00", 3, calendar) == ("2026-10-03T23:59:59+08:00", 0)


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ("[years.2027]\noff = []\nmake_up = []\n", 1, "version", "missing"),
        ('version = "1"\nholidays = []\n', 2, "holidays", "no such key"),
        ('version = "1"\n\n[years.27]\noff = []\nmake_up = []\n', 3, "years.27", "not a year"),
        ('version = "1"\n[years.2027]\noff = []\n', 2, "years.2027", "make_up is missing"),
        ('version = "1"\n[years.2027]\noff = []\nmake_up = []\nof = []\n', 5, "years.2027.of", "no such key"),
        ('version = "1"\n[years.2027]\noff = "01-01"\nmake_up = []\n', 3, "years.2027.off", "list of days"),
        ('version = "1"\n[years.2027]\noff = [\n  "01-01",\n  "02-29",\n]\nmake_up = []\n', 5, "years.2027.off", "'02-29' is no day"),
        ('version = "1"\n[years.2027]\noff = [1]\nmake_up = []\n', 3, "years.2027.off", "1 is no day"),
        ('version = "1"\n[years.2027]\noff = ["10-07..10-01"]\nmake_up = []\n', 3, "years.2027.off", "ends before it begins"),
        ('version = "1"\n[years.2027]\noff = [\n"10-01..10-07",\n"10-06"]\nmake_up = []\n', 5, "years.2027.off", "2027-10-06 stands twice"),
        ('version = "1"\n[years.2027]\noff = []\nmake_up = [\n"01-04"]\n', 5, "years.2027.make_up", "2027-01-04 is a Monday"),
        ('version = "1"\n[years.2027]\noff = ["01-02"]\nmake_up = ["01-02"]\n', 4, "years.2027.make_up", "also in off"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_file_line_and_key(tmp_path: Path, text: str, line: int, key: str, says: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(CalendarError) as raised:
        WorkingCalendar.from_files(path)
    assert str(raised.value).startswith(f"{path}, line {line}, {key}: ")
    assert says in str(raised.value)


def test_a_file_that_is_missing_or_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.toml: there is no such file"):
        WorkingCalendar.from_files(tmp_path / "absent.toml")
    with pytest.raises(UsageError, match=r"site_calendar\.toml: not valid TOML: .*line 1"):
        WorkingCalendar.from_files(write(tmp_path, "version = \n"))


def test_the_calendar_comes_with_the_package() -> None:
    assert CHINA.is_file()
    assert CALENDAR.version == "2026.1"
