"""Units, staff, and the ordinary work of January to March: every limit kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from .ledger import Ledger, after, at

DELAY_SHOWN = "GD20260119-0001"
"""The delay that touches seven rules: see orders.plant_orders."""

UNITS = (
    ("YX", "運行服務部", "department"),
    ("DD", "調度中心", "dispatch"),
    ("KF", "客戶服務部", "customer_service"),
    ("FW1", "城東維修服務中心", "service_center"),
    ("FW2", "城西維修服務中心", "service_center"),
    ("FW3", "城南維修服務中心", "service_center"),
    ("FW4", "城北維修服務中心", "service_center"),
    ("GW", "管網管理站", "pipe_station"),
    ("JL", "計量中心", "metering"),
    ("ZK", "自控中心", "automation"),
)
SURNAMES = "趙錢孫李周吳鄭王馮陳褚衛蔣沈韓楊朱秦尤許何呂施張孔曹嚴華金魏"
POSTS = ("主任", "維修員", "維修員", "值班員")

SEASON_BEGINS, SEASON_ENDS = at("2026-01-02 07:00"), at("2026-03-15 20:00")
PLANTED_DAYS = {"2026-01-19"}
"""Days on which the serial of an order is spoken of by name: ordinary orders leave them alone."""

MATTERS = (
    ("heat_repair", "routine", 30),
    ("heat_repair", "no_heat", 22),
    ("heat_event", "room_temperature", 16),
    ("heat_event", "facility_damage", 9),
    ("heat_event", "activation", 8),
    ("heat_event", "shutdown", 6),
    ("heat_event", "quality", 5),
    ("heat_event", "tampering", 2),
    ("heat_event", "other", 2),
)
SOURCES = (("phone", 74), ("system", 10), ("walk_in", 6), ("web", 4), ("mayor_hotline", 4), ("housing_bureau", 2))


def open_units(ledger: Ledger) -> None:
    for number, (org_id, name, kind) in enumerate(UNITS):
        ledger.add(
            "org_unit", org_id=org_id, name=name, kind=kind, parent_id=None if org_id == "YX" else "YX", valid_from=at("2016-10-15 00:00")
        )
        for place, post in enumerate(POSTS, start=1):
            surname = SURNAMES[(number * len(POSTS) + place) % len(SURNAMES)]
            ledger.add(
                "staff",
                staff_id=f"{org_id}-{place}",
                name=f"{surname}某",
                org_id=org_id,
                post=post,
                employment="formal",
                hired_on="2018-09-01",
            )


def ordinary_season(ledger: Ledger) -> None:
    for centre, orders in (("FW1", 64), ("FW2", 58), ("FW3", 61), ("FW4", 66)):
        _centre_orders(ledger, centre, orders)
    _bursts_kept(ledger, 14)
    _manholes_kept(ledger, 9)
    _calls_answered(ledger)
    _stops_kept(ledger)
    _meters_kept(ledger)
    _repeats_kept(ledger)


def _moments(ledger: Ledger, count: int) -> list[datetime]:
    """Random moments of the season, most of them in the daytime."""
    moments: list[datetime] = []
    days = (SEASON_ENDS - SEASON_BEGINS).days
    while len(moments) < count:
        day = SEASON_BEGINS.replace(hour=0, minute=0) + timedelta(days=ledger.random.randint(0, days))
        if day.date().isoformat() in PLANTED_DAYS:
            continue
        moments.append(after(day, minutes=round(ledger.random.triangular(0, 1430, 1130)), seconds=ledger.random.randint(0, 59)))
    return sorted(moments)


def _pick(ledger: Ledger, weighted: tuple[tuple[str, int], ...]) -> str:
    return ledger.random.choices([w[0] for w in weighted], [w[-1] for w in weighted])[0]


def _centre_orders(ledger: Ledger, centre: str, count: int) -> None:
    for received in _moments(ledger, count):
        category, subject, _ = ledger.random.choices(MATTERS, [w[-1] for w in MATTERS])[0]
        source = _pick(ledger, SOURCES)
        major = ledger.random.random() < 0.04
        warranty = ledger.random.random() < 0.06
        ticket_id = ledger.order(
            centre,
            received,
            category=category,
            subject=subject,
            source=source,
            level="major" if major else "general",
            in_warranty=warranty,
            contractor="北原安裝工程隊" if warranty else None,
        )
        if major:
            ledger.event(ticket_id, "escalate", after(received, minutes=ledger.random.uniform(12, 50)), centre)
        if warranty:
            ledger.event(
                ticket_id, "supervise", after(received, hours=ledger.random.uniform(1, 12)), "DD", reason="質保期內，通知施工單位到場"
            )
    settled_by_phone = ledger.order(
        centre, at("2026-02-03 09:12"), category="heat_event", subject="other", no_visit_needed=True, arrived_at=None
    )
    ledger.event(settled_by_phone, "note", at("2026-02-03 09:40"), centre, reason="電話講解分戶閥門，用戶自行調好")
    beyond = ledger.order(centre, at("2026-02-05 10:20"), category="heat_event", subject="other", no_visit_needed=True, arrived_at=None)
    ledger.event(beyond, "out_of_scope_found", at("2026-02-05 10:41"), centre, reason="室內自裝地暖滲漏，不屬供熱服務範圍")
    ledger.event(beyond, "refuse", at("2026-02-05 10:41"), centre, reason="已說明並建議聯繫安裝商")
    held_up = ledger.order(
        centre,
        at("2026-01-27 15:05"),
        subject="routine",
        handled_at=at("2026-01-29 10:10"),
        closed_at=at("2026-01-29 13:20"),
        revisited_at=at("2026-01-30 09:30"),
    )
    ledger.event(held_up, "delay_notice", at("2026-01-28 11:30"), centre, reason="閥門無備件，次日到貨")
    returned = ledger.order(centre, at("2026-02-09 08:15"), subject="routine")
    ledger.event(
        returned, "return", at("2026-02-09 09:31"), "FW3" if centre == "FW2" else "FW2", outcome="approved", reason="現場屬相鄰片區"
    )
    ledger.event(returned, "reassign", at("2026-02-09 09:36"), "DD", to_org_id=centre)
    talks = ledger.order(
        centre,
        at("2026-02-25 14:00"),
        category="heat_event",
        subject="room_temperature",
        long_coordination=True,
        handled_at=at("2026-03-02 16:30"),
    )
    ledger.event(talks, "written_report", at("2026-02-25 19:10"), centre, reason="鄰戶拆改立管，需物業協調")


def _bursts_kept(ledger: Ledger, count: int) -> None:
    for received in _moments(ledger, count):
        ledger.order("GW", received, subject=ledger.random.choice(("burst", "valve_leak")))
    large = ledger.order(
        "GW",
        at("2026-01-12 03:20"),
        subject="burst",
        severity="large",
        level="major",
        restored_at=at("2026-01-13 11:00"),
        handled_at=at("2026-01-13 12:00"),
    )
    ledger.event(large, "escalate", at("2026-01-12 03:41"), "GW")
    ledger.event(large, "handover", at("2026-01-12 15:02"), "GW", reason="夜班組到場接手")
    ledger.event(large, "leave_site", at("2026-01-12 15:20"), "GW")


def _manholes_kept(ledger: Ledger, count: int) -> None:
    for received in _moments(ledger, count):
        ledger.order("GW", received, category="heat_event", subject="manhole")


def _calls_answered(ledger: Ledger) -> None:
    for org_id in ("FW1", "FW2", "FW3", "FW4", "GW"):
        for week in range(10):
            first = after(at("2026-01-05 09:00"), weeks=week, minutes=ledger.random.randint(0, 300))
            missed = ledger.random.random() < 0.3
            ledger.add(
                "contact_attempt", attempt_id=ledger.next_id("BH"), org_id=org_id, at=first, outcome="no_answer" if missed else "answered"
            )
            if missed:
                ledger.add(
                    "contact_attempt", attempt_id=ledger.next_id("BH"), org_id=org_id, at=after(first, minutes=4), outcome="answered"
                )
        for month in ("01", "02", "03"):
            changed = at(f"2026-{month}-04 08:30")
            ledger.add(
                "duty_roster_change",
                change_id=ledger.next_id("MD"),
                org_id=org_id,
                changed_at=changed,
                notified_in_writing_at=after(changed, hours=ledger.random.uniform(1, 20)),
            )


def planned_stop(
    ledger: Ledger, org_id: str, stopped: datetime, communities: int = 3, posted: datetime | None = None, **fields: object
) -> str:
    """A planned stop by the book, unless `fields` says otherwise; its communities are posted two days ahead, or at `posted`."""
    stop_id = ledger.next_id("TN")
    row: dict[str, object] = {
        "stop_id": stop_id,
        "kind": "planned",
        "scope": "large",
        "org_id": org_id,
        "approved_at": after(stopped, days=-4),
        "stopped_at": stopped,
        "planned_restore_at": after(stopped, hours=9),
        "restored_at": after(stopped, hours=8),
        "written_notice_cs_at": after(stopped, hours=-46),
        "written_notice_dispatch_at": after(stopped, hours=-45),
        "restore_reported_at": after(stopped, hours=8.3),
        "pipe_diameter": "DN200",
        "valves": "DN200 兩只",
        "area": "示範街以東",
        "filed_at": after(stopped, hours=26),
    }
    ledger.add("heat_stop", **(row | fields))
    for number in range(1, communities + 1):
        ledger.add(
            "heat_stop_posting",
            posting_id=f"{stop_id}-{number}",
            stop_id=stop_id,
            community=f"示範小區{number}區",
            posted_at=posted or after(stopped, hours=-44),
        )
    return stop_id


def emergency_stop(
    ledger: Ledger, org_id: str, stopped: datetime, communities: int = 2, posted: datetime | None = None, **fields: object
) -> str:
    """An emergency stop by the book, unless `fields` says otherwise."""
    stop_id = ledger.next_id("TN")
    row: dict[str, object] = {
        "stop_id": stop_id,
        "kind": "emergency",
        "scope": "large",
        "org_id": org_id,
        "stopped_at": stopped,
        "planned_restore_at": after(stopped, hours=10),
        "restored_at": after(stopped, hours=9),
        "reported_cs_at": after(stopped, minutes=4),
        "reported_dispatch_at": after(stopped, minutes=2),
        "restore_reported_at": after(stopped, hours=9, minutes=25),
        "pipe_diameter": "DN300",
        "valves": "DN300 兩只、DN100 一只",
        "area": "站前路以北",
    }
    ledger.add("heat_stop", **(row | fields))
    for number in range(1, communities + 1):
        ledger.add(
            "heat_stop_posting",
            posting_id=f"{stop_id}-{number}",
            stop_id=stop_id,
            community=f"站前小區{number}區",
            posted_at=posted or after(stopped, minutes=70),
        )
    return stop_id


def _stops_kept(ledger: Ledger) -> None:
    planned_stop(ledger, "GW", at("2026-01-08 08:00"))
    planned_stop(ledger, "FW1", at("2026-02-12 08:00"), filed_at=at("2026-02-24 16:00"))
    planned_stop(
        ledger, "FW2", at("2026-03-10 09:00"), scope="small", approved_at=None, written_notice_cs_at=None, written_notice_dispatch_at=None
    )
    emergency_stop(ledger, "GW", at("2026-01-23 05:40"))
    emergency_stop(ledger, "FW1", at("2026-03-03 17:25"))


def meter_swap(ledger: Ledger, org_id: str, when: datetime, **fields: object) -> str:
    """A swap with all three present and the formalities done, unless `fields` says otherwise."""
    swap_id = ledger.next_id("HB")
    row: dict[str, object] = {
        "swap_id": swap_id,
        "org_id": org_id,
        "customer_id": ledger.next_id("YH"),
        "at": when,
        "reader_present": True,
        "customer_present": True,
        "third_party_present": True,
        "formalities_done_at": after(when, hours=-20),
        "periodic": False,
    }
    ledger.add("meter_swap", **(row | fields))
    return swap_id


def _meters_kept(ledger: Ledger) -> None:
    for number in range(8):
        meter_swap(ledger, ("FW1", "JL")[number % 2], after(at("2026-03-16 09:30"), hours=5 * number))
        meter_swap(ledger, "JL", after(at("2026-03-24 09:00"), hours=3 * number), periodic=True, notice_posted_at=at("2026-03-20 10:00"))


def _repeats_kept(ledger: Ledger) -> None:
    for number, (first, second) in enumerate((("2026-01-06 10:00", "2026-03-04 18:30"), ("2026-01-13 08:40", "2026-01-13 09:25"))):
        customer = f"YH-R{number}"
        for received in (at(first), at(second)):
            ledger.order("FW1", received, subject="no_heat", customer_id=customer)
    for point, repaired in (("LD-07", "2026-01-31 16:00"), ("LD-07", "2026-03-02 09:00"), ("LD-11", "2026-02-10 14:00")):
        ledger.add(
            "leak_repair", repair_id=ledger.next_id("XF"), leak_point_id=point, org_id="GW", repaired_at=at(repaired), in_warranty=False
        )
