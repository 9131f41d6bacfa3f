"""The kinds of rule. A rule is a value: which rows it judges, what breaks it, when it is due, who answers for it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from auditor.vocabulary.expressions import ALWAYS, NEVER_TRUE, And, Blank, Compare, Expr, Or, Ref
from auditor.vocabulary.liability import NOBODY, Liable
from auditor.vocabulary.limits import Limit, PeriodLimit


class Severity(StrEnum):
    """How grave a breach is; an indicator is a suspicion, a merit an award."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    INDICATOR = "indicator"
    MERIT = "merit"


CRITICAL, MAJOR, MINOR, INDICATOR, MERIT = Severity


class Every(StrEnum):
    """How often a duty repeats."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


MONTH, QUARTER, HALF_YEAR, YEAR = Every


@dataclass(frozen=True, slots=True)
class Cycle:
    """Several calendar years in a row: the parameters that tell the first year of the first cycle, and how many years a cycle has.

    A cycle bears the label of its last year.
    """

    start: str
    years: str


def cycle(start: str, years: str) -> Cycle:
    """`every=cycle("window_cycle_start", "window_cycle_years")`."""
    return Cycle(start, years)


def _written_at() -> tuple[str, int]:
    """File and line of the statement that makes the rule, for error messages."""
    frame = sys._getframe(1)  # noqa: SLF001 - the one way to know where a value was written
    here = str(Path(__file__).parent)
    while frame.f_back is not None and (frame.f_code.co_filename.startswith(here) or frame.f_code.co_filename.startswith("<")):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What every kind of rule has.

    `record` names the frame judged: a canonical record, or a table of cases that the ruleset's facts derive. `population` tells which of
    its rows have the duty. `unknown` names, per reason, the condition under which the case cannot be judged. `subject` is the fact that
    one act is charged under (default: the regulation's for that record). `shows` are facts that a finding prints beside those that its
    conditions name; `cites` are row facts whose rows are evidence. `parameters` are those that only the facts read.
    `reasons_on` names the rules whose outcome the facts look at.
    """

    kind: ClassVar[str] = "rule"

    code: str
    name: str
    clause: str
    severity: Severity
    record: str
    population: Expr = ALWAYS
    unknown: Mapping[str, Expr] = field(default_factory=dict)
    unknown_at: str | None = None
    """Where an indeterminate case counts, if not at its due or event."""
    liable: Liable = NOBODY
    subject: str | None = None
    case_personal: bool = False
    """The case id is a customer's: it is published as a pseudonym."""
    shows: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    reasons_on: tuple[str, ...] = ()
    written_at: tuple[str, int] = field(default_factory=_written_at, compare=False)


@dataclass(frozen=True, kw_only=True)
class Deadline(Rule):
    """An act that must be done by an instant. Several acts count as one, done when the last is.

    `incomplete` is what must be on record once due is past (else a breach), pending before. `wrong` breaks the duty at once, however much
    time is left: done in time, but not as the clause asks. Without an `act` there is no time at which the duty was done: what `incomplete`
    asks for counts as in time once it is on record. `steps_after` names the field of the record behind which a step on record proves
    that the act's time has come (default: the last of the acts).
    """

    kind: ClassVar[str] = "deadline"

    act: str | tuple[str, ...] = ()
    due: Limit
    incomplete: Expr = NEVER_TRUE
    wrong: Expr = NEVER_TRUE
    steps_after: str | None = None

    @property
    def acts(self) -> tuple[str, ...]:
        return (self.act,) if isinstance(self.act, str) else self.act


@dataclass(frozen=True, kw_only=True)
class Forbidden(Rule):
    """An act that must not happen (or a state of a row at an instant that must not be), judged at the fact `at`."""

    kind: ClassVar[str] = "forbidden"

    at: str
    broken: Expr


@dataclass(frozen=True, slots=True)
class When:
    """Fields that must be filled in under a condition."""

    condition: Expr
    fields: tuple[str, ...]


def when(condition: Expr, *fields: str) -> When:
    """`when(present.customer_id, "customer_feedback")`."""
    return When(condition, fields)


@dataclass(frozen=True, kw_only=True)
class Content(Rule):
    """What must be filled in at the instant `at`; every blank field of `fields` is listed in the finding."""

    kind: ClassVar[str] = "content"

    at: str
    fields: tuple[str | When, ...]

    @property
    def broken(self) -> Expr:
        parts: list[Expr] = []
        for item in self.fields:
            if isinstance(item, str):
                parts.append(Blank(item))
            else:
                parts.extend(And((item.condition, Blank(name))) for name in item.fields)
        return parts[0] if len(parts) == 1 else Or(tuple(parts))


@dataclass(frozen=True, kw_only=True)
class State(Rule):
    """What must hold at the audit instant (the earlier of as-of and the period's last second)."""

    kind: ClassVar[str] = "state"

    broken: Expr


@dataclass(frozen=True, kw_only=True)
class Merit(Rule):
    """An award; its cases are the merits alone, at the fact `at` (or, for a whole period, at the period's last second)."""

    kind: ClassVar[str] = "merit"

    severity: Severity = MERIT
    at: str | None = None
    earned: Expr = ALWAYS


@dataclass(frozen=True, slots=True)
class Units:
    """The obliged: units of these kinds."""

    kinds: tuple[str, ...]


def units(*kinds: str) -> Units:
    return Units(kinds)


@dataclass(frozen=True, kw_only=True)
class Duty(Rule):
    """A duty that repeats: every obliged unit × every period, held against the records that prove it.

    `duty` is the code of the duty records (with several, any of them proves it; the first names the case); `obliged` the units, `about` the
    units that it concerns each of (subject). `proofs` names a function of the facts that gives other proofs than duty records; `falls`
    one that tells in which periods the duty exists. `in_force_at_due`: a unit is obliged when in force at due, not by tenure.
    """

    kind: ClassVar[str] = "duty"

    record: str = "obligation"
    duty: str | tuple[str, ...]
    obliged: Units
    about: Units | None = None
    every: Every | Cycle
    due: PeriodLimit
    proofs: str | None = None
    falls: str | None = None
    in_force_at_due: bool = False
    untimed: bool = False
    """The proofs have no time of their own: on record they count as in time."""
    only: str | None = None
    """Only periods whose label ends so ("H1")."""

    @property
    def duties(self) -> tuple[str, ...]:
        return (self.duty,) if isinstance(self.duty, str) else self.duty


DUE, DONE, AS_OF = "due_at", "done_at", "as_of"
PROVED = "proved"
"""The fact that an untimed duty has a proof on record."""
LATE = Compare(DONE, ">", Ref(DUE))
STILL_OPEN = Compare(AS_OF, "<=", Ref(DUE))
