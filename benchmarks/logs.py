"""The logs of a power company for one quarter, of any size, made by chance from a seed.

Every case is as it should be, but for a share that is late, never done, or lacks what is needed to judge it. A ticket has two
events (dispatched, accepted); some repairs go back to another unit, some inquiries are passed on by a call of three.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.contract import Record
from auditor.instants import NEVER, from_iso
from auditor.validate.admitted import arrow_type

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

PERIOD, AS_OF = "2026Q3", "2026-10-12T00:00:00"

MINUTE, HOUR, DAY = 60, 3600, 86_400

CATEGORIES = ("business_application", "inquiry", "fault_repair", "complaint", "report", "suggestion", "praise")
SHARES = (0.25, 0.309, 0.35, 0.05, 0.01, 0.03, 0.001)

DISPATCH, MARKETING, SERVICE_CENTER, PRODUCTION, RURAL_POWER = range(5)
FIRST_STATION, UNITS, STAFF_OF_A_UNIT = 5, 180, 25

KINDS = ("planned", "temporary", "rationing", "emergency")

_NOTES = (
    "現場核查：配變熔斷器熔斷，已更換並恢復供電，用戶確認正常",
    "用戶反映電表讀數異常，經現場校驗計量準確，已向用戶說明",
    "低壓導線接頭過熱，重新壓接後送電，溫度監測正常",
    "業務資料齊全，已聯繫用戶確認受電方案並安排現場查勘",
    "經查屬用戶內部線路故障，已告知處理方法並留下聯繫方式",
    "停電原因為樹障，已清理並加裝絕緣護套，線路恢復運行",
)


@dataclass
class _Chance:
    """Chance, and how often something is amiss."""

    random: np.random.Generator
    flaws: float

    def amiss(self, size: int) -> Mask:
        return self.random.random(size) < self.flaws

    def often(self, size: int, share: float) -> Mask:
        return self.random.random(size) < share

    def between(self, low: int, high: int, size: int) -> Numbers:
        return self.random.integers(low, high + 1, size)

    def late(self, limit: int, at: Numbers, quickest: int = MINUTE) -> Numbers:
        """An act after `at` within the limit; where amiss later than that, or one time in five never."""
        size = len(at)
        done = at + self.between(quickest, limit, size)
        wrong = self.amiss(size)
        done[wrong] = (at + limit + self.between(MINUTE, 2 * limit, size))[wrong]
        done[wrong & self.often(size, 0.2)] = NEVER
        return done


def make_logs(contract: dict[str, Record], tickets: int, flaws: float, seed: int = 95598) -> dict[str, pa.Table]:
    """Record → table in the contract's types, sorted by key. A tenth as many outages and notices as tickets."""
    chance = _Chance(np.random.default_rng([seed, tickets]), flaws)
    start = from_iso("2026-07-01T00:00:00")
    columns = {"org_unit": _units(), "staff": _staff(), "ticket": _tickets(chance, tickets, start)}
    columns["ticket_event"] = _events(chance, columns["ticket"])
    columns |= _outages(chance, tickets // 10, start)
    columns |= _small_records(chance, max(tickets // 1000, 10), start)
    return {name: _table(contract[name], given) for name, given in columns.items()}


def _table(record: Record, columns: dict[str, Any]) -> pa.Table:
    """The columns as the contract's types; what is not given is blank."""
    size = len(next(iter(columns.values())))
    arrays = {}
    for field in record.fields:
        kind, given = arrow_type(field), columns.get(field.name)
        if given is None:
            arrays[field.name] = pa.nulls(size, kind)
        elif field.kind == "time":
            arrays[field.name] = pa.array(given, pa.int64(), mask=given >= NEVER).cast(kind)
        else:
            arrays[field.name] = pa.array(given).cast(kind)
    return pa.table(arrays)


def _ids(letter: str, numbers: Numbers, width: int) -> pa.Array:
    """T000000017; null for a negative number."""
    numbers = np.asarray(numbers, np.int64)
    digits = pc.utf8_lpad(pa.array(np.maximum(numbers, 0)).cast(pa.string()), width, "0")
    return pc.if_else(pa.array(numbers >= 0), pc.binary_join_element_wise(letter, digits, ""), None)


def _org(numbers: Numbers) -> pa.Array:
    return _ids("U", numbers, 4)


def _staff_of(chance: _Chance, units: Numbers) -> pa.Array:
    return _ids("P", np.where(units < 0, -1, units * STAFF_OF_A_UNIT + chance.between(0, STAFF_OF_A_UNIT - 1, len(units))), 6)


def _pick(values: tuple[str, ...], at: Numbers, where: Mask | None = None) -> pa.Array:
    return pa.array(values).take(pa.array(at, mask=None if where is None else ~where))


def _notes(chance: _Chance, size: int, where: Mask) -> pa.Array:
    """Free text, each row its own."""
    words = pa.array(_NOTES).take(pa.array(chance.between(0, len(_NOTES) - 1, size)))
    return pc.if_else(pa.array(where), pc.binary_join_element_wise(words, pa.array(np.arange(size)).cast(pa.string()), "，單號"), None)


def _units() -> dict[str, Any]:
    numbers = np.arange(UNITS)
    kinds = ["dispatch", "marketing", "service_center", "production", "rural_power"]
    kinds += ["repair_center" if n % 8 == 0 else "supply_station" for n in range(FIRST_STATION, UNITS)]
    return {
        "org_id": _org(numbers),
        "name": [f"第{n}單位" for n in numbers],
        "kind": kinds,
        "parent_id": _org(np.where(numbers < FIRST_STATION, -1, MARKETING)),
        "valid_from": np.full(UNITS, from_iso("2010-01-01T00:00:00")),
    }


def _staff() -> dict[str, Any]:
    numbers = np.arange(UNITS * STAFF_OF_A_UNIT)
    return {"staff_id": _ids("P", numbers, 6), "name": [f"員工{n}" for n in numbers], "org_id": _org(numbers // STAFF_OF_A_UNIT)}


def _tickets(chance: _Chance, size: int, start: int) -> dict[str, Any]:
    category = chance.random.choice(len(CATEGORIES), size, p=SHARES)
    is_a = {name: category == code for code, name in enumerate(CATEGORIES)}
    repair, inquiry = is_a["fault_repair"], is_a["inquiry"]
    answered = is_a["complaint"] | is_a["report"] | is_a["suggestion"]
    # 92 days: the quarter. Orders are numbered as they come in.
    received = start + np.sort(chance.between(0, 92 * DAY - 1, size))
    unit = chance.between(FIRST_STATION, UNITS - 1, size)
    dispatched = chance.late(10 * MINUTE, received)
    known = np.where(dispatched < NEVER, dispatched, received + 5 * MINUTE)
    accepted = chance.late(5 * MINUTE, known, 10)
    begun = np.where(accepted < NEVER, accepted, known)
    crew = np.where(repair, chance.late(30 * MINUTE, begun), NEVER)
    confirmed = np.where(repair, begun + 5, NEVER)
    confirmed[chance.amiss(size)] = NEVER
    area = chance.random.choice(3, size, p=(0.6, 0.3, 0.1))
    arrived = np.where(repair, chance.late(45 * MINUTE, received, 20 * MINUTE), NEVER)
    on_site = np.where(arrived < NEVER, arrived, received + 40 * MINUTE)
    reported = np.where(repair & (arrived < NEVER), chance.late(30 * MINUTE, on_site), NEVER)
    handled = np.where(repair, on_site + chance.between(HOUR, 5 * HOUR, size), known + chance.between(HOUR, 8 * HOUR, size))
    # Working days are counted whole, so a limit of one is met within the hours that are left of the next.
    contacted = np.where(is_a["business_application"], chance.late(DAY, known), NEVER)
    back = np.where(repair, chance.late(24 * HOUR, handled), chance.late(8 * HOUR, handled))
    closed = np.where(repair & (back < NEVER), back + HOUR, NEVER)
    jurisdiction = np.where(chance.often(size, 0.05), 1, 0)
    written = repair | inquiry | answered
    return {
        "ticket_id": _ids("T", np.arange(size), 9),
        "category": _pick(CATEGORIES, category),
        "source": _pick(("phone", "web", "walk_in"), chance.random.choice(3, size, p=(0.8, 0.15, 0.05))),
        "customer_id": _ids("C", chance.between(0, max(size // 3, 1), size), 8),
        "area_type": _pick(("urban", "rural", "remote"), area, ~chance.amiss(size)),
        "received_at": received,
        "dispatched_at": dispatched,
        "org_id": _org(unit),
        "accepted_at": accepted,
        "confirmed_at": confirmed,
        "contacted_at": contacted,
        "jurisdiction": _pick(("own", "undetermined"), jurisdiction, repair & ~chance.amiss(size)),
        "crew_dispatched_at": crew,
        "arrived_at": arrived,
        "arrival_reported_at": reported,
        "initial_finding": _notes(chance, size, repair & (arrived < NEVER) & ~chance.amiss(size)),
        "eta_restore_at": np.where(repair, on_site + 6 * HOUR, NEVER),
        "restored_at": np.where(repair, handled - 10 * MINUTE, NEVER),
        "handled_at": handled,
        "handler_org_id": _org(unit),
        "handler_staff_id": _staff_of(chance, np.where(chance.amiss(size), -1, unit)),
        "investigation": _notes(chance, size, answered & ~chance.amiss(size)),
        "opinion": _notes(chance, size, (answered | inquiry) & ~chance.amiss(size)),
        "customer_feedback": _notes(chance, size, answered),
        "cause": _notes(chance, size, repair & ~chance.amiss(size)),
        "result": _notes(chance, size, written & ~chance.amiss(size)),
        "fed_back_at": back,
        "closed_at": closed,
        "revisited_at": np.where(back < NEVER, back + 2 * DAY, NEVER),
        "no_visit_needed": np.zeros(size, bool),
    }


def _events(chance: _Chance, tickets: dict[str, Any]) -> dict[str, Any]:
    """Dispatched and accepted; every hundredth repair comes from a unit that had to return it, and is found to be another's."""
    size = len(tickets["received_at"])
    every = np.arange(size)
    org = pc.utf8_slice_codeunits(tickets["org_id"], 1).cast(pa.int64()).to_numpy()
    repair = pc.equal(tickets["category"], "fault_repair").to_numpy(zero_copy_only=False)
    inquiry = pc.equal(tickets["category"], "inquiry").to_numpy(zero_copy_only=False)
    center = np.full(size, SERVICE_CENTER)
    nobody = np.full(size, -1)
    returned = repair & chance.often(size, 0.01) & (tickets["dispatched_at"] < NEVER)
    found = repair & chance.often(size, 0.01) & (tickets["accepted_at"] < NEVER) & ~returned
    called = inquiry & chance.often(size, 0.02)
    other = FIRST_STATION + (org - FIRST_STATION + 1) % (UNITS - FIRST_STATION)
    received, accepted = tickets["received_at"], tickets["accepted_at"]
    back = received + 3 * MINUTE + np.where(chance.amiss(size), 2 * HOUR, 0)
    kinds: list[tuple[str, Mask, Numbers, Numbers, Numbers]] = [
        ("dispatch", tickets["dispatched_at"] < NEVER, tickets["dispatched_at"], center, org),
        ("accept", accepted < NEVER, accepted, org, nobody),
        ("dispatch", returned, received + MINUTE, center, other),
        ("accept", returned, received + 2 * MINUTE, other, nobody),
        ("return", returned, back, other, np.where(chance.amiss(size), -1, org)),
        ("out_of_scope_found", found, accepted + 10 * MINUTE, org, nobody),
        ("handover", found & ~chance.amiss(size), accepted + 12 * MINUTE, other, nobody),
        ("leave_site", found, accepted + 15 * MINUTE, org, nobody),
        ("return", found & ~chance.amiss(size), accepted + 20 * MINUTE, org, other),
        ("three_way_call", called, received + 5 * MINUTE, center, org),
    ]
    rows = np.concatenate([every[mask] for _, mask, *_ in kinds])
    at = np.concatenate([times[mask] for _, mask, times, *_ in kinds])
    code = np.concatenate([np.full(int(mask.sum()), n) for n, (_, mask, *_) in enumerate(kinds)])
    actor = np.concatenate([units[mask] for _, mask, _, units, _ in kinds])
    target = np.concatenate([units[mask] for *_, mask, _, _, units in kinds])
    order = np.lexsort((code, at))
    rows, at, code, actor, target = rows[order], at[order], code[order], actor[order], target[order]
    action = np.array([name for name, *_ in kinds])[code]
    size = len(rows)
    refused = np.where(chance.amiss(size), 1, 0)
    return {
        "event_id": _ids("E", np.arange(size), 10),
        "ticket_id": tickets["ticket_id"].take(pa.array(rows)),
        "action": pa.array(action),
        "at": at,
        "org_id": _org(actor),
        "staff_id": _staff_of(chance, actor),
        "to_org_id": _org(target),
        "outcome": _pick(("accepted", "refused"), refused, action == "three_way_call"),
        "reason": _notes(chance, size, (action == "return") & ~chance.amiss(size)),
        "user_owned": np.zeros(size, bool),
    }


def _outages(chance: _Chance, size: int, start: int) -> dict[str, dict[str, Any]]:
    kind = chance.random.choice(len(KINDS), size, p=(0.6, 0.2, 0.05, 0.15))
    # The period counts a notice by the time from which it was due.
    off = start + 8 * DAY + np.sort(chance.between(0, 80 * DAY, size))
    ahead = np.array([7 * DAY, 2 * DAY, DAY, 30 * MINUTE])[kind]
    entered = off - ahead - chance.between(MINUTE, DAY, size)
    late = chance.amiss(size)
    entered[late] = (off - ahead // 2)[late]
    on = off + chance.between(HOUR, 9 * HOUR, size)
    reporter = np.where(kind == 2, MARKETING, np.where(kind == 3, chance.between(FIRST_STATION, UNITS - 1, size), DISPATCH))
    reporter = np.where(chance.amiss(size), PRODUCTION, reporter)
    special = _pick(("none", "315 kVA 專變兩戶"), np.where(chance.often(size, 0.1), 1, 0))
    ids = _ids("N", np.arange(size), 8)
    whole = ~chance.amiss(size)
    unannounced = chance.amiss(size)
    line = _pick(tuple(f"10 kV 第{n}線" for n in range(400)), chance.between(0, 399, size))
    area = _pick(tuple(f"第{n}社區" for n in range(900)), chance.between(0, 899, size))
    notice = {
        "notice_id": ids,
        "kind": _pick(KINDS, kind),
        "org_id": _org(reporter),
        "staff_id": _staff_of(chance, reporter),
        "entered_at": entered,
        "channel": _pick(("system", "oa", "phone"), chance.random.choice(3, size, p=(0.9, 0.07, 0.03))),
        "planned_off_at": off,
        "planned_on_at": on,
        "line": line,
        "area": area,
        "construction_unit": _pick(("檢修一班", "檢修二班", "外委施工隊"), chance.between(0, 2, size)),
        "work_content": _notes(chance, size, whole),
        "requirement": _pick(("錯峰用電",), np.zeros(size, np.int64)),
        "special_users": special,
        "leader": _pick(tuple(f"負責人{n}" for n in range(200)), chance.between(0, 199, size)),
        "leader_phone": _ids("138", chance.between(0, 10**8 - 1, size), 8),
        "announced_at": entered + HOUR,
    }
    early, over = chance.often(size, 0.03), chance.often(size, 0.03)
    outage = {
        "outage_id": _ids("O", np.arange(size), 8),
        "notice_id": pc.if_else(pa.array(unannounced), None, ids),
        "kind": notice["kind"],
        "org_id": _org(chance.between(FIRST_STATION, UNITS - 1, size)),
        "line": line,
        "area": area,
        "off_at": off - np.where(early, 20 * MINUTE, 0),
        "on_at": on + np.where(over, HOUR, -5 * MINUTE),
    }
    changed = np.concatenate([np.flatnonzero(early), np.flatnonzero(over)])
    is_early = np.arange(len(changed)) < int(early.sum())
    told = np.where(is_early, off[changed], on[changed]) - 2 * HOUR
    told = np.maximum(told, entered[changed] + 2 * HOUR) + np.where(chance.amiss(len(changed)), 5 * HOUR, 0)
    change = {
        "change_id": _ids("G", np.arange(len(changed)), 8),
        "notice_id": ids.take(pa.array(changed)),
        "kind": _pick(("late_on", "early_off"), is_early.astype(np.int64)),
        "notified_at": told,
        "reason": _notes(chance, len(changed), ~chance.amiss(len(changed))),
        "users_notified_at": told + 5 * MINUTE,
    }
    return {"outage_notice": notice, "outage": outage, "outage_change": change}


def _small_records(chance: _Chance, size: int, start: int) -> dict[str, dict[str, Any]]:
    """What a company writes by the hundred: hot topics, supply areas, publications, reports, permissions, praise."""
    at = start + chance.between(0, 85 * DAY, size)
    unit = _org(chance.between(FIRST_STATION, UNITS - 1, size))
    every = np.arange(size)
    months = [datetime(2026, month, 1, tzinfo=UTC).date() for month in range(1, 10)]
    return {
        "hot_issue": {
            "issue_id": _ids("H", every, 6),
            "org_id": unit,
            "found_at": at,
            "own_remit": chance.often(size, 0.7),
            "reported_at": chance.late(DAY // 2, at),
            "assessed_at": chance.late(2 * DAY, at),
            "measures": _notes(chance, size, ~chance.amiss(size)),
        },
        "grid_asset": {
            "change_id": _ids("A", every, 6),
            "asset_id": _ids("X", chance.between(0, 400, size), 4),
            "kind": _pick(("line_10kv", "urban_transformer", "rural_transformer"), chance.between(0, 2, size)),
            "changed_at": at,
            "reported_at": chance.late(DAY, at),
        },
        "publication": {
            "publication_id": _ids("B", every, 6),
            "kind": _pick(("marketing_policy", "marketing_rule", "other"), chance.between(0, 2, size)),
            "published_at": at,
            "reviewed_by_org_id": _org(np.full(size, MARKETING)),
            "reviewed_at": at - DAY,
        },
        "duty_record": {
            "record_id": _ids("D", np.arange(len(months)), 4),
            "duty": ["monthly_service_report"] * len(months),
            "org_id": _org(np.full(len(months), SERVICE_CENTER)),
            "period": [f"{month:%Y-%m}" for month in months],
            "done_at": np.array([_fifth_after(month) for month in months]),
        },
        "approval": {
            "approval_id": _ids("R", every, 6),
            "kind": ["permission"] * size,
            "subject_id": _ids("S", every, 6),
            "approver_org_id": _org(np.full(size, MARKETING)),
            "approved_at": at,
            "result": ["approved"] * size,
        },
        "commendation": {
            "commendation_id": _ids("K", every, 6),
            "at": at,
            "org_id": unit,
            "kind": ["customer_praise"] * size,
            "verified": np.ones(size, bool),
        },
    }


def _fifth_after(month: date) -> int:
    """The fifth of the following month."""
    year, number = (month.year + 1, 1) if month.month == 12 else (month.year, month.month + 1)
    return from_iso(f"{year}-{number:02}-05T10:00:00")
