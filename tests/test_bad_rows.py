"""Rows that break the contract, no rows at all, and hostile text: the run ends well and says what it left out."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from auditor.rulebook import load_ruleset, rulesets_available
from tests.audits import audit, rows_of, summary_of, verdicts

RULESETS = tuple(rulesets_available())

Rows = dict[str, list[dict[str, Any]]]


def database(path: Path, ruleset: str, rows: Rows) -> Path:
    """A database with every table that the ruleset reads, and these rows."""
    loaded = load_ruleset(ruleset)
    with sqlite3.connect(path) as connection:
        for name in loaded.regulation.reads:
            names = loaded.contract[name].names
            connection.execute(f"CREATE TABLE {name} ({', '.join(names)})")
            connection.executemany(
                f"INSERT INTO {name} VALUES ({', '.join('?' * len(names))})", [[row.get(n) for n in names] for row in rows.get(name, [])]
            )
    connection.close()
    return path


@pytest.mark.parametrize("ruleset", RULESETS)
def test_an_empty_database_is_audited_without_a_finding(ruleset: str, tmp_path: Path) -> None:
    run = audit(database(tmp_path / "empty.db", ruleset, {}), ruleset, tmp_path / "run")
    told = summary_of(run)["rulesets"][ruleset]
    assert rows_of(run / "findings.jsonl") == rows_of(run / "verdicts.parquet") == rows_of(run / "quarantine.jsonl") == []
    assert set(told["rules"]) == set(load_ruleset(ruleset).rules)
    assert all(line["population"] == 0 and line["not_auditable"] is None for line in told["rules"].values())
    assert told["units"] == told["persons"] == []


@pytest.mark.parametrize("ruleset", RULESETS)
def test_a_database_without_any_table_is_audited_and_says_that_nothing_was_auditable(ruleset: str, tmp_path: Path) -> None:
    path = tmp_path / "bare.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE something_else (a)")
    connection.close()
    told = summary_of(audit(path, ruleset, tmp_path / "run"))["rulesets"][ruleset]
    assert all("has no table" in line["not_auditable"] for line in told["rules"].values())


def one_row(ruleset: str, record: str) -> dict[str, Any]:
    """A row with its mandatory fields alone."""
    values = {"code": None, "time": "2026-08-03T09:00:00", "date": "2026-08-03", "int": 1, "num": "1.5", "bool": 1, "list": "[]"}
    fields = load_ruleset(ruleset).contract[record].fields
    return {f.name: f.codes[0] if f.kind == "code" else values.get(f.kind, "X") for f in fields if f.mandatory}


@pytest.mark.parametrize("ruleset", RULESETS)
def test_one_row_a_table_is_audited(ruleset: str, tmp_path: Path) -> None:
    rows = {name: [one_row(ruleset, name)] for name in load_ruleset(ruleset).regulation.reads}
    run = audit(database(tmp_path / "one.db", ruleset, rows), ruleset, tmp_path / "run")
    assert rows_of(run / "quarantine.jsonl") == []
    assert set(summary_of(run)["rulesets"][ruleset]["rows"].values()) == {1}


def complaint(key: str, **more: Any) -> dict[str, Any]:
    return {"ticket_id": key, "category": "complaint", "received_at": "2026-07-06T09:00:00", "org_id": "SC", **more}


UNIT = {"org_id": "SC", "name": "客戶服務中心", "kind": "service_center"}


def test_every_row_that_breaks_the_contract_is_in_quarantine_with_its_reason_and_exists_for_no_rule(tmp_path: Path) -> None:
    bad = {
        "T1": ({"category": "grievance"}, "category", "unknown_code"),
        "T2": ({"category": None}, "category", "missing"),
        "T3": ({"category": " \u3000"}, "category", "missing"),
        "T4": ({"received_at": "soon"}, "received_at", "not_a_time"),
        "T5": ({"received_at": "2026-02-29T10:00:00"}, "received_at", "impossible_time"),
        "T6": ({"received_at": "1969-12-31T12:00:00"}, "received_at", "impossible_time"),
        "T7": ({"received_at": "2200-01-02T00:00:00"}, "received_at", "impossible_time"),
        "T8": ({"loss_amount": "much"}, "loss_amount", "not_a_number"),
        "T9": ({"in_warranty": "perhaps"}, "in_warranty", "not_a_flag"),
    }
    twice = [complaint("T10"), complaint("T10", org_id="another")]
    rows = [complaint("T0"), *twice, *(complaint(key, **fault) for key, (fault, _, _) in bad.items())]
    run = audit(database(tmp_path / "bad.db", "power95598", {"ticket": rows, "org_unit": [UNIT]}), "power95598", tmp_path / "run")
    refused = rows_of(run / "quarantine.jsonl")
    assert {(r["key"], r["field"], r["reason"]) for r in refused} == {
        ("T10", "ticket_id", "duplicate_key"),
        *((key, field, reason) for key, (_, field, reason) in bad.items()),
    }
    assert {(r["ruleset"], r["record"]) for r in refused} == {("power95598", "ticket")}
    assert {case for rule, case in verdicts(run) if rule == "PW401"} == {"T0"}
    told = summary_of(run)["rulesets"]["power95598"]
    assert told["rows"]["ticket"] == 12
    assert told["quarantined"]["ticket"] == 11


HOSTILE = {
    "markup": "<script>alert(1)</script>&amp;{{ 7*7 }}{% raw %}",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "SQL": "'; DROP TABLE ticket; --",
    "placeholders": "{unit}{0}{due!r:>999999}%s",
    "control characters": "a\x01b\x1bc\x7f\ufeff",
    "newlines": "first\r\nsecond\u2028third\x85fourth",
    "right to left": "\u202eevil\u202c",
    "beyond the plane": "\U0001f525\U00020000𠮷",
    "separators of ids": "a:b:c|d,e;f\x1fg",
    "quotes": "\"'`「」\\",
    "long": "長" * 70_000,
    "NUL-like": "\\u0000\\ud800",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_in_every_text_field_changes_no_verdict_and_leaves_files_that_can_be_read(kind: str, tmp_path: Path) -> None:
    text = HOSTILE[kind]
    plain = sample_rows()
    # Codes, times and what refers to other rows stay; units are renamed everywhere alike.
    hostile = {
        record: [{name: spoiled(record, name, value, text) for name, value in row.items()} for row in rows]
        for record, rows in plain.items()
    }
    first = audit(database(tmp_path / "plain.db", "power95598", plain), "power95598", tmp_path / "first")
    second = audit(database(tmp_path / "hostile.db", "power95598", hostile), "power95598", tmp_path / "second")
    said = [
        sorted((rule, case[-2:], [told[0] for told in tolds]) for (rule, case), tolds in verdicts(run).items()) for run in (first, second)
    ]
    assert len(said[0]) > 10
    assert said[0] == said[1]
    findings = rows_of(second / "findings.jsonl")
    assert any(text in finding["case_id"] for finding in findings)
    json.loads((second / "summary.json").read_text(encoding="utf-8"))


def spoiled(record: str, name: str, value: Any, text: str) -> Any:
    field = load_ruleset("power95598").contract[record].field(name)
    return f"{text}{value}" if field.kind in ("id", "text") and name not in ("kind", "duty") and isinstance(value, str) else value


def sample_rows() -> Rows:
    unit = {"org_id": "01", "name": "供電所", "kind": "supply_station"}
    notice = {
        "notice_id": "11",
        "kind": "planned",
        "org_id": "01",
        "entered_at": "2026-08-01T08:00:00",
        "planned_off_at": "2026-08-03T08:00:00",
    }
    texts = dict.fromkeys(("line", "area", "construction_unit", "work_content", "leader", "leader_phone"), "x")
    outage = {"outage_id": "21", "notice_id": "11", "kind": "planned", "org_id": "01", "off_at": "2026-08-03T07:00:00"}
    ticket = {
        "ticket_id": "31",
        "category": "fault_repair",
        "received_at": "2026-08-03T08:00:00",
        "dispatched_at": "2026-08-03T08:30:00",
        "org_id": "01",
        "area_type": "urban",
        "jurisdiction": "own",
        "accepted_at": "2026-08-03T09:00:00",
        "customer_id": "K1",
        "arrived_at": "2026-08-03T10:00:00",
        "handled_at": "2026-08-03T11:00:00",
        "closed_at": "2026-08-03T12:00:00",
    }
    event = {"event_id": "41", "ticket_id": "31", "action": "return", "at": "2026-08-03T09:20:00", "org_id": "01", "reason": "not ours"}
    return {
        "org_unit": [unit],
        "outage_notice": [notice, {**notice, **texts, "notice_id": "12", "planned_off_at": "2026-08-20T08:00:00"}],
        "outage": [outage],
        "ticket": [ticket, {**ticket, "ticket_id": "32", "category": "complaint"}],
        "ticket_event": [event],
    }
