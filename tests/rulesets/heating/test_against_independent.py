"""The ruleset agrees with an independent implementation, case by case, on harsh random rows and on the demonstration."""

from __future__ import annotations

import random

import pytest

from auditor.derive import coded_text, verbs
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


def test_repeated_findings_and_leaves_of_a_long_log_count_from_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    # What a long log is searched by is chosen by its length alone; here every log is long enough.
    monkeypatch.setattr(verbs, "WORTH_IT", 1)
    monkeypatch.setattr(coded_text, "CODED_FROM", 1)
    tickets = [f"T{number:03}" for number in range(20)]
    acts = [(8, "out_of_scope_found"), (9, "refuse"), (9, "return"), (10, "out_of_scope_found")]
    rows = {
        "ticket_event": [
            {
                "event_id": f"E{ticket}{place}",
                "ticket_id": ticket,
                "action": act,
                "at": f"2026-03-01T{hour:02}:00:00",
                "outcome": "rejected",
            }
            for ticket in tickets
            for place, (hour, act) in enumerate(acts)
        ],
        "approval": [
            {
                "approval_id": f"A{ticket}{hour}",
                "kind": "return_order",
                "subject_id": ticket,
                "approved_at": f"2026-03-01T{hour:02}:00:00",
                "result": "approved",
            }
            for ticket in tickets
            for hour in (8, 10)
        ],
    }
    found = verdicts_of("heating", rows, "2026-03", "2026-04-01T00:00:00")
    assert sorted((v.rule, v.verdict) for v in found) == [("HT102", "compliant")] * 20 + [("HT104", "compliant")] * 20


@pytest.mark.parametrize("seed", range(3))
def test_the_demonstration_has_the_planted_breaches_and_merits_and_no_other(seed: int) -> None:
    demo = import_ruleset("heating", "demo")["demo"]
    rows, planted = demo.build(random.Random(seed))
    found = verdicts_of("heating", rows, demo.PERIOD, demo.AS_OF)
    assert sorted((v.rule, v.case_id) for v in found if v.verdict not in ("compliant", "pending")) == planted
    assert differences(found, judge(rows, demo.PERIOD, demo.AS_OF)) == []
