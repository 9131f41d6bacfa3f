"""The obligation register as a list: which duties fall due in a period, when, for whom, and how each stands.

It holds every duty that repeats, generated from the units in force and the calendar of the duty, also where its period still runs or has
not begun, so that a supervisor can remind before it is too late; and every time limit that an event has started (an agreement signed, a
claim reported, a target missed).
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from auditor.adjudicate import Adjudicator
from auditor.audit import Input, Request, admit, logs_of
from auditor.derive.cases import Cases, liable_of, obligation_cases
from auditor.derive.logs import Logs, NotAuditable, same
from auditor.findings import personal_tag, plain_values
from auditor.instants import NEVER
from auditor.judge import Judged, judge
from auditor.masking import Masker
from auditor.messages import Teller, Told
from auditor.regulations import org_units
from auditor.rulebook import LANGUAGES, OWN_WORDING, Ruleset, load_ruleset, load_wording
from auditor.vocabulary.questions import Verdict
from auditor.vocabulary.rules import Cycle, Deadline, Duty, Rule
from auditor.waivers import read_waivers

STATES = ("done", "late", "missing", "pending", "unknown", "waived")
"""In time · done after due · not done and due is past · not done and there is still time · cannot be judged · a breach that is waived."""

EVENT = "event"
"""How often a time limit falls due that an event starts; the others are month, quarter, half_year, year and cycle."""


@dataclass(frozen=True)
class Obligation:
    """One duty that falls due: `unit` answers for it; `duty` says in each language what is to be done."""

    ruleset: str
    rule: str
    name: str
    clause: str
    severity: str
    every: str
    case_id: str
    org_id: str | None
    unit: str | None
    period: str | None
    subject_id: str | None
    due_at: int
    done_at: int
    state: str
    duty: Mapping[str, str]


@dataclass(frozen=True)
class Register:
    """The obligations of one ruleset, by due, rule and case id; and the rules that could not be listed, with the reason."""

    obligations: Sequence[Obligation]
    not_auditable: Mapping[str, str]


def register(source: Input, request: Request, *, events: bool = True) -> Register:
    """The obligations of a ruleset that fall due in the request's period, as things stand at as-of; without `events` those that repeat.

    Raises AuditorError where a source cannot be read.
    """
    ruleset = load_ruleset(source.ruleset)
    admitted, absent, _ = admit(source, ruleset, request.zone)
    logs = logs_of(source, ruleset, request, admitted, absent)
    kinds = (Duty, Deadline) if events else (Duty,)
    codes = [rule.code for rule in ruleset.rules.values() if isinstance(rule, kinds)]
    if not codes:
        return Register([], {})
    waivers = read_waivers(source.waivers, ruleset.name, request.zone, source.place, *source.keys, "waivers")
    lister = _Lister(ruleset, logs, request.masker)
    found: list[Obligation] = []
    reasons: dict[str, str] = {}
    with Adjudicator(1) as adjudicator:
        for judged in judge(ruleset, logs, waivers, adjudicator, only=codes):
            if judged.rule.code not in codes:
                continue
            if judged.not_auditable is not None:
                reasons[judged.rule.code] = judged.not_auditable
                continue
            found += lister.judged(judged)
            found += lister.not_begun(judged.rule)
    return Register(sorted(found, key=lambda o: (o.due_at, o.rule, o.case_id)), reasons)


class _Lister:
    """Turns the cases of one ruleset into obligations."""

    def __init__(self, ruleset: Ruleset, logs: Logs, masker: Masker) -> None:
        self._ruleset = ruleset
        self._logs = logs
        self._masker = masker
        self._own = load_wording(OWN_WORDING)
        self._units = org_units(logs)

    def judged(self, judged: Judged) -> list[Obligation]:
        """The cases that an audit of the period judges as well. One without a due instant stands where the audit counts it."""
        cases, verdict = judged.cases, judged.verdict
        assert cases is not None and verdict is not None
        # Done by due and broken all the same: something that the clause asks for beside it is missing.
        late = (cases.done_at < NEVER) & (cases.done_at > cases.due_at)
        states = np.select(
            [verdict == Verdict.COMPLIANT, verdict == Verdict.PENDING, verdict == Verdict.INDETERMINATE, verdict == Verdict.WAIVED, late],
            ["done", "pending", "unknown", "waived", "late"],
            "missing",
        )
        return list(self._obligations(cases, states.tolist(), judged.org))

    def not_begun(self, rule: Rule) -> list[Obligation]:
        """What falls due in the period though its clock has not begun at as-of: no case of an audit yet, but known to come."""
        if not isinstance(rule, Duty):
            return []
        try:
            cases = obligation_cases(rule, self._logs)
        except NotAuditable:
            return []
        ahead = cases.keep(cases.view["begins_at"] > self._logs.as_of)
        # A record that is on hand already fulfils the duty ahead of its clock.
        states = np.where(ahead.proved(), "done", "pending").tolist()
        return list(self._obligations(ahead, states, liable_of(ahead)[0]))

    def _obligations(self, cases: Cases, states: list[str], orgs: Any) -> Iterator[Obligation]:
        rule, view = cases.rule, cases.view
        case_ids = np.asarray(cases.case_ids(), object).tolist()
        if rule.case_personal:
            case_ids = [self._masker.value("id", case_id) for case_id in case_ids]
        org_ids = [org if isinstance(org, str) else None for org in np.asarray(orgs, object).tolist()]
        told = self._phrases(cases, case_ids)
        shown = {
            name: [v if isinstance(v, str) else None for v in np.asarray(view[name], object).tolist()]
            if isinstance(rule, Duty) and (name != "subject_id" or rule.about)
            else [None] * cases.size
            for name in ("period", "subject_id")
        }
        due = np.where(cases.due_at < NEVER, cases.due_at, cases.counted_at)
        every = rule.every if isinstance(rule, Duty) else EVENT
        for i, case_id in enumerate(case_ids):
            yield Obligation(
                ruleset=self._ruleset.name,
                rule=rule.code,
                name=rule.name,
                clause=rule.clause,
                severity=rule.severity.value,
                every="cycle" if isinstance(every, Cycle) else str(every),
                case_id=case_id,
                org_id=org_ids[i],
                unit=self._unit(org_ids[i]),
                period=shown["period"][i],
                subject_id=shown["subject_id"][i],
                due_at=int(due[i]),
                done_at=int(cases.done_at[i]),
                state=states[i],
                duty=told[i],
            )

    def _unit(self, org_id: str | None) -> str | None:
        if org_id is None:
            return None
        name = self._units.get(org_id, {}).get("name")
        return org_id if not name else name if org_id in name else f"{name} ({org_id})"

    def _phrases(self, cases: Cases, case_ids: list[str]) -> list[dict[str, str]]:
        """What is to be done, in each language, with the facts that the ruleset's words name."""
        rule, wording = cases.rule, self._ruleset.wording
        words = " ".join(wording.text(language, "rules", rule.code, "duty") for language in LANGUAGES)
        names = {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}
        facts = {name: self._fact(cases, name) for name in sorted(names) if name in cases.frame}
        people = liable_of(cases)[1] if "person" in names else [None] * cases.size
        teller = Teller(rule, wording, self._own, self._logs.as_of, self._logs.zone)
        if not names:
            return [{language: wording.text(language, "rules", rule.code, "duty") for language in LANGUAGES}] * cases.size
        nothing = [None] * cases.size
        return teller.duty(
            Told(
                verdict=["pending"] * cases.size,
                case=case_ids,
                unit=nothing,
                person=[person if isinstance(person, str) else None for person in people],
                counted_at=same(NEVER, cases.size),
                due_at=same(NEVER, cases.size),
                done_at=same(NEVER, cases.size),
                reason=nothing,
                blank_fields=[()] * cases.size,
                facts=facts,
            )
        )

    def _fact(self, cases: Cases, name: str) -> list[Any]:
        values = plain_values(cases.view[name], np.arange(cases.size), name, self._logs.zone)
        tag = personal_tag(cases.frame, name)
        return [None if v is None else self._masker.value(tag, v) for v in values] if tag else values
