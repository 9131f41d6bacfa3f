"""What the demonstration of the bank is there to show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.demo import demonstration, write_database
from auditor.rulebook import load_ruleset
from tests.audits import audit, rows_of, summary_of


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bank")
    demo = demonstration("bank_cis")
    write_database(demo, folder / "bank.db")
    return audit(folder / "bank.db", "bank_cis", folder / "run", period=demo.period, as_of=demo.as_of)


@pytest.fixture(scope="module")
def findings(run: Path) -> list[dict[str, Any]]:
    return rows_of(run / "findings.jsonl")


def one(findings: list[dict[str, Any]], rule: str) -> dict[str, Any]:
    return next(finding for finding in findings if finding["rule"] == rule)


def test_every_rule_has_a_planted_case() -> None:
    assert {code for code, _ in demonstration("bank_cis").planted} == set(load_ruleset("bank_cis").rules)


def test_a_branch_of_the_size_that_was_asked_for(run: Path) -> None:
    rows = summary_of(run)["rulesets"]["bank_cis"]["rows"]
    assert rows["cis_user"] > 150
    assert rows["access_event"] > 10_000
    assert rows["org_unit"] > 20


def test_no_message_lacks_a_value(findings: list[dict[str, Any]]) -> None:
    for finding in findings:
        for language, sentence in finding["message"].items():
            assert "{" not in sentence, (finding["rule"], language)
            # An assignment without confirmation has nobody to name.
            assert "—" not in sentence or finding["rule"] == "BK603", (finding["rule"], language)


def test_a_look_up_is_shown_with_the_assignments_that_held_at_that_second(findings: list[dict[str, Any]]) -> None:
    assert {e["table"] for e in one(findings, "BK104")["evidence"]} == {"access_event", "cis_user", "customer_assignment"}
    assert one(findings, "BK101")["facts"]["customer_within"] is False


@pytest.mark.parametrize("rule", ["BK503", "BK507", "BK508"])
def test_an_indicator_is_a_question_with_the_explanations_looked_up(findings: list[dict[str, Any]], rule: str) -> None:
    finding = one(findings, rule)
    assert finding["verdict"] == "indicator"
    assert finding["points"] == 0
    for language, question in (("zh-Hant", "？"), ("zh-Hans", "？"), ("en", "?")):
        assert question in finding["message"][language]
    assert "no breach by itself" in finding["message"]["en"]
    assert "本身不構成違規" in finding["message"]["zh-Hant"]


def test_the_explanations_are_those_of_the_day(findings: list[dict[str, Any]]) -> None:
    night = one(findings, "BK507")["facts"]
    assert (night["working_day"], night["look_ups"], night["look_ups_assigned"], night["users_off_hours"]) == (True, 1, 1, 1)
    assert night["users_looking"] >= 1
    mass = one(findings, "BK508")["facts"]
    # The head looks at the outlet's customers, who are assigned to the managers.
    assert (mass["customers"], mass["mass_limit"], mass["look_ups_assigned"], mass["users_mass"]) == (110, 100, 0, 1)
    twice = one(findings, "BK503")["facts"]
    assert (twice["day_worked"], twice["user_look_ups"], twice["users_in_two_places"]) == (True, 0, 1)
    assert twice["users_logged_in"] >= 1


def test_merits_go_to_the_outlets_where_nothing_was_found(findings: list[dict[str, Any]]) -> None:
    merits = {f["case_id"]: f for f in findings if f["verdict"] == "merit"}
    assert set(merits) == {"B1O4", "B2O5", "B3O4"}
    assert not {f["liable_org"] for f in findings if f["verdict"] != "merit"} & set(merits)
    assert all(f["facts"]["cases_judged"] >= 500 for f in merits.values())


def test_a_member_with_two_specialists_is_told_by_a_pseudonym(findings: list[dict[str, Any]]) -> None:
    finding = one(findings, "BK206")
    assert finding["case_id"].startswith("C-")
    assert finding["case_id"] in finding["message"]["en"]
