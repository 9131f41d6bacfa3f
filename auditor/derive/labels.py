"""Labels of periods, as records of what repeats bear them: `2026-09`, `2026Q3`."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from auditor.calendar.local_time import add_months, end_of_day
from auditor.derive.coded_text import arrow_text
from auditor.derive.logs import Logs
from auditor.derive.verbs import Instants
from auditor.instants import NEVER_DAY
from auditor.parameters import SECONDS

_MONTH = re.compile(r"(19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})-(0[1-9]|1[0-2])")


def month_days(labels: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First and last day (day numbers) of the month that each label names; NEVER_DAY where it names no month of 1970 to 2199."""
    encoded = pc.dictionary_encode(arrow_text(labels).combine_chunks())
    named = [_MONTH.fullmatch(label) for label in encoded.dictionary.to_pylist()]
    months = np.array([np.datetime64(found[0], "M").astype(np.int64) if found else NEVER_DAY for found in named] + [NEVER_DAY], np.int64)
    number = months[encoded.indices.fill_null(-1).to_numpy()]
    known = number < NEVER_DAY
    first = np.where(known, np.where(known, number, 0).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64), NEVER_DAY)
    return first, np.where(known, add_months(np.where(known, first, 0), 1) - 1, NEVER_DAY)


_PERIOD = re.compile(r"([0-9]{4})(?:-(?:0[1-9]|1[0-2])|Q[1-4]|H[12])?")


def year_of_label(labels: Any) -> npt.NDArray[np.int64]:
    """The year that each label names or lies in (`2026`, `2026H1`, `2026Q3`, `2026-09`); 0 where it is no label of a period."""
    encoded = pc.dictionary_encode(arrow_text(labels).combine_chunks())
    named = [_PERIOD.fullmatch(label) for label in encoded.dictionary.to_pylist()]
    years = np.array([int(found[1]) if found else 0 for found in named] + [0], np.int64)
    return years[encoded.indices.fill_null(-1).to_numpy()]


def month_end(logs: Logs, labels: Any) -> Instants:
    """The last second of the month that each label names; NEVER where it names no month."""
    return end_of_day(month_days(labels)[1], logs.zone)


def due_after_month(logs: Logs, labels: Any, limit: str) -> Instants:
    """23:59:59 of the last day of `limit` (a parameter in days), counted from the last day of the month that each label names."""
    last = month_days(labels)[1]
    ends = end_of_day(last, logs.zone)
    days = logs.parameter(limit, ends) // SECONDS["d"]
    return end_of_day(np.where(last < NEVER_DAY, last + days, NEVER_DAY), logs.zone)
