"""The rows as they stand at as-of, read a second time: later acts null, later rows gone, flags and units as the catalogue reads them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from tests.rulesets.plain_logs import Rows, earliest, instant, is_blank

Row = dict[str, Any]

PLANS = {"planned_off_at", "planned_on_at", "eta_restore_at"}
EVENTS = {
    "ticket_event": "at",
    "outage": "off_at",
    "hot_issue": "found_at",
    "grid_asset": "changed_at",
    "publication": "published_at",
    "duty_record": "done_at",
    "commendation": "at",
    "org_unit": "valid_from",
}
STEPS = (
    "received_at",
    "dispatched_at",
    "accepted_at",
    "confirmed_at",
    "contacted_at",
    "crew_dispatched_at",
    "arrived_at",
    "arrival_reported_at",
    "restored_at",
    "handled_at",
    "fed_back_at",
    "closed_at",
    "revisited_at",
)
"""The steps of a ticket that are acts, in their order."""


class Logs:
    """All records at as-of, with the events of each ticket in the order of time, then id."""

    def __init__(self, rows: Rows, as_of: datetime) -> None:
        self.as_of = as_of
        self._rows = {
            record: [seen for row in lines if (seen := self._at_as_of(record, row)) is not None] for record, lines in rows.items()
        }
        self.units = {u["org_id"]: u for u in self["org_unit"]}
        self.notices = {n["notice_id"]: n for n in self["outage_notice"]}
        self.tickets = {t["ticket_id"]: t for t in self["ticket"]}
        self.events: dict[str, list[Row]] = defaultdict(list)
        for event in sorted(self["ticket_event"], key=lambda e: (e["at"], e["event_id"])):
            self.events[event["ticket_id"]].append(event)

    def __getitem__(self, record: str) -> list[Row]:
        return self._rows.get(record, [])

    def _at_as_of(self, record: str, row: dict[str, object]) -> Row | None:
        seen: Row = {}
        for name, value in row.items():
            if is_blank(value):
                seen[name] = None
            elif name.endswith("_at") or name in ("at", "valid_from", "valid_to"):
                seen[name] = instant(value)
            else:
                seen[name] = value
        event = seen.get(EVENTS.get(record, ""))
        if event is not None and event > self.as_of:
            return None
        received = seen.get("received_at")
        seen["received_later"] = received is not None and received > self.as_of
        for name, value in seen.items():
            if isinstance(value, datetime) and name not in PLANS and value > self.as_of:
                seen[name] = None
        return defaultdict(lambda: None, seen)

    def kind(self, org_id: str | None) -> str | None:
        """The unit's kind; None where the unit is null, unknown, or without one."""
        unit = self.units.get(org_id) if org_id is not None else None
        return unit["kind"] if unit is not None else None

    def the_only(self, kind: str, moment: datetime) -> str | None:
        """The only unit of the kind in force then."""
        found = [
            u["org_id"]
            for u in self.units.values()
            if u["kind"] == kind
            and (u["valid_from"] is None or u["valid_from"] <= moment)
            and (u["valid_to"] is None or moment < u["valid_to"])
        ]
        return found[0] if len(found) == 1 else None

    def of_ticket(self, ticket_id: str, *actions: str) -> list[Row]:
        """The ticket's events of these actions, in their order."""
        return [e for e in self.events[ticket_id] if e["action"] in actions]


def says_yes(flag: object) -> bool:
    """A blank flag is no."""
    return str(flag).strip().lower() in ("1", "true")


def step_or_later(ticket: Row, act: str) -> bool:
    """The act, or a step that stands after it, is on record."""
    return any(ticket[step] is not None for step in STEPS[STEPS.index(act) :])


def earliest_step(ticket: Row) -> datetime | None:
    return earliest([ticket[step] for step in STEPS])
