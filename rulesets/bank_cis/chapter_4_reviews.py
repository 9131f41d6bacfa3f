"""Articles 10 and 23: important acts are reviewed by a second person, of the role that the article names."""

from auditor.vocabulary import CRITICAL, MAJOR, NO, UNSAID, YES, Forbidden, blank, fails, m, present

from .liable import USER

REVIEWED = m.action.one_of("modify_customer", "modify_customer_level", "assign_customer", "approve_card", "delete_service_record")

BK401 = Forbidden(
    code="BK401",
    name="not-reviewed",
    clause="10.(1), 10.(3) to 10.(6), 23",
    severity=MAJOR,
    record="access_event",
    population=REVIEWED,
    at="at",
    broken=blank.reviewer_id,
    liable=USER,
    shows=("action",),
    cites=("account",),
)
BK402 = Forbidden(
    code="BK402",
    name="self-reviewed",
    clause="23",
    severity=CRITICAL,
    record="access_event",
    population=REVIEWED & present.reviewer_id,
    at="at",
    unknown={"staff_id": m.self_review == UNSAID},
    broken=m.self_review == YES,
    liable=USER,
    shows=("action", "reviewer_id"),
    cites=("user", "reviewer"),
)
BK403 = Forbidden(
    code="BK403",
    name="reviewed-by-wrong-role",
    clause="10",
    severity=MAJOR,
    record="access_event",
    population=REVIEWED & present.reviewer_id & (m.self_review != YES),
    at="at",
    unknown={"user_id": fails.account_active, "level": m.reviewer_fits == UNSAID},
    broken=m.reviewer_fits == NO,
    liable=USER,
    shows=("action", "role", "reviewer_id", "reviewer_role"),
    cites=("account", "reviewer"),
)
