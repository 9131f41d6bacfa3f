"""Rows judged by a ruleset, beside what an independent implementation says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from auditor.instants import DEFAULT_ZONE, from_iso, to_iso
from auditor.judge import judge
from auditor.periods import parse_period
from auditor.rulebook import load_ruleset
from auditor.vocabulary.questions import VERDICTS
from auditor.waivers import read_waivers
from tests.rulesets.plain_logs import Rows, Verdict
from tests.rulesets.sheet_runner import InProcess, logs_of_rows


def verdicts_of(ruleset_name: str, rows: Rows, period: str, as_of: str, overrides: Mapping[str, Any] | None = None) -> list[Verdict]:
    """Every case of the period, as the ruleset judges it; `overrides` are a site's own parameters."""
    ruleset = load_ruleset(ruleset_name)
    logs = logs_of_rows(ruleset, rows, parse_period(period), from_iso(as_of, DEFAULT_ZONE), overrides=overrides)
    found: list[Verdict] = []
    for judged in judge(ruleset, logs, read_waivers((), ruleset.name, DEFAULT_ZONE), InProcess()):  # type: ignore[arg-type]
        assert judged.not_auditable is None, f"{judged.rule.code}: {judged.not_auditable}"
        assert judged.cases is not None and judged.verdict is not None
        ids, org, party = (np.asarray(column, object).tolist() for column in (judged.cases.case_ids(), judged.org, judged.party))
        for place, case_id in enumerate(ids):
            liable = next((who[place] for who in (party, org) if isinstance(who[place], str)), "")
            counted_at = str(to_iso(int(judged.cases.counted_at[place]), DEFAULT_ZONE))
            found.append(Verdict(judged.rule.code, case_id, VERDICTS[judged.verdict[place]], counted_at, liable))
    return found


def differences(found: list[Verdict], expected: list[Verdict]) -> list[str]:
    """What one side says and the other does not, sorted; a case told twice differs from one told once."""
    ours, theirs = Counter(found), Counter(expected)
    only = {"ruleset": ours - theirs, "witness": theirs - ours}
    return sorted(f"only the {side}: {v}" for side, verdicts in only.items() for v in verdicts.elements())
