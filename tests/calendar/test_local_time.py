from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.calendar.local_time import add_months, end_of_day, local_day, seconds_of_day, start_of_day, year_month
from auditor.instants import NEVER, NEVER_DAY, NO_NUMBER, day_number, from_iso

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [
    SHANGHAI,
    *map(
        ZoneInfo, ("UTC", "Asia/Hong_Kong", "Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Asia/Kathmandu", "Africa/Casablanca")
    ),
]

instants = st.integers(0, int(datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()))


@given(st.lists(instants, min_size=1, max_size=20), st.sampled_from(ZONES))
def test_local_day_and_clock_agree_with_zoneinfo(seconds: list[int], zone: ZoneInfo) -> None:
    column = np.array(seconds, np.int64)
    local = [datetime.fromtimestamp(second, zone) for second in seconds]
    assert local_day(column, zone).tolist() == [day_number(time.date()) for time in local]
    assert seconds_of_day(column, zone).tolist() == [time.hour * 3600 + time.minute * 60 + time.second for time in local]


@given(st.lists(instants, min_size=1, max_size=20), st.sampled_from(ZONES))
def test_a_day_begins_and_ends_with_its_first_and_last_second(seconds: list[int], zone: ZoneInfo) -> None:
    days = local_day(np.array(seconds, np.int64), zone)
    starts, ends = start_of_day(days, zone), end_of_day(days, zone)
    assert local_day(starts, zone).tolist() == days.tolist()
    assert local_day(starts - 1, zone).tolist() == (days - 1).tolist()
    assert local_day(ends, zone).tolist() == days.tolist()
    assert (ends + 1).tolist() == start_of_day(days + 1, zone).tolist()


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("Asia/Shanghai", date(2026, 9, 30), "2026-09-30T00:00:00+08:00", "2026-09-30T23:59:59+08:00"),
        ("Asia/Shanghai", date(1988, 7, 1), "1988-07-01T00:00:00+09:00", "1988-07-01T23:59:59+09:00"),  # summer time of 1986 to 1991
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-29T00:00:00+01:00", "2026-03-29T23:59:59+02:00"),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T01:00:00-02:00", "2018-11-04T23:59:59-02:00"),  # midnight is jumped over
        ("America/Sao_Paulo", date(2018, 2, 17), "2018-02-17T00:00:00-02:00", "2018-02-17T23:59:59-03:00"),  # 23:00 to 24:00 twice
        ("America/Havana", date(2026, 11, 1), "2026-11-01T00:00:00-04:00", "2026-11-01T23:59:59-05:00"),  # 00:00 to 01:00 twice
    ],
)
def test_days_with_a_change_of_the_clock(zone: str, day: date, start: str, end: str) -> None:
    days = np.array([day_number(day)], np.int64)
    assert start_of_day(days, ZoneInfo(zone)).tolist() == [from_iso(start)]
    assert end_of_day(days, ZoneInfo(zone)).tolist() == [from_iso(end)]


def test_what_is_not_on_record_stays_so() -> None:
    never, never_day = np.array([NEVER, 0], np.int64), np.array([NEVER_DAY, 0], np.int64)
    for zone in ZONES:
        assert local_day(never, zone)[0] == NEVER_DAY
        assert seconds_of_day(never, zone)[0] == NO_NUMBER
        assert start_of_day(never_day, zone)[0] == NEVER
        assert end_of_day(never_day, zone)[0] == NEVER
    assert add_months(never_day, 12).tolist() == [NEVER_DAY, 365]
    assert [column[0] for column in year_month(never_day)] == [9999, 12]


@given(st.dates(date(1970, 1, 1), date(2199, 12, 31)), st.integers(-240, 240))
def test_months_are_added_to_the_same_day_or_the_last_of_a_shorter_month(day: date, n: int) -> None:
    month = day.year * 12 + day.month - 1 + n
    last = (date(month // 12 + (month % 12 == 11), (month + 1) % 12 + 1, 1) - timedelta(1)).day
    expected = date(month // 12, month % 12 + 1, min(day.day, last))
    added = add_months(np.array([day_number(day)], np.int64), n)
    assert added.tolist() == [day_number(expected)]
    assert [int(column[0]) for column in year_month(added)] == [expected.year, expected.month]


def test_empty_columns_give_empty_columns() -> None:
    empty = np.empty(0, np.int64)
    for zone in ZONES:
        assert local_day(empty, zone).size == start_of_day(empty, zone).size == seconds_of_day(empty, zone).size == 0
