"""Chapter 6: a centre's monthly fee follows its score."""

from auditor.vocabulary import MAJOR, MINOR, Deadline, Forbidden, blank, given, holds, present, sole

THE_OFFICE = sole("head_office")
STEPS = (
    "fee_score_full",
    "fee_coefficient_full",
    "fee_score_good",
    "fee_coefficient_good",
    "fee_score_fair",
    "fee_coefficient_fair",
    "fee_score_pass",
    "fee_coefficient_pass",
    "fee_coefficient_fail",
)

IB601 = Forbidden(
    code="IB601",
    name="fee-not-by-score",
    clause="16",
    severity=MAJOR,
    record="score_sheet",
    population=present.scored_at & present.paid_fee,
    at="scored_at",
    unknown={"score": blank.score, "base_fee": blank.base_fee},
    broken=holds.fee_off,
    liable=THE_OFFICE,
    parameters=(*STEPS, "fee_tolerance"),
    shows=("score", "coefficient", "base_fee", "due_fee", "paid_fee"),
)
IB602 = Deadline(
    code="IB602",
    name="fee-not-settled",
    clause="16",
    severity=MINOR,
    record="score_sheet",
    population=holds.month_is_over,
    due=given("fee_due_at", start="month_end_at", parameters=("fee_limit",)),
    incomplete=blank.paid_fee,
    liable=THE_OFFICE,
    shows=("org_id", "period"),
)
