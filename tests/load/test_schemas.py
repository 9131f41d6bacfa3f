"""Tables in other schemas, and views: read like any table."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from auditor.config import load_site
from auditor.contract import Field, Record
from auditor.load import Absent, RawRecord, inspect_source, open_source, read_mapped, read_record
from tests.databases import Make, text_url, writer

VISIT = Record("visit", (Field("visit_id", "id", True), Field("note", "text")))
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_another_schema(make_database: Make, tmp_path: Path, dialect: str) -> None:
    """In MariaDB a schema is another database of the server."""
    url, other = make_database(dialect), make_database(dialect)
    schema = "crm" if dialect == "postgresql" else str(other.database)
    engine = writer(url)
    with engine.begin() as connection:
        if dialect == "postgresql":
            connection.exec_driver_sql("CREATE SCHEMA crm")
        connection.exec_driver_sql(f"CREATE TABLE {schema}.visit (visit_id integer, note text)")
        connection.exec_driver_sql(f"INSERT INTO {schema}.visit VALUES (1, 'there')")
    engine.dispose()
    here = open_source(text_url(url))
    assert isinstance(read_record(here, VISIT), Absent)
    here.close()
    there = open_source(text_url(url), schema=schema)
    raw = read_record(there, VISIT)
    assert isinstance(raw, RawRecord)
    assert raw.tables == (("main", f"{schema}.visit"),)
    assert [b.to_pylist() for b in raw.batches()] == [[{"visit_id": "1", "note": "there"}]]
    there.close()
    site = tmp_path / "site.toml"
    site.write_text(
        f'[rulesets.x.sources.main]\nurl = "{text_url(url)}"\n[rulesets.x.records.visit]\ntable = "{schema}.visit"\n', encoding="utf-8"
    )
    sources = {"main": open_source(text_url(url))}
    mapped = read_mapped(sources, VISIT, load_site(site).rulesets["x"].feeds["visit"], ZONE)
    assert isinstance(mapped, RawRecord)
    assert [b.to_pylist() for b in mapped.batches()] == [[{"visit_id": "1", "note": "there"}]]
    sources["main"].close()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mariadb"])
def test_a_view_is_a_table(make_database: Make, dialect: str) -> None:
    url = make_database(dialect)
    engine = writer(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE raw_visit (no integer, memo text)")
        connection.exec_driver_sql("INSERT INTO raw_visit VALUES (7, 'seen')")
        connection.exec_driver_sql("CREATE VIEW visit AS SELECT no AS visit_id, memo AS note FROM raw_visit")
    engine.dispose()
    source = open_source(text_url(url))
    raw = read_record(source, VISIT)
    assert isinstance(raw, RawRecord)
    assert [b.to_pylist() for b in raw.batches()] == [[{"visit_id": "7", "note": "seen"}]]
    assert set(inspect_source(source)) == {"raw_visit", "visit"}
    source.close()


def test_a_materialised_view(make_database: Make) -> None:
    url = make_database("postgresql")
    engine = writer(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE MATERIALIZED VIEW visit AS SELECT 7 AS visit_id, 'seen'::text AS note")
    engine.dispose()
    source = open_source(text_url(url))
    raw = read_record(source, VISIT)
    assert isinstance(raw, RawRecord)
    assert sum(b.num_rows for b in raw.batches()) == 1
    source.close()
