"""What a user looks at in a local day (articles 10, 22, 24)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from auditor.derive import NEVER, Frame, Logs, coded, joined, local_day, seconds_of_day, start_of_day, take, text_array

from .book import FACTS
from .sessions import order_of_log


@dataclass(frozen=True)
class Days:
    """The look-ups, user by user and day by day, in the order of the log."""

    rows: Any
    """Rows of access_event."""
    case: Any
    """The user-day of each."""
    starts: Any
    """The place of the first look-up of each user-day."""
    day: Any
    """The local day of each user-day, and `user` the number of its user."""
    user: Any

    @property
    def size(self) -> int:
        return len(self.starts)


def days(logs: Logs) -> Days:
    def compute() -> Days:
        frame, log = logs["access_event"], order_of_log(logs)
        rows = np.flatnonzero(frame["look_up"])
        day = local_day(frame["at"][rows], logs.zone)
        # Days lie within 84 000 of 1970, and of one user and day the order of the log decides.
        order = np.lexsort((log.position[rows], (log.user[rows] << 17) + day))
        rows, day = rows[order], day[order]
        key = (log.user[rows] << 17) + day
        begins = np.ones(len(rows), bool)
        begins[1:] = np.diff(key) != 0
        starts = np.flatnonzero(begins)
        return Days(rows, np.cumsum(begins) - 1, starts, day[starts], log.user[rows[starts]])

    return logs.memo("user-days", compute)


@FACTS.table("user_day", "row_at", "first_row", "user_id")
def user_day(logs: Logs) -> dict[str, Any]:
    """The days on which a user looked at customers."""
    found, frame = days(logs), logs["access_event"]
    first = found.rows[found.starts]
    user_id = frame["user_id"].take(first)
    dates = text_array(pa.array(found.day.astype("datetime64[D]").astype(str), pa.string()))
    return {"case_id": joined(user_id, dates), "row_at": frame["at"][first], "first_row": first, "user_id": user_id}


@FACTS.row("user_day", of="access_event")
def day_look_ups(frame: Frame) -> Any:
    """The look-ups of the day."""
    found = days(frame.logs)
    return found.case, found.rows


@FACTS.fact("user_day")
def holder_org(frame: Frame) -> Any:
    return frame.logs["access_event"].optional("holder_org").take(frame["first_row"])


@FACTS.fact("user_day")
def holder(frame: Frame) -> Any:
    return frame.logs["access_event"].optional("holder").take(frame["first_row"])


@FACTS.fact("user_day")
def look_ups(frame: Frame) -> Any:
    found = days(frame.logs)
    return np.bincount(found.case, minlength=found.size)


def _clock(logs: Logs, name: str, at: Any) -> Any:
    """A time of day in force at each instant, in seconds."""
    texts = [str(dated.value).split(":") for dated in logs.parameters[name].values]
    seconds = np.array([sum(int(part) * unit for part, unit in zip(text, (3600, 60, 1), strict=False)) for text in texts], np.int64)
    return seconds[logs.parameters.positions(name, at)]


def _off_hours(logs: Logs) -> tuple[Any, Any]:
    """For each look-up, whether it fell outside working hours, and whether it may have: within the hours of a day of an unknown year."""

    def compute() -> tuple[Any, Any]:
        found = days(logs)
        at = logs["access_event"]["at"][found.rows]
        clock = seconds_of_day(at, logs.zone)
        outside = (clock < _clock(logs, "working_hours_from", at)) | (clock > _clock(logs, "working_hours_to", at))
        working = logs.calendar.is_working(found.day)[found.case]
        return outside | (working == 0), ~outside & (working == -1)

    return logs.memo("look-ups off hours", compute)


@FACTS.fact("user_day")
def off_hours(frame: Frame) -> Any:
    """Look-ups outside working hours."""
    found = days(frame.logs)
    return np.bincount(found.case[_off_hours(frame.logs)[0]], minlength=found.size)


@FACTS.fact("user_day")
def off_hours_at_most(frame: Frame) -> Any:
    """The same, with those of which it cannot be told."""
    found = days(frame.logs)
    return frame["off_hours"] + np.bincount(found.case[_off_hours(frame.logs)[1]], minlength=found.size)


@FACTS.fact("user_day")
def off_hours_minimum(frame: Frame) -> Any:
    return np.maximum(frame.logs.parameter("off_hours_minimum", _midnight(frame)), 1)


@FACTS.fact("user_day")
def off_hours_at(frame: Frame) -> Any:
    """The look-up off hours that reaches the minimum, else the last; where it cannot be told, the one that may reach it."""
    certain, perhaps = _off_hours(frame.logs)
    minimum = frame["off_hours_minimum"]
    reached, last = _nth(frame.logs, certain, minimum)
    may_reach, may_last = _nth(frame.logs, certain | perhaps, minimum)
    return np.where(reached < NEVER, reached, np.where(may_reach < NEVER, may_reach, np.where(last < NEVER, last, may_last)))


@FACTS.fact("user_day")
def year_unknown(frame: Frame) -> Any:
    """The day's year, where the working calendar does not know it."""
    day = days(frame.logs).day
    year = day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return np.where(frame.logs.calendar.is_working(day) == -1, year, 0)


def _midnight(frame: Frame) -> Any:
    return start_of_day(days(frame.logs).day, frame.logs.zone)


def _nth(logs: Logs, mask: Any, n: Any) -> tuple[Any, Any]:
    """The instants of the n-th and of the last look-up of the mask on each user-day; NEVER where there is none."""
    found = days(logs)
    places = np.flatnonzero(mask)
    case = found.case[places]
    count = np.bincount(case, minlength=found.size)
    first = np.cumsum(count) - count
    at = logs["access_event"]["at"][found.rows]
    nth = np.where(count >= n, take(places, np.where(count >= n, first + n - 1, -1), -1), -1)
    return take(at, nth), take(at, take(places, np.where(count > 0, first + count - 1, -1), -1))


def _customers(logs: Logs) -> tuple[Any, Any]:
    """Which look-ups name a customer, and which of them name the customer for the first time that day."""

    def compute() -> tuple[Any, Any]:
        found, frame = days(logs), logs["access_event"]
        number, texts = coded(frame["customer_id"].take(found.rows))
        named = np.flatnonzero(number >= 0)
        # Numbers are below the look-ups' count, so that user-day and customer fit one number.
        _, first = np.unique(found.case[named] * (len(texts) + 1) + number[named], return_index=True)
        new = np.zeros(len(number), bool)
        new[named[first]] = True
        return number >= 0, new

    return logs.memo("customers looked at", compute)


@FACTS.fact("user_day")
def customers(frame: Frame) -> Any:
    """How many distinct customers the user looked at."""
    found = days(frame.logs)
    return np.bincount(found.case[_customers(frame.logs)[1]], minlength=found.size)


@FACTS.fact("user_day")
def mass_limit(frame: Frame) -> Any:
    return frame.logs.parameter("mass_limit", _midnight(frame))


@FACTS.fact("user_day")
def mass_at(frame: Frame) -> Any:
    """The look-up that exceeds the limit, else the day's last that names a customer."""
    named, new = _customers(frame.logs)
    exceeds, _ = _nth(frame.logs, new, frame["mass_limit"] + 1)
    return np.where(exceeds < NEVER, exceeds, _nth(frame.logs, named, np.ones(frame.size, np.int64))[1])
