"""Part 4: inspections, results of the year, and what becomes of a missed target."""

from auditor.vocabulary import (
    MAJOR,
    MINOR,
    YEAR,
    Deadline,
    Duty,
    after_period,
    blank,
    cycle,
    given,
    unit,
    units,
    within_period,
)

UNIT = unit("org_id")
HEAD_OFFICE = units("head_office")
SUBSIDIARIES = units("subsidiary")

GR301 = Duty(
    code="GR301",
    name="subsidiary-not-inspected",
    clause="4.1",
    severity=MAJOR,
    duty="service_inspection",
    obliged=HEAD_OFFICE,
    about=SUBSIDIARIES,
    every=YEAR,
    due=within_period(),
    liable=UNIT,
    shows=("subject_id",),
)
GR302 = Duty(
    code="GR302",
    name="no-window-assessment",
    clause="4.1",
    severity=MAJOR,
    duty="window_assessment",
    obliged=HEAD_OFFICE,
    every=cycle("window_cycle_start", "window_cycle_years"),
    due=within_period(),
    liable=UNIT,
)
GR303 = Duty(
    code="GR303",
    name="no-subsidiary-inspection",
    clause="4.2",
    severity=MAJOR,
    duty="service_inspection",
    obliged=SUBSIDIARIES,
    every=YEAR,
    due=within_period(),
    liable=UNIT,
)
GR304 = Duty(
    code="GR304",
    name="late-annual-results",
    clause="4.3",
    severity=MAJOR,
    duty="annual_results",
    obliged=HEAD_OFFICE,
    every=YEAR,
    due=after_period("annual_results_limit"),
    liable=UNIT,
)
GR306 = Deadline(
    code="GR306",
    name="missed-target-not-circulated",
    clause="4.4",
    severity=MINOR,
    record="missed_year",
    act="circulated_at",
    due=given("circular_due_at", start="year_end_at", parameters=("circular_limit",)),
    unknown={"parent_id": blank.subsidiary_id},
    liable=unit("subsidiary_id"),
    reasons_on=("GR305",),
    shows=("org_id", "months_missed"),
    cites=("figures_missed", "circular"),
)
