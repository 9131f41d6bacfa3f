"""What each kind of rule asks of a case: the three conditions, and the reasons for which it cannot be judged."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.vocabulary.expressions import NEVER_TRUE, Compare, Expr, fields_of
from auditor.vocabulary.limits import After, Before, By, Given
from auditor.vocabulary.questions import Questions
from auditor.vocabulary.rules import LATE, PROVED, STILL_OPEN, Content, Deadline, Duty, Forbidden, Merit, Rule, State

CLOCK_KNOWN, CALENDAR_KNOWN, LIMIT_KNOWN = "clock_known", "calendar_known", "limit_known"

BUILT = ("due_at", "done_at", "as_of", "audit_instant", PROVED, CLOCK_KNOWN, CALENDAR_KNOWN, LIMIT_KNOWN)
"""Facts that the builder of a time limit gives."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a rule, and its reasons in the order in which they are given."""

    questions: Questions
    reasons: tuple[tuple[str, Expr], ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """Every fact that the questions name."""
        names: dict[str, None] = {}
        for question in (self.questions.unknown, self.questions.broken, self.questions.open):
            names.update(dict.fromkeys(fields_of(question)))
        return tuple(names)


def ask(rule: Rule) -> Asked:
    """The questions that a rule asks."""
    # What a rule names itself says more than a clock that could not be found for want of it.
    reasons: list[tuple[str, Expr]] = list(rule.unknown.items())
    broken: Expr = NEVER_TRUE
    still_open: Expr = NEVER_TRUE
    match rule:
        case Deadline():
            start = clock_field(rule)
            if start is not None:
                reasons.append((start, Compare(CLOCK_KNOWN, "==", False)))
            if not isinstance(rule.due, Before):
                reasons.append(("calendar", Compare(CALENDAR_KNOWN, "==", False)))
            if isinstance(rule.due, After) and isinstance(rule.due.limit, By):
                reasons.append((rule.due.limit.field, Compare(LIMIT_KNOWN, "==", False)))
            broken = rule.incomplete if not rule.acts else LATE if rule.incomplete == NEVER_TRUE else LATE | rule.incomplete
            still_open = STILL_OPEN
            if rule.wrong != NEVER_TRUE:
                broken, still_open = broken | rule.wrong, still_open & ~rule.wrong
        case Duty():
            broken, still_open = Compare(PROVED, "==", False) if rule.untimed else LATE, STILL_OPEN
        case Forbidden() | State() | Content():
            broken = rule.broken
        case Merit():
            broken = rule.earned
    unknown: Expr = NEVER_TRUE
    for _, condition in reasons:
        unknown = condition if unknown == NEVER_TRUE else unknown | condition
    return Asked(Questions(unknown, broken, still_open), tuple(reasons))


def clock_field(rule: Deadline) -> str | None:
    """What makes a time limit indeterminate when it is blank: the fact that starts its clock, or the receipt that such a fact rests on."""
    match rule.due:
        case After(start=start, received=received) | Given(start=start, received=received):
            return received or start
        case Before(event=event):
            return event
    return None
