"""Chapter 2: who looks after the bank at each service centre."""

from auditor.vocabulary import MAJOR, State, fails, holds, m, unit

IN_FORCE = (m.kind == "service_center") & holds.in_force_at_audit

IB101 = State(
    code="IB101",
    name="team-size",
    clause="4",
    severity=MAJOR,
    record="org_unit",
    population=IN_FORCE,
    broken=fails.team_complete,
    liable=unit("org_id"),
    parameters=("team_leads", "service_members_least", "service_members_most"),
    shows=("leads", "service_members"),
    cites=("members",),
)
IB102 = State(
    code="IB102",
    name="no-licensed-member",
    clause="4",
    severity=MAJOR,
    record="org_unit",
    population=IN_FORCE,
    unknown={"staff_id": fails.licensed_member & holds.member_without_staff_row},
    broken=fails.licensed_member,
    liable=unit("org_id"),
    cites=("members",),
)
