"""The demonstration: exactly what was planted is found, in every ruleset, and the command says which files to open."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from auditor.demo import Demonstration, demonstration, demonstrations, write_database
from auditor.rulebook import load_ruleset, rulesets_available
from auditor.vocabulary.rules import Merit
from tests.audits import rows_of, run
from tests.site_logs import cases_of, read_site

RULESETS = tuple(rulesets_available())
FOUND = {"breach", "indicator", "merit"}


@pytest.fixture(scope="module")
def shown() -> dict[str, Demonstration]:
    return {one.ruleset: one for one in demonstrations()}


def test_every_ruleset_has_a_demonstration(shown: dict[str, Demonstration]) -> None:
    assert set(shown) == set(RULESETS)


@pytest.mark.parametrize("ruleset", RULESETS)
def test_exactly_what_was_planted_is_found(ruleset: str, shown: dict[str, Demonstration], tmp_path: Path) -> None:
    demo = shown[ruleset]
    write_database(demo, tmp_path / "demo.db")
    site = read_site(ruleset, tmp_path / "demo.db")
    assert site.refusals.num_rows == 0
    judged = site.judge(demo.period, demo.as_of)
    assert [one.rule.code for one in judged if one.not_auditable] == []
    cases = cases_of(judged)
    found = {case: said[0][0] for case, said in cases.items() if said[0][0] in FOUND}
    planted = Counter(demo.planted)
    assert max(planted.values()) == 1
    assert sorted(set(planted) - set(found)) == []
    assert sorted(set(found) - set(planted)) == []
    assert Counter(said[0][0] for said in cases.values())["compliant"] > len(found), "most cases are in order"


@pytest.mark.parametrize("ruleset", RULESETS)
def test_every_rule_has_something_planted(ruleset: str, shown: dict[str, Demonstration]) -> None:
    assert {code for code, _ in shown[ruleset].planted} == set(load_ruleset(ruleset).rules)


@pytest.mark.parametrize("ruleset", RULESETS)
def test_a_demonstration_is_the_same_whenever_it_is_built(ruleset: str, shown: dict[str, Demonstration]) -> None:
    again = demonstration(ruleset)
    assert again.rows == shown[ruleset].rows
    assert again.planted == shown[ruleset].planted


def test_merits_are_no_breaches(shown: dict[str, Demonstration]) -> None:
    for name, demo in shown.items():
        merits = {code for code, rule in load_ruleset(name).rules.items() if isinstance(rule, Merit)}
        assert not merits or any(code in merits for code, _ in demo.planted)


def test_the_command_builds_audits_and_says_what_to_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("demo", "--out", tmp_path / "demo", "--no-pdf") == 0
    said = capsys.readouterr().out
    for ruleset in RULESETS:
        folder = tmp_path / "demo" / ruleset
        assert f"  {folder / 'findings.xlsx'}" in said
        assert (tmp_path / "demo" / "site" / f"{ruleset}.db").is_file()
        planted = len(demonstration(ruleset).planted)
        assert len([f for f in rows_of(folder / "findings.jsonl") if f["verdict"] in FOUND]) == planted
        assert f"({planted} planted)" in said
    assert "auditor audit --source sqlite:///" in said
