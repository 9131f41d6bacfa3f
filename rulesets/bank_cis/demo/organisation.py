"""Units, people, accounts, customers and their assignments: everything in order."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

Row = dict[str, object]

SURNAMES = "陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐周葉蘇莊呂江何蕭羅高"
HOLIDAY = date(2026, 9, 25)
MAKE_UP_DAY = date(2026, 9, 20)
WORKING_DAYS = [
    day for day in (date(2026, 7, 1) + timedelta(days=n) for n in range(92)) if (day.weekday() < 5 and day != HOLIDAY) or day == MAKE_UP_DAY
]
LIVE_IN_THE_QUARTER = date(2026, 8, 17)

BRANCHES = {"B1": "江北分行", "B2": "湖東分行", "B3": "南嶺分行", "B4": "新港分行"}
OUTLETS = {
    "B1": ("中山路", "長堤", "書院街", "花洲", "鐵橋"),
    "B2": ("湖濱", "東門", "學府路", "米市", "柳巷"),
    "B3": ("嶺下", "茶亭", "古井", "石橋"),
    "B4": ("碼頭", "燈塔", "鹽埕"),
}
OUTLET_WITHOUT_MANAGER = "B1O5"
OUTLET_OF_MANY_CUSTOMERS = "B1O2"


def text(day: date, clock: str) -> str:
    return f"{day.isoformat()}T{clock}+08:00"


def moment(day: date, seconds: int) -> str:
    return (datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)).isoformat() + "+08:00"


@dataclass
class Entry:
    """One entry of the access log, before it is numbered."""

    row: Row
    written: str
    breaks: list[str] = field(default_factory=list)
    after_gap: bool = False


@dataclass
class Bank:
    chance: random.Random
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    planted: list[tuple[str, str]] = field(default_factory=list)
    log: list[Entry] = field(default_factory=list)
    taken: set[tuple[str, date]] = field(default_factory=set)
    """Users and days with a session of their own already, so that nobody is logged in twice."""

    def account(self, role: str, org: str, level: str, **differs: object) -> Row:
        """A new employee of the unit, with an application approved, an undertaking signed, and a password changed in time."""
        number = len(self.rows["cis_user"]) + 1
        start = differs.pop("registered", date(2025, 3, 3) + timedelta(days=self.chance.randrange(300)))
        assert isinstance(start, date)
        staff = differs.pop("staff", None) or self.person(role, org)
        assert isinstance(staff, dict)
        user = {
            "user_id": f"U{number:04}",
            "staff_id": staff["staff_id"],
            "role": role,
            "level": level,
            "org_id": org,
            "application_id": f"AP{number:04}",
            "registered_at": text(start, "10:30:00"),
            "registered_by": "U0002",
            "verified_at": text(start + timedelta(days=1), "16:00:00"),
            "confidentiality_signed_at": text(start - timedelta(days=4), "15:00:00"),
            "trained_at": text(start, "14:00:00"),
            "first_login_at": text(start + timedelta(days=1), "09:00:00"),
            "initial_password_changed_at": text(start + timedelta(days=1), "09:04:00"),
            "password_changed_at": text(date(2026, 7, 14) + timedelta(days=self.chance.randrange(60)), "08:45:00"),
        }
        self.rows["approval"].append(
            {
                "approval_id": user["application_id"],
                "kind": "user_application",
                "subject_id": f"用戶申請{number:04}",
                "requested_by": org,
                "approved_by": "信息中心",
                "approver_org_id": "P",
                "approved_at": text(start - timedelta(days=3), "11:00:00"),
                "result": "approved",
                "details": [f"role:{role}", f"org:{org}"],
            }
        )
        user |= differs
        self.rows["cis_user"].append(user)
        return user

    def person(self, role: str, org: str, **differs: object) -> Row:
        number = len(self.rows["staff"]) + 1
        department = {"system_admin": "info_center", "credit_investigator": "credit_card", "report_viewer": "accounting"}.get(
            role, "personal_finance"
        )
        staff: Row = {
            "staff_id": f"S{number:04}",
            "name": f"{self.chance.choice(SURNAMES)}某{number:03}",
            "org_id": org,
            "post": role,
            "dept_kind": department,
            "appointment_doc": f"任字〔2024〕{number:03}號",
            "employment": "formal",
            "hired_on": f"{2008 + number % 14}-07-01",
            "misconduct": False,
        }
        staff |= differs
        self.rows["staff"].append(staff)
        return staff

    def users(self, role: str, org: str) -> list[Row]:
        return [u for u in self.rows["cis_user"] if u["role"] == role and u["org_id"] == org]

    def user(self, role: str, org: str, nth: int = 0) -> Row:
        return self.users(role, org)[nth]

    def customers(self, on: str, **wanted: object) -> list[Row]:
        """Assignment rows in force at the moment, of the unit, the manager or the specialist asked for."""
        return [
            r
            for r in self.rows["customer_assignment"]
            if str(r["valid_from"]) <= on < str(r.get("valid_to") or "9") and all(r.get(k) == v for k, v in wanted.items())
        ]


def branch_of(org: object) -> str:
    return str(org)[:2]


def found_bank(chance: random.Random) -> Bank:
    bank = Bank(chance)
    _units(bank)
    _accounts(bank)
    _customers(bank)
    _going_live(bank)
    _duties(bank)
    return bank


def _units(bank: Bank) -> None:
    units: list[tuple[str, str, str, str | None]] = [("P", "省分行", "province", None)]
    units += [(org, name, "branch", "P") for org, name in BRANCHES.items()]
    units += [
        ("B1D1", "江北第一分片支行", "district_branch", "B1"),
        ("B1S1", "江北通達理財工作室", "studio", "B1"),
        ("B2S1", "湖東通達理財工作室", "studio", "B2"),
    ]
    for branch, names in OUTLETS.items():
        for n, name in enumerate(names, start=1):
            units.append((f"{branch}O{n}", f"{name}網點", "outlet", "B1D1" if branch == "B1" and n > 3 else branch))
    bank.rows["org_unit"] = [
        {"org_id": o, "name": n, "kind": k, "parent_id": p, "valid_from": text(date(2020, 1, 1), "00:00:00")} for o, n, k, p in units
    ]


def _accounts(bank: Bank) -> None:
    head_office = ("system_admin", "business_admin", "dept_head", "leader", "leader", *["dept_staff"] * 3, *["report_viewer"] * 5)
    for role in head_office:
        bank.account(role, "P", "province")
    for branch, names in OUTLETS.items():
        # The new branch has not named its business administrator: that is one of the planted breaches.
        posts = (
            "dept_head",
            "leader",
            "dept_staff",
            "dept_staff",
            "credit_investigator",
            "data_entry",
            "data_entry",
            *["report_viewer"] * 3,
        )
        for role in posts if branch == "B4" else ("business_admin", "credit_investigator", *posts):
            bank.account(role, branch, "branch")
        if branch in ("B1", "B2"):
            for role in ("tongda_head", *["tongda_specialist"] * 3):
                bank.account(role, f"{branch}S1", "branch")
        for n in range(1, len(names) + 1):
            org = f"{branch}O{n}"
            bank.account("account_manager_head", org, "outlet")
            for _ in range(0 if org == OUTLET_WITHOUT_MANAGER else 5):
                bank.account("account_manager", org, "outlet")
            bank.account("data_entry", org, "outlet")
            if n % 2:
                bank.account("report_viewer", org, "outlet")


def _customers(bank: Bank) -> None:
    number = 0
    for branch, names in OUTLETS.items():
        specialists = bank.users("tongda_specialist", f"{branch}S1")
        for n in range(1, len(names) + 1):
            org = f"{branch}O{n}"
            managers = bank.users("account_manager", org)
            head = bank.user("account_manager_head", org)
            for k in range(130 if org == OUTLET_OF_MANY_CUSTOMERS else 45):
                number += 1
                tongda = ("member" if k % 10 < 2 else "standard" if k % 10 < 4 else "none") if specialists else "none"
                row: Row = {
                    "assignment_id": f"A{number:05}",
                    "customer_id": f"C{number:06}",
                    "org_id": org,
                    "manager_id": managers[k % len(managers)]["user_id"] if managers else None,
                    "specialist_id": specialists[number % len(specialists)]["user_id"] if tongda != "none" else None,
                    "tongda": tongda,
                    "valid_from": text(date(2025, 1, 6) + timedelta(days=number % 300), "09:00:00"),
                    "confirmed_by": head["user_id"],
                }
                bank.rows["customer_assignment"].append(row)
                if k % 15 == 7 and managers:
                    _reassign(bank, row, managers)


def _reassign(bank: Bank, row: Row, managers: list[Row]) -> None:
    """A customer changes the manager in August: who looked in July was right to look."""
    changed = text(date(2026, 8, 12), "12:00:00")
    others = [m["user_id"] for m in managers if m["user_id"] != row["manager_id"]]
    row["valid_to"] = changed
    bank.rows["customer_assignment"].append(
        row
        | {"assignment_id": f"{row['assignment_id']}-2", "valid_from": changed, "valid_to": None, "manager_id": bank.chance.choice(others)}
    )


def _going_live(bank: Bank) -> None:
    items = ["working_group", "bandwidth", "managers", "equipment", "risk_measures", "user_forms", "user_summary", "training_plan"]
    for n, (branch, names) in enumerate(OUTLETS.items(), start=1):
        live = LIVE_IN_THE_QUARTER if branch == "B4" else date(2024, 2 + n, 18)
        bank.rows["branch_golive"].append(
            {
                "golive_id": f"G{n:02}",
                "org_id": branch,
                "outlets": len(names),
                "outlets_broadband": len(names),
                "outlets_manager": len(names),
                "applied_at": text(live - timedelta(days=40), "10:00:00"),
                "approved_at": text(live - timedelta(days=6), "17:00:00"),
                "live_at": text(live, "08:00:00"),
                "application_items": list(items),
            }
        )


def _duties(bank: Bank) -> None:
    done = [("report_backup", f"2026-{m:02}", date(2026, m + 1, 6)) for m in range(5, 10)]
    done += [("security_check_circular", "2026Q1", date(2026, 4, 20)), ("security_check_circular", "2026Q2", date(2026, 7, 21))]
    for n, (duty, period, day) in enumerate(done, start=1):
        bank.rows["duty_record"].append(
            {
                "record_id": f"D{n:03}",
                "duty": duty,
                "org_id": "P",
                "period": period,
                "done_at": text(day, "16:30:00"),
                "document": f"信字〔2026〕{n:02}號",
            }
        )
    for n, (org, day) in enumerate((("B1O3", date(2026, 7, 9)), ("B3", date(2026, 8, 4)), ("B2O5", date(2026, 9, 15))), start=1):
        bank.rows["incident"].append(
            {
                "incident_id": f"I{n:03}",
                "org_id": org,
                "occurred_at": text(day, "10:05:00"),
                "reported_at": text(day, "10:25:00"),
                "escalated_at": text(day, "11:10:00"),
                "resolved_at": text(day, "15:00:00"),
            }
        )
    for n, (terminal, day) in enumerate((("B1O1-PC1", date(2026, 7, 4)), ("B2O2-PC1", date(2026, 8, 8))), start=1):
        for clock, kind in (("10:00:00", "internet_connected"), ("11:30:00", "internet_disconnected")):
            bank.rows["terminal_event"].append({"event_id": f"T{n}{clock[:2]}", "terminal": terminal, "at": text(day, clock), "kind": kind})
