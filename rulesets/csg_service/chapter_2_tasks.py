"""Part 2: who does what. Monthly briefs, complaints and reports of misconduct, service windows and campaigns."""

from auditor.vocabulary import (
    CRITICAL,
    MAJOR,
    MINOR,
    MONTH,
    YEAR,
    Deadline,
    Duty,
    after,
    m,
    of_following_month,
    unit,
    units,
    within_period,
)

UNIT = unit("org_id")

GR101 = Duty(
    code="GR101",
    name="late-head-office-brief",
    clause="2.1.7",
    severity=MAJOR,
    duty="service_brief",
    obliged=units("head_office"),
    every=MONTH,
    due=of_following_month("head_office_brief_day"),
    liable=UNIT,
)
GR102 = Duty(
    code="GR102",
    name="late-subsidiary-brief",
    clause="2.4.7",
    severity=MAJOR,
    duty="service_brief",
    obliged=units("subsidiary"),
    every=MONTH,
    due=of_following_month("subsidiary_brief_day"),
    liable=UNIT,
)
GR307 = Deadline(
    code="GR307",
    name="complaint-not-answered",
    clause="2.1.11, 2.4.11",
    severity=CRITICAL,
    record="ticket",
    population=m.category == "complaint",
    act="fed_back_at",
    due=after("received_at", "complaint_limit"),
    liable=UNIT,
)
GR309 = Deadline(
    code="GR309",
    name="report-not-answered",
    clause="2.2.7, 2.5.7",
    severity=CRITICAL,
    record="ticket",
    population=m.category == "report",
    act="fed_back_at",
    due=after("received_at", "report_limit"),
    liable=UNIT,
)
GR310 = Duty(
    code="GR310",
    name="no-window-assessment-by-subsidiary",
    clause="2.4.9, 3.2",
    severity=MINOR,
    duty="window_assessment",
    obliged=units("subsidiary"),
    every=YEAR,
    due=within_period(),
    liable=UNIT,
)
GR311 = Duty(
    code="GR311",
    name="no-theme-campaign",
    clause="2.1.5, 2.4.5, 3.1, 3.2",
    severity=MINOR,
    duty="theme_campaign",
    obliged=units("head_office", "subsidiary"),
    every=YEAR,
    due=within_period(),
    liable=UNIT,
)
