"""The rows as they stand at as-of, and what was in force at a moment."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar

LOCAL = ZoneInfo("Asia/Shanghai")
Row = dict[str, Any]
"""A row whose missing fields are null."""

TIMES = {
    "org_unit": ("valid_from", "valid_to"),
    "staff": (),
    "cis_user": (
        "registered_at",
        "verified_at",
        "deregistered_at",
        "confidentiality_signed_at",
        "trained_at",
        "first_login_at",
        "initial_password_changed_at",
        "password_changed_at",
    ),
    "customer_assignment": ("valid_from", "valid_to"),
    "access_event": ("at",),
    "approval": ("approved_at",),
    "branch_golive": ("applied_at", "approved_at", "live_at"),
    "terminal_event": ("at",),
    "incident": ("occurred_at", "reported_at", "escalated_at", "resolved_at"),
    "duty_record": ("done_at",),
}
STARTS = {
    "org_unit": "valid_from",
    "cis_user": "registered_at",
    "customer_assignment": "valid_from",
    "access_event": "at",
    "terminal_event": "at",
    "incident": "occurred_at",
}
DATES = {"staff": ("hired_on", "left_on")}
LISTS = {"approval": ("details",), "branch_golive": ("application_items",)}

LOOK_UPS = {"query_summary", "query_detail", "query_transactions", "query_credit"}
CHANGES = {
    "modify_customer",
    "modify_customer_level",
    "assign_customer",
    "create_service_record",
    "modify_service_record",
    "delete_service_record",
    "approve_card",
}

DEFAULTS = {
    "approval_validity": 30 * 86400,
    "close_limit": 0,
    "tenure": 2,
    "verify_limit": 5,
    "initial_change": 600,
    "password_age": 90 * 86400,
    "session_idle": 1800,
    "working_hours_from": 7 * 3600 + 1800,
    "working_hours_to": 20 * 3600,
    "off_hours_minimum": 1,
    "mass_limit": 100,
    "clock_skew": 5,
    "broadband_quota": 70,
    "manager_quota": 70,
    "backup_limit": 10,
    "check_limit": 30,
    "incident_limit": 7200,
    "clean_minimum": 500,
    "duty_tenure": 90,
}


def seconds(text: str) -> int:
    stamp = datetime.fromisoformat(text)
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=LOCAL)
    return (stamp - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def local(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, LOCAL)


def start_of(day: date) -> int:
    return seconds(day.isoformat() + "T00:00:00")


def end_of(day: date) -> int:
    return seconds(day.isoformat() + "T23:59:59")


class UnknownYearError(Exception):
    """The calendar does not know the year."""


class World:
    def __init__(
        self,
        rows: Mapping[str, Sequence[Mapping[str, object]]],
        as_of: str,
        first_day: date,
        last_day: date,
        working_day: Mapping[date, bool] | None,
        settings: Mapping[str, int],
    ) -> None:
        self.as_of = seconds(as_of)
        self.first_day, self.last_day = first_day, last_day
        self.period = (start_of(first_day), end_of(last_day))
        self.audit_instant = min(self.as_of, self.period[1])
        self.calendar = working_day
        self.settings = DEFAULTS | dict(settings)
        self.rows = {record: self._admit(record, rows.get(record, ())) for record in TIMES}
        self.units = {r["org_id"]: r for r in self.rows["org_unit"]}
        self.users = {r["user_id"]: r for r in self.rows["cis_user"]}
        self.staff = {r["staff_id"]: r for r in self.rows["staff"]}
        self.approvals = {r["approval_id"]: r for r in self.rows["approval"]}
        self.assignments: dict[str, list[Row]] = defaultdict(list)
        for r in self.rows["customer_assignment"]:
            self.assignments[r["customer_id"]].append(r)
        self.events = sorted(self.rows["access_event"], key=lambda e: (e["at"], e["seq"] is None, e["seq"] or 0, e["event_id"]))

    def _admit(self, record: str, rows: Sequence[Mapping[str, object]]) -> list[Row]:
        admitted: list[Row] = []
        for raw in rows:
            row: Row = {}
            for field, value in raw.items():
                if isinstance(value, str) and not value.strip():
                    value = None
                if field in TIMES[record] and isinstance(value, str):
                    value = seconds(value)
                    if value > self.as_of and field != STARTS.get(record):
                        value = None
                if field in DATES.get(record, ()) and isinstance(value, str):
                    value = date.fromisoformat(value[:10])
                    if field == "left_on" and start_of(value) > self.as_of:
                        value = None
                if field == "misconduct" and isinstance(value, str):
                    value = {"true": 1, "1": 1, "false": 0, "0": 0}[value.lower()]
                if field in LISTS.get(record, ()) and isinstance(value, str):
                    value = json.loads(value)
                row[field] = value
            start = row.get(STARTS.get(record, ""))
            if start is None or start <= self.as_of:
                admitted.append(defaultdict(lambda: None, row))
        return admitted

    # in force at a moment

    def kind(self, org: str | None) -> str | None:
        return self.units[org]["kind"] if org in self.units else None

    def in_force(self, org: str | None, t: int) -> bool:
        return org in self.units and valid(self.units[org], t)

    def account(self, user: str | None, t: int) -> Row | None:
        row = self.users.get(user)
        return row if row and row["registered_at"] <= t and (row["deregistered_at"] is None or t < row["deregistered_at"]) else None

    def active(self, t: int) -> list[Row]:
        return [u for u in self.rows["cis_user"] if self.account(u["user_id"], t)]

    def within(self, unit: str | None, root: str | None, t: int) -> bool | None:
        """Does `unit` lie within `root` at t? None: it cannot be told."""
        if unit is None or root is None:
            return None
        if unit == root:
            return True
        if not self.in_force(unit, t) or not self.in_force(root, t):
            return None
        seen = set()
        while unit != root:
            if unit in seen or not self.in_force(unit, t):
                return None
            seen.add(unit)
            above = self.units[unit]["parent_id"]
            if above is None:
                return False if self.units[unit]["kind"] == "province" else None
            unit = above
        return True

    def within_own(self, unit: str | None, account: Row, t: int) -> bool | None:
        """Does `unit` lie within the account's own institution?"""
        home = account["org_id"]
        kind = self.kind(home)
        if kind is None:
            return True if home is not None and unit == home else None
        if kind == "studio":
            if not self.in_force(home, t):
                return None
            home = self.units[home]["parent_id"]
        return self.within(unit, home, t)

    def branch_above(self, org: str | None, t: int) -> tuple[bool, str | None]:
        """(can it be told, the branch or None)."""
        seen = set()
        while org not in seen:
            if not self.in_force(org, t) or self.kind(org) is None:
                return False, None
            if self.kind(org) == "branch":
                return True, org
            seen.add(org)
            above = self.units[org]["parent_id"]
            if above is None:
                return (True, None) if self.kind(org) == "province" else (False, None)
            org = above
        return False, None

    def rows_of(self, customer: str | None, t: int) -> list[Row]:
        return [r for r in self.assignments.get(customer, ()) if valid(r, t)] if customer else []

    def branches_live(self) -> dict[str, int]:
        """Units of kind branch with their earliest going live, not later than as-of."""
        live: dict[str, int] = {}
        for r in self.rows["branch_golive"]:
            if r["live_at"] is not None:
                live[r["org_id"]] = min(live.get(r["org_id"], r["live_at"]), r["live_at"])
        return {org: at for org, at in live.items() if self.kind(org) == "branch"}

    def holder(self, user: str | None) -> str:
        """The unit that answers for what the user does."""
        row = self.users.get(user)
        return (row["org_id"] or "") if row else ""

    def the_province(self, t: int) -> str:
        provinces = [u["org_id"] for u in self.rows["org_unit"] if u["kind"] == "province" and valid(u, t)]
        return provinces[0] if len(provinces) == 1 else ""

    # the calendar

    def is_working_day(self, day: date) -> bool:
        if self.calendar is not None:
            if day not in self.calendar:
                raise UnknownYearError(day.year)
            return self.calendar[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError as e:
            raise UnknownYearError(day.year) from e

    def working_days_after(self, day: date, n: int) -> date:
        self.is_working_day(day)
        while n:
            day += timedelta(days=1)
            n -= self.is_working_day(day)
        return day


def valid(row: Row, t: int) -> bool:
    return (row["valid_from"] is None or row["valid_from"] <= t) and (row["valid_to"] is None or t < row["valid_to"])


class Verdicts:
    def __init__(self, world: World) -> None:
        self.world = world
        self.all: dict[tuple[str, str], tuple[str, int, str]] = {}

    def put(self, rule: str, case: str, counted: int, broken: bool | None, liable: str | None, bad: str = "breach") -> None:
        """broken None: it cannot be told."""
        verdict = "indeterminate" if broken is None else bad if broken else "compliant"
        assert (rule, case) not in self.all, (rule, case)
        self.all[rule, case] = (verdict, counted, liable or "")

    def time_limit(self, rule: str, case: str, due: int, done: int | None, liable: str | None) -> None:
        late = done is None or done > due
        verdict = "compliant" if not late else "pending" if done is None and self.world.as_of <= due else "breach"
        assert (rule, case) not in self.all, (rule, case)
        self.all[rule, case] = (verdict, due, liable or "")

    def of_the_period(self) -> dict[tuple[str, str], tuple[str, int, str]]:
        first, last = self.world.period
        return {k: v for k, v in sorted(self.all.items()) if first <= v[1] <= last}


def any_of(answers: Sequence[bool | None]) -> bool | None:
    """One yes is enough; without one, a single unknown leaves it unknown."""
    return True if True in answers else None if None in answers else False
