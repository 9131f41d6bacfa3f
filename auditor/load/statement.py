"""The SQL that reads a record: columns by name, each as text, or as its own type where that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import FromClause

from auditor.load.text_sql import Expression, Shape, as_native, as_text, sqlite_has_real, sqlite_real

REAL = "__real"
"""Ends the name of the twin column that carries a SQLite column's floating-point values."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column to read: under which name it arrives, and what it is in the source."""

    alias: str
    expression: Expression
    shape: Shape
    native: bool = False
    """Its own values will do as well as their text (see `is_native`), for a reader that takes such."""


@dataclass(frozen=True)
class Statement:
    """What is read from one source in one go: `columns` of `relation` (a table, a join, or a query of the site's own)."""

    relation: FromClause
    columns: tuple[Column, ...]
    where: str | None = None
    """A condition of the site's own."""
    limit: int | None = None
    """No more rows than these: for a look at a table."""

    def sql(self, dialect: Dialect, reals: Sequence[str] = (), *, native: bool = False) -> str:
        """The text that is sent to the database.

        `reals`: aliases whose floating-point values come in a twin column (SQLite). `native`: columns that may come as their own type do.
        """
        name = dialect_name(dialect)
        wanted = [
            (as_native(c.expression, c.shape) if native and c.native else as_text(name, c.expression, c.shape)).label(c.alias)
            for c in self.columns
        ]
        wanted += [sqlite_real(c.expression).label(c.alias + REAL) for c in self.columns if c.alias in reals]
        return compiled(self._selected(wanted), dialect)

    @property
    def native_shapes(self) -> list[Shape]:
        """What each column holds when it is read with `native`."""
        return [c.shape if c.native else Shape.TEXT for c in self.columns]

    def reals_sql(self, dialect: Dialect) -> str:
        """Asks SQLite which columns hold floating-point values."""
        return compiled(self._selected([sqlite_has_real(c.expression).label(c.alias) for c in self.columns]), dialect)

    def _selected(self, columns: Sequence[sa.ColumnElement[Any]]) -> sa.Select[Any]:
        selected = sa.select(*columns).select_from(self.relation)
        if self.where is not None:
            selected = selected.where(sa.literal_column(f"({self.where})"))
        return selected if self.limit is None else selected.limit(self.limit)


def relation_of(table: str, schema: str | None) -> FromClause:
    """A table by its name, quoted where the dialect asks for it."""
    return sa.table(table, schema=schema)


def column_of(relation: FromClause, name: str) -> Expression:
    """A column of a relation by its name."""
    column: sa.ColumnClause[Any] = sa.column(name)
    column.table = relation
    return column


def query_of(sql: str, columns: Sequence[str], alias: str = "site_query") -> FromClause:
    """A query of the site's own, and the columns it gives, as a relation. Its text is sent as it stands."""
    text = sql.strip().rstrip(";").rstrip() + "\n"  # a comment at its end is not to swallow the bracket
    return sa.text(text.replace(":", "\\:")).columns(*(sa.column(name) for name in columns)).alias(alias)


def dialect_name(dialect: Dialect) -> str:
    """sqlite, postgresql, mysql (MariaDB too), oracle or mssql."""
    return "mysql" if dialect.name == "mariadb" else dialect.name


def compiled(select: sa.Select[*tuple[Any, ...]], dialect: Dialect) -> str:
    """The statement as text without parameters; a `%` stays single, since no driver fills anything in."""
    make: Any = type(dialect)
    plain = make(paramstyle="named")
    return str(select.compile(dialect=plain, compile_kwargs={"literal_binds": True}))
