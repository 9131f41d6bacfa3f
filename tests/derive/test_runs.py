"""What comes before what: rows before rows, misses in a row, calendar months."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.derive import NEVER, days_of_attempts, months_on, row_before
from auditor.derive.logs import Logs
from auditor.instants import DEFAULT_ZONE, from_iso, to_iso
from auditor.periods import parse_period
from auditor.rulebook import load_ruleset
from tests.rulesets.sheet_runner import logs_of_rows

Attempt = tuple[str, int, bool]
"""Unit, minutes since the evening of 8 February, answered."""


def _logs(rows: dict[str, list[dict[str, object]]]) -> Logs:
    return logs_of_rows(load_ruleset("heating"), rows, parse_period("2026"), from_iso("2026-12-31T00:00:00"))


def _at(minutes: int) -> str:
    return str(to_iso(from_iso("2026-02-08T22:00:00") + 60 * minutes))


def _attempts(attempts: list[Attempt]) -> Logs:
    rows: list[dict[str, object]] = [
        {"attempt_id": f"C{n:03}", "org_id": org, "at": _at(minutes), "outcome": "answered" if answered else "no_answer"}
        for n, (org, minutes, answered) in enumerate(attempts)
    ]
    return _logs({"contact_attempt": rows})


@given(st.lists(st.tuples(st.sampled_from(["A", "B"]), st.integers(0, 300), st.booleans()), max_size=30))
def test_days_of_attempts_find_the_third_miss_in_a_row_of_each_unit_and_local_day(attempts: list[Attempt]) -> None:
    logs = _attempts(attempts)
    ordered = sorted(((org, _at(m)[:10], m, n, answered) for n, (org, m, answered) in enumerate(attempts)))
    expected = {}
    for (org, day), calls in groupby(ordered, key=lambda call: call[:2]):
        run, reached, last, missed, count = 0, -1, -1, 0, 0
        for _, _, _, number, answered in calls:
            run = 0 if answered else run + 1
            if run == 3 and reached < 0:
                reached = number
            last, missed, count = number, missed + (not answered), count + 1
        expected[f"{org}:{day}"] = (last, reached, missed, count)
    days = days_of_attempts(logs, limit="unreachable_limit")
    found = zip(days.last.tolist(), days.reached.tolist(), days.missed.tolist(), days.attempts.tolist(), strict=True)
    # The rows of the record are sorted by key, and keys are numbered in the order given: a row is its number.
    assert dict(zip(days.case_id.tolist(), found, strict=True)) == expected
    assert sorted(days.rows.tolist()) == list(range(len(attempts)))


def test_no_attempts_give_no_days() -> None:
    days = days_of_attempts(_attempts([]), limit="unreachable_limit")
    assert (len(days.case_id), len(days.last), len(days.rows)) == (0, 0, 0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["C1", "C2", " "]),
            st.sampled_from(["no_heat", "quality"]),
            st.one_of(st.none(), st.integers(0, 5)),
            st.booleans(),
        ),
        max_size=20,
    )
)
def test_the_row_before_is_the_nearest_of_the_same_values_in_order_of_time_then_key(
    tickets: list[tuple[str, str, int | None, bool]],
) -> None:
    rows: list[dict[str, object]] = [
        {"ticket_id": f"T{n:02}", "customer_id": customer, "subject": subject, "received_at": None if minute is None else _at(minute)}
        for n, (customer, subject, minute, _) in enumerate(tickets)
    ]
    frame = _logs({"ticket": rows})["ticket"]
    among = np.array([taken for *_, taken in tickets], bool)
    expected = [-1] * len(tickets)
    last: dict[tuple[str, str], int] = {}
    for n in sorted(range(len(tickets)), key=lambda n: (tickets[n][2] or 0, n)):
        customer, subject, minute, taken = tickets[n]
        if customer.strip() and minute is not None and taken:
            expected[n] = last.get((customer, subject), -1)
            last[customer, subject] = n
    assert row_before(frame, "customer_id", "subject", time="received_at", among=among).tolist() == expected


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-10T13:00:00", 1, "2026-02-10T13:00:00"),
        ("2026-01-31T13:00:01", 1, "2026-02-28T13:00:01"),
        ("2024-01-31T23:59:59", 1, "2024-02-29T23:59:59"),
        ("2026-02-28T00:00:00", 1, "2026-03-28T00:00:00"),
        ("2025-12-31T00:00:00", 2, "2026-02-28T00:00:00"),
    ],
)
def test_months_on_keep_the_local_time_and_stop_at_the_end_of_a_shorter_month(start: str, months: int, end: str) -> None:
    found = months_on(_logs({}), np.array([from_iso(start), NEVER], np.int64), months)
    assert [to_iso(int(found[0])), int(found[1])] == [
        datetime.fromisoformat(end).replace(tzinfo=DEFAULT_ZONE).isoformat(),
        NEVER,
    ]
