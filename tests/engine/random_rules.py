"""Random facts and random rules of the vocabulary, for property tests of screen and engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import strategies as st

from auditor.engine import CompiledRule, RuleRefusedError, compile_rule
from auditor.instants import NEVER, NO_NUMBER
from auditor.vocabulary.expressions import ALWAYS, NEVER_TRUE, UNSAID, And, Blank, Compare, Const, Expr, Or, Ref, negate
from auditor.vocabulary.questions import Questions, Verdict

TIMES, NUMBERS, FLAGS = ("done_at", "due_at"), ("rows", "seconds"), ("look_up",)
TEXTS, YES_NO, LISTS = ("kind", "role"), ("urban", "late"), ("items",)
TYPES = dict.fromkeys((*TIMES, *NUMBERS, *FLAGS), "int") | dict.fromkeys(TEXTS, "str") | dict.fromkeys(YES_NO, "bool")

whole = st.sampled_from([0, 1, 2, 3, -1, -2, NEVER, NEVER - 1, NO_NUMBER, 2**63 - 1, -(2**63), 2**63 - 2, 2**53 + 1])
instants = st.sampled_from([0, 1_700_000_000, 1_700_000_001, NEVER])
hostile = ['"', "\\", "\\\\", '\\"', "'", "\n", "\r", "\t", "\x00", "\x1f", "\x7f", "/", "{", "}", "%s", "%"]
hostile += ["😀", "計劃", "计划", "\u2028", "$and", "true", "1"]
texts = st.one_of(
    st.sampled_from(["planned", "plan", "planned ", "計劃", "xx"]),
    st.lists(st.sampled_from([*hostile, "a", "b"]), min_size=1, max_size=4).map("".join),
    st.text(min_size=1, max_size=8),
    st.integers(999, 2_001).map(lambda n: "x" * n),
).filter(lambda text: text.strip() != "")
constants = texts.filter(lambda text: len(text) <= 1_000)
comparisons = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
equalities = st.sampled_from(["==", "!="])

leaf_conditions: st.SearchStrategy[Expr] = st.one_of(
    st.builds(Compare, st.sampled_from([*NUMBERS, *FLAGS]), comparisons, whole),
    st.builds(Compare, st.sampled_from(TIMES), comparisons, instants),
    st.builds(Compare, st.sampled_from([*TIMES, *NUMBERS]), comparisons, st.builds(Ref, st.sampled_from([*TIMES, *NUMBERS, *FLAGS]))),
    st.builds(Compare, st.sampled_from(TEXTS), equalities, constants),
    st.builds(Compare, st.sampled_from(YES_NO), equalities, st.booleans()),
    st.builds(Blank, st.sampled_from([*TIMES, *NUMBERS, *FLAGS, *TEXTS, *LISTS]), st.booleans()),
    st.builds(Const, st.booleans()),
)


def _grouped(parts: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    several = st.lists(parts, min_size=2, max_size=4).map(tuple)
    return st.one_of(st.builds(And, several), st.builds(Or, several), st.builds(negate, parts))


conditions: st.SearchStrategy[Expr] = st.recursive(leaf_conditions, _grouped, max_leaves=7)
questions = st.builds(Questions, conditions, conditions, st.one_of(st.just(NEVER_TRUE), st.just(ALWAYS), conditions))

facts = st.fixed_dictionaries(
    dict.fromkeys(TIMES, instants)
    | dict.fromkeys(NUMBERS, whole)
    | dict.fromkeys(FLAGS, st.sampled_from([1, 0, UNSAID]))
    | dict.fromkeys(TEXTS, st.one_of(st.none(), texts))
    | dict.fromkeys(YES_NO, st.booleans())
    | dict.fromkeys(LISTS, st.one_of(st.none(), st.lists(st.text(max_size=2), max_size=2)))
)


def fits(asked: Questions) -> CompiledRule | None:
    """The rule compiled, or None where it is too big for the engine."""
    try:
        return compile_rule("RR001", asked, TYPES)
    except RuleRefusedError as refusal:
        assert "where the engine" in str(refusal)
        return None


class Table:
    """Columns as derive gives them, of facts as dictionaries."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.size = len(rows)
        self.case_ids = [f"case {number}" for number in range(len(rows))]
        self._columns: dict[str, Any] = {name: np.array([row[name] for row in rows], np.int64) for name in (*TIMES, *NUMBERS)}
        self._columns |= {name: np.array([row[name] for row in rows], np.int8) for name in FLAGS}
        self._columns |= {name: np.array([row[name] for row in rows], np.bool_) for name in YES_NO}
        self._columns |= {name: pd.array([row[name] for row in rows], dtype="str") for name in TEXTS}
        self._columns |= {name: pa.array([row[name] for row in rows], pa.list_(pa.string())) for name in LISTS}

    def __getitem__(self, name: str) -> Any:
        return self._columns[name]

    def blank(self, name: str) -> Any:
        column = self._columns[name]
        if name in TEXTS:
            return np.asarray(column.isna(), dtype=np.bool_)
        if name in LISTS:
            return np.array([value is None or value == [] for value in column.to_pylist()], dtype=np.bool_)
        return column == (NEVER if name in TIMES else UNSAID if name in FLAGS else NO_NUMBER)


def is_true(condition: Expr, row: dict[str, Any]) -> bool:
    """What the condition means, in plain Python, for one case."""
    match condition:
        case Const(value):
            return value
        case And(parts):
            return all(is_true(part, row) for part in parts)
        case Or(parts):
            return any(is_true(part, row) for part in parts)
        case Blank(field, shown):
            nothing = {**dict.fromkeys(TIMES, NEVER), **dict.fromkeys(FLAGS, UNSAID), **dict.fromkeys(NUMBERS, NO_NUMBER)}.get(field)
            return ((row[field] in (None, [])) if nothing is None else row[field] == nothing) != shown
        case Compare(field, op, value):
            left, right = row[field], row[value.name] if isinstance(value, Ref) else value
            orders = {"==": left == right, "!=": left != right}
            return orders[op] if op in orders else {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]
    raise AssertionError(condition)


def verdict_of(asked: Questions, row: dict[str, Any]) -> Verdict:
    """The verdict by the words of the specification."""
    if is_true(asked.unknown, row):
        return Verdict.INDETERMINATE
    if not is_true(asked.broken, row):
        return Verdict.COMPLIANT
    return Verdict.PENDING if is_true(asked.open, row) else Verdict.BREACH
