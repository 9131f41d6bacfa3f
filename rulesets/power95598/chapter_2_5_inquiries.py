"""Part 2, section 5: inquiries and calls passed on."""

from auditor.vocabulary import MAJOR, MINOR, Content, Deadline, Forbidden, after, m, present, unit

PW501 = Deadline(
    code="PW501",
    name="late-inquiry",
    clause="2.5.(1)",
    severity=MAJOR,
    record="ticket",
    population=(m.category == "inquiry") & present.dispatched_at,
    act="fed_back_at",
    due=after("dispatched_at", "inquiry_limit"),
    liable=unit("org_id"),
)
PW502 = Content(
    code="PW502",
    name="inquiry-without-opinion",
    clause="2.5.(1)",
    severity=MINOR,
    record="ticket",
    population=(m.category == "inquiry") & present.fed_back_at,
    at="fed_back_at",
    fields=("opinion",),
    liable=unit("handler_org_id", "org_id", staff="handler_staff_id"),
)
PW503 = Forbidden(
    code="PW503",
    name="call-transfer-refused",
    clause="2.5.(2)",
    severity=MAJOR,
    record="ticket_event",
    population=m.action == "three_way_call",
    at="at",
    broken=m.outcome == "refused",
    liable=unit("to_org_id", "org_id", staff="refusing_staff"),
    cites=("ticket",),
)
