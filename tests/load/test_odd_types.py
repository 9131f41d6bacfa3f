"""Types that one dialect alone has, and values that no other has: each arrives as the text that says what it is."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from auditor.load import Source, open_source, read_table
from auditor.load.describe import describe_query
from auditor.load.read import read_statement
from auditor.load.statement import Column, Statement, column_of, query_of, relation_of
from tests.databases import Make, text_url, writer

POSTGRESQL: dict[str, tuple[str, str, str | None]] = {
    "infinite": ("timestamptz", "'infinity'", "infinity"),
    "ancient": ("timestamp", "'0044-03-15 12:00:00 BC'", "0044-03-15 12:00:00 BC"),
    "zoned": ("timestamptz", "'2026-09-10 15:30:00.25+08'", "2026-09-10 07:30:00.25+00"),
    "nothing": ("numeric", "'NaN'", "NaN"),
    "exact": ("numeric", "0.33333333333333333333", "0.33333333333333333333"),
    "single": ("real", "0.1", "0.1"),
    "padded": ("char(8)", "'code'", "code"),
    "uuid": ("uuid", "'00000000-0000-0000-0000-00000000002a'", "00000000-0000-0000-0000-00000000002a"),
    "json": ("jsonb", '\'["a", "b"]\'', '["a", "b"]'),
    "array": ("varchar(9)[]", "'{a,\"b c\",NULL}'", '["a","b c",null]'),
    "numbers": ("integer[]", "'{1,2}'", "[1,2]"),
    "kind": ("mood", "'fine'", "fine"),
    "span": ("interval", "'1 day 02:00'", "1 day 02:00:00"),
    "flag": ("boolean", "true", "true"),
    "nil": ("text", "NULL", None),
}
MARIADB: dict[str, tuple[str, str, str | None]] = {
    "zero": ("datetime", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00"),
    "zoned": ("timestamp NULL", "'2026-09-10 07:30:00'", "2026-09-10 07:30:00+00:00"),
    "local": ("datetime(3)", "'2026-09-10 07:30:00.25'", "2026-09-10 07:30:00.250"),
    "day": ("date", "'2026-09-10'", "2026-09-10"),
    "exact": ("decimal(30,10)", "0.3333333333", "0.3333333333"),
    "double": ("double", "0.1", "0.1"),
    "padded": ("char(8)", "'code'", "code"),
    "flag": ("tinyint(1)", "1", "1"),
    "bit": ("bit(1)", "b'1'", "1"),
    "kind": ("enum('fine','poor')", "'fine'", "fine"),
    "several": ("set('a','b')", "'a,b'", "a,b"),
    "json": ("json", "'[\"a\"]'", '["a"]'),
    "latin": ("varchar(20) CHARACTER SET latin1", "'café'", "café"),
    "bytes": ("varbinary(20)", "'線'", "線"),
    "year": ("year", "2026", "2026"),
    "wide": ("longtext", "'😀線路'", "😀線路"),
    "nil": ("text", "NULL", None),
}


def filled(make_database: Make, dialect: str, columns: dict[str, tuple[str, str, str | None]]) -> Source:
    url = make_database(dialect)
    quote = "`" if dialect == "mariadb" else '"'
    engine = writer(url)
    with engine.begin() as connection:
        plain = connection.execution_options(no_parameters=True)
        if dialect == "mariadb":
            plain.exec_driver_sql("SET SESSION time_zone = '+00:00', sql_mode = ''")
        else:
            plain.exec_driver_sql("CREATE TYPE mood AS ENUM ('fine', 'poor')")
        plain.exec_driver_sql(f"CREATE TABLE odd ({', '.join(f'{quote}{n}{quote} {kind}' for n, (kind, _, _) in columns.items())})")
        plain.exec_driver_sql(f"INSERT INTO odd VALUES ({', '.join(value for _, value, _ in columns.values())})")
    engine.dispose()
    return open_source(text_url(url))


def row(source: Source, statement: Statement, arrow: bool) -> dict[str, Any]:
    (only,) = pa.Table.from_batches(read_statement(source, statement, "odd", arrow=arrow)).to_pylist()
    return dict(only)


@pytest.mark.parametrize("arrow", [True, False], ids=["arrow", "plain"])
@pytest.mark.parametrize(("dialect", "columns"), [("postgresql", POSTGRESQL), ("mariadb", MARIADB)], ids=["postgresql", "mariadb"])
def test_a_table_and_a_query_give_the_same_text(
    make_database: Make, dialect: str, columns: dict[str, tuple[str, str, str | None]], arrow: bool
) -> None:
    source = filled(make_database, dialect, columns)
    expected = {n: shown for n, (_, _, shown) in columns.items()}
    table = read_table(source, "odd")
    assert table is not None
    relation = relation_of("odd", None)
    by_table = Statement(relation, tuple(Column(c.name, column_of(relation, c.name), c.shape) for c in table.columns))
    assert row(source, by_table, arrow) == expected
    quote = "`" if dialect == "mariadb" else '"'
    own = f"SELECT {', '.join(f'{quote}{n}{quote}' for n in columns)} FROM odd"
    known = describe_query(source, own, "the query")
    query = query_of(own, [c.name for c in known])
    by_query = Statement(query, tuple(Column(c.name, column_of(query, c.name), c.shape) for c in known))
    assert row(source, by_query, arrow) == expected
    source.close()
