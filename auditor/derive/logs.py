"""The admitted records as they stand at as-of, column by column.

Nothing later than as-of exists: a later time of an act counts as not on record, a row whose event or validity begins later does not exist,
an end of validity that lies later is open. Plans are taken as they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from auditor.bitmaps import present
from auditor.calendar.working_calendar import WorkingCalendar
from auditor.contract import Record
from auditor.derive.coded_text import blank_text, encoded, text_array, worth_coding
from auditor.derive.factbook import Fact, FactBook
from auditor.derive.once import Once
from auditor.instants import NEVER, NEVER_DAY, NO_NUMBER
from auditor.masks import Mask, evaluate
from auditor.parameters import Parameters
from auditor.periods import Period
from auditor.validate import Admitted, few_rows
from auditor.vocabulary.expressions import Blank, Compare, Expr

_FEW = 20
"""Rows are few where the frame has more than so many times as many."""


class NotAuditable(Exception):
    """What a rule needs is not at the site; the text is the reason."""


def no_text(size: int) -> Any:
    """A text column in which nothing is on record."""
    return blank_text(size)


class Frame:
    """One record (or table of cases): `frame["accepted_at"]` is the whole column.

    Times are int64 seconds (NEVER: not on record), dates int64 day numbers (NEVER_DAY), texts pandas `str` arrays (NaN: blank; long ones
    in which texts repeat are categoricals), flags int8
    (1 yes, 0 no, -1 blank), whole numbers int64 (NO_NUMBER), decimals and lists Arrow arrays. Facts of the ruleset are columns too, derived
    when first asked for.
    """

    def __init__(self, name: str, logs: Logs, size: int, *, record: Record | None = None, columns: Mapping[str, Any] | None = None) -> None:
        self.name = name
        self.logs = logs
        self.size = size
        self.record = record
        self.rows: npt.NDArray[np.int64] | None = None
        """For a record: the rows of the admitted table that exist at as-of."""
        self._columns: Once[str] = Once(columns)
        self._table: pa.Table | None = None
        self._missing: Mapping[str, str] = {}
        self._masks: Once[Compare | Blank] = Once()

    @classmethod
    def of_record(cls, logs: Logs, admitted: Admitted) -> Frame:
        record, table = admitted.record, admitted.table
        exists: Mask | None = None
        for field in record.fields:
            if field.role in ("event", "valid_from") and field.name in table.column_names:
                late = ~(_times(table[field.name], field.kind) <= logs.last(field.kind))
                late &= ~blank_mask(table[field.name])
                if late.any():
                    exists = ~late if exists is None else exists & ~late
        frame = cls(record.name, logs, table.num_rows, record=record)
        if exists is not None:
            frame.rows = np.flatnonzero(exists)
            table = table.take(pa.array(frame.rows))
            frame.size = len(frame.rows)
        else:
            frame.rows = np.arange(table.num_rows)
        frame._table = table
        frame._missing = admitted.missing
        return frame

    @property
    def key(self) -> str:
        return self.record.key.name if self.record is not None else "case_id"

    def __contains__(self, name: str) -> bool:
        """The frame has the column, or can derive it, or the contract knows it."""
        return (
            name in self._columns.values or (self.record is not None and name in self.record) or (self.name, name) in self.logs.facts.facts
        )

    def __getitem__(self, name: str) -> Any:
        return self._columns.get(name, lambda: self._compute(name))

    def optional(self, name: str) -> Any:
        """A text column, blank throughout where the site lacks it: for who is liable, which no verdict rests on."""
        try:
            return self[name]
        except NotAuditable:
            return no_text(self.size)

    def raw_time(self, name: str) -> npt.NDArray[np.int64]:
        """A time as it is written, also one later than as-of."""
        if self._table is None or name not in self._table.column_names:
            return np.asarray(self[name])
        assert self.record is not None
        return _times(self._table[name], self.record.field(name).kind)

    def set(self, name: str, column: Any) -> None:
        """Gives the frame a column that a builder derived."""
        self._columns.values[name] = column

    @property
    def own(self) -> Mapping[str, Any]:
        """The columns read or derived so far."""
        return self._columns.values

    def blank(self, name: str) -> Mask:
        """Where the column shows nothing."""
        if self.unread_text(name):
            assert self._table is not None
            return blank_mask(self._table[name])
        return blank_mask(self[name])

    def at(self, name: str, rows: npt.NDArray[np.int64]) -> Any:
        """The column at these rows. A text that is asked of a few rows alone is not read whole."""
        if _FEW * len(rows) < self.size and self.unread_text(name):
            assert self._table is not None
            return text_array(few_rows(self._table.select([name]), rows)[name].cast(pa.string()))
        return take_rows(self[name], rows)

    def unread_text(self, name: str) -> bool:
        """Whether the column is a text of the record that nobody has read yet; of most texts no more is ever asked than what is blank."""
        if self.record is None or self._table is None or name in self._columns.values or name not in self._table.column_names:
            return False
        return self.record.field(name).is_text

    def by_number(self, name: str) -> tuple[npt.NDArray[np.signedinteger], Any] | None:
        """A text column as a number a row (-1: blank) and the texts by number, in whatever order; None where it is held plain.

        Of ids that name other rows no more is needed, and to put millions of them in order takes long.
        """
        if self.unread_text(name):
            assert self._table is not None
            values = self._table[name]
            if pa.types.is_dictionary(values.type) and values.num_chunks == 1:
                return values.chunk(0).indices.fill_null(-1).to_numpy(), values.chunk(0).dictionary
        column = self[name]
        return (column.codes, column.categories.array) if isinstance(column, pd.Categorical) else None

    def where(self, condition: Expr) -> Mask:
        """The condition for every row."""
        return evaluate(condition, self, self.size)

    def remembered(self, leaf: Compare | Blank) -> Mask | None:
        """Comparisons with a text, and what is blank: slow to find, and asked by many rules. Times are quick to compare anew."""
        if isinstance(leaf, Compare) and not isinstance(leaf.value, str):
            return None
        mask: Mask = self._masks.get(leaf, lambda: self._mask(leaf))
        return mask

    def _mask(self, leaf: Compare | Blank) -> Mask:
        mask = evaluate(leaf, _Plain(self), self.size)
        mask.flags.writeable = False
        return mask

    def fact(self, name: str) -> Fact | None:
        return self.logs.facts.facts.get((self.name, name))

    def _compute(self, name: str) -> Any:
        if self._table is not None and name in self._table.column_names:
            assert self.record is not None
            return self._read(name)
        fact = self.fact(name)
        if fact is not None:
            column = fact.function(self)
            if fact.row_of is None and len(column) != self.size:
                raise ValueError(f"the fact {name} of {self.name} has {len(column)} values for {self.size} rows")
            return column
        if self.record is not None and name in self.record:
            why = self._missing.get(name)
            raise NotAuditable(why or f"the column {self.name}.{name} is missing")
        raise KeyError(f"{self.name} has no fact {name!r}")

    def _read(self, name: str) -> Any:
        assert self.record is not None and self._table is not None
        field = self.record.field(name)
        values = self._table[name]
        match field.kind:
            case "id" | "text" | "code":
                coded = pa.types.is_dictionary(values.type) or (field.name != self.key and worth_coding(values))
                return encoded(values) if coded else text_array(values)
            case "time" | "date":
                times = _times(values, field.kind)
                if field.role in ("act", "valid_to"):
                    never = NEVER if field.kind == "time" else NEVER_DAY
                    late = (times > self.logs.last(field.kind)) & (times < never)
                    if late.any():
                        times = np.where(late, never, times)
                return times
            case "bool":
                return values.cast(pa.int8()).fill_null(-1).to_numpy()
            case "int":
                return values.fill_null(NO_NUMBER).to_numpy()
        return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


@dataclass(frozen=True, slots=True)
class _Plain:
    """The columns of a frame without what it remembers."""

    frame: Frame

    def __getitem__(self, name: str) -> Any:
        return self.frame[name]

    def blank(self, name: str) -> Mask:
        return self.frame.blank(name)


class View:
    """Some rows of a frame, with columns of their own on top: what one rule judges."""

    def __init__(self, frame: Frame, rows: npt.NDArray[np.int64], extra: Mapping[str, Any] | None = None) -> None:
        self.frame = frame
        self.rows = rows
        self.size = len(rows)
        self.extra: dict[str, Any] = dict(extra or {})
        self._whole = len(rows) == frame.size and bool((rows == np.arange(frame.size)).all())
        self._columns: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name in self.extra:
            return self.extra[name]
        if name not in self._columns:
            self._columns[name] = self.frame[name] if self._whole else self.frame.at(name, self.rows)
        return self._columns[name]

    def blank(self, name: str) -> Mask:
        known = name in self.extra or name in self._columns
        return self.taken(self.frame.blank(name)) if not known and self.frame.unread_text(name) else blank_mask(self[name])

    def optional(self, name: str) -> Any:
        return self.taken(self.frame.optional(name))

    def taken(self, column: Any) -> Any:
        """The view's rows of a column of the frame."""
        return column if self._whole else take_rows(column, self.rows)

    def where(self, condition: Expr) -> Mask:
        return evaluate(condition, self, self.size)

    def remembered(self, leaf: Compare | Blank) -> Mask | None:
        """What the frame remembers, of the view's rows."""
        if leaf.field in self.extra:
            return None
        known = self.frame.remembered(leaf)
        return known if known is None or self._whole else known[self.rows]

    def keep(self, mask: Mask) -> View:
        """The rows of the mask."""
        return self if mask.all() else self.at(np.flatnonzero(mask))

    def at(self, places: npt.NDArray[np.int64]) -> View:
        """The rows at these places of the view."""
        return View(self.frame, self.rows[places], {name: take_rows(column, places) for name, column in self.extra.items()})

    def forget(self) -> None:
        """Gives back the memory of the columns taken so far; they are taken anew when asked for."""
        self._columns.clear()


class Logs:
    """All records of one audit at as-of, with what derives from them."""

    def __init__(
        self,
        admitted: Mapping[str, Admitted],
        *,
        contract: Mapping[str, Record],
        absent: Mapping[str, str],
        facts: FactBook,
        parameters: Parameters,
        calendar: WorkingCalendar,
        period: Period,
        as_of: int,
        zone: ZoneInfo,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.contract = contract
        self.facts = facts
        self.parameters = parameters
        self.calendar = calendar
        self.period = period
        self.as_of = as_of
        self.zone = zone
        self.data: Mapping[str, Any] = data or {}
        """Dated tables of the ruleset beside its parameters, a site's own on top."""
        self.audit_instant = min(as_of, period.end_at)
        self.outcomes: Any = None
        """`Outcomes` of the rules judged so far."""
        self._admitted = admitted
        self._absent = absent
        self._frames: Once[str] = Once()
        self._memory: Once[Any] = Once()

    def last(self, kind: str) -> int:
        """As-of in the units of a time or a date column."""
        if kind == "date":
            return int(self.memo("as_of_day", lambda: _day(self.as_of, self.zone)))
        return self.as_of

    def __getitem__(self, name: str) -> Frame:
        frame: Frame = self._frames.get(name, lambda: self._frame(name))
        return frame

    def add(self, frame: Frame) -> Frame:
        """Adds a table of cases that a builder made."""
        self._frames.values[frame.name] = frame
        return frame

    def has(self, record: str) -> bool:
        """The site has the record at all."""
        return record in self._admitted

    def memo(self, key: Any, compute: Any) -> Any:
        """A value derived once an audit."""
        return self._memory.get(key, compute)

    def forget(self, kind: str) -> None:
        """Lets go of the values whose keys begin with `kind`."""
        self._memory.forget(lambda key: isinstance(key, tuple) and key[0] == kind)

    def parameter(self, name: str, at: npt.NDArray[np.int64] | int) -> Any:
        """The parameter in force at each instant (durations in seconds); for one instant, one value."""
        return self.parameters.one(name, at) if isinstance(at, (int, np.integer)) else self.parameters.at(name, at)

    def _frame(self, name: str) -> Frame:
        if name in self._admitted:
            return Frame.of_record(self, self._admitted[name])
        if name in self.facts.tables:
            columns = self.facts.tables[name].function(self)
            return Frame(name, self, len(columns["case_id"]), columns=columns)
        if name in self.contract:
            self._lacks(name)
        raise KeyError(f"there is no record or table of cases {name!r}")

    def _lacks(self, name: str) -> NoReturn:
        raise NotAuditable(self._absent.get(name) or f"the record {name} is missing")


def blank_mask(column: Any) -> Mask:
    """Where a column of any type shows nothing."""
    if isinstance(column, pa.ChunkedArray):
        return np.concatenate([np.zeros(0, bool), *(~present(chunk) for chunk in column.chunks)])
    if isinstance(column, pa.Array):
        return ~present(column)
    if isinstance(column, np.ndarray):
        if column.dtype == np.int64:
            return (column == NEVER) | (column == NO_NUMBER) | (column == NEVER_DAY)
        if column.dtype == np.int8:
            return np.asarray(column == -1)
        return np.zeros(len(column), bool)
    return np.asarray(column.isna())


def same(value: int, size: int) -> npt.NDArray[np.int64]:
    """One value as a column (read-only), in the memory of one."""
    return np.broadcast_to(np.int64(value), (size,))


def take_rows(column: Any, rows: npt.NDArray[Any]) -> Any:
    """The rows of a column of any type, by position or mask."""
    if isinstance(column, np.ndarray) and column.strides == (0,) and column.size:
        return np.broadcast_to(column[0], (int(rows.sum()) if rows.dtype == bool else len(rows),))
    if isinstance(column, (pa.Array, pa.ChunkedArray)):
        return pc.filter(column, pa.array(rows)) if rows.dtype == bool else column.take(pa.array(rows))
    if isinstance(column, np.ndarray):
        return column[rows]
    return column[rows]


def _times(values: pa.ChunkedArray, kind: str) -> npt.NDArray[np.int64]:
    """Times or dates as numbers, NEVER or NEVER_DAY where they are not on record; the column's own where it holds just these."""
    written, never = (pa.int32(), NEVER_DAY) if kind == "date" else (pa.int64(), NEVER)
    times = np.empty(len(values), np.int64)
    at = 0
    for chunk in values.chunks:
        numbers = chunk.view(written)
        given = np.frombuffer(numbers.buffers()[1], written.to_pandas_dtype())[numbers.offset : numbers.offset + len(numbers)]
        gaps = ~present(chunk) if chunk.null_count else None
        if values.num_chunks == 1 and given.dtype == np.int64 and (gaps is None or np.array_equal(given == never, gaps)):
            return given
        part = times[at : at + len(chunk)]
        part[:] = given
        if gaps is not None:
            part[gaps] = never
        at += len(chunk)
    return times


def _day(instant: int, zone: ZoneInfo) -> int:
    from auditor.calendar.local_time import local_day

    return int(local_day(np.array([instant], np.int64), zone)[0])
