"""`auditor init`: a folder that loads as it is, and a mapping proposed from a database."""

from __future__ import annotations

import sqlite3
import stat
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from auditor.cli import run
from auditor.config import check_mapping, load_site
from auditor.contract import SHARED_RECORDS, load_contract
from auditor.load import RawRecord, RulesetSources, open_source
from auditor.propose import propose
from auditor.rulebook import load_ruleset, rulesets_available
from auditor.site import quoted
from auditor.validate import validate

ZONE = ZoneInfo("Asia/Shanghai")


def test_a_new_site_loads_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "north"
    assert run(["init", str(folder)]) == 0
    site = load_site(folder / "site.toml")
    assert site.name == "north"
    assert set(site.rulesets) == set(rulesets_available())
    assert all(one.feeds == {} for one in site.rulesets.values())
    key = folder / "site.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text(encoding="ascii").strip()) == 64
    assert site.key_file == key
    assert (folder / ".gitignore").read_text(encoding="utf-8") == "site.key\n"


def test_the_commented_mapping_is_whole_and_valid(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    assert run(["init", str(folder), "--ruleset", "heating"]) == 0
    text = (folder / "heating.toml").read_text(encoding="utf-8")
    start = text.index("\n# [records.")
    (folder / "heating.toml").write_text(text[start:].replace("\n# ", "\n"), encoding="utf-8")
    ruleset = load_ruleset("heating")
    feeds = load_site(folder / "site.toml").rulesets["heating"].feeds
    assert set(feeds) == set(ruleset.regulation.reads)
    assert all(tuple(f.config.columns) == ruleset.contract[r].names for r, (f,) in feeds.items())


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "site"
    assert run(["init", str(folder), "--ruleset", "heating"]) == 0
    key = (folder / "site.key").read_text(encoding="ascii")
    assert run(["init", str(folder), "--ruleset", "heating"]) == 2
    assert "nothing is overwritten" in capsys.readouterr().err
    assert (folder / "site.key").read_text(encoding="ascii") == key


HELP_DESK = """
CREATE TABLE tickets (id INTEGER, type VARCHAR(20), priority INTEGER, created_at INTEGER, assigned_at TIMESTAMP, closed_at TIMESTAMP,
    group_id INTEGER, customer_id INTEGER, memo TEXT);
CREATE TABLE users (id INTEGER, full_name TEXT, group_id INTEGER, phone TEXT);
CREATE TABLE groups (id INTEGER, name TEXT);
CREATE TABLE ticket_history (id INTEGER, ticket_id INTEGER, action TEXT, created_at TIMESTAMP, user_id INTEGER);
CREATE TABLE invoices (nr INTEGER, amount REAL);
INSERT INTO tickets VALUES (1, 'complaint', 1, 1789025400, '2026-09-10 15:35:00', NULL, 7, 99, 'a'),
    (2, 'Q', 2, 1789025401, NULL, NULL, 7, 98, ''),
    (3, 'Q', 2, 1789025402, NULL, NULL, 7, 98, '');
INSERT INTO users VALUES (1, 'Agent One', 7, '13800000000');
INSERT INTO groups VALUES (7, 'First "level" \\ line');
INSERT INTO ticket_history VALUES (1, 1, 'assign', '2026-09-10 15:35:00', 1);
"""


@pytest.fixture(name="desk")
def _desk(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "desk.db") as connection:
        connection.executescript(HELP_DESK)
    connection.close()
    return f"sqlite:///{tmp_path / 'desk.db'}"


def test_what_is_proposed(desk: str) -> None:
    contract = load_contract(SHARED_RECORDS)
    source = open_source(desk)
    found = {p.record.name: p for p in propose(source, list(contract.values()), ZONE)}
    source.close()
    ticket = found["ticket"]
    assert ticket.table is not None and ticket.table.name == "tickets" and ticket.sure and ticket.rows == 3
    best = {c.field.name: c.candidates[0] for c in ticket.columns if c.candidates}
    assert best["ticket_id"].column.name == "id"
    assert best["category"].column.name == "type"
    assert (best["received_at"].column.name, best["received_at"].epoch) == ("created_at", "s")
    assert best["dispatched_at"].column.name == "assigned_at"
    assert best["closed_at"].column.name == "closed_at"
    assert best["org_id"].column.name == "group_id"
    assert best["level"].column.name == "priority"
    assert "arrived_at" not in best and "contractor" not in best
    sure = {c.field.name for c in ticket.columns if c.sure}
    assert "level" in sure and "severity" not in sure, "one column is not two"
    values = next(c for c in ticket.columns if c.field.name == "category").values
    assert dict(values) == {"Q": 2, "complaint": 1}
    assert found["org_unit"].table is not None and found["org_unit"].table.name == "groups"
    assert found["staff"].table is not None and found["staff"].table.name == "users"
    assert found["ticket_event"].table is not None and found["ticket_event"].table.name == "ticket_history"
    assert found["commendation"].table is None


def test_a_prefix_that_all_tables_have_says_nothing(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "hd.db") as connection:
        for name in ("hd_ticket", "hd_staff", "hd_faq"):
            connection.execute(f"CREATE TABLE {name} (id INTEGER, created TIMESTAMP, closed TIMESTAMP, priority INTEGER)")
            connection.execute(f"INSERT INTO {name} VALUES (1, '2026-09-10 08:00:00', '0000-00-00 00:00:00', 2)")
    connection.close()
    source = open_source(f"sqlite:///{tmp_path / 'hd.db'}")
    (ticket,) = propose(source, [load_contract(SHARED_RECORDS)["ticket"]], ZONE)
    source.close()
    assert ticket.table is not None and ticket.table.name == "hd_ticket" and ticket.sure
    sure = {c.field.name: c.candidates[0].column.name for c in ticket.columns if c.sure}
    assert sure == {"ticket_id": "id", "received_at": "created", "closed_at": "closed", "level": "priority"}
    closed = next(c for c in ticket.columns if c.field.name == "closed_at")
    assert closed.candidates[0].zero == ("0000-00-00",)


def test_the_proposed_mapping_runs_and_asks(desk: str, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    assert run(["init", str(folder), "--ruleset", "power95598", "--inspect", desk]) == 0
    text = (folder / "power95598.toml").read_text(encoding="utf-8")
    assert "QUESTION: which code is which?" in text
    assert '# "Q" = "?"  # 2 rows' in text
    assert "QUESTION: no table looks like commendation" in text
    assert "Agent One" not in text and "13800000000" not in text, "sample values of people stand nowhere"
    site = load_site(folder / "site.toml")
    one = site.rulesets["power95598"]
    ruleset = load_ruleset("power95598")
    check_mapping(one, ruleset.contract, ruleset.regulation.reads)
    sources = RulesetSources(one, ZONE)
    raw = sources.read_one(ruleset.contract["ticket"])
    assert isinstance(raw, RawRecord)
    admitted, refused = validate(raw, "power95598", ZONE)
    sources.close()
    assert admitted.rows_read == 3
    # an unanswered question about a code quarantines its rows, and says so
    assert ("category", "Q", "unknown_code") in [(r["field"], r["value"], r["reason"]) for r in refused.to_pylist()]


def test_answered_questions_are_a_mapping(desk: str, tmp_path: Path) -> None:
    """Taking the comment signs away and putting codes in is all that is left to do."""
    folder = tmp_path / "site"
    assert run(["init", str(folder), "--ruleset", "power95598", "--inspect", desk]) == 0
    path = folder / "power95598.toml"
    text = path.read_text(encoding="utf-8")
    for code, meaning in {"Q": "inquiry", "1": "major", "2": "general"}.items():
        text = text.replace(f'# "{code}" = "?"', f'"{code}" = "{meaning}"', 1)
    path.write_text(text, encoding="utf-8")
    one = load_site(folder / "site.toml").rulesets["power95598"]
    sources = RulesetSources(one, ZONE)
    raw = sources.read_one(load_ruleset("power95598").contract["ticket"])
    assert isinstance(raw, RawRecord)
    admitted, refused = validate(raw, "power95598", ZONE)
    sources.close()
    assert refused.to_pylist() == []
    assert admitted.table["category"].to_pylist() == ["complaint", "inquiry", "inquiry"]


def test_a_password_on_the_command_line_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path / "site"), "--inspect", "postgresql://u:hunter2@h/d"]) == 2
    said = capsys.readouterr().err
    assert "environment variable" in said and "hunter2" not in said
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("text", ["plain", 'a "quoted" one', "back\\slash", "two\nlines\t", "\x00\x7f", "線路", "'''"])
def test_texts_are_quoted_for_toml(text: str) -> None:
    assert tomllib.loads(f"a = {quoted(text)}")["a"] == text
