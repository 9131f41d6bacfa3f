"""What the service centre must do about orders that other rules found overdue (2.3.(6), 4.2.(3)).

These facts look at the breaches of other rules, whatever period they fall in, waived or not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from auditor.derive import NEVER, Frame, earliest, kind_of, take, text_array

from .facts_book import FACTS
from .facts_repairs import acted, at_event, events_of
from .outcomes_used import ANSWER_LIMITS, ESCALATED_LIMITS, REPAIR_LIMITS

Instants = npt.NDArray[np.int64]

SERVICE_CENTER = "service_center"


def _breaches_left_open(frame: Frame, codes: tuple[str, ...], limit: Callable[[Instants], tuple[Instants, Instants]]) -> list[Instants]:
    """Per rule, when its limit was broken, where the act was still not done at the earlier of as-of and the following rule's own due.

    `limit(breach_at)` gives that due and the calendar year that was missing for it; where one was, every such breach counts.
    """
    candidates = []
    for outcome in frame.logs.outcomes.of(*codes):
        breach_at, done_at = outcome.at_breach(outcome.counted_at), outcome.at_breach(outcome.done_at)
        due_at, year_unknown = limit(breach_at)
        still_open = (year_unknown != 0) | (done_at > np.minimum(due_at, frame.logs.as_of))
        candidates.append(np.where((breach_at < NEVER) & still_open, breach_at, NEVER))
    return candidates


def _first_code(frame: Frame, codes: tuple[str, ...], candidates: list[Instants], first: Instants) -> Any:
    """The rule whose breach is the first; of several at one instant the lower code."""
    found = np.full(frame.size, None, object)
    for outcome, breach_at in reversed(list(zip(frame.logs.outcomes.of(*codes), candidates, strict=True))):
        found[(breach_at == first) & (first < NEVER)] = outcome.code
    return text_array(found.tolist())


def _follow_up_due(frame: Frame) -> Callable[[Instants], tuple[Instants, Instants]]:
    def limit(breach_at: Instants) -> tuple[Instants, Instants]:
        due = np.where(breach_at < NEVER, breach_at + frame.logs.parameter("follow_up", breach_at), NEVER)
        return due, np.zeros(len(due), np.int64)

    return limit


def _urge_due(frame: Frame) -> Callable[[Instants], tuple[Instants, Instants]]:
    def limit(breach_at: Instants) -> tuple[Instants, Instants]:
        due: Instants
        year: Instants
        due, year = frame.logs.calendar.due_after(breach_at, frame.logs.parameter("urge_limit", breach_at), frame.logs.zone)
        return due, year

    return limit


def _first_act(frame: Frame, actions: tuple[str, ...], since: Instants, *, kind_known: bool) -> Any:
    """The first of these acts at or after `since`: by the service centre, or (`kind_known` false) by a unit of a kind that is not known."""
    events = events_of(frame)
    kinds = kind_of(frame.logs, events.child["org_id"])
    by_whom = np.asarray(kinds == SERVICE_CENTER) if kind_known else np.asarray(kinds.isna())
    return events.first(acted(events, *actions) & by_whom & (events.child["at"] >= events.spread(since)))


@FACTS.fact("ticket")
def repair_overdue_at(frame: Frame) -> Any:
    """The first limit of the repair that was broken and not made good by the time the follow-up fell due (2.3.(6))."""
    return earliest(*_breaches_left_open(frame, REPAIR_LIMITS, _follow_up_due(frame)))


@FACTS.fact("ticket")
def repair_limit_broken(frame: Frame) -> Any:
    """The rule whose limit that was (2.3.(6))."""
    candidates = _breaches_left_open(frame, REPAIR_LIMITS, _follow_up_due(frame))
    return _first_code(frame, REPAIR_LIMITS, candidates, frame["repair_overdue_at"])


@FACTS.row("ticket", of="ticket_event")
def follow_up_event(frame: Frame) -> Any:
    """The service centre's first urging or supervision at or after that breach (2.3.(6))."""
    return _first_act(frame, ("urge", "supervise"), frame["repair_overdue_at"], kind_known=True)


@FACTS.fact("ticket")
def followed_up_at(frame: Frame) -> Any:
    """When the service centre first followed the overdue repair up (2.3.(6))."""
    return at_event(events_of(frame), frame["follow_up_event"])


@FACTS.fact("ticket")
def followed_up_by_unknown_at(frame: Frame) -> Any:
    """When a unit of unknown kind first did: it may have been the service centre (2.3.(6))."""
    return at_event(events_of(frame), _first_act(frame, ("urge", "supervise"), frame["repair_overdue_at"], kind_known=False))


@FACTS.fact("ticket")
def answer_overdue_at(frame: Frame) -> Any:
    """The limit of the order that was broken and not made good by the time the urging fell due (4.2.(3))."""
    return earliest(*_breaches_left_open(frame, ANSWER_LIMITS, _urge_due(frame)))


@FACTS.fact("ticket")
def answer_limit_broken(frame: Frame) -> Any:
    """The rule whose limit that was (4.2.(3))."""
    candidates = _breaches_left_open(frame, ANSWER_LIMITS, _urge_due(frame))
    return _first_code(frame, ANSWER_LIMITS, candidates, frame["answer_overdue_at"])


@FACTS.row("ticket", of="ticket_event")
def urge_event(frame: Frame) -> Any:
    """The service centre's first urging at or after that breach (4.2.(3))."""
    return _first_act(frame, ("urge",), frame["answer_overdue_at"], kind_known=True)


@FACTS.fact("ticket")
def urged_at(frame: Frame) -> Any:
    """When the service centre first urged the overdue order (4.2.(3))."""
    return at_event(events_of(frame), frame["urge_event"])


@FACTS.fact("ticket")
def urged_by_unknown_at(frame: Frame) -> Any:
    """When a unit of unknown kind first did: it may have been the service centre (4.2.(3))."""
    return at_event(events_of(frame), _first_act(frame, ("urge",), frame["answer_overdue_at"], kind_known=False))


def _breaches(frame: Frame) -> list[Instants]:
    return [outcome.at_breach(outcome.counted_at) for outcome in frame.logs.outcomes.of(*ESCALATED_LIMITS)]


@FACTS.fact("ticket")
def overdue_at(frame: Frame) -> Any:
    """The first limit of the order that was broken (4.2.(3))."""
    return earliest(*_breaches(frame))


@FACTS.fact("ticket")
def limit_broken(frame: Frame) -> Any:
    """The rule whose limit that was (4.2.(3))."""
    return _first_code(frame, ESCALATED_LIMITS, _breaches(frame), frame["overdue_at"])


@FACTS.row("ticket", of="ticket_event")
def first_urge_event(frame: Frame) -> Any:
    """The first urging, by whomever, at or after the first broken limit (4.2.(3))."""
    events = events_of(frame)
    return events.first(acted(events, "urge") & (events.child["at"] >= events.spread(frame["overdue_at"])))


@FACTS.fact("ticket")
def first_urged_at(frame: Frame) -> Any:
    """When the overdue order was first urged (4.2.(3))."""
    return at_event(events_of(frame), frame["first_urge_event"])


def _urging_over_at(frame: Frame) -> Instants:
    urged: Instants = frame["first_urged_at"]
    return np.where(urged < NEVER, urged + frame.logs.parameter("urge_days", urged), NEVER)


@FACTS.fact("ticket")
def escalation_due_at(frame: Frame) -> Any:
    """The days of urging and the time to pass the order on, from the first urging (4.2.(3))."""
    over = _urging_over_at(frame)
    return np.where(over < NEVER, over + frame.logs.parameter("escalation_grace", frame["first_urged_at"]), NEVER)


@FACTS.fact("ticket")
def urged_in_vain(frame: Frame) -> Any:
    """The days of urging are over, and the order was not settled within them (4.2.(3))."""
    over = _urging_over_at(frame)
    settled = earliest(frame["handled_at"], frame["fed_back_at"], frame["closed_at"])
    return (over <= frame.logs.as_of) & (settled > over)


@FACTS.row("ticket", of="ticket_event")
def escalation_event(frame: Frame) -> Any:
    """The order's first escalation or supervision, by whomever and whenever (4.2.(3))."""
    events = events_of(frame)
    return events.first(acted(events, "escalate", "supervise"))


@FACTS.fact("ticket")
def escalated_at(frame: Frame) -> Any:
    """When the order was first put before a department or the leaders (4.2.(3))."""
    return take(frame.logs["ticket_event"]["at"], frame["escalation_event"])
