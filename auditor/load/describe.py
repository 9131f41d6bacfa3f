"""The columns of a query of the site's own: names, and how each is best read as text."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from auditor.load.catalogue import SourceColumn
from auditor.load.source import Source
from auditor.load.text_sql import Shape

_MYSQL = {7: Shape.ZONED_TIME, 12: Shape.TIME, 10: Shape.DATE, 16: Shape.BIT, 252: Shape.TEXT, 253: Shape.TEXT, 254: Shape.PADDED}
"""Field types of the wire protocol; what is not here is cast."""

_ORACLE = (
    ("TIMESTAMP_TZ", Shape.ZONED_TIME),
    ("TIMESTAMP_LTZ", Shape.ZONED_TIME),
    ("TIMESTAMP", Shape.TIME),
    ("DATE", Shape.TIME),
    ("NUMBER", Shape.NUM),
    ("CHAR", Shape.PADDED),
)


def describe_query(source: Source, sql: str, what: str) -> tuple[SourceColumn, ...]:
    """Runs the query for no row at all and says what columns it has. Raises SourceError where it does not run."""
    text = sql.strip().rstrip(";").rstrip()
    source.words |= set(re.findall(r"\w+", text))
    with source.errors(f"preparing {what}"), source.engine.connect() as connection:
        plain = connection.execution_options(no_parameters=True)
        result = plain.exec_driver_sql(f"SELECT site_query.* FROM ({text}\n) site_query WHERE 1 = 0")
        description: list[Any] = list(result.cursor.description) if result.cursor is not None else []
        result.close()
        arrays = _arrays(connection, {one[1] for one in description}) if source.dialect == "postgresql" else set()
    return tuple(SourceColumn(str(one[0]), str(one[1]), _shape(source.dialect, one[1], arrays)) for one in description)


def _arrays(connection: sa.Connection, types: set[int]) -> set[int]:
    """PostgreSQL's array types among these: they alone need other SQL to become text."""
    found = connection.execute(sa.text("SELECT CAST(oid AS bigint) FROM pg_type WHERE typcategory = 'A'")).scalars()
    return types & set(found)


def _shape(dialect: str, kind: Any, arrays: set[int]) -> Shape:
    match dialect:
        case "postgresql":
            return Shape.ARRAY if kind in arrays else Shape.OTHER
        case "mysql":
            return _MYSQL.get(int(kind), Shape.OTHER)
        case "oracle":
            name = str(kind)
            return next((shape for word, shape in _ORACLE if word in name), Shape.AS_IT_IS)
        case "mssql":
            return Shape.AS_IT_IS
    return Shape.OTHER
