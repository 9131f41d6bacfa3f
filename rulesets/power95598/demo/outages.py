"""Notices, outages and changes of their times (part 2, section 1)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from .book import PLANT_FROM, PLANT_TO, Book, Row, at, hours, minutes
from .bureau import AREAS, CREWS, DISPATCH, FALLIBLE, LINES, MARKETING, OFFICE, REPAIR, SPECIAL_USERS, person

_KINDS = ("planned", "temporary", "rationing", "fault", "arrears", "emergency", "other")
_SHARES = (34, 20, 6, 20, 12, 6, 2)
_PER_DAY = 5

_LEAD_HOURS = {"planned": (170, 260), "temporary": (49, 90), "rationing": (24.5, 60)}
_OTHER_LEAD_HOURS = (0.6, 5)

_WORK = {"planned": "更換柱上開關", "temporary": "消除線路缺陷", "rationing": "有序用電", "fault": "搶修倒桿", "arrears": "欠費停電"}
_REASONS = {"early_off": "上游線路操作提前完成", "late_on": "更換電纜頭耗時超出預計"}


def outages(book: Book) -> None:
    """Some hundreds of outages, each with its notice, most as planned; then the planted ones."""
    for day in book.days():
        for _ in range(book.random.randint(_PER_DAY - 2, _PER_DAY + 1)):
            kind = book.random.choices(_KINDS, _SHARES)[0]
            _outage(book, day, kind, change=book.random.choices((None, "early_off", "late_on"), (85, 5, 10))[0])
    _planted(book)


def _outage(
    book: Book,
    day: date,
    kind: str,
    *,
    carried_out_by: str | None = None,
    reporter: str | None = None,
    lead: timedelta | None = None,
    change: str | None = None,
    notified_hours: float = 1.5,
    change_fields: Row | None = None,
    notice_fields: Row | None = None,
    announced: bool | None = None,
) -> tuple[str, str, str]:
    """One outage with its notice and, perhaps, a change of its times; gives the ids of notice, outage and change.

    `lead` is how long before the planned time off the notice was entered, `notified_hours` how long before the changed time 95598 was told.
    """
    crew = carried_out_by or book.random.choice(CREWS)
    reporter = reporter or {"planned": DISPATCH, "rationing": MARKETING, "temporary": book.random.choice((DISPATCH, crew))}.get(kind, crew)
    off, on = _planned_times(book, day, kind)
    low, high = _LEAD_HOURS.get(kind, _OTHER_LEAD_HOURS)
    entered = off - (lead if lead is not None else hours(book.between(low, high)))
    if announced is None:
        announced = kind in _LEAD_HOURS and book.random.random() < 0.8
    announced_at = entered + minutes(book.between(5, 25)) if announced else None
    where = book.random.randrange(len(LINES))
    notice: Row = {
        "notice_id": book.number("TD", day),
        "kind": kind,
        "org_id": reporter,
        "staff_id": person(book, reporter),
        "entered_at": entered,
        "channel": book.random.choice(("system", "oa", "phone")),
        "planned_off_at": off,
        "planned_on_at": on,
        "line": LINES[where],
        "area": AREAS[where],
        "construction_unit": "縣電力工程公司",
        "work_content": _work(kind),
        "special_users": book.random.choice(SPECIAL_USERS),
        "leader": "負責人（現場）",
        "leader_phone": f"0576-8000{book.random.randint(1000, 9999)}",
        "announced_at": announced_at,
    }
    if kind == "rationing":
        notice["requirement"] = "工業用戶壓減負荷三成"
    if kind == "arrears":
        notice |= {"construction_unit": None, "leader": None, "leader_phone": None}
    notice |= notice_fields or {}
    book.add("outage_notice", **notice)
    went_off = off + minutes(book.between(-4, 12))
    came_on = on + minutes(book.between(-40, 4)) if on - off > hours(1) else on
    if change == "early_off":
        went_off = off - minutes(book.between(20, 40))
    elif change == "late_on":
        came_on = on + minutes(book.between(30, 150))
    outage_id = book.number("TDSJ", day)
    book.add(
        "outage",
        outage_id=outage_id,
        notice_id=notice["notice_id"],
        kind=kind,
        org_id=crew,
        line=LINES[where],
        area=AREAS[where],
        off_at=went_off,
        on_at=came_on,
    )
    change_id = (
        _change(book, notice, change, went_off if change == "early_off" else on, notified_hours, change_fields or {}) if change else ""
    )
    return str(notice["notice_id"]), outage_id, change_id


def _change(book: Book, notice: Row, kind: str, changed: datetime, notified_hours: float, fields: Row) -> str:
    told = changed - hours(notified_hours)
    change: Row = {
        "change_id": book.number("BG"),
        "notice_id": notice["notice_id"],
        "kind": kind,
        "notified_at": told,
        "reason": _REASONS[kind],
        "users_notified_at": told + minutes(book.between(2, 20)),
        "staff_id": notice["staff_id"],
    }
    book.add("outage_change", **(change | fields))
    return str(change["change_id"])


def _planned_times(book: Book, day: date, kind: str) -> tuple[datetime, datetime]:
    if kind in ("planned", "temporary"):
        off = at(day, book.random.choice((6, 7, 8)), book.random.choice((0, 30)))
        return off, off + hours(book.random.choice((4, 5, 6, 8)))
    if kind == "rationing":
        return at(day, 13), at(day, 17)
    off = book.any_time(day)
    return off, off + hours(book.random.choice((2, 3, 4)))


def _work(kind: str) -> str:
    return _WORK.get(kind, "配合市政施工")


def _planted(book: Book) -> None:
    """At least one breach of each of PW101 to PW112; the exemplary stations have no part in them."""
    quiet = sorted(set(FALLIBLE) - {REPAIR})

    def days() -> date:
        return PLANT_FROM + timedelta(days=12 + book.random.randrange((PLANT_TO - PLANT_FROM).days - 12))

    def crew() -> str:
        return book.random.choice(quiet)

    too_short = (("PW101", "planned", 150, 4), ("PW102", "temporary", 40, 3), ("PW103", "rationing", 20, 2), ("PW104", "arrears", 0.3, 3))
    for rule, kind, lead, number in too_short:
        for _ in range(number):
            book.plant(rule, _outage(book, days(), kind, carried_out_by=crew(), lead=hours(lead * book.between(0.8, 1)))[0])
    second_late = _outage(book, date(2026, 8, 20), "planned", carried_out_by=crew(), lead=hours(168) - timedelta(seconds=1))
    book.plant("PW101", second_late[0])
    _outage(book, date(2026, 8, 21), "planned", lead=hours(168))
    for unit in quiet[:4]:
        off = book.any_time(days())
        outage_id = book.number("TDSJ", off.date())
        on = off + hours(2)
        book.add("outage", outage_id=outage_id, kind="temporary", org_id=unit, line=LINES[0], area=AREAS[0], off_at=off, on_at=on)
        book.plant("PW105", outage_id)
    book.plant("PW106", _outage(book, days(), "planned", carried_out_by=quiet[0], reporter=quiet[0])[0])
    book.plant("PW106", _outage(book, days(), "rationing", carried_out_by=quiet[1], reporter=OFFICE)[0])
    incomplete: tuple[Row, ...] = ({"leader": None, "leader_phone": None}, {"special_users": None}, {"area": "  "})
    for blank in incomplete:
        book.plant("PW107", _outage(book, days(), "temporary", carried_out_by=quiet[2], reporter=quiet[2], notice_fields=blank)[0])
    book.plant("PW108", _outage(book, days(), "rationing", notice_fields={"requirement": None}, carried_out_by=quiet[3])[0])
    for notified in (0.2, 0.9):
        book.plant("PW109", _outage(book, days(), "planned", carried_out_by=crew(), change="early_off", notified_hours=notified)[1])
    for notified in (-0.5, 0.5, 0.98):
        book.plant("PW110", _outage(book, days(), "planned", carried_out_by=crew(), change="late_on", notified_hours=notified)[1])
    book.plant("PW111", _outage(book, days(), "planned", carried_out_by=crew(), change="late_on", change_fields={"reason": None})[2])
    untold: Row = {"users_notified_at": None}
    users: Row = {"special_users": "乙水廠（重要用戶）"}
    ids = _outage(
        book, days(), "planned", carried_out_by=crew(), change="early_off", announced=True, change_fields=untold, notice_fields=users
    )
    book.plant("PW112", ids[2])
