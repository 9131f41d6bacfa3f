"""The log itself: its running numbers, its clock, and the terminals that reach the system (articles 22.6, 24)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.derive import NEVER, NO_NUMBER, Frame, Logs, coded, last_before, positions, take, text_array

from .book import FACTS


def numbered(logs: Logs) -> Any:
    """The events with a number of their own, in its order: rows of access_event. Of equal numbers the first by event_id counts."""

    def compute() -> Any:
        seq = logs["access_event"]["seq"]
        # Rows are sorted by event_id, and the sort is stable.
        order = np.argsort(seq, kind="stable")
        order = order[seq[order] != NO_NUMBER]
        return order[np.diff(seq[order], prepend=NO_NUMBER) != 0]

    return logs.memo("numbered events", compute)


@FACTS.row("access_event", of="access_event")
def entry_before(frame: Frame) -> Any:
    """The entry of the log before this one, in order of the running numbers; -1 for the lowest, and for an entry that does not count."""
    order = numbered(frame.logs)
    before = np.full(frame.size, -1, np.int64)
    before[order[1:]] = order[:-1]
    return before


@FACTS.fact("access_event")
def follows_entry(frame: Frame) -> Any:
    return frame["entry_before"] >= 0


@FACTS.fact("access_event")
def seconds_backwards(frame: Frame) -> Any:
    """By how many seconds the entry is earlier than the one before it; 0 where it is not."""
    return np.where(frame["follows_entry"], np.maximum(take(frame["at"], frame["entry_before"]) - frame["at"], 0), 0)


@FACTS.fact("access_event")
def clock_skew(frame: Frame) -> Any:
    return frame.logs.parameter("clock_skew", frame["at"])


@FACTS.table("log_number", "at", "missing", "entry_row")
def log_number(logs: Logs) -> dict[str, Any]:
    """The running numbers of the log but the lowest: how many numbers are missing before each (24)."""
    frame, order = logs["access_event"], numbered(logs)
    seq = frame["seq"][order]
    return {
        "case_id": text_array(pc.cast(pa.array(seq[1:]), pa.string())),
        "at": frame["at"][order[1:]],
        "missing": np.diff(seq) - 1,
        "entry_row": order[1:],
    }


@FACTS.row("log_number", of="access_event")
def entry(frame: Frame) -> Any:
    """The entry that bears the number."""
    return frame["entry_row"]


@FACTS.fact("access_event")
def internet_connected_at(frame: Frame) -> Any:
    """Since when the terminal was connected to the internet at the event (22.6); not on record where it was not.

    The terminal's last change at or before the event counts, of two in one second the connection.
    """
    changes = frame.logs["terminal_event"]
    numbers, terminals = coded(changes["terminal"])
    connected = np.asarray(changes["kind"] == "internet_connected")
    counts = np.flatnonzero(connected | np.asarray(changes["kind"] == "internet_disconnected"))
    counts = counts[np.argsort(connected[counts], kind="stable")]
    asked = positions(terminals, frame["terminal"])
    last = take(counts, last_before(asked, frame["at"], numbers[counts], changes["at"][counts]), -1)
    return np.where(take(connected, last), take(changes["at"], last), NEVER)
