"""What tables and columns a source has."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import NoSuchTableError

from auditor.load.source import Source
from auditor.load.text_sql import Shape, shape_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of a source: its name, its type as the database writes it, and its shape."""

    name: str
    type: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table or view. `columns` in the order of the table."""

    name: str
    schema: str | None
    columns: tuple[SourceColumn, ...]

    def column(self, name: str) -> SourceColumn | None:
        """The column of that name; failing that, the only one that differs in case alone."""
        return find_name(name, {c.name: c for c in self.columns})


def find_name(name: str, among: Mapping[str, T]) -> T | None:
    """The value under the name; failing that, under the only name that differs in case alone."""
    if name in among:
        return among[name]
    alike = [k for k in among if k.lower() == name.lower()]
    return among[alike[0]] if len(alike) == 1 else None


def table_names(source: Source, schema: str | None = None) -> tuple[str, ...]:
    """The tables and views of the source's schema (or of another), sorted."""
    schema = schema or source.schema
    if schema not in source.tables:
        with source.errors("listing the tables"), source.engine.connect() as connection:
            inspector = sa.inspect(connection)
            names = {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}
            if source.dialect in ("postgresql", "oracle"):
                names |= set(inspector.get_materialized_view_names(schema))
        source.tables[schema] = tuple(sorted(names))
        source.words |= names
    return source.tables[schema]


def read_table(source: Source, name: str, schema: str | None = None) -> SourceTable | None:
    """One table's columns; None where there is no such table or view (names may differ in case)."""
    schema = schema or source.schema
    found = find_name(name, {n: n for n in table_names(source, schema)})
    return None if found is None else _columns(source, found, schema)


def inspect_source(source: Source, only: Iterable[str] | None = None) -> dict[str, SourceTable]:
    """Table name → its columns, of every table and view of the source's schema (or of those named). Raises SourceError."""
    wanted = None if only is None else set(only)
    tables = (_columns(source, n, source.schema) for n in table_names(source) if wanted is None or n in wanted)
    return {t.name: t for t in tables if t is not None}


def _columns(source: Source, name: str, schema: str | None) -> SourceTable | None:
    with source.errors(f"reading the columns of {name}"), source.engine.connect() as connection, warnings.catch_warnings():
        # a type that SQLAlchemy does not know is read as text all the same
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        try:
            found: list[Any] = sa.inspect(connection).get_columns(name, schema)
        except NoSuchTableError:
            return None
    source.words |= {c["name"] for c in found}
    return SourceTable(name, schema, tuple(SourceColumn(c["name"], str(c["type"]), shape_of(c["type"], source.dialect)) for c in found))
