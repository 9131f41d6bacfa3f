"""Articles 5, 9b, 10, 16 and 20: numbers and powers of administrators and heads. Numbers are judged at the audit instant."""

from auditor.vocabulary import CRITICAL, MAJOR, MINOR, NO, UNSAID, Forbidden, State, blank, fails, holds, m

from .liable import ACCOUNT, ITSELF, OUTLET, USER

ADMIN_OF_UNKNOWN_LEVEL = (m.role == "business_admin") & blank.level
OUTLET_OF_LIVE_BRANCH = holds.stands & (m.kind == "outlet") & (m.branch_above_live != NO)
LIVE_BRANCH = holds.stands & holds.branch_live
NOT_TOLD = {"parent_id": m.branch_above_live == UNSAID}

BK201 = State(
    code="BK201",
    name="system-admin-not-single",
    clause="5.(1), 10.(8)",
    severity=CRITICAL,
    record="org_unit",
    population=holds.stands & (m.kind == "province"),
    unknown={"level": (m.system_admins == 1) & (m.system_admins_unsaid == 1)},
    broken=(m.system_admins != 1) | (m.system_admins_below > 0),
    liable=ITSELF,
)
BK202 = State(
    code="BK202",
    name="business-admin-not-single",
    clause="5.(2), 10.(9)",
    severity=MAJOR,
    record="org_unit",
    population=holds.stands & ((m.kind == "province") | holds.branch_live),
    broken=m.business_admins != 1,
    liable=ITSELF,
)
BK203 = State(
    code="BK203",
    name="outlet-head-not-single",
    clause="10.(3)",
    severity=MAJOR,
    record="org_unit",
    population=OUTLET_OF_LIVE_BRANCH,
    unknown=NOT_TOLD,
    broken=m.outlet_heads != 1,
    liable=ITSELF,
)
BK204 = State(
    code="BK204",
    name="outlet-without-manager",
    clause="10.(4)",
    severity=MAJOR,
    record="org_unit",
    population=OUTLET_OF_LIVE_BRANCH,
    unknown=NOT_TOLD,
    broken=m.outlet_managers == 0,
    liable=ITSELF,
)
BK205 = State(
    code="BK205",
    name="several-tongda-heads",
    clause="10.(5)",
    severity=MAJOR,
    record="org_unit",
    population=LIVE_BRANCH,
    unknown={"org_id": (m.tongda_heads <= 1) & (m.tongda_heads_at_most > 1)},
    broken=m.tongda_heads > 1,
    liable=ITSELF,
)
BK206 = State(
    code="BK206",
    name="several-specialists",
    clause="10.(6)",
    severity=MINOR,
    record="tongda_member",
    broken=m.specialists > 1,
    liable=OUTLET,
    case_personal=True,
    cites=("member_assignments",),
)
BK207 = State(
    code="BK207",
    name="several-studios",
    clause="10.(5)",
    severity=MAJOR,
    record="org_unit",
    population=LIVE_BRANCH,
    broken=m.studios > 1,
    liable=ITSELF,
)
BK211 = Forbidden(
    code="BK211",
    name="unauthorised-registration",
    clause="10.(8), 10.(9), 15",
    severity=CRITICAL,
    record="access_event",
    population=m.action.one_of("register_user", "deregister_user"),
    at="at",
    unknown={
        "level": fails.own_account & ADMIN_OF_UNKNOWN_LEVEL,
        "target_id": fails.own_account & (m.role == "system_admin") & fails.target_known,
    },
    broken=(
        holds.own_account
        | (m.role.none_of("business_admin", "system_admin"))
        | ((m.role == "business_admin") & (m.level != "province"))
        | ((m.role == "system_admin") & (m.target_role != "business_admin"))
    ),
    liable=USER,
    shows=("action", "role", "level", "target_id"),
    cites=("account", "target"),
)
BK212 = Forbidden(
    code="BK212",
    name="unauthorised-password-reset",
    clause="10.(9)",
    severity=MAJOR,
    record="access_event",
    population=m.action.one_of("reset_password", "modify_user"),
    at="at",
    unknown={"target_id": (m.role == "business_admin") & (m.target_within == UNSAID)},
    broken=(m.role != "business_admin") | (m.target_within == NO),
    liable=USER,
    shows=("action", "role", "target_id"),
    cites=("account", "target"),
)
BK213 = Forbidden(
    code="BK213",
    name="role-change-without-approval",
    clause="10.(8)",
    severity=CRITICAL,
    record="access_event",
    population=m.action.one_of("add_role", "change_role_permission"),
    at="at",
    broken=fails.role_change_approved,
    liable=USER,
    shows=("action", "target_id"),
    cites=("account", "role_approvals"),
    parameters=("approval_validity",),
)
BK214 = Forbidden(
    code="BK214",
    name="param-change-without-approval",
    clause="20",
    severity=MAJOR,
    record="access_event",
    population=(m.action == "change_business_param") & (m.role == "business_admin") & (m.level != "province"),
    at="at",
    unknown={"level": blank.level, "approver_org_id": m.param_change_approved == UNSAID},
    broken=m.param_change_approved == NO,
    liable=USER,
    shows=("target_id",),
    cites=("account", "param_approvals"),
    parameters=("approval_validity",),
)
BK215 = Forbidden(
    code="BK215",
    name="system-param-by-other",
    clause="20",
    severity=CRITICAL,
    record="access_event",
    population=m.action == "change_system_param",
    at="at",
    broken=m.role != "system_admin",
    liable=USER,
    shows=("role", "target_id"),
    cites=("account",),
)
BK216 = Forbidden(
    code="BK216",
    name="template-by-other",
    clause="16.(3)",
    severity=MAJOR,
    record="access_event",
    population=m.action == "change_report_template",
    at="at",
    unknown={"level": ADMIN_OF_UNKNOWN_LEVEL},
    broken=(m.role != "business_admin") | (m.level != "province"),
    liable=USER,
    shows=("role", "level", "target_id"),
    cites=("account",),
)
BK217 = State(
    code="BK217",
    name="post-in-wrong-department",
    clause="5.(1), 5.(2), 9b.(4), 10.(12)",
    severity=MINOR,
    record="cis_user",
    population=holds.active_now & m.role.one_of("system_admin", "business_admin", "dept_head", "report_viewer"),
    unknown={"dept_kind": blank.dept_kind},
    broken=(
        ((m.role == "system_admin") & (m.dept_kind != "info_center"))
        | (m.role.one_of("business_admin", "dept_head") & (m.dept_kind != "personal_finance"))
        | ((m.role == "report_viewer") & (m.dept_kind == "personal_finance"))
    ),
    liable=ACCOUNT,
    shows=("dept_kind",),
    cites=("person",),
)
