"""Conditions as column masks: what the screen asks of millions of cases at once, and what tells a population."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pandas as pd

from auditor.vocabulary.expressions import And, Blank, Compare, ConditionError, Const, Expr, Or, Ref, Scalar, show

Mask = npt.NDArray[np.bool_]

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Columns(Protocol):
    """The facts of all cases of a rule, as columns of one length.

    A whole number, an instant or a day is an int64 array, a flag of the logs int8 (1 yes, 0 no, -1 blank), a yes or no of our own a bool
    array, a text a pandas `str` array (NaN when blank). Numbers with decimals and lists are Arrow arrays, of which only `blank` is asked.
    """

    def __getitem__(self, name: str, /) -> Any:
        """The column of a fact; KeyError where there is none."""

    def blank(self, name: str, /) -> Mask:
        """Where the fact shows nothing: NaN, null, or the kind's value for "not on record"."""


@runtime_checkable
class RemembersLeaves(Protocol):
    """Columns that know the mask of some comparisons already, because many rules ask them of the same rows."""

    def remembered(self, leaf: Compare | Blank, /) -> Mask | None:
        """The mask, which the caller must not change; None where it is to be worked out."""


def evaluate(condition: Expr, columns: Columns, size: int) -> Mask:
    """Where the condition holds: a bool array of length `size`. A blank text equals no text (so `!=` holds of it)."""
    mask = _leaf_or_all(condition, columns, size)
    return mask if mask.flags.writeable else mask.copy()


def _leaf_or_all(condition: Expr, columns: Columns, size: int) -> Mask:
    if isinstance(condition, Compare | Blank) and isinstance(columns, RemembersLeaves):
        known = columns.remembered(condition)
        if known is not None:
            return known
    match condition:
        case Const(value):
            return np.full(size, value, dtype=np.bool_)
        case Blank(field, shown):
            mask = _of_size(columns.blank(field), condition, size)
            return ~mask if shown else mask.copy()
        case Compare():
            return _compare(condition, columns, size)
        case And(parts):
            mask = np.ones(size, dtype=np.bool_)
            for part in parts:
                mask &= _leaf_or_all(part, columns, size)
            return mask
        case Or(parts):
            mask = np.zeros(size, dtype=np.bool_)
            for part in parts:
                mask |= _leaf_or_all(part, columns, size)
            return mask
    raise ConditionError(f"{condition!r} is no condition")


def _compare(condition: Compare, columns: Columns, size: int) -> Mask:
    left = columns[condition.field]
    kind = _kind(left)
    right: Any = condition.value
    if isinstance(right, Ref):
        right = columns[right.name]
        right_kind = _kind(right)
        if kind != "int" or right_kind != "int":
            raise ConditionError(f"{show(condition)}: two facts compare as whole numbers only, not as {kind} and {right_kind}")
    elif kind != _kind_of_constant(right):
        raise ConditionError(f"{show(condition)}: the fact is {kind}, the value {right!r} is {_kind_of_constant(right)}")
    return _of_size(_OPERATORS[condition.op](left, right), condition, size)


def _kind(column: Any) -> str:
    """int, bool, str, or what else the column is (of which only blank can be asked)."""
    if isinstance(column, np.ndarray):
        return {"i": "int", "b": "bool"}.get(column.dtype.kind, str(column.dtype))
    return "str" if isinstance(getattr(column, "dtype", None), pd.StringDtype | pd.CategoricalDtype) else type(column).__name__


def _kind_of_constant(value: Scalar) -> str:
    return "bool" if isinstance(value, bool) else type(value).__name__


def _of_size(mask: Any, condition: Expr, size: int) -> Mask:
    result = np.asarray(mask, dtype=np.bool_)
    if result.shape != (size,):
        raise ConditionError(f"{show(condition)}: its columns have {result.shape} values where there are {size} cases")
    return result
