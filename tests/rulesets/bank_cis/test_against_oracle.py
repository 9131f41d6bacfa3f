"""The ruleset agrees with the second implementation, case by case, on harsh random rows and on the demonstration."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from auditor.instants import DEFAULT_ZONE, to_iso
from auditor.periods import parse_period
from auditor.rulebook.locate import import_ruleset
from tests.rulesets.against_independent import differences, verdicts_of
from tests.rulesets.bank_cis.harsh import at_midnight, build
from tests.rulesets.bank_cis.oracle import judge
from tests.rulesets.harsh_rows import AUDITS
from tests.rulesets.plain_logs import Rows, Verdict

RULESET = "bank_cis"


STRICT = {"mass_limit": 1, "off_hours_minimum": 2, "password_age": 40, "session_idle": 5, "close_limit": 1, "verify_limit": 7, "tenure": 3}
"""Parameters of a site, in their own units."""
IN_SECONDS = {"password_age": 86400, "session_idle": 60}


def expected(rows: Rows, period: str, as_of: str, settings: Mapping[str, int] | None = None) -> list[Verdict]:
    span = parse_period(period)
    seconds = {name: value * IN_SECONDS.get(name, 1) for name, value in (settings or {}).items()}
    found = judge(rows, as_of, span.first, span.last, settings=seconds)
    return [
        Verdict(rule, case, verdict, str(to_iso(counted, DEFAULT_ZONE)), liable)
        for (rule, case), (verdict, counted, liable) in found.items()
    ]


def busy_day(period: str, as_of: str) -> date:
    """Where the rows gather: in the period's last weeks, before as-of."""
    return min(parse_period(period).last, date.fromisoformat(as_of[:10])) - timedelta(days=20)


@pytest.mark.parametrize(("seed", "period", "as_of"), [(seed, *audit) for seed, audit in enumerate(AUDITS * 2)])
def test_harsh_rows_get_the_verdicts_of_the_second_implementation(seed: int, period: str, as_of: str) -> None:
    rows = build(seed, as_of, at_midnight(busy_day(period, as_of).isoformat()))
    wanted = expected(rows, period, as_of)
    assert len(wanted) > 500
    assert differences(verdicts_of(RULESET, rows, period, as_of), wanted) == []


@pytest.mark.parametrize(("seed", "period", "as_of"), [(100 + seed, *audit) for seed, audit in enumerate(AUDITS)])
def test_a_site_that_asks_for_more_is_judged_by_its_own_parameters(seed: int, period: str, as_of: str) -> None:
    rows = build(seed, as_of, at_midnight(busy_day(period, as_of).isoformat()))
    overrides = {name: {"values": [{"from": date(2000, 1, 1), "value": value}]} for name, value in STRICT.items()}
    found = verdicts_of(RULESET, rows, period, as_of, overrides)
    assert differences(found, expected(rows, period, as_of, STRICT)) == []


@pytest.mark.parametrize("seed", range(2))
def test_the_demonstration_has_the_planted_breaches_and_merits_and_no_other(seed: int) -> None:
    demo = import_ruleset(RULESET, "demo")["demo"]
    rows, planted = demo.build(random.Random(seed))
    found = verdicts_of(RULESET, rows, demo.PERIOD, demo.AS_OF)
    assert sorted((v.rule, v.case_id) for v in found if v.verdict not in ("compliant", "pending")) == planted
    assert differences(found, expected(rows, demo.PERIOD, demo.AS_OF)) == []
