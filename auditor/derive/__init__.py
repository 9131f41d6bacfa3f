"""Facts, derived in whole columns: the verbs and values that a ruleset's `facts.py` works with."""

from auditor.derive.factbook import FactBook
from auditor.derive.logs import Frame, Logs, NotAuditable, View, no_text, text_array
from auditor.derive.obligations import duty_done
from auditor.derive.outcomes import Outcome
from auditor.derive.runs import DaysOfAttempts, days_of_attempts, months_on, row_before
from auditor.derive.verbs import (
    Group,
    add,
    arrow_text,
    choose,
    earliest,
    first_on_record,
    group,
    in_force,
    kind_of,
    latest,
    positions,
    rows_of,
    sole_unit,
    take,
)
from auditor.instants import NEVER

__all__ = [
    "DaysOfAttempts",
    "FactBook",
    "Frame",
    "Group",
    "NEVER",
    "Logs",
    "NotAuditable",
    "Outcome",
    "View",
    "add",
    "arrow_text",
    "choose",
    "days_of_attempts",
    "duty_done",
    "earliest",
    "first_on_record",
    "group",
    "in_force",
    "kind_of",
    "latest",
    "months_on",
    "no_text",
    "positions",
    "row_before",
    "rows_of",
    "sole_unit",
    "take",
    "text_array",
]
