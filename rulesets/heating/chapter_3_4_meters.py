"""Part 3, meters (articles 10.(2), 16): who is there when a meter is swapped, with what papers, and who was told before."""

from auditor.vocabulary import MAJOR, MINOR, NO, YES, Deadline, Forbidden, at, before, blank, m, unit

RESPONSIBLE = unit("org_id")
SOMEBODY_MISSING = (m.reader_present == NO) | (m.customer_present == NO) | (m.third_party_present == NO)

HT401 = Forbidden(
    code="HT401",
    name="swap-without-witnesses",
    clause="16",
    severity=MAJOR,
    record="meter_swap",
    unknown={
        "reader_present": blank.reader_present & ~SOMEBODY_MISSING,
        "customer_present": blank.customer_present & ~SOMEBODY_MISSING,
        "third_party_present": blank.third_party_present & ~SOMEBODY_MISSING,
    },
    at="at",
    broken=SOMEBODY_MISSING,
    liable=RESPONSIBLE,
)
HT402 = Deadline(
    code="HT402",
    name="swap-without-formalities",
    clause="16",
    severity=MAJOR,
    record="meter_swap",
    act="formalities_done_at",
    due=at("at"),
    liable=RESPONSIBLE,
)
HT403 = Deadline(
    code="HT403",
    name="calibration-unannounced",
    clause="10.(2)",
    severity=MINOR,
    record="meter_swap",
    population=m.periodic == YES,
    act="notice_posted_at",
    due=before("at", "calibration_notice"),
    liable=RESPONSIBLE,
    shows=("at",),
)
