"""Fault repairs with their events (part 2, section 3), and the planted ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .book import Book, Row, hours, minutes
from .bureau import AREA_OF, CREWS, FALLIBLE, PRODUCTION, SERVICE, person

_PROMISE_MINUTES = {"urban": 45, "rural": 90, "remote": 120}
_FINDINGS = ("跌落式熔斷器熔絲熔斷", "低壓線斷線", "表前開關燒壞", "變壓器樁頭發熱", "樹枝碰線")
_TYPHOON = (date(2026, 8, 12), date(2026, 8, 13))
_A_DAY, _A_TYPHOON_DAY = 9, 60


@dataclass(slots=True)
class Repair:
    """One fault order as it is being written: the ticket's fields and its events, times as datetimes."""

    book: Book
    received: datetime
    unit: str
    area: str
    fields: Row = field(default_factory=dict)
    events: list[Row] = field(default_factory=list)

    @property
    def ticket_id(self) -> str:
        return str(self.fields["ticket_id"])

    def event(self, action: str, when: datetime, org_id: str | None, **more: object) -> str:
        """Add an event; gives its id."""
        event_id = self.book.number("SJ")
        self.events.append({"event_id": event_id, "ticket_id": self.ticket_id, "action": action, "at": when, "org_id": org_id, **more})
        return event_id

    def write(self, *blank: str) -> str:
        """Hand the order over to the book, some fields left blank; gives the ticket's id."""
        self.book.add("ticket", **(self.fields | dict.fromkeys(blank)))
        for event in self.events:
            self.book.add("ticket_event", **event)
        return self.ticket_id


def repairs(book: Book) -> None:
    """Some hundreds of orders, a typhoon among them; then the planted ones."""
    for day in book.days():
        for _ in range(_A_TYPHOON_DAY if day in _TYPHOON else book.random.randint(_A_DAY - 3, _A_DAY + 3)):
            unit = book.random.choice(CREWS)
            order = book.random.choices((own, by_telephone, returned, unclear), (80, 8, 8, 4))[0]
            order(book, book.any_time(day), unit).write()
    _planted(book)


def own(
    book: Book,
    received: datetime,
    unit: str,
    *,
    area: str | None = None,
    dispatch: float | None = None,
    accept: float | None = None,
    arrive: float | None = None,
    report: float | None = None,
    feedback: float | None = None,
    jurisdiction: str = "own",
    crew: float | None = None,
) -> Repair:
    """The common order: sent to the unit whose fault it is, a crew goes, repairs and feeds back.

    Minutes from the step before; `arrive` from the customer's call, `feedback` in hours after the repair.
    """
    order = _taken(book, received, unit, area)
    sent = received + minutes(dispatch if dispatch is not None else book.between(1, 8))
    return _repaired(order, sent, accept=accept, arrive=arrive, report=report, feedback=feedback, jurisdiction=jurisdiction, crew=crew)


def by_telephone(book: Book, received: datetime, unit: str) -> Repair:
    """Settled by telephone: nobody had to go."""
    order = _taken(book, received, unit, None)
    sent = received + minutes(book.between(1, 8))
    _sent(order, sent, unit)
    accepted = _accepted(order, sent, unit, book.between(0.5, 4.5))
    confirmed, handled = accepted + minutes(2), accepted + minutes(book.between(5, 20))
    order.fields |= {"confirmed_at": confirmed, "jurisdiction": "own", "no_visit_needed": 1}
    _finished(order, handled, unit, book.between(0.1, 2), cause="用戶側漏電保護器跳閘")
    return order


def returned(
    book: Book, received: datetime, unit: str, *, after: float | None = None, return_fields: Row | None = None, also: str | None = None
) -> Repair:
    """Sent to the wrong unit, which returns it at once; the right one repairs. `after`: minutes from acceptance to the return."""
    right = also or book.random.choice([crew for crew in CREWS if crew != unit])
    order = _taken(book, received, right, None)
    sent = received + minutes(book.between(1, 8))
    _sent(order, sent, unit)
    accepted = _accepted(order, sent, unit, book.between(0.5, 4.5))
    back = accepted + minutes(after if after is not None else book.between(3, 25))
    reason: Row = {"to_org_id": right, "reason": "故障點屬對方供電區域"}
    order.event("return", back, unit, **(reason | (return_fields or {})))
    return _repaired(order, back + minutes(book.between(1, 6)), since_dispatch=True)


def unclear(book: Book, received: datetime, unit: str, *, hand_over: bool = True) -> Repair:
    """Owner unclear: a crew goes at once, finds another unit's fault, hands the site over and returns the order."""
    right = book.random.choice([crew for crew in CREWS if crew != unit])
    order = _taken(book, received, right, None)
    sent = received + minutes(book.between(1, 4))
    _sent(order, sent, unit)
    accepted = _accepted(order, sent, unit, book.between(0.5, 3))
    found = accepted + minutes(book.between(12, 16))
    order.event("out_of_scope_found", found, unit)
    if hand_over:
        order.event("handover", found + minutes(book.between(3, 6)), right)
    order.event("leave_site", found + minutes(book.between(7, 9)), unit)
    order.event("return", accepted + minutes(book.between(26, 29)), unit, to_org_id=right, reason="現場確認屬對方管轄")
    return _repaired(order, accepted + minutes(book.between(30, 34)), since_dispatch=True)


def _taken(book: Book, received: datetime, unit: str, area: str | None) -> Repair:
    kind = area or AREA_OF[unit]
    order = Repair(book, received, unit, kind)
    order.fields = {
        "ticket_id": book.number("BX", received.date()),
        "category": "fault_repair",
        "level": "general",
        "source": "phone",
        "customer_id": f"K{book.random.randint(1, 60000):06d}",
        "area_type": kind,
        "received_at": received,
        "org_id": unit,
    }
    return order


def _sent(order: Repair, when: datetime, to: str) -> None:
    order.fields["dispatched_at"] = when
    order.event("dispatch", when, SERVICE, to_org_id=to)


def _accepted(order: Repair, sent: datetime, unit: str, after: float) -> datetime:
    when = sent + minutes(after)
    order.fields["accepted_at"] = when
    order.event("accept", when, unit, staff_id=person(order.book, unit))
    return when


def _repaired(
    order: Repair,
    sent: datetime,
    *,
    accept: float | None = None,
    arrive: float | None = None,
    report: float | None = None,
    feedback: float | None = None,
    jurisdiction: str = "own",
    crew: float | None = None,
    since_dispatch: bool = False,
) -> Repair:
    """From the dispatch to the order's closing, at the unit responsible in the end."""
    book, unit = order.book, order.unit
    _sent(order, sent, unit)
    accepted = _accepted(order, sent, unit, accept if accept is not None else book.between(0.3, 4.8))
    confirmed = accepted + minutes(book.between(0.2, 2))
    left = accepted + minutes(crew if crew is not None else book.between(2.5, 9))
    promise = _PROMISE_MINUTES[order.area]
    start = sent if since_dispatch else order.received
    arrived = start + minutes(arrive) if arrive is not None else max(left + minutes(3), start + minutes(promise * book.between(0.5, 0.98)))
    told = arrived + minutes(report if report is not None else book.between(2, 28))
    restored = max(arrived, told) + minutes(book.between(20, 200))
    order.fields |= {
        "confirmed_at": confirmed,
        "jurisdiction": jurisdiction,
        "crew_dispatched_at": left,
        "arrived_at": arrived,
        "arrival_reported_at": told,
        "initial_finding": book.random.choice(_FINDINGS),
        "eta_restore_at": told + hours(2),
        "restored_at": restored,
    }
    handled = restored + minutes(book.between(2, 30))
    _finished(order, handled, unit, feedback if feedback is not None else book.between(0.2, 20), cause="設備老化")
    return order


def _finished(order: Repair, handled: datetime, unit: str, feedback: float, *, cause: str) -> None:
    fed_back = handled + hours(feedback)
    order.fields |= {
        "handled_at": handled,
        "handler_org_id": unit,
        "handler_staff_id": person(order.book, unit),
        "cause": cause,
        "result": "已恢復供電",
        "fed_back_at": fed_back,
        "closed_at": fed_back + hours(order.book.between(0.2, 6)),
        "revisited_at": fed_back + hours(order.book.between(8, 30)),
    }


def _planted(book: Book) -> None:
    """At least one breach of each of PW301 to PW315; what follows from a breach (PW312, PW703) is planted or averted on purpose."""
    turn = 0

    def next_unit(*not_this: str) -> str:
        nonlocal turn
        turn += 1
        unit = FALLIBLE[turn % len(FALLIBLE)]
        return unit if unit not in not_this else next_unit(*not_this)

    def when() -> datetime:
        return book.any_time(book.plant_day())

    def wrong_and_right() -> tuple[str, str]:
        wrong = next_unit()
        return wrong, next_unit(wrong)

    for _ in range(6):
        book.plant("PW301", own(book, when(), next_unit(), area="rural", accept=book.between(6, 25), arrive=book.between(60, 88)).write())
    for _ in range(4):
        book.plant("PW302", own(book, when(), next_unit()).write("confirmed_at"))
    incomplete: tuple[Row, ...] = (
        {"reason": None},
        {"to_org_id": None},
        {"user_owned": 1, "to_org_id": None, "customer_name": "某廠", "customer_phone": None},
    )
    for blank in incomplete:
        wrong, right = wrong_and_right()
        order = returned(book, when(), wrong, return_fields=blank, also=right)
        book.plant("PW303", _event_of(order, "return"))
        order.write()
    for _ in range(3):
        wrong, right = wrong_and_right()
        order = returned(book, when(), wrong, after=book.between(40, 110), also=right)
        book.plant("PW304", _event_of(order, "return"))
        order.write()
    for _ in range(2):
        _wrongly_returned(book, when(), *wrong_and_right())
    for _ in range(3):
        crew, arrive = book.between(35, 60), book.between(85, 118)
        order = own(book, when(), next_unit(), area="remote", jurisdiction="undetermined", crew=crew, arrive=arrive)
        book.plant("PW306", order.write())
    for _ in range(2):
        book.plant("PW307", unclear(book, when(), next_unit(), hand_over=False).write())
    for _ in range(12):
        unit = next_unit()
        book.plant("PW308", own(book, when(), unit, arrive=_PROMISE_MINUTES[AREA_OF[unit]] + book.between(1, 50)).write())
    one_second = own(book, when(), FALLIBLE[0], arrive=45 + 1 / 60)
    book.plant("PW308", one_second.write())
    own(book, when(), FALLIBLE[0], arrive=45).write()
    for _ in range(3):
        book.plant("PW309", own(book, when(), next_unit(), report=book.between(35, 80)).write())
    book.plant("PW309", own(book, when(), next_unit()).write("initial_finding"))
    book.plant("PW309", own(book, when(), next_unit()).write("arrival_reported_at"))
    for blank_field in ("cause", "result", "handler_staff_id"):
        book.plant("PW310", own(book, when(), next_unit()).write(blank_field))
    for _ in range(4):
        book.plant("PW311", own(book, when(), next_unit(), feedback=book.between(26, 40)).write())
    for urged in (True, False, False):
        _left_overdue(book, when(), next_unit(), urged)
    for _ in range(4):
        order = own(book, when(), next_unit(), area="rural", dispatch=book.between(11, 25), arrive=book.between(60, 88))
        book.plant("PW313", order.write())
    for _ in range(2):
        book.plant("PW314", own(book, when(), next_unit(), jurisdiction="other").write())
    for _ in range(2):
        unit = next_unit()
        order = own(book, when(), unit, jurisdiction="undetermined")
        arrived = order.fields["arrived_at"]
        assert isinstance(arrived, datetime)
        order.event("out_of_scope_found", arrived + minutes(5), unit)
        order.event("handover", arrived + minutes(30), next_unit(unit))
        order.event("leave_site", arrived + minutes(35), unit)
        book.plant("PW315", order.write("eta_restore_at"))


def _event_of(order: Repair, action: str) -> str:
    return next(str(event["event_id"]) for event in order.events if event["action"] == action)


def _wrongly_returned(book: Book, received: datetime, unit: str, other: str) -> None:
    """The unit returns an order that the production section rules to be its own."""
    order = _taken(book, received, unit, None)
    sent = received + minutes(3)
    _sent(order, sent, unit)
    accepted = _accepted(order, sent, unit, 2)
    event_id = order.event("return", accepted + minutes(book.between(5, 20)), unit, to_org_id=other, reason="自認不屬本所")
    order.event("jurisdiction_ruling", accepted + minutes(40), PRODUCTION, to_org_id=unit, reason="供電區域資料顯示屬該所")
    _repaired(order, accepted + minutes(45), since_dispatch=True)
    book.plant("PW305", event_id)
    order.write()


def _left_overdue(book: Book, received: datetime, unit: str, urged: bool) -> None:
    """Handled, but fed back only days later: overdue (PW311), and followed up by the service centre or not (PW312)."""
    order = own(book, received, unit, feedback=book.between(60, 90))
    handled = order.fields["handled_at"]
    assert isinstance(handled, datetime)
    book.plant("PW311", order.ticket_id)
    if urged:
        order.event("urge", handled + timedelta(hours=24) + hours(book.between(1, 20)), SERVICE, to_org_id=unit)
    else:
        book.plant("PW312", order.ticket_id)
    order.write()
