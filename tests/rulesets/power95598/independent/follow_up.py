"""Rules on the breaches of other rules: following up, urging, escalating (2.3.(6), 4.2.(3))."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.rulesets.plain_logs import earliest, working_days_after
from tests.rulesets.power95598.independent.judge import Book

REPAIRS = ("PW301", "PW306", "PW308", "PW311")
ANSWERS = ("PW201", "PW401", "PW402", "PW501", "PW601")
ESCALATED = ("PW201", "PW306", "PW308", "PW401", "PW402", "PW501", "PW601")


def judge(book: Book) -> None:
    for ticket_id in book.logs.tickets:
        _followed_up(book, "PW312", ticket_id, REPAIRS, lambda breach: breach + timedelta(hours=24), ("urge", "supervise"))
        _followed_up(book, "PW702", ticket_id, ANSWERS, lambda breach: working_days_after(breach, 1), ("urge",))
        _escalated(book, ticket_id)


def _followed_up(
    book: Book, rule: str, ticket_id: str, rules: tuple[str, ...], limit: Callable[[datetime], datetime | None], actions: tuple[str, ...]
) -> None:
    still_open: list[datetime] = []
    for code in rules:
        case = book.cases.get((code, ticket_id))
        if case is None or case.verdict != "breach":
            continue
        due = limit(case.at)
        if due is None or case.done is None or case.done > min(due, book.as_of):
            still_open.append(case.at)
    if not still_open:
        return
    breach = min(still_open)
    due = limit(breach)
    if due is None:
        book.put(rule, ticket_id, "indeterminate", breach, book.logs.the_only("service_center", breach))
        return
    acts = [e for e in book.logs.of_ticket(ticket_id, *actions) if e["at"] >= breach]
    proof = earliest([e["at"] for e in acts if book.logs.kind(e["org_id"]) == "service_center"])
    unclear = any(book.logs.kind(e["org_id"]) is None and e["at"] <= due for e in acts)
    liable = book.logs.the_only("service_center", due)
    if unclear and (proof is None or proof > due):
        book.put(rule, ticket_id, "indeterminate", due, liable)
    else:
        book.limit(rule, ticket_id, due, proof, liable)


def _escalated(book: Book, ticket_id: str) -> None:
    cases = [book.cases.get((code, ticket_id)) for code in ESCALATED]
    breach = earliest([case.at for case in cases if case is not None and case.verdict == "breach"])
    if breach is None:
        return
    urged = earliest([e["at"] for e in book.logs.of_ticket(ticket_id, "urge") if e["at"] >= breach])
    if urged is None:
        return
    over = urged + timedelta(days=3)
    ticket = book.logs.tickets[ticket_id]
    settled = earliest([ticket["handled_at"], ticket["fed_back_at"], ticket["closed_at"]])
    if book.as_of < over or (settled is not None and settled <= over):
        return
    due = over + timedelta(hours=24)
    escalated = earliest([e["at"] for e in book.logs.of_ticket(ticket_id, "escalate", "supervise")])
    book.limit("PW703", ticket_id, due, escalated, book.logs.the_only("service_center", due))
