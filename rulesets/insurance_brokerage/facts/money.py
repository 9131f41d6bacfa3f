"""Decimal arithmetic without loss."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from auditor.derive import Logs

MONEY = pa.decimal256(38, 18)
"""Sums of money and scores, with every digit that the logs admit."""
PART = pa.decimal256(28, 18)
"""A coefficient: its product with a sum of money fits 76 digits."""


def decimals(logs: Logs, name: str, at: Any, kind: pa.DataType) -> pa.Array:
    """The parameter in force at each instant, as decimals of the type."""
    return pa.array(logs.parameter(name, at), pa.decimal128(38, 18)).cast(kind)
