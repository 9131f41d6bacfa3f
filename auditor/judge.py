"""One ruleset over its logs: derive, screen and adjudicate, rule by rule, in the order in which rules reason on each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from auditor.adjudicate import Adjudicator, check_agreement, choose, fact_table, lots
from auditor.derive.cases import Cases, build, liable_of, liable_org_of, subject_of
from auditor.derive.logs import Logs, NotAuditable
from auditor.derive.outcomes import Outcome, Outcomes
from auditor.derive.questions import Asked
from auditor.engine import CompiledRule, compile_rule
from auditor.masks import Mask
from auditor.rulebook import Ruleset
from auditor.screen import screen
from auditor.vocabulary.expressions import Blank, leaves
from auditor.vocabulary.questions import Verdict
from auditor.vocabulary.regulation import Regulation
from auditor.vocabulary.rules import INDICATOR, Merit, Rule
from auditor.waivers import Waivers

Progress = Callable[[str], None]

_LOTS = "lots"

THREADS = 2
"""Threads that screen ahead: columns are worked out without Python's lock, so two keep two cores busy, and more would wait for it."""

AHEAD = 3
"""Rules that may be screened before their turn; each may hold some hundred megabytes."""


@dataclass
class Judged:
    """The cases of one rule in the period, with their verdicts; or why it was not auditable.

    Who is liable, subjects and reasons are worked out when they are first asked for: of millions of cases few are ever told.
    """

    rule: Rule
    cases: Cases | None = None
    verdict: npt.NDArray[np.int8] | None = None
    regulation: Regulation | None = None
    failed: Mask | None = None
    """Cases that the engine could not judge."""
    waived: Any = None
    """The label of the waiver in force a case (or None), where the site has waivers for the rule."""
    not_auditable: str | None = None

    @property
    def size(self) -> int:
        return 0 if self.cases is None else self.cases.size

    @cached_property
    def reason(self) -> Any:
        """Text or None a case: what was missing, `calendar 2027`, `engine`, or the waiver."""
        assert self.cases is not None and self.verdict is not None and self.failed is not None
        reason = self.cases.reasons((self.verdict == Verdict.INDETERMINATE) & ~self.failed)
        reason[self.failed] = "engine"
        if self.waived is not None:
            covered = self.verdict == Verdict.WAIVED
            reason[covered] = self.waived[covered]
        return reason

    @cached_property
    def _liable(self) -> tuple[Any, Any, Any]:
        assert self.cases is not None
        return liable_of(self.cases)

    @property
    def org(self) -> Any:
        return None if self.cases is None else self._liable[0]

    @property
    def staff(self) -> Any:
        return None if self.cases is None else self._liable[1]

    @property
    def party(self) -> Any:
        return None if self.cases is None else self._liable[2]

    @cached_property
    def subject(self) -> Any:
        """What one act is charged for once."""
        assert self.cases is not None and self.regulation is not None
        return subject_of(self.cases, self.regulation)

    def at(self, places: npt.NDArray[np.int64]) -> Judged:
        """The cases at these places."""
        assert self.cases is not None and self.verdict is not None and self.failed is not None
        waived = None if self.waived is None else self.waived[places]
        return Judged(self.rule, self.cases.at(places), self.verdict[places], self.regulation, self.failed[places], waived)

    def forget(self) -> None:
        """Lets go of what can be worked out again."""
        for name in ("reason", "_liable", "subject"):
            self.__dict__.pop(name, None)
        if self.cases is not None:
            self.cases.view.forget()


def judge(ruleset: Ruleset, logs: Logs, waivers: Waivers, adjudicator: Adjudicator, only: Collection[str] | None = None) -> list[Judged]:
    """Every rule of the ruleset (or `only` those, and what they reason on), ordered by code.

    Raises DisagreementError where screen and engine differ on one case.
    """
    return sorted(judge_each(ruleset, logs, waivers, adjudicator, only=only), key=lambda j: j.rule.code)


def judge_each(
    ruleset: Ruleset,
    logs: Logs,
    waivers: Waivers,
    adjudicator: Adjudicator,
    progress: Progress = lambda _: None,
    only: Collection[str] | None = None,
    ahead: bool = False,
) -> Iterator[Judged]:
    """The same, each rule as soon as it is judged: those first that others reason on.

    `ahead`: threads of their own derive and screen the next rules meanwhile; what comes out is the same.
    """
    logs.outcomes = Outcomes()
    wanted = None if only is None else {needed for code in only for needed in ruleset.closure(code)}
    rules = [rule for rule in ruleset.ordered if wanted is None or rule.code in wanted]
    for rule, screened in zip(rules, _screened(rules, ruleset, logs, ahead), strict=True):
        progress(rule.code)
        yield _judge_rule(rule, screened, ruleset, logs, waivers, adjudicator)
    logs.forget(_LOTS)


@dataclass(frozen=True)
class _Screened:
    """The cases of a rule, which of them are of the period, and what the screen says of each."""

    cases: Cases
    in_period: Mask
    verdicts: npt.NDArray[np.int8]


def _screened(rules: Sequence[Rule], ruleset: Ruleset, logs: Logs, ahead: bool) -> Iterator[_Screened | NotAuditable]:
    """Derive and screen of the rules, in their order. A rule that reasons on others has its turn when these are judged, and not before."""
    if not ahead:
        yield from (_screen(rule, ruleset, logs) for rule in rules)
        return
    threads = ThreadPoolExecutor(THREADS, "auditor-screen")
    try:
        begun: dict[str, Future[_Screened | NotAuditable]] = {}
        for place, rule in enumerate(rules):
            for near in rules[place : place + 1 + AHEAD]:
                if not near.reasons_on and near.code not in begun:
                    begun[near.code] = threads.submit(_screen, near, ruleset, logs)
            yield begun.pop(rule.code).result() if rule.code in begun else _screen(rule, ruleset, logs)
    finally:
        threads.shutdown(cancel_futures=True)


def _screen(rule: Rule, ruleset: Ruleset, logs: Logs) -> _Screened | NotAuditable:
    try:
        cases = build(rule, logs)
        in_period = cases.in_period()
        if rule.code not in ruleset.looked_at:
            cases = cases.keep(in_period)
            in_period = np.ones(cases.size, bool)
        return _Screened(cases, in_period, screen(ruleset.asked[rule.code].questions, cases.view, cases.size))
    except NotAuditable as lack:
        return lack


def _judge_rule(
    rule: Rule, screened: _Screened | NotAuditable, ruleset: Ruleset, logs: Logs, waivers: Waivers, adjudicator: Adjudicator
) -> Judged:
    try:
        if isinstance(screened, NotAuditable):
            raise screened
        cases, in_period = screened.cases, screened.in_period
        verdicts, failed = _adjudicate(rule, ruleset.asked[rule.code], cases, screened.verdicts, adjudicator)
    except NotAuditable as lack:
        logs.outcomes.not_auditable[rule.code] = str(lack)
        return Judged(rule, not_auditable=str(lack))
    kept = cases.keep(in_period)
    judged = Judged(rule, kept, regulation=ruleset.regulation, failed=failed[in_period])
    final = judged.verdict = _final(judged, verdicts[in_period], waivers)
    judged.forget()
    logs.outcomes.by_code[rule.code] = Outcome(
        code=rule.code,
        size=cases.frame.size,
        rows=cases.view.rows,
        verdict=verdicts,
        counted_at=cases.counted_at,
        due_at=cases.due_at,
        done_at=cases.done_at,
        in_period=in_period,
        final=final,
        liable=lambda: liable_org_of(kept),
    )
    cases.view.forget()
    if isinstance(rule, Merit):
        return judged.at(np.flatnonzero(final == Verdict.MERIT))
    return judged


def _adjudicate(
    rule: Rule, asked: Asked, cases: Cases, verdicts: npt.NDArray[np.int8], adjudicator: Adjudicator
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
    """The verdicts with the engine's word in place, and which cases it could not judge."""
    failed = np.zeros(cases.size, bool)
    if not cases.size:
        return verdicts, failed
    positions = choose(verdicts, _lots(cases), cases.case_ids_at, rule.code)
    if not len(positions):
        return verdicts, failed
    compiled = compiled_rule(rule, asked, cases)
    # Errors and logs name a case; where its id is a customer's, they say which of the rule's cases it is.
    named = [f"case {at + 1} of {cases.size}" for at in positions.tolist()] if rule.case_personal else cases.case_ids_at(positions)
    said = adjudicator.adjudicate(compiled, fact_table(compiled, cases.view, named, positions))
    check_agreement(rule.code, verdicts[positions], said.verdicts, np.asarray(named, object), said.failed)
    verdicts = verdicts.copy()
    verdicts[positions] = said.verdicts
    failed[positions[said.failed]] = True
    return verdicts, failed


def _lots(cases: Cases) -> Any:
    """The lots of the case ids, drawn once for a frame."""
    frame = cases.frame
    return frame.logs.memo((_LOTS, frame.name, frame.size), lambda: lots(frame[frame.key]))[cases.view.rows]


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


def _final(judged: Judged, verdicts: npt.NDArray[np.int8], waivers: Waivers) -> npt.NDArray[np.int8]:
    """Verdicts as published: indicators, merits and waived breaches by name."""
    rule, cases = judged.rule, judged.cases
    assert cases is not None
    final = verdicts.copy()
    if isinstance(rule, Merit):
        final[verdicts == Verdict.BREACH] = Verdict.MERIT
    elif rule.severity is INDICATOR:
        final[verdicts == Verdict.BREACH] = Verdict.INDICATOR
    elif waivers.name(rule.code):
        judged.waived = waivers.cover(rule.code, cases.case_ids(), judged.org, cases.counted_at, final == Verdict.BREACH)
        final[np.array([label is not None for label in judged.waived], bool)] = Verdict.WAIVED
    return final
