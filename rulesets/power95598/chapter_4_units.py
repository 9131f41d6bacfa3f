"""Part 4: duties of single departments: following up, the monthly report, supply areas, reviews."""

from auditor.vocabulary import (
    MAJOR,
    MINOR,
    MONTH,
    Deadline,
    Duty,
    Forbidden,
    after,
    after_period,
    at,
    blank,
    given,
    holds,
    m,
    present,
    sole,
    sole_by,
    unit,
    units,
)

from .outcomes_used import ANSWER_LIMITS, ESCALATED_LIMITS

SERVICE_CENTER = sole("service_center")

PW702 = Deadline(
    code="PW702",
    name="overdue-not-urged",
    clause="4.2.(3)",
    severity=MINOR,
    record="ticket",
    reasons_on=ANSWER_LIMITS,
    population=present.answer_overdue_at,
    unknown={"urging_unit_kind": (m.urged_by_unknown_at <= m.due_at) & (m.done_at > m.due_at)},
    act="urged_at",
    due=after("answer_overdue_at", "urge_limit"),
    liable=SERVICE_CENTER,
    shows=("answer_limit_broken",),
    cites=("urge_event",),
)
PW703 = Deadline(
    code="PW703",
    name="overdue-not-escalated",
    clause="4.2.(3)",
    severity=MAJOR,
    record="ticket",
    reasons_on=ESCALATED_LIMITS,
    population=holds.urged_in_vain,
    act="escalated_at",
    due=given("escalation_due_at", start="first_urged_at", parameters=("urge_days", "escalation_grace")),
    liable=SERVICE_CENTER,
    shows=("limit_broken", "overdue_at", "first_urged_at"),
    cites=("first_urge_event", "escalation_event"),
)
PW704 = Duty(
    code="PW704",
    name="missing-monthly-service-report",
    clause="4.2.(4)",
    severity=MAJOR,
    duty="monthly_service_report",
    obliged=units("service_center"),
    every=MONTH,
    due=after_period("report_days"),
    liable=unit("org_id"),
)
PW705 = Deadline(
    code="PW705",
    name="late-supply-area-update",
    clause="4.4.(1), 4.5.(1)",
    severity=MINOR,
    record="grid_asset",
    act="reported_at",
    due=after("changed_at", "asset_limit"),
    liable=sole_by("kind", line_10kv="production", urban_transformer="production", rural_transformer="rural_power"),
    shows=("asset_id", "kind"),
)
PW706 = Deadline(
    code="PW706",
    name="unreviewed-publication",
    clause="4.1.(5)",
    severity=MAJOR,
    record="publication",
    population=m.kind.one_of("marketing_policy", "marketing_rule", "marketing_notice"),
    unknown={"reviewer_kind": (m.done_at <= m.due_at) & blank.reviewer_kind},
    act="reviewed_at",
    due=at("published_at"),
    wrong=(m.done_at <= m.due_at) & (m.reviewer_kind != "marketing"),
    liable=sole("marketing"),
    shows=("kind", "reviewed_by_org_id"),
)
PW707 = Forbidden(
    code="PW707",
    name="permission-without-review",
    clause="4.1.(3), 4.2.(5)",
    severity=MAJOR,
    record="approval",
    population=(m.kind == "permission") & (m.result == "approved") & present.approved_at,
    at="approved_at",
    unknown={"approver_kind": blank.approver_kind},
    broken=m.approver_kind != "marketing",
    liable=SERVICE_CENTER,
    shows=("approver_org_id",),
)
