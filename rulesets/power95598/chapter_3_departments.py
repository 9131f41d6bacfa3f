"""Part 3: what every department owes the hotline."""

from auditor.vocabulary import MINOR, YES, Deadline, after, blank, m, unit

PW701 = Deadline(
    code="PW701",
    name="hot-issue-not-assessed",
    clause="3.3",
    severity=MINOR,
    record="hot_issue",
    population=m.own_remit == YES,
    act="assessed_at",
    due=after("found_at", "issue_limit"),
    incomplete=blank.measures,
    liable=unit("org_id"),
)
PW708 = Deadline(
    code="PW708",
    name="hot-issue-not-reported",
    clause="3.3",
    severity=MINOR,
    record="hot_issue",
    act="reported_at",
    due=after("found_at", "issue_report"),
    liable=unit("org_id"),
)
