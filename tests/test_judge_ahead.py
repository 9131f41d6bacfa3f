"""Rules that are screened ahead of their turn, by threads of their own, get the verdicts that they get in their turn."""

from __future__ import annotations

import numpy as np
import pytest

from auditor import judge as judging
from auditor.derive.cases import Cases, subject_of
from auditor.derive.coded_text import arrow_text
from auditor.derive.logs import Logs
from auditor.judge import Judged, judge_each
from auditor.rulebook import rulesets_available
from auditor.vocabulary.rules import Rule
from auditor.waivers import Waivers
from tests.audits import AUDITS, sample_database
from tests.rulesets.sheet_runner import InProcess
from tests.site_logs import SiteLogs, cases_of, read_site

RULESETS = tuple(rulesets_available())


@pytest.fixture(scope="module", params=RULESETS)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SiteLogs:
    return read_site(request.param, sample_database(request.param, "year", tmp_path_factory.mktemp(request.param)))


def each(site: SiteLogs, logs: Logs, ahead: bool) -> list[Judged]:
    return list(judge_each(site.ruleset, logs, Waivers(), InProcess(), ahead=ahead))  # type: ignore[arg-type]


@pytest.mark.parametrize("far", [1, 3, 100])
def test_screening_ahead_changes_no_verdict_and_no_order(far: int, site: SiteLogs, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = each(site, site.logs(*AUDITS["year"]), ahead=False)
    monkeypatch.setattr(judging, "AHEAD", far)
    ahead = each(site, site.logs(*AUDITS["year"]), ahead=True)
    assert [one.rule.code for one in ahead] == [one.rule.code for one in alone]
    assert [one.not_auditable for one in ahead] == [one.not_auditable for one in alone]
    assert cases_of(ahead) == cases_of(alone)


def test_a_rule_that_reasons_on_others_is_screened_when_all_before_it_are_judged(site: SiteLogs, monkeypatch: pytest.MonkeyPatch) -> None:
    logs, screen = site.logs(*AUDITS["year"]), judging._screen
    known: dict[str, set[str]] = {}

    def screened(rule: Rule, *given: object) -> object:
        known[rule.code] = {*logs.outcomes.by_code, *logs.outcomes.not_auditable}
        return screen(rule, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(judging, "_screen", screened)
    order = [one.rule.code for one in each(site, logs, ahead=True)]
    reasoning = [code for code in order if site.ruleset.rules[code].reasons_on]
    assert reasoning
    for code in reasoning:
        assert known[code] == set(order[: order.index(code)])


def test_what_goes_wrong_in_screening_ahead_ends_the_judging(site: SiteLogs, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> object:
        raise ZeroDivisionError("a fault of the program")

    monkeypatch.setattr(judging, "screen", fails)
    with pytest.raises(ZeroDivisionError, match="a fault of the program"):
        each(site, site.logs(*AUDITS["year"]), ahead=True)


def test_subjects_of_few_cases_are_those_that_they_have_among_all(site: SiteLogs, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    for one in each(site, site.logs(*AUDITS["year"]), ahead=False):
        if one.cases is None or not one.size:
            continue
        some = np.arange(0, one.size, 7)
        monkeypatch.setattr("auditor.derive.cases._FEW", 0)
        every = subjects(one.cases, site)
        monkeypatch.setattr("auditor.derive.cases._FEW", 10**9)
        assert subjects(one.cases.at(some), site) == [every[place] for place in some]
        compared += len(some)
    assert compared > 50


def subjects(cases: Cases, site: SiteLogs) -> list[str | None]:
    found: list[str | None] = arrow_text(subject_of(cases, site.ruleset.regulation)).to_pylist()
    return found
