"""Every case of every sheet (tests/rulesets/NAME/sheets/*.toml) gets the verdict that its sheet says; and the sheets stand on the edges."""

from __future__ import annotations

import functools

import pytest

from auditor.rulebook import load_ruleset, rulesets_available
from auditor.rulebook.sheets import SheetCase, read_sheets
from auditor.vocabulary.expressions import ALWAYS
from auditor.vocabulary.limits import Before, Given, WithinPeriod
from auditor.vocabulary.rules import Deadline, Duty, Merit, Rule
from tests.rulesets.sheet_runner import Outcome, local, outcome_of

RULESETS = tuple(rulesets_available())
RULES = [(name, code) for name in RULESETS for code in load_ruleset(name).rules]


@functools.cache
def sheets_of(ruleset: str) -> tuple[SheetCase, ...]:
    return read_sheets(load_ruleset(ruleset))


def every_case() -> list[SheetCase]:
    return [case for name in RULESETS for case in sheets_of(name)]


def named(case: SheetCase) -> str:
    return f"{case.ruleset}-{case.rule}: {case.says} -> {case.verdict}"


@pytest.mark.parametrize("case", every_case(), ids=named)
def test_the_case_gets_the_verdict_of_its_sheet(case: SheetCase) -> None:
    found = outcome_of(case)
    expected = {"verdict": case.verdict} | {
        name: local(str(value)) if name.endswith("_at") else value for name, value in case.checked.items()
    }
    got = {name: getattr(found, name) or "" if expected[name] == "" else getattr(found, name) for name in expected}
    assert got == expected, f"{case.place}: {case.says}"


@functools.cache
def outcomes(ruleset: str, code: str) -> tuple[Outcome, ...]:
    return tuple(outcome_of(case) for case in sheets_of(ruleset) if case.rule == code)


@pytest.mark.parametrize(("ruleset", "code"), RULES, ids=[f"{name}-{code}" for name, code in RULES])
def test_every_rule_has_a_sheet_that_stands_on_its_edges(ruleset: str, code: str) -> None:
    found = outcomes(ruleset, code)
    assert len(found) >= 3, f"{code} has {len(found)} cases"
    verdicts = {outcome.verdict for outcome in found}
    rule = load_ruleset(ruleset).rules[code]
    lacking = (wanted_verdicts(rule) - verdicts) | (wanted_edges(rule) - {edge for outcome in found for edge in edges(outcome)})
    assert not lacking, f"the sheet of {code} has no case of: {', '.join(sorted(lacking))}"


def wanted_verdicts(rule: Rule) -> set[str]:
    """What a sheet must show beside the edges of a limit."""
    if isinstance(rule, Merit):
        return {"merit", "outside"}
    verdicts = {"compliant", "indicator" if rule.severity.value == "indicator" else "breach"}
    if isinstance(rule, Duty) or (isinstance(rule, Deadline) and may_be_pending(rule)):
        verdicts.add("pending")
    if getattr(rule, "broken", None) == ALWAYS:
        # What the rule's population does is forbidden whatever else holds.
        verdicts = {"breach", "outside"}
    return verdicts | ({"indeterminate"} if rule.unknown else set())


def may_be_pending(rule: Deadline) -> bool:
    # A limit before an event begins to count with the event; one that is due when its clock starts leaves no time.
    return (
        not isinstance(rule.due, Before) and not (isinstance(rule.due, Given) and rule.due.due == rule.due.start) and not always_done(rule)
    )


def always_done(rule: Deadline) -> bool:
    """The act is what makes the row."""
    record = load_ruleset(ruleset_of(rule)).contract.get(rule.record)
    return record is not None and bool(rule.acts) and all(act in record and record.field(act).mandatory for act in rule.acts)


def ruleset_of(rule: Rule) -> str:
    return next(name for name, code in RULES if code == rule.code)


def wanted_edges(rule: Rule) -> set[str]:
    if not isinstance(rule, Deadline | Duty):
        return set()
    if untimed(rule):
        return {"never done"}
    wanted = {"kept at the limit"}
    if not (isinstance(rule, Deadline) and always_done(rule)):
        wanted.add("never done")
    # A record of the day after the period proves nothing of the period.
    if not isinstance(rule.due, WithinPeriod):
        wanted.add("broken one second after the limit")
    return wanted


def untimed(rule: Deadline | Duty) -> bool:
    """What proves it has no time of its own, so it is never late."""
    return rule.untimed if isinstance(rule, Duty) else not rule.acts


def edges(outcome: Outcome) -> set[str]:
    found = set()
    if outcome.verdict == "compliant" and outcome.since_due == 0:
        found.add("kept at the limit")
    if outcome.verdict in ("breach", "indicator"):
        found |= {"broken one second after the limit"} if outcome.since_due == 1 else set()
        found |= {"never done"} if outcome.done_at is None else set()
    return found
