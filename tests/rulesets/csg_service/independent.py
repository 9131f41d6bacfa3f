"""The rules of the grid company's measures once more, case by case in plain Python, as an independent witness of the ruleset."""

from __future__ import annotations

import json
from decimal import Decimal

from tests.rulesets.plain_logs import (
    Audit,
    Row,
    Rows,
    Verdict,
    after_days,
    day_start,
    earliest,
    end_of_day,
    is_blank,
    month_of_label,
    spans,
    time_limit,
    working_days_after,
)

BRIEF = {
    "inquiry",
    "fault_repair",
    "complaint",
    "business",
    "praise_and_suggestion",
    "return_visit",
    "outage_reminder",
    "bill_reminder",
    "connection_rate",
    "reply_rate",
    "average_wait",
    "problem_analysis",
    "rectification",
}
PLAN = {
    "head_office": {"window_building", "service_inspection", "theme_campaign"},
    "subsidiary": {"window_building", "assessment", "key_customer_visits", "theme_campaign"},
}


def judge(rows: Rows, period: str, as_of: str) -> list[Verdict]:
    """Every case of the period under every rule."""
    audit = Audit(rows, period, as_of)
    _monthly(audit)
    _content(audit)
    _rectifications(audit)
    _yearly(audit)
    _targets(audit)
    audit.ticket_answer("GR307", "complaint", 10, None)
    audit.ticket_answer("GR309", "report", 10, None)
    for c in audit.logs["commendation"]:
        if str(c.get("verified")).lower() in ("1", "true"):
            audit.add("GR901", c["commendation_id"], "merit", c["at"], c.get("org_id"))  # type: ignore[arg-type]
    return audit.verdicts


def _monthly(audit: Audit) -> None:
    logs = audit.logs
    for span in spans("month", *audit.years()):
        following = after_days(span.end, 1)
        for rule, kind, day in (("GR101", "head_office", 20), ("GR102", "subsidiary", 15)):
            due = end_of_day(day_start(following.year, following.month, day))
            for unit in logs.of_kind(kind):
                if logs.obliged(unit, span):
                    audit.handed_in(rule, ("service_brief",), unit, span, due, unit["org_id"])
        if not audit.is_over(span):
            continue
        due = after_days(span.end, 15)
        for unit in logs.of_kind("supply_unit"):
            if logs.obliged(unit, span):
                done = any(
                    k["org_id"] == unit["org_id"]
                    and k["period"] == span.label
                    and not any(is_blank(k.get(f)) for f in ("connection_rate", "reply_rate", "average_wait_s"))
                    for k in logs["service_kpi"]
                )
                audit.add(
                    "GR308",
                    f"service_kpi:{unit['org_id']}:{span.label}",
                    "compliant" if done else "breach" if audit.as_of > due else "pending",
                    due,
                    unit["org_id"],
                )


def _content(audit: Audit) -> None:
    for r in audit.duty_records("service_brief", "annual_service_plan"):
        kind, items = audit.logs.kind(r["org_id"]), set(json.loads(str(r.get("items") or "[]")))
        rule, wanted = (
            ("GR103", BRIEF if kind == "subsidiary" else None) if r["duty"] == "service_brief" else ("GR202", PLAN.get(str(kind)))
        )
        if kind is None:
            audit.add(rule, r["record_id"], "indeterminate", r["done_at"], r["org_id"])  # type: ignore[arg-type]
        elif wanted is not None:
            audit.add(rule, r["record_id"], "compliant" if wanted <= items else "breach", r["done_at"], r["org_id"])  # type: ignore[arg-type]


def _rectifications(audit: Audit) -> None:
    for r in audit.logs["rectification"]:
        if r["found_at"] is not None:
            due = working_days_after(r["found_at"], 10)  # type: ignore[arg-type]
            if due is None:
                audit.add("GR104", r["rectification_id"], "indeterminate", r["found_at"], r.get("org_id"))  # type: ignore[list-item]
            else:
                verdict = "breach" if audit.as_of > due else "pending"
                audit.add("GR104", r["rectification_id"], verdict if is_blank(r.get("measure")) else "compliant", due, r.get("org_id"))
        if r["due_at"] is not None:
            audit.add("GR105", r["rectification_id"], time_limit(r["due_at"], r["done_at"], audit.as_of), r["due_at"], r.get("org_id"))  # type: ignore[arg-type]


def _yearly(audit: Audit) -> None:
    logs = audit.logs
    first, last = audit.years()
    offices, subsidiaries = logs.of_kind("head_office"), logs.of_kind("subsidiary")
    for span in spans("year", first, last):
        january, next_january = (end_of_day(day_start(int(span.label) + n, 1, 31)) for n in (0, 1))
        for unit in offices + subsidiaries:
            if logs.in_force(unit, january):
                audit.handed_in("GR201", ("annual_service_plan",), unit, span, january, unit["org_id"], started=span.start <= audit.as_of)
            if logs.obliged(unit, span):
                audit.within("GR311", ("theme_campaign",), unit, span, unit["org_id"])
        for unit in subsidiaries:
            if logs.obliged(unit, span):
                audit.within("GR203", ("key_customer_forum", "key_customer_visit"), unit, span, unit["org_id"])
                audit.within("GR204", ("conduct_supervisor_meeting",), unit, span, unit["org_id"])
                audit.handed_in("GR206", ("annual_summary",), unit, span, after_days(span.end, 31), unit["org_id"])
                audit.within("GR303", ("service_inspection",), unit, span, unit["org_id"])
                audit.within("GR310", ("window_assessment",), unit, span, unit["org_id"])
        for ho in offices:
            if logs.obliged(ho, span):
                audit.handed_in("GR304", ("annual_results",), ho, span, next_january, ho["org_id"])
                for unit in subsidiaries:
                    if logs.obliged(unit, span):
                        audit.within("GR301", ("service_inspection",), ho, span, ho["org_id"], str(unit["org_id"]))
        if (int(span.label) - 2003) % 2 == 1:
            cycle = type(span)(span.label, day_start(int(span.label) - 1, 1), span.end)
            for ho in offices:
                if logs.obliged(ho, cycle):
                    audit.within("GR302", ("window_assessment",), ho, cycle, ho["org_id"])
    for span in spans("half", first, last):
        for unit in subsidiaries:
            if logs.obliged(unit, span):
                audit.within("GR205", ("service_training",), unit, span, unit["org_id"])


def _target_verdict(audit: Audit, k: Row) -> tuple[str, object] | None:
    """The verdict of GR305 and its month; None outside."""
    span = month_of_label(k["period"])
    kind = audit.logs.kind(k["org_id"])
    pairs = [
        ("connection_rate", "target_connection_rate", 1),
        ("reply_rate", "target_reply_rate", 1),
        ("average_wait_s", "target_average_wait_s", -1),
    ]
    targets = [(k.get(f), k.get(t), sign) for f, t, sign in pairs if not is_blank(k.get(t))]
    if span is None or not audit.is_over(span) or not targets or kind not in (None, "supply_unit", "subsidiary"):
        return None
    if kind is None:
        return "indeterminate", span
    if any(not is_blank(f) and sign * (Decimal(str(f)) - Decimal(str(t))) < 0 for f, t, sign in targets):
        return "breach", span
    return ("indeterminate" if any(is_blank(f) for f, _, _ in targets) else "compliant"), span


def _subsidiary(audit: Audit, unit: Row, moment: object) -> str:
    seen, parent = {unit["org_id"]}, unit.get("parent_id")
    while not is_blank(parent) and parent not in seen and str(parent) in audit.logs.units:
        above = audit.logs.units[str(parent)]
        if above.get("kind") == "subsidiary" and audit.logs.in_force(above, moment):  # type: ignore[arg-type]
            return str(parent)
        seen.add(parent)
        parent = above.get("parent_id")
    return ""


def _targets(audit: Audit) -> None:
    logs = audit.logs
    by_month: dict[tuple[object, str], list[str]] = {}
    for k in logs["service_kpi"]:
        if judged := _target_verdict(audit, k):
            verdict, span = judged
            audit.add("GR305", k["kpi_id"], verdict, span.end, k["org_id"])  # type: ignore[attr-defined]
            by_month.setdefault((k["org_id"], span.label), []).append(verdict)  # type: ignore[attr-defined]
    for span in spans("year", *audit.years()):
        if not audit.is_over(span):
            continue
        due = after_days(span.end, 31)
        labels = [m.label for m in spans("month", int(span.label), int(span.label))]
        named = {span.label, *labels, *(f"{span.label}Q{n}" for n in range(1, 5)), f"{span.label}H1", f"{span.label}H2"}
        for unit in logs.of_kind("supply_unit"):
            if not logs.in_force(unit, span.end):
                continue
            org = unit["org_id"]
            verdicts = [by_month.get((org, label), []) for label in labels]
            if all(verdicts) and {v for month in verdicts for v in month} == {"compliant"}:
                audit.add("GR902", f"{org}:{span.label}", "merit", span.end, org)
            if not any("breach" in month for month in verdicts):
                continue
            subsidiary = _subsidiary(audit, unit, due)
            done = earliest(
                [
                    r["done_at"]
                    for r in audit.duty_records("circular")
                    if subsidiary and r["org_id"] == subsidiary and r.get("subject_id") == org and r.get("period") in named
                ]
            )
            audit.add(
                "GR306",
                f"circular:{org}:{span.label}",
                time_limit(due, done, audit.as_of) if subsidiary else "indeterminate",
                due,
                subsidiary,
            )
