"""Source rows as evidence: their canonical text, and its keyed digest.

A digest is HMAC-SHA256 over the row as admitted: UTF-8 JSON without spaces, keys sorted, times as whole seconds since 1970 UTC,
dates as ISO text, decimals as their shortest digits. An unkeyed digest of a phone number would be found by trying them all.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.validate import Admitted

Positions = Sequence[int] | npt.NDArray[np.int64]


def rows_json(admitted: Admitted, positions: Positions) -> list[str]:
    """The canonical text of the rows at these positions of `admitted.table`: every column that the site has, null where blank."""
    table = admitted.table.take(pa.array(positions, pa.int64()))
    names = sorted(table.column_names)
    columns = [_plain(table[n], admitted.record.field(n).kind) for n in names]
    texts = []
    for values in zip(*columns, strict=True):
        row = dict(zip(names, values, strict=True))
        texts.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
    return texts


def row_json(admitted: Admitted, position: int) -> str:
    """The canonical text of one row."""
    return rows_json(admitted, [position])[0]


def digest_rows(admitted: Admitted, positions: Positions, key: bytes) -> list[str]:
    """The digest of each row under the site's key, as 64 hex digits."""
    return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for text in rows_json(admitted, positions)]


def _plain(column: pa.ChunkedArray, kind: str) -> list[Any]:
    match kind:
        case "time":
            return column.cast(pa.int64()).to_pylist()
        case "date":
            return pc.strftime(column, "%Y-%m-%d").to_pylist()
        case "num":
            return [None if v is None else decimal_text(v) for v in column.to_pylist()]
    return column.to_pylist()


def decimal_text(value: Decimal) -> str:
    """The digits without an exponent or trailing zeros: 1234.5, 100, 0."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text
