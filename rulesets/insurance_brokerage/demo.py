"""A made-up year of a bank's insurance programme, looked after by one head office and six service centres.

The year 2026 is over at as-of, so that yearly duties have fallen due. Every rule has a planted breach or merit; everything else is
compliant or outside. The demonstration keeps away from the last weeks of December, whose working-day limits run into a year whose
calendar is not known yet.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from random import Random

PERIOD = "2026"
AS_OF = "2027-01-20T09:00:00"

Row = dict[str, object]
SHANGHAI = timezone(timedelta(hours=8))

OFFICE, BANK = "HO", "BANK-HQ"
CENTRES = {"SC-BJ": "北京", "SC-TJ": "天津", "SC-HE": "河北", "SC-SX": "山西", "SC-LN": "遼寧", "SC-JS": "江蘇"}
BEST, WORST = "SC-JS", "SC-LN"
"""The centre without a breach, and the one with most of them."""
FIRST_LEVEL = {"B1-BJ": "北京", "B1-TJ": "天津", "B1-HE": "河北", "B1-SX": "山西", "B1-LN": "遼寧", "B1-JS": "江蘇"}
SECOND_LEVEL = {"B2-TS": "唐山", "B2-BD": "保定", "B2-AS": "鞍山", "B2-WX": "無錫"}
MONTHS = [(2025, 11), (2025, 12), *((2026, n) for n in range(1, 13))]
NEW_YEAR_2026 = {date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)}

STEPS = ((90, "1.0"), (80, "0.9"), (70, "0.8"), (60, "0.6"))


def build(random: Random) -> tuple[dict[str, list[Row]], list[tuple[str, str]]]:
    """The rows of every canonical record, and the planted (rule, case id) of breaches and merits, sorted."""
    book = _Book(random)
    _units(book)
    _agreements(book)
    claimants = _claims(book)
    _monthly_duties(book, claimants)
    _yearly_duties(book)
    _score_sheets(book)
    _complaints(book)
    _phones(book)
    _conduct(book)
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
        self, duty: str, org: str, done: datetime, label: str | None = None, subject: str | None = None, items: str | None = None
    ) -> None:
        self.add(
            "duty_record", record_id=self.number("DR"), duty=duty, org_id=org, period=label, done_at=done, subject_id=subject, items=items
        )

    def at(self, day: date) -> datetime:
        """A time of office hours of the day."""
        return datetime.combine(
            day, time(self.random.randint(9, 16), self.random.randint(0, 59), self.random.randint(0, 59)), tzinfo=SHANGHAI
        )

    def days(self, first: date, last: date, number: int) -> Iterator[date]:
        """So many days of the range, in order."""
        span = (last - first).days
        yield from sorted(first + timedelta(days=self.random.randint(0, span)) for _ in range(number))


def _moment(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def _text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _working_day(day: date) -> date:
    """The day itself, or the next weekday; holidays do not matter where a limit is kept on the day itself."""
    while day.weekday() >= 5 or day in NEW_YEAR_2026:
        day += timedelta(days=1)
    return day


def _units(book: _Book) -> None:
    founded = _moment(2006, 8, 14)
    book.add("org_unit", org_id=OFFICE, name="總公司建行項目管理工作小組", kind="head_office", valid_from=founded)
    book.add("org_unit", org_id=BANK, name="銀行總行本部", kind="client_head_office", valid_from=founded)
    for org, city in CENTRES.items():
        book.add("org_unit", org_id=org, name=f"{city}客戶服務中心", kind="service_center", parent_id=OFFICE, valid_from=founded)
        for number in range(3):
            staff = f"{org}-{number + 1:02d}"
            licensed = org != "SC-HE" and number == (1 if org == WORST else 0)
            licence = f"BJ{book.random.randint(100000, 999999)}" if licensed else None
            book.add(
                "staff",
                staff_id=staff,
                name=book.random.choice("王李張劉陳楊趙黃周吳") + "某",
                org_id=org,
                broker_licence=licence,
                hired_on=date(2015, 3, 1),
            )
            if (org, number) != (WORST, 0):
                book.add(
                    "team_member",
                    member_id=book.number("TM"),
                    org_id=org,
                    staff_id=staff,
                    role="lead" if number == 0 else "service",
                    valid_from=_moment(2024, 1, 1),
                )
    # The lead of one centre left in November and nobody followed; a service member of it holds the licence.
    book.add(
        "team_member",
        member_id=book.number("TM"),
        org_id=WORST,
        staff_id=f"{WORST}-01",
        role="lead",
        valid_from=_moment(2024, 1, 1),
        valid_to=_moment(2026, 11, 16),
    )
    book.planted += [("IB101", WORST), ("IB102", "SC-HE")]
    for kind, branches in (("client_branch_1", FIRST_LEVEL), ("client_branch_2", SECOND_LEVEL)):
        for org, city in branches.items():
            book.add("org_unit", org_id=org, name=f"{city}分行", kind=kind, parent_id=BANK, valid_from=founded)


def _agreements(book: _Book) -> None:
    for key, signed in (("AG-2026", _moment(2026, 3, 2, 10, 30)), ("AG-2026-S", _moment(2026, 7, 1, 15, 0))):
        book.add("agreement", agreement_id=key, signed_at=signed)
        for branch in (*FIRST_LEVEL, *SECOND_LEVEL):
            delivered: datetime | None = signed + timedelta(days=book.random.randint(5, 13), hours=book.random.randint(0, 5))
            if (key, branch) == ("AG-2026", "B2-AS"):
                delivered = None
            elif (key, branch) == ("AG-2026", "B1-LN"):
                delivered = signed + timedelta(days=15, seconds=1)
            book.add(
                "manual_delivery",
                delivery_id=book.number("MD"),
                agreement_id=key,
                org_id=branch,
                delivered_at=delivered,
                copies=book.random.randint(2, 5),
            )
            if (key, branch) != ("AG-2026", "B2-WX"):
                book.duty("central_training", OFFICE, signed + timedelta(days=book.random.randint(20, 55)), subject=branch)
        first, second = (12, 6) if key == "AG-2026" else (15, 5)
        for copies, days in ((first, 6), (second, 11), (2, 24)):
            book.add(
                "manual_delivery",
                delivery_id=book.number("MD"),
                agreement_id=key,
                org_id=BANK,
                delivered_at=signed + timedelta(days=days),
                copies=copies,
            )
    book.planted += [("IB201", "AG-2026:B2-AS"), ("IB201", "AG-2026:B1-LN"), ("IB202", "AG-2026"), ("IB203", "AG-2026:B2-WX")]


def _claims(book: _Book) -> set[tuple[str, str]]:
    """Claims of the year; what is given back is (month, centre) of every claim."""
    seen = set()
    plans = [(org, day) for org in CENTRES for day in book.days(date(2026, 1, 5), date(2026, 12, 4), 14)]
    for number, (org, day) in enumerate(plans):
        motor = book.random.random() < 0.5
        major = number % 3 == 0
        reported = book.at(day)
        loss = (
            Decimal(book.random.randint(31, 180) * 1000 if motor else book.random.randint(201, 900) * 1000)
            if major
            else Decimal(book.random.randint(8, 280) * 100)
        )
        closed = reported + timedelta(days=book.random.randint(15, 40)) if book.random.random() < 0.8 else None
        book.add(
            "claim",
            claim_id=book.number("CL"),
            org_id=org,
            line="motor" if motor else "non_motor",
            estimated_loss=str(loss),
            reported_at=reported,
            declared_at=reported + timedelta(minutes=book.random.randint(20, 400)) if major else None,
            group_joined_at=reported + timedelta(hours=book.random.randint(8, 23)) if major else None,
            closed_at=closed,
            registered=True,
            client_file=True if closed else None,
        )
        seen.add((day.strftime("%Y-%m"), org))
    day = date(2026, 5, 12)
    for rule, org, changes in (
        (
            "IB301",
            WORST,
            {"estimated_loss": "200000", "declared_at": _moment(2026, 5, 14, 9, 5), "group_joined_at": _moment(2026, 5, 14, 11, 0)},
        ),
        ("IB302", "SC-SX", {"estimated_loss": "430000", "declared_at": _moment(2026, 5, 12, 15, 0)}),
        ("IB303", "SC-TJ", {"estimated_loss": "4200", "registered": False}),
        ("IB304", "SC-HE", {"estimated_loss": "5100", "closed_at": _moment(2026, 6, 9, 16, 20), "client_file": False}),
    ):
        claim = book.number("CL")
        book.add(
            "claim",
            **{
                "claim_id": claim,
                "org_id": org,
                "line": "non_motor",
                "reported_at": _moment(2026, 5, 12, 10, 15),
                "registered": True,
                **changes,
            },
        )
        book.planted.append((rule, claim))
        seen.add((day.strftime("%Y-%m"), org))
    return seen


def _monthly_duties(book: _Book, claimants: set[tuple[str, str]]) -> None:
    """Every month's duties within 15 days of its end; those named here not at all, or too late."""
    left_out = {
        ("claims_tracking", OFFICE, None, "2026-05"): "IB401",
        ("claims_phone_sample", OFFICE, WORST, "2026-05"): "IB402",
        ("motor_list_review", OFFICE, None, "2026-02"): "IB403",
        ("monthly_plan_and_summary", WORST, None, "2026-03"): "IB405",
        ("fee_ledger", WORST, None, "2026-07"): "IB406",
    }
    late = {("monthly_plan_and_summary", "SC-SX", None, "2026-08"): "IB405"}
    for year, month in MONTHS:
        label, end = f"{year}-{month:02d}", _last_day(year, month)
        owed: list[tuple[str, str, str | None]] = [("claims_tracking", OFFICE, None), ("motor_list_review", OFFICE, None)]
        owed += [("claims_phone_sample", OFFICE, org) for org in CENTRES if (label, org) in claimants]
        owed += [(duty, org, None) for org in CENTRES for duty in ("monthly_plan_and_summary", "fee_ledger")]
        for duty, org, subject in owed:
            key = (duty, org, subject, label)
            if key in left_out or key in late:
                book.planted.append((left_out.get(key) or late[key], ":".join(part for part in (duty, org, subject, label) if part)))
            if key not in left_out:
                days = 16 if key in late else book.random.randint(3, 14)
                book.duty(duty, org, book.at(end + timedelta(days=days)), label, subject)


def _yearly_duties(book: _Book) -> None:
    for year, quarter in ((2025, 4), (2026, 1), (2026, 2), (2026, 3)):
        label, end = f"{year}Q{quarter}", _last_day(year, 3 * quarter)
        if label == "2026Q2":
            book.planted.append(("IB411", f"risk_brief:{OFFICE}:{label}"))
        else:
            book.duty("risk_brief", OFFICE, book.at(end + timedelta(days=20)), label)
        items = '["underwriting_summary"]' if label == "2026Q3" else '["underwriting_summary", "claims_analysis"]'
        book.duty("insurance_brief", OFFICE, book.at(end + timedelta(days=22)), label, items=items)
    book.planted.append(("IB412", f"insurance_brief:{OFFICE}:2026Q3"))
    book.duty("half_year_report", OFFICE, _moment(2026, 8, 20, 9, 0), "2026H1")
    book.duty("feedback_analysis", OFFICE, _moment(2026, 2, 5, 9, 0), "2025H2")
    book.planted += [("IB413", f"half_year_report:{OFFICE}:2026H1"), ("IB415", f"feedback_analysis:{OFFICE}:2026H1")]
    book.duty("annual_report", OFFICE, _moment(2026, 3, 9, 11, 0), "2025")
    book.planted += [("IB414", f"annual_report:{OFFICE}:2025"), ("IB410", f"experience_exchange:{OFFICE}:2026")]
    for org in CENTRES:
        if org == WORST:
            book.planted += [("IB408", f"annual_assessment:{OFFICE}:{org}:2025"), ("IB409", f"on_site_inspection:{OFFICE}:{org}:2026")]
        else:
            book.duty("annual_assessment", OFFICE, book.at(date(2026, 2, 10)), "2025", org)
            book.duty("on_site_inspection", OFFICE, book.at(date(2026, 4, 1) + timedelta(days=book.random.randint(0, 240))), subject=org)
    for branch in (*FIRST_LEVEL, *SECOND_LEVEL):
        if branch in FIRST_LEVEL:
            if branch == "B1-LN":
                book.planted.append(("IB421", f"return_visit:{OFFICE}:{branch}:2026"))
            else:
                book.duty("return_visit", OFFICE, book.at(date(2026, 3, 10) + timedelta(days=book.random.randint(0, 260))), subject=branch)
        if branch == "B2-AS":
            book.planted.append(("IB422", f"satisfaction_survey:{OFFICE}:{branch}:2026"))
        else:
            book.duty("satisfaction_survey", OFFICE, book.at(date(2026, 10, 12)), subject=branch)


def _score_sheets(book: _Book) -> None:
    """A sheet for every centre and month, paid by its step; the best centre's mean earns the award."""
    for year, month in MONTHS:
        label, end = f"{year}-{month:02d}", _last_day(year, month)
        for org in CENTRES:
            if (org, label) == (WORST, "2026-06"):
                book.planted.append(("IB404", f"monthly_assessment:{org}:{label}"))
                continue
            score = (
                Decimal(
                    book.random.randint(1950, 1990)
                    if org == BEST
                    else book.random.randint(1240, 1700)
                    if org == WORST
                    else book.random.randint(1600, 1890)
                )
                / 20
            )
            base = Decimal(book.random.randint(180, 320) * 100)
            coefficient = next((Decimal(part) for least, part in STEPS if score >= least), Decimal(0))
            due = (base * coefficient).quantize(Decimal("0.01"), ROUND_HALF_UP)
            sheet = f"SS-{org}-{label}"
            paid: Decimal | None = due
            if (org, label) == (WORST, "2026-04"):
                paid = base
                book.planted.append(("IB601", sheet))
            elif (org, label) == ("SC-SX", "2026-09"):
                paid = due - Decimal("0.02")
                book.planted.append(("IB601", sheet))
            elif (org, label) == ("SC-TJ", "2026-10"):
                paid = None
                book.planted.append(("IB602", sheet))
            book.add(
                "score_sheet",
                sheet_id=sheet,
                org_id=org,
                period=label,
                score=str(score),
                base_fee=str(base),
                paid_fee=None if paid is None else str(paid),
                scored_at=book.at(end + timedelta(days=book.random.randint(4, 12))),
            )
    book.planted.append(("IB901", f"{BEST}:{PERIOD}"))


def _complaints(book: _Book) -> None:
    for number, day in enumerate(book.days(date(2026, 1, 6), date(2026, 12, 4), 30)):
        received = book.at(_working_day(day))
        ticket = book.number("TS")
        answered: datetime | None = received + timedelta(hours=book.random.randint(2, 70))
        if number == 7:
            answered = received + timedelta(days=17)
        elif number == 19:
            answered = None
        if number in (7, 19):
            book.planted.append(("IB501", ticket))
        book.add(
            "ticket",
            ticket_id=ticket,
            category="complaint",
            source=book.random.choice(("phone", "phone", "web")),
            received_at=received,
            org_id=book.random.choice(list(CENTRES)),
            fed_back_at=answered,
        )


def _phones(book: _Book) -> None:
    for org in CENTRES:
        for day in sorted(set(book.days(date(2026, 1, 1), date(2026, 12, 30), 25)) - {date(2026, 8, 16)}):
            start = datetime.combine(day, time(book.random.randint(0, 22), book.random.randint(0, 40)), tzinfo=SHANGHAI)
            outcomes = book.random.choice((["answered"], ["no_answer", "answered"], ["unreachable", "no_answer", "answered"]))
            for number, outcome in enumerate(outcomes):
                book.add(
                    "contact_attempt", attempt_id=book.number("CA"), org_id=org, at=start + timedelta(minutes=4 * number), outcome=outcome
                )
    # A Sunday night with a flooded vault: three calls in nine minutes, and nobody there.
    for number, outcome in enumerate(("no_answer", "unreachable", "no_answer", "answered")):
        book.add(
            "contact_attempt",
            attempt_id=book.number("CA"),
            org_id=WORST,
            at=_moment(2026, 8, 16, 2, 11) + timedelta(minutes=3 * number),
            outcome=outcome,
        )
    book.planted.append(("IB502", f"{WORST}:2026-08-16"))


def _conduct(book: _Book) -> None:
    for number, day in enumerate(book.days(date(2026, 1, 8), date(2026, 12, 20), 24)):
        kind = ("client", "insurer", "third_party")[number % 3]
        org = book.random.choice([c for c in CENTRES if c != BEST])
        disclosure = book.number("DC")
        planted = number == 14
        book.add(
            "disclosure",
            disclosure_id=disclosure,
            org_id=org,
            staff_id=f"{org}-02",
            at=book.at(day),
            recipient_kind=kind,
            consent_doc=None if kind != "third_party" or planted else f"同意函〔2026〕{number + 1}號",
        )
        if planted:
            book.planted.append(("IB503", disclosure))
    cases = (
        ("slight", "warning", 10),
        ("moderate", "demotion", 21),
        ("serious", "pay_cut", 29),
        ("severe", "warning", 12),
        ("grave", None, None),
        ("moderate", "demerit", 31),
    )
    for number, (impact, sanction, days) in enumerate(cases):
        happened = _moment(2026, 2 + number, 11, 14, 30)
        failure = book.number("SF")
        book.add(
            "service_failure",
            failure_id=failure,
            org_id="SC-TJ",
            staff_id="SC-TJ-02",
            at=happened,
            impact=impact,
            sanction=sanction,
            sanctioned_at=None if days is None else happened + timedelta(days=days),
        )
        if number >= 3:
            book.planted.append(("IB701", failure))
