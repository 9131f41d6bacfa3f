"""The verbs that facts are derived with: references between records, first and last rows of a group, instants."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from auditor.derive.coded_text import all_coded, arrow_text, chosen_coded, first_coded, take_text, text_array
from auditor.derive.logs import Frame, Logs, View, no_text
from auditor.derive.numbered import WORTH_IT, find, numbered
from auditor.instants import NEVER
from auditor.masks import Mask

Rows = npt.NDArray[np.int64]
Instants = npt.NDArray[np.int64]


_FEWER = 8
"""Ids are few where there are so many times as many keys; so are some rows of a group."""


def positions(keys: Any, ids: Any) -> Rows:
    """Where each id first stands among the keys; -1 where it is blank or unknown."""
    if isinstance(ids, pd.Categorical):
        of_text = positions(keys, ids.categories.array)
        return np.append(of_text, -1)[ids.codes]  # what is blank has the place -1, the last
    value_set = arrow_text(keys).combine_chunks()
    asked = arrow_text(ids)
    if len(asked) >= WORTH_IT:
        known = numbered(value_set)
        wanted = None if known is None else numbered(asked.combine_chunks())
        rows = None if known is None or wanted is None else find(known, wanted)
        if rows is not None:
            return rows
    if asked.type != value_set.type:
        asked = asked.cast(value_set.type)
    if len(asked) * _FEWER <= len(value_set):
        return _positions_of_few(value_set, asked)
    return _index_in(asked, value_set)


def _positions_of_few(keys: pa.Array, ids: pa.ChunkedArray) -> Rows:
    """The same where the keys are many: they are looked up among the ids, as a table of many texts takes long to make."""
    distinct = ids.unique().drop_null()
    place = _index_in(keys, distinct)
    known = np.flatnonzero(place >= 0)[::-1]
    first = np.full(len(distinct) + 1, -1, np.int64)
    # Backwards, for of equal keys the one written last remains, and the first is asked for; of what is blank the last place is taken.
    first[place[known]] = known
    return first[_index_in(ids, distinct)]


def _index_in(asked: Any, value_set: pa.Array) -> Rows:
    return pc.index_in(asked, value_set=value_set, skip_nulls=True).fill_null(-1).cast(pa.int64()).to_numpy()


def rows_of(frame: Frame, column: str, target: str) -> Rows:
    """The row of the record `target` that each row's `column` names; -1 where it is blank or names no row that exists."""

    def look_up() -> Rows:
        other = frame.logs[target]
        coded = frame.by_number(column)
        if coded is None:
            return positions(other[other.key], frame[column])
        numbers, texts = coded
        return np.append(positions(other[other.key], texts), -1)[numbers]  # what is blank has the place -1, the last

    return frame.logs.memo(("rows_of", frame.name, column, target), look_up)


def take(column: Any, rows: Rows, missing: Any = None) -> Any:
    """`column` at each of `rows`; where the row is -1, what stands for "not on record" in such a column (or `missing`)."""
    if isinstance(column, np.ndarray):
        if missing is None:
            missing = -1 if column.dtype == np.int8 else False if column.dtype == bool else NEVER
        if not len(column):
            return np.full(len(rows), missing, column.dtype)
        taken = column[rows]  # of -1 the last one, which is put right
        taken[rows < 0] = missing
        return taken
    if isinstance(column, (pa.Array, pa.ChunkedArray)):
        return column.take(pa.array(np.where(rows >= 0, rows, 0), mask=rows < 0)) if len(column) else pa.nulls(len(rows), column.type)
    return take_text(column, rows)


def add(instants: Instants, seconds: Instants | int) -> Instants:
    """Instants moved by seconds; NEVER stays NEVER."""
    moved = instants + seconds
    moved[instants >= NEVER] = NEVER
    return moved


def earliest(*times: Instants) -> Instants:
    """The earliest on record of several times."""
    return np.minimum.reduce(times)


def latest(*times: Instants) -> Instants:
    """The latest on record of several times; NEVER where none is."""
    result = np.full(len(times[0]), -NEVER, np.int64)
    for time in times:
        result = np.where(time < NEVER, np.maximum(result, time), result)
    return np.where(result == -NEVER, NEVER, result)


def choose(mask: Mask, yes: Any, no: Any) -> Any:
    """`yes` where the mask holds, else `no`, for columns of any type."""
    if isinstance(yes, np.ndarray) or isinstance(no, np.ndarray) or np.isscalar(yes) and not isinstance(yes, str):
        return np.where(mask, yes, no)
    if all_coded(yes, no):
        return chosen_coded(mask, yes, no)
    texts = (arrow_text(column).combine_chunks().cast(pa.large_string()) for column in (yes, no))
    return text_array(pc.if_else(pa.array(mask), *texts))


def first_on_record(*columns: Any) -> Any:
    """The first of several text columns that is not blank."""
    if len(columns) == 1:
        return columns[0]
    if all_coded(*columns):
        return first_coded(*columns)
    result = arrow_text(columns[0])
    for column in columns[1:]:
        result = pc.coalesce(result, arrow_text(column).cast(result.type))
    return text_array(result)


def lists_item(column: Any, item: str) -> Mask:
    """Where a list column contains the item; a list that is not on record contains nothing."""
    values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    result = np.zeros(len(values), bool)
    rows = pc.list_parent_indices(values).to_numpy()
    result[rows[pc.equal(pc.list_flatten(values), item).fill_null(False).to_numpy(zero_copy_only=False)]] = True
    return result


def joined(*columns: Any) -> Any:
    """Text columns joined by colons, as case ids are: `AG1:B2`; blank where one of them is."""
    parts = [arrow_text(column).combine_chunks().cast(pa.string()) for column in columns]
    return text_array(pc.binary_join_element_wise(*parts, ":"))


class Group:
    """The rows of `child` by the row of `parent` that they name, in order of time, then key.

    `parent_rows[i]` is the parent's row of child row i (-1: none).
    """

    def __init__(
        self,
        child: Frame,
        column: str,
        parent: str | None = None,
        *,
        time: str = "at",
        parent_rows: Rows | None = None,
        size: int | None = None,
    ) -> None:
        self.child = child
        self.parent_rows = parent_rows if parent_rows is not None else rows_of(child, column, str(parent))
        self.size = size if size is not None else child.logs[str(parent)].size
        self._times: Instants = child[time]

    @cached_property
    def order(self) -> Rows:
        """The child rows that have a parent, by parent, time and key."""
        return self._ordered(np.flatnonzero(self.parent_rows >= 0))

    def _ordered(self, rows: Rows) -> Rows:
        # Rows of a record are sorted by key, so a stable sort leaves rows of one instant in the order of their keys.
        parents, times = self.parent_rows[rows], self._times[rows]
        in_time = bool((times[1:] >= times[:-1]).all())  # as rows mostly are, when their keys are running numbers
        return rows[np.argsort(parents, kind="stable") if in_time else np.lexsort((times, parents))]

    def _in_order(self, mask: Mask) -> Rows:
        """Those of the mask; few of them are put in order by themselves."""
        if "order" not in self.__dict__ and np.count_nonzero(mask) * _FEWER <= len(mask):
            return self._ordered(np.flatnonzero(mask & (self.parent_rows >= 0)))
        return self.order[mask[self.order]]

    def spread(self, values: Any, missing: Any = None) -> Any:
        """A column of the parent, for each child row."""
        return take(values, self.parent_rows, missing)

    def first(self, mask: Mask) -> Rows:
        """The first child row of the mask, for each parent; -1 where there is none."""
        chosen = self._in_order(mask)
        owner = self.parent_rows[chosen]
        starts = np.flatnonzero(np.diff(owner, prepend=-1))
        result = np.full(self.size, -1, np.int64)
        result[owner[starts]] = chosen[starts]
        return result

    def last(self, mask: Mask) -> Rows:
        """The last child row of the mask, for each parent; -1 where there is none."""
        chosen = self._in_order(mask)
        owner = self.parent_rows[chosen]
        ends = np.flatnonzero(np.diff(owner, append=-1))
        result = np.full(self.size, -1, np.int64)
        result[owner[ends]] = chosen[ends]
        return result

    def any(self, mask: Mask) -> Mask:
        """Whether any child row of the mask exists."""
        result = np.zeros(self.size, bool)
        owner = self.parent_rows[mask]
        result[owner[owner >= 0]] = True
        return result

    def count(self, mask: Mask) -> npt.NDArray[np.int64]:
        """How many child rows of the mask exist."""
        owner = self.parent_rows[mask]
        return np.bincount(owner[owner >= 0], minlength=self.size).astype(np.int64)


def group(logs: Logs, child: str, column: str, parent: str, *, time: str = "at") -> Group:
    """The rows of a record by the row of another that they name, sorted once an audit."""
    return logs.memo(("group", child, column, parent, time), lambda: Group(logs[child], column, parent, time=time))


def in_force(frame: Frame | View, at: Instants | int) -> Mask:
    """Rows whose validity holds at the instant(s): valid_from ≤ t < valid_to, a blank end open, a blank start since ever."""
    start, end = frame["valid_from"], frame["valid_to"]
    return ((start <= at) | (start >= NEVER)) & (at < end)


def kind_of(logs: Logs, org_ids: Any) -> Any:
    """The kind of each unit, whatever the dates of its row; blank where the unit is blank, unknown or has no kind."""
    units = logs["org_unit"]
    return take(units["kind"], positions(units["org_id"], org_ids))


def sole_unit(logs: Logs, kind: str, at: Instants) -> Any:
    """The only unit of that kind in force at each instant; blank where there are none or several."""
    org_units = logs["org_unit"]
    of_kind = np.flatnonzero(np.asarray(org_units["kind"] == kind))
    start, end = org_units["valid_from"][of_kind], org_units["valid_to"][of_kind]
    start = np.where(start >= NEVER, -NEVER, start)
    runs = start < end
    of_kind, start, end = of_kind[runs], start[runs], end[runs]
    # Between two changes the number in force, and the sum of their rows, do not change: where the number is one, the sum is the row.
    cuts = np.concatenate([start, end])
    order = np.argsort(cuts, kind="stable")
    counts = np.cumsum(np.concatenate([np.ones(len(start), np.int64), -np.ones(len(end), np.int64)])[order])
    sums = np.cumsum(np.concatenate([of_kind, -of_kind])[order])
    if not len(cuts):
        return no_text(len(at))
    place = np.searchsorted(cuts[order], at, side="right") - 1
    found = (place >= 0) & (counts[np.maximum(place, 0)] == 1)
    return take(org_units["org_id"], np.where(found, sums[np.maximum(place, 0)], -1))
