"""The screen gives every case the verdict that the questions say, and so does the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from auditor import masks
from auditor.adjudicate import DisagreementError, check_agreement, fact_table
from auditor.engine import CompiledRule, Engine, compile_rule
from auditor.instants import NEVER
from auditor.masks import evaluate
from auditor.screen import screen
from auditor.vocabulary.expressions import ALWAYS, NEVER_TRUE, Compare, ConditionError, Expr, Ref, blank, m, negate, present
from auditor.vocabulary.questions import VERDICTS, Questions, Verdict
from tests.engine.random_rules import TYPES, Table, facts, fits, is_true, questions, verdict_of


def engine_verdicts(rule: CompiledRule, table: Table) -> np.ndarray[Any, np.dtype[np.int8]]:
    """What durable-rules says of every row."""
    rows = fact_table(rule, table, table.case_ids, np.arange(table.size)).to_pylist()
    with Engine(rule) as engine:
        return np.array([Verdict[engine.decide(row, row["case_id"]).upper()] for row in rows], np.int8)


@settings(max_examples=300, deadline=None)
@given(questions, st.lists(facts, min_size=1, max_size=25))
def test_screen_engine_and_specification_agree_on_random_rules_and_facts(asked: Questions, rows: list[dict[str, Any]]) -> None:
    table = Table(rows)
    screened = screen(asked, table, table.size)
    assert screened.dtype == np.int8
    assert [VERDICTS[code] for code in screened] == [verdict_of(asked, row).label for row in rows]
    rule = fits(asked)
    assume(rule is not None)
    assert rule is not None
    check_agreement("RR001", screened, engine_verdicts(rule, table), table.case_ids)


@given(questions, st.lists(facts, max_size=10))
def test_a_condition_and_its_negation_part_the_cases(asked: Questions, rows: list[dict[str, Any]]) -> None:
    table = Table(rows)
    for condition in (asked.unknown, asked.broken, asked.open):
        mask, opposite = evaluate(condition, table, table.size), evaluate(negate(condition), table, table.size)
        assert (mask ^ opposite).all()
        assert mask.tolist() == [is_true(condition, row) for row in rows]


def row(**changes: Any) -> dict[str, Any]:
    """One case, on time to the second."""
    on_time = {
        "done_at": 1_700_000_000,
        "due_at": 1_700_000_000,
        "rows": 1,
        "seconds": 0,
        "look_up": 1,
        "kind": "planned",
        "role": "teller",
    }
    return on_time | {"urban": True, "late": False, "items": ["a"]} | changes


@pytest.mark.parametrize(("op", "wrong"), [(">", ">="), ("<=", "<"), ("==", "!="), ("!=", "=="), (">=", ">"), ("<", "<=")])
def test_a_mutated_mask_is_noticed(op: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Questions(blank.kind, Compare("done_at", op, Ref("due_at")), NEVER_TRUE)
    table = Table([row(done_at=1_699_999_999), row(), row(done_at=1_700_000_001), row(kind=None), row(done_at=NEVER)])
    judged = engine_verdicts(compile_rule("RR001", asked, TYPES), table)
    check_agreement("RR001", screen(asked, table, table.size), judged, table.case_ids)
    monkeypatch.setitem(masks._OPERATORS, op, masks._OPERATORS[wrong])
    with pytest.raises(DisagreementError, match="rule RR001, case 'case "):
        check_agreement("RR001", screen(asked, table, table.size), judged, table.case_ids)


def test_a_verdict_that_the_screen_combines_wrongly_is_noticed() -> None:
    asked = Questions(blank.kind, m.done_at > m.due_at, m.urban == True)  # noqa: E712
    table = Table([row(), row(kind=None), row(done_at=NEVER), row(done_at=NEVER, urban=False)])
    judged = engine_verdicts(compile_rule("RR001", asked, TYPES), table)
    assert [VERDICTS[code] for code in judged] == ["compliant", "indeterminate", "pending", "breach"]
    unknown, broken, still_open = asked.unknown, asked.broken, asked.open
    for wrong in (
        Questions(NEVER_TRUE, broken, still_open),
        Questions(unknown, NEVER_TRUE, still_open),
        Questions(unknown, broken, ALWAYS),
    ):
        with pytest.raises(DisagreementError):
            check_agreement("RR001", screen(wrong, table, table.size), judged, table.case_ids)


def test_a_blank_text_equals_no_text_and_differs_from_every_text() -> None:
    table = Table([row(kind=None), row(kind="planned")])
    assert evaluate(m.kind == "planned", table, 2).tolist() == [False, True]
    assert evaluate(m.kind != "planned", table, 2).tolist() == [True, False]
    assert evaluate(blank.kind, table, 2).tolist() == [True, False]
    assert evaluate(present.kind, table, 2).tolist() == [False, True]


def test_each_kind_of_column_knows_what_blank_is() -> None:
    table = Table([row(done_at=NEVER, look_up=-1, items=None), row(items=[]), row()])
    assert evaluate(blank.done_at, table, 3).tolist() == [True, False, False]
    assert evaluate(blank.look_up, table, 3).tolist() == [True, False, False]
    assert evaluate(blank.items, table, 3).tolist() == [True, True, False]


def test_no_cases_give_no_verdicts() -> None:
    assert screen(Questions(NEVER_TRUE, m.done_at > m.due_at, ALWAYS), Table([]), 0).tolist() == []


def test_a_mask_does_not_change_the_columns() -> None:
    blanks = np.array([True, False])

    class Lent(Table):
        def blank(self, name: str) -> Any:
            return blanks

    table = Lent([row(), row()])
    mask = evaluate(blank.kind & (m.rows == 0), table, 2)
    assert mask.tolist() == [False, False]
    assert blanks.tolist() == [True, False]


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        (m.look_up == True, "the fact is int, the value True is bool"),  # noqa: E712
        (m.urban == 1, "the fact is bool, the value 1 is int"),
        (m.kind == 1, "the fact is str, the value 1 is int"),
        (m.rows == "1", "the fact is int, the value '1' is str"),
        (m.kind == m.role, "two facts compare as whole numbers only, not as str and str"),
        (m.urban == m.late, "not as bool and bool"),
        (m.items == 1, "the fact is ListArray"),
    ],
)
def test_a_comparison_of_two_kinds_is_refused(condition: Expr, says: str) -> None:
    with pytest.raises(ConditionError, match=says):
        evaluate(condition, Table([row()]), 1)


def test_columns_of_another_length_are_refused() -> None:
    with pytest.raises(ConditionError, match="where there are 3 cases"):
        evaluate(m.rows == 1, Table([row()]), 3)


def test_a_question_that_is_no_condition_is_refused() -> None:
    with pytest.raises(ConditionError, match="the question 'open' is True"):
        Questions(NEVER_TRUE, m.rows == 1, True)  # type: ignore[arg-type]
    with pytest.raises(ConditionError, match="True is no condition"):
        evaluate(True, Table([row()]), 1)  # type: ignore[arg-type]


def test_labels_are_those_of_the_contract() -> None:
    assert VERDICTS == ("compliant", "breach", "pending", "indeterminate", "waived", "indicator", "merit")
    assert Verdict.BREACH.label == "breach"


def test_fact_table_gives_total_facts_of_the_chosen_cases_in_order() -> None:
    asked = Questions(blank.items | blank.kind, (m.kind == "planned") & (m.look_up == 1), m.urban == True)  # noqa: E712
    rule = compile_rule("RR001", asked, TYPES)
    table = Table([row(), row(kind=None, look_up=-1), row(items=None)])
    made = fact_table(rule, table, pd.array(table.case_ids, dtype="str")[[2, 1]], np.array([2, 1]))
    assert made.schema.names == ["case_id", *(name for name, _ in rule.fields)]
    assert made.select(["case_id", "kind", "look_up", "urban", "blank_items", "blank_kind"]).to_pylist() == [
        {"case_id": "case 2", "kind": "planned", "look_up": 1, "urban": True, "blank_items": True, "blank_kind": False},
        {"case_id": "case 1", "kind": "", "look_up": -1, "urban": True, "blank_items": False, "blank_kind": True},
    ]
    assert made.schema.field("look_up").type == pa.int64()
    assert made.schema.field("kind").type == pa.string()
