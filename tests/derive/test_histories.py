"""Joins with histories, held against loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.derive import last_before, text_array
from auditor.derive.histories import in_force_pairs
from auditor.instants import NEVER

CUSTOMERS = st.sampled_from(["C1", "C2", "C3"])
EVENTS = st.lists(st.tuples(st.none() | CUSTOMERS | st.just("gone"), st.integers(0, 6), st.booleans()), max_size=20)
ROWS = st.lists(st.tuples(CUSTOMERS, st.sampled_from([NEVER, 0, 1, 2, 3, 4]), st.sampled_from([NEVER, 1, 2, 3, 4, 5])), max_size=20)


class Columns(dict[str, Any]):
    """Just enough of a frame."""

    def __init__(self, logs: dict[str, Any], size: int, **columns: Any) -> None:
        super().__init__(columns)
        self.logs, self.size = logs, size

    def blank(self, name: str) -> Any:
        return np.asarray(self[name].isna())


@pytest.mark.parametrize("block", [1, 3, 2_000_000])
@given(events=EVENTS, rows=ROWS)
def test_the_rows_in_force_are_those_that_a_loop_finds(
    block: int, events: list[tuple[Any, int, bool]], rows: list[tuple[str, int, int]]
) -> None:
    history = Columns(
        {},
        len(rows),
        customer_id=text_array([r[0] for r in rows]),
        valid_from=np.array([r[1] for r in rows], np.int64),
        valid_to=np.array([r[2] for r in rows], np.int64),
    )
    at = np.array([e[1] for e in events], np.int64)
    frame = Columns({"rows": history}, len(events), customer_id=text_array([e[0] for e in events]), at=at)
    among = np.array([e[2] for e in events], bool)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("auditor.derive.histories._BLOCK", block)
        pairs = in_force_pairs(frame, "customer_id", "rows", "customer_id", among=among)  # type: ignore[arg-type]
    expected = [
        (n, k)
        for n, (customer, t, wanted) in enumerate(events)
        for k, (key, start, end) in enumerate(rows)
        if wanted and customer == key and (start == NEVER or start <= t) and t < end
    ]
    assert sorted(zip(pairs.owners.tolist(), pairs.found.tolist(), strict=True)) == expected
    assert pairs.owners.tolist() == sorted(pairs.owners.tolist())
    assert pairs.count().tolist() == [sum(owner == n for owner, _ in expected) for n in range(len(events))]
    even = pairs.any(pairs.found % 2 == 0)
    assert even.tolist() == [any(owner == n and k % 2 == 0 for owner, k in expected) for n in range(len(events))]


@given(
    st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 5)), max_size=15),
    st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 5)), max_size=15),
)
def test_the_last_event_at_or_before_is_what_a_loop_finds(asked: list[tuple[int, int]], events: list[tuple[int, int]]) -> None:
    columns = [np.array([row[n] for row in rows], np.int64) for rows in (asked, events) for n in range(2)]
    expected = []
    for key, t in asked:
        before = [(at, n) for n, (k, at) in enumerate(events) if k == key >= 0 and at <= t]
        expected.append(max(before)[1] if before else -1)
    assert last_before(*columns).tolist() == expected
