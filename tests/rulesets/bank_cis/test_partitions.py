"""A log judged in parts has the cases of the whole, each once and with the same verdict."""

from __future__ import annotations

import random

import numpy as np
import pytest

from auditor.derive import Logs
from auditor.instants import DEFAULT_ZONE, from_iso
from auditor.judge import Judged, judge
from auditor.periods import parse_period
from auditor.rulebook import load_ruleset
from auditor.rulebook.locate import import_ruleset
from auditor.validate import Admitted
from auditor.vocabulary.questions import VERDICTS
from auditor.waivers import Waivers
from benchmarks.bank_cis_parts import BY_NUMBER, OF_ALL, by_user, once, own_cases, part_of_users, parts_of_numbers, with_events
from tests.rulesets.bank_cis.harsh import at_midnight, build
from tests.rulesets.plain_logs import Rows
from tests.rulesets.sheet_runner import InProcess, logs_of_rows

RULESET = load_ruleset("bank_cis")
PERIOD, AS_OF = "2026", "2026-11-20T09:00:00"
Case = tuple[str, str, str, int]


def cases(judged: list[Judged], part: int = 0, parts: int = 1, *, users: bool = False) -> list[Case]:
    found = []
    for one in judged:
        assert one.cases is not None and one.verdict is not None
        own = own_cases(one, part, parts) if users else np.ones(one.size, bool)
        ids = np.asarray(one.cases.case_ids(), object)
        found += [(one.rule.code, ids[i], VERDICTS[one.verdict[i]], int(one.cases.counted_at[i])) for i in np.flatnonzero(own)]
    return found


def judged(admitted: dict[str, Admitted], codes: list[str] | None = None) -> list[Judged]:
    given = logs_of_rows(RULESET, {}, parse_period(PERIOD), from_iso(AS_OF, DEFAULT_ZONE))
    logs = Logs(
        admitted,
        contract=given.contract,
        absent={},
        facts=given.facts,
        parameters=given.parameters,
        calendar=given.calendar,
        period=given.period,
        as_of=given.as_of,
        zone=given.zone,
        data=given.data,
    )
    return judge(RULESET, logs, Waivers(), InProcess(), only=codes)  # type: ignore[arg-type]


def in_parts(admitted: dict[str, Admitted], parts: int) -> list[Case]:
    events = admitted["access_event"].table
    found = cases(judged(with_events(admitted, events.slice(0, 0)), once(RULESET)))
    for part in range(parts):
        found += cases(judged(with_events(admitted, part_of_users(events, part, parts)), by_user(RULESET)), part, parts, users=True)
    for numbers in parts_of_numbers(events, from_iso(AS_OF, DEFAULT_ZONE), parts):
        found += cases(judged(with_events(admitted, numbers), list(BY_NUMBER)))
    return sorted(found)


def rows_of(seed: int | str) -> Rows:
    if isinstance(seed, int):
        return build(seed, AS_OF, at_midnight("2026-10-20"))
    rows, _ = import_ruleset("bank_cis", "demo")["demo"].build(random.Random(seed))
    return rows  # type: ignore[no-any-return]


@pytest.mark.parametrize("seed", [1, 2, 3, 4, "demonstration"])
@pytest.mark.parametrize("parts", [1, 2, 5])
def test_the_parts_have_the_cases_of_the_whole(seed: int | str, parts: int) -> None:
    admitted = dict(logs_of_rows(RULESET, rows_of(seed), parse_period(PERIOD), from_iso(AS_OF, DEFAULT_ZONE))._admitted)
    whole = sorted(case for case in cases(judged(admitted)) if case[0] not in OF_ALL)
    assert len(whole) > 1000
    assert in_parts(admitted, parts) == whole
