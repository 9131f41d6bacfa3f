"""A made-up year of customer service in a grid company: a head office, five subsidiaries, two supply units each.

The year 2026 is over at as-of, so that yearly duties and the two-year cycle 2025-2026 have fallen due. Every rule has a planted breach
or merit; everything else is compliant or outside.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from random import Random

PERIOD = "2026"
AS_OF = "2027-01-20T09:00:00"

Row = dict[str, object]
SHANGHAI = timezone(timedelta(hours=8))

OFFICE = "CSG"
SUBSIDIARIES = {"GD": "廣東", "GX": "廣西", "YN": "雲南", "GZ": "貴州", "HI": "海南"}
CITIES = {
    "GD-01": "佛山",
    "GD-02": "東莞",
    "GX-01": "南寧",
    "GX-02": "柳州",
    "YN-01": "昆明",
    "YN-02": "曲靖",
    "GZ-01": "貴陽",
    "GZ-02": "遵義",
    "HI-01": "海口",
    "HI-02": "三亞",
}
BEST, WORST, IDLE = "GD-01", "HI", "HI-01"
"""The unit that met all targets, the subsidiary with most breaches, and its unit without figures in March."""
MONTHS = [(2025, n) for n in range(1, 13)] + [(2026, n) for n in range(1, 13)]
TARGETS = {"target_connection_rate": "0.95", "target_reply_rate": "0.98", "target_average_wait_s": "20"}

BRIEF = (
    "inquiry",
    "fault_repair",
    "complaint",
    "business",
    "praise_and_suggestion",
    "return_visit",
    "outage_reminder",
    "bill_reminder",
    "connection_rate",
    "reply_rate",
    "average_wait",
    "problem_analysis",
    "rectification",
)
PLAN_OF_OFFICE = ("window_building", "service_inspection", "theme_campaign")
PLAN_OF_SUBSIDIARY = ("window_building", "assessment", "key_customer_visits", "theme_campaign")


def build(random: Random) -> tuple[dict[str, list[Row]], list[tuple[str, str]]]:
    """The rows of every canonical record, and the planted (rule, case id) of breaches and merits, sorted."""
    book = _Book(random)
    _units(book)
    _briefs(book)
    _yearly_duties(book)
    _figures(book)
    _circulars(book)
    _rectifications(book)
    _tickets(book)
    _commendations(book)
    return book.rows, sorted(book.planted)


class _Book:
    """Rows by record, and the planted cases beside them."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.rows: dict[str, list[Row]] = {}
        self.planted: list[tuple[str, str]] = []
        self._serial: Counter[str] = Counter()

    def number(self, prefix: str) -> str:
        self._serial[prefix] += 1
        return f"{prefix}-{self._serial[prefix]:05d}"

    def add(self, record: str, **fields: object) -> None:
        self.rows.setdefault(record, []).append({name: _text(value) for name, value in fields.items() if value is not None})

    def duty(
        self, duty: str, org: str, done: datetime, label: str | None = None, subject: str | None = None, items: tuple[str, ...] = ()
    ) -> str:
        record = self.number("DR")
        listed = json.dumps(items) if items else None
        self.add("duty_record", record_id=record, duty=duty, org_id=org, period=label, done_at=done, subject_id=subject, items=listed)
        return record

    def at(self, day: date) -> datetime:
        """A time of office hours of the day."""
        return datetime.combine(
            day, time(self.random.randint(8, 16), self.random.randint(0, 59), self.random.randint(0, 59)), tzinfo=SHANGHAI
        )

    def some_day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.random.randint(0, (last - first).days))


def _moment(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def _text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _months_with_due() -> Iterator[tuple[str, date]]:
    """The label of each month and the first day after it."""
    for year, month in MONTHS:
        yield f"{year}-{month:02d}", date(year, month, monthrange(year, month)[1]) + timedelta(days=1)


def _units(book: _Book) -> None:
    founded = _moment(2003, 7, 18)
    book.add("org_unit", org_id=OFFICE, name="電網公司市場交易部", kind="head_office", valid_from=founded)
    for org, name in SUBSIDIARIES.items():
        book.add("org_unit", org_id=org, name=f"{name}公司", kind="subsidiary", parent_id=OFFICE, valid_from=founded)
    for org, name in CITIES.items():
        book.add("org_unit", org_id=org, name=f"{name}供電局", kind="supply_unit", parent_id=org[:2], valid_from=founded)
        for number in (1, 2):
            book.add(
                "staff",
                staff_id=f"{org}-S{number}",
                name=book.random.choice("王李張劉陳楊趙黃周吳") + "某",
                org_id=org,
                hired_on=date(2014, 7, 1),
            )


def _briefs(book: _Book) -> None:
    """Briefs by the 20th (head office) and the 15th (subsidiaries); one each is late, one is never made, one lacks two items."""
    for label, following in _months_with_due():
        if label == "2026-05":
            book.planted.append(("GR101", f"service_brief:{OFFICE}:{label}"))
        else:
            day = 21 if label == "2026-08" else book.random.randint(12, 20)
            book.duty("service_brief", OFFICE, book.at(following.replace(day=day)), label, items=BRIEF)
            if label == "2026-08":
                book.planted.append(("GR101", f"service_brief:{OFFICE}:{label}"))
        for org in SUBSIDIARIES:
            if (org, label) == (WORST, "2026-03"):
                book.planted.append(("GR102", f"service_brief:{org}:{label}"))
                continue
            day = book.random.randint(5, 14)
            if (org, label) == ("YN", "2026-07"):
                day = 16
                book.planted.append(("GR102", f"service_brief:{org}:{label}"))
            short = (org, label) in ((WORST, "2026-05"), ("GX", "2026-09"))
            items = tuple(item for item in BRIEF if not (short and item in ("outage_reminder", "reply_rate")))
            record = book.duty("service_brief", org, book.at(following.replace(day=day)), label, items=items)
            if short:
                book.planted.append(("GR103", record))


def _yearly_duties(book: _Book) -> None:
    for org in (OFFICE, *SUBSIDIARIES):
        items = PLAN_OF_OFFICE if org == OFFICE else PLAN_OF_SUBSIDIARY
        if org == "GZ":
            book.duty("annual_service_plan", org, _moment(2026, 2, 2, 10, 0), "2026", items=items)
            book.planted.append(("GR201", f"annual_service_plan:{org}:2026"))
        elif org == "GX":
            record = book.duty("annual_service_plan", org, _moment(2026, 1, 20, 10, 0), "2026", items=items[:2])
            book.planted.append(("GR202", record))
        else:
            book.duty("annual_service_plan", org, book.at(book.some_day(date(2026, 1, 5), date(2026, 1, 30))), "2026", items=items)
        if org == "YN":
            book.planted.append(("GR311", f"theme_campaign:{org}:2026"))
        else:
            book.duty("theme_campaign", org, book.at(date(2026, 3, 15)))
    for org in SUBSIDIARIES:
        _subsidiary(book, org)
        if org == "GX":
            book.planted.append(("GR301", f"service_inspection:{OFFICE}:{org}:2026"))
        else:
            book.duty("service_inspection", OFFICE, book.at(book.some_day(date(2026, 5, 1), date(2026, 10, 31))), subject=org)
    book.duty("annual_results", OFFICE, _moment(2026, 2, 9, 16, 0), "2025")
    book.planted += [("GR304", f"annual_results:{OFFICE}:2025"), ("GR302", f"window_assessment:{OFFICE}:2026")]


def _subsidiary(book: _Book, org: str) -> None:
    """What a subsidiary does in the year; the worst one leaves out what is planted here."""
    once = {
        "key_customer_forum": "GR203",
        "conduct_supervisor_meeting": "GR204",
        "service_inspection": "GR303",
        "window_assessment": "GR310",
    }
    for duty, rule in once.items():
        if org == WORST:
            book.planted.append((rule, f"{duty}:{org}:2026"))
        else:
            proof = "key_customer_visit" if duty == "key_customer_forum" and org in ("GX", "GZ") else duty
            book.duty(
                proof,
                org,
                book.at(book.some_day(date(2026, 2, 1), date(2026, 12, 15))),
                subject=f"{org}-01" if duty == "service_inspection" else None,
            )
    for half, first, last in (("2026H1", date(2026, 2, 1), date(2026, 6, 20)), ("2026H2", date(2026, 7, 5), date(2026, 12, 20))):
        if (org, half) == ("GD", "2026H2"):
            book.planted.append(("GR205", f"service_training:{org}:{half}"))
        else:
            book.duty("service_training", org, book.at(book.some_day(first, last)), half)
    if org == WORST:
        book.planted.append(("GR206", f"annual_summary:{org}:2025"))
    else:
        book.duty("annual_summary", org, book.at(book.some_day(date(2026, 1, 5), date(2026, 1, 30))), "2025")


def _figures(book: _Book) -> None:
    """Monthly figures; every unit but the best misses a target once in 2026, two of them missed one in 2025 as well."""
    misses = {org: f"2026-{1 + number:02d}" for number, org in enumerate(CITIES) if org != BEST}
    earlier = {("GX-01", "2025-07"), ("HI-02", "2025-11")}
    for label, _ in _months_with_due():
        for org in (*CITIES, *SUBSIDIARIES):
            if (org, label) == (IDLE, "2026-03"):
                book.planted.append(("GR308", f"service_kpi:{org}:{label}"))
                continue
            figures = {
                "connection_rate": Decimal(book.random.randint(950, 995)) / 1000,
                "reply_rate": Decimal(book.random.randint(980, 1000)) / 1000,
                "average_wait_s": Decimal(book.random.randint(80, 200)) / 10,
            }
            missed = misses.get(org) == label or (org, label) in earlier
            if missed:
                figures["connection_rate"] = Decimal(book.random.randint(880, 949)) / 1000
            kpi = f"KPI-{org}-{label}"
            book.add(
                "service_kpi", kpi_id=kpi, org_id=org, period=label, **{name: str(value) for name, value in figures.items()}, **TARGETS
            )
            if missed and label.startswith("2026"):
                book.planted.append(("GR305", kpi))
    book.planted.append(("GR902", f"{BEST}:2026"))


def _circulars(book: _Book) -> None:
    """Of the two units that missed a target in 2025 one was named in a circular."""
    book.duty("circular", "GX", _moment(2026, 1, 16, 10, 0), "2025-07", "GX-01")
    book.planted.append(("GR306", "circular:HI-02:2025"))


def _rectifications(book: _Book) -> None:
    problems = ("晚高峰電話接通率低", "窗口排隊時間長", "停電提醒漏發", "催費短信重複")
    measures = ("增加晚班座席四名", "午間加開兩個櫃檯", "提醒名單每日核對", "短信平台去重")
    for number in range(24):
        found = book.at(book.some_day(date(2026, 1, 6), date(2026, 10, 20)))
        org = book.random.choice(list(CITIES))
        due = found + timedelta(days=40)
        measure: str | None = measures[number % 4]
        done: datetime | None = due - timedelta(days=book.random.randint(1, 20))
        key = book.number("RC")
        if number == 5:
            measure = None
            book.planted.append(("GR104", key))
        elif number in (11, 17):
            done = None if number == 11 else due + timedelta(seconds=1)
            book.planted.append(("GR105", key))
        book.add(
            "rectification",
            rectification_id=key,
            org_id=org,
            period=f"{found:%Y-%m}",
            problem=problems[number % 4],
            found_at=found,
            measure=measure,
            due_at=due,
            done_at=done,
        )


def _tickets(book: _Book) -> None:
    """Complaints and reports of misconduct, answered within a week; two complaints and one report are not."""
    planted = {("complaint", 8): "GR307", ("complaint", 15): "GR307", ("report", 4): "GR309"}
    for category, total in (("complaint", 30), ("report", 10), ("inquiry", 20)):
        for number in range(total):
            received = book.at(book.some_day(date(2026, 1, 6), date(2026, 11, 30)))
            answered: datetime | None = received + timedelta(days=book.random.randint(1, 7), hours=book.random.randint(0, 6))
            ticket = book.number("KF")
            if rule := planted.get((category, number)):
                answered = None if number == 15 else received + timedelta(days=30)
                book.planted.append((rule, ticket))
            book.add(
                "ticket",
                ticket_id=ticket,
                category=category,
                source=book.random.choice(("phone", "phone", "web", "walk_in")),
                received_at=received,
                org_id=book.random.choice(list(CITIES)),
                fed_back_at=answered,
            )


def _commendations(book: _Book) -> None:
    for number, (kind, verified) in enumerate(
        (("customer_praise", True), ("media_city", True), ("customer_praise", False), ("special_contribution", True))
    ):
        org = list(CITIES)[2 * number]
        commendation = book.number("CM")
        book.add(
            "commendation",
            commendation_id=commendation,
            at=book.at(book.some_day(date(2026, 2, 1), date(2026, 11, 30))),
            org_id=org,
            staff_id=f"{org}-S1",
            kind=kind,
            verified=verified,
        )
        if verified:
            book.planted.append(("GR901", commendation))
