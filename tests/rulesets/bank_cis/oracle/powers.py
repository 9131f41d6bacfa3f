"""Numbers and powers of administrators and heads."""

from __future__ import annotations

from collections.abc import Callable

from .world import Row, Verdicts, World, valid


def judge_powers(world: World, verdicts: Verdicts) -> None:
    _numbers(world, verdicts)
    _members(world, verdicts)
    _departments(world, verdicts)
    for event in world.events:
        _event(world, verdicts, event)


def _numbers(world: World, verdicts: Verdicts) -> None:
    t = world.audit_instant
    active = world.active(t)
    units = [u for u in world.rows["org_unit"] if valid(u, t)]
    live = {org for org, at in world.branches_live().items() if at <= t}

    def held(role: str, org: str) -> int:
        return sum(a["role"] == role and a["org_id"] == org for a in active)

    for unit in units:
        org, kind = unit["org_id"], unit["kind"]
        if kind == "province":
            levels = [a["level"] for a in active if a["role"] == "system_admin"]
            wrong = len(levels) != 1 or any(x not in (None, "province") for x in levels)
            verdicts.put("BK201", org, t, True if wrong else None if None in levels else False, org)
        if kind == "province" or org in live:
            verdicts.put("BK202", org, t, held("business_admin", org) != 1, org)
        if org in live:
            places = [world.within(a["org_id"], org, t) for a in active if a["role"] == "tongda_head"]
            sure, perhaps = places.count(True), places.count(None)
            verdicts.put("BK205", org, t, True if sure > 1 else None if sure + perhaps > 1 and perhaps else False, org)
            verdicts.put("BK207", org, t, sum(u["kind"] == "studio" and u["parent_id"] == org for u in units) > 1, org)
        if kind == "outlet":
            told, branch = world.branch_above(org, t)
            if not told or branch in live:
                verdicts.put("BK203", org, t, None if not told else held("account_manager_head", org) != 1, org)
                verdicts.put("BK204", org, t, None if not told else held("account_manager", org) == 0, org)


def _members(world: World, verdicts: Verdicts) -> None:
    t = world.audit_instant
    for customer in world.assignments:
        rows = world.rows_of(customer, t)
        if any(r["tongda"] == "member" for r in rows):
            specialists = {r["specialist_id"] for r in rows} - {None}
            outlets = {r["org_id"] for r in rows}
            verdicts.put("BK206", customer, t, len(specialists) > 1, outlets.pop() if len(outlets) == 1 else "")


def _departments(world: World, verdicts: Verdicts) -> None:
    t = world.audit_instant
    for a in world.active(t):
        kind = (world.staff.get(a["staff_id"]) or {"dept_kind": None})["dept_kind"]
        if a["role"] == "report_viewer":
            broken = kind == "personal_finance"
        elif a["role"] in ("system_admin", "business_admin", "dept_head"):
            broken = kind != ("info_center" if a["role"] == "system_admin" else "personal_finance")
        else:
            continue
        verdicts.put("BK217", a["user_id"], t, None if kind is None else broken, a["org_id"])


def _event(world: World, verdicts: Verdicts, event: Row) -> None:
    judge = _JUDGES.get(event["action"])
    if judge is None:
        return
    actor = world.account(event["user_id"], event["at"])
    rule, broken = judge(world, event, actor)
    if rule:
        verdicts.put(rule, event["event_id"], event["at"], broken, world.holder(event["user_id"]))


def _provincial(actor: Row | None) -> bool | None:
    """Is the actor a business administrator of the province?"""
    if actor is None or actor["role"] != "business_admin":
        return False
    return None if actor["level"] is None else actor["level"] == "province"


def _registration(world: World, event: Row, actor: Row | None) -> tuple[str, bool | None]:
    if event["target_id"] == event["user_id"]:
        return "BK211", True
    if actor is not None and actor["role"] == "system_admin":
        target = world.users.get(event["target_id"])
        return "BK211", None if target is None else target["role"] != "business_admin"
    allowed = _provincial(actor)
    return "BK211", None if allowed is None else not allowed


def _reset(world: World, event: Row, actor: Row | None) -> tuple[str, bool | None]:
    if actor is None or actor["role"] != "business_admin":
        return "BK212", True
    target = world.users.get(event["target_id"])
    if target is None or target["org_id"] is None:
        return "BK212", None
    inside = world.within_own(target["org_id"], actor, event["at"])
    return "BK212", None if inside is None else not inside


def _approvals(world: World, event: Row, kind: str) -> list[Row]:
    return [
        a
        for a in world.rows["approval"]
        if a["kind"] == kind
        and a["result"] == "approved"
        and event["target_id"] is not None
        and a["subject_id"] == event["target_id"]
        and a["approved_at"] is not None
        and a["approved_at"] <= event["at"] <= a["approved_at"] + world.settings["approval_validity"]
    ]


def _role(world: World, event: Row, actor: Row | None) -> tuple[str, bool | None]:
    return "BK213", not _approvals(world, event, "role_change")


def _param(world: World, event: Row, actor: Row | None) -> tuple[str, bool | None]:
    if actor is None or actor["role"] != "business_admin" or actor["level"] == "province":
        return "", None
    kinds = [world.kind(a["approver_org_id"]) for a in _approvals(world, event, "param_change")]
    if actor["level"] is None:
        return "BK214", None
    return "BK214", False if "province" in kinds else None if None in kinds else True


def _system(world: World, event: Row, actor: Row | None) -> tuple[str, bool | None]:
    return "BK215", actor is None or actor["role"] != "system_admin"


def _template(world: World, event: Row, actor: Row | None) -> tuple[str, bool | None]:
    allowed = _provincial(actor)
    return "BK216", None if allowed is None else not allowed


_JUDGES: dict[str, Callable[[World, Row, Row | None], tuple[str, bool | None]]] = {
    "register_user": _registration,
    "deregister_user": _registration,
    "reset_password": _reset,
    "modify_user": _reset,
    "add_role": _role,
    "change_role_permission": _role,
    "change_business_param": _param,
    "change_system_param": _system,
    "change_report_template": _template,
}
