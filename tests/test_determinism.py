"""A run on the same data with the same key leaves the same bytes, however many workers judge and in whatever order the rows lie."""

from __future__ import annotations

import json
import random
import re
import sqlite3
from pathlib import Path

import pytest

from auditor.adjudicate import dispatch
from auditor.rulebook import rulesets_available
from tests.audits import audit, rows_of, run, sample_database

RULESETS = tuple(rulesets_available())
SAME = ("findings.jsonl", "summary.json", "quarantine.jsonl", "verdicts.parquet", "evidence.parquet", "regulations.json")


def broken_rows(database: Path) -> None:
    """Rows that the contract refuses, for several reasons, among them keys that stand twice with different content."""
    with sqlite3.connect(database) as connection:
        for table, columns in tables_of(connection).items():
            keys = [row[0] for row in connection.execute(f"SELECT {columns[0]} FROM {table} ORDER BY 1 LIMIT 9")]
            if len(columns) > 2 and len(keys) == 9:
                connection.execute(f"INSERT INTO {table} ({columns[0]}) VALUES (NULL)")
                connection.execute(f"INSERT INTO {table} ({', '.join(columns[:3])}) VALUES (?, 'another', 'another')", (keys[0],))
                connection.execute(f"INSERT INTO {table} SELECT * FROM {table} WHERE {columns[0]} = ?", (keys[1],))
                for key, column in zip(keys[2:], columns[1:], strict=False):
                    connection.execute(f"UPDATE {table} SET {column} = '2026-02-30' WHERE {columns[0]} = ?", (key,))


def tables_of(connection: sqlite3.Connection) -> dict[str, list[str]]:
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")] for name in names}


def without_keys(database: Path) -> None:
    """The same rows in tables that let a key stand twice."""
    with sqlite3.connect(database) as connection:
        for table in tables_of(connection):
            connection.execute(f"CREATE TABLE copy_of AS SELECT * FROM {table}")
            connection.execute(f"DROP TABLE {table}")
            connection.execute(f"ALTER TABLE copy_of RENAME TO {table}")


def shuffled(database: Path, to: Path, seed: int) -> Path:
    """The rows of a database in another order, in tables that stand in another order."""
    chance = random.Random(seed)
    with sqlite3.connect(database) as old, sqlite3.connect(to) as new:
        tables = list(tables_of(old).items())
        chance.shuffle(tables)
        for table, columns in tables:
            rows = old.execute(f"SELECT * FROM {table}").fetchall()
            order = list(range(len(columns)))
            chance.shuffle(order)
            chance.shuffle(rows)
            new.execute(f"CREATE TABLE {table} ({', '.join(columns[i] for i in order)})")
            new.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", [tuple(row[i] for i in order) for row in rows])
    return to


@pytest.mark.parametrize("ruleset", RULESETS)
def test_one_worker_or_two_and_rows_in_any_order_leave_the_same_bytes(
    ruleset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = sample_database(ruleset, "after", tmp_path)
    without_keys(database)
    broken_rows(database)
    first = audit(database, ruleset, tmp_path / "first")
    assert len(rows_of(first / "quarantine.jsonl")) > 20
    assert len({row["reason"] for row in rows_of(first / "quarantine.jsonl")}) >= 4
    # So few cases would go to one process in one part.
    monkeypatch.setattr(dispatch, "WORTH_SEVERAL", 40)
    monkeypatch.setattr(dispatch, "PART_SIZE", 23)
    shuffled(database, tmp_path / "other.db", 7).replace(database)
    second = audit(database, ruleset, tmp_path / "second", workers=2)
    for name in SAME:
        assert (first / name).read_bytes() == (second / name).read_bytes(), f"{name} differs"


def test_another_site_key_changes_pseudonyms_and_digests_and_nothing_else(tmp_path: Path) -> None:
    database = sample_database("power95598", "after", tmp_path)
    arguments = ("audit", "--source", f"sqlite:///{database}", "--ruleset", "power95598", "--period", "2026Q3", "--as-of", "2026-10-12")
    for out, key in (("a", "the first key of two sites"), ("b", "the second key of two sites")):
        assert run(*arguments, "--out", tmp_path / out, "--no-pdf", key=key) == 0
    texts = [(tmp_path / out / "findings.jsonl").read_text(encoding="utf-8") for out in ("a", "b")]
    keyed = re.compile(r"\b(?:[CNTDS]-[0-9A-Z]{12}|[0-9a-f]{64})\b")
    first, second = (set(keyed.findall(text)) for text in texts)
    assert len(first) == len(second) > 100
    assert not first & second
    assert keyed.sub("", texts[0]) == keyed.sub("", texts[1])
    assert (tmp_path / "a" / "summary.json").read_bytes() == (tmp_path / "b" / "summary.json").read_bytes()


def test_a_finding_keeps_its_id_from_run_to_run_and_a_state_has_one_a_period(tmp_path: Path) -> None:
    database = sample_database("csg_service", "year", tmp_path)
    year = audit(database, "csg_service", tmp_path / "year", period="2026", as_of="2026-11-20T09:00:00")
    quarter = audit(database, "csg_service", tmp_path / "quarter", period="2026Q3", as_of="2026-11-20T09:00:00")
    kinds = {code: rule["kind"] for code, rule in rules_of(year).items()}
    ids = [{(f["rule"], f["case_id"]): f["finding_id"] for f in rows_of(run / "findings.jsonl")} for run in (year, quarter)]
    both = set(ids[0]) & set(ids[1])
    per_case = {key for key in both if kinds[key[0]] not in ("state", "merit")}
    assert len(per_case) > 20
    assert all(ids[0][key] == ids[1][key] for key in per_case)
    assert len(set(ids[0].values())) == len(ids[0])


def rules_of(folder: Path) -> dict[str, dict[str, str]]:
    [regulation] = json.loads((folder / "regulations.json").read_text(encoding="utf-8")).values()
    return regulation["rules"]
