"""A site's own tables onto canonical records: the same legacy rows in every dialect give the same records."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from auditor.config import SiteConfig, check_mapping, load_site
from auditor.contract import SHARED_RECORDS, load_contract
from auditor.errors import SourceError
from auditor.load import Absent, RawRecord, Source, open_source, read_mapped
from auditor.validate import Admitted, validate
from tests.databases import DIALECTS, Make, text_url, writer

ZONE = ZoneInfo("Asia/Shanghai")
CONTRACT = load_contract(SHARED_RECORDS)

TABLES = (
    """CREATE TABLE orders (no integer, kind char(3), created bigint, sent varchar(30), closed varchar(30),
        area integer, memo text, gone integer)""",
    "CREATE TABLE offices (code integer, unit varchar(10))",
    "CREATE TABLE history (id integer, order_no integer, action varchar(10), at varchar(30), operator varchar(10))",
    "CREATE TABLE old_orders (no integer, opened varchar(30), town varchar(10))",
)
ROWS = (
    "INSERT INTO orders VALUES (1, '01', 1789025400000, '2026-09-10 15:35:00', '2026-09-10T18:00:00Z', 7, 'long text', 0)",
    "INSERT INTO orders VALUES (2, '02', 1789025400999, '0000-00-00 00:00:00', NULL, 8, '', 0)",
    "INSERT INTO orders VALUES (3, '99', 0, 'later', '2026-09-10T18:00:00+08:00', NULL, NULL, 0)",
    "INSERT INTO orders VALUES (4, '01', 1789025400000, NULL, NULL, NULL, NULL, 1)",
    "INSERT INTO offices VALUES (7, 'U7')",
    "INSERT INTO history VALUES (10, 1, 'ACC', '2026-09-10T07:40:00Z', 'P2')",
    "INSERT INTO history VALUES (9, 1, 'ACC', '2026-09-10 15:40:00', 'P1')",
    "INSERT INTO history VALUES (11, 1, 'DONE', '2026-09-10 16:00:00', 'P3')",
    "INSERT INTO history VALUES (12, 1, 'AUTO', '2026-09-10 17:00:00', 'P4')",
    "INSERT INTO history VALUES (13, 2, 'NOTE', '2026-09-10 17:00:00', 'P4')",
    "INSERT INTO history VALUES (14, 2, 'DONE', 'rubbish', 'P5')",
    "INSERT INTO history VALUES (15, 2, 'DONE', '2026-09-10 17:00:00', 'P6')",
    "INSERT INTO old_orders VALUES (1, '2026-09-10 07:30:00', 'north')",
)

MAPPING = """
[rulesets.heating.sources.main]
url = "URL"

[[rulesets.heating.records.ticket]]
table = "orders"
where = "t.gone = 0"
joins = [{ table = "offices", alias = "o", on = "o.code = t.area" }]

[rulesets.heating.records.ticket.columns]
ticket_id = { column = "no", prefix = "N-" }
category = { column = "kind", codes = { "01" = "complaint", "02" = "inquiry" } }
received_at = { column = "created", epoch = "ms", zero = "0" }
dispatched_at = { column = "sent", zero = "0000-00-00" }
closed_at = { column = "closed", ignore_offset = true }
org_id = { column = "o.unit", default = "HQ" }
opinion = { column = "memo", max_length = 4 }
level = { value = "general" }
site_attended = { sql = "CASE WHEN t.area > 7 THEN 1 ELSE 0 END" }
contractor = "firm"

[[rulesets.heating.records.ticket.milestones]]
table = "history"
key = "order_no"
kind = "action"
at = "at"
order = "id"
[rulesets.heating.records.ticket.milestones.columns]
accepted_at = { event = "ACC" }
handled_at = { event = ["DONE", "AUTO"], take = "last" }
handler_staff_id = { event = ["DONE", "AUTO"], take = "last", value = "operator" }
handler_org_id = { event = "ACC", value = "operator" }

[[rulesets.heating.records.ticket]]
sql = "SELECT no, opened, town FROM old_orders WHERE town LIKE '%north%' -- the old system"
zone = "UTC"
[rulesets.heating.records.ticket.columns]
ticket_id = { column = "no", prefix = "O-" }
category = { value = "complaint" }
received_at = "opened"

[rulesets.heating.records.staff]
table = "people"
[rulesets.heating.records.staff.columns]
staff_id = "no"

[rulesets.heating.records.approval]
missing = "approvals are kept on paper"

[rulesets.heating.records.duty_record]
empty = "nothing is due here"

[rulesets.heating.records.org_unit]
sql = "SELECT unit AS org_id, unit AS name FROM offices"
"""


def site(tmp_path: Path, mapping: str) -> SiteConfig:
    path = tmp_path / "site.toml"
    path.write_text(mapping, encoding="utf-8")
    config = load_site(path)
    check_mapping(config.rulesets["heating"], CONTRACT, CONTRACT)
    return config


def opened(config: SiteConfig) -> dict[str, Source]:
    ruleset = config.rulesets["heating"]
    return {n: open_source(s.url, name=n, schema=s.schema_) for n, s in ruleset.sources.items()}


def read(config: SiteConfig, sources: dict[str, Source], record: str) -> RawRecord | Absent:
    return read_mapped(sources, CONTRACT[record], config.rulesets["heating"].feeds.get(record, ()), ZONE)


def admitted(raw: RawRecord | Absent) -> tuple[Admitted, list[dict[str, Any]]]:
    assert isinstance(raw, RawRecord), raw.reason
    good, refused = validate(raw, "heating", ZONE)
    return good, refused.to_pylist()


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 9, 10, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_legacy_schema(make_database: Make, tmp_path: Path, dialect: str) -> None:
    url = make_database(dialect)
    engine = writer(url)
    with engine.begin() as connection:
        for statement in (*TABLES, *ROWS):
            connection.exec_driver_sql(statement)
    engine.dispose()
    config = site(tmp_path, MAPPING.replace("URL", text_url(url)))
    sources = opened(config)

    raw = read(config, sources, "ticket")
    good, refused = admitted(raw)
    rows = {row["ticket_id"]: row for row in good.table.to_pylist()}
    assert list(rows) == ["N-1", "O-1"]
    first = rows["N-1"]
    assert (first["category"], first["level"], first["org_id"], first["opinion"]) == ("complaint", "general", "U7", "long")
    assert (first["received_at"], first["dispatched_at"], first["closed_at"]) == (at(7, 30), at(7, 35), at(10))
    # of two acceptances in one second the order column names the earlier; handling is the last of either kind
    assert (first["accepted_at"], first["handler_org_id"]) == (at(7, 40), "P1")
    assert (first["handled_at"], first["handler_staff_id"]) == (at(9), "P4")
    assert first["site_attended"] is False
    assert rows["O-1"]["received_at"] == at(7, 30)
    assert rows["O-1"]["level"] is None
    assert [(r["key"], r["field"], r["value"], r["reason"]) for r in refused] == [
        ("N-2", "handled_at", "rubbish", "not_a_time"),  # not dated by its other handling, which would hide the fault
        ("N-3", "category", "99", "unknown_code"),
        ("N-3", "dispatched_at", "later", "not_a_time"),
    ]
    assert ("contractor", "orders has no column firm, which the mapping names for ticket.contractor") in good.missing.items()
    assert good.missing["source"] == "the mapping of ticket names no column for source"
    assert "contractor" not in good.table.column_names
    assert good.table_name == "orders+the query of main"
    assert isinstance(raw, RawRecord) and len(raw.statements) == 3
    assert not any("*" in s for s in raw.statements)

    units, _ = admitted(read(config, sources, "org_unit"))
    assert units.table.to_pylist() == [{"org_id": "U7", "name": "U7"}]
    assert read(config, sources, "staff") == Absent(CONTRACT["staff"], "the source main has no table people")
    assert read(config, sources, "approval") == Absent(CONTRACT["approval"], "the site says: approvals are kept on paper")
    duties, _ = admitted(read(config, sources, "duty_record"))
    assert (duties.table.num_rows, duties.missing) == (0, {})
    assert read(config, sources, "commendation") == Absent(CONTRACT["commendation"], "the source main has no table commendation")
    for source in sources.values():
        source.close()


def test_records_from_several_databases(make_database: Make, tmp_path: Path) -> None:
    """Staff of one table here and another there, tickets found by their canonical name in the one source that has them."""
    urls = {d: make_database(d) for d in DIALECTS}
    for number, (dialect, url) in enumerate(urls.items()):
        engine = writer(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE people (staff_id integer, name varchar(20))")
            connection.exec_driver_sql(f"INSERT INTO people VALUES ({number}, '{dialect}')")
            if dialect == "mariadb":
                connection.exec_driver_sql("CREATE TABLE ticket (ticket_id varchar(20), category varchar(20))")
                connection.exec_driver_sql("INSERT INTO ticket VALUES ('T', 'complaint')")
            if dialect != "sqlite":
                connection.exec_driver_sql("CREATE TABLE org_unit (org_id varchar(20), name varchar(20))")
        engine.dispose()
    text = "".join(f'[rulesets.heating.sources.{d}]\nurl = "{text_url(u)}"\n' for d, u in urls.items())
    text += "".join(f'[[rulesets.heating.records.staff]]\nsource = "{d}"\ntable = "people"\n' for d in urls)
    config = site(tmp_path, text)
    sources = opened(config)
    staff, _ = admitted(read(config, sources, "staff"))
    assert staff.table.to_pylist() == [{"staff_id": str(i), "name": d} for i, d in enumerate(DIALECTS)]
    assert staff.source == "sqlite+postgresql+mariadb"
    ticket, _ = admitted(read(config, sources, "ticket"))
    assert (ticket.source, ticket.table.num_rows) == ("mariadb", 1)
    absent = read(config, sources, "org_unit")
    assert isinstance(absent, Absent)
    assert "postgresql and mariadb have a table org_unit each" in absent.reason
    for source in sources.values():
        source.close()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_query_that_does_not_run_and_one_that_would_write(make_database: Make, tmp_path: Path, dialect: str) -> None:
    url = make_database(dialect)
    engine = writer(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE people (staff_id integer)")
    engine.dispose()
    for query in ("SELECT nobody FROM people", "DELETE FROM people", "SELECT 1 AS staff_id; DROP TABLE people"):
        config = site(
            tmp_path, f'[rulesets.heating.sources.main]\nurl = "{text_url(url)}"\n[rulesets.heating.records.staff]\nsql = "{query}"\n'
        )
        sources = opened(config)
        with pytest.raises(SourceError, match="preparing the site's query failed"):
            read(config, sources, "staff")
        sources["main"].close()
