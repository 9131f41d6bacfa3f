"""Part 2, section 3: fault repairs, from the order to the feedback, and what the service centre does about them (4.2.(1))."""

from auditor.vocabulary import (
    CRITICAL,
    MAJOR,
    MINOR,
    YES,
    Content,
    Deadline,
    Forbidden,
    after,
    at,
    blank,
    by,
    fails,
    holds,
    m,
    present,
    sole,
    unit,
    when,
)

from .outcomes_used import REPAIR_LIMITS

REPAIR = m.category == "fault_repair"
VISIT = m.no_visit_needed != YES
RETURN = (m.action == "return") & (fails.ticket_known | (m.ticket_category == "fault_repair"))
NO_TICKET = {"ticket_id": fails.ticket_known}

RESPONSIBLE = unit("org_id")
HANDLER = unit("handler_org_id", "org_id", staff="handler_staff_id")
RETURNING = unit("org_id")
SERVICE_CENTER = sole("service_center")

PW301 = Deadline(
    code="PW301",
    name="late-acceptance",
    clause="2.3.(5)",
    severity=MINOR,
    record="ticket",
    population=REPAIR & present.dispatched_at,
    act="accepted_at",
    due=after("dispatched_at", "accept_limit"),
    liable=RESPONSIBLE,
)
PW302 = Deadline(
    code="PW302",
    name="order-not-confirmed",
    clause="2.3.(1)",
    severity=MINOR,
    record="ticket",
    population=REPAIR & present.accepted_at & present.work_began_at,
    act="confirmed_at",
    due=at("work_began_at"),
    liable=RESPONSIBLE,
    shows=("crew_dispatched_at", "handled_at"),
)
PW303 = Content(
    code="PW303",
    name="incomplete-return",
    clause="2.3.(2)",
    severity=MINOR,
    record="ticket_event",
    population=RETURN,
    unknown=NO_TICKET,
    at="at",
    fields=("reason", when(m.user_owned != YES, "to_org_id"), when(m.user_owned == YES, "customer_name", "customer_phone")),
    liable=RETURNING,
    cites=("ticket",),
)
PW304 = Deadline(
    code="PW304",
    name="slow-return",
    clause="2.3.(2)",
    severity=MINOR,
    record="ticket_event",
    population=RETURN,
    unknown=NO_TICKET,
    act="at",
    due=after("unit_accepted_at", "immediate"),
    liable=RETURNING,
    cites=("ticket", "acceptance_event"),
)
PW305 = Forbidden(
    code="PW305",
    name="wrong-return",
    clause="2.3.(2)",
    severity=MAJOR,
    record="ticket_event",
    population=RETURN,
    unknown=NO_TICKET | {"org_id": blank.org_id},
    at="at",
    broken=holds.ruled_own | holds.sent_back,
    liable=RETURNING,
    cites=("ticket", "ruling_event"),
)
PW306 = Deadline(
    code="PW306",
    name="crew-not-sent",
    clause="2.3.(3)",
    severity=MAJOR,
    record="ticket",
    population=REPAIR & VISIT & present.accepted_at & ((m.jurisdiction == "undetermined") | blank.jurisdiction),
    unknown={"jurisdiction": blank.jurisdiction},
    act="crew_dispatched_at",
    due=after("accepted_at", "immediate"),
    liable=RESPONSIBLE,
)
PW307 = Forbidden(
    code="PW307",
    name="left-before-handover",
    clause="2.3.(3)",
    severity=CRITICAL,
    record="ticket",
    population=REPAIR & present.left_site_at,
    at="left_site_at",
    broken=fails.handed_over,
    liable=unit("left_site_unit", "org_id", staff="left_site_staff"),
    shows=("out_of_scope_found_at",),
    cites=("out_of_scope_event", "leave_site_event"),
)
PW308 = Deadline(
    code="PW308",
    name="late-arrival",
    clause="2.3.(4)",
    severity=MAJOR,
    record="ticket",
    population=REPAIR & VISIT & (m.jurisdiction.one_of("own", "undetermined") | blank.jurisdiction),
    unknown={"jurisdiction": blank.jurisdiction & present.accepted_at},
    act="arrived_at",
    due=after(
        "promise_starts_at", by("area_type", urban="arrival_urban", rural="arrival_rural", remote="arrival_remote"), received="received_at"
    ),
    liable=RESPONSIBLE,
    shows=("received_at", "dispatched_at", "area_type"),
)
PW309 = Deadline(
    code="PW309",
    name="incomplete-arrival-report",
    clause="2.3.(4)",
    severity=MINOR,
    record="ticket",
    population=REPAIR & present.arrived_at,
    act="arrival_reported_at",
    due=after("arrived_at", "arrival_report"),
    incomplete=blank.initial_finding | (blank.eta_restore_at & fails.out_of_scope_reported),
    liable=RESPONSIBLE,
)
PW310 = Content(
    code="PW310",
    name="incomplete-repair-form",
    clause="2.3.(5)",
    severity=MINOR,
    record="ticket",
    population=REPAIR & present.closed_at,
    at="closed_at",
    fields=("cause", "result", "handled_at", "handler_staff_id"),
    liable=HANDLER,
)
PW311 = Deadline(
    code="PW311",
    name="repair-not-fed-back",
    clause="2.3.(5)",
    severity=MINOR,
    record="ticket",
    population=REPAIR & present.handled_at,
    act="fed_back_at",
    due=after("handled_at", "repair_feedback"),
    liable=HANDLER,
)
PW312 = Deadline(
    code="PW312",
    name="repair-not-followed-up",
    clause="2.3.(6)",
    severity=MINOR,
    record="ticket",
    reasons_on=REPAIR_LIMITS,
    population=REPAIR & present.repair_overdue_at,
    unknown={"urging_unit_kind": (m.followed_up_by_unknown_at <= m.due_at) & (m.done_at > m.due_at)},
    act="followed_up_at",
    due=after("repair_overdue_at", "follow_up"),
    liable=SERVICE_CENTER,
    shows=("repair_limit_broken",),
    cites=("follow_up_event",),
)
PW313 = Deadline(
    code="PW313",
    name="late-dispatch",
    clause="4.2.(1)",
    severity=MINOR,
    record="ticket",
    population=REPAIR & present.received_at & (fails.order_returned | holds.dispatch_recorded),
    act="first_dispatched_at",
    due=after("received_at", "dispatch_limit"),
    liable=SERVICE_CENTER,
    cites=("first_dispatch_event",),
)
PW314 = Deadline(
    code="PW314",
    name="misrouted-order-kept",
    clause="2.3.(2)",
    severity=MINOR,
    record="ticket",
    population=REPAIR & present.accepted_at & (m.jurisdiction == "other"),
    act="returned_by_unit_at",
    due=after("accepted_at", "immediate"),
    liable=RESPONSIBLE,
    cites=("own_return_event",),
)
PW315 = Deadline(
    code="PW315",
    name="found-out-of-scope-not-returned",
    clause="2.3.(3)",
    severity=MINOR,
    record="ticket",
    population=REPAIR & present.out_of_scope_found_at,
    act="returned_after_finding_at",
    due=after("out_of_scope_found_at", "out_of_scope_return"),
    liable=unit("out_of_scope_unit", "org_id", staff="out_of_scope_staff"),
    cites=("out_of_scope_event", "return_after_finding_event"),
)
