"""Part 2, section 6: suggestions."""

from auditor.vocabulary import MAJOR, MINOR, Content, Deadline, after, m, present, unit

PW601 = Deadline(
    code="PW601",
    name="late-suggestion",
    clause="2.6.(1)",
    severity=MAJOR,
    record="ticket",
    population=(m.category == "suggestion") & present.dispatched_at,
    act="fed_back_at",
    due=after("dispatched_at", "suggestion_limit"),
    liable=unit("org_id"),
)
PW602 = Content(
    code="PW602",
    name="incomplete-suggestion-result",
    clause="2.6.(1)",
    severity=MINOR,
    record="ticket",
    population=(m.category == "suggestion") & present.fed_back_at,
    at="fed_back_at",
    fields=("handler_org_id", "handler_staff_id", "handled_at", "investigation", "opinion"),
    liable=unit("handler_org_id", "org_id", staff="handler_staff_id"),
)
