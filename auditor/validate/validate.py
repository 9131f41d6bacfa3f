"""Raw rows to admitted records: each value by its kind, each fault with its reason, nothing repaired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.bitmaps import mask_of
from auditor.contract import Record
from auditor.load import RawRecord, read_ahead
from auditor.validate.admitted import REASONS, REFUSALS, VALUE_LENGTH, Admitted, arrow_type
from auditor.validate.blank import as_string
from auditor.validate.chunks import Chunks, settled
from auditor.validate.values import fault, typed


class _Faults(NamedTuple):
    """Faults of one column of one batch: which rows (of all), which field, what it shows, which reason."""

    rows: npt.NDArray[np.int64]
    field: int
    values: pa.Array
    reasons: npt.NDArray[np.int8]


def validate(raw: RawRecord, ruleset: str, zone: ZoneInfo) -> tuple[Admitted, pa.Table]:
    """The admitted rows of a record, and its refusals (REFUSALS: one row a fault, by key, field, reason and value).

    A row with a fault is refused whole; so are all rows of a key that stands twice, whatever else is wrong with them. Times
    without an offset are local in `zone`. Raises what reading raises.
    """
    return read_typed(raw, zone).admitted(ruleset)


def read_typed(raw: RawRecord, zone: ZoneInfo) -> TypedRecord:
    """The rows of a record, read to their end and each value by its kind: the first half of `validate`. Raises what reading raises."""
    record = raw.record
    names = [n for n in record.names if n not in raw.missing]
    columns = {n: Chunks(arrow_type(record.field(n)), may_repeat=n != record.key.name) for n in names}
    faults: list[_Faults] = []
    rows_read = 0
    for batch in read_ahead(raw.batches()):
        for name in names:
            result = typed(columns[name].coded(batch.column(name)), record.field(name), zone)
            columns[name].append(result.values)
            at_fault = np.flatnonzero(result.faults)
            if len(at_fault):
                shown = as_string(result.raw.take(pa.array(at_fault)))
                faults.append(_Faults(at_fault + rows_read, record.names.index(name), shown, result.faults[at_fault]))
        rows_read += batch.num_rows
    return TypedRecord(raw, columns, faults, rows_read)


@dataclass
class TypedRecord:
    """The typed columns of a record, a chunk a batch, with what is wrong in them."""

    raw: RawRecord
    columns: dict[str, Chunks]
    faults: list[_Faults]
    rows_read: int

    def admitted(self, ruleset: str) -> tuple[Admitted, pa.Table]:
        """The second half of `validate`; it can be had once, as the columns are let go of one by one."""
        record, columns, faults = self.raw.record, self.columns, self.faults
        keys = columns[record.key.name].whole()
        order, repeated = _order(keys)
        if repeated.any():
            twice = np.flatnonzero(repeated)
            reasons = np.full(len(twice), fault("duplicate_key"), np.int8)
            faults.append(_Faults(twice, 0, keys.take(pa.array(twice)).combine_chunks(), reasons))
        refused = np.zeros(self.rows_read, bool)
        for one in faults:
            refused[one.rows] = True
        if order is not None:
            places: npt.NDArray[np.int64] | None = order[~refused[order]]
        else:
            places = np.flatnonzero(~refused) if refused.any() else None
        # One column after the other, so that the rows are not held twice.
        table = pa.table({n: settled(columns.pop(n).whole(), places) for n in list(columns)})
        raw = self.raw
        admitted = Admitted(record, table, raw.source, raw.table_name, self.rows_read, dict(raw.missing), int(refused.sum()))
        return admitted, _refusals(faults, keys, record, ruleset, raw.source)


def _order(keys: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64] | None, npt.NDArray[np.bool_]]:
    """The rows in the order of their keys (None where they stand so already), and the mask of keys that stand more than once."""
    size = len(keys)
    if size < 2:
        return None, np.zeros(size, bool)
    if keys.null_count == 0 and pc.all(pc.less(keys.slice(0, size - 1), keys.slice(1))).as_py():
        return None, np.zeros(size, bool)
    order = pc.sort_indices(keys).to_numpy().astype(np.int64)
    in_order = keys.take(pa.array(order))
    like_next = mask_of(pc.equal(in_order.slice(0, size - 1), in_order.slice(1)))
    repeated = np.zeros(size, bool)
    repeated[order[:-1][like_next]] = True
    repeated[order[1:][like_next]] = True
    return order, repeated


def _refusals(faults: list[_Faults], keys: pa.ChunkedArray, record: Record, ruleset: str, source: str) -> pa.Table:
    """The faults as a table, in an order that does not depend on the order in which the source gave its rows."""
    if not faults:
        return REFUSALS.empty_table()
    rows = np.concatenate([f.rows for f in faults])
    position = np.concatenate([np.full(len(f.rows), f.field) for f in faults])
    reasons = np.concatenate([f.reasons for f in faults])
    columns: Mapping[str, pa.Array | pa.ChunkedArray] = {
        "key": keys.take(pa.array(rows)),
        "position": pa.array(position),
        "value": pc.utf8_slice_codeunits(pa.concat_arrays([f.values for f in faults]), 0, VALUE_LENGTH),
        "reason": pa.array(REASONS).take(pa.array(reasons - 1)),
    }
    found = pa.table(columns).sort_by([("key", "ascending"), ("position", "ascending"), ("reason", "ascending"), ("value", "ascending")])
    size = found.num_rows
    return pa.table(
        {
            "ruleset": pa.repeat(ruleset, size),
            "source": pa.repeat(source, size),
            "record": pa.repeat(record.name, size),
            "key": found["key"],
            "field": pa.array(record.names).take(found["position"].combine_chunks()),
            "value": found["value"],
            "reason": found["reason"],
        },
        schema=REFUSALS,
    )
