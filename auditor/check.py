"""Configuration, sources and mappings, tried without auditing: what is there, what is not, and what looks wrong.

A mapping that is wrong accuses people. So before the first audit each record is read once and described: rows, blanks, codes that
the contract does not know, times that cannot be, and the rules that will not be auditable.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.adjudicate import Adjudicator
from auditor.calendar.local_time import end_of_day
from auditor.calendar.working_calendar import WorkingCalendar
from auditor.contract import Record
from auditor.derive.logs import Logs
from auditor.errors import SourceError
from auditor.instants import NEVER, day_number, to_iso
from auditor.judge import judge
from auditor.load import Absent, RawRecord
from auditor.parameters import Parameters
from auditor.periods import Period, parse_period
from auditor.rulebook import Ruleset
from auditor.validate import Admitted, validate
from auditor.waivers import Waivers

MOST_CODES = 20
"""Unknown codes shown a column, the most frequent first."""

_PERIOD = re.compile(r"\d{4}(?:H[12]|Q[1-4]|-(?:0[1-9]|1[0-2]))?")
_CALENDAR_REACH = 60 * 86400
"""A limit in working days that starts within these seconds before the calendar's end may run past it."""


@dataclass(frozen=True)
class ColumnCheck:
    """One column of the admitted rows. Times are ISO 8601; `future`: later than now; `before_start`: earlier than the row's first step."""

    name: str
    kind: str
    blank: int
    earliest: str | None = None
    latest: str | None = None
    future: int = 0
    before_start: int = 0


@dataclass(frozen=True)
class RecordCheck:
    """One record as the site has it: `read` rows, of which `refused` go to quarantine, for `reasons` (column → reason → rows)."""

    record: str
    source: str
    table: str
    read: int
    refused: int
    reasons: Mapping[str, Mapping[str, int]]
    unknown_codes: Mapping[str, Mapping[str, int]]
    """Column → the code that is not the contract's → rows."""
    odd_periods: Mapping[str, int]
    """Texts that name no period → rows."""
    columns: Sequence[ColumnCheck]
    missing: Mapping[str, str]
    """Column → why the site does not have it."""


@dataclass
class RulesetCheck:
    """What `check` says of one ruleset at the site."""

    ruleset: str
    sources: Mapping[str, str]
    records: list[RecordCheck] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)
    not_auditable: dict[str, str] = field(default_factory=dict)
    calendar: str | None = None
    """What the working calendar does not cover."""
    failures: list[str] = field(default_factory=list)
    """Sources that could not be read."""
    statements: list[tuple[str, str]] = field(default_factory=list)
    """(record, SQL) of every statement that an audit sends."""
    tables: list[tuple[str, str]] = field(default_factory=list)
    """(source, table) of every table that the statements read by name."""


def check_ruleset(
    ruleset: Ruleset,
    read: Callable[[Record], RawRecord | Absent],
    sources: Mapping[str, str],
    *,
    parameters: Parameters,
    calendar: WorkingCalendar,
    zone: ZoneInfo,
    now: int,
    data: Mapping[str, Any] | None = None,
    rows: bool = True,
) -> RulesetCheck:
    """Reads every record of the ruleset once and describes it; a source that fails costs its own records alone.

    `read` gives one record. Without `rows` nothing is read but the schema (for the statements). Raises UsageError for a mapping
    that does not fit.
    """
    found = RulesetCheck(ruleset.name, sources)
    admitted: dict[str, Admitted] = {}
    latest = 0
    for name in ruleset.regulation.reads:
        try:
            raw = read(ruleset.contract[name])
            if isinstance(raw, Absent):
                found.absent[name] = raw.reason
                continue
            found.statements += [(name, sql) for sql in raw.statements]
            found.tables += [one for one in raw.tables if one not in found.tables]
            if not rows:
                continue
            admitted[name], refusals = validate(raw, ruleset.name, zone)
        except SourceError as error:
            found.failures.append(str(error))
            found.absent[name] = str(error)
            continue
        found.records.append(_describe(admitted[name], refusals, zone, now))
        latest = max(latest, _latest(admitted[name], now))
        admitted[name] = replace(admitted[name], table=admitted[name].table.slice(0, 0))
    if rows:
        found.not_auditable = _not_auditable(ruleset, admitted, found.absent, parameters, calendar, zone, now, data or {})
        found.calendar = _calendar(parameters, calendar, zone, latest)
    return found


def _describe(admitted: Admitted, refusals: pa.Table, zone: ZoneInfo, now: int) -> RecordCheck:
    record, table = admitted.record, admitted.table
    reasons: dict[str, dict[str, int]] = {}
    for one in refusals.group_by(["field", "reason"]).aggregate([([], "count_all")]).to_pylist():
        reasons.setdefault(one["field"], {})[one["reason"]] = one["count_all"]
    unknown: dict[str, dict[str, int]] = {}
    codes = refusals.filter(pc.equal(refusals["reason"], "unknown_code"))
    for one in codes.group_by(["field", "value"]).aggregate([([], "count_all")]).to_pylist():
        unknown.setdefault(one["field"], {})[one["value"]] = one["count_all"]
    periods: Counter[str] = Counter()
    if "period" in table.column_names:
        for one in pc.value_counts(table["period"].cast(pa.string()).drop_null()).to_pylist():
            if not _PERIOD.fullmatch(one["values"]):
                periods[one["values"]] += one["counts"]
    return RecordCheck(
        record=record.name,
        source=admitted.source,
        table=admitted.table_name,
        read=admitted.rows_read,
        refused=admitted.rows_refused,
        reasons={n: dict(sorted(reasons[n].items())) for n in record.names if n in reasons},
        unknown_codes={n: _most(unknown[n]) for n in record.names if n in unknown},
        odd_periods=_most(periods),
        columns=_columns(record, table, zone, now),
        missing=admitted.missing,
    )


def _most(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_CODES])


def _columns(record: Record, table: pa.Table, zone: ZoneInfo, now: int) -> list[ColumnCheck]:
    found = []
    first: npt.NDArray[np.int64] | None = None
    for name in table.column_names:
        column, of = table[name], record.field(name)
        if of.kind != "time":
            found.append(ColumnCheck(name, of.kind, column.null_count))
            continue
        times = column.cast(pa.int64()).fill_null(NEVER).to_numpy()
        shown = times[times < NEVER]
        before = 0
        if first is None:
            first = times
        elif of.role in ("act", "valid_to"):
            before = int(((times < first) & (first < NEVER)).sum())
        found.append(
            ColumnCheck(
                name,
                of.kind,
                column.null_count,
                to_iso(int(shown.min()), zone) if len(shown) else None,
                to_iso(int(shown.max()), zone) if len(shown) else None,
                int((shown > now).sum()) if of.role in ("act", "event") else 0,
                before,
            )
        )
    return found


def _latest(admitted: Admitted, now: int) -> int:
    """The latest time of an act or event that is not in the future: from there working days are counted."""
    fields = [admitted.record.field(n) for n in admitted.table.column_names]
    names = [f.name for f in fields if f.kind == "time" and f.role in ("act", "event")]
    times = [admitted.table[n].cast(pa.int64()).drop_null().to_numpy() for n in names]
    past = [t[t <= now] for t in times]
    return max((int(t.max()) for t in past if len(t)), default=0)


def _not_auditable(
    ruleset: Ruleset,
    admitted: Mapping[str, Admitted],
    absent: Mapping[str, str],
    parameters: Parameters,
    calendar: WorkingCalendar,
    zone: ZoneInfo,
    now: int,
    data: Mapping[str, Any],
) -> dict[str, str]:
    """What a rule needs is told by the columns, not by the rows: so the rules are tried on records without rows."""
    logs = Logs(
        admitted,
        contract=ruleset.contract,
        absent=absent,
        facts=ruleset.facts,
        parameters=parameters,
        calendar=calendar,
        period=_period(now, zone),
        as_of=now,
        zone=zone,
        data={**ruleset.tables, **data},
    )
    with Adjudicator(1) as adjudicator:  # it has no case to judge, and starts no process
        judged = judge(ruleset, logs, Waivers(), adjudicator)
    return {one.rule.code: one.not_auditable for one in judged if one.not_auditable is not None}


def _period(now: int, zone: ZoneInfo) -> Period:
    return parse_period(str(to_iso(now, zone))[:4], zone)


def _calendar(parameters: Parameters, calendar: WorkingCalendar, zone: ZoneInfo, latest: int) -> str | None:
    counted = sorted(p.name for p in parameters if p.unit == "working_day")
    if not counted or not calendar.known_years or not latest:
        return None
    last = max(calendar.known_years)
    end = int(end_of_day(np.array([day_number(date(last, 12, 31))], np.int64), zone)[0])
    if latest + _CALENDAR_REACH <= end:
        return None
    return (
        f"the working calendar ends with {last}: limits in working days ({', '.join(counted)}) that run on into {last + 1} "
        f"make their cases indeterminate; give a file with {last + 1} under calendars in the site's configuration"
    )


def grants(dialect: str, tables: Iterable[str], user: str) -> list[str]:
    """What the database's administrator has to grant, and no more: reading these tables."""
    name = {"mysql": f"'{user}'@'%'", "mssql": f"[{user}]", "sqlite": ""}.get(dialect, f'"{user}"' if dialect == "postgresql" else user)
    if dialect == "sqlite":
        return ["-- SQLite: permission to read the file is enough"]
    statements = [f"GRANT SELECT ON {table} TO {name};" for table in tables]
    if dialect == "postgresql":
        schemas = sorted({table.rpartition(".")[0] for table in tables if "." in table})
        statements = [f"GRANT USAGE ON SCHEMA {schema} TO {name};" for schema in schemas] + statements
    return statements
