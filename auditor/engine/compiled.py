"""A rule's questions, compiled to four disjoint engine rules of which exactly one is true of a case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal, cast

from auditor.engine.definition import BLANK, read, simplify, write
from auditor.engine.refusals import LONGEST_CONSTANT, WHOLE_NUMBERS, RuleRefusedError, check_names, check_size
from auditor.vocabulary.expressions import NEVER_TRUE, And, Blank, Compare, Expr, Ref, Scalar, leaves, negate, show
from auditor.vocabulary.questions import Questions, Verdict

FieldType = Literal["int", "str", "bool"]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """What a worker needs to judge the cases of one rule.

    `definition`: the engine rules as JSON, named `indeterminate`, `compliant`, `pending`, `breach`; one that can never be true is left out.
    `fields`: name and type of each fact that a record must have, in a fixed order; `blank_NAME` (bool) for `blank.NAME`.
    """

    code: str
    definition: str
    fields: tuple[tuple[str, FieldType], ...]

    def to_json(self) -> str:
        """The whole value as JSON, for workers and other machines."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> CompiledRule:
        """The value that `to_json` wrote."""
        value = json.loads(text)
        return cls(value["code"], value["definition"], tuple((name, kind) for name, kind in value["fields"]))


def compile_rule(code: str, questions: Questions, types: Mapping[str, str]) -> CompiledRule:
    """Compile a rule's questions for the engine, and check the result against them.

    `types` gives the type of each fact that the questions compare: "int", "str" or "bool". Raises RuleRefusedError, naming the rule and the
    comparison, for whatever the engine would judge otherwise than it is written.
    """
    asked = (questions.unknown, questions.broken, questions.open)
    all_leaves = [leaf for question in asked for leaf in leaves(question)]
    for leaf in all_leaves:
        if isinstance(leaf, Compare):
            _check_comparison(code, leaf, types)
    compared = dict.fromkeys(name for leaf in all_leaves if isinstance(leaf, Compare) for name in _names(leaf))
    asked_blank = dict.fromkeys(leaf.field for leaf in all_leaves if isinstance(leaf, Blank))
    check_names(code, compared, asked_blank)

    conditions = {verdict.label: condition for verdict, condition in disjoint(questions).items() if condition != NEVER_TRUE}
    check_size(code, conditions.items())
    definition = write(conditions)
    if repr(read(definition)) != repr(conditions):  # by text: Python takes `a == True` and `a == 1` for equal
        raise RuleRefusedError(f"rule {code}: its compiled form does not say what the rule says; report this as a fault.\n{definition}")

    used = {name for condition in conditions.values() for leaf in leaves(condition) for name in _names(leaf)}
    fields = [(name, cast("FieldType", types[name])) for name in compared if name in used]
    fields += [(BLANK + name, "bool") for name in asked_blank if BLANK + name in used]
    return CompiledRule(code, definition, tuple(fields))


def disjoint(questions: Questions) -> dict[Verdict, Expr]:
    """The condition of each verdict, by negation of the questions; exactly one holds of a case, because facts are total."""
    known, broken, still_open = negate(questions.unknown), questions.broken, questions.open
    conditions = {
        Verdict.INDETERMINATE: questions.unknown,
        Verdict.COMPLIANT: And((known, negate(broken))),
        Verdict.PENDING: And((known, broken, still_open)),
        Verdict.BREACH: And((known, broken, negate(still_open))),
    }
    return {verdict: simplify(condition) for verdict, condition in conditions.items()}


def _names(leaf: Compare | Blank) -> tuple[str, ...]:
    """The fields of the record that a comparison reads."""
    if isinstance(leaf, Blank):
        return (BLANK + leaf.field,)
    return (leaf.field, leaf.value.name) if isinstance(leaf.value, Ref) else (leaf.field,)


def _check_comparison(code: str, leaf: Compare, types: Mapping[str, str]) -> None:
    where = f"rule {code}: {show(leaf)}"
    for name in _names(leaf):
        if types.get(name) not in ("int", "str", "bool"):
            said = f"its type is {types[name]!r}" if name in types else "its type is not given"
            raise RuleRefusedError(
                f"{where}: the engine compares whole numbers (int), texts (str) and yes or no (bool); of '{name}' {said}."
            )
    kind = types[leaf.field]
    if isinstance(leaf.value, Ref):
        if kind != "int" or types[leaf.value.name] != "int":
            kinds = f"{kind} and {types[leaf.value.name]}"
            raise RuleRefusedError(f"{where}: two facts compare as whole numbers only, not as {kinds}. Derive a yes or no.")
        return
    of_value = _type_of(leaf.value)
    if of_value != kind:
        raise RuleRefusedError(f"{where}: the fact is {kind}, the value is {of_value}; the engine would convert one of them silently.")
    if kind != "int" and leaf.op not in ("==", "!="):
        raise RuleRefusedError(f"{where}: a {kind} has no order here; use == or !=.")
    if isinstance(leaf.value, str):
        _check_text(where, leaf.value)
    elif leaf.value not in WHOLE_NUMBERS:
        raise RuleRefusedError(f"{where}: the engine takes whole numbers from {WHOLE_NUMBERS.start} to {WHOLE_NUMBERS.stop - 1}.")


def _type_of(value: Scalar | Ref) -> str:
    return "bool" if isinstance(value, bool) else type(value).__name__


def _check_text(where: str, text: str) -> None:
    if len(text) > LONGEST_CONSTANT:
        raise RuleRefusedError(f"{where[:200]}…: the text has {len(text)} characters, the engine is given at most {LONGEST_CONSTANT}.")
    if not text.strip():
        raise RuleRefusedError(f"{where}: a blank text equals nothing; ask blank or present.")
    if not text.isascii() and any(0xD800 <= ord(letter) < 0xE000 for letter in text):
        raise RuleRefusedError(f"{where!a}: half of a surrogate pair is no text.")
