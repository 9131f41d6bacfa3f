"""The logs of the benchmark are what they say: in order but for the share that is amiss, and the same from the same seed."""

from __future__ import annotations

from collections import Counter

from auditor.judge import judge
from auditor.rulebook import load_ruleset
from auditor.vocabulary.questions import VERDICTS
from auditor.waivers import Waivers
from benchmarks.bank_cis import _logs
from benchmarks.bank_cis_logs import bank_logs
from tests.rulesets.sheet_runner import InProcess

RULESET = load_ruleset("bank_cis")
EVENTS, CUSTOMERS = 20_000, 400_000


def test_the_bank_of_the_benchmark_breaks_few_rules_and_can_be_judged() -> None:
    admitted = bank_logs(dict(RULESET.contract), events=EVENTS, customers=CUSTOMERS)
    found: Counter[str] = Counter()
    for one in judge(RULESET, _logs(admitted), Waivers(), InProcess()):  # type: ignore[arg-type]
        assert one.not_auditable is None
        assert one.verdict is not None
        found.update(VERDICTS[code] for code in one.verdict)
    assert found["compliant"] > 8 * EVENTS
    assert 0 < found["breach"] < EVENTS / 500
    assert found["indeterminate"] == found["pending"] == 0


def test_the_same_seed_gives_the_same_logs() -> None:
    one, again, other = (bank_logs(dict(RULESET.contract), events=5_000, customers=60_000, seed=seed) for seed in (1, 1, 2))
    assert one["access_event"].table.equals(again["access_event"].table)
    assert not one["access_event"].table.equals(other["access_event"].table)
