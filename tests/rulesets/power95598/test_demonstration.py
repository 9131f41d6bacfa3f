"""What the demonstration of the county bureau is there to show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.demo import demonstration, write_database
from auditor.rulebook import load_ruleset
from tests.audits import audit, rows_of, summary_of


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bureau")
    demo = demonstration("power95598")
    write_database(demo, folder / "bureau.db")
    return audit(folder / "bureau.db", "power95598", folder / "run", period=demo.period, as_of=demo.as_of)


@pytest.fixture(scope="module")
def findings(run: Path) -> list[dict[str, Any]]:
    return rows_of(run / "findings.jsonl")


def test_every_rule_has_a_planted_case() -> None:
    assert {code for code, _ in demonstration("power95598").planted} == set(load_ruleset("power95598").rules)


def test_it_is_a_quarter_of_a_county_bureau() -> None:
    rows = demonstration("power95598").rows
    assert 2500 < len(rows["ticket"]) < 5000
    assert 300 < len(rows["outage"]) < 1000


def test_the_make_up_sunday_counts(findings: list[dict[str, Any]]) -> None:
    late = [f for f in findings if f["rule"] == "PW501" and f["facts"]["dispatched_at"].startswith("2026-09-18")]
    # Sent on Friday 18 September: Sunday 20 is worked, so that the third working day is Tuesday 22.
    assert [(f["due_at"], f["overdue_seconds"]) for f in late] == [("2026-09-22T23:59:59+08:00", 1)]
    assert late[0]["parameters"]["inquiry_limit"]["unit"] == "working_day"


def test_what_follows_from_a_breach_is_found_by_its_own_rule_and_charged_to_the_service_centre(findings: list[dict[str, Any]]) -> None:
    overdue = {f["case_id"] for f in findings if f["rule"] == "PW311"}
    forgotten = [f for f in findings if f["rule"] == "PW312"]
    assert forgotten
    assert {f["case_id"] for f in forgotten} < overdue
    assert {f["liable_org"] for f in forgotten} == {"KF"}


def test_one_act_is_charged_once(run: Path, findings: list[dict[str, Any]]) -> None:
    subjects = {f["finding_id"]: f["subject"] for f in findings}
    for unit in summary_of(run)["rulesets"]["power95598"]["units"]:
        charged = [subjects[line["finding_id"]] for line in unit["sheet"]["lines"] if line["finding_id"] and line["deducted"] > 0]
        assert len(charged) == len(set(charged)), unit["org_id"]


def test_exemplary_stations_go_without_a_breach(run: Path, findings: list[dict[str, Any]]) -> None:
    assert [f["case_id"] for f in findings if f["rule"] == "PW902"] == ["GD07", "GD08"]
    units = {unit["org_id"]: unit for unit in summary_of(run)["rulesets"]["power95598"]["units"]}
    assert {units[org]["grade"] for org in ("GD07", "GD08")} == {"A"}


def test_no_message_lacks_a_value(findings: list[dict[str, Any]]) -> None:
    for finding in findings:
        for language, sentence in finding["message"].items():
            assert "{" not in sentence, (finding["rule"], language)
            assert "—" not in sentence, (finding["rule"], language)
