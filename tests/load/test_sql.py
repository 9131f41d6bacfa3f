"""The statements as each dialect gets them: columns by name, never a star, and nothing of ours in them but quoted names."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from auditor.load.statement import Column, Statement, column_of, query_of, relation_of
from auditor.load.text_sql import Shape, shape_of

NAMED: dict[str, Any] = {"paramstyle": "named"}
DIALECTS: dict[str, Dialect] = {
    "sqlite": sqlite.dialect(**NAMED),
    "postgresql": postgresql.dialect(**NAMED),
    "mysql": mysql.dialect(**NAMED),
    "oracle": oracle.dialect(**NAMED),
    "mssql": mssql.dialect(**NAMED),
}
COLUMNS = {
    "id": Shape.TEXT,
    "code": Shape.PADDED,
    "at": Shape.ZONED_TIME,
    "local": Shape.TIME,
    "on": Shape.DATE,
    "n": Shape.INT,
    "x": Shape.NUM,
    "f": Shape.FLOAT,
    "b": Shape.BOOL,
    "o": Shape.OTHER,
}

EXPECTED = {
    "sqlite": [
        "CASE typeof(t.id) WHEN 'real' THEN NULL ELSE CAST(t.id AS TEXT) END AS id",
        "CASE typeof(t.code) WHEN 'real' THEN NULL ELSE CAST(t.code AS TEXT) END AS code",
    ],
    "postgresql": [
        "CAST(t.id AS TEXT) AS id",
        "CAST(t.code AS TEXT) AS code",
        "CAST(t.at AS TEXT) AS at",
        "CAST(t.local AS TEXT) AS local",
        'CAST(t."on" AS TEXT) AS "on"',
    ],
    "mysql": [
        "t.id AS id",
        "t.code AS code",
        "concat(CAST(t.at AS CHAR), '+00:00') AS at",
        "CAST(t.local AS CHAR) AS local",
        "CAST(t.`on` AS CHAR) AS `on`",
        "CAST(t.n AS CHAR) AS n",
    ],
    "oracle": [
        "t.id AS id",
        "rtrim(t.code) AS code",
        """to_char(sys_extract_utc(t.at), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at""",
        """to_char(t.local, 'YYYY-MM-DD"T"HH24:MI:SS') AS local""",
        """to_char(t."on", 'YYYY-MM-DD"T"HH24:MI:SS') AS "on\"""",
        "to_char(t.n, 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''') AS n",
    ],
    "mssql": [
        "t.id AS id",
        "rtrim(t.code) AS code",
        "convert(VARCHAR(40), t.at, 126) AS at",
        "convert(VARCHAR(40), t.local, 126) AS local",
        "convert(VARCHAR(10), t.[on], 23) AS [on]",
        "CAST(t.n AS VARCHAR(60)) AS n",
        "CAST(t.x AS VARCHAR(60)) AS x",
        "t.f AS f",
        "CAST(t.b AS VARCHAR(60)) AS b",
        "CAST(t.o AS NVARCHAR(4000)) AS o",
    ],
}


def statement(relation: sa.FromClause) -> Statement:
    return Statement(relation, tuple(Column(n, column_of(relation, n), s) for n, s in COLUMNS.items()))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_asked_for_text(dialect: str) -> None:
    sql = " ".join(statement(relation_of("t", "calls")).sql(DIALECTS[dialect]).split()).replace("calls.t.", "t.")
    columns, relation = sql.removeprefix("SELECT ").split(" FROM ")
    asked = EXPECTED[dialect]
    assert columns.startswith(", ".join(asked))
    assert columns.count(" AS ") >= len(COLUMNS)
    assert relation == "calls.t"
    assert "*" not in sql


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_query_of_the_site_s_own_is_sent_as_it_stands(dialect: str) -> None:
    own = "SELECT a AS id, '50%' AS code, ':x' AS note, b FROM t WHERE n % 2 = 1 -- ends with a comment;"
    relation = query_of(own, ["id", "code"])
    sql = Statement(relation, (Column("id", relation.c["id"], Shape.TEXT),)).sql(DIALECTS[dialect])
    assert own.rstrip(";") + "\n)" in sql
    assert "site_query.id" in sql


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ['t"; DROP TABLE t; --', "t`; DROP TABLE t", "t]; DROP TABLE t", "select", "Mixed Case", "線路"])
def test_names_are_quoted(dialect: str, name: str) -> None:
    relation = relation_of(name, None)
    sql = Statement(relation, (Column("id", column_of(relation, name), Shape.INT),)).sql(DIALECTS[dialect])
    preparer = DIALECTS[dialect].identifier_preparer
    assert sql.endswith("FROM " + preparer.quote(name))
    assert preparer.quote(name) != name or name == "線路"


@pytest.mark.parametrize(
    ("kind", "dialect", "shape"),
    [
        (sa.TIMESTAMP(), "mysql", Shape.ZONED_TIME),
        (mysql.DATETIME(fsp=6), "mysql", Shape.TIME),
        (mysql.BIT(1), "mysql", Shape.BIT),
        (mysql.TINYINT(1), "mysql", Shape.INT),
        (mysql.ENUM("a"), "mysql", Shape.TEXT),
        (mysql.LONGTEXT(), "mysql", Shape.TEXT),
        (sa.JSON(), "mysql", Shape.JSON),
        (postgresql.TIMESTAMP(timezone=True), "postgresql", Shape.ZONED_TIME),
        (postgresql.TIMESTAMP(), "postgresql", Shape.TIME),
        (postgresql.ARRAY(sa.Text()), "postgresql", Shape.ARRAY),
        (postgresql.UUID(), "postgresql", Shape.OTHER),
        (postgresql.INTERVAL(), "postgresql", Shape.OTHER),
        (sa.CHAR(10), "postgresql", Shape.PADDED),
        (sa.Numeric(10, 2), "oracle", Shape.NUM),
        (oracle.NUMBER(10), "oracle", Shape.INT),
        (oracle.DATE(), "oracle", Shape.TIME),
        (oracle.TIMESTAMP(timezone=True), "oracle", Shape.ZONED_TIME),
        (oracle.TIMESTAMP(local_timezone=True), "oracle", Shape.ZONED_TIME),
        (oracle.BINARY_DOUBLE(), "oracle", Shape.FLOAT),
        (mssql.DATETIMEOFFSET(), "mssql", Shape.ZONED_TIME),
        (mssql.DATETIME2(), "mssql", Shape.TIME),
        (mssql.BIT(), "mssql", Shape.BOOL),
        (mssql.UNIQUEIDENTIFIER(), "mssql", Shape.OTHER),
        (sa.Date(), "mssql", Shape.DATE),
        (sa.types.NullType(), "sqlite", Shape.OTHER),
        (sa.LargeBinary(), "sqlite", Shape.BINARY),
    ],
    ids=lambda v: v if isinstance(v, str) else repr(v),
)
def test_shapes(kind: TypeEngine[Any], dialect: str, shape: Shape) -> None:
    assert shape_of(kind, dialect) is shape
