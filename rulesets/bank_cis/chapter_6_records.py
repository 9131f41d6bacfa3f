"""Articles 10, 17 and 26: exports, service records, assignments."""

from auditor.vocabulary import CRITICAL, MAJOR, Content, Forbidden, m

from .liable import OUTLET, USER

BK601 = Content(
    code="BK601",
    name="export-without-accountability",
    clause="26",
    severity=MAJOR,
    record="access_event",
    population=m.action == "export",
    at="at",
    fields=("responsible_id", "purpose", "handover_doc"),
    liable=USER,
    cites=("user",),
)
BK602 = Forbidden(
    code="BK602",
    name="record-deleted-by-other-than-head",
    clause="10.(3), 10.(4), 10.(6)",
    severity=CRITICAL,
    record="access_event",
    population=m.action == "delete_service_record",
    at="at",
    broken=m.role.none_of("account_manager_head", "tongda_head"),
    liable=USER,
    shows=("role", "target_id"),
    cites=("user",),
)
BK603 = Forbidden(
    code="BK603",
    name="assignment-without-confirmation",
    clause="10.(1), 10.(3), 10.(5)",
    severity=MAJOR,
    record="customer_assignment",
    at="valid_from",
    broken=m.confirmer_role.none_of("dept_head", "account_manager_head", "tongda_head"),
    liable=OUTLET,
    shows=("confirmed_by",),
    cites=("confirmer",),
)
