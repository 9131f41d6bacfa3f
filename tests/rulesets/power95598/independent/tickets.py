"""Applications, complaints and reports, inquiries, suggestions, praise (2.2, 2.4 to 2.6, 1)."""

from __future__ import annotations

from tests.rulesets.power95598.independent.judge import Book
from tests.rulesets.power95598.independent.logs import Row, earliest_step, says_yes, step_or_later

RESULT_FIELDS = ["handler_org_id", "handler_staff_id", "handled_at", "investigation", "opinion"]


def judge(book: Book) -> None:
    for ticket in book.logs["ticket"]:
        handler = ticket["handler_org_id"] or ticket["org_id"]
        match ticket["category"]:
            case "business_application":
                _application(book, ticket, handler)
            case "complaint":
                _complaint(book, ticket, handler, "PW401", 7)
            case "report":
                _complaint(book, ticket, handler, "PW402", 10)
            case "inquiry":
                _answered(book, ticket, "PW501")
                if ticket["fed_back_at"] is not None:
                    book.filled_in("PW502", ticket["ticket_id"], ticket["opinion"] is not None, ticket["fed_back_at"], handler)
            case "suggestion":
                _answered(book, ticket, "PW601")
                if ticket["fed_back_at"] is not None:
                    complete = all(ticket[f] is not None for f in RESULT_FIELDS)
                    book.filled_in("PW602", ticket["ticket_id"], complete, ticket["fed_back_at"], handler)
            case "praise":
                book.put("PW901", f"ticket:{ticket['ticket_id']}", "merit", ticket["received_at"], handler)
    for event in book.logs["ticket_event"]:
        if event["action"] == "three_way_call":
            book.filled_in("PW503", event["event_id"], event["outcome"] != "refused", event["at"], event["to_org_id"] or event["org_id"])
    for c in book.logs["commendation"]:
        if c["kind"] == "customer_praise" and says_yes(c["verified"]) and c["ticket_id"] is None:
            book.put("PW901", f"commendation:{c['commendation_id']}", "merit", c["at"], c["org_id"])


def _application(book: Book, t: Row, handler: str | None) -> None:
    if t["dispatched_at"] is not None:
        book.working_limit("PW201", t["ticket_id"], t["dispatched_at"], 3, t["contacted_at"], t["org_id"])
    if t["handled_at"] is not None:
        book.working_limit("PW202", t["ticket_id"], t["handled_at"], 1, t["fed_back_at"], handler)


def _answered(book: Book, t: Row, rule: str) -> None:
    if t["dispatched_at"] is not None:
        book.working_limit(rule, t["ticket_id"], t["dispatched_at"], 3, t["fed_back_at"], t["org_id"])


def _complaint(book: Book, t: Row, handler: str | None, rule: str, days: int) -> None:
    if t["received_at"] is not None:
        book.working_limit(rule, t["ticket_id"], t["received_at"], days, t["fed_back_at"], t["org_id"])
    elif not t["received_later"] and step_or_later(t, "fed_back_at"):
        book.put(rule, t["ticket_id"], "indeterminate", earliest_step(t), t["org_id"])
    if t["fed_back_at"] is not None:
        complete = all(t[f] is not None for f in RESULT_FIELDS) and (t["customer_id"] is None or t["customer_feedback"] is not None)
        book.filled_in("PW403", t["ticket_id"], complete, t["fed_back_at"], handler)
