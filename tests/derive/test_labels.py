"""Labels of periods, and items of lists: what names a month or a year, and what does not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.derive import lists_item, text_array, year_of_label
from auditor.derive.labels import month_days
from auditor.instants import NEVER_DAY


def day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))


@pytest.mark.parametrize(
    ("label", "first", "last"),
    [("2026-09", "2026-09-01", "2026-09-30"), ("2024-02", "2024-02-01", "2024-02-29"), ("1970-01", "1970-01-01", "1970-01-31"),
     ("2199-12", "2199-12-01", "2199-12-31")],
)  # fmt: skip
def test_a_month_has_its_first_and_last_day(label: str, first: str, last: str) -> None:
    firsts, lasts = month_days(text_array([label]))
    assert (firsts[0], lasts[0]) == (day(first), day(last))


@pytest.mark.parametrize(
    "label",
    [None, "", "2026", "2026Q3", "2026-13", "2026-00", "2026-9", " 2026-09", "2026-09 ", "2026-09-01", "1969-12", "2200-01", "２０２６-09"],
)
def test_what_names_no_month_has_no_day(label: str | None) -> None:
    firsts, lasts = month_days(text_array([label, "2026-09"]))
    assert (firsts[0], lasts[0]) == (NEVER_DAY, NEVER_DAY)
    assert firsts[1] == day("2026-09-01")


def test_no_labels_give_no_days() -> None:
    firsts, lasts = month_days(text_array([]))
    assert len(firsts) == len(lasts) == 0


@pytest.mark.parametrize(("label", "year"), [("2026", 2026), ("2026H1", 2026), ("2026Q4", 2026), ("2026-12", 2026)])
def test_a_label_lies_in_its_year(label: str, year: int) -> None:
    assert year_of_label(text_array([label])).tolist() == [year]


@pytest.mark.parametrize("label", [None, "26", "2026H3", "2026Q5", "2026-13", "2026-", "2026 ", "x", "２０２６"])
def test_what_is_no_label_lies_in_no_year(label: str | None) -> None:
    assert year_of_label(text_array([label])).tolist() == [0]


LISTS = st.lists(st.one_of(st.none(), st.lists(st.sampled_from(["a", "b", "A", " a", ""]), max_size=4)), max_size=8)


@given(LISTS, st.sampled_from(["a", "b", "c"]))
def test_an_item_is_found_in_the_lists_that_hold_it(lists: list[list[str] | None], item: str) -> None:
    column = pa.array(lists, pa.list_(pa.string()))
    expected = [items is not None and item in items for items in lists]
    assert lists_item(column, item).tolist() == expected
    assert lists_item(pa.chunked_array([column]), item).tolist() == expected
    if len(column) > 2:
        assert lists_item(column[1:], item).tolist() == expected[1:]
