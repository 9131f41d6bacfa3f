"""The rows being written, and what is planted in them."""

from __future__ import annotations

import random as random_module
from datetime import datetime, timedelta

Row = dict[str, object]


def at(text: str) -> datetime:
    """Local time of the company, `2026-01-19 21:40`."""
    return datetime.fromisoformat(text)


def after(start: datetime, **span: float) -> datetime:
    return start + timedelta(**span)


class Ledger:
    """Collects rows of canonical records; times are given as local datetimes and written as text with their offset."""

    def __init__(self, random: random_module.Random) -> None:
        self.random = random
        self.rows: dict[str, list[Row]] = {}
        self.planted: list[tuple[str, str]] = []
        self._serial: dict[str, int] = {}

    def add(self, record: str, **fields: object) -> None:
        self.rows.setdefault(record, []).append({name: _written(value) for name, value in fields.items()})

    def plant(self, case_id: str, *codes: str) -> None:
        """The case is a breach (or a merit) of each of these rules."""
        self.planted.extend((code, case_id) for code in codes)

    def next_id(self, prefix: str) -> str:
        self._serial[prefix] = self._serial.get(prefix, 0) + 1
        return f"{prefix}{self._serial[prefix]:04d}"

    def event(self, ticket_id: str, action: str, when: datetime, org_id: str, **fields: object) -> str:
        event_id = self.next_id("SJ")
        self.add("ticket_event", event_id=event_id, ticket_id=ticket_id, action=action, at=when, org_id=org_id, **fields)
        return event_id

    def order(self, org_id: str, received: datetime, **fields: object) -> str:
        """An order that keeps every limit unless `fields` says otherwise, with its dispatch and acceptance among the events.

        Gives its id.
        """
        minutes = self.random.uniform
        ticket_id = self.next_id(f"GD{received:%Y%m%d}-")
        burst = fields.get("subject") in ("burst", "valve_leak")
        dispatched = after(received, minutes=minutes(2, 8))
        accepted = after(dispatched, minutes=minutes(3, 15))
        arrived = after(received, minutes=minutes(24, 38) if burst else minutes(27, 55))
        handled = after(arrived, hours=minutes(5, 17) if burst else minutes(0.6, 8))
        row: Row = {
            "ticket_id": ticket_id,
            "category": "heat_repair",
            "level": "general",
            "source": "phone",
            "customer_id": self.next_id("YH"),
            "area_type": "urban",
            "received_at": received,
            "dispatched_at": dispatched,
            "org_id": org_id,
            "accepted_at": accepted,
            "confirmed_at": after(accepted, minutes=2),
            "contacted_at": after(accepted, minutes=4),
            "jurisdiction": "own",
            "crew_dispatched_at": after(accepted, minutes=5),
            "arrived_at": arrived,
            "arrival_reported_at": after(arrived, minutes=3),
            "handler_org_id": org_id,
            "handler_staff_id": f"{org_id}-{self.random.randint(2, 4)}",
            "result": "已處理，供熱正常",
            "no_visit_needed": False,
            "long_coordination": False,
            "in_warranty": False,
        }
        if burst:
            row |= {"severity": "ordinary", "site_attended": True}
        row |= fields
        handled = row.setdefault("handled_at", handled)  # type: ignore[assignment]
        if burst:
            row.setdefault("restored_at", after(handled, minutes=-40))
        row.setdefault("fed_back_at", after(handled, minutes=minutes(15, 100)))
        closed = row.setdefault("closed_at", after(handled, hours=minutes(1.8, 4)))
        row.setdefault("revisited_at", after(closed, hours=minutes(4, 21)))  # type: ignore[arg-type]
        self.add("ticket", **row)
        if isinstance(row["dispatched_at"], datetime):
            self.event(ticket_id, "dispatch", row["dispatched_at"], "DD", to_org_id=org_id)
        if isinstance(row["accepted_at"], datetime):
            self.event(ticket_id, "accept", row["accepted_at"], org_id)
        return ticket_id


def _written(value: object) -> object:
    return f"{value.replace(microsecond=0).isoformat()}+08:00" if isinstance(value, datetime) else value
