"""What speaks for a unit: praise by customers, and quarters without a breach."""

from auditor.vocabulary import Merit, holds, m, unit

from .outcomes_used import JUDGED

PW901 = Merit(
    code="PW901",
    name="customer-praise",
    clause="1",
    record="praise",
    at="praised_at",
    liable=unit("org_id", staff="staff_id"),
    cites=("praise_ticket", "praise_commendation"),
)
PW902 = Merit(
    code="PW902",
    name="clean-quarter",
    clause="4.2.(4)",
    record="org_unit",
    reasons_on=JUDGED,
    population=holds.whole_quarter,
    earned=holds.enough_cases & (m.breaches == 0),
    liable=unit("org_id"),
    parameters=("clean_minimum",),
    shows=("judged_cases",),
)
