"""The ruleset agrees with an independent implementation, case by case, on harsh random rows and on the demonstration."""

from __future__ import annotations

import random

import pytest

from auditor.rulebook.locate import import_ruleset
from tests.rulesets.against_independent import differences, verdicts_of
from tests.rulesets.heating.harsh import harsh_rows
from tests.rulesets.heating.independent import judge

AUDITS = (
    ("2026Q3", "2026-10-12T00:00:00"),
    ("2026", "2026-03-02T17:00:00"),
    ("2026Q1", "2026-04-01T00:00:00"),
    ("2026-02", "2026-03-10T12:00:00"),
    # The calendar of 2027 is not known.
    ("2026-12-20..2027-01-15", "2027-01-20T10:00:00"),
    ("2024Q1", "2024-03-31T23:59:59"),
    ("2025H2", "2025-12-31T23:59:59"),
)


@pytest.mark.parametrize(("seed", "period", "as_of"), [(seed, *audit) for seed, audit in enumerate(AUDITS)])
def test_harsh_rows_get_the_verdicts_of_the_independent_implementation(seed: int, period: str, as_of: str) -> None:
    rows = harsh_rows(seed, as_of)
    expected = judge(rows, period, as_of)
    assert len({case.rule for case in expected}) > 35
    assert differences(verdicts_of("heating", rows, period, as_of), expected) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_demonstration_has_the_planted_breaches_and_merits_and_no_other(seed: int) -> None:
    demo = import_ruleset("heating", "demo")["demo"]
    rows, planted = demo.build(random.Random(seed))
    found = verdicts_of("heating", rows, demo.PERIOD, demo.AS_OF)
    assert sorted((v.rule, v.case_id) for v in found if v.verdict not in ("compliant", "pending")) == planted
    assert differences(found, judge(rows, demo.PERIOD, demo.AS_OF)) == []
