"""Life of an account; confirmation of assignments."""

from __future__ import annotations

from datetime import date

from .world import Row, UnknownYearError, Verdicts, World, end_of, local


def judge_accounts(world: World, verdicts: Verdicts) -> None:
    s, t = world.settings, world.audit_instant
    active = world.active(t)
    for a in world.rows["cis_user"]:
        user, org, start = a["user_id"], a["org_id"], a["registered_at"]
        staff = world.staff.get(a["staff_id"])
        verdicts.time_limit("BK301", user, start, a["confidentiality_signed_at"], org)
        if a["first_login_at"] is not None:
            verdicts.time_limit("BK302", user, a["first_login_at"], a["trained_at"], org)
            verdicts.time_limit("BK501", user, a["first_login_at"] + s["initial_change"], a["initial_password_changed_at"], org)
        _application(world, verdicts, a)
        if staff and staff["left_on"]:
            verdicts.time_limit("BK305", user, end_of(staff["left_on"]) + s["close_limit"] * 86400, a["deregistered_at"], org)
        if a["role"] == "credit_investigator":
            verdicts.put("BK308", user, start, _ineligible(staff, local(start).date(), s["tenure"]), org)
        if a["role"] != "system_admin":
            try:
                due = end_of(world.working_days_after(local(start).date(), s["verify_limit"]))
                verdicts.time_limit("BK309", user, due, a["verified_at"], world.the_province(due))
            except UnknownYearError:
                verdicts.put("BK309", user, start, None, world.the_province(start))
    for a in active:
        user, org = a["user_id"], a["org_id"]
        staff = world.staff.get(a["staff_id"])
        same = sorted(b["role"] for b in active if b["staff_id"] == a["staff_id"])
        verdicts.put("BK306", user, t, staff is None or (len(same) > 1 and same != ["dept_head", "tongda_head"]), org)
        if a["role"] in ("account_manager_head", "account_manager") and staff:
            verdicts.put("BK307", user, t, staff["appointment_doc"] is None, org)
        changes = [a[f] for f in ("registered_at", "initial_password_changed_at", "password_changed_at") if a[f] is not None and a[f] <= t]
        verdicts.put("BK502", user, t, max(changes) + s["password_age"] < t, org)
    for r in world.rows["customer_assignment"]:
        head = world.account(r["confirmed_by"], r["valid_from"])
        wrong = head is None or head["role"] not in ("dept_head", "account_manager_head", "tongda_head")
        verdicts.put("BK603", r["assignment_id"], r["valid_from"], wrong, r["org_id"])
    for e in world.events:
        user_row = world.users.get(e["user_id"])
        staff = world.staff.get(user_row["staff_id"]) if user_row else None
        if e["action"] != "logout" and user_row and staff:
            left = staff["left_on"] is not None and e["at"] > end_of(staff["left_on"])
            verdicts.put("BK304", e["event_id"], e["at"], left, user_row["org_id"])


def _application(world: World, verdicts: Verdicts, a: Row) -> None:
    due, user, org = a["registered_at"], a["user_id"], a["org_id"]
    approval = world.approvals.get(a["application_id"])
    in_time = (
        approval is not None
        and approval["kind"] == "user_application"
        and approval["result"] == "approved"
        and approval["approved_at"] is not None
        and approval["approved_at"] <= due
    )
    details = (approval["details"] or []) if approval is not None and approval["kind"] == "user_application" else []
    roles = [d[5:] for d in details if d.startswith("role:")]
    orgs = [d[4:] for d in details if d.startswith("org:")]
    wrong = bool(roles and a["role"] not in roles) or bool(orgs and org is not None and org not in orgs)
    kind = world.kind(approval["approver_org_id"]) if approval else None
    if wrong:
        verdicts.put("BK303", user, due, True, org)
    elif not in_time or (kind is not None and kind != "province"):
        verdicts.time_limit("BK303", user, due, None, org)
    elif kind is None or (orgs and org is None):
        verdicts.put("BK303", user, due, None, org)
    else:
        verdicts.put("BK303", user, due, False, org)


def _ineligible(staff: Row | None, registered: date, years: int) -> bool | None:
    if staff is None:
        return None
    if staff["dept_kind"] is not None and staff["dept_kind"] not in ("personal_loan", "collection", "credit_card"):
        return True
    if staff["misconduct"] or (staff["employment"] is not None and staff["employment"] != "formal"):
        return True
    hired = staff["hired_on"]
    if hired is not None and _years_later(hired, years) > registered:
        return True
    return None if None in (staff["dept_kind"], staff["employment"], hired) else False


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
