"""Returns and calls: facts of one event, from the other events of its ticket (2.3.(2), 2.5.(2))."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from auditor.derive import NEVER, Frame, Group, choose, group, no_text, positions, rows_of, same_text, take

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


@FACTS.row("ticket_event", of="ticket_event")
def acceptance_event(frame: Frame) -> Any:
    """The acting unit's last acceptance of the ticket strictly before the event (2.3.(2))."""
    pairs, at = _pairs(frame, "org_id"), frame["at"]
    rows = np.arange(frame.size)
    accepted = pd.DataFrame({"pair": pairs, "at": at, "accepted": rows})[np.asarray(frame["action"] == "accept") & (pairs >= 0)]
    events = pd.DataFrame({"pair": pairs, "at": at, "row": rows})
    # A stable sort keeps the order of ids at one instant, so that the last of them is found.
    found = pd.merge_asof(
        events.sort_values("at", kind="stable"), accepted.sort_values("at", kind="stable"), on="at", by="pair", allow_exact_matches=False
    )
    return found.sort_values("row")["accepted"].fillna(-1).to_numpy(np.int64)


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
    sent = np.asarray(frame["action"].isin(["dispatch", "reassign"])) & (sent_to >= 0)
    last_sent = pd.Series(at[sent]).groupby(sent_to[sent]).max()
    again = last_sent.reindex(_pairs(frame, "org_id")).fillna(-NEVER).to_numpy()
    return (frame["ruling_event"] < 0) & (again > at)


@FACTS.fact("ticket_event")
def refusing_staff(frame: Frame) -> Any:
    """The person of the unit that refused: the event's person belongs to the unit that acted, so only where that unit answers (2.5.(2))."""
    return choose(frame.blank("to_org_id"), frame.optional("staff_id"), no_text(frame.size))
