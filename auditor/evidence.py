"""Source rows as evidence: their canonical text, and its keyed digest.

A digest is HMAC-SHA256 over the row as admitted: UTF-8 JSON without spaces, keys sorted, times as whole seconds since 1970 UTC,
dates as ISO text, decimals as their shortest digits. An unkeyed digest of a phone number would be found by trying them all.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.contract import Record
from auditor.validate import Admitted

_ESCAPED = np.isin(np.arange(256), [*range(0x20), ord('"'), ord("\\")])
"""By byte: whether JSON does not write it as it stands."""

Positions = Sequence[int] | npt.NDArray[np.int64]


class JsonColumn(NamedTuple):
    """The values of a column as JSON: each text stands between two `quote`, which are left out where values have none in common."""

    texts: pa.Array
    quote: str = ""


def rows_json(admitted: Admitted, positions: Positions) -> list[str]:
    """The canonical text of the rows at these positions of `admitted.table`: every column that the site has, null where blank."""
    return canonical_texts(admitted.rows(positions), admitted.record).to_pylist()


def canonical_texts(table: pa.Table, record: Record) -> pa.Array:
    """The canonical text of every row, column by column."""
    return row_texts(json_columns(table, record))


def json_columns(table: pa.Table, record: Record) -> dict[str, JsonColumn]:
    """The values of every column as JSON."""
    return {name: _json(table[name].combine_chunks(), record.field(name).kind) for name in table.column_names}


def row_texts(columns: Mapping[str, JsonColumn]) -> pa.Array:
    """The canonical text of every row of columns as JSON."""
    parts: list[pa.Array | str] = []
    # What stands between two values is the same in all rows, and put in at once.
    between = "{"
    for name, column in sorted(columns.items()):
        parts += [f'{between}"{name}":{column.quote}', column.texts]
        between = column.quote + ","
    return pc.binary_join_element_wise(*parts, f"{between[:-1]}}}", "")


def row_json(admitted: Admitted, position: int) -> str:
    """The canonical text of one row."""
    return rows_json(admitted, [position])[0]


def digest_rows(admitted: Admitted, positions: Positions, key: bytes) -> list[str]:
    """The digest of each row under the site's key, as 64 hex digits."""
    return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for text in rows_json(admitted, positions)]


def _json(column: pa.Array, kind: str) -> JsonColumn:
    """Each value as JSON, null as `null`."""
    match kind:
        case "time":
            return JsonColumn(_or_null(column.cast(pa.int64()).cast(pa.string())))
        case "int":
            return JsonColumn(_or_null(column.cast(pa.string())))
        case "bool":
            return JsonColumn(_or_null(pc.if_else(column, "true", "false")))
        case "num":
            return JsonColumn(_each(column, lambda value: f'"{decimal_text(value)}"'))
        case "list":
            return JsonColumn(_each(column, _encoded))
        case "date":
            column = column.cast(pa.string())
        case _ if _needs_escapes(column):
            return JsonColumn(_each(column, _encoded))
    if column.null_count:
        return JsonColumn(_or_null(pc.binary_join_element_wise('"', column, '"', "")))
    return JsonColumn(column, '"')


def _or_null(texts: pa.Array) -> pa.Array:
    return pc.fill_null(texts, "null") if texts.null_count else texts


def _needs_escapes(texts: pa.Array) -> bool:
    """Whether a text holds what JSON does not write as it stands; one look at the bytes of all."""
    data = texts.buffers()[2]
    return data is not None and bool(_ESCAPED[np.frombuffer(data, np.uint8)].any())


def _each(column: pa.Array, write: Callable[[Any], str]) -> pa.Array:
    return pa.array(["null" if value is None else write(value) for value in column.to_pylist()], pa.string())


def _encoded(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def decimal_text(value: Decimal) -> str:
    """The digits without an exponent or trailing zeros: 1234.5, 100, 0."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text
