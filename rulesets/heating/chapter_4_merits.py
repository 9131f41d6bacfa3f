"""Part 4, merits (article 18; article 8 for the clean quarter). Only what is verified counts."""

from auditor.vocabulary import YES, Merit, holds, m, unit

from .classes import JUDGED_FOR_CLEANNESS

HONOURED = unit("org_id", staff="staff_id")
VERIFIED = m.verified == YES

HT901 = Merit(
    code="HT901",
    name="praised-by-media",
    clause="18.(1), 18.(3)",
    record="commendation",
    population=VERIFIED & m.kind.one_of("media_city", "media_province", "media_national"),
    at="at",
    liable=HONOURED,
    shows=("kind", "document"),
)
HT902 = Merit(
    code="HT902",
    name="praised-in-circular",
    clause="18.(2), 18.(3)",
    record="commendation",
    population=VERIFIED & m.kind.one_of("circular_bureau", "circular_city", "circular_province"),
    at="at",
    liable=HONOURED,
    shows=("kind", "document"),
)
HT903 = Merit(
    code="HT903",
    name="violation-caught",
    clause="18.(4)",
    record="commendation",
    population=VERIFIED & (m.kind == "violation_caught") & holds.loss_averted,
    at="at",
    liable=HONOURED,
    shows=("loss_avoided", "document"),
)
HT904 = Merit(
    code="HT904",
    name="clean-quarter",
    clause="8",
    record="org_unit",
    population=holds.judged_cases_enough & (m.breaches == 0),
    liable=unit("org_id"),
    parameters=("clean_minimum",),
    shows=("judged_cases",),
    reasons_on=JUDGED_FOR_CLEANNESS,
)
