"""Chapter 4: what every service centre owes, and confidentiality."""

from auditor.vocabulary import (
    CRITICAL,
    MAJOR,
    MINOR,
    MONTH,
    NO,
    UNSAID,
    Duty,
    Forbidden,
    after_period,
    blank,
    holds,
    m,
    present,
    unit,
    units,
)

CENTRES = units("service_center")
CENTRE = unit("org_id")

IB502 = Forbidden(
    code="IB502",
    name="service-phone-unreachable",
    clause="8.2",
    severity=MAJOR,
    record="phone_day",
    at="judged_at",
    broken=holds.limit_reached,
    liable=CENTRE,
    parameters=("unreachable_limit",),
    shows=("attempts", "failed_attempts"),
    cites=("calls",),
)
IB405 = Duty(
    code="IB405",
    name="no-monthly-plan",
    clause="8.3",
    severity=MINOR,
    duty="monthly_plan_and_summary",
    obliged=CENTRES,
    every=MONTH,
    due=after_period("month_limit"),
    liable=CENTRE,
)
IB303 = Forbidden(
    code="IB303",
    name="claim-not-registered",
    clause="8.4",
    severity=MINOR,
    record="claim",
    at="reported_at",
    unknown={"registered": m.registered == UNSAID},
    broken=m.registered == NO,
    liable=CENTRE,
)
IB304 = Forbidden(
    code="IB304",
    name="claim-without-client-file",
    clause="8.5",
    severity=MINOR,
    record="claim",
    population=present.closed_at,
    at="closed_at",
    unknown={"client_file": m.client_file == UNSAID},
    broken=m.client_file == NO,
    liable=CENTRE,
)
IB406 = Duty(
    code="IB406",
    name="no-fee-ledger",
    clause="8.6",
    severity=MINOR,
    duty="fee_ledger",
    obliged=CENTRES,
    every=MONTH,
    due=after_period("month_limit"),
    liable=CENTRE,
)
IB503 = Forbidden(
    code="IB503",
    name="unauthorised-disclosure",
    clause="9",
    severity=CRITICAL,
    record="disclosure",
    population=m.recipient_kind == "third_party",
    at="at",
    broken=blank.consent_doc,
    liable=unit("org_id", staff="staff_id"),
)
