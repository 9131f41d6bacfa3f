"""Duties of departments (parts 3 and 4)."""

from __future__ import annotations

from datetime import timedelta

from tests.rulesets.plain_logs import Span, earliest, spans, working_days_after
from tests.rulesets.power95598.independent.judge import Book
from tests.rulesets.power95598.independent.logs import Row, says_yes

OWNER = {"line_10kv": "production", "urban_transformer": "production", "rural_transformer": "rural_power"}


def judge(book: Book, audited: Span) -> None:
    logs = book.logs
    for issue in logs["hot_issue"]:
        book.working_limit("PW708", issue["issue_id"], issue["found_at"], 1, issue["reported_at"], issue["org_id"])
        if says_yes(issue["own_remit"]):
            _assessed(book, issue)
    for change in logs["grid_asset"]:
        moment = working_days_after(change["changed_at"], 3) or change["changed_at"]
        owner = logs.the_only(OWNER[change["kind"]], moment)
        book.working_limit("PW705", change["change_id"], change["changed_at"], 3, change["reported_at"], owner)
    for publication in logs["publication"]:
        if publication["kind"] in ("marketing_policy", "marketing_rule", "marketing_notice"):
            _reviewed(book, publication)
    for approval in logs["approval"]:
        if approval["kind"] == "permission" and approval["result"] == "approved" and approval["approved_at"] is not None:
            kind = logs.kind(approval["approver_org_id"])
            verdict = "indeterminate" if kind is None else "compliant" if kind == "marketing" else "breach"
            at = approval["approved_at"]
            book.put("PW707", approval["approval_id"], verdict, at, logs.the_only("service_center", at))
    _monthly_reports(book, audited)


def _assessed(book: Book, issue: Row) -> None:
    due = working_days_after(issue["found_at"], 3)
    if due is None:
        book.put("PW701", issue["issue_id"], "indeterminate", issue["found_at"], issue["org_id"])
    book.with_content("PW701", issue["issue_id"], due, issue["assessed_at"], issue["measures"] is not None, issue["org_id"])


def _reviewed(book: Book, p: Row) -> None:
    at, reviewed, marketing = p["published_at"], p["reviewed_at"], book.logs.the_only("marketing", p["published_at"])
    if reviewed is None or reviewed > at:
        book.limit("PW706", p["publication_id"], at, reviewed, marketing)
        return
    kind = book.logs.kind(p["reviewed_by_org_id"])
    verdict = "indeterminate" if kind is None else "compliant" if kind == "marketing" else "breach"
    book.put("PW706", p["publication_id"], verdict, at, marketing)


def _monthly_reports(book: Book, audited: Span) -> None:
    logs = book.logs
    for month in spans("month", audited.start.year - 1, audited.end.year):
        if book.as_of <= month.end:
            continue
        since = max(month.start, month.end - timedelta(days=90))
        for unit in logs.units.values():
            obliged = (unit["valid_from"] is None or unit["valid_from"] <= since) and (
                unit["valid_to"] is None or month.end < unit["valid_to"]
            )
            if unit["kind"] != "service_center" or not obliged:
                continue
            records = [r for r in logs["duty_record"] if r["duty"] == "monthly_service_report" and r["org_id"] == unit["org_id"]]
            done = earliest([r["done_at"] for r in records if r["period"] == month.label])
            case = f"monthly_service_report:{unit['org_id']}:{month.label}"
            book.limit("PW704", case, month.end + timedelta(days=10), done, unit["org_id"])
