"""Every column is read as text, by an expression that the dialect evaluates, so that all databases give the same.

Text of a time is ISO 8601 (with an offset where the column has a zone), of a decimal its digits, of a list JSON. Text has none of
the traps of an Arrow driver's own types: infinite and zero dates, decimals as floats, a type guessed from the first rows. It costs more
than the numbers of times and flags; `auditor.load.postgresql_rows`, which knows those traps, takes these as they are (`is_native`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite
from sqlalchemy.types import TypeEngine

Expression = sa.ColumnElement[Any]


class Shape(StrEnum):
    """What a source column holds, as far as its text needs to know."""

    TEXT = "text"
    PADDED = "blank-padded text"
    TIME = "time"
    ZONED_TIME = "time with zone"
    DATE = "date"
    BOOL = "flag"
    BIT = "bits"
    INT = "whole number"
    NUM = "decimal"
    FLOAT = "float"
    ARRAY = "array"
    JSON = "JSON"
    BINARY = "bytes"
    OTHER = "other"
    AS_IT_IS = "as the driver gives it"


def shape_of(kind: TypeEngine[Any], dialect: str) -> Shape:
    """The shape of a reflected column type."""
    if dialect == "mysql" and isinstance(kind, sa.TIMESTAMP):
        return Shape.ZONED_TIME  # stored in UTC and shown in the session's zone
    if dialect == "oracle" and isinstance(kind, oracle.TIMESTAMP) and getattr(kind, "local_timezone", False):
        return Shape.ZONED_TIME
    if isinstance(kind, mssql.DATETIMEOFFSET):
        return Shape.ZONED_TIME
    if isinstance(kind, (mysql.BIT, postgresql.BIT)):
        return Shape.BIT
    if isinstance(kind, sa.ARRAY):
        return Shape.ARRAY
    if isinstance(kind, sa.JSON):
        return Shape.JSON
    for base, shape in (
        (sa.Boolean, Shape.BOOL),
        (mssql.BIT, Shape.BOOL),
        (sa.Enum, Shape.TEXT),
        (sa.CHAR, Shape.PADDED),
        (sa.NCHAR, Shape.PADDED),
        (sa.String, Shape.TEXT),
        (sa.LargeBinary, Shape.BINARY),
        (sa.BINARY, Shape.BINARY),
        (sa.VARBINARY, Shape.BINARY),
        (sa.Float, Shape.FLOAT),
        (sa.Integer, Shape.INT),
        (sa.Numeric, Shape.NUM),
    ):
        if isinstance(kind, base):
            return shape
    if isinstance(kind, sa.DateTime):
        return Shape.ZONED_TIME if kind.timezone else Shape.TIME
    if isinstance(kind, sa.Date):
        return Shape.DATE
    return Shape.OTHER


_NATIVE: dict[Shape, tuple[str, TypeEngine[Any]]] = {
    Shape.TIME: ("time", sa.TIMESTAMP()),
    Shape.ZONED_TIME: ("time", sa.TIMESTAMP(timezone=True)),
    Shape.DATE: ("date", sa.Date()),
    Shape.BOOL: ("bool", sa.Boolean()),
    Shape.INT: ("int", sa.BigInteger()),
}
"""Shape → the kind of field for which its own values say the same as their text, and their type in PostgreSQL."""


def is_native(kind: str, shape: Shape) -> bool:
    """Whether a field of this kind takes the column's own values as well as their text."""
    return shape in _NATIVE and _NATIVE[shape][0] == kind


def as_native(column: Expression, shape: Shape) -> Expression:
    """The column's own values in PostgreSQL's SQL. They are cast all the same: whoever reads them cannot ask for their type."""
    return sa.cast(column, _NATIVE[shape][1])


def as_text(dialect: str, column: Expression, shape: Shape) -> Expression:
    """The column's text in the dialect's SQL. Null stays null."""
    match dialect:
        case "postgresql":
            return sa.cast(sa.func.to_json(column) if shape is Shape.ARRAY else column, sa.Text())
        case "mysql":
            return _mysql(column, shape)
        case "oracle":
            return _oracle(column, shape)
        case "mssql":
            return _mssql(column, shape)
        case "sqlite":
            name = _sqlite(column)
            return sa.literal_column(f"CASE typeof({name}) WHEN 'real' THEN NULL ELSE CAST({name} AS TEXT) END", sa.Text())
    return column


def sqlite_real(column: Expression) -> Expression:
    """The column's floating-point values alone: their text differs between SQLite's versions, so they travel as numbers."""
    return sa.literal_column(f"CASE typeof({_sqlite(column)}) WHEN 'real' THEN {_sqlite(column)} END", sa.Float())


def sqlite_has_real(column: Expression) -> Expression:
    """1 where any row holds a floating-point value; SQLite's types belong to values, not to columns."""
    return sa.literal_column(f"max(typeof({_sqlite(column)}) = 'real')", sa.Integer())


def _sqlite(column: Expression) -> str:
    return str(column.compile(dialect=sqlite.dialect(paramstyle="named")))


def _mysql(column: Expression, shape: Shape) -> Expression:
    char = mysql.CHAR()
    match shape:
        case Shape.TEXT | Shape.PADDED:
            return column
        case Shape.ZONED_TIME:
            return sa.func.concat(sa.cast(column, char), sa.literal_column("'+00:00'"))
        case Shape.BIT:
            return sa.cast(column + sa.literal_column("0"), char)
        case Shape.BINARY:
            return sa.literal_column(f"CONVERT({column.compile(dialect=mysql.dialect(paramstyle='named'))} USING utf8mb4)", sa.Text())
    return sa.cast(column, char)


def _oracle(column: Expression, shape: Shape) -> Expression:
    def text_of(value: Expression, *formats: str) -> Expression:
        return sa.func.to_char(value, *(sa.literal_column(f"'{f}'") for f in formats))

    match shape:
        case Shape.PADDED:
            return sa.func.rtrim(column)
        case Shape.TIME | Shape.DATE:
            return text_of(column, 'YYYY-MM-DD"T"HH24:MI:SS')
        case Shape.ZONED_TIME:
            return text_of(sa.func.sys_extract_utc(column), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        case Shape.INT | Shape.NUM:
            return text_of(column, "TM9", "NLS_NUMERIC_CHARACTERS=''.,''")
    return column


def _mssql(column: Expression, shape: Shape) -> Expression:
    def converted(length: int, style: int) -> Expression:
        return sa.func.convert(sa.literal_column(f"VARCHAR({length})"), column, sa.literal_column(str(style)))

    match shape:
        case Shape.PADDED:
            return sa.func.rtrim(column)
        case Shape.TIME | Shape.ZONED_TIME:
            return converted(40, 126)
        case Shape.DATE:
            return converted(10, 23)
        case Shape.INT | Shape.NUM | Shape.BOOL:
            return sa.cast(column, sa.VARCHAR(60))
        case Shape.OTHER:
            return sa.cast(column, sa.NVARCHAR(4000))
    return column
