"""One builder per kind of rule: from the frames to the cases of a rule, each with its instant, its due and done, and who answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from auditor.derive.coded_text import arrow_text, text_array
from auditor.derive.limits import due_of
from auditor.derive.logs import Frame, Logs, NotAuditable, View, no_text, same, take_rows
from auditor.derive.obligations import obligations
from auditor.derive.questions import CALENDAR_KNOWN, CLOCK_KNOWN, LIMIT_KNOWN, ask
from auditor.derive.verbs import choose, first_on_record, sole_unit
from auditor.instants import NEVER
from auditor.masks import Mask
from auditor.vocabulary.limits import After, Before, Given
from auditor.vocabulary.regulation import Regulation
from auditor.vocabulary.rules import PROVED, Content, Deadline, Duty, Forbidden, Merit, Rule, State

_FEW = 8
"""Where there are so many times as many rows as cases, what the cases need is worked out of their rows alone."""

Instants = npt.NDArray[np.int64]


@dataclass
class Cases:
    """The cases of one rule: rows of a frame, with the facts that its questions name."""

    rule: Rule
    view: View
    counted_at: Instants
    due_at: Instants
    done_at: Instants
    clock_at: Instants
    year_unknown: Instants

    @property
    def size(self) -> int:
        return self.view.size

    @property
    def frame(self) -> Frame:
        return self.view.frame

    def case_ids(self) -> Any:
        return self.view[self.frame.key]

    def case_ids_at(self, places: npt.NDArray[np.int64]) -> Any:
        """The case ids at these places, without those of all others."""
        return self.frame.at(self.frame.key, self.view.rows[places])

    def proved(self) -> Mask:
        """Which of them are done at all."""
        return np.asarray(self.view[PROVED]) if PROVED in self.view.extra else self.done_at < NEVER

    def in_period(self) -> Mask:
        period = self.frame.logs.period
        return (self.counted_at >= period.start_at) & (self.counted_at <= period.end_at)

    def keep(self, mask: Mask) -> Cases:
        return self if mask.all() else self.at(np.flatnonzero(mask))

    def at(self, places: npt.NDArray[np.int64]) -> Cases:
        """The cases at these places."""
        view = self.view.at(places)
        # Columns are often one array under several names, and stay so.
        taken: dict[int, Instants] = {id(column): view.extra[name] for name, column in self.view.extra.items()}

        def take(column: Instants) -> Instants:
            if id(column) not in taken:
                taken[id(column)] = take_rows(column, places)
            return taken[id(column)]

        columns = (self.counted_at, self.due_at, self.done_at, self.clock_at, self.year_unknown)
        return Cases(self.rule, view, *(take(column) for column in columns))

    def reasons(self, rows: Mask) -> Any:
        """The reason of each case that cannot be judged (a text column over all cases, blank elsewhere)."""
        reasons = np.full(self.size, None, object)
        open_rows = rows.copy()
        for reason, condition in ask(self.rule).reasons:
            if not open_rows.any():
                break
            hit = open_rows & self.view.where(condition)
            if reason == "calendar":
                years = self.year_unknown[hit]
                reasons[hit] = [f"calendar {year}" for year in years.tolist()]
            else:
                reasons[hit] = reason
            open_rows &= ~hit
        return reasons


def build(rule: Rule, logs: Logs) -> Cases:
    """Every case of the rule, whatever the period. Raises NotAuditable where the site lacks what the rule needs."""
    match rule:
        case Duty():
            return _duty(rule, logs)
        case Deadline():
            return _deadline(rule, logs)
        case Forbidden() | Content():
            return _event(rule, logs, rule.at)
        case State():
            return _state(rule, logs)
        case Merit():
            return _event(rule, logs, rule.at) if rule.at is not None else _whole_period(rule, logs)
    raise TypeError(f"{rule.code} is of no known kind")


def _population(rule: Rule, logs: Logs) -> View:
    frame = logs[rule.record]
    return View(frame, np.flatnonzero(frame.where(rule.population)))


def _deadline(rule: Deadline, logs: Logs) -> Cases:
    view = _population(rule, logs)
    as_of = logs.as_of
    due = due_of(rule.due, view, logs)
    done = np.maximum.reduce([view[act] for act in rule.acts]) if rule.acts else same(NEVER, view.size)
    on_record = done < NEVER
    clock_known = due.clock < NEVER

    if isinstance(rule.due, Before):
        # A limit before an event has no clock: the case counts once the event has come, or the act is on record.
        come = due.clock <= as_of
        inside = ~clock_known | (come if rule.due.limit is None else come | on_record)
    else:
        inside = (due.clock <= as_of) | (~clock_known & (on_record | _later_step(rule, view)))
        receipt = _receipt(rule.due)
        if receipt is not None:
            raw = take_rows(view.frame.raw_time(receipt), view.rows)
            inside &= (raw <= as_of) | (raw >= NEVER)

    view.extra.update(
        {
            "due_at": due.due,
            "done_at": done,
            "as_of": same(as_of, view.size),
            CLOCK_KNOWN: clock_known,
            CALENDAR_KNOWN: due.year_unknown == 0,
            LIMIT_KNOWN: due.limit_known | ~clock_known,
        }
    )
    # Where the calendar of the due is not known, the case counts at its clock's start, whatever other times stand on its row.
    counted = np.where(due.year_unknown != 0, due.clock, due.due) if due.year_unknown.any() else due.due
    # A clock that has always run has no start to tell.
    clock = same(NEVER, view.size) if isinstance(rule.due, Given) and rule.due.start is None else due.clock
    return _settle(rule, Cases(rule, view, counted, due.due, done, clock, due.year_unknown), inside)


def _later_step(rule: Deadline, view: View) -> Mask:
    """Whether a step that stands after the act is on record."""
    record = view.frame.record
    step = rule.steps_after or (rule.acts[-1] if rule.acts else None)
    result = np.zeros(view.size, bool)
    if record is not None and step is not None and step in record:
        for name in record.times_after(step):
            try:
                result |= view[name] < NEVER
            except NotAuditable:
                # A column that the site lacks shows no step; the rule's own fields are asked elsewhere.
                continue
    return result


def _receipt(limit: After | Given) -> str | None:
    if limit.received is not None:
        return limit.received
    return limit.start if limit.start == "received_at" else None


def _event(rule: Forbidden | Content | Merit, logs: Logs, at: str) -> Cases:
    view = _population(rule, logs)
    when = view[at]
    never = same(NEVER, view.size)
    view.extra.update({"as_of": same(logs.as_of, view.size)})
    inside = (when <= logs.as_of) | (when >= NEVER)
    # A table of cases that asks the calendar itself names the year that was missing.
    year_unknown = view["year_unknown"] if "year_unknown" in view.frame else same(0, view.size)
    return _settle(rule, Cases(rule, view, when, never, never, when, year_unknown), inside)


def _state(rule: State, logs: Logs) -> Cases:
    view = _population(rule, logs)
    instant = same(logs.audit_instant, view.size)
    never = same(NEVER, view.size)
    view.extra.update({"as_of": same(logs.as_of, view.size), "audit_instant": instant})
    return Cases(rule, view, instant, never, never, instant, same(0, view.size))


def _whole_period(rule: Merit, logs: Logs) -> Cases:
    """A merit of the whole period, once it is over."""
    view = _population(rule, logs)
    if logs.as_of <= logs.period.end_at:
        view = view.keep(np.zeros(view.size, bool))
    instant = same(logs.period.end_at, view.size)
    never = same(NEVER, view.size)
    return Cases(rule, view, instant, never, never, instant, same(0, view.size))


def _duty(rule: Duty, logs: Logs) -> Cases:
    cases = obligation_cases(rule, logs)
    return cases.keep(cases.view["begins_at"] <= logs.as_of)


def obligation_cases(rule: Duty, logs: Logs) -> Cases:
    """Every obligation of the duty that falls due in the period, also those whose clock has not begun at as-of."""
    frame = obligations(rule, logs)
    view = View(frame, np.arange(frame.size), {"as_of": same(logs.as_of, frame.size)})
    due, done = view["due_at"], view["done_at"]
    if rule.untimed:
        view.extra[PROVED], done = done < NEVER, same(NEVER, view.size)
    cases = Cases(rule, view, due, due, done, view["clock_at"], same(0, view.size))
    return cases.keep(frame.where(rule.population))


def _settle(rule: Rule, cases: Cases, inside: Mask) -> Cases:
    """Drops what is outside, and finds the instant of the cases that cannot be judged."""
    cases = cases.keep(inside)
    unknown = cases.view.where(ask(rule).questions.unknown)
    if unknown.any():
        counted = cases.counted_at.copy()
        if rule.unknown_at is not None:
            stated = cases.view[rule.unknown_at]
            counted = np.where(unknown, stated, counted)
        lost = unknown & (counted >= NEVER)
        if lost.any():
            own = _row_instant(cases.view)
            # A case of a derived table may have no time of its own; it then counts where its clock starts.
            counted[lost] = np.where(own < NEVER, own, cases.clock_at)[lost]
        cases.counted_at = counted
    return cases.keep(cases.counted_at < NEVER)


def _row_instant(view: View) -> Instants:
    """The row's mandatory time, else its receipt, else the earliest act on it; NEVER for a row without any time."""
    record = view.frame.record
    if record is None:
        return view["row_at"] if "row_at" in view.frame else same(NEVER, view.size)
    for field in record.fields:
        if field.kind == "time" and field.mandatory:
            return view[field.name]
    acts = [f.name for f in record.fields if f.kind == "time" and f.role in ("act", "event")]
    times: list[Instants] = []
    first = same(NEVER, view.size)
    for name in acts:
        try:
            times.append(view[name])
        except NotAuditable:
            continue
        if name == "received_at":
            first = times[-1]
    if not times:
        return first
    return np.where(first < NEVER, first, np.minimum.reduce(times))


def liable_of(cases: Cases) -> tuple[Any, Any, Any]:
    """Who is, or would be, liable for each case: unit, person, party (text columns)."""
    view, liable = cases.view, cases.rule.liable
    nobody = no_text(view.size)
    org = _liable_unit(cases)
    staff_fields = liable.staff or (("staff_id",) if "staff_id" in view.frame and liable.units else ())
    staff = first_on_record(*(view.optional(name) for name in staff_fields)) if staff_fields else nobody
    party = nobody
    if liable.warranty is not None and liable.contractor is not None:
        under = _under_warranty(cases)
        org = choose(~under, org, nobody)
        staff = choose(~under, staff, nobody)
        party = choose(under, view.optional(liable.contractor), nobody)
    return org, staff, party


def liable_org_of(cases: Cases) -> Any:
    """The unit alone."""
    org = _liable_unit(cases)
    return org if cases.rule.liable.warranty is None else choose(~_under_warranty(cases), org, no_text(cases.size))


def _liable_unit(cases: Cases) -> Any:
    view, liable = cases.view, cases.rule.liable
    org = first_on_record(*(view.optional(name) for name in liable.units)) if liable.units else no_text(view.size)
    if liable.sole_kind is not None:
        org = _sole(view.frame.logs, liable.sole_kind, cases.counted_at)
    if liable.sole_by is not None:
        field, kinds = liable.sole_by
        codes = view.optional(field)
        for code, kind in kinds.items():
            org = choose(np.asarray(codes == code), _sole(view.frame.logs, kind, cases.counted_at), org)
    return org


def _under_warranty(cases: Cases) -> Mask:
    try:
        return np.asarray(cases.view[str(cases.rule.liable.warranty)] == 1)
    except NotAuditable:
        return np.zeros(cases.size, bool)


def _sole(logs: Logs, kind: str, at: Instants) -> Any:
    try:
        return sole_unit(logs, kind, at)
    except NotAuditable:  # a site without units, their kinds or their dates: nobody is named, and the rule is judged all the same
        return no_text(len(at))


def subject_of(cases: Cases, regulation: Regulation) -> Any:
    """What one act is charged for once: `ticket:T17`."""
    rule, frame = cases.rule, cases.frame
    named: Mapping[str, tuple[tuple[str, str], ...]] = regulation.subjects
    choices = (("", rule.subject),) if rule.subject else named.get(rule.record, ())

    def of(rows: Frame | View) -> Any:
        parts = [_prefixed(kind or rule.record, rows.optional(field)) for kind, field in choices]
        own = rows[frame.key]
        parts.append(_prefixed(rule.record, own) if rule.record in frame.logs.contract else arrow_text(own))
        return text_array(first_on_record(*parts))

    if cases.size * _FEW < frame.size:
        return of(cases.view)
    # Many rules judge the rows of one record.
    return cases.view.taken(frame.logs.memo(("subject", frame.name, frame.size, rule.record, choices), lambda: of(frame)))


def _prefixed(kind: str, column: Any) -> pa.ChunkedArray:
    if isinstance(column, pd.Categorical) and len(column.categories) < len(column):
        texts = _prefixed(kind, column.categories.array).combine_chunks()
        return pa.chunked_array([texts.take(pa.array(column.codes, mask=column.codes < 0))])
    values = arrow_text(column)
    return pc.binary_join_element_wise(pa.scalar(kind, values.type), values, pa.scalar(":", values.type))
