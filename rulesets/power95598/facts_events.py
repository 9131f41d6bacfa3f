"""Returns and calls: facts of one event, from the other events of its ticket (2.3.(2), 2.5.(2))."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from auditor.derive import NEVER, Frame, Group, choose, group, last_before, no_text, positions, rows_of, same_text, take

from .facts_book import FACTS
from .facts_repairs import acted

_TicketUnit = npt.NDArray[np.int64]


@FACTS.row("ticket_event", of="ticket")
def ticket(frame: Frame) -> Any:
    """The ticket that the event belongs to."""
    return rows_of(frame, "ticket_id", "ticket")


@FACTS.fact("ticket_event")
def ticket_known(frame: Frame) -> Any:
    """The ticket exists (2.3.(2))."""
    return frame["ticket"] >= 0


@FACTS.fact("ticket_event")
def ticket_category(frame: Frame) -> Any:
    """Category of the event's ticket (2.3)."""
    return take(frame.logs["ticket"]["category"], frame["ticket"])


def _pairs(frame: Frame, unit: str) -> _TicketUnit:
    """One number for each pair of a ticket and the unit that the column names, among the units that ever acted; -1 where there is none."""
    acting = pd.unique(pd.Series(frame["org_id"]).dropna())
    units = positions(acting, frame[unit])
    return np.where((units >= 0) & (frame["ticket"] >= 0), frame["ticket"] * len(acting) + units, -1)


def _returns(frame: Frame) -> tuple[Any, Any]:
    """The rows of the returns, and which events belong to a ticket that was ever returned: all that a return is judged by."""
    events = _events(frame)
    returns = acted(events, "return")
    return np.flatnonzero(returns), events.spread(events.any(returns), False)


@FACTS.row("ticket_event", of="ticket_event")
def acceptance_event(frame: Frame) -> Any:
    """For a return the acting unit's last acceptance of the ticket strictly before it; -1 for other events (2.3.(2))."""
    pairs, at = _pairs(frame, "org_id"), frame["at"]
    returns, of_returned = _returns(frame)
    accepted = np.flatnonzero(np.asarray(frame["action"] == "accept") & of_returned)
    both = np.concatenate([pairs[returns], pairs[accepted]])
    numbers = np.where(both >= 0, pd.factorize(both)[0], -1)
    # Of events of one instant the last id counts: rows stand in the order of their ids.
    last = last_before(numbers[: len(returns)], at[returns] - 1, numbers[len(returns) :], at[accepted])
    found = np.full(frame.size, -1, np.int64)
    found[returns] = take(accepted, last, -1)
    return found


@FACTS.fact("ticket_event")
def unit_accepted_at(frame: Frame) -> Any:
    """When the returning unit had accepted the order (2.3.(2))."""
    return take(frame["at"], frame["acceptance_event"])


def _events(frame: Frame) -> Group:
    return group(frame.logs, "ticket_event", "ticket_id", "ticket")


@FACTS.row("ticket_event", of="ticket_event")
def ruling_event(frame: Frame) -> Any:
    """The ticket's last ruling on whose fault it is, where it stands strictly after the event (2.3.(2))."""
    events = _events(frame)
    last = events.spread(events.last(acted(events, "jurisdiction_ruling")), -1)
    return np.where(take(frame["at"], last, -1) > frame["at"], last, -1)


@FACTS.fact("ticket_event")
def ruled_own(frame: Frame) -> Any:
    """The last ruling after the return names the unit that had returned the order (2.3.(2))."""
    return same_text(take(frame["to_org_id"], frame["ruling_event"]), frame["org_id"])


@FACTS.fact("ticket_event")
def sent_back(frame: Frame) -> Any:
    """Without a ruling after the return, the order was dispatched or reassigned strictly after it to the unit that had returned it
    (2.3.(2))."""
    sent_to, at = _pairs(frame, "to_org_id"), frame["at"]
    returns, of_returned = _returns(frame)
    sent = np.asarray(frame["action"].isin(["dispatch", "reassign"])) & (sent_to >= 0) & of_returned
    last_sent = pd.Series(at[sent]).groupby(sent_to[sent]).max()
    again = np.full(frame.size, -NEVER, np.int64)
    again[returns] = last_sent.reindex(_pairs(frame, "org_id")[returns]).fillna(-NEVER).to_numpy()
    return (frame["ruling_event"] < 0) & (again > at)


@FACTS.fact("ticket_event")
def refusing_staff(frame: Frame) -> Any:
    """The person of the unit that refused: the event's person belongs to the unit that acted, so only where that unit answers (2.5.(2))."""
    return choose(frame.blank("to_org_id"), frame.optional("staff_id"), no_text(frame.size))
