"""The rules of the brokerage measures once more, case by case in plain Python, as an independent witness of the ruleset."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from tests.rulesets.plain_logs import (
    Audit,
    Row,
    Rows,
    Verdict,
    after_days,
    earliest,
    end_of_day,
    is_blank,
    month_of_label,
    spans,
    time_limit,
    working_days_after,
)

SANCTIONS = {"warning": 1, "demerit": 2, "demotion": 3, "pay_cut": 3, "transfer": 4, "dismissal": 5}
CALLED_FOR = {"slight": 1, "moderate": 2, "serious": 3, "severe": 4, "grave": 5}
STEPS = ((90, "1.0"), (80, "0.9"), (70, "0.8"), (60, "0.6"))


def number(value: object) -> Decimal | None:
    return None if is_blank(value) else Decimal(str(value))


def flag(value: object) -> bool | None:
    return None if is_blank(value) else str(value).lower() in ("1", "true")


def judge(rows: Rows, period: str, as_of: str) -> list[Verdict]:
    """Every case of the period under every rule."""
    audit = Audit(rows, period, as_of)
    _teams(audit)
    _agreements(audit)
    _claims(audit)
    _duties(audit)
    _assessments(audit)
    audit.ticket_answer("IB501", "complaint", 5, "head_office")
    _phones(audit)
    _conduct(audit)
    _fees(audit)
    _best_centres(audit)
    return audit.verdicts


def _teams(audit: Audit) -> None:
    logs, now = audit.logs, audit.audit_instant
    licences = {str(s["staff_id"]): s.get("broker_licence") for s in logs["staff"]}
    for centre in logs.of_kind("service_center"):
        if not logs.in_force(centre, now):
            continue
        members = [m for m in logs["team_member"] if m["org_id"] == centre["org_id"] and logs.in_force(m, now)]

        def heads(role: str, members: list[Row] = members) -> int:
            return len(
                {
                    ("row", m["member_id"]) if is_blank(m.get("staff_id")) else ("person", m["staff_id"])
                    for m in members
                    if m["role"] == role
                }
            )

        right = heads("lead") == 1 and 1 <= heads("service") <= 2
        audit.add("IB101", centre["org_id"], "compliant" if right else "breach", now, centre["org_id"])
        licensed = any(not is_blank(licences.get(str(m.get("staff_id")))) for m in members if not is_blank(m.get("staff_id")))
        unknown = any(is_blank(m.get("staff_id")) or str(m["staff_id"]) not in licences for m in members)
        audit.add("IB102", centre["org_id"], "compliant" if licensed else "indeterminate" if unknown else "breach", now, centre["org_id"])


def _agreements(audit: Audit) -> None:
    logs = audit.logs
    branches = logs.of_kind("client_branch_1", "client_branch_2")
    delivered: dict[object, list[Row]] = defaultdict(list)
    for d in logs["manual_delivery"]:
        if d["delivered_at"] is not None:
            delivered[d["agreement_id"]].append(d)
    for agreement in logs["agreement"]:
        signed: datetime = agreement["signed_at"]  # type: ignore[assignment]
        key = agreement["agreement_id"]
        due = after_days(signed, 15)
        for branch in branches:
            if logs.in_force_throughout(branch, signed, due):
                done = earliest([d["delivered_at"] for d in delivered[key] if d["org_id"] == branch["org_id"]])
                audit.add("IB201", f"{key}:{branch['org_id']}", time_limit(due, done, audit.as_of), due, logs.the_only("head_office", due))
        total, done = 0, None
        for d in sorted(delivered[key], key=lambda d: (d["delivered_at"], str(d["delivery_id"]))):
            if logs.kind(d["org_id"]) == "client_head_office":
                total += int(str(d.get("copies") or 0))
                if total >= 20 and done is None:
                    done = d["delivered_at"]
        # The receiver is not the unit that acted: copies to a unit without kind simply do not count.
        audit.add("IB202", key, time_limit(due, done, audit.as_of), due, logs.the_only("head_office", due))  # type: ignore[arg-type]
        due = after_days(signed, 60)
        for branch in branches:
            if logs.in_force_throughout(branch, signed, due):
                done = earliest(
                    [
                        r["done_at"]
                        for r in audit.duty_records("central_training")
                        if r.get("subject_id") == branch["org_id"] and signed <= r["done_at"] <= due
                    ]
                )
                audit.add("IB203", f"{key}:{branch['org_id']}", time_limit(due, done, audit.as_of), due, logs.the_only("head_office", due))


def _claims(audit: Audit) -> None:
    logs = audit.logs
    for c in logs["claim"]:
        reported, loss = c["reported_at"], number(c.get("estimated_loss"))
        if loss is None or loss >= (200000 if c["line"] == "non_motor" else 30000):
            due = working_days_after(reported, 1)  # type: ignore[arg-type]
            known = due is not None and loss is not None
            audit.add(
                "IB301",
                c["claim_id"],
                time_limit(due, c["declared_at"], audit.as_of) if known else "indeterminate",  # type: ignore[arg-type]
                due or reported,
                c["org_id"],
            )
            if c["declared_at"] is not None:
                due = working_days_after(c["declared_at"], 3)  # type: ignore[arg-type]
                known = due is not None and loss is not None
                counted = due or c["declared_at"]
                audit.add(
                    "IB302",
                    c["claim_id"],
                    time_limit(due, c["group_joined_at"], audit.as_of) if known else "indeterminate",  # type: ignore[arg-type]
                    counted,
                    logs.the_only("head_office", counted),
                )  # type: ignore[arg-type]
        audit.add(
            "IB303",
            c["claim_id"],
            {True: "compliant", False: "breach", None: "indeterminate"}[flag(c.get("registered"))],
            reported,
            c["org_id"],
        )  # type: ignore[arg-type]
        if c["closed_at"] is not None:
            audit.add(
                "IB304",
                c["claim_id"],
                {True: "compliant", False: "breach", None: "indeterminate"}[flag(c.get("client_file"))],
                c["closed_at"],
                c["org_id"],
            )  # type: ignore[arg-type]


def _duties(audit: Audit) -> None:
    logs = audit.logs
    first, last = audit.years()
    offices, centres = logs.of_kind("head_office"), logs.of_kind("service_center")
    claims = [(c["reported_at"], c["org_id"]) for c in logs["claim"]]
    for span in spans("month", first, last):
        due = after_days(span.end, 15)
        reported = {org for at, org in claims if span.start <= at <= span.end}  # type: ignore[operator]
        for ho in offices:
            if logs.obliged(ho, span):
                if reported:
                    audit.handed_in("IB401", ("claims_tracking",), ho, span, due, ho["org_id"])
                audit.handed_in("IB403", ("motor_list_review",), ho, span, due, ho["org_id"])
                for centre in centres:
                    if logs.obliged(centre, span) and centre["org_id"] in reported:
                        audit.handed_in("IB402", ("claims_phone_sample",), ho, span, due, ho["org_id"], str(centre["org_id"]))
        for centre in centres:
            if logs.obliged(centre, span):
                audit.handed_in("IB405", ("monthly_plan_and_summary",), centre, span, due, centre["org_id"])
                audit.handed_in("IB406", ("fee_ledger",), centre, span, due, centre["org_id"])
    for ho in offices:
        for span in spans("quarter", first, last):
            if logs.obliged(ho, span):
                due = after_days(span.end, 30)
                audit.handed_in("IB411", ("risk_brief",), ho, span, due, ho["org_id"])
                _insurance_brief(audit, ho, span, due)
        for span in spans("half", first, last):
            if logs.obliged(ho, span):
                if span.label.endswith("H1"):
                    audit.handed_in("IB413", ("half_year_report",), ho, span, after_days(span.end, 45), ho["org_id"])
                audit.handed_in("IB415", ("feedback_analysis",), ho, span, after_days(span.end, 45), ho["org_id"])
        for span in spans("year", first, last):
            if not logs.obliged(ho, span):
                continue
            audit.handed_in("IB414", ("annual_report",), ho, span, after_days(span.end, 60), ho["org_id"])
            audit.within("IB410", ("experience_exchange",), ho, span, ho["org_id"])
            for centre in centres:
                if logs.obliged(centre, span):
                    audit.handed_in(
                        "IB408", ("annual_assessment",), ho, span, after_days(span.end, 60), ho["org_id"], str(centre["org_id"])
                    )
                    audit.within("IB409", ("on_site_inspection",), ho, span, ho["org_id"], str(centre["org_id"]))
            for branch in logs.of_kind("client_branch_1", "client_branch_2"):
                if logs.obliged(branch, span):
                    if branch["kind"] == "client_branch_1":
                        audit.within("IB421", ("return_visit",), ho, span, ho["org_id"], str(branch["org_id"]))
                    audit.within("IB422", ("satisfaction_survey",), ho, span, ho["org_id"], str(branch["org_id"]))


def _insurance_brief(audit: Audit, ho: Row, span: object, due: datetime) -> None:
    if not audit.is_over(span):  # type: ignore[arg-type]
        return
    records = [r for r in audit.duty_records("insurance_brief") if r["org_id"] == ho["org_id"] and r.get("period") == span.label]  # type: ignore[attr-defined]
    halves = [
        earliest([r["done_at"] for r in records if item in json.loads(str(r.get("items") or "[]"))])
        for item in ("underwriting_summary", "claims_analysis")
    ]
    done = None if None in halves else max(halves)  # type: ignore[type-var]
    audit.add("IB412", f"insurance_brief:{ho['org_id']}:{span.label}", time_limit(due, done, audit.as_of), due, ho["org_id"])  # type: ignore[attr-defined]


def _assessments(audit: Audit) -> None:
    logs = audit.logs
    for span in spans("month", *audit.years()):
        if not audit.is_over(span):
            continue
        due = after_days(span.end, 15)
        for centre in logs.of_kind("service_center"):
            if logs.obliged(centre, span):
                org = centre["org_id"]
                done = earliest(
                    [
                        r["done_at"]
                        for r in audit.duty_records("monthly_assessment")
                        if r.get("period") == span.label and org in (r["org_id"], r.get("subject_id"))
                    ]
                    + [s["scored_at"] for s in logs["score_sheet"] if s["org_id"] == org and s["period"] == span.label]
                )
                audit.add(
                    "IB404",
                    f"monthly_assessment:{org}:{span.label}",
                    time_limit(due, done, audit.as_of),
                    due,
                    logs.the_only("head_office", due),
                )


def _phones(audit: Audit) -> None:
    days: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for a in audit.logs["contact_attempt"]:
        days[str(a["org_id"]), a["at"].date().isoformat()].append(a)  # type: ignore[attr-defined]
    for (org, day), attempts in days.items():
        attempts.sort(key=lambda a: (a["at"], str(a["attempt_id"])))
        run, reached = 0, None
        for a in attempts:
            run = 0 if a["outcome"] == "answered" else run + 1
            if run == 3 and reached is None:
                reached = a["at"]
        audit.add("IB502", f"{org}:{day}", "breach" if reached else "compliant", reached or attempts[-1]["at"], org)  # type: ignore[arg-type]


def _conduct(audit: Audit) -> None:
    logs = audit.logs
    for d in logs["disclosure"]:
        if d["recipient_kind"] == "third_party":
            audit.add("IB503", d["disclosure_id"], "breach" if is_blank(d.get("consent_doc")) else "compliant", d["at"], d["org_id"])  # type: ignore[arg-type]
    for f in logs["service_failure"]:
        due = after_days(f["at"], 30)  # type: ignore[arg-type]
        enough = not is_blank(f.get("sanction")) and SANCTIONS[str(f["sanction"])] >= CALLED_FOR[str(f["impact"])]
        done = f["sanctioned_at"] if enough else None
        audit.add("IB701", f["failure_id"], time_limit(due, done, audit.as_of), due, logs.the_only("head_office", due))  # type: ignore[arg-type]


def _fees(audit: Audit) -> None:
    logs = audit.logs
    for s in logs["score_sheet"]:
        score, base, paid, scored = number(s.get("score")), number(s.get("base_fee")), number(s.get("paid_fee")), s["scored_at"]
        if scored is not None and paid is not None:
            if score is None or base is None:
                verdict = "indeterminate"
            else:
                coefficient = next((Decimal(c) for least, c in STEPS if score >= least), Decimal(0))
                verdict = "breach" if abs(paid - base * coefficient) > Decimal("0.01") else "compliant"
            audit.add("IB601", s["sheet_id"], verdict, scored, logs.the_only("head_office", scored))  # type: ignore[arg-type]
        span = month_of_label(s["period"])
        if span is not None and audit.is_over(span):
            due = after_days(span.end, 30)
            verdict = "compliant" if paid is not None else "breach" if audit.as_of > due else "pending"
            audit.add("IB602", s["sheet_id"], verdict, due, logs.the_only("head_office", due))


def _best_centres(audit: Audit) -> None:
    logs, period = audit.logs, audit.period
    whole = (
        period.start.day == 1
        and period.start.time() == period.start.min.time()
        and month_of_label(period.end.strftime("%Y-%m")).end == end_of_day(period.end)
    )  # type: ignore[union-attr]
    if not whole or not audit.is_over(period):
        return
    wanted = [s.label for s in spans("month", period.start.year, period.end.year) if period.start <= s.start and s.end <= period.end]
    blamed = {v.liable for v in audit.verdicts if v.verdict == "breach"}
    for centre in logs.of_kind("service_center"):
        org = centre["org_id"]
        sheets = [
            s
            for s in logs["score_sheet"]
            if s["org_id"] == org and s["period"] in wanted and s["scored_at"] is not None and not is_blank(s.get("score"))
        ]
        if not logs.in_force(centre, period.end) or {s["period"] for s in sheets} != set(wanted) or org in blamed:
            continue
        scores = [Decimal(str(s["score"])) for s in sheets]
        if sum(scores) >= 95 * len(scores):
            audit.add("IB901", f"{org}:{period.label}", "merit", period.end, org)
