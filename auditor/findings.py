"""Verdicts → findings: what is published of every case that is not simply compliant or pending."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Context
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.calendar.local_time import local_day
from auditor.citations import EvidenceBook
from auditor.derive.cases import Cases
from auditor.derive.coded_text import arrow_text
from auditor.derive.logs import Frame, Logs, NotAuditable
from auditor.derive.questions import BUILT
from auditor.derive.verbs import positions
from auditor.instants import NEVER, NEVER_DAY, NO_NUMBER, day_of, to_iso
from auditor.judge import Judged
from auditor.masking import Masker
from auditor.messages import Teller, Told
from auditor.parameters import Dated, Parameter
from auditor.rulebook import Ruleset, Wording
from auditor.score import ScoringModel
from auditor.vocabulary.expressions import And, Blank, Expr, Or, fields_of
from auditor.vocabulary.limits import Before, By
from auditor.vocabulary.questions import Verdict
from auditor.vocabulary.rules import Content, Deadline, Duty, Merit, Rule, State, When

MOST_INDETERMINATE = 10_000
"""Indeterminate cases of one rule and reason that become findings; all stand in verdicts.parquet."""

_EXACT = Context(prec=100)
"""Takes zeros off without rounding: more digits than the product of two admitted numbers has."""

PUBLISHED = (Verdict.BREACH, Verdict.INDETERMINATE, Verdict.INDICATOR, Verdict.MERIT, Verdict.WAIVED)

_LABELS = np.array([v.label for v in Verdict], object)


@dataclass
class Publisher:
    """What findings of one ruleset are made with."""

    ruleset: Ruleset
    logs: Logs
    masker: Masker
    model: ScoringModel
    own: Wording
    evidence: EvidenceBook
    zone: ZoneInfo
    cut: dict[str, dict[str, int]] = field(default_factory=dict)
    """Rule → reason → how many indeterminate cases are not listed."""

    def case_ids(self, judged: Judged) -> pa.ChunkedArray:
        """The case ids as they are published: a pseudonym where they are a customer's."""
        assert judged.cases is not None
        ids = arrow_text(judged.cases.case_ids())
        return self.masker.column("id", ids) if judged.rule.case_personal else ids

    def finding_id(self, rule: Rule, case_id: str, period: str) -> str:
        """Stable from run to run; keyed where the case id is personal; of the period for a state, or a merit of a whole period."""
        parts = [self.ruleset.name, rule.code, case_id]
        if isinstance(rule, State) or (isinstance(rule, Merit) and rule.at is None):
            parts.append(period)
        content = "\x1f".join(parts).encode()
        if rule.case_personal:
            return self.masker.keyed("finding", content)[:16]
        return hashlib.sha256(content).hexdigest()[:16]

    def findings(self, judged: Judged) -> Iterator[tuple[int, dict[str, Any]]]:
        """(case, finding) of each published case of a rule, ordered by case id."""
        if judged.cases is None or judged.verdict is None or not judged.size:
            return
        chosen = np.flatnonzero(np.isin(judged.verdict, PUBLISHED))
        if not len(chosen):
            return
        chosen_cases = judged.at(chosen)
        shown = np.array(self.case_ids(chosen_cases).to_pylist(), object)
        order = np.array(sorted(range(len(chosen)), key=lambda i: shown[i]), np.int64)
        order = order[self._listed(chosen_cases.at(order))]
        yield from zip(chosen[order].tolist(), self._build(chosen_cases.at(order), shown[order].tolist()), strict=True)

    def _listed(self, judged: Judged) -> list[int]:
        """The cases that become findings: of the indeterminate ones the first of each reason."""
        assert judged.verdict is not None
        seen: dict[str, int] = {}
        kept: list[int] = []
        for case, (verdict, reason) in enumerate(zip(judged.verdict.tolist(), judged.reason.tolist(), strict=True)):
            if verdict == Verdict.INDETERMINATE:
                seen[str(reason)] = seen.get(str(reason), 0) + 1
                if seen[str(reason)] > MOST_INDETERMINATE:
                    continue
            kept.append(case)
        over = {reason: n - MOST_INDETERMINATE for reason, n in seen.items() if n > MOST_INDETERMINATE}
        if over:
            self.cut[judged.rule.code] = over
        return kept

    def _build(self, judged: Judged, case_ids: list[str]) -> Iterator[dict[str, Any]]:
        rule, cases = judged.rule, judged.cases
        assert cases is not None and judged.verdict is not None
        unmasked_ids = arrow_text(cases.case_ids()).to_pylist()
        verdicts = _LABELS[judged.verdict].tolist()
        counted, due, done = cases.counted_at.tolist(), cases.due_at.tolist(), cases.done_at.tolist()
        org, staff, party, subject = (arrow_text(column).to_pylist() for column in (judged.org, judged.staff, judged.party, judged.subject))
        reasons = judged.reason.tolist()
        facts, plain = self._facts(cases)
        blanks = self._blank_fields(cases)
        cited = self.evidence.cite(cases)
        parameters = self._parameters(rule, cases.clock_at, cases.counted_at)
        clocks = self._clocks(judged)
        unit_names = _names(self.logs, "org_unit", org)
        staff_names = _names(self.logs, "staff", staff)
        teller = Teller(rule, self.ruleset.wording, self.own, self.logs.as_of, self.zone)
        period = self.logs.period.text
        subject_personal = rule.case_personal and not self.masker.unmask
        for i, case_id in enumerate(case_ids):
            verdict = verdicts[i]
            overdue = None
            if due[i] < NEVER and isinstance(rule, Deadline | Duty):
                overdue = (done[i] if done[i] < NEVER else self.logs.as_of) - due[i]
            told = Told(
                verdict, case_id, party[i] or unit_names[i], staff_names[i], counted[i], due[i], done[i], reasons[i], blanks[i], plain[i]
            )
            yield {
                "finding_id": self.finding_id(rule, unmasked_ids[i], period),
                "ruleset": self.ruleset.name,
                "rule": rule.code,
                "name": rule.name,
                "clause": rule.clause,
                "case_id": case_id,
                "subject": case_id if subject_personal else subject[i],
                "verdict": verdict,
                "severity": rule.severity.value,
                "reason": reasons[i],
                "points": self.model.points(verdict, rule.severity.value),
                "counted_at": to_iso(counted[i], self.zone),
                "breach_at": None if verdict == "indeterminate" else to_iso(counted[i], self.zone),
                "due_at": to_iso(due[i], self.zone),
                "done_at": to_iso(done[i], self.zone),
                "overdue_seconds": overdue,
                "liable_org": org[i],
                "liable_staff": staff[i],
                "liable_party": party[i],
                "clock": clocks[i],
                "parameters": parameters[i],
                "facts": facts[i] | ({"blank_fields": list(blanks[i])} if blanks[i] else {}),
                "evidence": cited[i],
                "message": teller.tell(told),
            }

    def _facts(self, cases: Cases) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What the verdict rests on, per case: as published (ISO times) and as a sentence says it (local times); both masked."""
        every = np.arange(cases.size)
        columns: dict[str, list[Any]] = {}
        said: dict[str, list[Any]] = {}
        for name in fact_names(cases.rule, self.ruleset):
            try:
                column = cases.view[name]
            except NotAuditable:
                continue
            tag = personal_tag(cases.frame, name)
            values = plain_values(column, every, name, self.zone)
            columns[name] = [self.masker.value(tag, value) for value in values] if tag else values
            said[name] = [v[:19].replace("T", " ") if isinstance(v, str) else v for v in columns[name]] if _is_time(name) else columns[name]
        return _rows(columns, cases.size), _rows(said, cases.size)

    def _blank_fields(self, cases: Cases) -> list[tuple[str, ...]]:
        rule = cases.rule
        named: list[tuple[str, list[bool]]] = []
        if isinstance(rule, Content):
            for item in rule.fields:
                names = (item,) if isinstance(item, str) else item.fields
                for name in names:
                    mask = cases.view.blank(name)
                    if isinstance(item, When):
                        mask = mask & cases.view.where(item.condition)
                    named.append((name, mask.tolist()))
        elif isinstance(rule, Deadline):
            for name, condition in _blanks_of(rule.incomplete):
                named.append((name, cases.view.where(condition).tolist()))
        return [tuple([name for name, mask in named if mask[i]]) for i in range(cases.size)]

    def _parameters(self, rule: Rule, clocks: npt.NDArray[np.int64], counted: npt.NDArray[np.int64]) -> list[dict[str, Any]]:
        """Name → value, unit, in force from, basis, as in force at the clock's start (where that is not known, at the case's instant)."""
        instants = np.where(clocks >= NEVER, counted, clocks)
        names = self.ruleset.parameters_of(rule)
        choices = {name: self.logs.parameters.positions(name, instants).tolist() for name in names}
        entries = {name: [_parameter(self.logs.parameters[name], v) for v in self.logs.parameters[name].values] for name in names}
        return [{name: entries[name][choices[name][i]] for name in names} for i in range(len(instants))]

    def _clocks(self, judged: Judged) -> list[dict[str, Any] | None]:
        """The reckoning of each due instant: start (or, `before`, the event), the parameter that measures, the days that did not count.

        None where the rule has no time limit, the due instant is not known, or the verdict is no breach.
        """
        rule, cases, logs = judged.rule, judged.cases, self.logs
        assert cases is not None and judged.verdict is not None
        clocks: list[dict[str, Any] | None] = [None] * cases.size
        if not isinstance(rule, Deadline | Duty):
            return clocks
        limit = rule.due
        start = "period" if isinstance(rule, Duty) else getattr(limit, "start", None) or getattr(limit, "event", None)
        named = next((getattr(limit, part) for part in ("limit", "day", "days") if getattr(limit, part, None)), None)
        codes = arrow_text(cases.view[named.field]).to_pylist() if isinstance(named, By) else []
        days = zip(local_day(cases.clock_at, self.zone).tolist(), local_day(cases.due_at, self.zone).tolist(), strict=True)
        not_counted: dict[tuple[int, int], list[str]] = {}
        rows = zip(cases.due_at.tolist(), cases.clock_at.tolist(), judged.verdict.tolist(), days, strict=True)
        for i, (due, clock, verdict, span) in enumerate(rows):
            if due >= NEVER or verdict not in (Verdict.BREACH, Verdict.WAIVED):
                continue
            parameter = named.parameters.get(codes[i]) if isinstance(named, By) else named
            working = parameter is not None and logs.parameters[parameter].unit == "working_day"
            if working and span not in not_counted:
                not_counted[span] = [day.isoformat() for day in logs.calendar.days_not_counted(clock, due, self.zone)]
            clocks[i] = {
                "start": start,
                "start_at": to_iso(clock, self.zone),
                "before": isinstance(limit, Before),
                "parameter": parameter,
                "not_counted": not_counted[span] if working else [],
            }
        return clocks


def fact_names(rule: Rule, ruleset: Ruleset) -> tuple[str, ...]:
    """The facts that a finding of the rule shows."""
    names: dict[str, None] = dict.fromkeys(fields_of(rule.population))
    names.update(dict.fromkeys(ruleset.asked[rule.code].fields))
    if isinstance(rule, Deadline):
        names.update(dict.fromkeys(rule.acts))
        names.update(dict.fromkeys(n for n in (getattr(rule.due, "start", None), getattr(rule.due, "event", None)) if n))
    if isinstance(rule, Duty):
        names.update(dict.fromkeys(("org_id", "period", *(("subject_id",) if rule.about else ()))))
    names.update(dict.fromkeys(rule.shows))
    return tuple(name for name in names if name not in BUILT)


def _blanks_of(condition: Expr) -> list[tuple[str, Expr]]:
    """The blank fields that a condition asks of, each with the condition under which it counts."""
    match condition:
        case Blank(field=name, present=False):
            return [(name, condition)]
        case Or(parts):
            return [pair for part in parts for pair in _blanks_of(part)]
        case And(parts):
            return [(p.field, condition) for p in parts if isinstance(p, Blank) and not p.present]
    return []


def _parameter(parameter: Parameter, dated: Dated) -> dict[str, Any]:
    value = dated.value if isinstance(dated.value, int | str) else str(dated.value)
    return {
        "value": value,
        "unit": parameter.unit,
        "in_force_from": dated.in_force_from.isoformat(),
        "basis": "site" if dated.site else parameter.basis,
    }


def _is_time(name: str) -> bool:
    return name == "at" or name.endswith("_at")


def personal_tag(frame: Frame, name: str) -> str:
    """The mark of personal data that a column bears."""
    if frame.record is not None and name in frame.record:
        return frame.record.field(name).personal
    # A derived fact keeps the mark of the field whose name it bears in any record.
    for record in frame.logs.contract.values():
        if name in record:
            return record.field(name).personal
    return ""


def plain_values(column: Any, rows: npt.NDArray[np.int64], name: str, zone: ZoneInfo) -> list[Any]:
    """A column's values at the rows, fit for JSON."""
    if isinstance(column, np.ndarray):
        values = column[rows].tolist()
        if column.dtype == np.int8:
            return [{1: True, 0: False}.get(v) for v in values]
        if column.dtype == np.int64:
            return [_number(v, name, zone) for v in values]
        return [v if not isinstance(v, float) or v == v else None for v in values]
    if isinstance(column, pa.Array | pa.ChunkedArray):
        taken = column.take(pa.array(rows))
        if pa.types.is_decimal(taken.type):
            return [None if v is None else format(_EXACT.normalize(v), "f") for v in taken.to_pylist()]
        return taken.to_pylist()
    return arrow_text(column).take(pa.array(rows)).to_pylist()


def _number(value: int, name: str, zone: ZoneInfo) -> Any:
    if value in (NEVER, NO_NUMBER, NEVER_DAY):
        return None
    if _is_time(name):
        return to_iso(value, zone)
    return day_of(value).isoformat() if name.endswith("_on") else value


def _rows(columns: Mapping[str, list[Any]], size: int) -> list[dict[str, Any]]:
    names = list(columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)] if names else [{} for _ in range(size)]


def _names(logs: Logs, record: str, ids: list[str | None]) -> list[str | None]:
    """How a unit or person is called: the name on record, with the id; the id alone where there is none."""
    if not logs.has(record):
        return ids
    frame = logs[record]
    found = positions(frame[frame.key], pa.array(ids, pa.string()))
    try:
        names = pc.take(arrow_text(frame["name"]), pa.array(np.where(found >= 0, found, 0), mask=found < 0))
    except NotAuditable:
        return ids
    return [
        own if name is None or own is None else name if own in name else f"{name} ({own})"
        for own, name in zip(ids, names.to_pylist(), strict=True)
    ]
