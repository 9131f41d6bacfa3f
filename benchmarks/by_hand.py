"""(b) Deriving and screening of six rules, against the same duties written by hand as DuckDB SQL on the same Arrow tables.

Both begin with nothing read and end with case id, due instant and verdict of every case of the period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from auditor.calendar.working_calendar import WorkingCalendar
from auditor.derive.cases import build
from auditor.instants import from_iso
from auditor.periods import parse_period
from auditor.screen import screen
from auditor.vocabulary.questions import VERDICTS
from benchmarks.judging import Bench
from benchmarks.logs import AS_OF, PERIOD

_JUDGED = """
SELECT id, due_at,
       CASE WHEN unknown THEN 'indeterminate' WHEN done_at <= due_at THEN 'compliant'
            WHEN due_at >= {as_of} THEN 'pending' ELSE 'breach' END AS verdict
FROM ({cases}) WHERE counted_at BETWEEN {start} AND {end}
"""
"""`cases` gives id, due_at, done_at, counted_at and unknown; instants are seconds."""

_TICKETS = """
SELECT ticket_id, category, area_type, jurisdiction, no_visit_needed,
       epoch(received_at) AS received, epoch(dispatched_at) AS dispatched,
       CASE WHEN epoch(accepted_at) <= {as_of} THEN epoch(accepted_at) END AS accepted,
       CASE WHEN epoch(arrived_at) <= {as_of} THEN epoch(arrived_at) END AS arrived,
       CASE WHEN epoch(contacted_at) <= {as_of} THEN epoch(contacted_at) END AS contacted,
       CASE WHEN epoch(handled_at) <= {as_of} THEN epoch(handled_at) END AS handled
FROM ticket WHERE {where}
"""

SQL = {
    "PW101": """
        SELECT notice_id AS id, off - 7 * 86400 AS due_at, entered AS done_at, coalesce(off - 7 * 86400, entered) AS counted_at,
               off IS NULL AS unknown
        FROM (SELECT notice_id, epoch(planned_off_at) AS off,
                     CASE WHEN epoch(entered_at) <= {as_of} THEN epoch(entered_at) END AS entered
              FROM outage_notice WHERE kind = 'planned')
        WHERE off <= {as_of} OR entered IS NOT NULL
    """,
    "PW105": """
        SELECT o.outage_id AS id, epoch(o.off_at) AS due_at,
               CASE WHEN epoch(n.entered_at) <= {as_of} THEN epoch(n.entered_at) END AS done_at,
               epoch(o.off_at) AS counted_at, false AS unknown
        FROM outage o LEFT JOIN outage_notice n ON n.notice_id = o.notice_id
        WHERE o.kind <> 'fault' AND epoch(o.off_at) <= {as_of}
    """,
    "PW201": """
        SELECT ticket_id AS id, due_at, contacted AS done_at, due_at AS counted_at, false AS unknown
        FROM ({tickets:category = 'business_application' AND dispatched_at IS NOT NULL})
        JOIN third_working_day ON day = CAST(floor((dispatched + 8 * 3600) / 86400) AS BIGINT)
        WHERE dispatched <= {as_of}
    """,
    "PW301": """
        SELECT ticket_id AS id, dispatched + 300 AS due_at, accepted AS done_at, dispatched + 300 AS counted_at, false AS unknown
        FROM ({tickets:category = 'fault_repair'}) WHERE dispatched <= {as_of}
    """,
    "PW304": """
        SELECT r.event_id AS id, max(a.moment) + 1800 AS due_at, r.moment AS done_at,
               coalesce(max(a.moment) + 1800, r.moment) AS counted_at,
               max(a.moment) IS NULL AS unknown
        FROM (SELECT event_id, ticket_id, org_id, epoch("at") AS moment FROM ticket_event
              WHERE action = 'return' AND epoch("at") <= {as_of}) r
        LEFT JOIN ticket t USING (ticket_id)
        LEFT JOIN (SELECT ticket_id, org_id, epoch("at") AS moment FROM ticket_event WHERE action = 'accept') a
               ON a.ticket_id = r.ticket_id AND a.org_id = r.org_id AND a.moment < r.moment
        WHERE t.category = 'fault_repair' OR t.ticket_id IS NULL
        GROUP BY r.event_id, r.moment
    """,
    "PW308": """
        SELECT id, due_at, done_at, coalesce(CASE WHEN NOT unknown OR due_at IS NOT NULL THEN due_at END, received) AS counted_at, unknown
        FROM (SELECT ticket_id AS id, starts + limits.seconds AS due_at, arrived AS done_at, received,
                     area_type IS NULL OR (jurisdiction IS NULL AND accepted IS NOT NULL) AS unknown
              FROM (SELECT t.*, CASE WHEN r.first IS NOT NULL AND r.first < dispatched THEN greatest(received, dispatched)
                                     ELSE received END AS starts
                    FROM ({tickets:category = 'fault_repair'}) t
                    LEFT JOIN (SELECT ticket_id, min(epoch("at")) AS first FROM ticket_event WHERE action = 'return' GROUP BY ticket_id) r
                           USING (ticket_id)) t
              LEFT JOIN (VALUES ('urban', 2700), ('rural', 5400), ('remote', 7200)) limits(area, seconds) ON area = area_type
              WHERE (no_visit_needed IS NULL OR NOT no_visit_needed) AND (jurisdiction IN ('own', 'undetermined') OR jurisdiction IS NULL)
                AND received <= {as_of})
    """,
}
"""Code → its cases."""


@dataclass(frozen=True)
class Compared:
    """One rule both ways: seconds, and how many cases of which verdict."""

    code: str
    ours: float
    by_hand: float
    verdicts: dict[str, int]


def compare(bench: Bench, code: str) -> Compared:
    """Raises RuntimeError where the two do not give the same number of each verdict."""
    start = perf_counter()
    counts = _ours(bench, code)
    middle = perf_counter()
    other = _by_hand({name: a.table for name, a in bench.admitted.items()}, code)
    end = perf_counter()
    if counts != other:
        raise RuntimeError(f"{code}: {counts}, by hand {other}")
    return Compared(code, middle - start, end - middle, counts)


def _ours(bench: Bench, code: str) -> dict[str, int]:
    logs = bench.logs()
    cases = build(bench.ruleset.rules[code], logs)
    cases = cases.keep(cases.in_period())
    verdicts = screen(bench.ruleset.asked[code].questions, cases.view, cases.size)
    result = pa.table({"id": pa.array(cases.case_ids()), "due_at": cases.due_at, "verdict": pa.array(VERDICTS).take(pa.array(verdicts))})
    return _counts(result)


def _by_hand(tables: Mapping[str, pa.Table], code: str) -> dict[str, int]:
    period, as_of = parse_period(PERIOD), from_iso(AS_OF)
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        if code == "PW201":
            connection.register("third_working_day", _third_working_day())
        given: dict[str, Any] = {"as_of": as_of, "start": period.start_at, "end": period.end_at}
        cases = SQL[code]
        if "{tickets:" in cases:
            before, rest = cases.split("{tickets:")
            where, after = rest.split("}", 1)
            cases = before + _TICKETS.format(as_of=as_of, where=where) + after
        sql = _JUDGED.format(cases=cases.replace("{as_of}", str(as_of)), **given)
        return _counts(connection.sql(sql).to_arrow_table())


def _counts(result: pa.Table) -> dict[str, int]:
    counted = result["verdict"].value_counts().to_pylist()
    return {one["values"]: one["counts"] for one in sorted(counted, key=lambda one: str(one["values"]))}


def _third_working_day() -> pa.Table:
    """Local day → the last second (23:59:59 local) of the third working day after it."""
    calendar = WorkingCalendar.from_files()
    days = np.arange(20_000, 21_000)
    worked = np.flatnonzero(calendar.is_working(days) == 1)
    at = np.searchsorted(worked, np.arange(len(days)), side="right") + 2
    known = at < len(worked)
    due = (days[worked[at[known]]] + 1) * 86_400 - 8 * 3600 - 1
    return pa.table({"day": days[known], "due_at": due})
