"""The simple explanations of an indicator, looked up before a person is asked, and how usual it is (its base rate).

They stand in the finding alone; no verdict rests on them, and what the site does not have counts as not found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.derive import NEVER, Frame, Logs, NotAuditable, arrow_text, local_day, take

from .book import FACTS
from .days import days
from .sessions import order_of_log


def _assigned(logs: Logs) -> Any:
    """Look-ups of customers who were assigned to the user at that moment."""
    frame = logs["access_event"]
    try:
        return frame["user_is_manager"] | frame["user_is_specialist"]
    except NotAuditable:
        return np.zeros(frame.size, bool)


def _served(logs: Logs) -> Any:
    """Look-ups of customers of whom a ticket was received, or a service record written, on the same local day."""
    frame = logs["access_event"]
    record = np.asarray(frame["action"] == "create_service_record") & ~frame.blank("customer_id")
    customers = [arrow_text(frame["customer_id"][record]).cast(pa.large_string())]
    on = [local_day(frame["at"][record], logs.zone)]
    if logs.has("ticket"):
        tickets = logs["ticket"]
        try:
            there = (tickets["received_at"] < NEVER) & ~tickets.blank("customer_id")
            customers.append(arrow_text(tickets["customer_id"][there]).cast(pa.large_string()))
            on.append(local_day(tickets["received_at"][there], logs.zone))
        except NotAuditable:
            pass
    known = pc.unique(pa.chunked_array([chunk for column in customers for chunk in column.chunks], pa.large_string()))
    served = np.concatenate([_place(known, column) << 17 for column in customers]) + np.concatenate(on)
    asked = (_place(known, arrow_text(frame["customer_id"]).cast(pa.large_string())) << 17) + local_day(frame["at"], logs.zone)
    return np.isin(asked, served)


def _place(known: Any, column: Any) -> Any:
    return pc.index_in(column, value_set=known, skip_nulls=True).fill_null(-1).to_numpy().astype(np.int64)


def _per_day(of_day: Any, on: Any) -> Any:
    """How many there are on each of the local days `on`, given the days of all."""
    known, count = np.unique(of_day, return_counts=True)
    place = np.minimum(np.searchsorted(known, on), max(len(known) - 1, 0))
    return np.where(known[place] == on, count[place], 0) if len(known) else np.zeros(len(on), np.int64)


def _users_per_day(logs: Logs, rows: Any, on: Any) -> Any:
    """How many distinct users the events have on each of the local days."""
    frame, log = logs["access_event"], order_of_log(logs)
    day = local_day(frame["at"][rows], logs.zone)
    return _per_day(np.unique((log.user[rows] << 17) + day) & ((1 << 17) - 1), on)


@FACTS.fact("user_day")
def working_day(frame: Frame) -> Any:
    """Whether the day is a working day: YES, NO, or UNSAID where its year is not known."""
    return frame.logs.calendar.is_working(days(frame.logs).day)


@FACTS.fact("user_day")
def look_ups_assigned(frame: Frame) -> Any:
    """How many of the day's look-ups were of customers assigned to the user at that moment."""
    found = days(frame.logs)
    return np.bincount(found.case[_assigned(frame.logs)[found.rows]], minlength=found.size)


@FACTS.fact("user_day")
def look_ups_served(frame: Frame) -> Any:
    """How many of the day's look-ups were of customers with a ticket or a service record on that day."""
    found = days(frame.logs)
    return np.bincount(found.case[_served(frame.logs)[found.rows]], minlength=found.size)


@FACTS.fact("user_day")
def users_looking(frame: Frame) -> Any:
    """How many users looked at customers that day."""
    day = days(frame.logs).day
    return _per_day(day, day)


@FACTS.fact("user_day")
def users_off_hours(frame: Frame) -> Any:
    """How many users did so outside working hours that day, as often as is asked about."""
    day = days(frame.logs).day
    return _per_day(day[frame["off_hours"] >= frame["off_hours_minimum"]], day)


@FACTS.fact("user_day")
def users_mass(frame: Frame) -> Any:
    """How many users looked at more customers than the limit that day."""
    day = days(frame.logs).day
    return _per_day(day[frame["customers"] > frame["mass_limit"]], day)


def _user_day(frame: Frame) -> Any:
    """The user-day of each event, as a row of user_day; -1 where the user looked at no customer that day."""
    logs, log = frame.logs, order_of_log(frame.logs)
    found = days(logs)
    keys, asked = (found.user << 17) + found.day, (log.user << 17) + local_day(frame["at"], logs.zone)
    if not len(keys):
        return np.full(frame.size, -1, np.int64)
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[place] == asked, place, -1)


def _of_user_day(frame: Frame, name: str) -> Any:
    return take(frame.logs["user_day"][name], frame.logs.memo("user-day of events", lambda: _user_day(frame)), 0)


@FACTS.fact("access_event")
def day_worked(frame: Frame) -> Any:
    """Whether the event's day is a working day: YES, NO, or UNSAID where its year is not known."""
    return frame.logs.calendar.is_working(local_day(frame["at"], frame.logs.zone))


@FACTS.fact("access_event")
def user_look_ups(frame: Frame) -> Any:
    """The user's look-ups of that day."""
    return _of_user_day(frame, "look_ups")


@FACTS.fact("access_event")
def user_look_ups_assigned(frame: Frame) -> Any:
    return _of_user_day(frame, "look_ups_assigned")


@FACTS.fact("access_event")
def user_look_ups_served(frame: Frame) -> Any:
    return _of_user_day(frame, "look_ups_served")


@FACTS.fact("access_event")
def users_logged_in(frame: Frame) -> Any:
    """How many users logged in that day."""
    return _logged_in(frame, np.asarray(frame["action"] == "login"))


@FACTS.fact("access_event")
def users_in_two_places(frame: Frame) -> Any:
    """How many users logged in that day while another session of theirs was open on another terminal."""
    return _logged_in(frame, frame["rival_elsewhere"])


def _logged_in(frame: Frame, mask: Any) -> Any:
    return _users_per_day(frame.logs, np.flatnonzero(mask), local_day(frame["at"], frame.logs.zone))
