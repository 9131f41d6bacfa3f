"""One ruleset over its logs: derive, screen and adjudicate, rule by rule, in the order in which rules reason on each other."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from auditor.adjudicate import Adjudicator, check_agreement, choose, fact_table
from auditor.derive.cases import Cases, build, liable_of, subject_of
from auditor.derive.logs import Logs, NotAuditable
from auditor.derive.outcomes import Outcome, Outcomes
from auditor.derive.questions import Asked
from auditor.engine import CompiledRule, compile_rule
from auditor.rulebook import Ruleset
from auditor.screen import screen
from auditor.vocabulary.expressions import Blank, leaves
from auditor.vocabulary.questions import Verdict
from auditor.vocabulary.rules import INDICATOR, Merit, Rule
from auditor.waivers import Waivers

Progress = Callable[[str], None]


@dataclass
class Judged:
    """The cases of one rule in the period, with their verdicts; or why it was not auditable."""

    rule: Rule
    cases: Cases | None = None
    verdict: npt.NDArray[np.int8] | None = None
    reason: Any = None
    """Text or None a case: what was missing, `calendar 2027`, `engine`, or the waiver."""
    org: Any = None
    staff: Any = None
    party: Any = None
    subject: Any = None
    not_auditable: str | None = None

    @property
    def size(self) -> int:
        return 0 if self.cases is None else self.cases.size


def judge(
    ruleset: Ruleset,
    logs: Logs,
    waivers: Waivers,
    adjudicator: Adjudicator,
    progress: Progress = lambda _: None,
    only: Collection[str] | None = None,
) -> list[Judged]:
    """Every rule of the ruleset (or `only` those, and what they reason on), ordered by code.

    Raises DisagreementError where screen and engine differ on one case.
    """
    logs.outcomes = Outcomes()
    judged: list[Judged] = []
    wanted = None if only is None else {needed for code in only for needed in ruleset.closure(code)}
    for rule in ruleset.ordered:
        if wanted is not None and rule.code not in wanted:
            continue
        progress(rule.code)
        judged.append(_judge_rule(rule, ruleset, logs, waivers, adjudicator))
    return sorted(judged, key=lambda j: j.rule.code)


def _judge_rule(rule: Rule, ruleset: Ruleset, logs: Logs, waivers: Waivers, adjudicator: Adjudicator) -> Judged:
    asked = ruleset.asked[rule.code]
    try:
        cases = build(rule, logs)
        in_period = cases.in_period()
        if rule.code not in ruleset.looked_at:
            cases = cases.keep(in_period)
            in_period = np.ones(cases.size, bool)
        verdicts = screen(asked.questions, cases.view, cases.size)
        verdicts, failed = _adjudicate(rule, asked, cases, verdicts, adjudicator)
    except NotAuditable as lack:
        logs.outcomes.not_auditable[rule.code] = str(lack)
        return Judged(rule, not_auditable=str(lack))
    kept = cases.keep(in_period)
    org, staff, party = liable_of(kept)
    final, reason = _final(rule, kept, verdicts[in_period], failed[in_period], org, waivers)
    logs.outcomes.by_code[rule.code] = Outcome(
        code=rule.code,
        size=cases.frame.size,
        rows=cases.view.rows,
        verdict=verdicts,
        counted_at=cases.counted_at,
        due_at=cases.due_at,
        done_at=cases.done_at,
        in_period=in_period,
        liable_org=org,
        final=final,
    )
    if isinstance(rule, Merit):
        earned = final == Verdict.MERIT
        kept, final, reason = kept.keep(earned), final[earned], reason[earned]
        org, staff, party = liable_of(kept)
    return Judged(rule, kept, final, reason, org, staff, party, subject_of(kept, ruleset.regulation))


def _adjudicate(
    rule: Rule, asked: Asked, cases: Cases, verdicts: npt.NDArray[np.int8], adjudicator: Adjudicator
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
    """The verdicts with the engine's word in place, and which cases it could not judge."""
    failed = np.zeros(cases.size, bool)
    if not cases.size:
        return verdicts, failed
    case_ids = cases.case_ids()
    positions = choose(verdicts, case_ids, rule.code)
    if not len(positions):
        return verdicts, failed
    compiled = compiled_rule(rule, asked, cases)
    said = adjudicator.adjudicate(compiled, fact_table(compiled, cases.view, case_ids, positions))
    check_agreement(rule.code, verdicts[positions], said.verdicts, np.asarray(case_ids, object)[positions], said.failed)
    verdicts = verdicts.copy()
    verdicts[positions] = said.verdicts
    failed[positions[said.failed]] = True
    return verdicts, failed


def compiled_rule(rule: Rule, asked: Asked, cases: Cases) -> CompiledRule:
    """The rule's questions for the engine, with the types that its facts have."""
    types: dict[str, str] = {}
    for question in (asked.questions.unknown, asked.questions.broken, asked.questions.open):
        for leaf in leaves(question):
            if not isinstance(leaf, Blank):
                for name in (leaf.field, getattr(leaf.value, "name", None)):
                    if name is not None:
                        types[name] = _type(cases.view[name])
    return compile_rule(rule.code, asked.questions, types)


def _type(column: Any) -> str:
    if isinstance(column, np.ndarray):
        return "bool" if column.dtype == bool else "int"
    return "str"


def _final(
    rule: Rule, cases: Cases, verdicts: npt.NDArray[np.int8], failed: npt.NDArray[np.bool_], org: Any, waivers: Waivers
) -> tuple[npt.NDArray[np.int8], Any]:
    """Verdicts as published: indicators, merits and waived breaches by name; and the reasons."""
    reason = cases.reasons((verdicts == Verdict.INDETERMINATE) & ~failed)
    reason[failed] = "engine"
    final = verdicts.copy()
    if isinstance(rule, Merit):
        final[verdicts == Verdict.BREACH] = Verdict.MERIT
    elif rule.severity is INDICATOR:
        final[verdicts == Verdict.BREACH] = Verdict.INDICATOR
    else:
        waived = waivers.cover(rule.code, cases.case_ids(), org, cases.counted_at, final == Verdict.BREACH)
        covered = np.array([w is not None for w in waived], bool) if len(waived) else np.zeros(0, bool)
        final[covered] = Verdict.WAIVED
        reason[covered] = waived[covered]
    return final, reason
