"""Facts, derived in whole columns: the verbs and values that a ruleset's `facts.py` works with."""

from auditor.calendar.local_time import add_months, end_of_day, local_day, seconds_of_day, start_of_day
from auditor.derive.coded_text import arrow_text, coded, same_text, text_array
from auditor.derive.factbook import FactBook
from auditor.derive.histories import Pairs, in_force_pairs, last_before, pairs_by_key
from auditor.derive.labels import due_after_month, month_end, year_of_label
from auditor.derive.limits import elapse
from auditor.derive.logs import Frame, Logs, NotAuditable, View, no_text
from auditor.derive.obligations import duty_done, duty_matches, period_matches
from auditor.derive.outcomes import Outcome
from auditor.derive.runs import DaysOfAttempts, days_of_attempts, months_on, row_before
from auditor.derive.tree import Tree, nearest_in_force, unit_tree
from auditor.derive.verbs import (
    Group,
    add,
    choose,
    earliest,
    first_on_record,
    group,
    in_force,
    joined,
    kind_of,
    latest,
    lists_item,
    positions,
    rows_of,
    sole_unit,
    take,
)
from auditor.instants import NEVER, NEVER_DAY, NO_NUMBER

__all__ = [
    "NEVER",
    "NEVER_DAY",
    "NO_NUMBER",
    "DaysOfAttempts",
    "FactBook",
    "Frame",
    "Group",
    "Logs",
    "NotAuditable",
    "Outcome",
    "Pairs",
    "Tree",
    "View",
    "add",
    "add_months",
    "arrow_text",
    "choose",
    "coded",
    "days_of_attempts",
    "due_after_month",
    "duty_done",
    "duty_matches",
    "earliest",
    "elapse",
    "end_of_day",
    "first_on_record",
    "group",
    "in_force",
    "in_force_pairs",
    "joined",
    "kind_of",
    "last_before",
    "latest",
    "lists_item",
    "local_day",
    "month_end",
    "months_on",
    "nearest_in_force",
    "no_text",
    "pairs_by_key",
    "period_matches",
    "positions",
    "row_before",
    "rows_of",
    "seconds_of_day",
    "same_text",
    "sole_unit",
    "start_of_day",
    "take",
    "text_array",
    "year_of_label",
    "unit_tree",
]
