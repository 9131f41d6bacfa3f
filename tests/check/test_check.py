"""`auditor check`: what it says of a site before anybody is accused."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from auditor.check import grants
from auditor.cli import run

ROWS: dict[str, list[dict[str, Any]]] = {
    "org_unit": [{"org_id": "U", "name": "Unit", "kind": "pipe_station", "parent_id": None, "valid_from": None, "valid_to": None}],
    "ticket": [
        {"ticket_id": "1", "category": "heat_repair", "level": "general", "received_at": "2026-09-10T08:00:00", "accepted_at": None},
        {"ticket_id": "2", "category": "heat_repair", "level": "huge", "received_at": "2026-09-10T08:00:00", "accepted_at": None},
        {"ticket_id": "3", "category": "heat_event", "level": "huge", "received_at": "soon", "accepted_at": None},
        {
            "ticket_id": "4",
            "category": "heat_event",
            "level": None,
            "received_at": "2026-09-10T08:00:00",
            "accepted_at": "2026-09-10T07:00:00",
        },
        {"ticket_id": "5", "category": "heat_event", "level": None, "received_at": "2150-01-01T00:00:00", "accepted_at": "2150-01-02"},
    ],
}


def database(folder: Path, rows: dict[str, list[dict[str, Any]]] = ROWS) -> Path:
    path = folder / "logs.db"
    with sqlite3.connect(path) as connection:
        for name, some in rows.items():
            columns = list(some[0])
            connection.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
            marks = ", ".join("?" for _ in columns)
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", [tuple(row.values()) for row in some])
    connection.close()
    return path


def checked(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    assert run(["check", "--source", f"sqlite:///{path}", "--ruleset", "heating", "--json", *more]) == 0
    (result,) = json.loads(capsys.readouterr().out)
    return dict(result)


def test_what_is_said_of_a_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = checked(database(tmp_path), capsys)
    ticket = next(r for r in result["records"] if r["record"] == "ticket")
    assert (ticket["read"], ticket["refused"]) == (5, 2)
    assert ticket["unknown_codes"] == {"level": {"huge": 2}}
    assert ticket["reasons"] == {"level": {"unknown_code": 2}, "received_at": {"not_a_time": 1}}
    columns = {c["name"]: c for c in ticket["columns"]}
    assert columns["level"]["blank"] == 2
    assert columns["received_at"]["earliest"] == "2026-09-10T08:00:00+08:00"
    assert columns["received_at"]["future"] == 1
    assert columns["accepted_at"]["before_start"] == 1
    assert ticket["missing"]["dispatched_at"] == "the table ticket has no column dispatched_at"


def test_what_will_not_be_auditable_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = checked(database(tmp_path), capsys)
    assert result["absent"]["heat_stop"] == "the source main has no table heat_stop"
    assert "no column dispatched_at" in result["not_auditable"]["HT101"]
    assert "no table heat_stop" in result["not_auditable"]["HT301"]


def test_the_same_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--source", f"sqlite:///{database(tmp_path)}", "--ruleset", "heating"]) == 0
    said = capsys.readouterr().out
    assert "ticket from main, ticket: 5 rows, 2 to quarantine" in said
    assert "unknown codes in level: 'huge' 2" in said
    assert "1 in the future" in said and "1 before the row's first step" in said
    assert "HT301: the source main has no table heat_stop" in said


def test_texts_that_name_no_period_and_a_column_that_is_always_blank(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {
        "duty_record": [
            {"record_id": str(i), "duty": "service_brief", "org_id": "U", "period": p, "done_at": "2026-09-10", "items": None}
            for i, p in enumerate(["2026-09", "2026Q3", "2026H1", "2026", "Sept 2026", "2026-13", None])
        ]
    }
    path = database(tmp_path, rows)
    assert run(["check", "--source", f"sqlite:///{path}", "--ruleset", "csg_service"]) == 0
    said = capsys.readouterr().out
    assert "no periods: '2026-13' 1, 'Sept 2026' 1" in said
    assert said.count("ALWAYS BLANK") == 1


def test_due_dates_beyond_the_working_calendar(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {"ticket": [{"ticket_id": "1", "category": "heat_repair", "closed_at": "2024-03-01"}]}
    assert checked(database(tmp_path, rows), capsys)["calendar"] is None
    late = tmp_path / "late"
    late.mkdir()
    site = late / "site.toml"
    # the auditor's own calendar does not end in the past: the site brings rows of its last months
    from auditor.calendar.working_calendar import WorkingCalendar

    last = max(WorkingCalendar.from_files().known_years)
    database(late, {"ticket": [{"ticket_id": "1", "category": "heat_repair", "closed_at": f"{last}-12-20"}]})
    site.write_text('[rulesets.heating.sources.main]\nurl = "sqlite:///logs.db"\n', encoding="utf-8")
    from datetime import UTC, datetime

    from auditor.check import check_ruleset
    from auditor.config import load_site
    from auditor.instants import DEFAULT_ZONE
    from auditor.load import RulesetSources
    from auditor.parameters import load_parameters
    from auditor.rulebook import load_ruleset

    ruleset = load_ruleset("heating")
    sources = RulesetSources(load_site(site).rulesets["heating"], DEFAULT_ZONE)
    result = check_ruleset(
        ruleset,
        sources.read_one,
        sources.safe_urls(),
        parameters=load_parameters(ruleset.folder / "parameters.toml", None, None, DEFAULT_ZONE),
        calendar=WorkingCalendar.from_files(),
        zone=DEFAULT_ZONE,
        now=int(datetime(last, 12, 31, tzinfo=UTC).timestamp()),
    )
    sources.close()
    assert result.calendar is not None
    assert f"ends with {last}" in result.calendar and "revisit_limit" in result.calendar and f"{last + 1}" in result.calendar


def test_the_statements_and_grants(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--source", f"sqlite:///{database(tmp_path)}", "--ruleset", "heating", "--sql"]) == 0
    said = capsys.readouterr().out
    assert "FROM ticket;" in said and "SELECT *" not in said
    assert grants("postgresql", ["crm.orders", "public.staff"], "auditor") == [
        'GRANT USAGE ON SCHEMA crm TO "auditor";',
        'GRANT USAGE ON SCHEMA public TO "auditor";',
        'GRANT SELECT ON crm.orders TO "auditor";',
        'GRANT SELECT ON public.staff TO "auditor";',
    ]
    assert grants("mysql", ["crm.orders"], "auditor") == ["GRANT SELECT ON crm.orders TO 'auditor'@'%';"]
    assert grants("mssql", ["dbo.orders"], "auditor") == ["GRANT SELECT ON dbo.orders TO [auditor];"]
    assert grants("oracle", ["crm.orders"], "auditor") == ["GRANT SELECT ON crm.orders TO auditor;"]


def test_a_source_that_is_down_costs_its_own_ruleset_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database(tmp_path)
    site = tmp_path / "site.toml"
    site.write_text(
        '[rulesets.heating.sources.main]\nurl = "sqlite:///logs.db"\n'
        '[rulesets.csg_service.sources.main]\nurl = "postgresql://nobody@127.0.0.1:1/x"\nconnect_timeout = 2\n',
        encoding="utf-8",
    )
    assert run(["check", "--config", str(site)]) == 3
    said = capsys.readouterr()
    assert "ticket from main, ticket: 5 rows" in said.out
    assert said.err.count("connecting failed") == 1
    assert "Check host and port" in said.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["check"], "no source is given"),
        (["check", "--source", "sqlite:///x.db"], "needs exactly one --ruleset"),
        (["check", "--source", "sqlite:///x.db", "--config", "y.toml", "--ruleset", "heating"], "give one of them"),
        (["check", "--config", "nowhere.toml"], "there is no such file"),
    ],
)
def test_wrong_usage(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert says in capsys.readouterr().err
