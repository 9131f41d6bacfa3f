"""One case, step by step: which row it is, whether the duty was its, when it was due, what happened, and what screen and engine say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from auditor.adjudicate import Adjudicator, fact_table
from auditor.audit import Input, Request, admit, logs_of
from auditor.derive.cases import Cases, build
from auditor.derive.limits import due_of
from auditor.derive.logs import Frame, Logs, View
from auditor.errors import UsageError
from auditor.findings import fact_names, personal_tag, plain_values
from auditor.instants import NEVER, to_iso
from auditor.judge import Judged, compiled_rule, judge
from auditor.masking import Masker
from auditor.messages import field_name, span_in_words
from auditor.rulebook import Ruleset, Wording, load_ruleset
from auditor.vocabulary.expressions import Expr, conjuncts, fields_of, show
from auditor.vocabulary.limits import After, Before, By, Given
from auditor.vocabulary.questions import VERDICTS
from auditor.vocabulary.rules import Deadline, Duty, Rule, State
from auditor.waivers import read_waivers


@dataclass(frozen=True)
class Step:
    """One line of an explanation."""

    what: str
    told: str


@dataclass
class Explanation:
    """Why a case got its verdict; `verdict` is "outside" where the rule does not judge it."""

    verdict: str
    steps: list[Step]


class _Explainer:
    def __init__(self, ruleset: Ruleset, rule: Rule, logs: Logs, masker: Masker, own: Wording) -> None:
        self.ruleset, self.rule, self.logs, self.masker, self.own = ruleset, rule, logs, masker, own
        self.steps: list[Step] = []

    def say(self, what: str, told: str) -> None:
        self.steps.append(Step(what, told))

    def name(self, field: str) -> str:
        said = field_name(self.ruleset.wording, self.own, "en", field)
        return field if said == field else f"{field} ({said})"

    def time(self, instant: int) -> str:
        return to_iso(int(instant), self.logs.zone) or "not on record"

    def value(self, columns: Frame | View, row: int, field: str) -> str:
        """A fact of the case as it may be shown."""
        frame = columns if isinstance(columns, Frame) else columns.frame
        value = plain_values(columns[field], np.array([row], np.int64), field, self.logs.zone)[0]
        tag = personal_tag(frame, field)
        shown = self.masker.value(tag, value) if tag else value
        return "blank" if shown is None else {True: "yes", False: "no"}.get(shown, str(shown)) if isinstance(shown, bool) else str(shown)

    def holds(self, what: str, condition: Expr, columns: Frame | View, row: int) -> bool:
        """Tells each part of a condition with the values that decide it."""
        result = True
        for part in conjuncts(condition):
            true = bool(columns.where(part)[row])
            result &= true
            values = ", ".join(f"{f} = {self.value(columns, row, f)}" for f in fields_of(part))
            self.say(what, f"{show(part, self.name)}: {'holds' if true else 'does not hold'} [{values}]")
        return result


def explain(source: Input, request: Request, code: str, case_id: str, own: Wording) -> Explanation:
    """Why the case got its verdict, for every case: compliant, pending and outside the population too.

    Raises UsageError where the ruleset has no such rule.
    """
    ruleset = load_ruleset(source.ruleset)
    if code not in ruleset.rules:
        raise UsageError(f"{ruleset.name} has no rule {code!r}; `auditor rules list {ruleset.name}` shows them all")
    rule = ruleset.rules[code]
    admitted, absent, refusals = admit(source, ruleset, request.zone)
    logs = logs_of(source, ruleset, request, admitted, absent)
    waivers = read_waivers(source.waivers, ruleset.name, request.zone, source.place, *source.keys, "waivers")
    told = _Explainer(ruleset, rule, logs, request.masker, own)
    told.say(
        "rule", f"{code} {rule.name}, clause {rule.clause} ({rule.severity.value}): {ruleset.wording.text('en', 'rules', code, 'title')}"
    )
    told.say("as of", f"{told.time(request.as_of)}; period {request.period.text}")
    with Adjudicator(1) as adjudicator:
        judged = next(j for j in judge(ruleset, logs, waivers, adjudicator, only=[code]) if j.rule.code == code)
        if judged.not_auditable is not None:
            told.say("not auditable", judged.not_auditable)
            return Explanation("outside", told.steps)
        cases = build(rule, logs)
        row = _row_of(cases.frame, case_id, rule, request.masker)
        if row is None:
            told.say("outside", _absent(rule, logs, refusals, case_id))
            return Explanation("outside", told.steps)
        place = np.flatnonzero(cases.view.rows == row)
        if not len(place):
            _outside(told, cases.frame, row)
            return Explanation("outside", told.steps)
        return _judged_case(told, cases, judged, int(place[0]), row, adjudicator)


def _judged_case(told: _Explainer, cases: Cases, judged: Judged, place: int, row: int, adjudicator: Adjudicator) -> Explanation:
    rule, logs, view = told.rule, told.logs, cases.view
    told.holds("population", rule.population, cases.frame, row)
    _tell_limit(told, cases, place)
    asked = told.ruleset.asked[rule.code]
    for name in fact_names(rule, told.ruleset):
        told.say("fact", f"{told.name(name)} = {told.value(view, place, name)}")
    for reason, condition in asked.reasons:
        hit = bool(view.where(condition)[place])
        told.say("unknown?", f"{reason}: {'yes, cannot be judged' if hit else 'no'} ({show(condition, told.name)})")
    for what, condition in (("broken?", asked.questions.broken), ("still open?", asked.questions.open)):
        told.say(what, f"{'yes' if view.where(condition)[place] else 'no'} ({show(condition, told.name)})")
    compiled = compiled_rule(rule, asked, cases)
    alone = np.array([place], np.int64)
    said = adjudicator.adjudicate(compiled, fact_table(compiled, view, cases.case_ids_at(alone), alone))
    told.say("durable-rules says", VERDICTS[said.verdicts[0]])
    counted = int(cases.counted_at[place])
    inside = logs.period.start_at <= counted <= logs.period.end_at
    told.say("counts at", f"{told.time(counted)}, {'within' if inside else 'outside'} the period {logs.period.text}")
    if not inside:
        told.say("verdict", f"outside: the case belongs to another period (it would be {VERDICTS[said.verdicts[0]]})")
        return Explanation("outside", told.steps)
    return _verdict(told, judged, row)


def _verdict(told: _Explainer, judged: Judged, row: int) -> Explanation:
    assert judged.cases is not None and judged.verdict is not None
    place = np.flatnonzero(judged.cases.view.rows == row)
    if not len(place):
        told.say("verdict", "outside: no merit is earned")
        return Explanation("outside", told.steps)
    at = int(place[0])
    who = [text for text in (_text(judged.party, at), _text(judged.org, at), _text(judged.staff, at)) if text]
    told.say("liable", ", ".join(who) or "nobody is named")
    reason = judged.reason[at]
    verdict = VERDICTS[judged.verdict[at]]
    told.say("verdict", verdict + (f": {reason}" if reason else ""))
    return Explanation(verdict, told.steps)


def _tell_limit(told: _Explainer, cases: Cases, place: int) -> None:
    rule, logs = told.rule, told.logs
    if not isinstance(rule, Deadline | Duty):
        return
    clock, due, done = (int(a[place]) for a in (cases.clock_at, cases.due_at, cases.done_at))
    at = clock if clock < NEVER else int(cases.counted_at[place])
    if not (isinstance(rule.due, Given) and rule.due.start is None):
        told.say("event" if isinstance(rule.due, Before) else "clock starts", told.time(clock))
    names = told.ruleset.parameters_of(rule)
    if isinstance(rule, Deadline) and isinstance(rule.due, After) and isinstance(rule.due.limit, By):
        chosen = rule.due.limit.parameters.get(told.value(cases.view, place, rule.due.limit.field))
        names = tuple(n for n in names if n == chosen or n not in rule.due.limit.parameters.values())
    for name in names:
        dated = logs.parameters.entry(name, at)
        told.say(
            "parameter",
            f"{name} = {dated.value} {logs.parameters[name].unit}, in force from {dated.in_force_from} "
            f"({'set by this site' if dated.site else logs.parameters[name].basis})",
        )
    if int(cases.year_unknown[place]):
        told.say("due", f"cannot be told: the working calendar of {int(cases.year_unknown[place])} is not known")
    else:
        told.say("due", told.time(due))
        if any(logs.parameters[n].unit == "working_day" for n in names):
            days = logs.calendar.days_not_counted(clock, due, logs.zone)
            told.say("days that did not count", ", ".join(day.isoformat() for day in days) or "none but the day of the start")
    told.say("done", told.time(done))
    if due < NEVER:
        over = (done if done < NEVER else logs.as_of) - due
        told.say("over by", span_in_words(over, "en", told.own) if over > 0 else "nothing")


def _outside(told: _Explainer, frame: Frame, row: int) -> None:
    rule, logs = told.rule, told.logs
    if not told.holds("population", rule.population, frame, row):
        told.say("verdict", "outside: the rule does not apply to this case")
        return
    if isinstance(rule, Deadline):
        view = View(frame, np.array([row], np.int64))
        due = due_of(rule.due, view, logs)
        clock = int(due.clock[0])
        what = rule.due.event if isinstance(rule.due, Before) else rule.due.start
        if what is not None:
            told.say("clock", f"{told.name(what)} = {told.time(clock)}")
        if isinstance(rule.due, After | Given) and clock >= NEVER:
            why = f"neither {what} nor the act nor a later step is on record at as-of, or its receipt is later than as-of"
        elif isinstance(rule.due, Before):
            why = "the event has not come at as-of, and the act is not on record"
        else:
            why = "its clock starts later than as-of"
        told.say("verdict", f"outside: {why}")
        return
    if isinstance(rule, State):
        told.say("verdict", "outside: there is no such case at the audit instant")
        return
    told.say("verdict", "outside: the event that it is judged at is not on record at as-of")


def _row_of(frame: Frame, case_id: str, rule: Rule, masker: Masker) -> int | None:
    ids = np.asarray(frame[frame.key], object)
    found = np.flatnonzero(ids == case_id)
    if not len(found) and rule.case_personal:
        found = np.flatnonzero(np.array([masker.pseudonym("id", value) == case_id for value in ids.tolist()], bool))
    return int(found[0]) if len(found) else None


def _absent(rule: Rule, logs: Logs, refusals: pa.Table, case_id: str) -> str:
    for line in refusals.to_pylist():
        if line["record"] == rule.record and line["key"] == case_id:
            return f"the row is in quarantine ({line['field']}: {line['reason']}); a quarantined row exists for no rule"
    if rule.record in logs.contract:
        return f"no row of {rule.record} has the key {case_id} as things stood at as-of"
    return f"{rule.record} has no case {case_id} as things stood at as-of"


def _text(column: Any, row: int) -> str | None:
    value = np.asarray(column, object)[row]
    return value if isinstance(value, str) else None


def lines(explanation: Explanation) -> Iterator[str]:
    """The explanation as text, the steps aligned."""
    width = max(len(step.what) for step in explanation.steps)
    for step in explanation.steps:
        yield f"{step.what:<{width}}  {step.told}"
