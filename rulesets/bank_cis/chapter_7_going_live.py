"""Articles 4, 10g, 12, 16 and 30: going live, reports and faults."""

from auditor.vocabulary import (
    CRITICAL,
    MAJOR,
    MINOR,
    MONTH,
    QUARTER,
    Deadline,
    Duty,
    Forbidden,
    after,
    after_period,
    at,
    blank,
    fails,
    holds,
    m,
    present,
    unit,
    units,
)

from .liable import BRANCH, ITSELF

BK701 = Forbidden(
    code="BK701",
    name="live-below-broadband-quota",
    clause="10g.(1)",
    severity=MAJOR,
    record="branch_golive",
    population=present.live_at,
    at="live_at",
    unknown={"outlets": blank.outlets | (m.outlets == 0), "outlets_broadband": blank.outlets_broadband},
    broken=holds.below_broadband_quota,
    liable=BRANCH,
    shows=("outlets", "outlets_broadband"),
    parameters=("broadband_quota",),
)
BK702 = Forbidden(
    code="BK702",
    name="live-below-manager-quota",
    clause="10g.(2)",
    severity=MAJOR,
    record="branch_golive",
    population=present.live_at,
    at="live_at",
    unknown={"outlets": blank.outlets | (m.outlets == 0), "outlets_manager": blank.outlets_manager},
    broken=holds.below_manager_quota,
    liable=BRANCH,
    shows=("outlets", "outlets_manager"),
    parameters=("manager_quota",),
)
BK703 = Deadline(
    code="BK703",
    name="live-without-approval",
    clause="10g.(5), 12",
    severity=CRITICAL,
    record="branch_golive",
    population=present.live_at,
    act="approved_at",
    due=at("live_at"),
    liable=BRANCH,
)
BK704 = Forbidden(
    code="BK704",
    name="incomplete-application",
    clause="12.(1)",
    severity=MINOR,
    record="branch_golive",
    population=present.applied_at,
    at="applied_at",
    broken=fails.application_complete,
    liable=BRANCH,
    shows=("parts_missing",),
)
BK705 = Duty(
    code="BK705",
    name="reports-not-backed-up",
    clause="16.(2)",
    severity=MAJOR,
    duty="report_backup",
    obliged=units("province"),
    every=MONTH,
    due=after_period("backup_limit"),
    liable=ITSELF,
)
BK706 = Duty(
    code="BK706",
    name="no-periodic-check",
    clause="4.(1).7",
    severity=MAJOR,
    duty="security_check_circular",
    obliged=units("province"),
    every=QUARTER,
    due=after_period("check_limit"),
    liable=ITSELF,
)
BK707 = Deadline(
    code="BK707",
    name="fault-not-reported",
    clause="30",
    severity=MAJOR,
    record="incident",
    act="reported_at",
    due=after("occurred_at", "incident_limit"),
    liable=unit("org_id"),
)
BK708 = Deadline(
    code="BK708",
    name="fault-not-escalated",
    clause="30",
    severity=MAJOR,
    record="incident",
    population=present.reported_at,
    act="escalated_at",
    due=after("reported_at", "incident_limit"),
    liable=unit("org_id"),
)
BK709 = Forbidden(
    code="BK709",
    name="used-before-live",
    clause="10g, 12.(3)",
    severity=MAJOR,
    record="access_event",
    population=(
        m.action.none_of("login", "logout")
        & holds.user_known
        & m.user_role.none_of("system_admin", "business_admin")
        & (fails.branch_told | holds.branch_found)
    ),
    at="at",
    unknown={"org_id": fails.branch_told},
    broken=m.at < m.branch_live_at,
    liable=unit("branch_org", staff="holder"),
    shows=("action", "branch_live_at"),
    cites=("user", "branch"),
)
