"""The worked examples: each schema is loaded, checked and audited, and gives what its README says."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import URL

from auditor.cli import run
from tests.databases import Make, databases, text_url, writer

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(name="make_database")
def _make_database(tmp_path: Path) -> Iterator[Make]:
    with databases(tmp_path) as make:
        yield make


def load(url: URL, script: Path) -> None:
    engine = writer(url)
    text = "\n".join(line for line in script.read_text(encoding="utf-8").splitlines() if not line.startswith("--"))
    with engine.begin() as connection:
        for statement in text.split(";\n"):
            if statement.strip():
                connection.execution_options(no_parameters=True).exec_driver_sql(statement)
    engine.dispose()


def said_by(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that succeeds prints."""
    code = run(arguments)
    said = capsys.readouterr()
    assert code == 0, said.err
    return said.out


def audited(folder: Path, out: Path, period: str, as_of: str) -> tuple[set[tuple[str, str]], dict[str, Any]]:
    """The breaches as (rule, case id), and the summary of the one ruleset."""
    site = str(folder / "site.toml")
    assert run(["audit", "--config", site, "--period", period, "--as-of", as_of, "--out", str(out), "--no-pdf"]) == 0
    lines = (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    (ruleset,) = summary["rulesets"].values()
    return {(f["rule"], f["case_id"]) for f in map(json.loads, lines) if f["verdict"] == "breach"}, ruleset


@pytest.fixture(autouse=True)
def _site_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_KEY", "a key for the worked examples")


def test_the_help_desk_on_postgresql(
    make_database: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = make_database("postgresql")
    load(url, EXAMPLES / "helpdesk_postgresql" / "schema.sql")
    monkeypatch.setenv("HELPDESK_URL", text_url(url))
    folder = EXAMPLES / "helpdesk_postgresql"
    said = said_by(capsys, "check", "--config", str(folder / "site.toml"))
    assert "ticket from desk, tickets: 5 rows, 0 to quarantine" in said
    assert "outages are kept in another system" in said
    assert "PW401" not in said and "PW501" not in said
    breaches, ruleset = audited(folder, tmp_path / "run", "2026Q3", "2026-10-12T00:00:00")
    judged = {code for code, rule in ruleset["rules"].items() if not rule["not_auditable"]}
    assert {"PW202", "PW401", "PW403", "PW501", "PW502", "PW702"} <= judged
    assert {b for b in breaches if b[0] in ("PW401", "PW403", "PW501", "PW502")} == {
        ("PW401", "20260002"),
        ("PW501", "20260003"),
        ("PW502", "20260005"),
    }
    # the service centre sent a reminder on the day after the complaint fell due
    assert ("PW702", "20260002") not in breaches
    assert ruleset["rules"]["PW702"]["compliant"] == 1
    assert sum(ruleset["quarantined"].values()) == 0


def test_the_ticketing_system_on_mariadb(
    make_database: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = make_database("mariadb")
    load(url, EXAMPLES / "ticketing_mariadb" / "schema.sql")
    monkeypatch.setenv("TICKETING_URL", text_url(url))
    folder = EXAMPLES / "ticketing_mariadb"
    said = said_by(capsys, "check", "--config", str(folder / "site.toml"))
    assert "staff from tickets, hd_staff+hd_contractor: 3 rows, 0 to quarantine" in said
    statements = said_by(capsys, "check", "--config", str(folder / "site.toml"), "--sql")
    assert "GRANT SELECT ON hd_ticket TO 'root'@'%';" in statements
    assert "password" not in statements.lower()
    breaches, ruleset = audited(folder, tmp_path / "run", "2026Q4", "2026-12-05T00:00:00")
    assert {b for b in breaches if b[0] in ("HT101", "HT107", "HT201", "HT202", "HT203", "HT204", "HT209")} == {
        ("HT101", "H-1002"),
        ("HT201", "H-1002"),
    }
    assert ruleset["rules"]["HT202"]["compliant"] == 2
    assert ruleset["rules"]["HT203"]["compliant"] == 1
    assert sum(ruleset["quarantined"].values()) == 0


def test_the_legacy_system_in_sqlite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "legacy"
    shutil.copytree(EXAMPLES / "legacy_sqlite", folder)
    with sqlite3.connect(folder / "legacy.db") as connection:
        connection.executescript((folder / "schema.sql").read_text(encoding="utf-8"))
    connection.close()
    said = said_by(capsys, "check", "--config", str(folder / "site.toml"))
    assert "ticket from export, GDB: 5 rows, 1 to quarantine" in said
    assert "refused for accepted_at: impossible_time 1" in said
    breaches, ruleset = audited(folder, tmp_path / "run", "2026Q3", "2026-10-12T00:00:00")
    assert {b for b in breaches if b[0] in ("PW301", "PW302", "PW306", "PW308", "PW310", "PW311", "PW313")} == {
        ("PW301", "70002"),
        ("PW308", "70002"),
        ("PW310", "70003"),
        ("PW311", "70003"),
        ("PW313", "70003"),
    }
    assert ruleset["quarantined"]["ticket"] == 1
    quarantine = [json.loads(line) for line in (tmp_path / "run" / "quarantine.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(q["key"], q["field"], q["reason"]) for q in quarantine] == [("70005", "accepted_at", "impossible_time")]
