"""The ruleset against a second implementation of the catalogue, on rows that are harsh on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from auditor.instants import DEFAULT_ZONE, from_iso, to_iso
from auditor.judge import judge
from auditor.periods import parse_period
from auditor.rulebook import load_ruleset
from auditor.vocabulary.questions import VERDICTS
from auditor.waivers import read_waivers
from tests.rulesets.power95598.harsh import build
from tests.rulesets.power95598.independent import judge_rows
from tests.rulesets.sheet_runner import InProcess, logs_of_rows

Found = dict[tuple[str, str], tuple[str, str, str]]

SEEDS = 2

AUDITS = [
    ("2026Q3", "2026-10-12T00:00:00", 60),
    ("2026Q3", "2026-09-30T23:59:59", 40),
    ("2026", "2026-12-31T23:59:59", 30),
    ("2026-09", "2026-09-22T23:59:59", 30),
    ("2025", "2026-01-05T08:00:00", 90),
    ("2026-08-15..2026-10-03", "2026-10-10T23:59:59", 60),
    ("2026Q4", "2027-01-04T12:00:00", 45),
]
"""Period, as-of, and how many days the rows reach back: holidays, the end of a quarter, a year whose calendar is not known."""


def said_by_the_program(rows: Mapping[str, list[Mapping[str, Any]]], period: str, as_of: str) -> Found:
    ruleset = load_ruleset("power95598")
    logs = logs_of_rows(ruleset, rows, parse_period(period), from_iso(as_of, DEFAULT_ZONE))
    found: Found = {}
    for judged in judge(ruleset, logs, read_waivers((), ruleset.name, DEFAULT_ZONE), InProcess()):  # type: ignore[arg-type]
        assert judged.cases is not None and judged.verdict is not None, judged.not_auditable
        for at, case_id in enumerate(judged.cases.case_ids()):
            assert (judged.rule.code, case_id) not in found
            unit = judged.org[at] if isinstance(judged.org[at], str) else ""
            counted = to_iso(int(judged.cases.counted_at[at]), DEFAULT_ZONE)
            found[judged.rule.code, case_id] = (VERDICTS[judged.verdict[at]], str(counted), unit)
    return found


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize(("period", "as_of", "days_back"), AUDITS, ids=[f"{period} as of {as_of}" for period, as_of, _ in AUDITS])
def test_the_program_says_what_a_second_implementation_says(seed: int, period: str, as_of: str, days_back: int) -> None:
    rows = build(seed, as_of, days_back)
    expected = {(v.rule, v.case_id): (v.verdict, v.counted_at, v.liable) for v in judge_rows(rows, period, as_of)}
    found = said_by_the_program(cast("dict[str, list[Mapping[str, Any]]]", rows), period, as_of)
    keys = sorted(set(expected) | set(found))
    differing = [(key, expected.get(key), found.get(key)) for key in keys if expected.get(key) != found.get(key)]
    assert not differing, f"{len(differing)} of {len(expected)} cases differ, such as {differing[:5]}"


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
