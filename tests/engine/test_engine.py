"""The engine judges one complete record: exactly one verdict, or an error that names rule and case."""

from __future__ import annotations

import json
import operator
import subprocess
import sys
import threading
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.engine import CompiledRule, Engine, EngineError, compile_rule
from auditor.instants import NEVER, NO_NUMBER
from auditor.vocabulary.expressions import ALWAYS, NEVER_TRUE, Compare, Ref, blank, m
from auditor.vocabulary.questions import Questions
from tests.engine.random_rules import comparisons, constants, is_true, texts

ROOT = Path(__file__).parents[2]


def verdict(questions: Questions, types: dict[str, str], **fact: Any) -> str:
    with Engine(compile_rule("RR001", questions, types)) as engine:
        return engine.decide(fact, "case 1")


LATE = Questions(blank.received_at, m.done_at > m.due_at, m.as_of <= m.due_at)
TIMES = {"done_at": "int", "due_at": "int", "as_of": "int"}


def late(**changes: Any) -> dict[str, Any]:
    return {"blank_received_at": False, "done_at": 100, "due_at": 100, "as_of": 1_000} | changes


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "compliant"),
        ({"done_at": 99}, "compliant"),
        ({"done_at": 101}, "breach"),
        ({"done_at": NEVER}, "breach"),
        ({"done_at": NEVER, "as_of": 100}, "pending"),
        ({"done_at": NEVER, "as_of": 101}, "breach"),
        ({"blank_received_at": True, "done_at": NEVER}, "indeterminate"),
        ({"something_else": object()}, "compliant"),
    ],
)
def test_a_time_limit_at_its_limit_and_a_second_beside(changes: dict[str, Any], expected: str) -> None:
    assert verdict(LATE, TIMES, **late(**changes)) == expected


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        (Questions(NEVER_TRUE, NEVER_TRUE, NEVER_TRUE), "compliant"),
        (Questions(NEVER_TRUE, ALWAYS, NEVER_TRUE), "breach"),
        (Questions(NEVER_TRUE, ALWAYS, ALWAYS), "pending"),
        (Questions(ALWAYS, ALWAYS, ALWAYS), "indeterminate"),
    ],
)
def test_a_rule_that_asks_nothing_of_the_facts(questions: Questions, expected: str) -> None:
    rule = compile_rule("RR001", questions, {})
    assert rule.fields == ()
    assert list(json.loads(rule.definition)) == [expected]
    with Engine(rule) as engine:
        assert engine.decide({}) == expected
        assert engine.decide({}) == expected


def judge_twice(op: str, left: int, right: int) -> tuple[str, str]:
    """The verdict of `left op right`, the right a constant and a fact."""
    constant = Questions(NEVER_TRUE, Compare("rows", op, right), NEVER_TRUE)
    fact = Questions(NEVER_TRUE, Compare("rows", op, Ref("seconds")), NEVER_TRUE)
    types = {"rows": "int", "seconds": "int"}
    return verdict(constant, types, rows=left), verdict(fact, types, rows=left, seconds=right)


edges = st.sampled_from([0, 1, -1, NEVER, NEVER - 1, NO_NUMBER, 2**31, 2**32, 2**53, 2**53 + 1, 2**63 - 1, 2**63 - 2, -(2**63), 1 - 2**63])


@settings(max_examples=300, deadline=None)
@given(comparisons, st.one_of(edges, st.integers(-(2**63), 2**63 - 1)), st.one_of(edges, st.integers(-(2**63), 2**63 - 1)))
def test_whole_numbers_compare_exactly_over_all_64_bits(op: str, left: int, right: int) -> None:
    holds = {"==": left == right, "!=": left != right, "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]
    assert judge_twice(op, left, right) == ("breach" if holds else "compliant",) * 2


@settings(max_examples=300, deadline=None)
@given(constants, texts)
def test_texts_of_any_kind_compare_exactly(constant: str, text: str) -> None:
    questions = Questions(m.kind == constant, m.role != constant, NEVER_TRUE)
    rule = compile_rule("RR001", questions, {"kind": "str", "role": "str"})
    with Engine(rule) as engine:
        for kind in (text, constant, constant + text, text + constant, "", constant[:-1]):
            for role in (text, constant, constant[1:]):
                expected = "indeterminate" if kind == constant else "breach" if role != constant else "compliant"
                assert engine.decide({"kind": kind, "role": role}) == expected


@given(st.booleans(), st.booleans())
def test_yes_and_no(constant: bool, value: bool) -> None:
    questions = Questions(NEVER_TRUE, m.urban != constant, NEVER_TRUE)
    assert verdict(questions, {"urban": "bool"}, urban=value) == ("breach" if value != constant else "compliant")


def test_a_rule_with_an_or_that_is_true_in_many_ways_has_one_verdict() -> None:
    questions = Questions(
        NEVER_TRUE, m.rows.one_of(*range(8)) & (m.rows < 100) & ((m.rows < 50) | (m.seconds < 50) | (m.rows < 40)), NEVER_TRUE
    )
    with Engine(compile_rule("RR001", questions, {"rows": "int", "seconds": "int"})) as engine:
        assert [engine.decide({"rows": rows, "seconds": 0}) for rows in (7, 8, 0)] == ["breach", "compliant", "breach"]


def test_rules_at_the_limits_of_size_still_have_one_verdict() -> None:
    wide = reduce(operator.or_, [m.rows < 100 + number for number in range(53)])
    deep = reduce(operator.and_, [(m.rows < 100 + number) | (m.seconds < 100 + number) for number in range(10)])
    for condition in (wide, deep, ~wide, ~deep):
        asked = Questions(NEVER_TRUE, condition, NEVER_TRUE)
        with Engine(compile_rule("RR001", asked, {"rows": "int", "seconds": "int"})) as engine:
            for rows, seconds in ((0, 0), (200, 200), (0, 200), (151, 151), (152, 152), (153, 153)):
                expected = "breach" if is_true(condition, {"rows": rows, "seconds": seconds}) else "compliant"
                assert engine.decide({"rows": rows, "seconds": seconds}) == expected


@pytest.mark.parametrize(
    ("fact", "says"),
    [
        ({}, "the record lacks blank_received_at"),
        ({"done_at": 1.0}, "'done_at' is no whole number of 64 bits (a float)"),
        ({"done_at": True}, "'done_at' is no whole number of 64 bits (a bool)"),
        ({"done_at": None}, "'done_at' is no whole number of 64 bits (a NoneType)"),
        ({"done_at": "100"}, "'done_at' is no whole number of 64 bits (a str)"),
        ({"done_at": 2**63}, "'done_at' is no whole number of 64 bits (a int)"),
        ({"done_at": -(2**63) - 1}, "'done_at' is no whole number of 64 bits (a int)"),
        ({"blank_received_at": 1}, "'blank_received_at' is no yes or no (bool) (a int)"),
    ],
)
def test_a_record_that_lacks_a_field_or_has_another_type_is_refused(fact: dict[str, Any], says: str) -> None:
    whole = late(**fact)
    if not fact:
        del whole["blank_received_at"]
    with Engine(compile_rule("RR001", LATE, TIMES)) as engine:
        with pytest.raises(EngineError) as caught:
            engine.decide(whole, "ticket 7")
        assert str(caught.value) == f"rule RR001, case 'ticket 7': {says}"
        assert engine.decide(late()) == "compliant", "a refused record leaves the engine as it was"


@pytest.mark.parametrize("value", ["\ud800", "ab\udfff", 5, None, float("nan"), b"x"])
def test_what_is_no_text_is_refused(value: object) -> None:
    rule = compile_rule("RR001", Questions(NEVER_TRUE, m.kind == "x", NEVER_TRUE), {"kind": "str"})
    with Engine(rule) as engine, pytest.raises(EngineError, match=r"'kind' is no text \(str\)"):
        engine.decide({"kind": value}, "case 1")


def test_values_in_the_wrong_number_are_refused() -> None:
    with Engine(compile_rule("RR001", LATE, TIMES)) as engine, pytest.raises(EngineError, match="the record has 1 values for 4 fields"):
        engine.judge([5], "case 1")


def tampered(**conditions: dict[str, Any]) -> CompiledRule:
    """A compiled rule whose engine rules are not disjoint, or leave a gap."""
    definition = json.dumps({name: {"all": [{"m": condition}], "cap": 30_000} for name, condition in conditions.items()})
    return CompiledRule("RR001", definition, (("rows", "int"),))


def test_silence_of_the_engine_is_an_error_and_never_clean() -> None:
    with Engine(tampered(compliant={"rows": 1}, breach={"rows": 2})) as engine:
        with pytest.raises(
            EngineError, match="rule RR001, case 'case 9': durable-rules gives no single verdict: none of its rules is true"
        ):
            engine.decide({"rows": 3}, "case 9")
        assert engine.decide({"rows": 2}) == "breach", "it goes on with the next case"


def test_two_verdicts_are_an_error() -> None:
    with Engine(tampered(compliant={"$lt": {"rows": 5}}, breach={"$gt": {"rows": 3}})) as engine:
        with pytest.raises(EngineError, match="case 'case 9': durable-rules gives no single verdict: breach and compliant are all true"):
            engine.decide({"rows": 4}, "case 9")
        assert engine.decide({"rows": 1}) == "compliant", "it goes on with the next case"


def test_a_definition_that_the_library_does_not_take_is_an_error_that_names_the_rule() -> None:
    with pytest.raises(EngineError, match="rule RR001: durable-rules does not take its definition"):
        Engine(CompiledRule("RR001", '{"breach":{"all":5}}', ()))


def test_after_a_failure_of_the_library_the_engine_judges_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    import durable_rules_engine

    with Engine(compile_rule("RR001", LATE, TIMES)) as engine:
        with monkeypatch.context() as failing:
            failing.setattr(durable_rules_engine, "start_action_for_state", lambda handle, state: 1 / 0)
            with pytest.raises(EngineError, match="case 'case 1': durable-rules failed: division by zero"):
                engine.decide(late(), "case 1")
        assert engine.broken
        with pytest.raises(EngineError, match="this engine is broken; make another"):
            engine.decide(late(), "case 2")


def test_a_closed_engine_judges_no_more_and_may_be_closed_again() -> None:
    engine = Engine(compile_rule("RR001", LATE, TIMES))
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="this engine is closed"):
        engine.decide(late(), "case 1")


def test_several_engines_live_side_by_side() -> None:
    with Engine(compile_rule("RR001", LATE, TIMES)) as one, Engine(tampered(compliant={"rows": 1}, breach={"$neq": {"rows": 1}})) as other:
        for _ in range(3):
            assert one.decide(late()) == "compliant"
            assert other.decide({"rows": 2}) == "breach"


def test_it_starts_no_thread() -> None:
    before = threading.active_count()
    with Engine(compile_rule("RR001", LATE, TIMES)) as engine:
        engine.decide(late())
        assert threading.active_count() == before


MEMORY = """
from pathlib import Path
from auditor.engine import Engine, compile_rule
from auditor.vocabulary.expressions import NEVER_TRUE, blank, m
from auditor.vocabulary.questions import Questions

def kilobytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4

def rule(code):
    asked = Questions(blank.kind, m.rows.one_of(1, 2, 3) | (m.kind == "x") | (m.rows < 9), m.rows == 2)
    return compile_rule(code, asked, {"rows": "int", "kind": "str"})
"""


def kilobytes_that(work: str) -> int:
    """By how much a process of its own grows over some work."""
    done = subprocess.run([sys.executable, "-c", MEMORY + work], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_is_constant_over_200_000_distinct_facts() -> None:
    work = """
with Engine(rule("RR001")) as engine:
    def judge(numbers):
        for number in numbers:
            engine.judge((number % 20, "text %d" % number, number % 7 == 0))
    judge(range(2_000))
    before = kilobytes()
    judge(range(2_000, 202_000))
    print(kilobytes() - before)
"""
    assert kilobytes_that(work) < 300


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_closed_engine_gives_its_memory_back() -> None:
    work = """
def live(number):
    with Engine(rule("RR%d" % number)) as engine:
        engine.judge((number % 5, "text", False))
for number in range(50):
    live(number)
before = kilobytes()
for number in range(1_000):
    live(number)
print(kilobytes() - before)
"""
    assert kilobytes_that(work) < 1_000
