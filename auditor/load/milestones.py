"""A history, one row an event, pivoted into columns of the record: the first acceptance, the last closing, and who did it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.calendar.time_text import read_instants
from auditor.config import MilestoneConfig, MilestonesConfig
from auditor.load.transform import blank_mask, shown_times

KEY, KIND, AT, ORDER = "__key", "__kind", "__at", "__order"
"""Under these names the history's own columns arrive; columns whose values are taken arrive under their own."""

_UNREADABLE = np.iinfo(np.int64).min


def pivot(batches: Iterator[pa.RecordBatch], config: MilestonesConfig, zone: ZoneInfo) -> pa.Table:
    """One row a key (column KEY), with a column for each milestone.

    Events of one second stand in the order of `order` (as numbers where all are numbers), else of their other columns, so that
    the outcome does not depend on how the source gives its rows. An event whose time cannot be read is taken before all
    others: its row is then quarantined for that time, and not dated by another event.
    """
    kinds = {k for m in config.columns.values() for k in m.event}
    kept = [_wanted(batch, kinds, config) for batch in batches]
    history = pa.Table.from_batches(kept).combine_chunks() if kept else None
    if history is None or not history.num_rows:
        return pa.table({KEY: pa.array([], pa.string()), **{n: pa.array([], pa.string()) for n in config.columns}})
    seconds = _seconds(history[AT].combine_chunks(), zone)
    order = _order(history, seconds)
    history = history.take(pa.array(order))
    keys = history[KEY].combine_chunks().dictionary_encode()
    codes = np.asarray(keys.indices.to_numpy())
    unreadable = seconds[order] == _UNREADABLE
    columns = {n: _taken(history, codes, len(keys.dictionary), m, unreadable) for n, m in config.columns.items()}
    return pa.table({KEY: keys.dictionary, **columns})


def attach(keys: pa.Array, milestones: pa.Table) -> Mapping[str, pa.Array]:
    """The milestones of each row, by its key as the source has it; null where it has none."""
    at = pc.index_in(keys, value_set=milestones[KEY].combine_chunks())
    return {n: milestones[n].combine_chunks().take(at) for n in milestones.column_names if n != KEY}


def _wanted(batch: pa.RecordBatch, kinds: set[str], config: MilestonesConfig) -> pa.RecordBatch:
    kind = pc.utf8_trim_whitespace(batch.column(KIND))
    times = shown_times(batch.column(AT), config)
    columns = {n: batch.column(n) for n in batch.schema.names} | {KIND: kind, AT: times}
    wanted = pc.and_(pc.is_in(kind, value_set=pa.array(sorted(kinds), pa.string())), pc.invert(blank_mask(times)))
    return pa.RecordBatch.from_pydict(columns).filter(pc.and_(wanted, pc.is_valid(batch.column(KEY))))


def _seconds(times: pa.Array, zone: ZoneInfo) -> npt.NDArray[np.int64]:
    seconds, faults = read_instants(pc.utf8_trim_whitespace(times), zone)
    return np.where(faults == 0, seconds, _UNREADABLE)


def _order(history: pa.Table, seconds: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    tie: list[tuple[str, str]] = []
    table = history.append_column("__seconds", pa.array(seconds))
    if ORDER in history.column_names:
        numbers = pc.all(pc.match_substring_regex(history[ORDER], r"^[0-9]{1,18}$")).as_py()
        table = table.append_column("__tie", history[ORDER].cast(pa.int64()) if numbers else history[ORDER])
        tie = [("__tie", "ascending")]
    rest = [(n, "ascending") for n in sorted(history.column_names)]
    order: npt.NDArray[np.int64] = pc.sort_indices(table, sort_keys=[("__seconds", "ascending"), *tie, *rest]).to_numpy().astype(np.int64)
    return order


def _taken(
    history: pa.Table, codes: npt.NDArray[np.int64], size: int, milestone: MilestoneConfig, unreadable: npt.NDArray[np.bool_]
) -> pa.Array:
    """For each key the time (or value) of its first or last event of these kinds; the history stands in order."""
    fits = pc.is_in(history[KIND], value_set=pa.array(milestone.event, pa.string())).to_numpy()
    rows = np.flatnonzero(fits)
    if milestone.take == "first":
        rows = rows[::-1]  # of several values the last one put stays
    chosen = np.full(size, -1, np.int64)
    chosen[codes[rows]] = rows
    rows = np.flatnonzero(fits & unreadable)
    chosen[codes[rows]] = rows
    column = history[milestone.value or AT]
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return column.take(pa.array(chosen, mask=chosen < 0))
