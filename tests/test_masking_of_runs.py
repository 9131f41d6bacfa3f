"""No word of a customer leaves a run: what is planted in every personal field is searched in every output."""

from __future__ import annotations

import io
import json
import logging
import re
import sqlite3
import subprocess
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from auditor import judge as judging
from auditor.rulebook import load_ruleset, rulesets_available
from tests.audits import KEY, audit, environment, rows_of, run, sample_database

RULESETS = tuple(rulesets_available())

# How a planted value of each kind begins; a number follows, so that equal values stay equal.
PLANTED = {
    "id": "KUNDE",
    "name": "王小明",
    "phone": "1391234",
    "id_number": "110101199003",
    "search_term": "SUCHWORT",
    "free_text": "趙先生電話1398888",
}
LEAKS = [text.encode() for text in (*PLANTED.values(), "趙先生", "1398888")]


def tagged(ruleset: str) -> list[tuple[str, str, str]]:
    """(record, field, tag) of every personal field that the ruleset's records have."""
    loaded = load_ruleset(ruleset)
    return [(name, f.name, f.personal) for name in loaded.regulation.reads for f in loaded.contract[name].fields if f.personal]


def planted_database(ruleset: str, folder: Path) -> Path:
    """The sample of a year, each personal value replaced by one that is found again; blanks of free text and names filled in too."""
    path = sample_database(ruleset, "year", folder)
    numbers: dict[str, int] = {}

    def plant(tag: str, value: str | None) -> str | None:
        if value is None:
            return None
        number = numbers.setdefault(f"{tag}:{value}", len(numbers))
        return f"{PLANTED[tag]}{number:06}" if tag == "id_number" else f"{PLANTED[tag]}{number:04}"

    with sqlite3.connect(path) as connection:
        connection.create_function("plant", 2, plant, deterministic=True)
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for record, field, tag in tagged(ruleset):
            if record in tables and field in {row[1] for row in connection.execute(f"PRAGMA table_info({record})")}:
                value = f"'{record}' || rowid" if tag in ("phone", "name", "free_text") else field
                connection.execute(f"UPDATE {record} SET {field} = plant('{tag}', {value}) WHERE trim({field}) <> ''")
        # Rows that end in quarantine carry such values too, some in columns where they do not belong.
        for record, field, tag in tagged(ruleset):
            if record in tables and record in ("ticket", "access_event", "ticket_event"):
                key, code = load_ruleset(ruleset).contract[record].fields[0].name, "action" if record != "ticket" else "category"
                connection.execute(
                    f"INSERT INTO {record} ({key}, {code}, {field}) VALUES (?, '13912340000', plant('{tag}', 'x'))", (f"bad-{field}",)
                )
    connection.close()
    return path


def content_of(path: Path) -> bytes:
    """All that a reader of the file can see, as text."""
    if path.suffix == ".parquet":
        return json.dumps(pq.read_table(path).to_pylist(), ensure_ascii=False, default=str).encode()
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as book:
            return b"\n".join(book.read(name) for name in book.namelist())
    if path.suffix == ".pdf":
        return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout
    return path.read_bytes()


def leaks(folder: Path) -> dict[str, list[str]]:
    """File → what of the planted it shows."""
    found = {}
    for path in sorted(folder.iterdir()):
        shown = [leak.decode() for leak in LEAKS if leak in content_of(path)]
        if shown:
            found[path.name] = shown
    return found


@pytest.mark.parametrize("ruleset", RULESETS)
def test_no_output_of_a_run_shows_a_customer(ruleset: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    database = planted_database(ruleset, tmp_path)
    run = audit(database, ruleset, tmp_path / "run", period="2026", as_of="2026-11-20T09:00:00")
    assert leaks(run) == {}
    said = "".join(capfd.readouterr())
    assert [leak.decode() for leak in LEAKS if leak in said.encode()] == []
    if tagged(ruleset):
        assert re.search(r"\b[CNTDS]-[0-9A-Z]{12}\b|\(on record\)", (run / "findings.jsonl").read_text(encoding="utf-8")) or rows_of(
            run / "quarantine.jsonl"
        )


@pytest.mark.parametrize("ruleset", ["bank_cis", "heating", "power95598"])
def test_an_unmasked_run_shows_customers_but_never_free_text(ruleset: str, tmp_path: Path) -> None:
    database = planted_database(ruleset, tmp_path)
    shown = leaks(
        audit(database, ruleset, tmp_path / "run", "--unmask", "--reason", "court order 7", period="2026", as_of="2026-11-20T09:00:00")
    )
    seen = {leak for found in shown.values() for leak in found}
    assert seen
    assert not seen & {PLANTED["free_text"], "趙先生", "1398888"}


def test_the_report_of_a_masked_run_shows_no_customer(tmp_path: Path) -> None:
    database = planted_database("heating", tmp_path)
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM ticket WHERE rowid % 6")
    connection.close()
    source = ("--source", f"sqlite:///{database}", "--ruleset", "heating", "--period", "2026-08", "--as-of", "2026-10-12")
    assert run("audit", *source, "--out", tmp_path / "run", "--workers", "1") == 0
    assert len(content_of(tmp_path / "run" / "report.pdf")) > 1000
    assert leaks(tmp_path / "run") == {}


def test_two_findings_of_one_customer_bear_one_pseudonym(tmp_path: Path) -> None:
    database = planted_database("heating", tmp_path)
    run = audit(database, "heating", tmp_path / "run", period="2026", as_of="2026-11-20T09:00:00")
    with sqlite3.connect(database) as connection:
        customers = dict(connection.execute("SELECT ticket_id, customer_id FROM ticket WHERE customer_id IS NOT NULL"))
    connection.close()
    shown: dict[str, set[str]] = {}
    for row in rows_of(run / "evidence.parquet"):
        if row["record"] == "ticket" and row["key"] in customers:
            shown.setdefault(customers[row["key"]], set()).add(json.loads(row["row"])["customer_id"])
    assert len(shown) > 10
    assert all(len(pseudonyms) == 1 for pseudonyms in shown.values())
    assert len({next(iter(pseudonyms)) for pseudonyms in shown.values()}) == len(shown)


def test_an_error_about_a_case_that_is_a_customer_does_not_name_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """BK206's cases are customers."""
    database = planted_database("bank_cis", tmp_path)
    screen = judging.screen

    def contrary(questions, columns, size):  # type: ignore[no-untyped-def]
        verdicts = screen(questions, columns, size)
        return 1 - verdicts if columns.frame.name == load_ruleset("bank_cis").rules["BK206"].record else verdicts

    monkeypatch.setattr(judging, "screen", contrary)
    monkeypatch.setattr(logging, "raiseExceptions", True)
    source = ("--source", f"sqlite:///{database}", "--ruleset", "bank_cis", "--period", "2026", "--as-of", "2026-11-20")
    with environment(AUDITOR_KEY=KEY):
        assert run("audit", *source, "--out", tmp_path / "run", "--no-pdf", "--workers", "1") == 4
    said = "".join(capfd.readouterr())
    assert "rule BK206, case" in said
    assert [leak.decode() for leak in LEAKS if leak in said.encode()] == []
