from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import UsageError
from auditor.instants import from_iso
from auditor.periods import Every, enumerate_periods, parse_period

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026H1", date(2026, 1, 1), date(2026, 6, 30)),
        ("2026H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("2026Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("2026-09", date(2026, 9, 1), date(2026, 9, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-09-01..2026-09-30", date(2026, 9, 1), date(2026, 9, 30)),
        ("2026-12-31..2027-01-01", date(2026, 12, 31), date(2027, 1, 1)),
        ("2026-12-31..2026-12-31", date(2026, 12, 31), date(2026, 12, 31)),
    ],
)
def test_the_forms_of_a_period(text: str, first: date, last: date) -> None:
    period = parse_period(text, SHANGHAI)
    assert (period.text, period.first, period.last) == (text, first, last)
    assert period.start_at == from_iso(f"{first}T00:00:00+08:00")
    assert period.end_at == from_iso(f"{last}T23:59:59+08:00")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not one of the forms"),
        ("2026Q5", "not one of the forms"),
        ("2026q3", "not one of the forms"),
        ("２０２６", "not one of the forms"),
        ("2026-13", "there is no month 13"),
        ("2026-00", "there is no month 00"),
        ("2026-02-01..2026-02-30", "day"),
        ("2026-09-01", "not one of the forms"),
        ("0000", "year"),
        ("9999", "year"),
    ],
)
def test_another_text_is_refused_with_the_forms_in_one_paragraph(text: str, says: str) -> None:
    with pytest.raises(UsageError, match="is no period") as raised:
        parse_period(text, SHANGHAI)
    assert says in str(raised.value)
    assert "2026Q3" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_period_backwards_or_of_years_beyond_the_contract_is_refused() -> None:
    with pytest.raises(UsageError, match="ends before it begins"):
        parse_period("2026-09-30..2026-09-01", SHANGHAI)
    for text in ("1969", "2200", "2199-12-31..2200-01-01"):
        with pytest.raises(UsageError, match="1970 to 2199"):
            parse_period(text, SHANGHAI)


def test_a_quarter_is_one_however_it_is_written() -> None:
    assert parse_period("2026Q3", SHANGHAI).is_calendar_quarter
    assert parse_period("2026-07-01..2026-09-30", SHANGHAI).is_calendar_quarter
    for text in ("2026", "2026-07", "2026-08-01..2026-10-31", "2026-07-01..2026-09-29", "2026H1"):
        assert not parse_period(text, SHANGHAI).is_calendar_quarter


def test_the_months_of_a_period_of_whole_months() -> None:
    assert parse_period("2026Q3", SHANGHAI).months() == ("2026-07", "2026-08", "2026-09")
    assert parse_period("2026-12-01..2027-01-31", SHANGHAI).months() == ("2026-12", "2027-01")
    assert parse_period("2026-07-02..2026-07-31", SHANGHAI).months() == ()
    assert parse_period("2026-07-01..2026-07-30", SHANGHAI).months() == ()


@pytest.mark.parametrize(
    ("every", "labels"),
    [
        ("month", ["2026-05", "2026-06", "2026-07"]),
        ("quarter", ["2026Q2", "2026Q3"]),
        ("half_year", ["2026H1", "2026H2"]),
        ("year", ["2026"]),
    ],
)
def test_whole_periods_that_have_a_day_in_a_span(every: Every, labels: list[str]) -> None:
    found = enumerate_periods(every, date(2026, 5, 31), date(2026, 7, 1))
    assert [label for label, _, _ in found] == labels
    for label, first, last in found:
        parsed = parse_period(label, SHANGHAI)
        assert (parsed.first, parsed.last) == (first, last)


@given(st.sampled_from(["month", "quarter", "half_year", "year"]), st.dates(date(1970, 1, 1), date(2150, 1, 1)), st.integers(0, 2000))
def test_whole_periods_cover_the_span_without_gap_or_overlap(every: Every, first: date, days: int) -> None:
    last = first + timedelta(days)
    found = enumerate_periods(every, first, last)
    assert found[0][1] <= first <= found[0][2]
    assert found[-1][1] <= last <= found[-1][2]
    assert all(after[1] == before[2] + timedelta(1) for before, after in pairwise(found))


def test_no_period_where_the_span_is_empty() -> None:
    assert enumerate_periods("month", date(2026, 9, 2), date(2026, 9, 1)) == []
    assert enumerate_periods("month", date(2026, 9, 2), date(2026, 8, 1)) == []
