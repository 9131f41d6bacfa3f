"""Fault repairs: what a ticket's events say about the ticket (2.3, 4.2.(1))."""

from __future__ import annotations

from typing import Any

import numpy as np

from auditor.derive import NEVER, Frame, Group, earliest, group, same_text, take

from .facts_book import FACTS


def events_of(frame: Frame) -> Group:
    """The events of each ticket, by time, then id."""
    return group(frame.logs, "ticket_event", "ticket_id", "ticket")


def acted(events: Group, *actions: str) -> Any:
    """The events that are one of these actions."""
    return np.asarray(events.child["action"].isin(list(actions)))


def at_event(events: Group, rows: Any) -> Any:
    """When the events of these rows happened."""
    return take(events.child["at"], rows)


@FACTS.fact("ticket")
def work_began_at(frame: Frame) -> Any:
    """The earlier of sending a crew and finishing the work: by then the order must be confirmed (2.3.(1))."""
    return earliest(frame["crew_dispatched_at"], frame["handled_at"])


@FACTS.row("ticket", of="ticket_event")
def out_of_scope_event(frame: Frame) -> Any:
    """The first finding on site that the fault is another unit's (2.3.(3))."""
    events = events_of(frame)
    return events.first(acted(events, "out_of_scope_found"))


@FACTS.fact("ticket")
def out_of_scope_found_at(frame: Frame) -> Any:
    """When the fault was first found to be another unit's (2.3.(3))."""
    return at_event(events_of(frame), frame["out_of_scope_event"])


@FACTS.fact("ticket")
def out_of_scope_unit(frame: Frame) -> Any:
    """The unit that found it (2.3.(3))."""
    return take(frame.logs["ticket_event"].optional("org_id"), frame["out_of_scope_event"])


@FACTS.fact("ticket")
def out_of_scope_staff(frame: Frame) -> Any:
    """Who found it (2.3.(3))."""
    return take(frame.logs["ticket_event"].optional("staff_id"), frame["out_of_scope_event"])


@FACTS.row("ticket", of="ticket_event")
def leave_site_event(frame: Frame) -> Any:
    """The first departure from the site at or after that finding (2.3.(3))."""
    events = events_of(frame)
    return events.first(acted(events, "leave_site") & (events.child["at"] >= events.spread(frame["out_of_scope_found_at"])))


@FACTS.fact("ticket")
def left_site_at(frame: Frame) -> Any:
    """When the crew left the site after finding that the fault was another unit's (2.3.(3))."""
    return at_event(events_of(frame), frame["leave_site_event"])


@FACTS.fact("ticket")
def left_site_unit(frame: Frame) -> Any:
    """The unit that left (2.3.(3))."""
    return take(frame.logs["ticket_event"].optional("org_id"), frame["leave_site_event"])


@FACTS.fact("ticket")
def left_site_staff(frame: Frame) -> Any:
    """Who left (2.3.(3))."""
    return take(frame.logs["ticket_event"].optional("staff_id"), frame["leave_site_event"])


@FACTS.fact("ticket")
def handed_over(frame: Frame) -> Any:
    """The unit responsible took over between the finding and the departure, both included (2.3.(3))."""
    events = events_of(frame)
    at, found, left = events.child["at"], events.spread(frame["out_of_scope_found_at"]), events.spread(frame["left_site_at"])
    return events.any(acted(events, "handover") & (found <= at) & (at <= left))


@FACTS.fact("ticket")
def promise_starts_at(frame: Frame) -> Any:
    """When the promise of arrival begins to run: the customer's report, or the later dispatch of an order that had been returned before it
    (2.3.(4))."""
    events = events_of(frame)
    received, dispatched = frame["received_at"], frame["dispatched_at"]
    returned_before = events.any(acted(events, "return") & (events.child["at"] < events.spread(dispatched)))
    sent_again = returned_before & (dispatched < NEVER) & (received < NEVER)
    return np.where(sent_again, np.maximum(received, dispatched), received)


@FACTS.fact("ticket")
def out_of_scope_reported(frame: Frame) -> Any:
    """Somebody found the fault to be another unit's, so that no restoration need be foretold (2.3.(4))."""
    return ~frame.blank("out_of_scope_found_at")


@FACTS.fact("ticket")
def order_returned(frame: Frame) -> Any:
    """The order was returned at least once (4.2.(1))."""
    events = events_of(frame)
    return events.any(acted(events, "return"))


@FACTS.row("ticket", of="ticket_event")
def first_dispatch_event(frame: Frame) -> Any:
    """The first dispatch among the order's events (4.2.(1))."""
    events = events_of(frame)
    return events.first(acted(events, "dispatch"))


@FACTS.fact("ticket")
def dispatch_recorded(frame: Frame) -> Any:
    """The order's events show a dispatch (4.2.(1))."""
    return frame["first_dispatch_event"] >= 0


@FACTS.fact("ticket")
def first_dispatched_at(frame: Frame) -> Any:
    """When the order first left the service centre: the ticket speaks of the last dispatch, so for a returned one its first event does
    (4.2.(1))."""
    return np.where(frame["order_returned"], at_event(events_of(frame), frame["first_dispatch_event"]), frame["dispatched_at"])


@FACTS.row("ticket", of="ticket_event")
def own_return_event(frame: Frame) -> Any:
    """The first return by the unit responsible at or after it accepted the order (2.3.(2))."""
    events = events_of(frame)
    own = same_text(events.child["org_id"], events.spread(frame["org_id"]))
    return events.first(acted(events, "return") & own & (events.child["at"] >= events.spread(frame["accepted_at"])))


@FACTS.fact("ticket")
def returned_by_unit_at(frame: Frame) -> Any:
    """When the unit returned the order that it had judged to be another's (2.3.(2))."""
    return at_event(events_of(frame), frame["own_return_event"])


@FACTS.row("ticket", of="ticket_event")
def return_after_finding_event(frame: Frame) -> Any:
    """The first return of the order, by whomever, at or after the finding on site (2.3.(3))."""
    events = events_of(frame)
    return events.first(acted(events, "return") & (events.child["at"] >= events.spread(frame["out_of_scope_found_at"])))


@FACTS.fact("ticket")
def returned_after_finding_at(frame: Frame) -> Any:
    """When the order that was found to be another unit's was returned (2.3.(3))."""
    return at_event(events_of(frame), frame["return_after_finding_event"])
