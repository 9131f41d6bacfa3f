"""What the users do on an ordinary day: a session, some look-ups, a change that somebody reviews."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from .organisation import LIVE_IN_THE_QUARTER, WORKING_DAYS, Bank, Entry, Row, branch_of, moment

Deed = tuple[str, Row]
SESSIONS = 9
"""Sessions of a user in the quarter."""


def session(
    bank: Bank, user: Row | str, day: date, start: int, deeds: list[Deed], gap: int = 0, terminal: str = "", login: bool = True
) -> list[Entry]:
    """Write a session from `start` (seconds of the day): login, the deeds some minutes apart (`gap` seconds, where given), logout."""
    user_id = user if isinstance(user, str) else str(user["user_id"])
    org = "X" if isinstance(user, str) else str(user["org_id"])
    bank.taken.add((user_id, day))
    terminal = terminal or f"{org}-PC{int(user_id[1:]) % 4 + 2}"
    number = f"{day:%m%d}-{user_id}-{start}"
    entries = []
    clock = start
    for action, fields in [*([("login", {})] if login else []), *deeds, ("logout", {})]:
        at = moment(day, clock)
        row: Row = {"at": at, "user_id": user_id, "action": action, "terminal": terminal, "session_id": number, **fields}
        entries.append(Entry(row, written=at))
        clock += gap or bank.chance.randrange(40, 540)
    bank.log += entries
    return entries


def work(bank: Bank) -> None:
    """Ordinary sessions of every account, on days on which it has none yet."""
    for user in list(bank.rows["cis_user"]):
        org = user["org_id"]
        since = LIVE_IN_THE_QUARTER if branch_of(org) == "B4" else WORKING_DAYS[0]
        days = [
            d
            for d in WORKING_DAYS
            if d > since
            and (user["user_id"], d) not in bank.taken
            and str(user["first_login_at"]) < d.isoformat() < str(user.get("deregistered_at") or "9")[:10]
        ]
        for day in sorted(bank.chance.sample(days, min(SESSIONS, len(days)))):
            start = bank.chance.randrange(8 * 3600 + 1800, 15 * 3600)
            deed = _DEEDS[str(user["role"])]
            session(bank, user, day, start, [deed(bank, user, moment(day, start)) for _ in range(bank.chance.randrange(3, 6))])


def _one(bank: Bank, rows: list[Row]) -> Row:
    # An assignment that ends on the day is left alone: the deed comes some minutes after the session's start.
    lasting = [r for r in rows if r.get("valid_to") is None]
    return {"customer_id": bank.chance.choice(lasting or rows)["customer_id"]}


def _manager(bank: Bank, user: Row, on: str) -> Deed:
    mine = bank.customers(on, manager_id=user["user_id"])
    if not mine:
        return "query_statistics", {}
    action = bank.chance.choice(
        ("query_summary", "query_detail", "query_detail", "query_transactions", "create_service_record", "modify_customer")
    )
    fields = _one(bank, mine)
    if action == "modify_customer":
        fields["reviewer_id"] = bank.user("account_manager_head", str(user["org_id"]))["user_id"]
    return action, fields


def _outlet_head(bank: Bank, user: Row, on: str) -> Deed:
    ours = bank.customers(on, org_id=user["org_id"])
    branch_head = bank.user("dept_head", branch_of(user["org_id"]))["user_id"]
    action = bank.chance.choice(
        ("query_summary", "query_detail", "modify_service_record", "query_report", "assign_customer", "modify_customer_level")
    )
    if action == "query_report":
        return action, {}
    return action, _one(bank, ours) | ({"reviewer_id": branch_head} if action in ("assign_customer", "modify_customer_level") else {})


def _tongda_head(bank: Bank, user: Row, on: str) -> Deed:
    area = [r for r in bank.customers(on) if branch_of(r["org_id"]) == branch_of(user["org_id"]) and r["tongda"] != "none"]
    return bank.chance.choice(("query_summary", "query_detail", "modify_service_record")), _one(bank, area)


def _specialist(bank: Bank, user: Row, on: str) -> Deed:
    action = bank.chance.choice(("query_summary", "query_detail", "create_service_record", "modify_customer"))
    wanted = {} if action.startswith("query") else {"tongda": "member"}
    fields = _one(bank, bank.customers(on, specialist_id=user["user_id"], **wanted))
    if action == "modify_customer":
        fields["reviewer_id"] = bank.user("tongda_head", str(user["org_id"]))["user_id"]
    return action, fields


def _clerk(bank: Bank, user: Row, on: str) -> Deed:
    area = [r for r in bank.customers(on) if str(r["org_id"]).startswith(str(user["org_id"]))]
    action = bank.chance.choice(("query_detail", "modify_customer"))
    return action, _one(bank, area) | (
        {"reviewer_id": bank.user("dept_head", branch_of(user["org_id"]))["user_id"]} if action == "modify_customer" else {}
    )


def _investigator(bank: Bank, _user: Row, on: str) -> Deed:
    customer = _one(bank, bank.customers(on))
    number = str(customer["customer_id"])
    typed = {
        "given_id_type": "居民身份證",
        "given_id_number": f"4400001980010{number[-4:]}",
        "given_name": f"客戶{number[-4:]}",
        "result_count": 1,
    }
    return bank.chance.choice(("query_credit", "query_detail")), customer | typed


def _branch_head(bank: Bank, user: Row, on: str) -> Deed:
    area = [r for r in bank.customers(on) if str(user["org_id"]) == "P" or branch_of(r["org_id"]) == user["org_id"]]
    action = bank.chance.choice(("query_summary", "query_statistics", "query_report", "export"))
    return action, {"query_summary": _one(bank, area), "export": exported(user)}.get(action, {})


def exported(user: Row) -> Row:
    return {"responsible_id": user["user_id"], "purpose": "季度經營分析", "handover_doc": f"交接單{str(user['user_id'])[1:]}"}


def _reports(bank: Bank, _user: Row, _on: str) -> Deed:
    return bank.chance.choice(("query_report", "query_statistics")), {}


def _system(bank: Bank, _user: Row, _on: str) -> Deed:
    return bank.chance.choice(("query_report", "change_system_param")), {}


def _business(bank: Bank, user: Row, _on: str) -> Deed:
    area = [u["user_id"] for u in bank.rows["cis_user"] if str(user["org_id"]) == "P" or branch_of(u["org_id"]) == user["org_id"]]
    action = bank.chance.choice(("query_report", "reset_password", "modify_user"))
    return action, {} if action == "query_report" else {"target_id": bank.chance.choice(area)}


# What a role may do with the customers that are its own at the moment.
_DEEDS: dict[str, Callable[[Bank, Row, str], Deed]] = {
    "account_manager": _manager,
    "account_manager_head": _outlet_head,
    "tongda_head": _tongda_head,
    "tongda_specialist": _specialist,
    "data_entry": _clerk,
    "credit_investigator": _investigator,
    "dept_head": _branch_head,
    "dept_staff": _reports,
    "leader": _reports,
    "report_viewer": _reports,
    "system_admin": _system,
    "business_admin": _business,
}
