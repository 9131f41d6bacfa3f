"""Part 2, section 1: when outages are announced, by whom, with what, and what must be told when the plan changes."""

from auditor.vocabulary import CRITICAL, MAJOR, MINOR, Content, Deadline, Forbidden, at, before, blank, fails, holds, m, present, unit

REPORTING_UNIT = unit("org_id")
CARRYING_UNIT = unit("carrying_unit", staff="staff_id")

PW101 = Deadline(
    code="PW101",
    name="late-planned-notice",
    clause="2.1.(1)",
    severity=MAJOR,
    record="outage_notice",
    population=m.kind == "planned",
    act="entered_at",
    due=before("planned_off_at", "planned_notice"),
    liable=REPORTING_UNIT,
)
PW102 = Deadline(
    code="PW102",
    name="late-temporary-notice",
    clause="2.1.(1)",
    severity=MAJOR,
    record="outage_notice",
    population=m.kind == "temporary",
    act="entered_at",
    due=before("planned_off_at", "temporary_notice"),
    liable=REPORTING_UNIT,
)
PW103 = Deadline(
    code="PW103",
    name="late-rationing-notice",
    clause="2.1.(1)",
    severity=MAJOR,
    record="outage_notice",
    population=m.kind == "rationing",
    act="entered_at",
    due=before("planned_off_at", "rationing_notice"),
    liable=REPORTING_UNIT,
)
PW104 = Deadline(
    code="PW104",
    name="late-other-notice",
    clause="2.1.(1)",
    severity=MINOR,
    record="outage_notice",
    population=m.kind.one_of("fault", "arrears", "emergency", "other"),
    act="entered_at",
    due=before("planned_off_at", "other_notice"),
    liable=REPORTING_UNIT,
)
PW105 = Deadline(
    code="PW105",
    name="unannounced-outage",
    clause="2.1.(1)",
    severity=CRITICAL,
    record="outage",
    population=m.kind != "fault",
    act="notice_entered_at",
    due=at("off_at"),
    liable=unit("org_id"),
    cites=("notice",),
)
PW106 = Forbidden(
    code="PW106",
    name="notice-by-wrong-unit",
    clause="2.1.(1), 4.6.(2)",
    severity=MINOR,
    record="outage_notice",
    population=present.entered_at & m.kind.one_of("planned", "temporary", "rationing"),
    at="entered_at",
    unknown={"reporter_kind": blank.reporter_kind},
    broken=(
        ((m.kind == "planned") & (m.reporter_kind != "dispatch"))
        | ((m.kind == "temporary") & m.reporter_kind.none_of("dispatch", "supply_station", "repair_center"))
        | ((m.kind == "rationing") & (m.reporter_kind != "marketing"))
    ),
    liable=REPORTING_UNIT,
)
PW107 = Content(
    code="PW107",
    name="incomplete-notice",
    clause="2.1.(2)",
    severity=MINOR,
    record="outage_notice",
    population=present.entered_at & m.kind.none_of("rationing", "arrears"),
    at="entered_at",
    fields=(
        "line",
        "area",
        "construction_unit",
        "work_content",
        "planned_off_at",
        "planned_on_at",
        "special_users",
        "leader",
        "leader_phone",
    ),
    liable=REPORTING_UNIT,
)
PW108 = Content(
    code="PW108",
    name="incomplete-rationing-notice",
    clause="2.1.(3)",
    severity=MINOR,
    record="outage_notice",
    population=present.entered_at & (m.kind == "rationing"),
    at="entered_at",
    fields=("line", "area", "requirement", "planned_off_at", "planned_on_at", "special_users"),
    liable=REPORTING_UNIT,
)
PW109 = Deadline(
    code="PW109",
    name="early-stop-unreported",
    clause="2.1.(4)",
    severity=MAJOR,
    record="outage",
    population=(m.kind != "fault") & holds.notice_known & (blank.notice_planned_off_at | holds.stopped_early),
    unknown={"planned_off_at": blank.notice_planned_off_at},
    unknown_at="off_at",
    act="early_stop_told_at",
    due=before("off_at", "change_notice"),
    liable=unit("org_id"),
    parameters=("schedule_tolerance",),
    shows=("notice_planned_off_at",),
    cites=("notice",),
)
PW110 = Deadline(
    code="PW110",
    name="late-restoration-unreported",
    clause="2.1.(4)",
    severity=MAJOR,
    record="outage",
    population=holds.notice_known & (blank.notice_planned_on_at | holds.restored_late),
    unknown_at="off_at",
    act="late_restoration_told_at",
    due=before("notice_planned_on_at", "change_notice"),
    liable=unit("org_id"),
    parameters=("schedule_tolerance",),
    shows=("on_at",),
    cites=("notice",),
)
PW111 = Content(
    code="PW111",
    name="change-without-reason",
    clause="2.1.(4)",
    severity=MINOR,
    record="outage_change",
    population=present.notified_at,
    at="notified_at",
    fields=("reason",),
    liable=CARRYING_UNIT,
    cites=("notice",),
)
PW112 = Content(
    code="PW112",
    name="change-users-not-told",
    clause="2.1.(4)",
    severity=MAJOR,
    record="outage_change",
    population=present.notified_at & (fails.notice_known | (holds.announced_before_change & holds.special_users_named)),
    unknown={"notice_id": fails.notice_known},
    at="notified_at",
    fields=("users_notified_at",),
    liable=CARRYING_UNIT,
    cites=("notice",),
)
