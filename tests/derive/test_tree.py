"""The tree of units at a moment, held against a walk from unit to unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from auditor.derive import text_array
from auditor.derive.tree import Tree
from auditor.instants import NEVER
from auditor.vocabulary import NO, UNSAID, YES

KINDS = ("province", "branch", "outlet", None)


@dataclass
class Unit:
    kind: str | None
    parent: str | None
    start: int
    end: int

    def stands(self, t: int) -> bool:
        return (self.start == NEVER or self.start <= t) and t < self.end


NAMES = [f"N{n}" for n in range(6)]
UNITS = st.lists(
    st.builds(
        Unit,
        st.sampled_from(KINDS),
        st.sampled_from([*NAMES, "gone", None]),
        st.sampled_from([NEVER, NEVER, 0, 1, 2]),
        st.sampled_from([NEVER, NEVER, 1, 2, 3]),
    ),
    min_size=1,
    max_size=len(NAMES),
)


def tree_of(units: list[Unit]) -> Tree:
    columns = {
        "org_id": text_array(NAMES[: len(units)]),
        "kind": text_array([u.kind for u in units]),
        "parent_id": text_array([u.parent for u in units]),
        "valid_from": np.array([u.start for u in units], np.int64),
        "valid_to": np.array([u.end for u in units], np.int64),
    }

    class Frame(dict[str, Any]):
        size = len(units)

    return Tree({"org_unit": Frame(columns)}, ("province",))  # type: ignore[arg-type]


def walk(units: dict[str, Unit], start: str | None, t: int) -> list[str | None]:
    """The way up; it ends with None where it is broken, not in force or a circle."""
    way: list[str | None] = []
    here = start
    while here is not None:
        if here in way or here not in units or not units[here].stands(t):
            return [*way, None]
        way.append(here)
        above = units[here].parent
        if above is None:
            return way if units[here].kind == "province" else [*way, None]
        here = above
    return [None]


@given(UNITS)
def test_within_is_what_a_walk_finds(drawn: list[Unit]) -> None:
    tree, units = tree_of(drawn), dict(zip(NAMES, drawn, strict=False))
    size = len(drawn)
    asked = [(a, b, t) for a in range(-1, size) for b in range(-1, size) for t in range(4)]
    below, roots, at = (np.array([row[n] for row in asked], np.int64) for n in range(3))
    found = tree.within(below, roots, at).tolist()
    for (a, b, t), answer in zip(asked, found, strict=True):
        if a >= 0 and a == b:
            expected = YES
        elif a < 0 or b < 0 or not drawn[a].stands(t) or not drawn[b].stands(t):
            expected = UNSAID
        else:
            way = walk(units, NAMES[a], t)
            expected = YES if NAMES[b] in way else UNSAID if None in way else NO
        assert answer == expected, (a, b, t)


@given(UNITS)
def test_the_nearest_branch_above_is_what_a_walk_finds(drawn: list[Unit]) -> None:
    tree, units = tree_of(drawn), dict(zip(NAMES, drawn, strict=False))
    asked = [(a, t) for a in range(-1, len(drawn)) for t in range(4)]
    rows, told = tree.above(np.array([a for a, _ in asked], np.int64), "branch", np.array([t for _, t in asked], np.int64))
    for (a, t), row, known in zip(asked, rows.tolist(), told.tolist(), strict=True):
        branch, clear = -1, False
        for name in walk(units, NAMES[a] if a >= 0 else None, t):
            if name is None or units[name].kind is None:
                clear = False
                break
            if units[name].kind == "branch":
                branch, clear = NAMES.index(name), True
                break
            clear = units[name].parent is None
        assert (row, known) == (branch, clear), (a, t)


def test_a_site_without_units_places_nothing() -> None:
    tree = tree_of([Unit("province", None, NEVER, NEVER)])
    assert tree.within(np.array([], np.int64), np.array([], np.int64), np.array([], np.int64)).tolist() == []
    assert tree.rows(text_array(["N0", "gone", None])).tolist() == [0, -1, -1]
    assert tree.in_force(np.array([0, -1]), np.array([5, 5])).tolist() == [True, False]
