"""The ruleset agrees with an independent implementation, case by case, on harsh random rows and on the demonstration."""

from __future__ import annotations

import random

import pytest

from auditor.rulebook.locate import import_ruleset
from tests.rulesets.against_independent import differences, verdicts_of
from tests.rulesets.csg_service.harsh import build
from tests.rulesets.csg_service.independent import judge
from tests.rulesets.harsh_rows import AUDITS

RULESET = "csg_service"


@pytest.mark.parametrize(("seed", "period", "as_of"), [(seed, *audit) for seed, audit in enumerate(AUDITS)])
def test_harsh_rows_get_the_verdicts_of_the_independent_implementation(seed: int, period: str, as_of: str) -> None:
    rows = build(seed, as_of)
    expected = judge(rows, period, as_of)
    assert len(expected) > 10
    assert differences(verdicts_of(RULESET, rows, period, as_of), expected) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_demonstration_has_the_planted_breaches_and_merits_and_no_other(seed: int) -> None:
    demo = import_ruleset(RULESET, "demo")["demo"]
    rows, planted = demo.build(random.Random(seed))
    found = verdicts_of(RULESET, rows, demo.PERIOD, demo.AS_OF)
    assert sorted((v.rule, v.case_id) for v in found if v.verdict not in ("compliant", "pending")) == planted
    assert differences(found, judge(rows, demo.PERIOD, demo.AS_OF)) == []
