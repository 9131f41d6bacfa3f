"""Who may see and change what; two pairs of eyes; exports and deletions."""

from __future__ import annotations

from .world import CHANGES, LOOK_UPS, Row, Verdicts, World, any_of

MATRIX = {
    "system_admin": "add_role change_role_permission query_report export",
    "business_admin province": "force_logout change_business_param change_role_permission modify_customer query_report export",
    "business_admin": "change_business_param change_role_permission modify_customer query_report",
    "dept_head province": "assign_customer modify_customer_level approve_card query_statistics query_report export",
    "dept_head branch": "assign_customer modify_customer_level approve_card query_statistics query_report export",
    "dept_head": "assign_customer query_statistics query_report export",
    "dept_staff": "query_statistics query_report",
    "account_manager_head": "assign_customer modify_customer_level modify_service_record approve_card query_statistics query_report",
    "account_manager": "modify_customer create_service_record approve_card query_statistics query_report",
    "tongda_head": "assign_customer modify_customer_level modify_service_record approve_card query_statistics query_report",
    "tongda_specialist": "modify_customer create_service_record query_statistics",
    "leader": "query_statistics query_report",
    "credit_investigator": "export",
    "data_entry": "modify_customer",
    "report_viewer": "query_report query_statistics",
}
ELSEWHERE = LOOK_UPS | {
    "login",
    "logout",
    "review",
    "register_user",
    "deregister_user",
    "reset_password",
    "modify_user",
    "change_system_param",
    "change_report_template",
    "delete_service_record",
}
REVIEWED = {"modify_customer", "modify_customer_level", "assign_customer", "approve_card", "delete_service_record"}


def judge_access(world: World, verdicts: Verdicts) -> None:
    for event in world.events:
        account = world.account(event["user_id"], event["at"])
        if event["action"] != "logout":
            verdicts.put("BK112", event["event_id"], event["at"], account is None, world.holder(event["user_id"]))
        if account is not None:
            _look_up(world, verdicts, event, account)
            _change(world, verdicts, event, account)
            _function(verdicts, event, account)
        if event["action"] in REVIEWED:
            _review(world, verdicts, event, account)
        liable = world.holder(event["user_id"])
        if event["action"] == "export":
            blank = any(event[f] is None for f in ("responsible_id", "purpose", "handover_doc"))
            verdicts.put("BK601", event["event_id"], event["at"], blank, liable)
        if event["action"] == "delete_service_record":
            broken = account is None or account["role"] not in ("account_manager_head", "tongda_head")
            verdicts.put("BK602", event["event_id"], event["at"], broken, liable)


def _outside(world: World, event: Row, account: Row) -> bool | None:
    rows = world.rows_of(event["customer_id"], event["at"])
    if not rows:
        return None
    inside = any_of([world.within_own(r["org_id"], account, event["at"]) for r in rows])
    return None if inside is None else not inside


def _look_up(world: World, verdicts: Verdicts, event: Row, account: Row) -> None:
    role, action, liable = account["role"], event["action"], account["org_id"]

    def put(rule: str, broken: bool | None) -> None:
        verdicts.put(rule, event["event_id"], event["at"], broken, liable)

    if action == "query_credit":
        put("BK115", role != "credit_investigator")
    if action not in LOOK_UPS:
        return
    rows = world.rows_of(event["customer_id"], event["at"])
    if role == "credit_investigator":
        put("BK102", any(event[f] is None for f in ("given_id_type", "given_id_number", "given_name")))
        put("BK103", None if event["result_count"] is None else event["result_count"] > 1)
    else:
        outside = _outside(world, event, account)
        put("BK101", outside)
        if role == "account_manager" and outside is not True:
            put("BK104", None if outside is None else all(r["manager_id"] != event["user_id"] for r in rows))
    tongda = [r["tongda"] for r in rows]
    if role == "tongda_specialist":
        if {"standard", "member"} & set(tongda):
            put("BK105", all(r["specialist_id"] != event["user_id"] for r in rows))
        elif not rows or None in tongda:
            put("BK105", None)
    if role in ("tongda_head", "tongda_specialist"):
        put("BK107", False if {"standard", "member"} & set(tongda) else None if not rows or None in tongda else True)
    if role == "dept_head":
        put("BK108", action == "query_transactions")
        put("BK116", action in ("query_detail", "query_credit"))
    if role in ("dept_staff", "leader", "system_admin", "report_viewer") or (role == "business_admin" and action != "query_summary"):
        put("BK109", True)
    if role == "data_entry":
        put("BK111", action == "query_transactions")


def _change(world: World, verdicts: Verdicts, event: Row, account: Row) -> None:
    role = account["role"]
    rows = world.rows_of(event["customer_id"], event["at"])

    def put(rule: str, broken: bool | None) -> None:
        verdicts.put(rule, event["event_id"], event["at"], broken, account["org_id"])

    if event["action"] in ("modify_customer", "create_service_record") and role == "tongda_specialist":
        tongda = [r["tongda"] for r in rows]
        put("BK106", False if "member" in tongda else None if not rows or None in tongda else True)
    is_change = event["action"] in CHANGES or (event["action"] == "export" and event["customer_id"] is not None)
    if not is_change or role == "credit_investigator":
        return
    outside = _outside(world, event, account)
    put("BK113", outside)
    field = {"account_manager": "manager_id", "tongda_specialist": "specialist_id"}.get(role)
    if field and outside is not True:
        put("BK114", None if outside is None else all(r[field] != event["user_id"] for r in rows))


def _function(verdicts: Verdicts, event: Row, account: Row) -> None:
    if event["action"] in ELSEWHERE:
        return
    role, level = account["role"], account["level"]
    lists = {name: functions.split() for name, functions in MATRIX.items() if name.split()[0] == role}
    if level is None:
        answers = {event["action"] not in functions for functions in lists.values()}
        broken = answers.pop() if len(answers) == 1 else None
    else:
        broken = event["action"] not in lists.get(f"{role} {level}", lists[role])
    verdicts.put("BK110", event["event_id"], event["at"], broken, account["org_id"])


def _review(world: World, verdicts: Verdicts, event: Row, account: Row | None) -> None:
    liable = world.holder(event["user_id"])
    reviewer = event["reviewer_id"]
    verdicts.put("BK401", event["event_id"], event["at"], reviewer is None, liable)
    if reviewer is None:
        return
    staff = [(world.users.get(u) or {"staff_id": None})["staff_id"] for u in (event["user_id"], reviewer)]
    selfish: bool | None = True
    if reviewer != event["user_id"]:
        selfish = None if None in staff else staff[0] == staff[1]
    verdicts.put("BK402", event["event_id"], event["at"], selfish, liable)
    if selfish is not True:
        verdicts.put("BK403", event["event_id"], event["at"], _wrong_reviewer(world, event, account), liable)


def _wrong_reviewer(world: World, event: Row, account: Row | None) -> bool | None:
    if account is None:
        return None
    second = world.account(event["reviewer_id"], event["at"])
    if second is None:
        return True
    role, action = account["role"], event["action"]
    if role == "dept_head" and second["role"] == "leader":
        return False
    heads = ("account_manager_head", "tongda_head")
    if action == "modify_customer":
        wanted = {
            "account_manager": "account_manager_head",
            "tongda_specialist": "tongda_head",
            "data_entry": "dept_head",
            "business_admin": "dept_head",
        }.get(role)
        return wanted is not None and second["role"] != wanted
    if action == "approve_card" and role in ("account_manager", "tongda_specialist"):
        return second["role"] not in heads
    if action in ("approve_card", "modify_customer_level"):
        if second["role"] != "dept_head":
            return True
        return None if second["level"] is None else second["level"] not in ("province", "branch")
    return second["role"] not in (*heads, "dept_head")
