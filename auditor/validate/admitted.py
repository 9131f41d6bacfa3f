"""What leaves validation: the admitted rows of a record, and the refused ones with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from auditor.contract import Field, Record

REASONS = (
    "missing",
    "unknown_code",
    "not_a_number",
    "out_of_range",
    "not_a_flag",
    "not_a_time",
    "impossible_time",
    "not_a_date",
    "impossible_date",
    "not_a_list",
    "duplicate_key",
)
"""Why a value is refused, a closed vocabulary. `impossible`: on no such day, before 1970 or after 2199."""

REFUSALS = pa.schema([(n, pa.string()) for n in ("ruleset", "source", "record", "key", "field", "value", "reason")])
"""One row a fault. `value` is raw (at most 200 characters; null where it is missing): whoever prints it masks it by the field's tag."""

VALUE_LENGTH = 200

_TYPES = {
    "id": pa.string(),
    "text": pa.string(),
    "code": pa.string(),
    "bool": pa.bool_(),
    "int": pa.int64(),
    "num": pa.decimal128(38, 18),
    "date": pa.date32(),
    "time": pa.timestamp("s", "UTC"),
    "list": pa.list_(pa.string()),
}


def arrow_type(field: Field) -> pa.DataType:
    """The type of the field's column in an admitted table, whatever the dialect."""
    return _TYPES[field.kind]


@dataclass(frozen=True)
class Admitted:
    """The rows of a record that keep the contract, sorted by key.

    `table` has the columns that the site has, in the contract's order and types; `missing` names the others, and why. A text column of
    many rows and few texts is of the dictionary type with those texts. `rows_read` = `table.num_rows` + `rows_refused`.
    """

    record: Record
    table: pa.Table
    source: str
    table_name: str
    rows_read: int
    missing: dict[str, str] = field(default_factory=dict)
    rows_refused: int = 0

    def rows(self, places: Sequence[int] | npt.NDArray[np.int64]) -> pa.Table:
        """The rows at these places of `table`, in this order, texts as plain strings."""
        rows = few_rows(self.table, places)
        return rows.cast(pa.schema([(n, arrow_type(self.record.field(n))) for n in rows.column_names]))


def few_rows(table: pa.Table, places: Sequence[int] | npt.NDArray[np.int64]) -> pa.Table:
    """The rows at these places, in this order. Of columns in pieces they are taken piece by piece: Arrow would join all texts first."""
    wanted = np.asarray(places, np.int64)
    order = np.argsort(wanted, kind="stable")
    ascending = wanted[order]
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))

    def few(column: pa.ChunkedArray) -> pa.ChunkedArray:
        if column.num_chunks == 1:
            return column.take(pa.array(wanted))
        near: list[pa.Array] = []
        start = 0
        for chunk in column.chunks:
            low, high = np.searchsorted(ascending, [start, start + len(chunk)])
            if high > low:
                near.append(chunk.take(pa.array(ascending[low:high] - start)))
            start += len(chunk)
        return pa.chunked_array(near, column.type).take(pa.array(back))

    return pa.table([few(column) for column in table.columns], schema=table.schema)
