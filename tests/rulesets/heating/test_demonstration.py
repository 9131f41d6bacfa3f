"""What the demonstration of the heating season is there to show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.demo import demonstration, write_database
from auditor.rulebook import load_ruleset
from auditor.rulebook.locate import import_ruleset
from tests.audits import audit, rows_of, summary_of

DELAY = import_ruleset("heating", "demo")["demo"].DELAY


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("season")
    demo = demonstration("heating")
    write_database(demo, folder / "season.db")
    return audit(folder / "season.db", "heating", folder / "run", period=demo.period, as_of=demo.as_of)


def _sheet(run: Path, org_id: str) -> dict[str, Any]:
    return next(unit for unit in summary_of(run)["rulesets"]["heating"]["units"] if unit["org_id"] == org_id)["sheet"]


def test_every_rule_has_a_planted_case() -> None:
    planted = {code for code, _ in demonstration("heating").planted}
    assert planted == set(load_ruleset("heating").rules)


def test_one_delay_breaks_seven_rules_and_is_charged_once(run: Path) -> None:
    of_delay = {f["finding_id"]: f for f in rows_of(run / "findings.jsonl") if f["subject"] == f"ticket:{DELAY}"}
    assert sorted(f["rule"] for f in of_delay.values()) == ["HT101", "HT201", "HT205", "HT208", "HT209", "HT211", "HT215"]
    lines = [line for line in _sheet(run, "FW4")["lines"] if line["finding_id"] in of_delay]
    assert len(lines) == 7
    # Of the three critical ones the lowest code is charged; the others stand in the sheet with nought and say why.
    charged = [line for line in lines if line["deducted"]]
    assert [(of_delay[line["finding_id"]]["rule"], line["deducted"]) for line in charged] == [("HT205", 10)]
    assert {line["reason"] for line in lines if not line["deducted"]} == {f"same_act:{charged[0]['finding_id']}"}


def test_under_warranty_the_contractor_answers_for_the_repair_and_the_units_for_their_own_acts(run: Path) -> None:
    late_repair = next(f for f in rows_of(run / "findings.jsonl") if f["rule"] == "HT204")
    same_ticket = {f["rule"]: f for f in rows_of(run / "findings.jsonl") if f["subject"] == late_repair["subject"]}
    assert (late_repair["liable_org"], late_repair["liable_party"]) == (None, "恒遠管道安裝隊（示例）")
    assert {rule: f["liable_org"] for rule, f in same_ticket.items() if rule != "HT204"} == {"HT109": "DD", "HT203": "GW", "HT208": "GW"}


def test_a_follow_up_after_the_spring_festival_is_counted_in_working_days(run: Path) -> None:
    late = next(f for f in rows_of(run / "findings.jsonl") if f["rule"] == "HT210")
    # Closed on Friday 13 February: the make-up Saturday is the first day, the 24th and 25th, after the holiday, the others.
    assert late["due_at"] == "2026-02-25T23:59:59+08:00"
    assert late["parameters"]["revisit_limit"]["unit"] == "working_day"


def test_merits_say_what_the_clause_wants_shown(run: Path) -> None:
    merits = {f["rule"]: f for f in rows_of(run / "findings.jsonl") if f["verdict"] == "merit"}
    assert merits["HT903"]["facts"]["loss_avoided"] == "12600"
    assert "12600" in merits["HT903"]["message"]["zh-Hant"]
    assert merits["HT901"]["facts"]["kind"] == "media_city"
    assert merits["HT904"]["facts"]["judged_cases"] >= 30


def test_no_message_lacks_a_value(run: Path) -> None:
    for finding in rows_of(run / "findings.jsonl"):
        for language, sentence in finding["message"].items():
            assert "{" not in sentence, (finding["rule"], language)
            assert "—" not in sentence, (finding["rule"], language)
