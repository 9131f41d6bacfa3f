"""A second implementation of the rules of the bank's customer system, for tests alone.

It judges one case after the other with plain loops over plain rows and shares no code with the auditor and its rulesets, so that a mistake
would have to be made twice, in two manners of writing, to stay unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from .access import judge_access
from .accounts import judge_accounts
from .branches import judge_branches, judge_clean_quarters
from .powers import judge_powers
from .security import judge_security
from .world import Verdicts, World


def judge(
    rows: Mapping[str, Sequence[Mapping[str, object]]],
    as_of: str,
    first_day: date,
    last_day: date,
    working_day: Mapping[date, bool] | None = None,
    settings: Mapping[str, int] | None = None,
) -> dict[tuple[str, str], tuple[str, int, str]]:
    """(rule, case id) -> (verdict, counted_at in seconds, liable unit or "") of every case of the period.

    `rows`: canonical records as a source shows them, times as ISO 8601 text. `working_day` tells the calendar (default: chinesecalendar);
    a date that it lacks belongs to a year that is not known. `settings` replaces site parameters (`mass_limit`, `off_hours_minimum`, ...).
    """
    world = World(rows, as_of, first_day, last_day, working_day, settings or {})
    verdicts = Verdicts(world)
    for judges in (judge_access, judge_powers, judge_accounts, judge_security, judge_branches, judge_clean_quarters):
        judges(world, verdicts)
    return verdicts.of_the_period()
