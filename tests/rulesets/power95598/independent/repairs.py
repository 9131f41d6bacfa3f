"""Fault repairs and the events of their orders (2.3, 4.2.(1))."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.rulesets.plain_logs import earliest
from tests.rulesets.power95598.independent.judge import Book
from tests.rulesets.power95598.independent.logs import Row, earliest_step, says_yes, step_or_later

PROMISE = {"urban": timedelta(minutes=45), "rural": timedelta(minutes=90), "remote": timedelta(minutes=120)}
AT_ONCE, DAY = timedelta(minutes=30), timedelta(hours=24)


def judge(book: Book) -> None:
    for ticket in book.logs["ticket"]:
        if ticket["category"] == "fault_repair":
            _order(book, ticket)
            _arrival(book, ticket)
            _events(book, ticket)
    for event in book.logs["ticket_event"]:
        if event["action"] == "return":
            _return(book, event)


def _order(book: Book, t: Row) -> None:
    case, unit, handler = t["ticket_id"], t["org_id"], t["handler_org_id"] or t["org_id"]
    accepted, handled, crew = t["accepted_at"], t["handled_at"], t["crew_dispatched_at"]
    if t["dispatched_at"] is not None:
        book.limit("PW301", case, t["dispatched_at"] + timedelta(minutes=5), accepted, unit)
    went_on = earliest([crew, handled])
    if accepted is not None and went_on is not None:
        book.limit("PW302", case, went_on, t["confirmed_at"], unit)
    if accepted is not None and not says_yes(t["no_visit_needed"]):
        if t["jurisdiction"] is None:
            book.put("PW306", case, "indeterminate", accepted + AT_ONCE, unit)
        elif t["jurisdiction"] == "undetermined":
            book.limit("PW306", case, accepted + AT_ONCE, crew, unit)
    if t["closed_at"] is not None:
        complete = all(t[f] is not None for f in ("cause", "result", "handled_at", "handler_staff_id"))
        book.filled_in("PW310", case, complete, t["closed_at"], handler)
    if handled is not None:
        book.limit("PW311", case, handled + DAY, t["fed_back_at"], handler)


def _arrival(book: Book, t: Row) -> None:
    case, unit, arrived, judged = t["ticket_id"], t["org_id"], t["arrived_at"], t["jurisdiction"]
    if arrived is not None:
        out_of_scope = book.logs.of_ticket(case, "out_of_scope_found")
        complete = t["initial_finding"] is not None and (t["eta_restore_at"] is not None or bool(out_of_scope))
        book.with_content("PW309", case, arrived + AT_ONCE, t["arrival_reported_at"], complete, unit)
    if says_yes(t["no_visit_needed"]) or judged == "other" or t["received_later"]:
        return
    start: datetime | None = t["received_at"]
    if start is None:
        if step_or_later(t, "arrived_at"):
            book.put("PW308", case, "indeterminate", earliest_step(t), unit)
        return
    sent = t["dispatched_at"]
    if sent is not None and any(e["at"] < sent for e in book.logs.of_ticket(case, "return")):
        start = max(start, sent)
    if t["area_type"] is None:
        book.put("PW308", case, "indeterminate", t["received_at"], unit)
    elif judged is None and t["accepted_at"] is not None:
        book.put("PW308", case, "indeterminate", start + PROMISE[t["area_type"]], unit)
    else:
        book.limit("PW308", case, start + PROMISE[t["area_type"]], arrived, unit)


def _events(book: Book, t: Row) -> None:
    logs, case, unit = book.logs, t["ticket_id"], t["org_id"]
    returns = logs.of_ticket(case, "return")
    found = logs.of_ticket(case, "out_of_scope_found")
    if found:
        since = found[0]["at"]
        left = [e for e in logs.of_ticket(case, "leave_site") if e["at"] >= since]
        if left:
            handed_over = any(since <= e["at"] <= left[0]["at"] for e in logs.of_ticket(case, "handover"))
            book.filled_in("PW307", case, handed_over, left[0]["at"], left[0]["org_id"] or unit)
        back = earliest([e["at"] for e in returns if e["at"] >= since])
        book.limit("PW315", case, since + DAY, back, found[0]["org_id"] or unit)
    if t["accepted_at"] is not None and t["jurisdiction"] == "other":
        back = earliest([e["at"] for e in returns if unit is not None and e["org_id"] == unit and e["at"] >= t["accepted_at"]])
        book.limit("PW314", case, t["accepted_at"] + AT_ONCE, back, unit)
    if t["received_at"] is not None:
        sent = t["dispatched_at"]
        if returns:
            dispatches = logs.of_ticket(case, "dispatch")
            if not dispatches:
                return
            sent = dispatches[0]["at"]
        due = t["received_at"] + timedelta(minutes=10)
        book.limit("PW313", case, due, sent, logs.the_only("service_center", due))


def _return(book: Book, e: Row) -> None:
    logs, case, unit, at = book.logs, e["event_id"], e["org_id"], e["at"]
    ticket = logs.tickets.get(e["ticket_id"])
    if ticket is None:
        for rule in ("PW303", "PW304", "PW305"):
            book.put(rule, case, "indeterminate", at, unit)
        return
    if ticket["category"] != "fault_repair":
        return
    owned = says_yes(e["user_owned"])
    named = e["customer_name"] is not None and e["customer_phone"] is not None if owned else e["to_org_id"] is not None
    book.filled_in("PW303", case, e["reason"] is not None and named, at, unit)
    accepted = [x["at"] for x in logs.of_ticket(e["ticket_id"], "accept") if unit is not None and x["org_id"] == unit and x["at"] < at]
    if accepted:
        book.limit("PW304", case, max(accepted) + AT_ONCE, at, unit)
    else:
        book.put("PW304", case, "indeterminate", at, unit)
    if unit is None:
        book.put("PW305", case, "indeterminate", at, unit)
        return
    rulings = [x for x in logs.of_ticket(e["ticket_id"], "jurisdiction_ruling") if x["at"] > at]
    if rulings:
        wrong = rulings[-1]["to_org_id"] == unit
    else:
        wrong = any(x["at"] > at and x["to_org_id"] == unit for x in logs.of_ticket(e["ticket_id"], "dispatch", "reassign"))
    book.put("PW305", case, "breach" if wrong else "compliant", at, unit)
