"""What comes before what: the row before a row, and misses in a row within a unit's local day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from auditor.calendar.local_time import add_months, local_day, seconds_of_day, start_of_day
from auditor.derive.coded_text import arrow_text, text_array
from auditor.derive.logs import Frame, Logs
from auditor.derive.verbs import Instants, Rows, take
from auditor.instants import NEVER
from auditor.masks import Mask


def row_before(frame: Frame, *columns: str, time: str, among: Mask | None = None) -> Rows:
    """For each row, the one before it among the rows with the same values in `columns`, in order of time, then key; -1 for the first.

    Rows with a blank in one of the columns or without the time, and those outside `among`, have none and are before none.
    """
    take_part = np.asarray(frame[time] < NEVER)
    if among is not None:
        take_part = take_part & among
    codes = [_codes(frame[name]) for name in columns]
    for code in codes:
        take_part = take_part & (code >= 0)
    rows = np.flatnonzero(take_part)
    # Rows of a record are sorted by key, so a stable sort leaves rows of one instant in the order of their keys.
    order = rows[np.lexsort((frame[time][rows], *(code[rows] for code in codes)))]
    same = np.ones(max(len(order) - 1, 0), bool)
    for code in codes:
        same &= code[order[1:]] == code[order[:-1]]
    before = np.full(frame.size, -1, np.int64)
    before[order[1:][same]] = order[:-1][same]
    return before


@dataclass(frozen=True)
class DaysOfAttempts:
    """The attempts to reach a unit, by unit and local day, in the order of org_id and day.

    `last` and `reached` are rows of the record: the day's last attempt, and the one with which so many misses in a row are
    reached first (-1). `days` and `rows` pair each day (its place here) with each of its attempts.
    """

    org_id: Any
    case_id: Any
    """`org_id:2026-09-10`."""
    last: Rows
    reached: Rows
    missed: npt.NDArray[np.int64]
    """How many attempts of the day failed."""
    attempts: npt.NDArray[np.int64]
    days: Rows
    rows: Rows


def days_of_attempts(logs: Logs, record: str = "contact_attempt", *, limit: str) -> DaysOfAttempts:
    """Units' days of attempts, and where the parameter `limit` of misses in a row is reached; a miss is any outcome but "answered"."""
    frame = logs[record]
    org = _codes(frame["org_id"], sort=True)
    day = local_day(frame["at"], logs.zone)
    order = np.lexsort((frame["at"], day, org))
    order = order[org[order] >= 0]
    new_day = np.ones(len(order), bool)
    new_day[1:] = (org[order[1:]] != org[order[:-1]]) | (day[order[1:]] != day[order[:-1]])
    place = np.cumsum(new_day) - 1
    count = int(new_day.sum())
    missed = ~np.asarray(frame["outcome"] == "answered")[order]
    # A run of misses counts from the last answered attempt, or from the day's beginning.
    here = np.arange(len(order))
    since = np.maximum.accumulate(np.where(~missed, here, np.where(new_day, here - 1, -1))) if len(order) else here
    reaches = (here - since >= logs.parameter(limit, frame["at"][order])) & missed
    reached = np.full(count, -1, np.int64)
    hits = here[reaches][::-1]
    reached[place[hits]] = order[hits]
    ends = np.append(np.flatnonzero(new_day)[1:], len(order)) - 1 if count else here
    last = order[ends]
    dates = pa.array(day[last].astype("datetime64[D]").astype(str), pa.string())
    org_id = take(frame["org_id"], last)
    names = arrow_text(org_id).combine_chunks().cast(pa.string())
    return DaysOfAttempts(
        org_id=org_id,
        case_id=text_array(pc.binary_join_element_wise(names, dates, ":")),
        last=last,
        reached=reached,
        missed=np.bincount(place[missed], minlength=count).astype(np.int64),
        attempts=np.bincount(place, minlength=count).astype(np.int64),
        days=place,
        rows=order,
    )


def months_on(logs: Logs, instants: Instants, months: Any) -> Instants:
    """The same local time so many calendar months on, on the month's last day where it is shorter; NEVER stays NEVER."""
    day, second = local_day(instants, logs.zone), seconds_of_day(instants, logs.zone)
    return np.where(instants >= NEVER, NEVER, start_of_day(add_months(day, months), logs.zone) + second)


def _codes(column: Any, *, sort: bool = False) -> npt.NDArray[np.int64]:
    """A number for each distinct value of a text column (with `sort`, in its order); -1 where blank."""
    codes, _ = pd.factorize(column, sort=sort)
    return np.asarray(codes, np.int64)
