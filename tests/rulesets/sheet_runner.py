"""Judges one case of a sheet: its rows through validation, facts, screen and durable-rules, in this process.

Rows say only what matters: a mandatory field that is left out gets a neutral value (the first code, a name, a time long ago), a key that is
left out a number. Records of which a case says nothing are there and empty.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from auditor.adjudicate import Adjudication
from auditor.audit import OWN_CALENDAR
from auditor.calendar.working_calendar import WorkingCalendar
from auditor.contract import Field, Record
from auditor.derive.logs import Logs
from auditor.engine import CompiledRule, Engine
from auditor.instants import DEFAULT_ZONE, NEVER, from_iso, to_iso
from auditor.judge import Judged, judge
from auditor.load.read import RawRecord
from auditor.parameters import Parameters, load_parameters
from auditor.periods import Period, parse_period
from auditor.rulebook import Ruleset, load_ruleset
from auditor.rulebook.sheets import SheetCase
from auditor.validate import Admitted, validate
from auditor.vocabulary.questions import VERDICTS
from auditor.waivers import read_waivers

LONG_AGO = {"time": "2001-01-01T00:00:00", "date": "2001-01-01"}

Row = Mapping[str, Any]


class InProcess:
    """Adjudicates like `auditor.adjudicate.Adjudicator`, without processes."""

    def adjudicate(self, rule: CompiledRule, facts: pa.Table) -> Adjudication:
        columns = [facts.column(name).to_pylist() for name, _ in rule.fields]
        with Engine(rule) as engine:
            codes = [engine.judge(values) for values in zip(*columns, strict=True)] if columns else [engine.judge([])] * facts.num_rows
        return Adjudication(np.array(codes, np.int8), [])


@dataclass(frozen=True)
class Outcome:
    """What the program says of a case. `since_due`: done − due in seconds, None where nothing is done or due."""

    verdict: str
    counted_at: str | None = None
    due_at: str | None = None
    done_at: str | None = None
    liable: str | None = None
    staff: str | None = None
    subject: str | None = None
    reason: str | None = None
    since_due: int | None = None


def outcome_of(case: SheetCase) -> Outcome:
    """The verdict of the case, "outside" where it is none of the period's cases."""
    judged = next(j for j in judged_rules(case) if j.rule.code == case.rule)
    if judged.not_auditable is not None:
        return Outcome("not_auditable", reason=judged.not_auditable)
    assert judged.cases is not None and judged.verdict is not None
    found = np.flatnonzero(np.asarray(judged.cases.case_ids(), object) == case.case_id)
    assert len(found) <= 1, f"{case.place}: {case.case_id} is judged {len(found)} times"
    if not len(found):
        return Outcome("outside")
    at = int(found[0])
    due, done = int(judged.cases.due_at[at]), int(judged.cases.done_at[at])
    return Outcome(
        VERDICTS[judged.verdict[at]],
        to_iso(int(judged.cases.counted_at[at]), DEFAULT_ZONE),
        to_iso(due, DEFAULT_ZONE),
        to_iso(done, DEFAULT_ZONE),
        _text(judged.party, at) or _text(judged.org, at),
        _text(judged.staff, at),
        _text(judged.subject, at),
        judged.reason[at],
        done - due if done < NEVER and due < NEVER else None,
    )


def local(time: str) -> str:
    """A time of a sheet (without a zone: local) as outcomes have it."""
    return str(to_iso(from_iso(time, DEFAULT_ZONE), DEFAULT_ZONE))


def judged_rules(case: SheetCase) -> list[Judged]:
    """The case's rule, and the rules that it reasons on, judged over the case's rows."""
    ruleset = load_ruleset(case.ruleset)
    logs = logs_of_rows(ruleset, case.rows, _period(case.period), from_iso(case.as_of, DEFAULT_ZONE), case.lacks, case.parameters)
    waivers = read_waivers(case.waivers, ruleset.name, DEFAULT_ZONE)
    return judge(ruleset, logs, waivers, InProcess(), only=[case.rule])  # type: ignore[arg-type]


def logs_of_rows(
    ruleset: Ruleset,
    rows: Mapping[str, list[Row]],
    period: Period,
    as_of: int,
    lacks: tuple[str, ...] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Logs:
    """The rows as the records of a site. `lacks`: records (`ticket`) and columns (`ticket.org_id`) that the site does not have."""
    admitted: dict[str, Admitted] = {}
    for name in ruleset.regulation.reads:
        if name not in lacks:
            columns = tuple(sorted(lack.partition(".")[2] for lack in lacks if lack.startswith(f"{name}.")))
            admitted[name] = _admitted(ruleset.contract[name], json.dumps(rows.get(name, []), default=_plain), columns, ruleset.name)
    return Logs(
        admitted,
        contract=ruleset.contract,
        absent={name: f"the source has no table {name}" for name in lacks if "." not in name},
        facts=ruleset.facts,
        parameters=load_parameters(ruleset.folder / "parameters.toml", overrides, None, DEFAULT_ZONE)
        if overrides
        else own_parameters(ruleset.folder),
        calendar=own_calendar(),
        period=period,
        as_of=as_of,
        zone=DEFAULT_ZONE,
        data=ruleset.tables,
    )


@functools.lru_cache(maxsize=4096)
def _admitted(record: Record, rows: str, lacks: tuple[str, ...], ruleset: str) -> Admitted:
    columns = [field for field in record.fields if field.name not in lacks]
    values = [{f.name: _stored(row.get(f.name), f, number) for f in columns} for number, row in enumerate(json.loads(rows), 1)]
    table = pa.Table.from_pylist(values, pa.schema([(f.name, pa.string()) for f in columns]))
    admitted, refusals = validate(RawRecord.of_table(record, table), ruleset, DEFAULT_ZONE)
    assert not refusals.num_rows, f"a row of {record.name} breaks the contract: {refusals.to_pylist()}"
    return admitted


def _stored(value: Any, field: Field, number: int) -> str | None:
    """A value as text, as a source gives it."""
    if value is None and field.mandatory:
        return _neutral(field, number)
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _neutral(field: Field, number: int) -> str:
    match field.kind:
        case "code":
            return field.codes[0]
        case "time" | "date":
            return LONG_AGO[field.kind]
        case "int" | "num" | "bool":
            return "0"
        case "list":
            return "[]"
    return f"{field.name}-{number}"


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} is no value of a row")


def _text(column: Any, at: int) -> str | None:
    value = np.asarray(column, object)[at]
    return value if isinstance(value, str) else None


@functools.cache
def own_parameters(folder: Path) -> Parameters:
    return load_parameters(folder / "parameters.toml", None, None, DEFAULT_ZONE)


@functools.cache
def own_calendar() -> WorkingCalendar:
    return WorkingCalendar.from_files(OWN_CALENDAR)


@functools.cache
def _period(text: str) -> Period:
    return parse_period(text)
