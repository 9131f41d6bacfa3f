"""Rows of a source → raw Arrow batches under canonical names, values as text or, where it says the same, as their own type."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from auditor.contract import Record
from auditor.load.arrow_drivers import BATCH_ROWS, arrow_batches, arrow_driver
from auditor.load.catalogue import read_table
from auditor.load.source import Source
from auditor.load.statement import Column, Statement, column_of, relation_of
from auditor.load.text_sql import is_native


@dataclass
class RawRecord:
    """The rows of one record as a source gives them, not yet checked.

    `batches()` gives them anew each time it is called: Arrow batches whose columns bear canonical names and hold text (or a
    native type). `missing`: column → why the site does not have it.
    """

    record: Record
    source: str
    table_name: str
    batches: Callable[[], Iterator[pa.RecordBatch]]
    missing: dict[str, str] = field(default_factory=dict)
    statements: tuple[str, ...] = ()
    """The SQL that reads it, one text a statement, as it is sent (to PostgreSQL within COPY)."""
    tables: tuple[tuple[str, str], ...] = ()
    """(source, table) of each table that it reads by name; what a query of the site's own reads is not among them."""

    @classmethod
    def of_table(cls, record: Record, table: pa.Table, source: str = "source", table_name: str = "") -> RawRecord:
        """Rows that are at hand already; what the table lacks is missing."""
        table_name = table_name or record.name
        missing = {n: f"the table {table_name} has no column {n}" for n in record.names if n not in table.column_names}
        return cls(record, source, table_name, lambda: iter(table.to_batches()), missing)


@dataclass(frozen=True)
class Absent:
    """A record that the site does not have, and why."""

    record: Record
    reason: str


def read_record(source: Source, record: Record) -> RawRecord | Absent:
    """The record from the table that bears its name and columns (names may differ in case).

    Nothing is read before `batches()` is called. Raises SourceError where the source cannot be read.
    """
    table = read_table(source, record.name)
    if table is None:
        return Absent(record, f"the source {source.name} has no table {record.name}")
    relation = relation_of(table.name, table.schema)
    columns, missing = [], {}
    for canonical in record.fields:
        found = table.column(canonical.name)
        if found is None:
            missing[canonical.name] = f"the table {table.name} has no column {canonical.name}"
        else:
            native = is_native(canonical.kind, found.shape)
            columns.append(Column(canonical.name, column_of(relation, found.name), found.shape, native))
    if record.key.name in missing:
        return Absent(record, f"{missing[record.key.name]}, which is its key")
    statement = Statement(relation, tuple(columns))
    return RawRecord(
        record,
        source.name,
        table.name,
        lambda: read_statement(source, statement, table.name),
        missing,
        statements=(sent(source, statement),),
        tables=((source.name, qualified(table.name, table.schema)),),
    )


def qualified(table: str, schema: str | None) -> str:
    """`schema.table`."""
    return f"{schema}.{table}" if schema else table


def sent(source: Source, statement: Statement) -> str:
    """The text of the statement as `read_statement` sends it. Raises SourceError where the source cannot be reached."""
    with source.errors("connecting"):
        return statement.sql(source.engine.dialect, native=arrow_driver(source) == "psycopg")


def read_statement(source: Source, statement: Statement, what: str, *, arrow: bool = True) -> Iterator[pa.RecordBatch]:
    """The rows of a statement, in batches; every column is text, or of its own type where the statement says that this will do as well.

    With `arrow` the source's Arrow driver reads where there is one; without it plain SQLAlchemy does, and gives the same as text. Of
    which type a column is may differ from batch to batch: times that no log can show are text.
    Raises SourceError where the source fails, also half-way.
    """
    with source.errors(f"reading {what}"):
        module = arrow_driver(source) if arrow else None
        if module is None:
            yield from _plain(source, statement)
        elif source.dialect == "sqlite":
            yield from _sqlite(source, statement, module)
        elif module == "psycopg":
            sql = statement.sql(source.engine.dialect, native=True)
            for batch in arrow_batches(source, module, sql, statement.native_shapes):
                yield batch.rename_columns([c.alias for c in statement.columns])
        else:
            for batch in arrow_batches(source, module, statement.sql(source.engine.dialect)):
                yield pa.RecordBatch.from_arrays([_text(c) for c in batch.columns], names=[c.alias for c in statement.columns])


def _sqlite(source: Source, statement: Statement, module: str) -> Iterator[pa.RecordBatch]:
    """ADBC takes a column's type from its first batch, so the first row is one of ours: text, and a float in the twins."""
    dialect = source.engine.dialect
    with source.engine.connect() as connection:
        found = connection.execution_options(no_parameters=True).exec_driver_sql(statement.reals_sql(dialect)).one()
    aliases = [c.alias for c in statement.columns]
    reals = [alias for alias, any_real in zip(aliases, found, strict=True) if any_real]
    ours = ", ".join(["'x'"] * len(aliases) + ["0.5"] * len(reals))
    first = True
    for batch in arrow_batches(source, module, f"SELECT {ours} UNION ALL {statement.sql(dialect, reals)}"):
        rows = batch.slice(1) if first else batch
        first = False
        arrays = [_text(rows.column(i)) for i in range(len(aliases))]
        for twin, alias in enumerate(reals, len(aliases)):
            at = aliases.index(alias)
            arrays[at] = pc.coalesce(arrays[at], _text(rows.column(twin)))
        yield pa.RecordBatch.from_arrays(arrays, names=aliases)


def _plain(source: Source, statement: Statement) -> Iterator[pa.RecordBatch]:
    dialect = source.engine.dialect
    aliases = [c.alias for c in statement.columns]
    reals = aliases if source.dialect == "sqlite" else []
    with source.engine.connect() as connection:
        streaming = connection.execution_options(no_parameters=True, stream_results=True, max_row_buffer=BATCH_ROWS)
        with _unread_is_dropped(streaming.exec_driver_sql(statement.sql(dialect, reals))) as result:
            for rows in result.partitions(BATCH_ROWS):
                columns = list(zip(*rows, strict=True))
                arrays = [plain_text(column) for column in columns[: len(aliases)]]
                if reals:
                    arrays = [pc.coalesce(a, plain_text(twin)) for a, twin in zip(arrays, columns[len(aliases) :], strict=True)]
                yield pa.RecordBatch.from_arrays(arrays, names=aliases)


@contextmanager
def _unread_is_dropped(result: sa.CursorResult[Any]) -> Iterator[sa.CursorResult[Any]]:
    """Closes the result. PyMySQL would read the rest from a connection that is gone, and complain on standard error."""
    try:
        yield result
    except Exception:
        unread = getattr(result.cursor, "_result", None)
        if unread is not None:
            unread.unbuffered_active = False
        raise
    finally:
        result.close()


def plain_text(values: tuple[Any, ...]) -> pa.Array:
    """A column of Python values as text: what a driver gives where the dialect has no text of its own for it."""
    return pa.array([v if v is None or type(v) is str else _text_of(v) for v in values], pa.string())


def _text_of(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(pa.array([value], pa.float64()))[0].as_py()
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _text(column: pa.Array) -> pa.Array:
    """An Arrow driver's column as text."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_floating(column.type):
        return _float_text(column)
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, "true", "false")
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return pa.array([None if v is None else v.decode("utf-8", "replace") for v in column.to_pylist()], pa.string())
    if not pa.types.is_string(column.type):
        column = column.cast(pa.string())
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        # bytes that are no UTF-8 (an untyped column takes them): shown as such, never passed on
        return pa.array([None if v is None else v.decode("utf-8", "replace") for v in column.cast(pa.binary()).to_pylist()], pa.string())
    return column


def _float_text(column: pa.Array) -> pa.Array:
    """The shortest digits that read back as the same float: 0.1, 1234.55, 12.0, 1e+20."""
    text = pc.cast(column, pa.string())
    whole = pc.invert(pc.match_substring_regex(text, "[.eni]"))
    return pc.if_else(whole, pc.binary_join_element_wise(text, ".0", ""), text)
