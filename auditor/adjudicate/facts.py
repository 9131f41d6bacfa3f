"""The facts of chosen cases as the table that the engine's processes judge."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from auditor.engine import CompiledRule, EngineError
from auditor.engine.definition import BLANK
from auditor.masks import Columns

CASE_ID = "case_id"

ARROW_TYPES = {"int": pa.int64(), "str": pa.string(), "bool": pa.bool_()}
"""The Arrow type of a field of each type."""


def fact_table(rule: CompiledRule, columns: Columns, case_ids: Any, positions: npt.NDArray[np.int64]) -> pa.Table:
    """One row a case of `positions`, in that order: `case_id` and the rule's fields, none of them null.

    `case_ids`: those of these cases, texts of any kind; `columns`: of all cases.
    A blank text is the empty text, which equals no text that a condition can name; `blank_NAME` is `columns.blank(NAME)`.
    """
    table = {CASE_ID: pa.array(case_ids).cast(pa.string())}
    for name, kind in rule.fields:
        if name.startswith(BLANK):
            column = pa.array(np.asarray(columns.blank(name.removeprefix(BLANK)), dtype=np.bool_)[positions])
        else:
            column = pa.array(columns[name][positions])
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        column = column.cast(ARROW_TYPES[kind])
        table[name] = column.fill_null("") if kind == "str" else column
    return pa.table(table)


def check_facts(rule: CompiledRule, facts: pa.Table) -> None:
    """Raise EngineError where the table lacks a field of the rule, has it in another type, or has a null in it."""
    for name, kind in ((CASE_ID, "str"), *rule.fields):
        if name not in facts.column_names:
            raise EngineError(f"rule {rule.code}: the table of facts lacks '{name}'")
        column = facts.column(name)
        if column.type != ARROW_TYPES[kind]:
            raise EngineError(f"rule {rule.code}: '{name}' is {column.type} in the table of facts where the rule has {ARROW_TYPES[kind]}")
        if column.null_count:
            raise EngineError(f"rule {rule.code}: '{name}' is null in {column.null_count} rows of the table of facts; facts are total")
