"""Sessions: one user_id and session_id; events in order of time, then running number (none: last), then event_id (articles 23, 24)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from auditor.derive import NO_NUMBER, Frame, Logs, NotAuditable, coded, positions, same_text, take

from .book import FACTS

_LAST = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Order:
    """The order of the log, and its users."""

    rows: Any
    """The events in order, and `position` the place of each event in it."""
    position: Any
    user: Any
    """A number for each user_id, and `users` the user_ids by number."""
    users: Any


def order_of_log(logs: Logs) -> Order:
    def compute() -> Order:
        frame = logs["access_event"]
        rows = np.lexsort((_numbers(frame), frame["at"]))
        user, users = coded(frame["user_id"])
        return Order(rows, _scatter(rows, np.arange(frame.size), frame.size), user, users)

    return logs.memo("order of the log", compute)


def _numbers(frame: Frame) -> Any:
    """The running numbers, none after all others; a log that has none at all is in order of its event_ids within a second."""
    try:
        return np.where(frame["seq"] == NO_NUMBER, _LAST, frame["seq"])
    except NotAuditable:
        return np.zeros(frame.size, np.int64)


@dataclass(frozen=True)
class Sessions:
    """What events follow in their sessions. All but `chain` have one value for each event, a row of access_event or -1 for none."""

    chain: Any
    """The events that belong to a session, session by session and user by user, in order."""
    before: Any
    """The session's event before this one."""
    after: Any
    login: Any
    """The session's last login at or before this event."""
    logged_out: Any
    """The session was left by a logout since its last login."""


def sessions(logs: Logs) -> Sessions:
    def compute() -> Sessions:
        frame, order = logs["access_event"], order_of_log(logs)
        number, _ = coded(frame["session_id"])
        ordered = order.rows[number[order.rows] >= 0]
        key = order.user[ordered] * (number.max(initial=0) + 1) + number[ordered]
        by_session = np.argsort(key, kind="stable")
        chain, key = ordered[by_session], key[by_session]
        begins = np.ones(len(chain), bool)
        begins[1:] = np.diff(key) != 0
        follows = np.flatnonzero(~begins)
        # The last login and logout of a chain are not looked for before its first event.
        place = np.arange(len(chain))
        start = np.maximum.accumulate(np.where(begins, place, 0))
        login, logout = (np.maximum.accumulate(np.where(np.asarray(frame["action"] == a)[chain], place, -1)) for a in ("login", "logout"))
        return Sessions(
            chain,
            before=_scatter(chain[follows], chain[follows - 1], frame.size),
            after=_scatter(chain[follows - 1], chain[follows], frame.size),
            login=_scatter(chain, np.where(login >= start, chain[login], -1), frame.size),
            logged_out=_scatter(chain, (logout > login) & (logout >= start), frame.size, missing=0).astype(bool),
        )

    return logs.memo("sessions", compute)


def _scatter(rows: Any, values: Any, size: int, missing: int = -1) -> Any:
    """One value for each event, `values` at `rows`."""
    result = np.full(size, missing, np.int64)
    result[rows] = values
    return result


@FACTS.row("access_event", of="access_event")
def event_before(frame: Frame) -> Any:
    """The session's event before this one (24)."""
    return sessions(frame.logs).before


@FACTS.fact("access_event")
def event_before_known(frame: Frame) -> Any:
    return frame["event_before"] >= 0


@FACTS.fact("access_event")
def idle_seconds(frame: Frame) -> Any:
    """How long the session was idle before the event."""
    return np.where(frame["event_before_known"], frame["at"] - take(frame["at"], frame["event_before"]), 0)


@FACTS.fact("access_event")
def session_idle(frame: Frame) -> Any:
    """The idle limit in force at the event before."""
    return frame.logs.parameter(
        "session_idle", np.where(frame["event_before_known"], take(frame["at"], frame["event_before"]), frame["at"])
    )


def rivals(logs: Logs) -> tuple[Any, Any]:
    """Logins, each with the last login of another session of the same user that is open (23); both rows of access_event.

    After each of its events a session stays open until its next event, a forced logout of the user, or the idle limit: a stretch of the
    log. Every login of the user within such a stretch has that session as a rival.
    """

    def compute() -> tuple[Any, Any]:
        frame, order, log = logs["access_event"], order_of_log(logs), sessions(logs)
        at, size = frame["at"], frame.size
        logins = np.flatnonzero(np.asarray(frame["action"] == "login"))
        keys = order.user[logins] * size + order.position[logins]
        logins, keys = logins[np.argsort(keys)], np.sort(keys)
        opens = log.chain[(log.login[log.chain] >= 0) & ~log.logged_out[log.chain]]
        base = order.user[opens] * size
        first = np.searchsorted(keys, base + order.position[opens], side="right")
        until = np.where(log.after[opens] >= 0, order.position[log.after[opens]], size)
        crossed = np.searchsorted(keys, base + until, side="left") > first
        opens, base, first, until = opens[crossed], base[crossed], first[crossed], until[crossed]
        limit = at[opens] + logs.parameter("session_idle", at[opens])
        until = np.minimum(until, np.searchsorted(at[order.rows], limit, side="right"))
        until = np.minimum(until, _forced_out(frame, order, log.login[opens]))
        count = np.maximum(np.searchsorted(keys, base + until, side="left") - first, 0)
        found = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))
        return logins[found], np.repeat(log.login[opens], count)

    return logs.memo("rival sessions", compute)


def _forced_out(frame: Frame, order: Order, logins: Any) -> Any:
    """The place in the log at which the user of each login was first forced out after it; the log's end where never."""
    size = frame.size
    forced = np.flatnonzero(np.asarray(frame["action"] == "force_logout") & ~frame.blank("target_id"))
    target = positions(order.users, frame["target_id"].take(forced))
    known = target >= 0
    keys = np.sort(target[known] * size + order.position[forced[known]])
    if not len(keys):
        return np.full(len(logins), size, np.int64)
    base = order.user[logins] * size
    place = np.minimum(np.searchsorted(keys, base + order.position[logins], side="right"), len(keys) - 1)
    later = keys[place] - base - order.position[logins]
    return np.where((later > 0) & (keys[place] < base + size), keys[place] - base, size)


@FACTS.row("access_event", of="access_event")
def rival_logins(frame: Frame) -> Any:
    """The last logins of the user's other open sessions."""
    return rivals(frame.logs)


@FACTS.fact("access_event")
def rival_elsewhere(frame: Frame) -> Any:
    """Another session of the user is open on another terminal."""
    logins, others = rivals(frame.logs)
    here, there = frame["terminal"].take(logins), frame["terminal"].take(others)
    return _among(frame, logins[~np.asarray(here.isna()) & ~np.asarray(there.isna()) & ~same_text(here, there)])


@FACTS.fact("access_event")
def rival_unplaced(frame: Frame) -> Any:
    """Another session of the user is open, and the terminal of one of the two is not on record."""
    logins, others = rivals(frame.logs)
    blank = frame.blank("terminal")
    return _among(frame, logins[blank[logins] | blank[others]])


def _among(frame: Frame, rows: Any) -> Any:
    result = np.zeros(frame.size, bool)
    result[rows] = True
    return result
