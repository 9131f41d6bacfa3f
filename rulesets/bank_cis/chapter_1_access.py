"""Articles 7, 9a and 10: who may see and change what. Each event is judged by account, assignment and unit tree in force at its second."""

from auditor.vocabulary import ALWAYS, CRITICAL, MAJOR, NO, UNSAID, Content, Forbidden, blank, fails, holds, m

from .liable import USER

LOOK_UP = holds.look_up & holds.account_active
WITHOUT_OFFICE = m.role.one_of("dept_staff", "leader", "system_admin", "report_viewer")
SUMMARY_ALONE = (m.role == "business_admin") & (m.action != "query_summary")
CHANGE = holds.change & holds.account_active
NOT_PLACED = {
    "customer_id": fails.customer_given,
    "customer_assignment": fails.assignment_known,
    "org_id": m.customer_within == UNSAID,
}
NO_ASSIGNMENT = {"customer_id": fails.customer_given, "customer_assignment": fails.assignment_known}
JUDGED_ELSEWHERE = (
    "login",
    "logout",
    "review",
    "query_summary",
    "query_detail",
    "query_transactions",
    "query_credit",
    "register_user",
    "deregister_user",
    "reset_password",
    "modify_user",
    "change_system_param",
    "change_report_template",
    "delete_service_record",
)

BK101 = Forbidden(
    code="BK101",
    name="outside-own-institution",
    clause="7",
    severity=CRITICAL,
    record="access_event",
    population=LOOK_UP & (m.role != "credit_investigator"),
    at="at",
    unknown=NOT_PLACED,
    broken=m.customer_within == NO,
    liable=USER,
    shows=("action", "role"),
    cites=("account", "assignments"),
)
BK102 = Content(
    code="BK102",
    name="credit-query-incomplete-criteria",
    clause="7, 10.(10)",
    severity=MAJOR,
    record="access_event",
    population=LOOK_UP & (m.role == "credit_investigator"),
    at="at",
    fields=("given_id_type", "given_id_number", "given_name"),
    liable=USER,
    cites=("account",),
)
BK103 = Forbidden(
    code="BK103",
    name="credit-query-not-single",
    clause="7",
    severity=MAJOR,
    record="access_event",
    population=LOOK_UP & (m.role == "credit_investigator"),
    at="at",
    unknown={"result_count": blank.result_count},
    broken=m.result_count > 1,
    liable=USER,
    cites=("account",),
)
BK104 = Forbidden(
    code="BK104",
    name="customer-not-assigned-to-manager",
    clause="10.(4)",
    severity=CRITICAL,
    record="access_event",
    population=LOOK_UP & (m.role == "account_manager") & (m.customer_within != NO),
    at="at",
    unknown=NOT_PLACED,
    broken=fails.user_is_manager,
    liable=USER,
    shows=("action",),
    cites=("account", "assignments"),
)
BK105 = Forbidden(
    code="BK105",
    name="customer-not-assigned-to-specialist",
    clause="10.(6)",
    severity=CRITICAL,
    record="access_event",
    population=LOOK_UP & (m.role == "tongda_specialist") & (holds.tongda_standard | holds.tongda_unsaid),
    at="at",
    unknown=NO_ASSIGNMENT | {"tongda": fails.tongda_standard},
    broken=fails.user_is_specialist,
    liable=USER,
    shows=("action",),
    cites=("account", "assignments"),
)
BK106 = Forbidden(
    code="BK106",
    name="specialist-acted-on-non-member",
    clause="10.(6)",
    severity=MAJOR,
    record="access_event",
    population=m.action.one_of("modify_customer", "create_service_record") & (m.role == "tongda_specialist"),
    at="at",
    unknown=NO_ASSIGNMENT | {"tongda": fails.tongda_member & holds.tongda_unsaid},
    broken=fails.tongda_member,
    liable=USER,
    shows=("action",),
    cites=("account", "assignments"),
)
BK107 = Forbidden(
    code="BK107",
    name="below-tongda-standard",
    clause="10.(5), 10.(6)",
    severity=MAJOR,
    record="access_event",
    population=LOOK_UP & m.role.one_of("tongda_head", "tongda_specialist"),
    at="at",
    unknown=NO_ASSIGNMENT | {"tongda": fails.tongda_standard & holds.tongda_unsaid},
    broken=fails.tongda_standard,
    liable=USER,
    shows=("action",),
    cites=("account", "assignments"),
)
BK108 = Forbidden(
    code="BK108",
    name="head-saw-transactions",
    clause="10.(1)",
    severity=MAJOR,
    record="access_event",
    population=LOOK_UP & (m.role == "dept_head"),
    at="at",
    broken=m.action == "query_transactions",
    liable=USER,
    cites=("account",),
)
BK109 = Forbidden(
    code="BK109",
    name="look-up-without-office",
    clause="10",
    severity=CRITICAL,
    record="access_event",
    population=LOOK_UP
    & (
        m.role.one_of("dept_staff", "leader", "system_admin", "report_viewer")
        | ((m.role == "business_admin") & (m.action != "query_summary"))
    ),
    at="at",
    broken=ALWAYS,
    liable=USER,
    shows=("action", "role"),
    cites=("account",),
)
BK110 = Forbidden(
    code="BK110",
    name="function-outside-role",
    clause="10",
    severity=MAJOR,
    record="access_event",
    population=holds.account_active & m.action.none_of(*JUDGED_ELSEWHERE),
    at="at",
    unknown={"level": m.function_granted == UNSAID},
    broken=m.function_granted == NO,
    liable=USER,
    shows=("action", "role", "level"),
    cites=("account",),
)
BK111 = Forbidden(
    code="BK111",
    name="clerk-saw-transactions",
    clause="10.(11)",
    severity=MAJOR,
    record="access_event",
    population=LOOK_UP & (m.role == "data_entry"),
    at="at",
    broken=m.action == "query_transactions",
    liable=USER,
    cites=("account",),
)
BK112 = Forbidden(
    code="BK112",
    name="access-without-account",
    clause="9b, 10",
    severity=CRITICAL,
    record="access_event",
    population=m.action != "logout",
    at="at",
    broken=fails.account_active,
    liable=USER,
    shows=("action", "user_id"),
    cites=("user",),
)
BK113 = Forbidden(
    code="BK113",
    name="change-outside-own-institution",
    clause="7, 10",
    severity=CRITICAL,
    record="access_event",
    population=CHANGE & (m.role != "credit_investigator"),
    at="at",
    unknown=NOT_PLACED,
    broken=m.customer_within == NO,
    liable=USER,
    shows=("action", "role"),
    cites=("account", "assignments"),
)
BK114 = Forbidden(
    code="BK114",
    name="change-of-customer-not-ones-own",
    clause="10.(4).(2), 10.(6).(2)",
    severity=MAJOR,
    record="access_event",
    population=CHANGE & m.role.one_of("account_manager", "tongda_specialist") & (m.customer_within != NO),
    at="at",
    unknown=NOT_PLACED,
    broken=((m.role == "account_manager") & fails.user_is_manager) | ((m.role == "tongda_specialist") & fails.user_is_specialist),
    liable=USER,
    shows=("action",),
    cites=("account", "assignments"),
)
BK115 = Forbidden(
    code="BK115",
    name="credit-query-by-other-role",
    clause="7, 10.(10)",
    severity=MAJOR,
    record="access_event",
    population=holds.account_active & (m.action == "query_credit"),
    at="at",
    broken=m.role != "credit_investigator",
    liable=USER,
    cites=("account",),
)
BK116 = Forbidden(
    code="BK116",
    name="head-saw-detail",
    clause="10.(1)",
    severity=MAJOR,
    record="access_event",
    population=LOOK_UP & (m.role == "dept_head"),
    at="at",
    broken=m.action.one_of("query_detail", "query_credit"),
    liable=USER,
    shows=("action",),
    cites=("account",),
)
