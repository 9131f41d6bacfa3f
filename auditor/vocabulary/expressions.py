"""Conditions over the facts of one case: `m.kind == "planned"`, `(m.done_at > m.due_at) & blank.opinion`.

An expression is a small immutable tree. The screen evaluates it over columns, the engine compiles it to a
durable-rules definition; neither reads Python's own operators, so that `and`, `or`, `not`, chained comparison and
a bare flag, which Python would bend silently, raise here instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Scalar = int | str | bool


class ConditionError(TypeError):
    """A condition that Python would read otherwise than it is written."""


class Expr:
    """Base of all conditions. Combine with `&`, `|` and `~`, never with `and`, `or`, `not`."""

    __slots__ = ()

    def __and__(self, other: Expr) -> Expr:
        return And((*_parts(And, self), *_parts(And, _condition(other))))

    def __or__(self, other: Expr) -> Expr:
        return Or((*_parts(Or, self), *_parts(Or, _condition(other))))

    def __invert__(self) -> Expr:
        return negate(self)

    def __bool__(self) -> bool:
        raise ConditionError(
            "a condition has no truth value here: combine conditions with & | ~, not with and, or, not or a chained comparison"
        )


@dataclass(frozen=True, slots=True)
class Ref:
    """The other fact that a comparison names."""

    name: str


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    """`left op right`, op one of == != < <= > >=; right a constant or another field (whole numbers only)."""

    field: str
    op: str
    value: Scalar | Ref


@dataclass(frozen=True, slots=True)
class Blank(Expr):
    """Nothing is on record in the field (or, `present`, something is)."""

    field: str
    present: bool = False


@dataclass(frozen=True, slots=True)
class And(Expr):
    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or(Expr):
    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Const(Expr):
    """Always or never true: the answer to a question that a rule does not ask."""

    value: bool


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A fact of the case, named; only comparisons of it are conditions."""

    name: str

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> Expr:  # type: ignore[override]
        return _compare(self, "==", other)

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]
        return _compare(self, "!=", other)

    def __lt__(self, other: object) -> Expr:
        return _compare(self, "<", other)

    def __le__(self, other: object) -> Expr:
        return _compare(self, "<=", other)

    def __gt__(self, other: object) -> Expr:
        return _compare(self, ">", other)

    def __ge__(self, other: object) -> Expr:
        return _compare(self, ">=", other)

    def one_of(self, *values: Scalar) -> Expr:
        """The field equals one of the constants (a blank equals nothing)."""
        if not values:
            raise ConditionError(f"m.{self.name}.one_of() names no value")
        parts = tuple(_compare(self, "==", v) for v in values)
        return parts[0] if len(parts) == 1 else Or(parts)

    def none_of(self, *values: Scalar) -> Expr:
        """The field equals none of the constants (a blank equals nothing, so a blank is none of them)."""
        return negate(self.one_of(*values))

    def __bool__(self) -> bool:
        raise ConditionError(
            f"m.{self.name} alone is no condition: write holds.{self.name}, m.{self.name} == YES (a flag of the logs), "
            f"or present.{self.name}"
        )


class _Fields:
    """`m.name` is the fact `name`."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Field:
        return Field(name)


class _Blanks:
    __slots__ = ("_present",)

    def __init__(self, present: bool) -> None:
        self._present = present

    def __getattr__(self, name: str) -> Expr:
        return Blank(name, self._present)


class _Truths:
    __slots__ = ("_value",)

    def __init__(self, value: bool) -> None:
        self._value = value

    def __getattr__(self, name: str) -> Expr:
        return Compare(name, "==", self._value)


m = _Fields()
blank = _Blanks(present=False)
"""`blank.reason`: the field shows nothing."""
present = _Blanks(present=True)
"""`present.handled_at`: the field shows something (at as-of)."""

holds = _Truths(True)
"""`holds.stopped_early`: the yes-or-no fact is true."""
fails = _Truths(False)
"""`fails.notice_known`: the yes-or-no fact is false."""

YES, NO, UNSAID = 1, 0, -1
"""The values of a flag in the logs: `m.in_warranty == YES`; a blank flag is UNSAID, which is neither."""

ALWAYS, NEVER_TRUE = Const(True), Const(False)

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def negate(condition: Expr) -> Expr:
    """The exact opposite; facts are total, so every comparison has one."""
    match condition:
        case Compare(field, op, value):
            return Compare(field, _OPPOSITE[op], value)
        case Blank(field, shown):
            return Blank(field, not shown)
        case And(parts):
            return Or(tuple(negate(p) for p in parts))
        case Or(parts):
            return And(tuple(negate(p) for p in parts))
        case Const(value):
            return Const(not value)
    raise ConditionError(f"{condition!r} is no condition")


def leaves(condition: Expr) -> Iterator[Compare | Blank]:
    """Every comparison of the condition, from left to right."""
    match condition:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Compare() | Blank():
            yield condition


def fields_of(condition: Expr) -> tuple[str, ...]:
    """The names of the fields that the condition reads, each once, in order of first use."""
    names: dict[str, None] = {}
    for leaf in leaves(condition):
        names[leaf.field] = None
        if isinstance(leaf, Compare) and isinstance(leaf.value, Ref):
            names[leaf.value.name] = None
    return tuple(names)


def conjuncts(condition: Expr) -> tuple[Expr, ...]:
    """The parts of which each must hold."""
    return condition.parts if isinstance(condition, And) else () if condition == ALWAYS else (condition,)


def show(condition: Expr, name: Callable[[str], str] = str) -> str:
    """The condition as a compliance officer reads it: `kind = planned and not blank leader`."""
    match condition:
        case Compare(field, op, value):
            right = (
                name(value.name)
                if isinstance(value, Ref)
                else {True: "yes", False: "no"}.get(value, value)
                if isinstance(value, bool)
                else value
            )
            return f"{name(field)} {'=' if op == '==' else '≠' if op == '!=' else op} {right}"
        case Blank(field, shown):
            return f"{name(field)} {'on record' if shown else 'blank'}"
        case And(parts):
            return " and ".join(f"({show(p, name)})" if isinstance(p, Or) else show(p, name) for p in parts)
        case Or(parts):
            same = _one_field(parts)
            return (
                f"{name(same[0])} one of {', '.join(same[1])}"
                if same
                else " or ".join(f"({show(p, name)})" if isinstance(p, And) else show(p, name) for p in parts)
            )
        case Const(value):
            return "always" if value else "never"
    raise ConditionError(f"{condition!r} is no condition")


def _one_field(parts: tuple[Expr, ...]) -> tuple[str, list[str]] | None:
    if all(isinstance(p, Compare) and p.op == "==" and not isinstance(p.value, Ref) for p in parts):
        names = {p.field for p in parts if isinstance(p, Compare)}
        if len(names) == 1:
            return names.pop(), [str(p.value) for p in parts if isinstance(p, Compare)]
    return None


def _parts(kind: type[And] | type[Or], condition: Expr) -> tuple[Expr, ...]:
    return condition.parts if isinstance(condition, kind) else (condition,)


def _condition(value: object) -> Expr:
    if isinstance(value, Expr):
        return value
    raise ConditionError(f"{value!r} is no condition: a bare flag or constant cannot be combined with & or |")


def _compare(field: Field, op: str, value: object) -> Expr:
    if isinstance(value, (Field, bool, int)) or (isinstance(value, str) and op in ("==", "!=")):
        if isinstance(value, str) and not value.strip():
            raise ConditionError(f"m.{field.name} {op} {value!r}: a blank equals nothing; write blank.{field.name} or present.{field.name}")
        if isinstance(value, bool) and op not in ("==", "!="):
            raise ConditionError(f"m.{field.name} {op} {value}: a yes or no has no order")
        return Compare(field.name, op, Ref(value.name) if isinstance(value, Field) else value)
    raise ConditionError(
        f"m.{field.name} {op} {value!r}: a fact compares with a whole number, a text (== and != only), a yes or no, "
        f"or another whole-number fact"
    )
