"""The same rows in SQLite, PostgreSQL and MariaDB, each in the dialect's own types, are admitted as the same records."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from sqlalchemy.engine import URL

from auditor.contract import SHARED_RECORDS, Field, Record, load_contract
from auditor.evidence import digest_rows
from auditor.load import RawRecord, Source, open_source, read_record, read_table
from auditor.load.arrow_drivers import arrow_driver
from auditor.load.read import read_statement
from auditor.load.statement import Column, Statement, column_of, relation_of
from auditor.validate import Admitted, validate
from tests.databases import DIALECTS, Make, text_url, writer

ZONE = ZoneInfo("Asia/Shanghai")

VISIT = Record(
    "visit",
    (
        Field("visit_id", "id", True),
        Field("kind", "code", True, ("planned", "urgent")),
        Field("at", "time", True, role="event"),
        Field("ended_at", "time"),
        Field("day", "date"),
        Field("count", "int"),
        Field("fee", "num"),
        Field("share", "num"),
        Field("seen", "bool"),
        Field("items", "list"),
        Field("note", "text"),
    ),
)

TABLES = {
    "sqlite": """CREATE TABLE visit (visit_id, kind CHAR(10), at TEXT, ended_at TIMESTAMP, day DATE, count,
        fee, share REAL, seen BOOLEAN, items, note)""",
    "postgresql": """CREATE TABLE visit (visit_id integer, kind char(10), at timestamptz, ended_at timestamp, day date, count bigint,
        fee numeric(30, 6), share double precision, seen boolean, items text[], note varchar(200))""",
    "mariadb": """CREATE TABLE visit (visit_id integer, kind char(10), at timestamp(6) NULL, ended_at datetime(6), day date, count bigint,
        fee decimal(30, 6), share double, seen bit(1), items json, note varchar(200))""",
}
ROWS: dict[str, list[str]] = {
    "sqlite": [
        "1, 'planned', '2026-09-10T15:30:00.999999+08', '2026-09-10 23:59:59.5', '2026-09-10', 3, 1234.55, 0.1, 1, '[\"a\",\"線\"]', '線'",
        "2, 'urgent', '2026-01-01T00:00:00Z', NULL, NULL, 12.0, '12345678901234567890.000001', 0.30000000000000004, 'false', '[]', '\t'",
        "3, 'planned', '2026-09-10T07:30:00Z', NULL, '2026-02-28', NULL, NULL, 1e-7, NULL, NULL, NULL",
        "4, 'other', '2026-09-10T07:30:00Z', NULL, NULL, NULL, 0.1, 100.0, 0, NULL, '<b>%s</b> :x \\'",
        "5, 'urgent', '2026-09-10T07:30:00Z', '2300-01-01', NULL, NULL, -0.5, 12345678.9, 0, NULL, ' x '",
    ],
    "postgresql": [
        "1, 'planned', '2026-09-10T15:30:00.999999+08', '2026-09-10 23:59:59.5', '2026-09-10', 3, 1234.55, 0.1, true, '{a,線}', '線'",
        "2, 'urgent', '2026-01-01T00:00:00Z', NULL, NULL, 12, 12345678901234567890.000001, 0.30000000000000004, false, '{}', E'\\t'",
        "3, 'planned', '2026-09-10T07:30:00Z', NULL, '2026-02-28', NULL, NULL, 1e-7, NULL, NULL, NULL",
        "4, 'other', '2026-09-10T07:30:00Z', NULL, NULL, NULL, 0.1, 100.0, false, NULL, '<b>%s</b> :x \\'",
        "5, 'urgent', '2026-09-10T07:30:00Z', '2300-01-01', NULL, NULL, -0.5, 12345678.9, false, NULL, ' x '",
    ],
    "mariadb": [
        "1, 'planned', '2026-09-10 07:30:00.999999', '2026-09-10 23:59:59.5', '2026-09-10', 3, 1234.55, 0.1, 1, '[\"a\",\"線\"]', '線'",
        "2, 'urgent', '2026-01-01 00:00:00', NULL, NULL, 12, 12345678901234567890.000001, 0.30000000000000004, 0, '[]', '\t'",
        "3, 'planned', '2026-09-10 07:30:00', NULL, '2026-02-28', NULL, NULL, 1e-7, NULL, NULL, NULL",
        "4, 'other', '2026-09-10 07:30:00', NULL, NULL, NULL, 0.1, 100.0, 0, NULL, '<b>%%s</b> :x \\\\'",
        "5, 'urgent', '2026-09-10 07:30:00', '2300-01-01', NULL, NULL, -0.5, 12345678.9, 0, NULL, ' x '",
    ],
}


def fill(url: URL, dialect: str) -> None:
    engine = writer(url)
    with engine.begin() as connection:
        plain = connection.execution_options(no_parameters=True)
        if dialect == "mariadb":
            plain.exec_driver_sql("SET SESSION time_zone = '+00:00'")
        plain.exec_driver_sql(TABLES[dialect])
        for row in ROWS[dialect]:
            plain.exec_driver_sql(f"INSERT INTO visit VALUES ({row.replace('%%', '%')})")
    engine.dispose()


def admitted(source: Source, record: Record) -> tuple[Admitted, list[dict[str, Any]]]:
    raw = read_record(source, record)
    assert isinstance(raw, RawRecord)
    good, refused = validate(raw, "demo", ZONE)
    return good, refused.to_pylist()


def test_the_same_rows_are_the_same_records_in_every_dialect(make_database: Make) -> None:
    seen = {}
    for dialect in DIALECTS:
        url = make_database(dialect)
        fill(url, dialect)
        source = open_source(text_url(url))
        assert arrow_driver(source) is not None, f"no Arrow driver for {dialect} is installed"
        seen[dialect] = admitted(source, VISIT)
        source.close()
    first, refused = seen["sqlite"]
    assert first.table["visit_id"].to_pylist() == ["1", "2", "3"]
    assert [(r["key"], r["field"], r["value"], r["reason"]) for r in refused] == [
        ("4", "kind", "other", "unknown_code"),
        ("5", "ended_at", refused[1]["value"], "impossible_time"),
    ]
    for dialect, (good, bad) in seen.items():
        assert good.table.to_pylist() == first.table.to_pylist(), dialect
        assert good.table.schema == first.table.schema, dialect
        assert digest_rows(good, range(3), b"k" * 32) == digest_rows(first, range(3), b"k" * 32), dialect
        assert [{**r, "value": None} for r in bad] == [{**r, "value": None} for r in refused], dialect
    assert first.table["fee"].to_pylist() == [Decimal("1234.55"), Decimal("12345678901234567890.000001"), None]
    assert first.table["share"].to_pylist() == [Decimal("0.1"), Decimal("0.30000000000000004"), Decimal("1e-7")]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_arrow_driver_and_the_plain_way_give_the_same_text(make_database: Make, dialect: str) -> None:
    url = make_database(dialect)
    fill(url, dialect)
    source = open_source(text_url(url))
    statement = _statement(source)
    quick = pa.Table.from_batches(read_statement(source, statement, "visit")).sort_by("visit_id")
    plain = pa.Table.from_batches(read_statement(source, statement, "visit", arrow=False)).sort_by("visit_id")
    assert quick.schema == plain.schema
    assert quick.to_pylist() == plain.to_pylist()
    source.close()


def _statement(source: Source) -> Statement:
    table = read_table(source, "visit")
    assert table is not None
    relation = relation_of(table.name, None)
    return Statement(relation, tuple(Column(c.name, column_of(relation, c.name), c.shape) for c in table.columns))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_empty_table_and_names_in_another_case(make_database: Make, dialect: str) -> None:
    url = make_database(dialect)
    engine = writer(url)
    quote = "`" if dialect == "mariadb" else '"'
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {quote}STAFF{quote} ({quote}Staff_ID{quote} varchar(20), {quote}NAME{quote} varchar(20))")
    engine.dispose()
    source = open_source(text_url(url))
    good, refused = admitted(source, load_contract(SHARED_RECORDS)["staff"])
    assert good.table.num_rows == 0
    assert good.table.column_names == ["staff_id", "name"]
    assert {"org_id", "post", "employment", "hired_on", "left_on", "misconduct", "broker_licence"} <= set(good.missing)
    assert refused == []
    source.close()


def test_values_of_every_kind_in_one_untyped_column(tmp_path: Path) -> None:
    """SQLite's types belong to values: 3,000 nulls and then a float, a text and bytes are read as they stand."""
    path = tmp_path / "loose.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE visit (visit_id, kind, at, fee, note)")
        filling: list[tuple[Any, ...]] = [(i, "planned", "2026-01-01", None, None) for i in range(3000)]
        odd: list[tuple[Any, ...]] = [
            (3000.0, "urgent", "2026-01-01", 0.1, 12),
            ("x", "urgent", "2026-01-01", "7", b"caf\xe9"),
            (2**62, "urgent", "2026-01-01", 9e999, "a\x00b"),
        ]
        connection.executemany("INSERT INTO visit VALUES (?, ?, ?, ?, ?)", filling + odd)
        connection.execute("INSERT INTO visit VALUES ('bad', 'planned', '2026-01-01', NULL, CAST(x'ff41' AS TEXT))")
    source = open_source(f"sqlite:///{path}")
    good, refused = admitted(source, VISIT)
    rows = {row["visit_id"]: row for row in good.table.to_pylist()}
    assert len(rows) == 3003
    assert str(rows["3000.0"]["fee"]) == "0.100000000000000000"
    assert rows["3000.0"]["note"] == "12"
    assert rows["x"]["note"] == "caf\ufffd"
    assert rows["bad"]["note"] == "\ufffdA"
    assert [(r["key"], r["field"], r["value"], r["reason"]) for r in refused] == [(str(2**62), "fee", "inf", "not_a_number")]
    source.close()
