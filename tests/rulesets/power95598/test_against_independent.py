"""The ruleset agrees with a second implementation of the catalogue, case by case, on harsh random rows and on the demonstration."""

from __future__ import annotations

import random

import pytest

from auditor.rulebook import load_ruleset
from auditor.rulebook.locate import import_ruleset
from tests.rulesets.against_independent import differences, verdicts_of
from tests.rulesets.power95598.harsh import build
from tests.rulesets.power95598.independent import judge_rows

SEEDS = 2

AUDITS = (
    ("2026Q3", "2026-10-12T00:00:00", 60),
    ("2026Q3", "2026-09-30T23:59:59", 40),
    ("2026", "2026-12-31T23:59:59", 30),
    ("2026-09", "2026-09-22T23:59:59", 30),
    ("2025", "2026-01-05T08:00:00", 90),
    ("2026-08-15..2026-10-03", "2026-10-10T23:59:59", 60),
    ("2026Q4", "2027-01-04T12:00:00", 45),
)
"""Period, as-of, and how many days the rows reach back: holidays, the end of a quarter, a year whose calendar is not known."""


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize(("period", "as_of", "days_back"), AUDITS, ids=[f"{period} as of {as_of}" for period, as_of, _ in AUDITS])
def test_harsh_rows_get_the_verdicts_of_the_second_implementation(seed: int, period: str, as_of: str, days_back: int) -> None:
    rows = build(seed, as_of, days_back)
    assert differences(verdicts_of("power95598", rows, period, as_of), judge_rows(rows, period, as_of)) == []


def test_the_harsh_rows_reach_every_verdict_of_every_rule() -> None:
    seen = {
        (v.rule, v.verdict)
        for period, as_of, days_back in AUDITS
        for seed in range(SEEDS)
        for v in judge_rows(build(seed, as_of, days_back), period, as_of)
    }
    rules = load_ruleset("power95598").rules.values()
    wanted = {(rule.code, verdict) for rule in rules if rule.severity != "merit" for verdict in ("compliant", "breach")}
    wanted |= {(rule.code, "indeterminate") for rule in rules if rule.unknown} | {("PW901", "merit")}
    assert sorted(wanted - seen) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_demonstration_has_the_planted_breaches_and_merits_and_no_other(seed: int) -> None:
    demo = import_ruleset("power95598", "demo")["demo"]
    rows, planted = demo.build(random.Random(seed))
    found = verdicts_of("power95598", rows, demo.PERIOD, demo.AS_OF)
    assert sorted((v.rule, v.case_id) for v in found if v.verdict not in ("compliant", "pending")) == planted
    assert differences(found, judge_rows(rows, demo.PERIOD, demo.AS_OF)) == []
