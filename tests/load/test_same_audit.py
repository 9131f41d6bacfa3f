"""One audit of the same rows in SQLite, PostgreSQL and MariaDB, each in its own types: every file is the same."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine import URL

from auditor.audit import Input, Request, run_audit
from auditor.contract import Field, Record
from auditor.demo import demonstration
from auditor.instants import from_iso
from auditor.load import open_source, read_record
from auditor.masking import Masker
from auditor.periods import parse_period
from auditor.rulebook import load_ruleset
from tests.databases import DIALECTS, Make, text_url, writer

ZONE = ZoneInfo("Asia/Shanghai")
RULESET = "csg_service"
FILES = ("findings.jsonl", "summary.json", "quarantine.jsonl", "regulations.json")


def kind(field: Field, dialect: str) -> Any:
    """The type that a database of this dialect would have for the field."""
    if dialect == "sqlite":
        return sa.Text()
    match field.kind:
        case "id":
            return sa.CHAR(40) if dialect == "postgresql" else sa.String(40)
        case "bool":
            return sa.Boolean() if dialect == "postgresql" else mysql.BIT(1)
        case "int":
            return sa.BigInteger()
        case "num":
            return sa.Numeric(30, 8)
        case "date":
            return sa.Date()
        case "time":
            return sa.DateTime(timezone=True) if dialect == "postgresql" else mysql.DATETIME(fsp=6)
        case "list":
            return postgresql.ARRAY(sa.Text()) if dialect == "postgresql" else sa.Text()
    return sa.Text()


def stored(value: Any, field: Field, dialect: str) -> Any:
    """The canonical value as that database would hold it."""
    if value is None or dialect == "sqlite":
        return json.dumps(value) if isinstance(value, (list, tuple)) else value
    if field.kind == "time":
        moment = datetime.fromtimestamp(from_iso(str(value), ZONE), ZONE)
        return moment if dialect == "postgresql" else moment.replace(tzinfo=None)
    if field.kind == "list":
        items = json.loads(value) if isinstance(value, str) else list(value)
        return items if dialect == "postgresql" else json.dumps(items)
    if field.kind == "bool":
        return bool(value) if dialect == "postgresql" else int(value)
    return value


def fill(url: URL, dialect: str, contract: dict[str, Record], rows: dict[str, Any]) -> None:
    engine = writer(url)
    metadata = sa.MetaData()
    for name, record in contract.items():
        sa.Table(name, metadata, *(sa.Column(f.name, kind(f, dialect)) for f in record.fields))
    metadata.create_all(engine)
    with engine.begin() as connection:
        for name, some in rows.items():
            full = [{f.name: stored(row.get(f.name), f, dialect) for f in contract[name].fields} for row in some]
            # two rows that break the contract, so that the quarantine has something to compare
            if name == "ticket":
                full += [{**full[0], "ticket_id": "twice"}] * 2 + [{**full[0], "ticket_id": "unknown", "level": "huge"}]
            if full:
                connection.execute(metadata.tables[name].insert(), full)
    engine.dispose()


def test_every_file_is_the_same(make_database: Make, tmp_path: Path) -> None:
    demo = demonstration(RULESET)
    ruleset = load_ruleset(RULESET)
    contract = {name: ruleset.contract[name] for name in ruleset.regulation.reads}
    runs = {}
    for dialect in DIALECTS:
        url = make_database(dialect)
        fill(url, dialect, contract, dict(demo.rows))
        source = open_source(text_url(url))
        request = Request(
            inputs=[Input(RULESET, lambda known, names, s=source: (read_record(s, known[n]) for n in names), {"main": "somewhere"})],
            period=parse_period(demo.period),
            as_of=from_iso(demo.as_of),
            out=tmp_path / dialect,
            masker=Masker(b"k" * 32),
            pdf=False,
        )
        run_audit(request)
        source.close()
        runs[dialect] = tmp_path / dialect
    first = runs["sqlite"]
    assert len((first / "findings.jsonl").read_bytes()) > 1000
    quarantined = [json.loads(line) for line in (first / "quarantine.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(q["key"], q["reason"]) for q in quarantined] == [("twice", "duplicate_key")] * 2 + [("unknown", "unknown_code")]
    for dialect, folder in runs.items():
        for name in FILES:
            assert (folder / name).read_bytes() == (first / name).read_bytes(), (dialect, name)
        for name in ("verdicts.parquet", "evidence.parquet"):
            assert pq.read_table(folder / name).equals(pq.read_table(first / name)), (dialect, name)
