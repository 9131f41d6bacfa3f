"""Ids found by their number: the same rows as by their text, and no shortcut where ids are of another form."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.derive.numbered import find, numbered
from auditor.derive.verbs import positions

TEXTS = [pa.string(), pa.large_string()]


def ids_of(values: list[str | None], kind: pa.DataType = TEXTS[0]) -> pa.Array:
    return pa.array(values, kind)


@given(
    keys=st.lists(st.integers(0, 60), min_size=1, max_size=40),
    asked=st.lists(st.none() | st.integers(0, 99), max_size=60),
    kind=st.sampled_from(TEXTS),
)
def test_they_are_found_where_their_text_is(keys: list[int], asked: list[int | None], kind: pa.DataType) -> None:
    texts = [f"T-{n:04}" for n in keys]
    wanted = [None if n is None else f"T-{n:04}" for n in asked]
    known, sought = numbered(ids_of(list(texts), kind)), numbered(ids_of(wanted, kind))
    assert known is not None
    if sought is None:
        assert not any(wanted)
        return
    rows = find(known, sought)
    if rows is None:  # too far apart for a table
        assert max(keys) - min(keys) >= 8 * len(keys)
        return
    assert rows.tolist() == [texts.index(w) if w in texts else -1 for w in wanted]


@pytest.mark.parametrize(
    "values",
    [
        ["T1", "T10"],  # of two widths
        ["T1", "U1"],  # of two prefixes
        ["Ta", "Tb"],  # no number
        ["T1", ""],
        ["票１", "票２"],  # digits of another script
        [None, None],
        [],
    ],
)
def test_ids_of_another_form_are_left_to_their_text(values: list[str | None]) -> None:
    assert numbered(ids_of(values)) is None


def test_other_prefixes_and_widths_are_never_taken_for_the_same() -> None:
    tickets = numbered(ids_of(["T001", "T002"]))
    assert tickets is not None
    for other in (["U001"], ["T0001"], ["0001"]):
        sought = numbered(ids_of(list(other)))
        assert sought is not None and find(tickets, sought) is None, other


def test_a_part_of_a_column_is_read_as_that_part() -> None:
    whole = ids_of(["A1", None, "A3", "A4", None])
    assert numbered(whole.slice(1, 3)).numbers.tolist() == [-1, 3, 4]  # type: ignore[union-attr]


def test_many_ids_are_found_as_few_are() -> None:
    keys = ids_of([f"N{n:06}" for n in range(5, 30_000, 2)])
    asked = [f"N{n:06}" for n in range(29_999, -1, -1)] + [None]
    assert positions(keys, ids_of(asked)).tolist() == [(n - 5) // 2 if n % 2 and n >= 5 else -1 for n in range(29_999, -1, -1)] + [-1]


def test_of_equal_keys_the_first_is_found_among_many_as_among_few() -> None:
    keys = ids_of([f"N{n // 2:06}" for n in range(20_000)])
    asked = [f"N{n:06}" for n in range(10_000)]
    assert positions(keys, ids_of(asked)).tolist() == list(range(0, 20_000, 2))
    assert positions(keys, ids_of(asked[:9])).tolist() == list(range(0, 18, 2))
