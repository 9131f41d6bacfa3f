"""Orders of the desk: applications, complaints and reports, inquiries, suggestions, praise (part 2, sections 2 and 4 to 6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from .book import Book, Row, at, hours, is_working_day, minutes, working_days_after
from .bureau import CREWS, DIVERSIFIED, FALLIBLE, MARKETING, OFFICE, SERVICE, person

_PREFIX = {
    "business_application": "YY",
    "inquiry": "ZX",
    "complaint": "TS",
    "report": "JB",
    "suggestion": "JY",
    "praise": "BY",
    "dispatch": "HT",
    "information": "XX",
}
_PER_WORKING_DAY = {
    "business_application": 6,
    "inquiry": 14,
    "complaint": 1.5,
    "report": 0.4,
    "suggestion": 3,
    "praise": 0.7,
    "dispatch": 0.5,
    "information": 0.5,
}
_LIMIT = {"business_application": 3, "inquiry": 3, "suggestion": 3, "complaint": 7, "report": 10}
"""Working days: to contact the applicant, to answer, to deal with it."""

_LATER_FIELDS = (
    "handled_at",
    "fed_back_at",
    "closed_at",
    "contacted_at",
    "handler_org_id",
    "handler_staff_id",
    "investigation",
    "opinion",
    "result",
    "customer_feedback",
)
"""What stays blank on an order that nobody deals with."""

_RULE = {"business_application": "PW201", "inquiry": "PW501", "suggestion": "PW601", "complaint": "PW401", "report": "PW402"}


def desk_orders(book: Book) -> None:
    """Some thousand orders on the working days; then the planted ones."""
    for day in book.days():
        if not is_working_day(day):
            continue
        for category, mean in _PER_WORKING_DAY.items():
            for _ in range(int(mean + book.random.random())):
                received = book.office_time(day)
                unit = book.random.choice((*CREWS, MARKETING, OFFICE, DIVERSIFIED))
                write = _praise if category == "praise" else _note if category in ("dispatch", "information") else _order
                write(book, category, received, unit)
    _planted(book)


def _order(
    book: Book,
    category: str,
    received: datetime,
    unit: str,
    *,
    used: int | None = None,
    blank: tuple[str, ...] = (),
    feedback: timedelta | None = None,
    more: Row | None = None,
) -> Row:
    """One order dealt with in time, or `used` working days after it came (the limit counts in working days); written to the book."""
    limit = _LIMIT[category]
    spent = used if used is not None else min(book.random.randint(0, limit), book.random.randint(0, limit))
    sent = received + minutes(book.between(2, 20))
    done = (
        at(working_days_after(received.date(), spent), 16, 30) + minutes(book.between(0, 59))
        if spent
        else sent + minutes(book.between(10, 50))
    )
    accepted = sent + minutes(book.between(1, 9))
    fields: Row = {
        "ticket_id": book.number(_PREFIX[category], received.date()),
        "category": category,
        "level": "general",
        "source": book.random.choice(("phone", "phone", "web", "walk_in")),
        "customer_id": f"K{book.random.randint(1, 60000):06d}",
        "received_at": received,
        "dispatched_at": sent,
        "org_id": unit,
        "accepted_at": accepted,
        "handler_org_id": unit,
        "handler_staff_id": person(book, unit),
    }
    if category == "business_application":
        handled = at(working_days_after(done.date(), book.random.randint(1, 5)), 14) + minutes(book.between(0, 120))
        fields |= {
            "contacted_at": done,
            "handled_at": handled,
            "fed_back_at": handled + (feedback or hours(book.between(0.2, 6))),
            "result": "已裝表接電",
        }
    else:
        fields |= {
            "handled_at": done - minutes(book.between(1, 8)),
            "investigation": "已調閱記錄並與客戶核實",
            "opinion": "已向客戶說明並處理",
            "fed_back_at": done,
        }
    if category in ("complaint", "report"):
        anonymous = category == "report" and book.random.random() < 0.3
        fields |= {"customer_id": None} if anonymous else {"customer_feedback": "接受處理"}
    fed_back = fields["fed_back_at"]
    if isinstance(fed_back, datetime) and "closed_at" not in blank:
        fields["closed_at"] = fed_back + hours(book.between(0.2, 20))
    fields |= (more or {}) | dict.fromkeys(blank)
    book.add("ticket", **fields)
    if category == "inquiry" and book.random.random() < 0.06:
        _three_way(book, fields, received + minutes(1), book.random.choice(("accepted", "accepted", "unreachable")))
    return fields


def _praise(book: Book, category: str, received: datetime, unit: str) -> None:
    ticket_id = book.number(_PREFIX[category], received.date())
    book.add(
        "ticket",
        ticket_id=ticket_id,
        category=category,
        source="phone",
        customer_id=f"K{book.random.randint(1, 60000):06d}",
        received_at=received,
        org_id=unit,
        handler_org_id=unit,
        handler_staff_id=person(book, unit),
        closed_at=received + hours(1),
    )
    if date(2026, 7, 1) <= received.date():
        book.plant("PW901", f"ticket:{ticket_id}")


def _note(book: Book, category: str, received: datetime, unit: str) -> None:
    book.add(
        "ticket",
        ticket_id=book.number(_PREFIX[category], received.date()),
        category=category,
        source="system",
        received_at=received,
        dispatched_at=received + minutes(3),
        org_id=unit,
        handled_at=received + hours(1),
        closed_at=received + hours(2),
    )


def _three_way(book: Book, ticket: Row, when: datetime, outcome: str) -> str:
    event_id = book.number("SF")
    book.add(
        "ticket_event",
        event_id=event_id,
        ticket_id=ticket["ticket_id"],
        action="three_way_call",
        at=when,
        org_id=SERVICE,
        to_org_id=ticket["org_id"],
        outcome=outcome,
    )
    return event_id


def _event(book: Book, ticket: Row, action: str, when: datetime, reason: str | None = None) -> None:
    book.add(
        "ticket_event",
        event_id=book.number("CB"),
        ticket_id=ticket["ticket_id"],
        action=action,
        at=when,
        org_id=SERVICE,
        to_org_id=ticket["org_id"],
        reason=reason,
    )


def _planted(book: Book) -> None:
    """At least one breach of each rule of chapters 2 and 4 to 6, of PW702 and of PW703."""
    units = _in_turn()
    for category, rule in _RULE.items():
        for _ in range(2):
            received = book.office_time(book.plant_day())
            book.plant(rule, _id(_order(book, category, received, next(units), used=_LIMIT[category] + 1)))
        _neglected(book, category, next(units), urged=False)
    _neglected(book, "complaint", next(units), urged=True)
    _neglected(book, "business_application", next(units), urged=True)
    for category in ("inquiry", "suggestion"):
        _neglected(book, category, next(units), urged=True, escalated=True)
    _make_up_sunday(book, next(units))
    for _ in range(3):
        received = book.office_time(book.plant_day())
        book.plant("PW202", _id(_order(book, "business_application", received, next(units), feedback=timedelta(days=6))))
    incomplete = (
        ("PW403", "complaint", ("customer_feedback",)),
        ("PW403", "report", ("investigation", "opinion")),
        ("PW502", "inquiry", ("opinion",)),
        ("PW502", "inquiry", ("opinion",)),
        ("PW602", "suggestion", ("handler_staff_id",)),
        ("PW602", "suggestion", ("investigation",)),
    )
    for rule, category, blank in incomplete:
        known: Row = {"customer_id": f"K{book.random.randint(1, 60000):06d}", "customer_feedback": "接受處理"}
        book.plant(rule, _id(_order(book, category, book.office_time(book.plant_day()), next(units), blank=blank, more=known)))
    for _ in range(2):
        received = book.office_time(book.plant_day())
        book.plant("PW503", _three_way(book, _order(book, "inquiry", received, next(units)), received + minutes(1), "refused"))


def _id(ticket: Row) -> str:
    return str(ticket["ticket_id"])


def _in_turn() -> Iterator[str]:
    while True:
        yield from (*FALLIBLE, MARKETING, OFFICE, DIVERSIFIED)


def _neglected(book: Book, category: str, unit: str, *, urged: bool, escalated: bool = False) -> None:
    """An order that stays undone for weeks.

    The service centre urges or not (PW702), and after three days of urging escalates or not (PW703).
    """
    received = book.office_time(date(2026, 7, 2) + timedelta(days=book.random.choice((0, 4, 5, 6, 7, 11, 12, 13, 14, 18, 19, 20))))
    ticket = _order(book, category, received, unit, blank=_LATER_FIELDS)
    book.plant(_RULE[category], _id(ticket))
    overdue = working_days_after(received.date(), _LIMIT[category])
    if not urged:
        book.plant("PW702", _id(ticket))
        return
    urging = at(working_days_after(overdue, 1), 9, 5)
    _event(book, ticket, "urge", urging, "超過時限未辦結")
    if escalated:
        _event(book, ticket, "escalate", urging + timedelta(days=3, hours=20), "催辦三天未處理，送局領導督辦")
    else:
        book.plant("PW703", _id(ticket))


def _make_up_sunday(book: Book, unit: str) -> None:
    """Friday 18 September: with the make-up Sunday the third working day is the Tuesday, without it the Wednesday."""
    received = at(date(2026, 9, 18), 9)
    on_time = at(date(2026, 9, 22), 23, 59, 59)
    steps: Row = {"handled_at": on_time - minutes(5), "fed_back_at": on_time, "closed_at": on_time + hours(1)}
    _order(book, "inquiry", received, unit, more=steps)
    late = _order(book, "inquiry", received, unit, more=steps | {"fed_back_at": on_time + timedelta(seconds=1)})
    book.plant("PW501", _id(late))
