"""Facts of the heating regulation: each reading of a clause stands here once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.derive import (
    NEVER,
    FactBook,
    Frame,
    Group,
    Logs,
    add,
    days_of_attempts,
    earliest,
    group,
    kind_of,
    months_on,
    positions,
    row_before,
    rows_of,
    take,
    text_array,
)
from auditor.vocabulary.questions import Verdict

from .classes import EMERGENCY, HEAT, JUDGED_FOR_CLEANNESS

FACTS = FactBook()


# ── Tickets: their events ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _events(frame: Frame) -> Group:
    return group(frame.logs, "ticket_event", "ticket_id", "ticket")


def _of_action(events: Frame, action: str) -> Any:
    return np.asarray(events["action"] == action)


def _first(frame: Frame, action: str) -> Any:
    events = _events(frame)
    return events.first(_of_action(events.child, action))


def _event_at(frame: Frame, row: str) -> Any:
    return take(frame.logs["ticket_event"]["at"], frame[row])


@FACTS.row("ticket", of="ticket_event")
def delay_notice(frame: Frame) -> Any:
    """The first notice of a delay that gives a reason (13.4.2)."""
    events = _events(frame)
    return events.first(_of_action(events.child, "delay_notice") & ~events.child.blank("reason"))


@FACTS.fact("ticket")
def delay_explained_at(frame: Frame) -> Any:
    return _event_at(frame, "delay_notice")


@FACTS.row("ticket", of="ticket_event")
def escalation(frame: Frame) -> Any:
    """The first report to the leaders (7)."""
    return _first(frame, "escalate")


@FACTS.fact("ticket")
def escalated_at(frame: Frame) -> Any:
    return _event_at(frame, "escalation")


@FACTS.row("ticket", of="ticket_event")
def written_report(frame: Frame) -> Any:
    """The first written report (13.3.4)."""
    return _first(frame, "written_report")


@FACTS.fact("ticket")
def written_report_at(frame: Frame) -> Any:
    return _event_at(frame, "written_report")


@FACTS.row("ticket", of="ticket_event")
def urging(frame: Frame) -> Any:
    """The first time a dispatch centre urged the contractor (17)."""
    events = _events(frame)
    acting_kind = kind_of(frame.logs, events.child["org_id"])
    return events.first(_of_action(events.child, "supervise") & np.asarray(acting_kind == "dispatch"))


@FACTS.fact("ticket")
def urged_at(frame: Frame) -> Any:
    return _event_at(frame, "urging")


@FACTS.row("ticket", of="ticket_event")
def urging_of_unknown_kind(frame: Frame) -> Any:
    """The first time a unit without a known kind urged the contractor: it may have been dispatch."""
    events = _events(frame)
    acting_kind = kind_of(frame.logs, events.child["org_id"])
    return events.first(_of_action(events.child, "supervise") & np.asarray(acting_kind.isna()))


@FACTS.fact("ticket")
def perhaps_urged_at(frame: Frame) -> Any:
    return _event_at(frame, "urging_of_unknown_kind")


@FACTS.row("ticket", of="ticket_event")
def follow_up(frame: Frame) -> Any:
    """The first follow-up at or after closing; one that reached nobody counts as tried (8)."""
    events = _events(frame)
    return events.first(_of_action(events.child, "revisit") & (events.child["at"] >= events.spread(frame["closed_at"])))


@FACTS.fact("ticket")
def followed_up_at(frame: Frame) -> Any:
    """The follow-up among the events, or the one noted on the ticket, also where that stands before closing."""
    return earliest(_event_at(frame, "follow_up"), frame["revisited_at"])


@FACTS.row("ticket", of="ticket_event")
def departure(frame: Frame) -> Any:
    """The first time that the crew left a burst before it was restored, with nobody handed over to since they came (13.3.2)."""
    events = _events(frame)
    at, arrived = events.child["at"], events.spread(frame["arrived_at"])
    handover = events.first(_of_action(events.child, "handover") & (at >= arrived))
    relieved = events.spread(take(at, handover))
    left = _of_action(events.child, "leave_site") & (at >= arrived) & (at < events.spread(frame["restored_at"])) & (at < relieved)
    return events.first(left)


@FACTS.fact("ticket")
def left_at(frame: Frame) -> Any:
    return _event_at(frame, "departure")


@FACTS.fact("ticket")
def kept_or_left_at(frame: Frame) -> Any:
    """When the burst was left; where it was not, when the crew came."""
    return np.where(frame["left_at"] < NEVER, frame["left_at"], frame["arrived_at"])


# ── Tickets: limits ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@FACTS.fact("ticket")
def urgency(frame: Frame) -> Any:
    """emergency or general, by article 13, parts one and two."""
    return text_array(pc.if_else(pa.array(frame.where(EMERGENCY)), "emergency", "general"))


@FACTS.fact("ticket")
def closed_or_explained_at(frame: Frame) -> Any:
    """When a routine repair was closed in time, or its delay explained in time; else when it was closed (13.3.1, 13.4.2)."""
    due = add(frame["received_at"], frame.logs.parameter("routine_close", frame["received_at"]))
    explained, closed = frame["delay_explained_at"], frame["closed_at"]
    in_time = (due < NEVER) & (explained <= due) & (closed > due)
    return np.where(in_time, explained, closed)


def _missed_due(frame: Frame, *codes: str) -> Any:
    """The earliest due that a ticket missed by these rules; not on record where it kept them."""
    return earliest(*(outcome.at_breach(outcome.due_at) for outcome in frame.logs.outcomes.of(*codes)))


@FACTS.fact("ticket")
def handling_due_missed_at(frame: Frame) -> Any:
    """The due of repair or handling that was missed; at most one of the three holds for a ticket (13.3.2, 13.3.3)."""
    return _missed_due(frame, "HT204", "HT205", "HT206")


@FACTS.fact("ticket")
def first_due_missed_at(frame: Frame) -> Any:
    """The earliest due of arrival, closing, repair or handling that was missed (13.3.1 to 13.3.3)."""
    return _missed_due(frame, "HT201", "HT202", "HT203", "HT204", "HT205", "HT206")


@FACTS.fact("ticket")
def loss_caused(frame: Frame) -> Any:
    """A loss above nought is on record (20)."""
    return np.asarray(pc.fill_null(pc.greater(frame["loss_amount"], 0), False))


# ── Tickets: the same matter again ───────────────────────────────────────────────────────────────────────────────────────────────────


@FACTS.row("ticket", of="ticket")
def earlier_ticket(frame: Frame) -> Any:
    """The nearest earlier complaint or report of the same customer about the same subject (24.(3))."""
    repeating = np.asarray(frame["subject"].isin(["no_heat", "room_temperature", "quality", "facility_damage"]))
    among = np.asarray(frame["category"] == "complaint") | (frame.where(HEAT) & repeating)
    return row_before(frame, "customer_id", "subject", time="received_at", among=among)


@FACTS.fact("ticket")
def earlier_received_at(frame: Frame) -> Any:
    return take(frame["received_at"], frame["earlier_ticket"])


@FACTS.fact("ticket")
def earlier_settled_at(frame: Frame) -> Any:
    """When the earlier one was settled: handled, else closed."""
    settled = np.where(frame["handled_at"] < NEVER, frame["handled_at"], frame["closed_at"])
    return take(settled, frame["earlier_ticket"])


@FACTS.fact("ticket")
def earlier_org_id(frame: Frame) -> Any:
    return take(frame.optional("org_id"), frame["earlier_ticket"])


@FACTS.fact("ticket")
def asked_again(frame: Frame) -> Any:
    """There is an earlier one, and this is no second entry of the same call."""
    earlier = frame["earlier_received_at"]
    return (frame["earlier_ticket"] >= 0) & (frame["received_at"] > add(earlier, frame.logs.parameter("double_entry", earlier)))


@FACTS.fact("ticket")
def repeat_window_ends_at(frame: Frame) -> Any:
    """The end of the days after settling within which asking again counts; without end where the earlier one is not settled."""
    settled = frame["earlier_settled_at"]
    return add(settled, frame.logs.parameter("repeat_window", settled))


# ── Events of tickets, whatever their ticket ─────────────────────────────────────────────────────────────────────────────────────────


@FACTS.row("ticket_event", of="ticket_event")
def out_of_scope_finding(frame: Frame) -> Any:
    """The first finding that the event's ticket is out of scope, also where the ticket is not on record (6)."""
    findings = np.flatnonzero(_of_action(frame, "out_of_scope_found"))
    findings = findings[np.argsort(frame["at"][findings], kind="stable")]
    # index_in finds the first of equal keys, which is the earliest.
    found = positions(take(frame["ticket_id"], findings), frame["ticket_id"])
    return np.where(found >= 0, findings[np.maximum(found, 0)] if len(findings) else -1, -1)


@FACTS.fact("ticket_event")
def found_out_of_scope(frame: Frame) -> Any:
    """The ticket had been found out of scope at or before the event."""
    return take(frame["at"], frame["out_of_scope_finding"]) <= frame["at"]


@FACTS.row("ticket_event", of="approval")
def return_leave(frame: Frame) -> Any:
    """The first leave to return the event's ticket (13.4.3)."""
    approvals = frame.logs["approval"]
    given = (
        np.asarray(approvals["kind"] == "return_order") & np.asarray(approvals["result"] == "approved") & ~approvals.blank("approved_at")
    )
    rows = np.flatnonzero(given)
    rows = rows[np.argsort(approvals["approved_at"][rows], kind="stable")]
    found = positions(take(approvals["subject_id"], rows), frame["ticket_id"])
    return np.where(found >= 0, rows[np.maximum(found, 0)] if len(rows) else -1, -1)


@FACTS.fact("ticket_event")
def leave_given(frame: Frame) -> Any:
    """Leave to return the ticket had been given at or before the event."""
    return take(frame.logs["approval"]["approved_at"], frame["return_leave"]) <= frame["at"]


# ── Units, day by day and over a quarter ─────────────────────────────────────────────────────────────────────────────────────────────


def _attempts(logs: Logs) -> Any:
    return logs.memo("heating attempts", lambda: days_of_attempts(logs, limit="unreachable_limit"))


@FACTS.table("duty_phone_day", "org_id", "judged_at", "out_of_reach", "missed_attempts", "all_attempts")
def duty_phone_day(logs: Logs) -> dict[str, Any]:
    """A unit's attempts of one local day: whether so many in a row failed, and with which (24.(1))."""
    days = _attempts(logs)
    out_of_reach = days.reached >= 0
    return {
        "case_id": days.case_id,
        "org_id": days.org_id,
        "judged_at": take(logs["contact_attempt"]["at"], np.where(out_of_reach, days.reached, days.last)),
        "out_of_reach": out_of_reach,
        "missed_attempts": days.missed,
        "all_attempts": days.attempts,
    }


@FACTS.row("duty_phone_day", of="contact_attempt")
def attempts_of_day(frame: Frame) -> Any:
    days = _attempts(frame.logs)
    return days.days, days.rows


def _counts(frame: Frame, *verdicts: Verdict) -> Any:
    """How many cases of the period with one of the verdicts each unit answers for."""
    result = np.zeros(frame.size, np.int64)
    for outcome in frame.logs.outcomes.of(*JUDGED_FOR_CLEANNESS):
        units = positions(frame["org_id"], outcome.liable_org)
        units = units[(units >= 0) & np.isin(outcome.final, verdicts)]
        result += np.bincount(units, minlength=frame.size)
    return result


@FACTS.fact("org_unit")
def judged_cases(frame: Frame) -> Any:
    """Judged cases of the period, breaches and waived ones among them (8)."""
    return _counts(frame, Verdict.COMPLIANT, Verdict.BREACH, Verdict.WAIVED)


@FACTS.fact("org_unit")
def breaches(frame: Frame) -> Any:
    """Breaches of the period; a waived one does not spoil a clean quarter (8)."""
    return _counts(frame, Verdict.BREACH)


@FACTS.fact("org_unit")
def judged_cases_enough(frame: Frame) -> Any:
    """The period is one whole calendar quarter, and the unit has as many judged cases in it as a clean quarter needs."""
    period = frame.logs.period
    least = frame.logs.parameter("clean_minimum", period.end_at)
    return period.is_calendar_quarter & (frame["judged_cases"] >= least)


# ── Leaks, stops and their postings ──────────────────────────────────────────────────────────────────────────────────────────────────


@FACTS.row("leak_repair", of="leak_repair")
def earlier_repair(frame: Frame) -> Any:
    """The nearest earlier repair of the same point (23.(6))."""
    return row_before(frame, "leak_point_id", time="repaired_at")


@FACTS.fact("leak_repair")
def repaired_before(frame: Frame) -> Any:
    return frame["earlier_repair"] >= 0


@FACTS.fact("leak_repair")
def month_after_repair_at(frame: Frame) -> Any:
    """One calendar month after the earlier repair, at its local time."""
    earlier = take(frame["repaired_at"], frame["earlier_repair"])
    return months_on(frame.logs, earlier, frame.logs.parameter("repair_must_hold", earlier))


@FACTS.fact("leak_repair")
def earlier_repair_org_id(frame: Frame) -> Any:
    return take(frame.optional("org_id"), frame["earlier_repair"])


@FACTS.fact("leak_repair")
def earlier_in_warranty(frame: Frame) -> Any:
    return take(frame["in_warranty"], frame["earlier_repair"])


@FACTS.fact("leak_repair")
def earlier_contractor(frame: Frame) -> Any:
    return take(frame.optional("contractor"), frame["earlier_repair"])


@FACTS.row("heat_stop", of="heat_stop_posting")
def postings(frame: Frame) -> Any:
    """Every posting of the stop, also one without a time (14, 15)."""
    stops = rows_of(frame.logs["heat_stop_posting"], "stop_id", "heat_stop")
    rows = np.flatnonzero(stops >= 0)
    return stops[rows], rows


@FACTS.fact("heat_stop")
def posted_somewhere(frame: Frame) -> Any:
    result = np.zeros(frame.size, bool)
    result[frame["postings"][0]] = True
    return result


@FACTS.row("heat_stop_posting", of="heat_stop")
def stop(frame: Frame) -> Any:
    """The stop that the posting belongs to."""
    return rows_of(frame, "stop_id", "heat_stop")


@FACTS.fact("heat_stop_posting")
def stop_kind(frame: Frame) -> Any:
    return take(frame.logs["heat_stop"]["kind"], frame["stop"])


@FACTS.fact("heat_stop_posting")
def stopped_at(frame: Frame) -> Any:
    return take(frame.logs["heat_stop"]["stopped_at"], frame["stop"])


@FACTS.fact("heat_stop_posting")
def stop_org_id(frame: Frame) -> Any:
    return take(frame.logs["heat_stop"].optional("org_id"), frame["stop"])


# ── Merits ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@FACTS.fact("commendation")
def loss_averted(frame: Frame) -> Any:
    """A loss above nought was averted (18.(4))."""
    return np.asarray(pc.fill_null(pc.greater(frame["loss_avoided"], 0), False))
