"""Verdicts → findings: what is published of every case that is not simply compliant or pending."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context
from itertools import compress, repeat
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.calendar.local_time import local_day
from auditor.calendar.written_times import iso_texts
from auditor.citations import EvidenceBook
from auditor.derive.cases import Cases
from auditor.derive.coded_text import arrow_text
from auditor.derive.logs import Frame, Logs, NotAuditable, blank_mask
from auditor.derive.questions import BUILT
from auditor.derive.verbs import positions
from auditor.instants import NEVER, day_of
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

_AT_ONCE = 4_000
"""Findings of a rule of which sentences and facts are in memory at a time."""

_FLAGS = {1: True, 0: False}

_EXACT = Context(prec=100)
"""Takes zeros off without rounding: more digits than the product of two admitted numbers has."""

PUBLISHED = (Verdict.BREACH, Verdict.INDETERMINATE, Verdict.INDICATOR, Verdict.MERIT, Verdict.WAIVED)
_IS_PUBLISHED = np.isin(np.arange(len(Verdict)), PUBLISHED)

_LABELS = np.array([v.label for v in Verdict], object)


@dataclass(frozen=True, eq=False)
class Chosen:
    """The cases of a rule that become findings, ordered by their ids as these are published."""

    places: npt.NDArray[np.int64]
    """Which of the rule's cases they are."""
    judged: Judged
    case_ids: list[str]
    """As they are published."""
    ids: list[str]
    """The id of each finding."""


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

    def finding_ids(self, rule: Rule, case_ids: Sequence[str]) -> list[str]:
        """Stable from run to run; keyed where the case id is personal; of the period for a state, or a merit of a whole period."""
        before = f"{self.ruleset.name}\x1f{rule.code}\x1f"
        after = f"\x1f{self.logs.period.text}" if isinstance(rule, State) or (isinstance(rule, Merit) and rule.at is None) else ""
        contents = [f"{before}{case_id}{after}".encode() for case_id in case_ids]
        if rule.case_personal:
            return [self.masker.keyed("finding", content)[:16] for content in contents]
        return [hashlib.sha256(content).hexdigest()[:16] for content in contents]

    def chosen(self, judged: Judged) -> Chosen | None:
        """The cases of a rule that become findings; None where there are none."""
        if judged.cases is None or judged.verdict is None or not judged.size:
            return None
        places = np.flatnonzero(_IS_PUBLISHED[judged.verdict])
        if not len(places):
            return None
        shown = self.case_ids(judged.at(places)).to_pylist()
        order = np.array(sorted(range(len(places)), key=shown.__getitem__), np.int64)
        cases = judged.at(places[order])
        listed = self._listed(cases)
        if len(listed) < len(order):
            order, cases = order[listed], cases.at(listed)
        assert cases.cases is not None
        ids = self.finding_ids(judged.rule, arrow_text(cases.cases.case_ids()).to_pylist())
        return Chosen(places[order], cases, [shown[place] for place in order], ids)

    def _listed(self, judged: Judged) -> npt.NDArray[np.int64]:
        """The cases that become findings: of the indeterminate ones the first of each reason."""
        assert judged.verdict is not None
        kept = np.ones(judged.size, bool)
        doubtful = np.flatnonzero(judged.verdict == Verdict.INDETERMINATE)
        if len(doubtful) > MOST_INDETERMINATE:
            reasons = judged.reason[doubtful]
            over: dict[str, int] = {}
            for reason in dict.fromkeys(reasons.tolist()):
                alike = doubtful[reasons == reason]
                if len(alike) > MOST_INDETERMINATE:
                    kept[alike[MOST_INDETERMINATE:]] = False
                    over[str(reason)] = len(alike) - MOST_INDETERMINATE
            if over:
                self.cut[judged.rule.code] = over
        return np.flatnonzero(kept)

    def findings(self, chosen: Chosen) -> Iterator[dict[str, Any]]:
        """The findings of the cases, in their order. What they say is made by column; what is bulky, some cases at a time."""
        judged, case_ids = chosen.judged, chosen.case_ids
        rule, cases = judged.rule, judged.cases
        assert cases is not None and judged.verdict is not None
        verdicts = _LABELS[judged.verdict].tolist()
        org, staff, party, subject = (arrow_text(column).to_pylist() for column in (judged.org, judged.staff, judged.party, judged.subject))
        points = {verdict: self.model.points(verdict, rule.severity.value) for verdict in set(verdicts)}
        counted = iso_texts(cases.counted_at, self.zone)
        reasons, blanks = judged.reason.tolist(), self._blank_fields(cases)

        def throughout(text: str) -> list[str]:
            return [text] * cases.size

        columns: dict[str, list[Any]] = {
            "finding_id": chosen.ids,
            "ruleset": throughout(self.ruleset.name),
            "rule": throughout(rule.code),
            "name": throughout(rule.name),
            "clause": throughout(rule.clause),
            "case_id": case_ids,
            "subject": case_ids if rule.case_personal and not self.masker.unmask else subject,
            "verdict": verdicts,
            "severity": throughout(rule.severity.value),
            "reason": reasons,
            "points": [points[verdict] for verdict in verdicts],
            "counted_at": counted,
            "breach_at": [None if verdict == "indeterminate" else at for verdict, at in zip(verdicts, counted, strict=True)],
            "due_at": iso_texts(cases.due_at, self.zone),
            "done_at": iso_texts(cases.done_at, self.zone),
            "overdue_seconds": self._overdue(cases),
            "liable_org": org,
            "liable_staff": staff,
            "liable_party": party,
            "clock": self._clocks(judged),
            "parameters": self._parameters(rule, cases.clock_at, cases.counted_at),
        }
        facts = self._facts(cases)
        cited = self.evidence.cite(cases)
        teller = Teller(rule, self.ruleset.wording, self.own, self.logs.as_of, self.zone)
        told = Told(
            verdict=verdicts,
            case=case_ids,
            unit=[named or unit for named, unit in zip(party, _names(self.logs, "org_unit", org), strict=True)],
            person=_names(self.logs, "staff", staff),
            counted_at=cases.counted_at,
            due_at=cases.due_at,
            done_at=cases.done_at,
            reason=reasons,
            blank_fields=blanks,
            facts={name: _said(name, values) for name, values in facts.items() if name in teller.names},
        )
        for start in range(0, cases.size, _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            some = told.at(part)
            bulky: dict[str, Iterable[Any]] = {
                "facts": _facts_of({name: column[part] for name, column in facts.items()}, some.blank_fields),
                "evidence": cited[part],
                "message": teller.tell(some),
            }
            yield from _rows({name: column[part] for name, column in columns.items()} | bulky)

    def _overdue(self, cases: Cases) -> list[int | None]:
        """Seconds from due until done, or as-of where it is not done; None where the rule has no time limit, or due is not known."""
        if not isinstance(cases.rule, Deadline | Duty):
            return [None] * cases.size
        overdue = np.where(cases.done_at < NEVER, cases.done_at, self.logs.as_of) - cases.due_at
        return [None if unknown else over for unknown, over in zip((cases.due_at >= NEVER).tolist(), overdue.tolist(), strict=True)]

    def _facts(self, cases: Cases) -> dict[str, list[Any]]:
        """What the verdict rests on, as it is published: a column a fact, masked."""
        every = np.arange(cases.size)
        columns: dict[str, list[Any]] = {}
        for name in fact_names(cases.rule, self.ruleset):
            try:
                column = cases.view[name]
            except NotAuditable:
                continue
            columns[name] = self.masker.values(personal_tag(cases.frame, name), plain_values(column, every, name, self.zone))
        return columns

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
        if not named:
            return [()] * cases.size
        asked = [name for name, _ in named]
        return [tuple(compress(asked, masks)) for masks in zip(*(mask for _, mask in named), strict=True)]

    def _parameters(self, rule: Rule, clocks: npt.NDArray[np.int64], counted: npt.NDArray[np.int64]) -> list[dict[str, Any]]:
        """Name → value, unit, in force from, basis, as in force at the clock's start (where that is not known, at the case's instant)."""
        instants = np.where(clocks >= NEVER, counted, clocks)
        names = self.ruleset.parameters_of(rule)
        if not names:
            return [{}] * len(instants)
        choices = list(zip(*(self.logs.parameters.positions(name, instants).tolist() for name in names), strict=True))
        entries = {name: [_parameter(self.logs.parameters[name], v) for v in self.logs.parameters[name].values] for name in names}
        # Most cases of a rule share the values in force, and then the mapping too.
        found = {choice: {name: entries[name][at] for name, at in zip(names, choice, strict=True)} for choice in set(choices)}
        return [found[choice] for choice in choices]

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
        measures = [named] * cases.size
        if isinstance(named, By):
            measures = [named.parameters.get(code) for code in arrow_text(cases.view[named.field]).to_pylist()]
        in_days = {name for name in set(measures) if name is not None and logs.parameters[name].unit == "working_day"}
        reckoned = np.flatnonzero((cases.due_at < NEVER) & np.isin(judged.verdict, (Verdict.BREACH, Verdict.WAIVED)))
        begun, due = cases.clock_at[reckoned], cases.due_at[reckoned]
        days = zip(local_day(begun, self.zone).tolist(), local_day(due, self.zone).tolist(), strict=True)
        not_counted: dict[tuple[int, int], list[str]] = {}
        rows = zip(reckoned.tolist(), begun.tolist(), due.tolist(), iso_texts(begun, self.zone), days, strict=True)
        for i, clock_at, due_at, start_at, span in rows:
            parameter = measures[i]
            if parameter in in_days and span not in not_counted:
                not_counted[span] = [day.isoformat() for day in logs.calendar.days_not_counted(clock_at, due_at, self.zone)]
            clocks[i] = {
                "start": start,
                "start_at": start_at,
                "before": isinstance(limit, Before),
                "parameter": parameter,
                "not_counted": not_counted[span] if parameter in in_days else [],
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


def _said(name: str, values: list[Any]) -> list[Any]:
    """A fact as a sentence says it: of a time what the clock shows."""
    return [v[:19].replace("T", " ") if isinstance(v, str) else v for v in values] if _is_time(name) else values


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
            return list(map(_FLAGS.get, values))
        if column.dtype == np.int64:
            return _numbers(column[rows], name, zone)
        return [v if not isinstance(v, float) or v == v else None for v in values]
    if isinstance(column, pa.Array | pa.ChunkedArray):
        taken = column.take(pa.array(rows))
        if pa.types.is_decimal(taken.type):
            return [None if v is None else format(_EXACT.normalize(v), "f") for v in taken.to_pylist()]
        return taken.to_pylist()
    return arrow_text(column).take(pa.array(rows)).to_pylist()


def _numbers(values: npt.NDArray[np.int64], name: str, zone: ZoneInfo) -> list[Any]:
    blank = blank_mask(values)
    if _is_time(name):
        return iso_texts(np.where(blank, NEVER, values), zone)
    texts: list[Any] = values.tolist()
    if name.endswith("_on"):
        days = {day: day_of(day).isoformat() for day in set(values[~blank].tolist())}
        return [days.get(day) for day in texts]
    return [None if nothing else value for nothing, value in zip(blank.tolist(), texts, strict=True)] if blank.any() else texts


def _rows(columns: Mapping[str, Iterable[Any]]) -> Iterator[dict[str, Any]]:
    """The rows of columns, made one by one: many in memory at a time would keep the garbage collector busy."""
    names = list(columns)
    return (dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True))


def _facts_of(columns: Mapping[str, list[Any]], blanks: Sequence[tuple[str, ...]]) -> Iterator[dict[str, Any]]:
    """The facts of each case, with the names of the fields that are blank where there are any."""
    for facts, blank in zip(_rows(columns) if columns else repeat({}, len(blanks)), blanks, strict=True):
        yield facts | {"blank_fields": list(blank)} if blank else facts


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
