"""Random rows of a small bank in which everything meets: few units, people and instants, with nulls, unknown ids and broken links."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from tests.rulesets.harsh_rows import Harsh
from tests.rulesets.plain_logs import LOCAL, Row, Rows

ROLES = [
    "system_admin",
    "business_admin",
    "dept_head",
    "dept_staff",
    "account_manager_head",
    "account_manager",
    "tongda_head",
    "tongda_specialist",
    "leader",
    "credit_investigator",
    "data_entry",
    "report_viewer",
]
LEVELS = ("province", "branch", "district_branch", "outlet")
FRONT = {"account_manager": 5, "tongda_specialist": 7, "account_manager_head": 4}
"""The first user of some roles; there is one more every twelve."""
ACTIONS = [
    "login",
    "login",
    "login",
    "logout",
    "query_summary",
    "query_detail",
    "query_transactions",
    "query_credit",
    "query_statistics",
    "query_report",
    "modify_customer",
    "modify_customer_level",
    "assign_customer",
    "create_service_record",
    "modify_service_record",
    "delete_service_record",
    "approve_card",
    "register_user",
    "deregister_user",
    "modify_user",
    "reset_password",
    "force_logout",
    "add_role",
    "change_role_permission",
    "change_business_param",
    "change_system_param",
    "change_report_template",
    "export",
    "review",
]
KINDS = {"P": ("province", 1), "B": ("branch", 3), "D": ("district_branch", 2), "O": ("outlet", 5), "S": ("studio", 3), "X": ("outlet", 1)}
ABOVE = {"B": ("P",), "D": ("B", "D"), "O": ("B", "D", "O"), "S": ("B", "D", "P"), "X": ("O", "B")}
ITEMS = ["working_group", "bandwidth", "managers", "equipment", "risk_measures", "user_forms", "user_summary", "training_plan"]


class Bank(Harsh):
    """Times gather at a few instants of the audited weeks, so that rows begin, end and act in the same second."""

    def __init__(self, random: Random, as_of: str, first: datetime) -> None:
        super().__init__(random, as_of)
        days = [first + timedelta(days=n) for n in (0, 3, 4, 9, 20)]
        # About the ends of days and of working hours, and within one hour, in which sessions overlap.
        self.busy = [d + timedelta(hours=h, minutes=m) for d in days for h, m in ((0, 0), (7, 30), (20, 0))]
        self.busy += [days[1] + timedelta(hours=10, minutes=n) for n in (0, 5, 10, 20, 30, 40, 60)]

    def about(self) -> datetime:
        """One of the busy instants, a second or the idle limit beside it; now and then anything."""
        if self.chance(0.9):
            return self.random.choice(self.busy) + timedelta(
                seconds=self.random.choice((-1801, -1800, -6, -5, -1, 0, 0, 0, 1, 5, 1800, 1801))
            )
        return self.moment()

    def early(self) -> datetime:
        """Mostly before the audited weeks, else about them."""
        return self.busy[0] - timedelta(seconds=self.random.randrange(90 * 86400)) if self.chance(0.6) else self.about()

    def one(self, prefix: str, count: int, nulls: float = 0.1) -> object:
        """An id of that kind; now and then a blank, or one that nobody has."""
        return self.maybe(f"{prefix}{self.random.randrange(count)}" if self.chance(0.95) else f"{prefix}-gone", nulls)

    def of_role(self, role: str, users: int) -> object:
        """Mostly a user of the role."""
        return f"U{self.random.randrange(FRONT[role], users, len(ROLES))}" if self.chance(0.7) else self.one("U", users, 0.4)

    def org(self, nulls: float = 0.05) -> object:
        prefix = self.random.choice("PBBDOOOSX")
        return self.one(prefix, KINDS[prefix][1], nulls)


def build(seed: int, as_of: str, first: datetime) -> Rows:
    """Rows for an audit whose period begins on `first`."""
    random = Random(seed)
    bank = Bank(random, as_of, first)
    units = bank.units(KINDS, ABOVE)
    if seed % 2:
        _mend(bank, units)
    users, staff, customers, terminals = 36, 28, 12, 4
    rows: Rows = {"org_unit": units, "staff": _staff(bank, staff), "cis_user": _users(bank, users, staff)}
    assignments: list[Row] = []
    for customer in range(customers):
        for _ in range(random.choice((1, 1, 2, 3, 4))):
            start = bank.early()
            end = bank.about() if bank.chance(0.5) else None
            assignments.append(
                {
                    "customer_id": f"C{customer}",
                    "org_id": bank.org(0) if bank.chance(0.9) else "O-gone",
                    "manager_id": bank.of_role("account_manager", users),
                    "specialist_id": bank.of_role("tongda_specialist", users),
                    "tongda": bank.maybe(random.choice(("none", "standard", "member")), 0.2),
                    "valid_from": start,
                    "valid_to": end,
                    "confirmed_by": bank.of_role("account_manager_head", users),
                }
            )
    for row in assignments:
        if not str(row["org_id"]).strip():
            row["org_id"] = "O0"
    rows["customer_assignment"] = bank.rows("customer_assignment", "assignment_id", assignments)
    rows["access_event"] = bank.rows("access_event", "event_id", [_event(bank, users, customers, terminals) for _ in range(420)])
    rows["approval"] = _approvals(bank, users)
    rows["branch_golive"] = bank.rows("branch_golive", "golive_id", [_going_live(bank) for _ in range(6)])
    rows["terminal_event"] = bank.rows(
        "terminal_event",
        "event_id",
        [
            {
                "terminal": f"T{random.randrange(terminals)}",
                "at": bank.about(),
                "kind": random.choice(("internet_connected", "internet_disconnected", "malware")),
            }
            for _ in range(14)
        ],
    )
    rows["incident"] = bank.rows("incident", "incident_id", [_incident(bank) for _ in range(12)])
    duties = ("report_backup", "security_check_circular", "other")
    rows["duty_record"] = bank.rows(
        "duty_record",
        "record_id",
        [
            {
                "duty": random.choice(duties),
                "org_id": random.choice(("P0", "P0", "B0")),
                "period": bank.label("mq"),
                "done_at": bank.moment(),
            }
            for _ in range(60)
        ],
    )
    return rows


def _mend(bank: Bank, units: list[Row]) -> None:
    """Most units without end and in their place, so that most of the tree can be told."""
    for unit in units:
        if bank.chance(0.85):
            prefix = str(unit["org_id"])[0]
            unit |= {"kind": KINDS[prefix][0], "valid_from": None, "valid_to": None}
            if prefix in "BD":
                unit["parent_id"] = "P0" if prefix == "B" else "B0"
            elif prefix != "P":
                unit["parent_id"] = f"B{bank.random.randrange(3)}"


def _staff(bank: Bank, count: int) -> list[Row]:
    kinds = ("personal_loan", "collection", "credit_card", "personal_finance", "info_center", "accounting")
    return [
        {
            "staff_id": f"S{n}",
            "dept_kind": bank.maybe(bank.random.choice(kinds)),
            "appointment_doc": bank.maybe(f"D{n}", 0.3),
            "employment": bank.maybe(bank.random.choice(("formal", "formal", "formal", "contract", "temporary"))),
            "hired_on": bank.maybe((bank.busy[0] - timedelta(days=bank.random.choice((730, 731, 729, 3000)))).date().isoformat()),
            "left_on": bank.about().date().isoformat() if bank.chance(0.3) else None,
            "misconduct": bank.random.choice((None, 0, 1, "false", "true", 0, 0)),
        }
        for n in range(count)
    ]


def _users(bank: Bank, count: int, staff: int) -> list[Row]:
    users: list[Row] = []
    for n in range(count):
        start = bank.early()
        login = bank.maybe(bank.near(start, 0, 1), 0.2)
        users.append(
            {
                "user_id": f"U{n}",
                "staff_id": bank.one("S", staff, 0.08),
                "role": ROLES[n % len(ROLES)] if bank.chance(0.8) else bank.random.choice(ROLES),
                "level": bank.maybe(bank.random.choice(LEVELS)),
                "org_id": bank.org(),
                "application_id": bank.one("AP", 20),
                "registered_at": start,
                "verified_at": bank.maybe(bank.end_of_working_day(start, 5, 6, 7, 8, 9)),
                "deregistered_at": bank.about() if bank.chance(0.25) else None,
                "confidentiality_signed_at": bank.maybe(bank.near(start, 0)),
                "trained_at": bank.maybe(bank.near(login, 0)) if isinstance(login, datetime) else bank.about(),
                "first_login_at": login,
                "initial_password_changed_at": bank.maybe(login + timedelta(seconds=bank.random.choice((599, 600, 601))))
                if isinstance(login, datetime)
                else None,
                "password_changed_at": bank.maybe(bank.near(bank.busy[0], -90, -60, 0)),
            }
        )
    return [{name: bank.written(value) for name, value in user.items()} for user in users]


def _event(bank: Bank, users: int, customers: int, terminals: int) -> Row:
    action = bank.random.choice(ACTIONS)
    user = bank.of_role(bank.random.choice(list(FRONT)), users) if bank.chance(0.3) else None
    target = bank.one("U", users) if bank.chance(0.7) else bank.maybe(bank.random.choice(("R1", "R2")))
    return {
        "seq": bank.random.choice((None, *[bank.random.randrange(300)] * 9)),
        "at": bank.about(),
        "user_id": user if str(user or "").strip() else f"U{bank.random.randrange(users)}" if bank.chance(0.97) else "U-gone",
        "action": action,
        "customer_id": bank.one("C", customers) if bank.chance(0.85) else None,
        "target_id": target,
        "terminal": bank.one("T", terminals),
        "session_id": bank.one("N", 3),
        "given_id_type": bank.maybe("id card"),
        "given_id_number": bank.maybe("1"),
        "given_name": bank.maybe("x"),
        "result_count": bank.random.choice((None, 0, 1, 1, 2)),
        "reviewer_id": bank.one("U", users, 0.2),
        "responsible_id": bank.maybe("S1"),
        "purpose": bank.maybe("x"),
        "handover_doc": bank.maybe("x"),
    }


def _approvals(bank: Bank, users: int) -> list[Row]:
    made: list[Row] = []
    for n in range(20):
        details = bank.random.choice(
            (
                None,
                [],
                ["note"],
                [f"role:{bank.random.choice(ROLES)}"],
                [f"org:{bank.org(0)}", "role:account_manager"],
                [f"org:{bank.org(0)}", "org:O1"],
            )
        )
        made.append({"approval_id": f"AP{n}", "kind": "user_application", "subject_id": f"A{n}", "details": details})
    for n in range(24):
        subject = bank.random.choice(("R1", "R2", f"U{bank.random.randrange(users)}"))
        kind = bank.random.choice(("role_change", "param_change", "level_change"))
        made.append({"approval_id": f"AQ{n}", "kind": kind, "subject_id": subject, "details": None})
    for row in made:
        row["approver_org_id"] = bank.random.choice(("P0", "P0", "P0", "B0", "O1", "P-gone", None, " "))
        row["approved_at"] = bank.maybe(bank.early() - timedelta(days=bank.random.choice((0, 0, 30))))
        row["result"] = bank.maybe(bank.random.choice(("approved", "approved", "approved", "rejected")), 0.05)
    return [{name: bank.written(value) for name, value in row.items()} for row in made]


def _going_live(bank: Bank) -> Row:
    live = bank.maybe(bank.early(), 0.1)
    items = [item for item in ITEMS if bank.chance(0.97)]
    return {
        "org_id": f"B{bank.random.randrange(3)}" if bank.chance(0.9) else bank.random.choice(("O1", "B-gone")),
        "outlets": bank.random.choice((None, 0, 10, 10, 20, 13, -10)),
        "outlets_broadband": bank.random.choice((None, 6, 7, 8, 14, 9, 13, -8)),
        "outlets_manager": bank.random.choice((None, 6, 7, 8, 14, 9, 13, -8)),
        "applied_at": bank.maybe(bank.about()),
        "approved_at": bank.maybe(bank.near(live, 0)) if isinstance(live, datetime) else bank.about(),
        "live_at": live,
        "application_items": bank.random.choice((None, items, items, items, [*items, "other"])),
    }


def _incident(bank: Bank) -> Row:
    start = bank.about()
    told = bank.maybe(start + timedelta(seconds=bank.random.choice((-60, 7199, 7200, 7201))), 0.2)
    return {
        "org_id": bank.org(0) if bank.chance(0.9) else "B-gone",
        "occurred_at": start,
        "reported_at": told,
        "escalated_at": bank.maybe(told + timedelta(seconds=bank.random.choice((7199, 7200, 7201))))
        if isinstance(told, datetime)
        else bank.about(),
    }


def at_midnight(text: str) -> datetime:
    """00:00:00 local of an ISO date."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)
