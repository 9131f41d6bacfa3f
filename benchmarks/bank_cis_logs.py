"""The access log of a provincial branch for one quarter, of any size, made by chance from a seed, with its accounts and assignments.

Users work in sessions of about ten events, on days of their own; they look at customers who are theirs at that moment. One event in two
thousand is amiss: another outlet's customer, a second terminal, a gap, an hour of idleness, an act without a review.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.contract import Record
from auditor.instants import DEFAULT_ZONE, from_iso
from auditor.validate import Admitted
from auditor.validate.admitted import arrow_type

Numbers = npt.NDArray[np.int64]

PERIOD, AS_OF = "2026Q3", "2026-10-12T00:00:00"
MINUTE, HOUR, DAY = 60, 3600, 86_400
BRANCHES, OUTLETS_OF_A_BRANCH, STAFF_OF_AN_OUTLET = 20, 25, 38
EVENTS_OF_A_SESSION = 10
AMISS = 0.0005

FRONT_DEEDS = np.array(["query_summary", "query_detail", "query_transactions", "create_service_record", "modify_customer", "query_report"])
FRONT_SHARES = (0.25, 0.3, 0.15, 0.15, 0.1, 0.05)


@dataclass(frozen=True)
class People:
    """Accounts as arrays: those of outlet n are heads[n], and managers[n] one after the other."""

    head: Numbers
    first_manager: Numbers
    managers: int
    users: int


def ids(prefix: str, numbers: Numbers, width: int) -> pa.Array:
    """`C0000017` of the numbers."""
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def instants(seconds: Numbers, blank: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    return pa.array(seconds, pa.int64(), mask=blank).cast(pa.timestamp("s", "UTC"))


def bank_logs(contract: dict[str, Record], *, events: int, customers: int = 2_000_000, seed: int = 1) -> dict[str, Admitted]:
    """The admitted records of the bank."""
    random = np.random.default_rng(seed)
    start, end = from_iso("2026-07-01T00:00:00", DEFAULT_ZONE), from_iso("2026-10-01T00:00:00", DEFAULT_ZONE)
    people, tables = _organisation()
    tables["customer_assignment"], owners = _assignments(random, people, customers, start, end)
    tables["access_event"] = _events(random, people, owners, events, start)
    return {name: admit(record, tables.get(name, {})) for name, record in contract.items()}


def admit(record: Record, columns: dict[str, Any]) -> Admitted:
    """A record as validation gives it: every column of the contract, rows in the order of the key."""
    size = len(columns[record.key.name]) if columns else 0
    arrays = []
    for field in record.fields:
        values = columns.get(field.name)
        wanted = arrow_type(field)
        given = isinstance(values, pa.Array | pa.ChunkedArray)
        arrays.append(pa.nulls(size, wanted) if values is None else values if given else pa.array(values, wanted))
    return Admitted(
        record=record,
        table=pa.table(dict(zip(record.names, arrays, strict=True))),
        source="memory",
        table_name=record.name,
        rows_read=size,
        rows_refused=0,
        missing={},
    )


def _organisation() -> tuple[People, dict[str, dict[str, Any]]]:
    outlets = BRANCHES * OUTLETS_OF_A_BRANCH
    branch = [f"B{n:02}" for n in range(BRANCHES)]
    of_branch = np.arange(outlets) // OUTLETS_OF_A_BRANCH
    outlet = _outlets()
    units = {
        "org_id": ["P", *branch, *outlet],
        "kind": ["province", *["branch"] * BRANCHES, *["outlet"] * outlets],
        "parent_id": [None, *["P"] * BRANCHES, *[branch[b] for b in of_branch]],
    }
    order = np.argsort(np.array(units["org_id"]))
    units = {name: [values[i] for i in order] for name, values in units.items()}
    units["name"] = list(units["org_id"])

    roles, levels, homes = ["system_admin", "business_admin"], ["province"] * 2, ["P"] * 2
    for name in branch:
        for role, count in (("business_admin", 1), ("dept_head", 1), ("dept_staff", 20), ("leader", 3), ("report_viewer", 20)):
            roles += [role] * count
            levels += ["branch"] * count
            homes += [name] * count
    first = len(roles)
    for name in outlet:
        roles += ["account_manager_head", *["account_manager"] * (STAFF_OF_AN_OUTLET - 1)]
        levels += ["outlet"] * STAFF_OF_AN_OUTLET
        homes += [name] * STAFF_OF_AN_OUTLET
    size = len(roles)
    numbers = np.arange(size)
    registered = np.full(size, from_iso("2025-03-03T10:00:00", DEFAULT_ZONE))
    kinds = {"system_admin": "info_center", "report_viewer": "accounting"}
    users = {
        "user_id": ids("U", numbers, 6),
        "staff_id": ids("S", numbers, 6),
        "role": roles,
        "level": levels,
        "org_id": homes,
        "application_id": ids("A", numbers, 6),
        "registered_at": instants(registered),
        "verified_at": instants(registered + DAY),
        "confidentiality_signed_at": instants(registered - DAY),
        "trained_at": instants(registered + HOUR),
        "first_login_at": instants(registered + 2 * HOUR),
        "initial_password_changed_at": instants(registered + 2 * HOUR + 300),
        "password_changed_at": instants(np.full(size, from_iso("2026-08-20T09:00:00", DEFAULT_ZONE))),
    }
    staff = {
        "staff_id": ids("S", numbers, 6),
        "name": ids("員工", numbers, 6),
        "dept_kind": [kinds.get(role, "personal_finance") for role in roles],
        "appointment_doc": ids("任", numbers, 6),
        "employment": ["formal"] * size,
        "hired_on": pa.array(np.full(size, 16_000, np.int32)).cast(pa.date32()),
    }
    approvals = {
        "approval_id": ids("A", numbers, 6),
        "kind": ["user_application"] * size,
        "subject_id": ids("申請", numbers, 6),
        "approver_org_id": ["P"] * size,
        "approved_at": instants(registered - 2 * DAY),
        "result": ["approved"] * size,
    }
    live = {"golive_id": ids("G", np.arange(BRANCHES), 3), "org_id": branch, "live_at": instants(registered[:BRANCHES])}
    head = first + np.arange(outlets) * STAFF_OF_AN_OUTLET
    people = People(head, head + 1, STAFF_OF_AN_OUTLET - 1, size)
    return people, {"org_unit": units, "cis_user": users, "staff": staff, "approval": approvals, "branch_golive": live}


def _outlets() -> list[str]:
    return [f"B{n // OUTLETS_OF_A_BRANCH:02}-O{n % OUTLETS_OF_A_BRANCH:02}" for n in range(BRANCHES * OUTLETS_OF_A_BRANCH)]


def _assignments(random: np.random.Generator, people: People, customers: int, start: int, end: int) -> tuple[dict[str, Any], Numbers]:
    """A row a customer, and for one in four an earlier row with another manager; the managers of those without an earlier row (else -1)."""
    number = np.arange(customers)
    outlet = number % len(people.head)
    manager = people.first_manager[outlet] + random.integers(0, people.managers, customers)
    moved = random.random(customers) < 0.25
    changed = random.integers(start, end, customers)
    since = np.where(moved, changed, from_iso("2025-06-02T09:00:00", DEFAULT_ZONE))
    earlier = np.flatnonzero(moved)
    of = np.concatenate([number, earlier])
    home = of % len(people.head)
    rows = {
        "assignment_id": ids("A", np.arange(len(of)), 8),
        "customer_id": ids("C", of, 8),
        "org_id": pa.array(_outlets()).take(pa.array(home)),
        "manager_id": ids("U", np.concatenate([manager, people.first_manager[outlet[earlier]]]), 6),
        "tongda": pa.array(["none"]).take(pa.array(np.zeros(len(of), np.int64))),
        "valid_from": instants(np.concatenate([since, np.full(len(earlier), from_iso("2025-06-02T09:00:00", DEFAULT_ZONE))])),
        "valid_to": instants(np.concatenate([np.zeros(customers, np.int64), changed[earlier]]), np.arange(len(of)) < customers),
        "confirmed_by": ids("U", people.head[home], 6),
    }
    return rows, np.where(moved, -1, manager)


def _events(random: np.random.Generator, people: People, owners: Numbers, events: int, start: int) -> dict[str, Any]:
    sessions = max(events // EVENTS_OF_A_SESSION, 1)
    # A user has a session at a time: the n-th of a user begins so many hours of working time after the one before.
    user = np.arange(sessions) % people.users
    nth, most = np.arange(sessions) // people.users, -(-sessions // people.users)
    day, slot = nth * 65 // most, (nth * 65 * 8 // most) % 8
    day = np.flatnonzero((np.arange(91) + 2) % 7 < 5)[day]  # 1 July 2026 was a Wednesday
    begins = start + day * DAY + 8 * HOUR + slot * HOUR + random.integers(0, 20 * MINUTE, sessions)
    session = np.repeat(np.arange(sessions), EVENTS_OF_A_SESSION)
    step = np.tile(np.arange(EVENTS_OF_A_SESSION), sessions)
    size = len(session)
    at = np.repeat(begins, EVENTS_OF_A_SESSION) + step * 150 + random.integers(0, 100, size)
    amiss = random.random(size) < AMISS
    actor = user[session]
    front = actor >= people.head[0]
    deed = FRONT_DEEDS[random.choice(len(FRONT_DEEDS), size, p=FRONT_SHARES)]
    deed = np.where(front, deed, "query_report")
    action = np.where(step == 0, "login", np.where(step == EVENTS_OF_A_SESSION - 1, "logout", deed))

    by_owner = np.argsort(owners, kind="stable")
    first = np.searchsorted(owners[by_owner], np.arange(people.users))
    count = np.searchsorted(owners[by_owner], np.arange(people.users), side="right") - first
    is_head = front & ((actor - people.head[0]) % STAFF_OF_AN_OUTLET == 0)
    # A head looks at what the first manager of the outlet has, and reviews nobody's but the managers' changes.
    owner = np.where(is_head, actor + 1, actor)
    pick = first[owner] + random.integers(0, 1 << 30, size) % np.maximum(count[owner], 1)
    customer = by_owner[np.minimum(pick, len(by_owner) - 1)]
    customer = np.where(amiss, random.integers(0, len(owners), size), customer)
    action = np.where(is_head & np.isin(action, ["create_service_record", "modify_customer"]), "modify_service_record", action)
    names = ~np.isin(action, ["login", "logout", "query_report"])
    head_of = people.head[np.where(front, (actor - people.head[0]) // STAFF_OF_AN_OUTLET, 0)]

    order = np.lexsort((session, at))
    position = np.arange(1, size + 1) + np.cumsum(random.random(size) < AMISS / 10)
    session, step, actor, customer, head_of, at = (column[order] for column in (session, step, actor, customer, head_of, at))
    action, names, amiss = action[order], names[order], amiss[order]
    return {
        "event_id": ids("E", np.arange(size), 10),
        "seq": pa.array(position),
        "at": instants(at),
        "user_id": ids("U", actor, 6),
        "action": pa.array(action),
        "customer_id": pc.if_else(pa.array(names), ids("C", customer, 8), None),
        "terminal": ids("T", np.where(amiss & (step > 0), actor + 1, actor), 6),
        "session_id": ids("N", session, 9),
        "reviewer_id": pc.if_else(pa.array((action == "modify_customer") & ~amiss), ids("U", head_of, 6), None),
    }
