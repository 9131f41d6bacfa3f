"""Articles 9b, 10g, 13 to 15 and 25: the life of an account."""

from auditor.vocabulary import (
    CRITICAL,
    MAJOR,
    MINOR,
    Deadline,
    Forbidden,
    State,
    after,
    after_day,
    at,
    blank,
    fails,
    holds,
    m,
    present,
)

from .liable import ACCOUNT, PROVINCE, USER

BK301 = Deadline(
    code="BK301",
    name="no-confidentiality-agreement",
    clause="10g.(4), 25",
    severity=MAJOR,
    record="cis_user",
    act="confidentiality_signed_at",
    due=at("registered_at"),
    liable=ACCOUNT,
)
BK302 = Deadline(
    code="BK302",
    name="not-trained",
    clause="10g.(3), 14",
    severity=MINOR,
    record="cis_user",
    population=present.first_login_at,
    act="trained_at",
    due=at("first_login_at"),
    liable=ACCOUNT,
)
BK303 = Deadline(
    code="BK303",
    name="no-approved-application",
    clause="13, 15",
    severity=MAJOR,
    record="cis_user",
    unknown={
        "approver_org_id": holds.approval_in_time & blank.approver_kind & fails.role_not_granted & fails.unit_not_granted,
        "org_id": holds.approval_in_time & holds.unit_unclear & fails.role_not_granted,
    },
    act="application_approved_at",
    due=at("registered_at"),
    wrong=holds.role_not_granted | holds.unit_not_granted,
    liable=ACCOUNT,
    shows=("application_id", "role"),
    cites=("application",),
)
BK304 = Forbidden(
    code="BK304",
    name="access-after-leaving",
    clause="9b.(1)",
    severity=CRITICAL,
    record="access_event",
    population=(m.action != "logout") & holds.holder_known,
    at="at",
    broken=m.at > m.post_ended_at,
    liable=USER,
    shows=("action",),
    cites=("user", "holder_staff"),
)
BK305 = Deadline(
    code="BK305",
    name="account-not-closed",
    clause="9b.(1)",
    severity=CRITICAL,
    record="cis_user",
    population=present.left_on,
    act="deregistered_at",
    due=after_day("left_on", "close_limit"),
    liable=ACCOUNT,
    cites=("person",),
)
BK306 = State(
    code="BK306",
    name="ghost-account",
    clause="9b",
    severity=CRITICAL,
    record="cis_user",
    population=holds.active_now,
    broken=fails.person_known | ((m.accounts_of_person > 1) & fails.heads_both),
    liable=ACCOUNT,
    shows=("role",),
    cites=("person",),
)
BK307 = State(
    code="BK307",
    name="not-appointed",
    clause="9b.(1), 9b.(2)",
    severity=MAJOR,
    record="cis_user",
    population=holds.active_now & m.role.one_of("account_manager_head", "account_manager") & holds.person_known,
    broken=blank.appointment_doc,
    liable=ACCOUNT,
    shows=("role",),
    cites=("person",),
)
BK308 = Forbidden(
    code="BK308",
    name="ineligible-credit-investigator",
    clause="9b.(5)",
    severity=MAJOR,
    record="cis_user",
    population=m.role == "credit_investigator",
    at="registered_at",
    unknown={
        "staff_id": fails.person_known & fails.ineligible,
        "dept_kind": blank.dept_kind & fails.ineligible,
        "employment": blank.employment & fails.ineligible,
        "hired_on": blank.hired_on & fails.ineligible,
    },
    broken=holds.ineligible,
    liable=ACCOUNT,
    shows=("department_unfit", "employment_unfit", "tenure_short", "misconduct"),
    cites=("person",),
    parameters=("tenure",),
)
BK309 = Deadline(
    code="BK309",
    name="registration-not-verified",
    clause="15",
    severity=MINOR,
    record="cis_user",
    population=m.role != "system_admin",
    act="verified_at",
    due=after("registered_at", "verify_limit"),
    liable=PROVINCE,
)
