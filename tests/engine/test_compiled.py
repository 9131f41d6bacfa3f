"""Compiling a rule: the definition says what the rule says, as durable-rules' own language would, or the rule is refused."""

from __future__ import annotations

import copy
import json
import operator
import pickle
from functools import reduce
from typing import Any

import pytest
from durable import lang
from hypothesis import given, settings

from auditor.engine import CompiledRule, Engine, RuleRefusedError, compile_rule
from auditor.engine.compiled import disjoint
from auditor.engine.definition import ALWAYS_SET, BLANK, MANY, decode, encode, read, simplify, write
from auditor.engine.refusals import MOST_AT_ONCE, MOST_FIELDS, MOST_GROUPS, MOST_WAYS
from auditor.errors import UsageError
from auditor.vocabulary.expressions import ALWAYS, NEVER_TRUE, And, Blank, Compare, ConditionError, Const, Expr, Or, Ref, blank, m, present
from auditor.vocabulary.questions import Questions
from tests.engine.random_rules import TYPES, conditions, facts, fits, is_true, questions

_PYTHON = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def in_their_language(condition: Expr) -> Any:
    """The condition built with durable-rules' own `m`."""
    match condition:
        case Compare(field, op, value):
            return _PYTHON[op](getattr(lang.m, field), getattr(lang.m, value.name) if isinstance(value, Ref) else value)
        case Blank(field, shown):
            return getattr(lang.m, BLANK + field) == (not shown)
        case And(parts):
            return reduce(operator.and_, map(in_their_language, parts))
        case Or(parts):
            return reduce(operator.or_, map(in_their_language, parts))
    return getattr(lang.m, ALWAYS_SET) == True  # noqa: E712


@settings(max_examples=300, deadline=None)
@given(questions)
def test_the_definition_is_what_their_own_language_gives(asked: Questions) -> None:
    rule = fits(asked)
    if rule is None:
        return
    theirs = {}
    for verdict, condition in disjoint(asked).items():
        if condition != NEVER_TRUE:
            theirs[verdict.label] = lang.when_all(lang.cap(MANY), in_their_language(condition)).define()
    assert json.dumps(theirs, ensure_ascii=False, separators=(",", ":")) == rule.definition


@settings(max_examples=300, deadline=None)
@given(conditions)
def test_a_definition_reads_back_as_the_condition_it_was_written_from(condition: Expr) -> None:
    simple = simplify(condition)
    if simple != NEVER_TRUE:
        assert repr(decode(encode(simple))) == repr(simple)
        assert repr(read(write({"breach": simple}))) == repr({"breach": simple})


@settings(max_examples=200, deadline=None)
@given(conditions, facts)
def test_a_simplified_condition_means_the_same(condition: Expr, row: dict[str, Any]) -> None:
    assert is_true(simplify(condition), row) == is_true(condition, row)


@settings(max_examples=200, deadline=None)
@given(questions, facts)
def test_exactly_one_of_the_four_conditions_holds(asked: Questions, row: dict[str, Any]) -> None:
    assert sum(is_true(condition, row) for condition in disjoint(asked).values()) == 1


@settings(max_examples=100, deadline=None)
@given(questions)
def test_whatever_compiles_the_library_takes(asked: Questions) -> None:
    rule = fits(asked)
    if rule is not None:
        Engine(rule).close()


def test_true_and_one_are_not_confused_when_the_definition_is_checked() -> None:
    assert Compare("a", "==", True) == Compare("a", "==", 1), "so the check goes by text"
    assert repr(decode(encode(Compare("a", "==", True)))) != repr(Compare("a", "==", 1))


def test_a_definition_that_says_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.engine.definition._TO_ENGINE", {"!=": "$neq", "<": "$lte", "<=": "$lt", ">": "$gte", ">=": "$gt"})
    with pytest.raises(RuleRefusedError, match="rule RR001: its compiled form does not say what the rule says"):
        compile_rule("RR001", Questions(NEVER_TRUE, m.done_at > m.due_at, NEVER_TRUE), TYPES)


@pytest.mark.parametrize(
    "written", [{}, {"a": 1, "b": 2}, {"$ex": {"a": 1}}, {"a": 1.5}, {"a": None}, {"$and": [{"a": 1}]}, {"a": {"$s": "b"}}]
)
def test_a_definition_of_another_hand_is_not_read(written: dict[str, Any]) -> None:
    with pytest.raises(ConditionError):
        decode(written)


def test_a_rule_reads_what_its_questions_name_and_no_more() -> None:
    rule = compile_rule("RR001", Questions(blank.items, (m.done_at > m.due_at) & present.kind, m.urban == True), TYPES)  # noqa: E712
    assert rule.fields == (("done_at", "int"), ("due_at", "int"), ("urban", "bool"), ("blank_items", "bool"), ("blank_kind", "bool"))
    assert list(json.loads(rule.definition)) == ["indeterminate", "compliant", "pending", "breach"]


def test_an_engine_rule_that_can_never_be_true_is_left_out() -> None:
    rule = compile_rule("RR001", Questions(NEVER_TRUE, m.rows == 0, NEVER_TRUE), TYPES)
    assert list(json.loads(rule.definition)) == ["compliant", "breach"]
    rule = compile_rule("RR001", Questions(NEVER_TRUE, m.rows == 0, ALWAYS), TYPES)
    assert list(json.loads(rule.definition)) == ["compliant", "pending"]


def test_a_fact_that_only_an_idle_question_names_is_not_needed() -> None:
    rule = compile_rule("RR001", Questions(NEVER_TRUE, (m.rows == 0) & NEVER_TRUE, m.seconds > 5), TYPES)
    assert rule.fields == ()


@given(questions)
def test_a_compiled_rule_goes_to_other_machines_as_json(asked: Questions) -> None:
    rule = fits(asked)
    if rule is not None:
        assert CompiledRule.from_json(rule.to_json()) == rule
        assert pickle.loads(pickle.dumps(rule)) == rule == copy.deepcopy(rule)  # noqa: S301


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        (m.rows == 2**63, "rule RR001: rows = 9223372036854775808: the engine takes whole numbers from -9223372036854775808"),
        (m.rows == True, "the fact is int, the value is bool"),  # noqa: E712
        (m.urban == 1, "the fact is bool, the value is int"),
        (m.kind == 7, "the fact is str, the value is int"),
        (m.rows == "7", "the fact is int, the value is str"),
        (m.kind == m.role, "two facts compare as whole numbers only, not as str and str"),
        (m.urban == m.late, "two facts compare as whole numbers only, not as bool and bool"),
        (m.rows == m.kind, "two facts compare as whole numbers only, not as int and str"),
        (m.nothing == 1, "of 'nothing' its type is not given"),
        (m.rows > m.nothing, "of 'nothing' its type is not given"),
        (m.items == 1, "of 'items' its type is not given"),
        (Compare("kind", "<", "x"), "a str has no order here"),
        (Compare("urban", ">", False), "a bool has no order here"),
        (Compare("kind", "==", " "), "a blank text equals nothing"),
        (Compare("kind", "==", "\ud800"), "half of a surrogate pair is no text"),
        (m.kind == "x" * 1_001, "the text has 1001 characters, the engine is given at most 1000"),
    ],
)
@pytest.mark.parametrize("question", ["unknown", "broken", "open"])
def test_a_comparison_that_the_engine_would_bend_is_refused(condition: Expr, says: str, question: str) -> None:
    asked = {"unknown": NEVER_TRUE, "broken": NEVER_TRUE, "open": NEVER_TRUE} | {question: condition}
    with pytest.raises(RuleRefusedError) as caught:
        compile_rule("RR001", Questions(**asked), TYPES)
    assert says in str(caught.value)
    assert "rule RR001" in str(caught.value)
    assert isinstance(caught.value, UsageError)


def test_a_type_that_the_engine_does_not_know_is_refused() -> None:
    with pytest.raises(RuleRefusedError, match="of 'rows' its type is 'num'"):
        compile_rule("RR001", Questions(NEVER_TRUE, m.rows == 1, NEVER_TRUE), {"rows": "num"})


def of_groups(count: int) -> Expr:
    """A condition whose breach has `count` groups."""
    return And(tuple(Or((Compare("rows", "==", 2 * n), Compare("rows", "==", 2 * n + 1))) for n in range(count - 1)))


def test_the_limits_of_size_are_those_of_the_library() -> None:
    few = Questions(NEVER_TRUE, of_groups(10), NEVER_TRUE)
    Engine(compile_rule("RR001", few, TYPES)).close()
    for asked, says in [
        (Questions(NEVER_TRUE, of_groups(MOST_GROUPS + 1), NEVER_TRUE), f"groups of and and or where the engine takes {MOST_GROUPS}"),
        (Questions(NEVER_TRUE, of_groups(12), NEVER_TRUE), f"can be true in 2048 ways where the engine is given {MOST_WAYS}"),
        (Questions(NEVER_TRUE, m.rows.one_of(*range(60)), NEVER_TRUE), f"comparisons waiting where the engine has room for {MOST_AT_ONCE}"),
    ]:
        with pytest.raises(RuleRefusedError) as caught:
            compile_rule("RR001", asked, TYPES)
        assert says in str(caught.value)
        assert "Derive a fact" in str(caught.value)


def test_too_many_facts_are_refused() -> None:
    names = [f"fact_{number}" for number in range(MOST_FIELDS + 1)]
    asked = Questions(NEVER_TRUE, And(tuple(Compare(name, "==", 1) for name in names)), NEVER_TRUE)
    with pytest.raises(RuleRefusedError, match="rule RR001 reads 201 facts where the engine takes 200"):
        compile_rule("RR001", asked, dict.fromkeys(names, "int"))


def test_simplifying() -> None:
    a, b, c = m.rows == 1, m.rows == 2, m.rows == 3
    assert simplify(And((a, And((b, And((c, ALWAYS))))))) == And((a, b, c))
    assert simplify(Or((a, Or((b, NEVER_TRUE)), a))) == Or((a, b))
    assert simplify(And((a, Or((b, ALWAYS))))) == a
    assert simplify(And((a, NEVER_TRUE))) == Const(False)
    assert simplify(And((ALWAYS, ALWAYS))) == ALWAYS
    assert repr(simplify(And((Compare("x", "==", 1), Compare("x", "==", True))))) == repr(
        And((Compare("x", "==", 1), Compare("x", "==", True)))
    )
