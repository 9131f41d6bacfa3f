"""Part 3, first contact and acceptance (articles 5, 7, 12, 17, 24): who takes a matter up, passes it on, and can be reached."""

from auditor.vocabulary import (
    CRITICAL,
    MAJOR,
    MINOR,
    YES,
    Content,
    Deadline,
    Forbidden,
    after,
    blank,
    fails,
    holds,
    m,
    present,
    sole,
    unit,
)

from .classes import HEAT, VISIT_NEEDED

RESPONSIBLE = unit("org_id")
ACTING = unit("org_id", staff="staff_id")
DISPATCH_CENTRE = sole("dispatch")

HT101 = Deadline(
    code="HT101",
    name="late-acceptance",
    clause="12, 24.(2)",
    severity=MAJOR,
    record="ticket",
    population=HEAT & present.dispatched_at,
    act="accepted_at",
    due=after("dispatched_at", "accept_limit"),
    liable=RESPONSIBLE,
)
HT102 = Forbidden(
    code="HT102",
    name="customer-turned-away",
    clause="5, 24.(6)",
    severity=CRITICAL,
    record="ticket_event",
    population=m.action == "refuse",
    at="at",
    broken=fails.found_out_of_scope,
    liable=ACTING,
    cites=("out_of_scope_finding",),
)
HT103 = Content(
    code="HT103",
    name="transfer-off-the-record",
    clause="5",
    severity=MINOR,
    record="ticket_event",
    population=m.action == "transfer",
    at="at",
    fields=("reason", "to_org_id"),
    liable=ACTING,
)
HT104 = Forbidden(
    code="HT104",
    name="return-without-leave",
    clause="13.4.3",
    severity=MAJOR,
    record="ticket_event",
    population=m.action == "return",
    unknown={"outcome": blank.outcome & fails.leave_given},
    at="at",
    broken=(m.outcome != "approved") & fails.leave_given,
    liable=ACTING,
    cites=("return_leave",),
)
HT105 = Forbidden(
    code="HT105",
    name="duty-phone-unreachable",
    clause="24.(1)",
    severity=MAJOR,
    record="duty_phone_day",
    at="judged_at",
    broken=holds.out_of_reach,
    liable=RESPONSIBLE,
    parameters=("unreachable_limit",),
    shows=("missed_attempts", "all_attempts"),
    cites=("attempts_of_day",),
)
HT106 = Deadline(
    code="HT106",
    name="roster-change-not-notified",
    clause="12",
    severity=MINOR,
    record="duty_roster_change",
    act="notified_in_writing_at",
    due=after("changed_at", "roster_limit"),
    liable=RESPONSIBLE,
)
HT107 = Deadline(
    code="HT107",
    name="late-dispatch",
    clause="9, 10.(1)",
    severity=MINOR,
    record="ticket",
    population=HEAT & present.received_at & VISIT_NEEDED,
    act="dispatched_at",
    due=after("received_at", "dispatch_limit"),
    liable=DISPATCH_CENTRE,
)
HT108 = Deadline(
    code="HT108",
    name="major-matter-not-escalated",
    clause="7",
    severity=MAJOR,
    record="ticket",
    population=HEAT & present.received_at & (m.level == "major"),
    act="escalated_at",
    due=after("received_at", "escalate_limit"),
    liable=RESPONSIBLE,
    cites=("escalation",),
)
HT109 = Deadline(
    code="HT109",
    name="contractor-not-urged",
    clause="17, 25",
    severity=MINOR,
    record="ticket",
    population=HEAT & present.received_at & (m.in_warranty == YES),
    unknown={"kind": (m.perhaps_urged_at <= m.due_at) & (m.done_at > m.due_at)},
    act="urged_at",
    due=after("received_at", "supervise_limit"),
    liable=DISPATCH_CENTRE,
    shows=("contractor",),
    cites=("urging", "urging_of_unknown_kind"),
)
