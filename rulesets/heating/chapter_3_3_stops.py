"""Part 3, stopping the heat (articles 14, 15, 23): planned and emergency stops, and their postings."""

from auditor.vocabulary import CRITICAL, MAJOR, MINOR, Content, Deadline, Forbidden, after, at, before, fails, m, present, unit

RESPONSIBLE = unit("org_id")
RESPONSIBLE_FOR_STOP = unit("stop_org_id")
PLANNED, EMERGENCY = m.kind == "planned", m.kind == "emergency"
OF_SOME_EXTENT = m.scope != "small"
"""A blank scope is not small."""

HT301 = Deadline(
    code="HT301",
    name="stop-not-approved",
    clause="14",
    severity=CRITICAL,
    record="heat_stop",
    population=PLANNED & OF_SOME_EXTENT,
    act="approved_at",
    due=at("stopped_at"),
    liable=RESPONSIBLE,
    shows=("area",),
)
HT302 = Deadline(
    code="HT302",
    name="no-written-notice",
    clause="14, 23.(3)",
    severity=MAJOR,
    record="heat_stop",
    population=PLANNED & OF_SOME_EXTENT,
    act=("written_notice_cs_at", "written_notice_dispatch_at"),
    due=before("stopped_at", "written_notice"),
    liable=RESPONSIBLE,
    shows=("written_notice_cs_at", "written_notice_dispatch_at", "stopped_at"),
)
HT303 = Deadline(
    code="HT303",
    name="notice-not-posted",
    clause="14, 23.(4)",
    severity=MAJOR,
    record="heat_stop_posting",
    population=m.stop_kind == "planned",
    act="posted_at",
    due=before("stopped_at", "posting_notice"),
    liable=RESPONSIBLE_FOR_STOP,
    shows=("community", "stopped_at"),
    cites=("stop",),
)
HT304 = Deadline(
    code="HT304",
    name="stop-not-filed",
    clause="14",
    severity=MINOR,
    record="heat_stop",
    population=PLANNED,
    act="filed_at",
    due=after("stopped_at", "filing_limit"),
    liable=RESPONSIBLE,
)
HT305 = Forbidden(
    code="HT305",
    name="stop-without-postings",
    clause="14, 15",
    severity=MINOR,
    record="heat_stop",
    at="stopped_at",
    broken=fails.posted_somewhere,
    liable=RESPONSIBLE,
    shows=("area",),
    cites=("postings",),
)
HT311 = Content(
    code="HT311",
    name="incomplete-emergency-report",
    clause="15",
    severity=MINOR,
    record="heat_stop",
    population=EMERGENCY & present.reported_cs_at,
    at="reported_cs_at",
    fields=("pipe_diameter", "valves", "area", "planned_restore_at"),
    liable=RESPONSIBLE,
)
HT312 = Deadline(
    code="HT312",
    name="late-emergency-report",
    clause="15, 23.(5)",
    severity=MAJOR,
    record="heat_stop",
    population=EMERGENCY,
    act=("reported_cs_at", "reported_dispatch_at"),
    due=after("stopped_at", "emergency_report"),
    liable=RESPONSIBLE,
    shows=("reported_cs_at", "reported_dispatch_at", "stopped_at"),
)
HT313 = Deadline(
    code="HT313",
    name="late-emergency-posting",
    clause="15",
    severity=MINOR,
    record="heat_stop_posting",
    population=m.stop_kind == "emergency",
    act="posted_at",
    due=after("stopped_at", "emergency_posting"),
    liable=RESPONSIBLE_FOR_STOP,
    shows=("community", "stopped_at"),
    cites=("stop",),
)
HT314 = Deadline(
    code="HT314",
    name="restoration-not-reported",
    clause="15",
    severity=MINOR,
    record="heat_stop",
    population=EMERGENCY & present.restored_at,
    act="restore_reported_at",
    due=after("restored_at", "restore_report"),
    liable=RESPONSIBLE,
)
