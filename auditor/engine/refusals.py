"""What durable-rules 2.0.28 cannot be trusted with, refused before it gets there; tests/engine/test_traps.py shows each.

The limits were found in the library's C source and by experiment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from auditor.errors import RunError, UsageError
from auditor.vocabulary.expressions import And, Expr, Or


class RuleRefusedError(UsageError):
    """A rule that the engine would judge otherwise than it is written; it is found when the ruleset is loaded."""


class EngineError(RunError):
    """The engine cannot judge a case, or gave no verdict or several."""


WHOLE_NUMBERS = range(-(2**63), 2**63)
"""Exact to the last one. Beyond it the C library clips, so that 2**63 equals 2**63 - 1."""

LONGEST_CONSTANT = 1_000
"""Characters that a text in a condition may have."""

LONGEST_TEXT = 2_000
"""Characters of a fact's text that go to the engine.

The library keeps the length of a text in 16 bits, so that 65,537 times "x" equals "x". A text longer than any constant equals none,
and nor do its first 2,000 characters: cutting it changes no answer.
"""

MOST_FIELDS = 200
"""The library takes 255 properties of a record, two of them its own."""

MOST_GROUPS = 15
"""The library has room for 31 marks of a rule's ands and ors, two for each."""

MOST_AT_ONCE = 56
"""Comparisons of the four rules that can be waiting at one moment: the library's stack has 64 places, and its overflow ends in a crash."""

MOST_WAYS = 1_024
"""A rule fires once for each way through its ors in which it is true."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")

_MISREAD = {
    "id": "the engine keeps a record's identity there: with other rules it hangs",
    "sid": "the engine keeps its state's name there: it hangs",
    "alias": "durable-rules reads m.alias as the pattern's own name: the comparison becomes False",
    "define": "durable-rules reads m.define as a method: the comparison becomes False",
    "matches": "durable-rules reads m.matches as a method: the comparison becomes False",
    "imatches": "durable-rules reads m.imatches as a method: the comparison becomes False",
}

_OWN_PREFIX = "blank_"

_OPERATOR_NAMES = (
    *("$lt", "$lte", "$gt", "$gte", "$eq", "$neq", "$mt", "$imt", "$iall", "$iany", "$ex", "$nex", "$or", "$and"),
    *("$m", "$i", "$s", "$l", "$r", "$add", "$sub", "$mul", "$div", "$forward", "_always", "id", "sid"),
)


def name_hash(name: str) -> int:
    """The 32-bit FNV-1a hash under which the library knows a property; it never compares the names themselves."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


_OPERATOR_HASHES = {name_hash(name): name for name in _OPERATOR_NAMES}


def check_names(rule: str, compared: Iterable[str], asked_blank: Iterable[str]) -> None:
    """Raise RuleRefusedError for a field whose name the library reads otherwise, or confuses with another field's."""
    compared, asked_blank = tuple(compared), tuple(asked_blank)
    for name in (*compared, *asked_blank):
        if name in _MISREAD:
            raise RuleRefusedError(f"rule {rule}: a fact cannot be named '{name}': {_MISREAD[name]}. Give the fact a name of its own.")
        if not _NAME.fullmatch(name):
            why = "names with capital letters, such as allItems and anyItem, and names with $ are the library's own"
            raise RuleRefusedError(f"rule {rule}: a fact cannot be named '{name}': {why}. Name it in small letters, digits and _.")
        if name.startswith(_OWN_PREFIX):
            why = f"blank.{name.removeprefix(_OWN_PREFIX)} stands under that name"
            raise RuleRefusedError(f"rule {rule}: a fact cannot be named '{name}': {why}. Give the fact another name.")
    seen: dict[int, str] = {}
    for name in dict.fromkeys((*compared, *(_OWN_PREFIX + name for name in asked_blank))):
        number = name_hash(name)
        other = seen.setdefault(number, name)
        if number in _OPERATOR_HASHES or other != name:
            other = _OPERATOR_HASHES.get(number, other)
            raise RuleRefusedError(f"rule {rule}: the engine cannot tell '{name}' from '{other}' (their names have one hash). Rename it.")
    if len(seen) > MOST_FIELDS:
        raise RuleRefusedError(f"rule {rule} reads {len(seen)} facts where the engine takes {MOST_FIELDS}. Derive facts that sum them up.")


def check_size(rule: str, conditions: Iterable[tuple[str, Expr]]) -> None:
    """Raise RuleRefusedError for conditions that overflow the library's fixed arrays."""
    waiting = 0
    for verdict, condition in conditions:
        groups, ways = _groups(condition), _ways(condition)
        if groups > MOST_GROUPS:
            raise RuleRefusedError(_too_big(rule, verdict, f"has {groups} groups of and and or where the engine takes {MOST_GROUPS}"))
        if ways > MOST_WAYS:
            raise RuleRefusedError(_too_big(rule, verdict, f"can be true in {ways} ways where the engine is given {MOST_WAYS}"))
        waiting += 1 + _waiting(condition)
    if waiting > MOST_AT_ONCE:
        what = f"may keep {waiting} comparisons waiting where the engine has room for {MOST_AT_ONCE}"
        raise RuleRefusedError(_too_big(rule, "its verdicts", what))


def _too_big(rule: str, verdict: str, what: str) -> str:
    return f"rule {rule}: the condition of {verdict} {what}. Derive a fact (a count, or a yes or no) that sums part of it up."


def _groups(condition: Expr) -> int:
    return 1 + sum(_groups(part) for part in condition.parts) if isinstance(condition, And | Or) else 0


def _ways(condition: Expr) -> int:
    match condition:
        case Or(parts):
            return sum(_ways(part) for part in parts)
        case And(parts):
            ways = 1
            for part in parts:
                ways *= _ways(part)
            return ways
    return 1


def _waiting(condition: Expr) -> int:
    """Upper bound of the comparisons that wait on the library's stack while one branch is followed."""
    match condition:
        case Or(parts):
            return len(parts) - 1 + sum(_waiting(part) for part in parts)
        case And(parts):
            return sum(_waiting(part) for part in parts)
    return 0
