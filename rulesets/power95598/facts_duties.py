"""Reviews by the marketing section, praise, and quarters without a breach (4.1, 4.2.(4), 1)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.derive import Frame, Logs, arrow_text, first_on_record, kind_of, no_text, positions, text_array
from auditor.vocabulary import YES
from auditor.vocabulary.questions import Verdict

from .facts_book import FACTS
from .outcomes_used import JUDGED


@FACTS.fact("publication")
def reviewer_kind(frame: Frame) -> Any:
    """Kind of the unit that reviewed the publication, whatever the dates of its row (4.1.(5))."""
    return kind_of(frame.logs, frame["reviewed_by_org_id"])


@FACTS.fact("approval")
def approver_kind(frame: Frame) -> Any:
    """Kind of the unit that approved the permission, whatever the dates of its row (4.1.(3))."""
    return kind_of(frame.logs, frame["approver_org_id"])


@FACTS.table("praise", "praised_at", "org_id", "staff_id", "ticket_id", "commendation_id")
def praise(logs: Logs) -> dict[str, Any]:
    """Each praise once: the tickets of that category, and the verified commendations that repeat no ticket (1)."""
    tickets, commendations = logs["ticket"], logs["commendation"]
    praised = np.flatnonzero(np.asarray(tickets["category"] == "praise") & ~tickets.blank("received_at"))
    of_customers = np.asarray(commendations["kind"] == "customer_praise") & (commendations["verified"] == YES)
    commended = np.flatnonzero(of_customers & commendations.blank("ticket_id"))
    ticket_ids, commendation_ids = tickets["ticket_id"][praised], commendations["commendation_id"][commended]
    unit = first_on_record(tickets.optional("handler_org_id"), tickets.optional("org_id"))
    return {
        "case_id": _joined(_prefixed("ticket:", ticket_ids), _prefixed("commendation:", commendation_ids)),
        "praised_at": np.concatenate([tickets["received_at"][praised], commendations["at"][commended]]),
        "org_id": _joined(unit[praised], commendations.optional("org_id")[commended]),
        "staff_id": _joined(tickets.optional("handler_staff_id")[praised], commendations.optional("staff_id")[commended]),
        "ticket_id": _joined(ticket_ids, no_text(len(commended))),
        "commendation_id": _joined(no_text(len(praised)), commendation_ids),
    }


@FACTS.row("praise", of="ticket")
def praise_ticket(frame: Frame) -> Any:
    """The ticket that records the praise."""
    return positions(frame.logs["ticket"]["ticket_id"], frame["ticket_id"])


@FACTS.row("praise", of="commendation")
def praise_commendation(frame: Frame) -> Any:
    """The commendation that records the praise."""
    return positions(frame.logs["commendation"]["commendation_id"], frame["commendation_id"])


def _count_by_unit(frame: Frame, *verdicts: Verdict) -> Any:
    """How many cases of the period each unit answers for, or would, under these rules with one of these verdicts (waivers applied)."""
    count = np.zeros(frame.size, np.int64)
    for outcome in frame.logs.outcomes.of(*JUDGED):
        rows = positions(frame["org_id"], outcome.liable_org)
        chosen = np.isin(outcome.final, verdicts) & (rows >= 0)
        count += np.bincount(rows[chosen], minlength=frame.size)
    return count


@FACTS.fact("org_unit")
def judged_cases(frame: Frame) -> Any:
    """Cases of the period that were judged: compliant, breach or waived (4.2.(4))."""
    return _count_by_unit(frame, Verdict.COMPLIANT, Verdict.BREACH, Verdict.WAIVED)


@FACTS.fact("org_unit")
def breaches(frame: Frame) -> Any:
    """Breaches of the period that no waiver covers (4.2.(4))."""
    return _count_by_unit(frame, Verdict.BREACH)


@FACTS.fact("org_unit")
def enough_cases(frame: Frame) -> Any:
    """As many cases were judged as a clean quarter asks for (4.2.(4))."""
    return frame["judged_cases"] >= frame.logs.parameter("clean_minimum", frame.logs.period.end_at)


@FACTS.fact("org_unit")
def whole_quarter(frame: Frame) -> Any:
    """The period audited is one whole calendar quarter (4.2.(4))."""
    return np.full(frame.size, frame.logs.period.is_calendar_quarter, bool)


def _prefixed(prefix: str, ids: Any) -> Any:
    values = arrow_text(ids)
    return text_array(pc.binary_join_element_wise(pa.scalar(prefix, values.type), values, pa.scalar("", values.type)))


def _joined(first: Any, second: Any) -> Any:
    above = arrow_text(first)
    return text_array(pa.chunked_array([*above.chunks, *arrow_text(second).cast(above.type).chunks], above.type))
