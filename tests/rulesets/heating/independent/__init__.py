"""A second implementation of the heating rules, to hold the ruleset against.

It shares no line with the auditor: one case after the other in plain Python, values typed by hand, no frames, no parameters file.
Slow on purpose, so that each reading stands beside the words it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tests.rulesets.plain_logs import Verdict, audit_period

from .logs import LOCAL, Logs
from .rules import cases_of_period


def judge(rows: Mapping[str, Iterable[Mapping[str, Any]]], period: str, as_of: str) -> list[Verdict]:
    """Every case of the period under every rule; rows that break the contract are left out here as well."""
    span = audit_period(period)
    logs = Logs.of(rows, as_of, span.start.date(), span.end.date())
    return [
        Verdict(case.rule, case.case_id, case.verdict, datetime.fromtimestamp(case.counted_at, LOCAL).isoformat(), case.liable)
        for case in cases_of_period(logs)
    ]
