"""Text columns held as numbers with a table of texts mean what plain ones mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.derive import add, choose, coded, first_on_record, joined, positions, same_text, take, text_array, verbs
from auditor.derive.coded_text import arrow_text, blank_text, encoded, worth_coding
from auditor.instants import NEVER
from auditor.masks import _compare
from auditor.rulebook import rulesets_available
from auditor.vocabulary.expressions import Compare
from tests.audits import AUDITS, sample_database
from tests.site_logs import cases_of, read_site

TEXTS = st.lists(st.none() | st.sampled_from(["P", "B1", "B2", "長", "x y"]), max_size=30)


def listed(column: Any) -> list[str | None]:
    return [value if isinstance(value, str) else None for value in np.asarray(column, object).tolist()]


@given(TEXTS)
def test_the_texts_stay_the_same(texts: list[str | None]) -> None:
    column = encoded(text_array(texts))
    assert isinstance(column, pd.Categorical)
    assert listed(column) == texts
    assert arrow_text(column).to_pylist() == texts
    assert list(column.categories) == sorted({t for t in texts if t is not None})


@given(TEXTS, st.sampled_from(["P", "長", "nowhere"]), st.sampled_from(["==", "!="]))
def test_a_condition_answers_the_same(texts: list[str | None], asked: str, op: str) -> None:
    plain = text_array(texts)
    condition = Compare("org_id", op, asked)
    answers = [_compare(condition, {"org_id": column}, len(texts)).tolist() for column in (plain, encoded(plain))]  # type: ignore[arg-type]
    assert answers[0] == answers[1] == [(t == asked) == (op == "==") for t in texts]


@given(TEXTS, TEXTS)
def test_two_columns_hold_the_same_text_or_not(one: list[str | None], other: list[str | None]) -> None:
    size = min(len(one), len(other))
    left, right = text_array(one[:size]), text_array(other[:size])
    expected = [a is not None and a == b for a, b in zip(one, other, strict=False)]
    for first in (left, encoded(left)):
        for second in (right, encoded(right)):
            assert same_text(first, second).tolist() == expected


@given(TEXTS, st.data())
def test_rows_are_taken_and_found_alike(texts: list[str | None], data: st.DataObject) -> None:
    plain, column = text_array(texts), encoded(text_array(texts))
    rows = np.array(data.draw(st.lists(st.integers(-1, len(texts) - 1), max_size=20)), np.int64)
    expected = [texts[r] if r >= 0 else None for r in rows]
    assert listed(take(plain, rows)) == listed(take(column, rows)) == expected
    keys = text_array(["B2", "P", "長"])
    assert positions(keys, column).tolist() == positions(keys, plain).tolist()
    mask = np.array([n % 2 == 0 for n in range(len(texts))], bool)
    assert listed(choose(mask, column, plain)) == texts
    other = text_array([{"P": "Q", "B1": None}.get(text or "", text) for text in texts])
    chosen = choose(mask, column, encoded(other))
    assert listed(chosen) == listed(choose(mask, plain, other)) and isinstance(chosen, pd.Categorical)
    assert listed(first_on_record(column, text_array(["?"] * len(texts)))) == [t or "?" for t in texts]
    assert listed(joined(column, plain)) == [None if t is None else f"{t}:{t}" for t in texts]


@given(TEXTS, TEXTS, TEXTS)
def test_the_first_on_record_is_the_same_of_coded_columns(one: list[str | None], two: list[str | None], three: list[str | None]) -> None:
    size = min(len(one), len(two), len(three))
    columns = [text_array(texts[:size]) for texts in (one, two, three)]
    first = first_on_record(*map(encoded, columns))
    assert isinstance(first, pd.Categorical)
    assert listed(first) == listed(first_on_record(*columns))
    rows = zip(one[:size], two[:size], three[:size], strict=True)
    assert listed(first) == [next((text for text in row if text is not None), None) for row in rows]


@given(st.lists(st.none() | st.sampled_from("ABCDE"), max_size=60), st.lists(st.none() | st.sampled_from("ABCXY"), max_size=6))
def test_few_ids_are_found_among_many_keys_as_many_are(keys: list[str | None], ids: list[str | None]) -> None:
    expected = [keys.index(one) if one is not None and one in keys else -1 for one in ids]
    for fewer in (0, 10**9):
        with patch.object(verbs, "_FEWER", fewer):
            assert positions(text_array(keys), text_array(ids)).tolist() == expected


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 3), st.booleans()), max_size=40), st.booleans())
def test_the_first_and_the_last_of_a_group_are_those_by_time_then_row_whether_all_are_put_in_order_or_some(
    rows: list[tuple[int, int, bool]], in_time: bool
) -> None:
    rows = sorted(rows, key=lambda row: row[1]) if in_time else rows
    parents, times = (np.array([row[place] for row in rows], np.int64) for place in (0, 1))
    mask = np.array([row[2] for row in rows], bool)
    order = sorted((parent, time, row) for row, (parent, time, asked) in enumerate(rows) if asked and parent >= 0)
    first, last = [[-1] * 5, [-1] * 5]
    for parent, _, row in order:
        first[parent] = row if first[parent] < 0 else first[parent]
        last[parent] = row
    for fewer in (0, 10**9):
        with patch.object(verbs, "_FEWER", fewer):
            child: Any = {"at": times}
            events = verbs.Group(child, "parent", parent_rows=parents, size=5)
            assert events.first(mask).tolist() == first
            assert events.last(mask).tolist() == last
            assert ("order" in events.__dict__) == (fewer > 0 and mask.any())
    assert events.order.tolist() == [row for _, _, row in sorted((p, t, row) for row, (p, t, _) in enumerate(rows) if p >= 0)]


@given(st.lists(st.integers(-5, 10**9), min_size=1, max_size=9), st.lists(st.integers(-1, 8), max_size=20))
def test_numbers_are_taken_and_moved(numbers: list[int], rows: list[int]) -> None:
    places = np.array([min(row, len(numbers) - 1) for row in rows], np.int64)
    column = np.array(numbers, np.int64)
    taken = take(column, places)
    assert taken.tolist() == [NEVER if place < 0 else numbers[place] for place in places]
    assert take(column.astype(np.int8), places).tolist() == [-1 if p < 0 else column.astype(np.int8)[p] for p in places]
    assert add(taken, 7).tolist() == [n if n >= NEVER else n + 7 for n in taken.tolist()]
    assert column.tolist() == numbers


@given(TEXTS)
def test_numbers_tell_texts_apart(texts: list[str | None]) -> None:
    for column in (text_array(texts), encoded(text_array(texts))):
        numbers, known = coded(column)
        assert [None if n < 0 else known[int(n)].as_py() for n in numbers] == texts


def test_a_long_column_is_coded_where_its_texts_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    few = pa.chunked_array([pa.array([f"U{n % 50}" for n in range(100_000)])])
    assert worth_coding(few)
    assert not worth_coding(few[:99_999])
    assert not worth_coding(pa.chunked_array([pa.array([f"E{n}" for n in range(100_000)])]))
    taken = take(text_array(["P", None, "B1"]), np.arange(-1, 99_999) % 3)
    assert isinstance(taken, pd.Categorical)
    assert len(blank_text(100_000)) == blank_text(100_000).isna().sum() == 100_000
    assert taken.isna().sum() == 33_333


@pytest.mark.parametrize("ruleset", rulesets_available())
def test_a_site_is_judged_alike_with_and_without(ruleset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    period, as_of = AUDITS["during"]
    database = sample_database(ruleset, "during", tmp_path)
    site = read_site(ruleset, database)
    plain = cases_of(site.judge(period, as_of))
    monkeypatch.setattr("auditor.derive.coded_text.CODED_FROM", 1)
    assert cases_of(site.judge(period, as_of)) == plain
    monkeypatch.setattr("auditor.validate.chunks.CODED_FROM", 1)
    coded_while_read = read_site(ruleset, database)
    types = [column.type for one in coded_while_read.admitted.values() for column in one.table.columns]
    assert any(map(pa.types.is_dictionary, types))
    assert cases_of(coded_while_read.judge(period, as_of)) == plain
