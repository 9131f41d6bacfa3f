"""The breaches, each in a session or row of its own, so that one act breaks one rule unless it must break two."""

from __future__ import annotations

from datetime import date, timedelta

from .organisation import OUTLET_OF_MANY_CUSTOMERS, WORKING_DAYS, Bank, Row, text
from .workdays import Deed, exported, session

MORNING = 9 * 3600
CLEAN_OUTLETS = ("B1O4", "B2O5", "B3O4")
"""Nothing is planted here, so they earn the merit of a clean quarter."""


def plant(bank: Bank) -> None:
    _access(bank)
    _powers(bank)
    _accounts(bank)
    _reviews(bank)
    _security(bank)
    _records(bank)
    _going_live(bank)
    bank.planted += [("BK901", org) for org in CLEAN_OUTLETS]


def _deed(bank: Bank, rule: str, user: Row | str, day: date, action: str, fields: Row, *more: str, start: int = MORNING) -> None:
    """A session with one deed that breaks the rule (and the others named)."""
    entries = session(bank, user, day, start, [(action, fields)])
    entries[1].breaks += [rule, *more]


def _customer(bank: Bank, day: date, nth: int = 0, **wanted: object) -> Row:
    rows = [r for r in bank.customers(text(day, "12:00:00"), **wanted) if r.get("valid_to") is None]
    return {"customer_id": rows[nth]["customer_id"]}


def _access(bank: Bank) -> None:
    manager, colleague = bank.users("account_manager", "B1O1")[:2]
    day = date(2026, 7, 8)
    _deed(bank, "BK101", manager, day, "query_detail", _customer(bank, day, org_id="B2O2"))
    day = date(2026, 7, 16)
    _deed(bank, "BK104", manager, day, "query_transactions", _customer(bank, day, manager_id=colleague["user_id"]))

    investigator = bank.user("credit_investigator", "B1")
    typed: Row = {"given_id_type": "居民身份證", "given_id_number": "440000198001010000", "given_name": "客戶0000", "result_count": 1}
    day = date(2026, 7, 21)
    _deed(bank, "BK102", investigator, day, "query_credit", _customer(bank, day, org_id="B3O2") | typed | {"given_name": " "})
    day = date(2026, 7, 22)
    _deed(bank, "BK103", investigator, day, "query_detail", _customer(bank, day, org_id="B3O2") | typed | {"result_count": 3})

    specialist, other = bank.users("tongda_specialist", "B1S1")[:2]
    day = date(2026, 7, 23)
    _deed(
        bank, "BK105", specialist, day, "query_detail", _customer(bank, day, org_id="B1O2", specialist_id=other["user_id"], tongda="member")
    )
    day = date(2026, 7, 24)
    _deed(
        bank,
        "BK106",
        specialist,
        day,
        "create_service_record",
        _customer(bank, day, specialist_id=specialist["user_id"], tongda="standard"),
    )
    day = date(2026, 7, 27)
    _deed(bank, "BK107", bank.user("tongda_head", "B2S1"), day, "query_summary", _customer(bank, day, org_id="B2O3", tongda="none"))

    head = bank.user("dept_head", "B2")
    day = date(2026, 8, 3)
    _deed(bank, "BK108", head, day, "query_transactions", _customer(bank, day, org_id="B2O1"))
    day = date(2026, 8, 5)
    _deed(bank, "BK116", head, day, "query_detail", _customer(bank, day, org_id="B2O1"))
    day = date(2026, 8, 6)
    _deed(bank, "BK109", bank.user("leader", "B3"), day, "query_summary", _customer(bank, day, org_id="B3O1"))
    _deed(bank, "BK110", bank.user("data_entry", "B3"), day, "query_report", {})
    _deed(bank, "BK111", bank.user("data_entry", "B1"), day, "query_transactions", _customer(bank, day, org_id="B1O3"))

    _deed(bank, "BK113", bank.user("account_manager_head", "B3O3"), day, "modify_service_record", _customer(bank, day, org_id="B3O2"))
    manager, colleague = bank.users("account_manager", "B1O2")[:2]
    _deed(bank, "BK114", manager, day, "create_service_record", _customer(bank, day, manager_id=colleague["user_id"]))
    _deed(bank, "BK115", colleague, day, "query_credit", _customer(bank, day, manager_id=colleague["user_id"]))

    # The account was closed the evening before; and a user_id that nobody has.
    closed = bank.account("account_manager", "B3O1", "outlet", deregistered_at=text(date(2026, 8, 20), "18:00:00"))
    entries = session(bank, closed, date(2026, 8, 21), MORNING, [])
    entries[0].breaks.append("BK112")
    entries = session(bank, "U9001", date(2026, 8, 24), MORNING, [])
    entries[0].breaks.append("BK112")


def _powers(bank: Bank) -> None:
    second = bank.account("system_admin", "P", "province", registered=date(2026, 2, 2))
    bank.planted += [("BK201", "P"), ("BK202", "B4"), ("BK203", "B1O3"), ("BK204", "B1O5"), ("BK205", "B2"), ("BK207", "B2")]
    bank.account("account_manager_head", "B1O3", "outlet")
    bank.account("tongda_head", "B2S1", "branch")
    bank.rows["org_unit"].append(
        {
            "org_id": "B2S2",
            "name": "湖東第二通達理財工作室",
            "kind": "studio",
            "parent_id": "B2",
            "valid_from": text(date(2026, 6, 1), "00:00:00"),
        }
    )

    member = next(r for r in bank.customers(text(date(2026, 9, 30), "12:00:00"), org_id="B1O1", tongda="member"))
    rival = next(u["user_id"] for u in bank.users("tongda_specialist", "B1S1") if u["user_id"] != member["specialist_id"])
    bank.rows["customer_assignment"].append(member | {"assignment_id": "A90001", "specialist_id": rival})
    bank.planted.append(("BK206", str(member["customer_id"])))

    local = bank.user("business_admin", "B1")
    provincial = bank.user("business_admin", "P")
    newcomer = bank.account("account_manager", "B1O2", "outlet", registered=date(2026, 8, 11))
    _deed(bank, "BK211", local, date(2026, 8, 11), "register_user", {"target_id": newcomer["user_id"]})
    elsewhere = bank.user("account_manager", "B3O2")
    _deed(bank, "BK212", local, date(2026, 8, 12), "reset_password", {"target_id": elsewhere["user_id"]})
    _deed(bank, "BK213", second, date(2026, 8, 13), "add_role", {"target_id": "ROLE-27"})
    _deed(bank, "BK214", local, date(2026, 8, 14), "change_business_param", {"target_id": "PARAM-積分倍率"})
    _deed(bank, "BK215", provincial, date(2026, 8, 14), "change_system_param", {"target_id": "PARAM-閒置時限"})
    _deed(bank, "BK216", local, date(2026, 8, 18), "change_report_template", {"target_id": "RPT-12"})

    # The same acts with their approvals are in order.
    for n, (kind, subject, actor, action) in enumerate(
        (
            ("role_change", "ROLE-21", bank.user("system_admin", "P"), "change_role_permission"),
            ("param_change", "PARAM-達標金額", bank.user("business_admin", "B2"), "change_business_param"),
        ),
        start=1,
    ):
        bank.rows["approval"].append(
            {
                "approval_id": f"AR{n:03}",
                "kind": kind,
                "subject_id": subject,
                "approved_by": "個人金融部",
                "approver_org_id": "P",
                "approved_at": text(date(2026, 8, 25), "15:00:00"),
                "result": "approved",
            }
        )
        session(bank, actor, date(2026, 8, 27), MORNING, [(action, {"target_id": subject})])
    session(bank, provincial, date(2026, 8, 27), MORNING, [("change_report_template", {"target_id": "RPT-12"})])

    head = bank.account("dept_head", "B3", "branch", staff=bank.person("dept_head", "B3", dept_kind="corporate_banking"))
    bank.planted.append(("BK217", str(head["user_id"])))


def _accounts(bank: Bank) -> None:
    day = date(2026, 8, 18)
    user = bank.account(
        "account_manager", "B4O1", "outlet", registered=day, confidentiality_signed_at=text(day + timedelta(days=9), "10:00:00")
    )
    bank.planted.append(("BK301", str(user["user_id"])))
    user = bank.account("account_manager", "B4O2", "outlet", registered=day, trained_at=text(day + timedelta(days=20), "10:00:00"))
    bank.planted.append(("BK302", str(user["user_id"])))
    user = bank.account("account_manager", "B4O1", "outlet", registered=day)
    bank.rows["approval"][-1]["details"] = ["role:data_entry", "org:B4O1"]
    bank.planted.append(("BK303", str(user["user_id"])))

    # He left on a Friday; the account was used on Monday and closed on Tuesday.
    staff = bank.person("account_manager", "B2O1", left_on="2026-08-14")
    gone = bank.account("account_manager", "B2O1", "outlet", staff=staff, deregistered_at=text(date(2026, 8, 18), "11:00:00"))
    bank.planted.append(("BK305", str(gone["user_id"])))
    bank.taken |= {(str(gone["user_id"]), day) for day in WORKING_DAYS if day > date(2026, 8, 14)}
    for entry in session(bank, gone, date(2026, 8, 17), MORNING, []):
        if entry.row["action"] != "logout":
            entry.breaks.append("BK304")

    staff = bank.person("account_manager", "B2O2")
    twins = [bank.account("account_manager", "B2O2", "outlet", staff=staff), bank.account("data_entry", "B2O2", "outlet", staff=staff)]
    bank.planted += [("BK306", str(twin["user_id"])) for twin in twins]

    user = bank.account("account_manager", "B2O3", "outlet", staff=bank.person("account_manager", "B2O3", appointment_doc=" "))
    bank.planted.append(("BK307", str(user["user_id"])))
    temporary = bank.person("credit_investigator", "B2", employment="temporary")
    user = bank.account("credit_investigator", "B2", "branch", staff=temporary, registered=date(2026, 7, 13))
    bank.planted.append(("BK308", str(user["user_id"])))
    user = bank.account("data_entry", "B2", "branch", registered=date(2026, 7, 20), verified_at=text(date(2026, 7, 30), "10:00:00"))
    bank.planted.append(("BK309", str(user["user_id"])))

    day = date(2026, 9, 1)
    changed = text(day + timedelta(days=1), "11:40:00")
    user = bank.account("account_manager", "B4O3", "outlet", registered=day, initial_password_changed_at=changed)
    bank.planted.append(("BK501", str(user["user_id"])))
    user = bank.account("account_manager", "B3O2", "outlet", password_changed_at=text(date(2026, 5, 6), "09:00:00"))
    bank.planted.append(("BK502", str(user["user_id"])))


def _reviews(bank: Bank) -> None:
    manager = bank.user("account_manager", "B2O3")
    day = date(2026, 9, 2)
    _deed(bank, "BK401", manager, day, "modify_customer", _customer(bank, day, manager_id=manager["user_id"]))
    day = date(2026, 9, 3)
    _deed(
        bank,
        "BK402",
        manager,
        day,
        "modify_customer",
        _customer(bank, day, manager_id=manager["user_id"]) | {"reviewer_id": manager["user_id"]},
    )
    manager, colleague = bank.users("account_manager", "B2O4")[:2]
    day = date(2026, 9, 4)
    _deed(
        bank,
        "BK403",
        manager,
        day,
        "modify_customer",
        _customer(bank, day, manager_id=manager["user_id"]) | {"reviewer_id": colleague["user_id"]},
    )


def _security(bank: Bank) -> None:
    # Logged in at the counter, and ten minutes later on a second machine.
    user = bank.user("account_manager", "B1O1", 2)
    day = date(2026, 9, 7)
    statistics: list[Deed] = [("query_statistics", {})] * 3
    session(bank, user, day, MORNING, statistics, gap=420)
    entries = session(bank, user, day, MORNING + 600, statistics, gap=300, terminal="B1O1-PC9")
    entries[0].breaks.append("BK503")

    entries = session(bank, bank.user("leader", "P"), date(2026, 9, 8), MORNING, statistics, gap=2700)
    for entry in entries[1:-1]:
        entry.breaks.append("BK504")

    user = bank.user("account_manager", "B3O2")
    day = date(2026, 9, 9)
    bank.rows["terminal_event"] += [
        {"event_id": "T901", "terminal": "B3O2-PC8", "at": text(day, "08:50:00"), "kind": "internet_connected"},
        {"event_id": "T902", "terminal": "B3O2-PC8", "at": text(day, "17:10:00"), "kind": "internet_disconnected"},
    ]
    for entry in session(bank, user, day, MORNING, statistics[:1], terminal="B3O2-PC8"):
        entry.breaks.append("BK505")

    entries = session(bank, bank.user("leader", "P", 1), date(2026, 9, 10), MORNING, statistics)
    entries[2].after_gap = True
    entries[2].breaks.append("BK506")
    # Written after the entry of 12:40:00, with a time a hundred seconds before it.
    day = date(2026, 9, 11)
    session(bank, bank.user("dept_staff", "P"), day, 12 * 3600 + 2400, [], gap=60)
    late = session(bank, bank.user("dept_staff", "P", 1), day, 12 * 3600 + 2300, [], gap=1200)[0]
    late.written = text(day, "12:40:00") + "~"
    late.breaks.append("BK509")

    user = bank.user("account_manager", "B3O3")
    day = date(2026, 9, 14)
    session(bank, user, day, 21 * 3600, [("query_detail", _customer(bank, day, manager_id=user["user_id"]))])
    bank.planted.append(("BK507", f"{user['user_id']}:{day}"))
    user = bank.user("account_manager_head", OUTLET_OF_MANY_CUSTOMERS)
    day = date(2026, 9, 16)
    looks: list[Deed] = [("query_summary", _customer(bank, day, nth, org_id=OUTLET_OF_MANY_CUSTOMERS)) for nth in range(110)]
    session(bank, user, day, MORNING, looks, gap=120)
    bank.planted.append(("BK508", f"{user['user_id']}:{day}"))


def _records(bank: Bank) -> None:
    head = bank.user("dept_head", "B3")
    day = date(2026, 9, 17)
    _deed(bank, "BK601", head, day, "export", exported(head) | {"handover_doc": None})
    manager = bank.user("account_manager", "B2O4")
    reviewer = bank.user("account_manager_head", "B2O4")
    fields = _customer(bank, day, manager_id=manager["user_id"]) | {"reviewer_id": reviewer["user_id"], "target_id": "SR-20417"}
    _deed(bank, "BK602", manager, day, "delete_service_record", fields)
    # The same deed by the head of the outlet, reviewed by the branch, is in order.
    head = bank.user("account_manager_head", "B2O5")
    reviewed = {"reviewer_id": bank.user("dept_head", "B2")["user_id"], "target_id": "SR-20418"}
    session(bank, head, day, MORNING, [("delete_service_record", _customer(bank, day, org_id="B2O5") | reviewed)])

    row = bank.customers(text(day, "12:00:00"), org_id="B1O3", valid_to=None)[0]
    moved = text(day, "12:00:00")
    others = [m["user_id"] for m in bank.users("account_manager", "B1O3") if m["user_id"] != row["manager_id"]]
    bank.rows["customer_assignment"].append(
        row | {"assignment_id": "A90002", "valid_from": moved, "manager_id": others[0], "confirmed_by": None}
    )
    row["valid_to"] = moved
    bank.planted.append(("BK603", "A90002"))


def _going_live(bank: Bank) -> None:
    new = bank.rows["branch_golive"][3]
    new |= {"outlets_broadband": 2, "outlets_manager": 1, "approved_at": text(date(2026, 8, 20), "15:00:00")}
    items = new["application_items"]
    assert isinstance(items, list)
    items.remove("risk_measures")
    bank.planted += [(rule, str(new["golive_id"])) for rule in ("BK701", "BK702", "BK703")]
    bank.planted.append(("BK704", str(new["golive_id"])))
    early = bank.user("account_manager", "B4O1")
    day = date(2026, 8, 13)
    _deed(bank, "BK709", early, day, "query_detail", _customer(bank, day, manager_id=early["user_id"]))

    backup = next(r for r in bank.rows["duty_record"] if r["period"] == "2026-07")
    backup["done_at"] = text(date(2026, 8, 19), "16:30:00")
    bank.planted.append(("BK705", "report_backup:P:2026-07"))
    bank.rows["duty_record"] = [r for r in bank.rows["duty_record"] if r["period"] != "2026Q2"]
    bank.planted.append(("BK706", "security_check_circular:P:2026Q2"))

    for number, occurred, reported, escalated, rule in (
        ("I901", "09:00:00", "13:30:00", "14:00:00", "BK707"),
        ("I902", "09:00:00", "09:20:00", "16:45:00", "BK708"),
    ):
        day = date(2026, 9, 18)
        bank.rows["incident"].append(
            {
                "incident_id": number,
                "org_id": "B3",
                "occurred_at": text(day, occurred),
                "reported_at": text(day, reported),
                "escalated_at": text(day, escalated),
                "resolved_at": text(day, "18:00:00"),
            }
        )
        bank.planted.append((rule, number))
