"""A first look at a table: some of its rows, how many there are, and which values a column has how often."""

from __future__ import annotations

import pyarrow as pa
import sqlalchemy as sa

from auditor.load.catalogue import SourceTable
from auditor.load.read import plain_text, read_statement
from auditor.load.source import Source
from auditor.load.statement import Column, Statement, column_of, compiled, relation_of
from auditor.load.text_sql import Shape, as_text

SAMPLE_ROWS = 1_000


def sample_table(source: Source, table: SourceTable, rows: int = SAMPLE_ROWS) -> pa.Table:
    """Some rows of the table, every column as text under its own name. Raises SourceError."""
    relation = relation_of(table.name, table.schema)
    columns = tuple(Column(c.name, column_of(relation, c.name), c.shape) for c in table.columns)
    statement = Statement(relation, columns, limit=rows)
    batches = list(read_statement(source, statement, table.name, arrow=False))
    return pa.Table.from_batches(batches, pa.schema([(c.name, pa.string()) for c in table.columns]))


def count_rows(source: Source, table: SourceTable) -> int:
    """How many rows the table has. Raises SourceError."""
    counted = sa.select(sa.func.count()).select_from(relation_of(table.name, table.schema))
    with source.errors(f"counting the rows of {table.name}"), source.engine.connect() as connection:
        plain = connection.execution_options(no_parameters=True)
        return int(plain.exec_driver_sql(compiled(counted, source.engine.dialect)).scalar_one())


def count_values(source: Source, table: SourceTable, column: str, most: int) -> list[tuple[str | None, int]]:
    """The column's most frequent values, as text, with their rows. Raises SourceError."""
    relation = relation_of(table.name, table.schema)
    known = table.column(column)
    value = as_text(source.dialect, column_of(relation, column), known.shape if known else Shape.OTHER)
    number = sa.func.count().label("seen")
    counted = sa.select(value.label("value"), number).select_from(relation).group_by(value).order_by(number.desc(), value).limit(most)
    with source.errors(f"counting the values of {table.name}.{column}"), source.engine.connect() as connection:
        plain = connection.execution_options(no_parameters=True)
        rows = plain.exec_driver_sql(compiled(counted, source.engine.dialect)).all()
    texts = plain_text(tuple(row[0] for row in rows)).to_pylist()
    return [(text.strip() if text is not None else None, int(row[1])) for text, row in zip(texts, rows, strict=True)]
