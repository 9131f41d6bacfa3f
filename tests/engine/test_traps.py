"""Every trap of durable-rules 2.0.28 that was seen: that it is there, and that the vocabulary or the engine's door keeps out of it.

What may crash or hang runs in a process of its own. Should a newer version of the library lose a trap, its test fails, and the
guard against it can go.
"""

from __future__ import annotations

import builtins
import copy
import json
import os
import pickle
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import durable_rules_engine
import pytest

from auditor.engine import Engine, EngineError, RuleRefusedError, compile_rule
from auditor.engine.definition import decode
from auditor.engine.refusals import LONGEST_TEXT, MOST_GROUPS, name_hash
from auditor.vocabulary.expressions import NEVER_TRUE, Compare, ConditionError, Expr, Field, Ref, m
from auditor.vocabulary.questions import Questions

ROOT = Path(__file__).parents[2]

THEIRS = '''
import json, sys
import durable_rules_engine as library

def ruleset(**rules):
    """An engine of one-pattern rules, or of several patterns where a list is given."""
    written = {name: {"all": rule if isinstance(rule, list) else [{"m": rule}]} for name, rule in rules.items()}
    return library.create_ruleset("theirs", json.dumps(written))

def fired(handle, retract=True, **fact):
    """Outcome code of assert_fact, and the rules that fired, once for each time."""
    outcome, state = library.assert_fact(handle, json.dumps(fact))
    names = []
    if outcome == 0:
        started = library.start_action_for_state(handle, state)
        answer = started and started[1]
        while answer is not None:
            names.append(answer[2:answer.index('"', 2)])
            answer = library.complete_and_start_action(handle, state)
        if retract:
            library.retract_fact(handle, json.dumps(fact))
    return outcome, names
'''

_namespace: dict[str, Any] = {}
exec(THEIRS, _namespace)  # noqa: S102  the same few lines, here and in processes of their own
ruleset, fired = _namespace["ruleset"], _namespace["fired"]


def run(work: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Some work in a process of its own."""
    program = THEIRS + textwrap.dedent(work)
    return _run(program, seconds, 0)


def crashes(work: str) -> bool:
    """Whether some work kills its process. What freed memory holds differs with the process's layout, so several layouts are tried."""
    program = THEIRS + textwrap.dedent(work)
    return any(_run(program, 60, attempt).returncode < 0 for attempt in range(40))


def _run(program: str, seconds: float, attempt: int) -> subprocess.CompletedProcess[str]:
    # Freed memory is overwritten at once (glibc), and the environment's size moves what stands behind it.
    environment = os.environ | {"MALLOC_PERTURB_": str(165 - attempt), "LAYOUT": "x" * (attempt * 251)}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )


def breach_if(condition: Expr, types: dict[str, str], code: str = "RR001") -> Engine:
    """An engine that says breach where the condition holds, else compliant."""
    return Engine(compile_rule(code, Questions(NEVER_TRUE, condition, NEVER_TRUE), types))


def definitions_of(engine: Engine) -> list[dict[str, Any]]:
    """The patterns of its engine rules."""
    return [pattern for rule in json.loads(engine.compiled.definition).values() for pattern in rule["all"]]


# --- one pattern, one state, one fact at a time ---------------------------------------------------------------------------------------


def test_a_join_of_two_facts_with_several_conditions_reads_past_the_end() -> None:
    assert crashes("""
        joined = {"$and": [{"$neq": {"x": {"first": "x"}}}, {"$neq": {"y": {"first": "y"}}}, {"k": 2}]}
        theirs = ruleset(join=[{"first": {"k": 1}}, {"second": joined}])
        for number in range(300):
            fired(theirs, False, id="a%d" % number, k=1, x=number, y=number)
            fired(theirs, False, id="b%d" % number, k=2, x=number + 1, y=number)
    """)
    with breach_if((m.rows != m.seconds) & (m.rows != 5), {"rows": "int", "seconds": "int"}) as engine:
        assert all(list(pattern) == ["m"] for pattern in definitions_of(engine)), "one pattern a rule; a Ref is a field of the same record"
        assert engine.decide({"rows": 1, "seconds": 2}) == "breach"


def test_reuse_of_a_state_after_delete_state_crashes() -> None:
    assert crashes("""
        for number in range(200):
            theirs = ruleset(a={"k": 1})
            fired(theirs, id="one", k=1)
            outcome, state = library.assert_fact(theirs, json.dumps({"id": "two", "k": 1}))
            library.delete_state(theirs, "0")
            library.start_action_for_state(theirs, state)
    """)
    engine = breach_if(m.rows == 1, {"rows": "int"})
    assert engine.decide({"rows": 1}) == "breach"
    engine.close()  # the state goes with its engine
    with pytest.raises(EngineError, match="closed"):
        engine.decide({"rows": 1})


def test_delete_state_before_any_action_frees_what_was_never_set() -> None:
    assert crashes("""
        for number in range(300):
            theirs = ruleset(a={"k": 1})
            for sid in range(12):
                library.assert_fact(theirs, json.dumps({"id": "one", "sid": "s%d" % sid, "k": 1}))
            for sid in range(12):
                library.delete_state(theirs, "s%d" % sid)
            library.delete_ruleset(theirs)
    """)
    ours = run("""
        from auditor.engine import CompiledRule, Engine, EngineError
        for number in range(2_000):
            engine = Engine(CompiledRule("RR001", '{"breach":{"all":[{"m":{"rows":1}}]}}', (("rows", "int"),)))
            try:
                engine.decide({"rows": number % 2 + 2})  # silent: the state exists and has never acted
            except EngineError:
                engine.close()
        print("alive")
    """)
    assert ours.stdout == "alive\n"


def test_more_than_1024_states_end_in_memory_errors_and_a_crash() -> None:
    work = """
        theirs = ruleset(a={"k": 1})
        refused = 0
        for again in ("one", "two"):
            for sid in range(3_000):
                try:
                    library.assert_fact(theirs, json.dumps({"sid": "s%d" % sid, "id": again, "k": 1}))
                except MemoryError:
                    refused += 1
            print(refused, flush=True)
            for sid in range(3_000):
                try:
                    library.start_action(theirs)
                except Exception:
                    break
    """
    done = run(work)
    assert int((done.stdout.split() or ["1"])[0]) > 0
    assert done.returncode < 0 or crashes(work)
    with breach_if(m.kind == "x", {"kind": "str"}) as engine:
        assert {engine.decide({"kind": f"text {number}", "sid": f"s{number}"}) for number in range(3_000)} == {"compliant"}
        assert "sid" not in engine._record


def test_facts_left_in_memory_are_refused_as_duplicates_by_a_32_bit_hash() -> None:
    assert name_hash("costarring") == name_hash("liquid")
    theirs = ruleset(a={"k": 1})
    assert fired(theirs, False, id="costarring", k=1) == (0, ["a"])
    assert fired(theirs, False, id="liquid", k=1) == (2, []), "another fact, taken for the same"
    with breach_if(m.kind == "x", {"kind": "str"}) as engine:
        for kind in ("costarring", "liquid", "x", "x", "costarring"):
            assert engine.decide({"kind": kind}) == ("breach" if kind == "x" else "compliant")


def test_post_fires_only_the_first_rule_that_matches() -> None:
    done = run("""
        from durable.lang import ruleset as theirs, when_all, m, assert_fact, post
        seen = []
        with theirs("two"):
            @when_all(m.k > 0)
            def first(c): seen.append("first")
            @when_all(m.k > 1)
            def second(c): seen.append("second")
        post("two", {"k": 5})
        print(*seen)
        seen.clear()
        assert_fact("two", {"k": 6})
        print(*seen)
    """)
    assert done.stdout.splitlines() == ["first", "first second"]
    assert not hasattr(Engine, "post")


def test_assert_facts_fires_nothing_for_a_batch_with_one_fact_that_nothing_matches() -> None:
    done = run("""
        from durable.lang import ruleset as theirs, when_all, m, assert_facts
        seen = []
        with theirs("one"):
            @when_all(m.k > 0)
            def first(c): seen.append("first")
        try:
            assert_facts("one", [{"k": 7}, {"z": 1}, {"k": 8}])
        except Exception as error:
            print(type(error).__name__)
        print(len(seen))
    """)
    assert done.stdout.splitlines() == ["MessageNotHandledException", "0"]
    assert not hasattr(Engine, "decide_all")


# --- records are complete, and of one type --------------------------------------------------------------------------------------------


def test_a_field_missing_on_the_right_makes_a_comparison_true() -> None:
    later, not_later = {"$gt": {"a": {"$m": "b"}}}, {"$lte": {"a": {"$m": "b"}}}
    theirs = ruleset(known={"x": 1}, later=later, not_later=not_later)
    assert fired(theirs, id="case", x=1, a=1) == (0, ["known", "later", "not_later"]), "both, of a record without b"
    with breach_if((m.x == 1) & (m.a > m.b), dict.fromkeys("xab", "int")) as engine:
        for lacking in "xab":
            with pytest.raises(EngineError, match=f"the record lacks {lacking}"):
                engine.decide({name: 1 for name in "xab" if name != lacking})


@pytest.mark.parametrize("fact", [{}, {"a": None}, {"a": float("nan")}], ids=["missing", "null", "nan"])
def test_a_field_missing_on_the_left_silently_means_clean(fact: dict[str, Any]) -> None:
    theirs = ruleset(over={"$gt": {"a": 5}}, not_over={"$lte": {"a": 5}})
    assert fired(theirs, id="case", **fact) == (1, [])
    with breach_if(m.a > 5, {"a": "int"}) as engine, pytest.raises(EngineError, match="the record lacks a|'a' is no whole number"):
        engine.decide(fact)


def test_a_text_is_less_than_a_number() -> None:
    theirs = ruleset(less={"$lt": {"a": 7}})
    assert fired(theirs, id="case", a="10") == (0, ["less"])
    with breach_if(m.a < 7, {"a": "int"}) as engine, pytest.raises(EngineError, match=r"'a' is no whole number of 64 bits \(a str\)"):
        engine.decide({"a": "10"})
    with pytest.raises(RuleRefusedError, match="the fact is str, the value is int"):
        breach_if(m.a < 7, {"a": "str"})


def test_floats_in_scientific_notation_abort() -> None:
    theirs = ruleset(more={"$gt": {"a": 0}})
    with pytest.raises(Exception, match="error code: 204"):
        fired(theirs, id="case", a=1e-05)
    with breach_if(m.a > 0, {"a": "int"}) as engine, pytest.raises(EngineError, match=r"\(a float\)"):
        engine.decide({"a": 1e-05})
    with pytest.raises(ConditionError, match="compares with a whole number"):
        _ = m.a > 1e-05


def test_a_whole_number_beyond_64_bits_is_clipped() -> None:
    theirs = ruleset(same={"a": 2**63 - 1})
    assert fired(theirs, id="case", a=2**63) == (0, ["same"])
    with breach_if(m.a == 2**63 - 1, {"a": "int"}) as engine:
        assert engine.decide({"a": 2**63 - 1}) == "breach"
        assert engine.decide({"a": 2**63 - 2}) == "compliant"
        with pytest.raises(EngineError, match="'a' is no whole number of 64 bits"):
            engine.decide({"a": 2**63})
    with pytest.raises(RuleRefusedError, match="the engine takes whole numbers from"):
        breach_if(m.a == 2**63, {"a": "int"})


@pytest.mark.parametrize("length", [65_536, 65_537])
def test_the_length_of_a_text_is_kept_in_16_bits(length: int) -> None:
    theirs = ruleset(same={"a": "x"})
    assert fired(theirs, id="case", a="x" * length) == (0, ["same"]), "65,537 times x equals x"
    with breach_if(m.a == "x", {"a": "str"}) as engine:
        assert [engine.decide({"a": "x" * size}) for size in (1, 2, length)] == ["breach", "compliant", "compliant"]
    longest = "x" * 1_000
    with breach_if(m.a == longest, {"a": "str"}) as engine:
        verdicts = [engine.decide({"a": "x" * size}) for size in (999, 1_000, 1_001, LONGEST_TEXT, LONGEST_TEXT + 1, 2**24)]
    assert verdicts == ["compliant", "breach", "compliant", "compliant", "compliant", "compliant"]


# --- conditions are read as they are written ------------------------------------------------------------------------------------------


def theirs_says(work: str) -> str:
    return run("from durable.lang import m\n" + textwrap.dedent(work)).stdout.strip()


def test_python_and_drops_a_condition() -> None:
    assert theirs_says("print(((m.a == 1) and (m.b == 2)).define())") == "{'b': 2}"
    with pytest.raises(ConditionError, match="combine conditions with & | ~"):
        _ = (m.a == 1) and (m.b == 2)


def test_python_or_drops_a_condition() -> None:
    assert theirs_says("print(((m.a == 1) or (m.b == 2)).define())") == "{'a': 1}"
    with pytest.raises(ConditionError, match="combine conditions with & | ~"):
        _ = (m.a == 1) or (m.b == 2)


def test_python_in_is_always_true() -> None:
    assert theirs_says("print(m.a in ('x', 'y'))") == "True"
    with pytest.raises(ConditionError, match="no truth value"):
        _ = m.a in ("x", "y")
    assert m.a.one_of("x", "y") == (m.a == "x") | (m.a == "y")


def test_a_chained_comparison_loses_its_first_half() -> None:
    assert theirs_says("print((1 < m.a < 5).define())") == "{'$lt': {'a': 5}}"
    with pytest.raises(ConditionError, match="chained comparison"):
        _ = 1 < m.a < 5


def test_a_bare_flag_is_no_comparison() -> None:
    assert theirs_says("print(((m.flag) & (m.b == 2)).define())") == "{'$and': [{'$m': 'flag'}, {'b': 2}]}"
    with pytest.raises(TypeError):
        _ = m.flag & (m.b == 2)  # type: ignore[operator]
    with pytest.raises(ConditionError, match="a bare flag or constant cannot be combined"):
        _ = (m.b == 2) & m.flag  # type: ignore[operator]
    with pytest.raises(ConditionError, match="m.flag alone is no condition"):
        bool(m.flag)


def test_a_comparison_with_none_is_taken() -> None:
    assert theirs_says("print((m.a == None).define())") == "{'a': None}"
    with pytest.raises(ConditionError, match="a fact compares with"):
        _ = m.a == None  # noqa: E711


def test_arithmetic_changes_an_earlier_use_of_the_same_expression() -> None:
    said = theirs_says("""
        limit = m.b + 60
        early = m.a > limit
        before = str(early.define())
        late = m.a > limit + 1
        print(str(early.define()) == before)
    """)
    assert said == "False"
    with pytest.raises(TypeError):
        _ = m.b + 60  # type: ignore[operator]


def test_a_product_with_nought_is_dropped() -> None:
    assert "$mul" not in theirs_says("print((m.a > m.b * 0 + 5).define())")
    with pytest.raises(TypeError):
        _ = m.b * 0  # type: ignore[operator]


@pytest.mark.parametrize("written", ["json.dumps((m.a > m.b + m.c).define())", "m.a - m.b > 5", "~(m.a == 1)"])
def test_what_their_language_cannot_write(written: str) -> None:
    done = run(f"from durable.lang import m\nprint({written})")
    assert done.returncode == 1
    assert "Error" in done.stderr or "Exception" in done.stderr


def test_negation_can_be_written_here_and_a_due_instant_is_a_fact() -> None:
    assert ~((m.a == 1) & (m.b < 2)) == (m.a != 1) | (m.b >= 2)
    assert (m.done_at > m.due_at) == Compare("done_at", ">", Ref("due_at"))
    with pytest.raises(TypeError):
        _ = m.a - m.b > 5  # type: ignore[operator]


@pytest.mark.parametrize(
    "does", ["hash(m.a == 1)", "copy.copy(m.a == 1)", "copy.deepcopy(m.a == 1)", "pickle.loads(pickle.dumps(m.a == 1))"]
)
def test_their_expressions_cannot_be_hashed_copied_or_pickled(does: str) -> None:
    done = run(f"import copy, pickle\nfrom durable.lang import m\n{does}")
    assert done.returncode == 1
    assert "Error" in done.stderr
    condition = (m.a == 1) & (m.b > m.c)
    assert hash(condition) == hash((m.a == 1) & (m.b > m.c))
    assert copy.deepcopy(condition) == copy.copy(condition) == pickle.loads(pickle.dumps(condition)) == condition  # noqa: S301


def test_two_of_their_expressions_are_always_equal() -> None:
    assert theirs_says("print(bool((m.a == 1) == (m.b == 2)))") == "True"
    assert repr(m.a == 1) != repr(m.b == 2)
    assert ((m.a == 1) == (m.b == 2)) is False


# --- firing ---------------------------------------------------------------------------------------------------------------------------


def test_a_rule_with_an_or_fires_once_for_each_side() -> None:
    theirs = ruleset(either={"$or": [{"a": 1}, {"b": 1}, {"$gt": {"a": 0}}]})
    assert fired(theirs, id="case", a=1, b=1) == (0, ["either"] * 3)
    with breach_if((m.a == 1) | (m.b == 1) | (m.a > 0), {"a": "int", "b": "int"}) as engine:
        assert engine.decide({"a": 1, "b": 1}) == "breach"


def test_errors_in_an_action_are_swallowed_into_the_state() -> None:
    done = run("""
        from durable.lang import ruleset as theirs, when_all, m, assert_fact
        with theirs("failing"):
            @when_all(m.k > 0)
            def judge(c): raise ValueError("lost")
        print("lost" in assert_fact("failing", {"k": 1})["exception"])
    """)
    assert done.stdout.strip() == "True"
    with breach_if(m.rows == 1, {"rows": "int"}) as engine:
        assert all("run" not in rule for rule in json.loads(engine.compiled.definition).values()), "no action: the door reads what fired"


def test_an_action_of_two_parameters_is_taken_for_asynchronous() -> None:
    done = run("""
        from durable.lang import ruleset as theirs, when_all, m, assert_fact
        with theirs("asynchronous"):
            @when_all(m.k > 0)
            def judge(c, verdict="breach"): print(callable(verdict))
        assert_fact("asynchronous", {"k": 1})
    """)
    assert done.stdout.strip() == "True"


def test_more_than_64_rules_that_match_one_fact_fail_with_error_303() -> None:
    theirs = ruleset(**{f"r{number}": {"$gt": {"a": number}} for number in range(65)})
    with pytest.raises(Exception, match="error code: 303"):
        fired(theirs, id="case", a=1_000)
    engines = [breach_if(m.a > number, {"a": "int"}, f"RR{number:03}") for number in range(65)]
    assert {engine.decide({"a": 1_000}) for engine in engines} == {"breach"}, "one engine a rule"
    for engine in engines:
        engine.close()
    with pytest.raises(RuleRefusedError, match="comparisons waiting"):
        breach_if(m.a.one_of(*range(65)), {"a": "int"})


def test_a_rule_of_too_many_groups_is_refused_by_both() -> None:
    def of(groups: int) -> dict[str, Any]:
        return {"$and": [{"$or": [{"a": 2 * number}, {"a": 2 * number + 1}]} for number in range(groups - 1)]}

    ruleset(fits=of(MOST_GROUPS))
    with pytest.raises(Exception, match="error code: 113"):
        ruleset(too_big=of(MOST_GROUPS + 1))
    with pytest.raises(RuleRefusedError, match=f"has {MOST_GROUPS + 1} groups of and and or"):
        breach_if(decode(of(MOST_GROUPS + 1)), {"a": "int"})


# --- names ----------------------------------------------------------------------------------------------------------------------------


def test_a_field_named_sid_hangs() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run(
            """
            from durable.lang import ruleset as theirs, when_all, m, assert_fact
            with theirs("hanging"):
                @when_all(m.sid == "x")
                def judge(c): pass
            assert_fact("hanging", {"sid": "x"})
            """,
            seconds=4,
        )
    with pytest.raises(RuleRefusedError, match="a fact cannot be named 'sid'"):
        breach_if(m.sid == "x", {"sid": "str"})


def test_a_field_named_id_is_the_records_identity() -> None:
    theirs = ruleset(a={"id": "x"})
    assert fired(theirs, False, id="x", k=1) == (0, ["a"])
    assert fired(theirs, False, id="x", k=2) == (2, []), "another record, taken for the same"
    with pytest.raises(RuleRefusedError, match="a fact cannot be named 'id'"):
        breach_if(m.id == "x", {"id": "str"})


@pytest.mark.parametrize("name", ["alias", "define", "matches", "imatches", "allItems", "anyItem"])
def test_a_field_with_the_name_of_a_method_turns_a_comparison_into_false(name: str) -> None:
    assert theirs_says(f"print(m.{name} == 'x')") == "False"
    with pytest.raises(RuleRefusedError, match=f"rule RR001: a fact cannot be named '{name}'"):
        breach_if(getattr(m, name) == "x", {name: "str"})


@pytest.mark.parametrize("name", ["$m", "$or", "$s", "", "a.b", "a b", 'a"b', "Kind", "kïnd", "9a", "_always", "%s", "blank_kind"])
def test_a_field_with_a_name_that_the_library_or_the_door_takes_for_itself_is_refused(name: str) -> None:
    with pytest.raises(RuleRefusedError, match="a fact cannot be named"):
        breach_if(Field(name) == "x", {name: "str"})


def test_two_fields_with_one_hash_are_one_field() -> None:
    assert fired(ruleset(a={"costarring": 1}), id="case", liquid=1) == (0, ["a"])
    with pytest.raises(RuleRefusedError, match="cannot tell 'liquid' from 'costarring'"):
        breach_if((m.costarring == 1) & (m.liquid == 1), {"costarring": "int", "liquid": "int"})


def test_a_record_of_253_fields_is_refused() -> None:
    theirs = ruleset(a={"a0": 0})
    assert fired(theirs, id="case", **{f"a{number}": number for number in range(252)}) == (0, ["a"])
    with pytest.raises(Exception, match="error code: 302"):
        fired(theirs, id="case", **{f"a{number}": number for number in range(253)})
    with breach_if(m.a0 == 0, {"a0": "int"}) as engine:
        assert engine.decide({f"a{number}": number for number in range(300)}) == "breach", "only what the rule reads goes in"


# --- surroundings ---------------------------------------------------------------------------------------------------------------------


def test_the_default_host_starts_threads() -> None:
    done = run("""
        import threading, time
        from durable.lang import get_host
        get_host()
        time.sleep(0.5)
        print(threading.active_count())
    """)
    assert int(done.stdout) > 1
    before = threading.active_count()
    with breach_if(m.rows == 1, {"rows": "int"}) as engine:
        engine.decide({"rows": 1})
        assert threading.active_count() == before


def test_timers_read_the_wall_clock() -> None:
    done = run("""
        theirs = ruleset(state={"k": 1}, due={"$timerName": "due"})
        fired(theirs, id="case", k=1)
        library.start_timer(theirs, 3600, 0, "due", "0")
        print(library.get_events(theirs, "0"))
    """)
    assert '"$baseTime":' in done.stdout, "an hour from now, in seconds since 1970"
    with breach_if(m.rows == 1, {"rows": "int"}) as engine:
        assert "$time" not in engine.compiled.definition
    assert not hasattr(Engine, "start_timer")


def test_importing_all_of_their_language_shadows_any_and_all() -> None:
    done = run("""
        import builtins
        from durable.lang import *
        print(any is builtins.any, all is builtins.all)
    """)
    assert done.stdout.strip() == "False False"
    names: dict[str, Any] = {}
    exec("from auditor.vocabulary.expressions import *\nfrom auditor.vocabulary.questions import *", names)  # noqa: S102
    assert not {name for name in names if hasattr(builtins, name)} - {"__builtins__", "__name__", "__doc__"}


def test_the_engine_module_loads_the_c_library_alone() -> None:
    done = run("import auditor.engine.worker\nprint(*sorted({'durable', 'numpy', 'pandas', 'pyarrow'} & set(sys.modules)))")
    assert done.stdout.strip() == ""
    assert done.returncode == 0
    assert durable_rules_engine.__name__ == "durable_rules_engine"
