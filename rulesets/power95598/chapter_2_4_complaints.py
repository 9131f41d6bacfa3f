"""Part 2, section 4: complaints and reports."""

from auditor.vocabulary import CRITICAL, MINOR, Content, Deadline, after, m, present, unit, when

PW401 = Deadline(
    code="PW401",
    name="unanswered-complaint",
    clause="2.4.(1)",
    severity=CRITICAL,
    record="ticket",
    population=m.category == "complaint",
    act="fed_back_at",
    due=after("received_at", "complaint_limit"),
    liable=unit("org_id"),
)
PW402 = Deadline(
    code="PW402",
    name="unanswered-report",
    clause="2.4.(1)",
    severity=CRITICAL,
    record="ticket",
    population=m.category == "report",
    act="fed_back_at",
    due=after("received_at", "report_limit"),
    liable=unit("org_id"),
)
PW403 = Content(
    code="PW403",
    name="incomplete-complaint-result",
    clause="2.4.(1)",
    severity=MINOR,
    record="ticket",
    population=m.category.one_of("complaint", "report") & present.fed_back_at,
    at="fed_back_at",
    fields=("handler_org_id", "handler_staff_id", "handled_at", "investigation", "opinion", when(present.customer_id, "customer_feedback")),
    liable=unit("handler_org_id", "org_id", staff="handler_staff_id"),
)
