"""Notices, outages and changes (2.1)."""

from __future__ import annotations

from datetime import timedelta

from tests.rulesets.plain_logs import earliest
from tests.rulesets.power95598.independent.judge import Book
from tests.rulesets.power95598.independent.logs import Row

AHEAD = {"planned": ("PW101", timedelta(days=7)), "temporary": ("PW102", timedelta(days=2)), "rationing": ("PW103", timedelta(hours=24))}
OTHERS = ("PW104", timedelta(minutes=30))
TOLERANCE, CHANGE = timedelta(minutes=5), timedelta(hours=1)
REPORTERS = {"planned": {"dispatch"}, "temporary": {"dispatch", "supply_station", "repair_center"}, "rationing": {"marketing"}}
NOTICE_FIELDS = ["line", "area", "construction_unit", "work_content", "planned_off_at", "planned_on_at"]
NOTICE_FIELDS += ["special_users", "leader", "leader_phone"]
RATIONING_FIELDS = ["line", "area", "requirement", "planned_off_at", "planned_on_at", "special_users"]


def judge(book: Book) -> None:
    for notice in book.logs["outage_notice"]:
        _notice(book, notice)
    for outage in book.logs["outage"]:
        _outage(book, outage)
    for change in book.logs["outage_change"]:
        _change(book, change)


def _notice(book: Book, n: Row) -> None:
    rule, ahead = AHEAD.get(n["kind"], OTHERS)
    case, unit, off, entered = n["notice_id"], n["org_id"], n["planned_off_at"], n["entered_at"]
    if off is None:
        book.put(rule, case, "indeterminate", earliest([entered, n["announced_at"]]), unit)
    elif entered is not None or book.as_of >= off:
        book.limit(rule, case, off - ahead, entered, unit)
    if entered is None:
        return
    if n["kind"] in REPORTERS:
        kind = book.logs.kind(unit)
        verdict = "indeterminate" if kind is None else "compliant" if kind in REPORTERS[n["kind"]] else "breach"
        book.put("PW106", case, verdict, entered, unit)
    if n["kind"] not in ("rationing", "arrears"):
        book.filled_in("PW107", case, all(n[f] is not None for f in NOTICE_FIELDS), entered, unit)
    if n["kind"] == "rationing":
        book.filled_in("PW108", case, all(n[f] is not None for f in RATIONING_FIELDS), entered, unit)


def _outage(book: Book, o: Row) -> None:
    case, unit, off = o["outage_id"], o["org_id"], o["off_at"]
    notice = book.logs.notices.get(o["notice_id"])
    if o["kind"] != "fault":
        book.limit("PW105", case, off, notice["entered_at"] if notice is not None else None, unit)
    if notice is None:
        return
    told = {
        kind: earliest([c["notified_at"] for c in book.logs["outage_change"] if c["notice_id"] == o["notice_id"] and c["kind"] == kind])
        for kind in ("early_off", "late_on")
    }
    planned_off, planned_on = notice["planned_off_at"], notice["planned_on_at"]
    if o["kind"] != "fault":
        if planned_off is None:
            book.put("PW109", case, "indeterminate", off, unit)
        elif off < planned_off - TOLERANCE:
            book.limit("PW109", case, off - CHANGE, told["early_off"], unit)
    if planned_on is None:
        book.put("PW110", case, "indeterminate", off, unit)
    elif o["on_at"] > planned_on + TOLERANCE if o["on_at"] is not None else book.as_of > planned_on + TOLERANCE:
        book.limit("PW110", case, planned_on - CHANGE, told["late_on"], unit)


def _change(book: Book, c: Row) -> None:
    told = c["notified_at"]
    if told is None:
        return
    notice = book.logs.notices.get(c["notice_id"])
    carried = [o for o in book.logs["outage"] if o["notice_id"] == c["notice_id"] and o["org_id"] is not None]
    first = min(carried, key=lambda o: (o["off_at"], o["outage_id"]), default=None)
    unit = first["org_id"] if first is not None else notice["org_id"] if notice is not None else None
    book.filled_in("PW111", c["change_id"], c["reason"] is not None, told, unit)
    if notice is None:
        book.put("PW112", c["change_id"], "indeterminate", told, unit)
    elif notice["announced_at"] is not None and notice["announced_at"] < told and (notice["special_users"] or "").strip().lower() != "none":
        book.filled_in("PW112", c["change_id"], c["users_notified_at"] is not None, told, unit)
