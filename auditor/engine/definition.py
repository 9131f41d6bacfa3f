"""Conditions as durable-rules writes them, and back again.

Expressions are not built with the library's own `m`, whose operators bend conditions silently; the form is the one that
its `m` gives for the same comparison (a test compares both).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from auditor.vocabulary.expressions import ALWAYS, NEVER_TRUE, And, Blank, Compare, ConditionError, Const, Expr, Or, Ref

BLANK = "blank_"
"""`blank.opinion` is the yes or no `blank_opinion` of the record."""

ALWAYS_SET = "_always"
"""A yes that every record has: what a condition without any fact looks at."""

MANY = 30_000
"""`cap`: all firings of a rule come in one answer, however many ways it is true in."""

_TO_ENGINE = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_FROM_ENGINE = {engine: op for op, engine in _TO_ENGINE.items()}


def simplify(condition: Expr) -> Expr:
    """The same condition with nested groups of one kind joined, constants worked out, and no part twice in a group."""
    match condition:
        case And(parts):
            return _simplify_group(And, parts, ALWAYS, NEVER_TRUE)
        case Or(parts):
            return _simplify_group(Or, parts, NEVER_TRUE, ALWAYS)
    return condition


def _simplify_group(kind: type[And] | type[Or], parts: tuple[Expr, ...], idle: Const, decisive: Const) -> Expr:
    kept: dict[str, Expr] = {}  # by text: Python takes `a == True` and `a == 1` for equal
    for part in map(simplify, parts):
        if part == decisive:
            return decisive
        if part != idle:
            kept.update((repr(p), p) for p in (part.parts if isinstance(part, kind) else (part,)))
    if not kept:
        return idle
    return next(iter(kept.values())) if len(kept) == 1 else kind(tuple(kept.values()))


def encode(condition: Expr) -> dict[str, Any]:
    """The condition of one pattern, as the library's `define()` gives it. A condition that is never true has none."""
    match condition:
        case Compare(field, op, value):
            comparison = {field: {"$m": value.name} if isinstance(value, Ref) else value}
            return comparison if op == "==" else {_TO_ENGINE[op]: comparison}
        case Blank(field, shown):
            return {BLANK + field: not shown}
        case And(parts):
            return {"$and": [encode(part) for part in parts]}
        case Or(parts):
            return {"$or": [encode(part) for part in parts]}
        case Const(True):
            return {ALWAYS_SET: True}
    raise ConditionError(f"{condition!r} has no form in the engine")


def decode(written: Mapping[str, Any]) -> Expr:
    """The condition that a definition stands for. Raises ConditionError for anything that `encode` does not write."""
    if len(written) != 1:
        raise ConditionError(f"{written!r} is not one comparison or group")
    [(name, value)] = written.items()
    if name == ALWAYS_SET and value is True:
        return ALWAYS
    if name in ("$and", "$or") and isinstance(value, list) and len(value) > 1:
        parts = tuple(decode(part) for part in value)
        return And(parts) if name == "$and" else Or(parts)
    if name.startswith(BLANK) and isinstance(value, bool):
        return Blank(name.removeprefix(BLANK), present=not value)
    if name in _FROM_ENGINE and isinstance(value, dict) and len(value) == 1:
        [(field, right)] = value.items()
        return Compare(field, _FROM_ENGINE[name], _decode_right(right))
    if name.startswith("$"):
        raise ConditionError(f"{written!r} is not written by this program")
    return Compare(name, "==", _decode_right(value))


def _decode_right(value: Any) -> int | str | bool | Ref:
    if isinstance(value, dict) and list(value) == ["$m"] and isinstance(value["$m"], str):
        return Ref(value["$m"])
    if isinstance(value, int | str):
        return value
    raise ConditionError(f"{value!r} is no whole number, text, yes or no, or fact")


def write(conditions: Mapping[str, Expr]) -> str:
    """The definition of one engine rule a condition, as JSON. Text is UTF-8, in one fixed form of escaping, as in the records."""
    rules = {name: {"all": [{"m": encode(condition)}], "cap": MANY} for name, condition in conditions.items()}
    return json.dumps(rules, ensure_ascii=False, separators=(",", ":"))


def read(definition: str) -> dict[str, Expr]:
    """The conditions of a definition, by the engine rule's name; the opposite of `write`."""
    return {name: decode(rule["all"][0]["m"]) for name, rule in json.loads(definition).items()}
