"""The logs as they stand at as-of, read once more from scratch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import chinese_calendar

LOCAL = timezone(timedelta(hours=8))
Row = dict[str, Any]

KEYS = {
    "org_unit": "org_id",
    "ticket": "ticket_id",
    "ticket_event": "event_id",
    "approval": "approval_id",
    "commendation": "commendation_id",
    "leak_repair": "repair_id",
    "heat_stop": "stop_id",
    "heat_stop_posting": "posting_id",
    "meter_swap": "swap_id",
    "contact_attempt": "attempt_id",
    "duty_roster_change": "change_id",
    "inspection": "inspection_id",
    "conduct_case": "case_id",
}
CODES = {
    (
        "ticket",
        "category",
    ): "business_application inquiry fault_repair complaint report suggestion praise dispatch information heat_repair heat_event",
    ("ticket", "level"): "major general minor",
    ("ticket", "area_type"): "urban rural remote",
    ("ticket", "jurisdiction"): "own other undetermined",
    ("ticket", "severity"): "ordinary large",
    (
        "ticket_event",
        "action",
    ): "dispatch accept return transfer reassign jurisdiction_ruling urge supervise escalate three_way_call out_of_scope_found handover"
    " leave_site delay_notice written_report refuse reply reopen revisit note",
    ("ticket_event", "outcome"): "accepted refused approved rejected unreachable",
    ("approval", "result"): "approved rejected",
    (
        "commendation",
        "kind",
    ): "customer_praise media_city media_province media_national circular_bureau circular_city circular_province violation_caught"
    " special_contribution",
    ("heat_stop", "kind"): "planned emergency",
    ("heat_stop", "scope"): "large small",
    ("contact_attempt", "outcome"): "answered no_answer refused unreachable",
    ("inspection", "finding"): "flush_incomplete dirt_introduced water_sampling_gap water_sample_false none",
    ("conduct_case", "kind"): "media_exposure misconduct_extortion negligence_damage unsafe_site_injury unreported_major_event bribery",
    ("conduct_case", "origin"): "superior named_complaint media inspection",
}
"""The closed lists: a row with another code is refused."""

TIMES = {"at", "changed_at", "valid_from", "valid_to"}
FLAGS = {
    "no_visit_needed",
    "long_coordination",
    "site_attended",
    "in_warranty",
    "verified",
    "reader_present",
    "customer_present",
    "third_party_present",
    "periodic",
    "user_owned",
}
NUMBERS = {"loss_amount", "loss_avoided"}
EVENTS = {
    "ticket_event": "at",
    "contact_attempt": "at",
    "inspection": "at",
    "conduct_case": "at",
    "commendation": "at",
    "leak_repair": "repaired_at",
    "duty_roster_change": "changed_at",
    "heat_stop": "stopped_at",
    "meter_swap": "at",
}
"""The time that a row cannot be without."""

NEEDED = {
    "org_unit": ("org_id", "name"),
    "ticket": ("ticket_id", "category"),
    "ticket_event": ("event_id", "ticket_id", "action"),
    "approval": ("approval_id", "kind", "subject_id"),
    "commendation": ("commendation_id", "kind"),
    "leak_repair": ("repair_id", "leak_point_id"),
    "heat_stop": ("stop_id", "kind"),
    "heat_stop_posting": ("posting_id", "stop_id", "community"),
    "meter_swap": ("swap_id",),
    "contact_attempt": ("attempt_id", "org_id", "outcome"),
    "duty_roster_change": ("change_id", "org_id"),
    "inspection": ("inspection_id", "org_id", "finding"),
    "conduct_case": ("case_id", "org_id", "kind"),
}
"""What else a row cannot be without: a row that lacks it is refused and exists for no rule."""

PLANNED_AHEAD = {"heat_stop": ("stopped_at",), "meter_swap": ("at",)}
"""Events that a limit runs up to: a row later than as-of stays, and each rule asks whether it counts already."""

NO_ACTS = {"planned_restore_at", "eta_restore_at", "stopped_at"}

MILESTONES = (
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


def seconds(text: str) -> int:
    stamp = datetime.fromisoformat(text.strip())
    stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=LOCAL)
    return int(stamp.replace(microsecond=0).timestamp())


def local_day(instant: int) -> date:
    return datetime.fromtimestamp(instant, LOCAL).date()


def end_of(day: date) -> int:
    return int(datetime.combine(day, time(23, 59, 59), LOCAL).timestamp())


def working_days_after(instant: int, count: int) -> int | None:
    """23:59:59 of the count-th working day after the instant's day; None where the calendar of a year is not known."""
    day = local_day(instant)
    try:
        while count:
            day += timedelta(days=1)
            count -= chinese_calendar.is_workday(day)
    except NotImplementedError:
        return None
    return end_of(day)


def one_month_on(instant: int) -> int:
    stamp = datetime.fromtimestamp(instant, LOCAL)
    year, month = divmod(stamp.year * 12 + stamp.month, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return int(stamp.replace(year=year, month=month + 1, day=min(stamp.day, last)).timestamp())


def _value(name: str, raw: Any) -> Any:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if name.endswith("_at") or name in TIMES:
        return seconds(raw) if isinstance(raw, str) else int(raw.replace(tzinfo=raw.tzinfo or UTC).timestamp())
    if name in FLAGS:
        return str(raw).strip().lower() in ("1", "true")
    if name in NUMBERS:
        return Decimal(str(raw).strip())
    return raw


@dataclass
class Logs:
    """Admitted rows by record and key.

    An act later than as-of is None already; rows of later events, and units not yet founded, are gone.
    """

    as_of: int
    period: tuple[int, int]
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Mapping[str, Iterable[Mapping[str, Any]]], as_of: str, first_day: date, last_day: date) -> Logs:
        logs = cls(seconds(as_of), (end_of(first_day - timedelta(days=1)) + 1, end_of(last_day)))
        for record, key in KEYS.items():
            kept = (logs._as_it_stands({name: _value(name, raw) for name, raw in row.items()}, record) for row in records.get(record, ()))
            logs.rows[record] = {row[key]: row for row in sorted((r for r in kept if r is not None), key=lambda r: r[key])}
        return logs

    def _as_it_stands(self, row: Row, record: str) -> Row | None:
        if any(row.get(name) is None for name in NEEDED[record]):
            return None
        if any(row.get(name) is not None and row[name] not in codes.split() for (of, name), codes in CODES.items() if of == record):
            return None
        if record == "org_unit":
            if (row.get("valid_from") or self.as_of) > self.as_of:
                return None
            if (row.get("valid_to") or 0) > self.as_of:
                row["valid_to"] = None
            return row
        event = row.get(EVENTS.get(record, ""), 0)
        if event is None or (event > self.as_of and EVENTS[record] not in PLANNED_AHEAD.get(record, ())):
            return None
        row["received_later"] = (row.get("received_at") or 0) > self.as_of
        for name, value in row.items():
            if name.endswith("_at") and name not in NO_ACTS and value is not None and value > self.as_of:
                row[name] = None
        return row

    def events(self, ticket_id: str, action: str) -> list[Row]:
        """The ticket's events of that action in their order."""
        if not hasattr(self, "_events"):
            self._events: dict[tuple[str, str], list[Row]] = {}
            for e in sorted(self.rows["ticket_event"].values(), key=lambda e: (e["at"], e["event_id"])):
                self._events.setdefault((e["ticket_id"], e["action"]), []).append(e)
        return self._events.get((ticket_id, action), [])

    def kind_of(self, org_id: str | None) -> str | None:
        return self.rows["org_unit"].get(org_id or "", {}).get("kind")

    def only_unit(self, kind: str, instant: int) -> str | None:
        units = [
            u["org_id"]
            for u in self.rows["org_unit"].values()
            if u.get("kind") == kind and (u.get("valid_from") or 0) <= instant and (u.get("valid_to") is None or instant < u["valid_to"])
        ]
        return units[0] if len(units) == 1 else None
