"""Part 5, conduct that was looked into (articles 19, 21, 22, 26): a breach where it was verified, none where it was not borne out."""

from auditor.vocabulary import CRITICAL, MAJOR, YES, Forbidden, blank, m, person, unit

RESPONSIBLE = unit("org_id", staff="staff_id")
VERIFIED = m.verified == YES
NAMED = m.origin.one_of("superior", "named_complaint")
"""Article 22 reaches what a superior criticised or a customer complained of by name."""

HT501 = Forbidden(
    code="HT501",
    name="media-exposure",
    clause="19",
    severity=CRITICAL,
    record="conduct_case",
    population=m.kind == "media_exposure",
    unknown={"verified": blank.verified},
    at="at",
    broken=VERIFIED,
    liable=RESPONSIBLE,
)
HT502 = Forbidden(
    code="HT502",
    name="pipe-work-fault",
    clause="21.(1)-(3)",
    severity=MAJOR,
    record="inspection",
    unknown={"verified": blank.verified & (m.finding != "none")},
    at="at",
    broken=VERIFIED & (m.finding != "none"),
    liable=unit("org_id"),
)
HT503 = Forbidden(
    code="HT503",
    name="extortion",
    clause="22.(1)",
    severity=CRITICAL,
    record="conduct_case",
    population=(m.kind == "misconduct_extortion") & NAMED,
    unknown={"verified": blank.verified},
    at="at",
    broken=VERIFIED,
    liable=RESPONSIBLE,
    shows=("origin",),
)
HT504 = Forbidden(
    code="HT504",
    name="negligent-damage",
    clause="22.(3)",
    severity=CRITICAL,
    record="conduct_case",
    population=(m.kind == "negligence_damage") & NAMED,
    unknown={"verified": blank.verified},
    at="at",
    broken=VERIFIED,
    liable=RESPONSIBLE,
    shows=("origin", "loss_amount"),
)
HT505 = Forbidden(
    code="HT505",
    name="unsafe-site",
    clause="22.(4)",
    severity=CRITICAL,
    record="conduct_case",
    population=(m.kind == "unsafe_site_injury") & NAMED,
    unknown={"verified": blank.verified},
    at="at",
    broken=VERIFIED,
    liable=RESPONSIBLE,
    shows=("origin", "loss_amount"),
)
HT506 = Forbidden(
    code="HT506",
    name="major-event-concealed",
    clause="22.(5)",
    severity=CRITICAL,
    record="conduct_case",
    population=(m.kind == "unreported_major_event") & NAMED,
    unknown={"verified": blank.verified},
    at="at",
    broken=VERIFIED,
    liable=RESPONSIBLE,
    shows=("origin",),
)
HT507 = Forbidden(
    code="HT507",
    name="bribery",
    clause="26",
    severity=CRITICAL,
    record="conduct_case",
    population=m.kind == "bribery",
    unknown={"verified": blank.verified},
    at="at",
    broken=VERIFIED,
    liable=person("staff_id"),
    shows=("loss_amount",),
)
