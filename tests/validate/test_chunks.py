"""Columns in the making: texts that repeat are held once, and mean the same."""

from __future__ import annotations

from random import Random
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.instants import NEVER
from auditor.validate import chunks
from auditor.validate.chunks import Chunks, settled


def column(*parts: list[str | None], may_repeat: bool = True) -> pa.ChunkedArray:
    made = Chunks(pa.string(), may_repeat=may_repeat)
    for part in parts:
        made.append(pa.array(part, pa.string()))
    return made.whole()


@given(st.lists(st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", ""]), st.text(max_size=3)), max_size=12), max_size=5))
def test_whatever_the_chunks_the_column_says_what_they_said(parts: list[list[str | None]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CODED_FROM", 0)
        assert column(*parts).to_pylist() == [text for part in parts for text in part]


def test_texts_that_repeat_are_held_once_in_one_table_for_all_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CODED_FROM", 4)
    made = column(["a"], ["b", "b", "b", "b"], [None, "c", "d", "b"])
    assert pa.types.is_dictionary(made.type)
    assert {tuple(chunk.dictionary.to_pylist()) for chunk in made.chunks} == {("a", "b", "c", "d")}
    assert made.to_pylist() == ["a", "b", "b", "b", "b", None, "c", "d", "b"]


def test_keys_texts_that_do_not_repeat_and_short_columns_stay_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CODED_FROM", 4)
    monkeypatch.setattr(chunks, "FEW_TEXTS", 1)
    assert column(["a", "b", None, None, None, None]).type == pa.string()
    assert column(["a", "b", "c", "c"]).type == pa.string()
    assert column(["a", "a", "a"]).type == pa.string()
    assert column(["a", "a", "a", "a"], may_repeat=False).type == pa.string()
    assert column().type == pa.string()


def test_few_texts_are_coded_though_most_rows_show_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CODED_FROM", 4)
    assert pa.types.is_dictionary(column(["a", "b", "c", None, None, None]).type)
    assert pa.types.is_dictionary(column([None, None, None, None]).type)


def test_numbers_are_no_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CODED_FROM", 1)
    kind = pa.timestamp("s", "UTC")
    made = Chunks(kind, may_repeat=True)
    made.append(pa.array([1, 1, 1], pa.int64()).cast(kind))
    assert made.whole().type == kind


@given(st.lists(st.lists(st.none() | st.integers(0, 99), max_size=9), max_size=4), st.data())
def test_times_settle_in_one_piece_with_never_under_their_gaps(parts: list[list[int | None]], data: st.DataObject) -> None:
    kind = pa.timestamp("s", "UTC")
    made = Chunks(kind, may_repeat=True)
    for part in parts:
        made.append(pa.array(part, pa.int64()).cast(kind))
    given_times = [time for part in parts for time in part]
    places = data.draw(st.none() | st.lists(st.sampled_from(range(len(given_times))) if given_times else st.nothing()).map(np.array))
    places = None if places is None else places.astype(np.int64)
    column = settled(made.whole(), places)
    expected = given_times if places is None else [given_times[place] for place in places]
    assert column.cast(pa.int64()).to_pylist() == expected
    column.validate(full=True)
    if parts and any(time is not None for time in expected):
        assert column.num_chunks == 1
        numbers = np.frombuffer(column.chunk(0).buffers()[1], np.int64)[: len(expected)]
        assert numbers.tolist() == [NEVER if time is None else time for time in expected]


def test_a_column_that_no_single_piece_holds_stays_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "_ONE_PIECE_BYTES", 4)
    made = column(["one"], ["two", None], may_repeat=False)
    assert (made.num_chunks, made.to_pylist()) == (2, ["one", "two", None])
    assert settled(made, np.array([2, 0, 1])).to_pylist() == [None, "one", "two"]


@given(st.lists(st.lists(st.none() | st.text(max_size=3), max_size=9), max_size=5), st.randoms(), st.sampled_from([1, 2, 10**9]))
def test_rows_are_taken_alike_from_one_piece_or_several_near_or_far(parts: list[list[str | None]], chance: Random, near: int) -> None:
    texts = [text for part in parts for text in part]
    places = list(range(len(texts)))
    for _ in range(3):  # mostly in order, as rows of a database are
        if texts:
            one, other = chance.randrange(len(texts)), chance.randrange(len(texts))
            places[one], places[other] = places[other], places[one]
    with patch.multiple(chunks, _ONE_PIECE_BYTES=0, _PIECE_ROWS=3, _NEAR=near):
        taken = settled(column(*parts, may_repeat=False), np.array(places, np.int64))
    assert taken.to_pylist() == [texts[place] for place in places]


@pytest.mark.parametrize(("texts", "kind"), [(128, pa.int8()), (129, pa.int16()), (32_769, pa.int32())])
def test_the_numbers_of_texts_are_as_narrow_as_may_be(texts: int, kind: pa.DataType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CODED_FROM", 1)
    listed = [f"{number}" for number in range(texts)]
    made = column(listed + listed, [listed[-1]])
    assert made.type.index_type == kind
    assert made.to_pylist() == [*listed, *listed, listed[-1]]
