"""Part 2, section 2: business applications."""

from auditor.vocabulary import MAJOR, MINOR, Deadline, after, m, present, unit

PW201 = Deadline(
    code="PW201",
    name="late-customer-contact",
    clause="2.2",
    severity=MAJOR,
    record="ticket",
    population=(m.category == "business_application") & present.dispatched_at,
    act="contacted_at",
    due=after("dispatched_at", "contact_limit"),
    liable=unit("org_id"),
)
PW202 = Deadline(
    code="PW202",
    name="result-not-fed-back",
    clause="2.2",
    severity=MINOR,
    record="ticket",
    population=(m.category == "business_application") & present.handled_at,
    act="fed_back_at",
    due=after("handled_at", "feedback_limit"),
    liable=unit("handler_org_id", "org_id", staff="handler_staff_id"),
)
