"""A year judged in parts: no case is lost, none stands twice, and each keeps its verdict."""

from __future__ import annotations

import functools
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.rulebook import rulesets_available
from auditor.vocabulary.rules import Merit, Rule, State
from tests.audits import AUDITS, sample_database
from tests.site_logs import Case, Found, SiteLogs, cases_of, read_site

RULESETS = tuple(rulesets_available())
PERIOD, AS_OF = AUDITS["year"]
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("year")


@functools.cache
def site(ruleset: str, folder: Path) -> SiteLogs:
    return read_site(ruleset, sample_database(ruleset, "year", folder))


@functools.cache
def whole_year(ruleset: str, folder: Path) -> dict[Case, list[Found]]:
    return split_cases(ruleset, folder, PERIOD)


def of_the_whole_period(rule: Rule) -> bool:
    """States are judged at the audit instant, some merits over a whole period: each part has its own."""
    return isinstance(rule, State) or (isinstance(rule, Merit) and rule.at is None)


def split_cases(ruleset: str, folder: Path, period: str) -> dict[Case, list[Found]]:
    judged = site(ruleset, folder).judge(period, AS_OF)
    return cases_of([one for one in judged if not of_the_whole_period(one.rule)])


def joined(ruleset: str, folder: Path, periods: list[str]) -> dict[Case, list[Found]]:
    found: dict[Case, list[Found]] = {}
    for period in periods:
        for case, said in split_cases(ruleset, folder, period).items():
            found.setdefault(case, []).extend(said)
    return found


@pytest.mark.parametrize("ruleset", RULESETS)
def test_the_twelve_months_of_a_year_have_its_cases_each_once_with_the_same_verdict(ruleset: str, folder: Path) -> None:
    whole = whole_year(ruleset, folder)
    assert len(whole) > 500
    assert all(len(said) == 1 for said in whole.values())
    assert joined(ruleset, folder, [f"2026-{month:02}" for month in range(1, 13)]) == whole


@pytest.mark.parametrize("ruleset", RULESETS)
@settings(max_examples=5)
@given(cuts=st.sets(st.dates(FIRST + timedelta(1), LAST), min_size=1, max_size=4))
def test_a_year_cut_at_any_days_has_its_cases_each_once_with_the_same_verdict(ruleset: str, folder: Path, cuts: set[date]) -> None:
    starts = [FIRST, *sorted(cuts)]
    ends = [*(cut - timedelta(1) for cut in sorted(cuts)), LAST]
    parts = [f"{start}..{end}" for start, end in zip(starts, ends, strict=True)]
    assert joined(ruleset, folder, parts) == whole_year(ruleset, folder)


@pytest.mark.parametrize("ruleset", RULESETS)
def test_single_days_have_the_cases_that_count_on_them_and_no_others(ruleset: str, folder: Path) -> None:
    whole = whole_year(ruleset, folder)
    for day in ("2026-02-16", "2026-07-01", "2026-08-31", "2026-09-30"):
        expected = {case: said for case, said in whole.items() if said[0][1].startswith(day)}
        assert split_cases(ruleset, folder, f"{day}..{day}") == expected
