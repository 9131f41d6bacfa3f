"""Source rows as evidence: their canonical text, and its keyed digest.

A digest is HMAC-SHA256 over the row as admitted: UTF-8 JSON without spaces, keys sorted, times as whole seconds since 1970 UTC,
dates as ISO text, decimals as their shortest digits. An unkeyed digest of a phone number would be found by trying them all.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.contract import Record
from auditor.validate import Admitted

_ESCAPED = r'["\\\x00-\x1f]'
"""What JSON does not write as it stands."""

Positions = Sequence[int] | npt.NDArray[np.int64]


def rows_json(admitted: Admitted, positions: Positions) -> list[str]:
    """The canonical text of the rows at these positions of `admitted.table`: every column that the site has, null where blank."""
    return canonical_texts(admitted.rows(positions), admitted.record).to_pylist()


def canonical_texts(table: pa.Table, record: Record) -> pa.Array:
    """The canonical text of every row, column by column."""
    parts = [pc.binary_join_element_wise(f'"{n}":', _json(table[n], record.field(n).kind), "") for n in sorted(table.column_names)]
    joined = pc.binary_join_element_wise(*parts, ",") if len(parts) > 1 else parts[0]
    texts = pc.binary_join_element_wise("{", joined, "}", "")
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def row_json(admitted: Admitted, position: int) -> str:
    """The canonical text of one row."""
    return rows_json(admitted, [position])[0]


def digest_rows(admitted: Admitted, positions: Positions, key: bytes) -> list[str]:
    """The digest of each row under the site's key, as 64 hex digits."""
    return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for text in rows_json(admitted, positions)]


def _json(column: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    """Each value as JSON text, null as `null`."""
    match kind:
        case "time":
            texts = column.cast(pa.int64()).cast(pa.string())
        case "int":
            texts = column.cast(pa.string())
        case "bool":
            texts = pc.if_else(column, "true", "false")
        case "date":
            texts = pc.binary_join_element_wise('"', column.cast(pa.string()), '"', "")
        case "num":
            texts = _each(column, lambda value: f'"{decimal_text(value)}"')
        case "list":
            texts = _each(column, _encoded)
        case _:
            odd = pc.match_substring_regex(column, _ESCAPED)
            texts = pc.binary_join_element_wise('"', column, '"', "")
            if pc.any(odd).as_py():
                texts = pc.if_else(odd, _each(pc.if_else(odd, column, None), _encoded), texts)
    return pc.fill_null(texts, "null")


def _each(column: pa.ChunkedArray, write: Callable[[Any], str]) -> pa.ChunkedArray:
    return pa.chunked_array([[None if v is None else write(v) for v in column.to_pylist()]], pa.string())


def _encoded(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def decimal_text(value: Decimal) -> str:
    """The digits without an exponent or trailing zeros: 1234.5, 100, 0."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text
