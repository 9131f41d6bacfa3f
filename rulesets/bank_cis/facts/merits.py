"""Outlets that went through the quarter without a breach (article 4.(1).7)."""

from __future__ import annotations

from typing import Any

import numpy as np

from auditor.derive import Frame
from auditor.vocabulary.questions import Verdict

from .assignments import tree
from .book import FACTS

JUDGED = (Verdict.COMPLIANT, Verdict.BREACH, Verdict.WAIVED, Verdict.INDICATOR)
SPOILS = (Verdict.BREACH, Verdict.INDICATOR)


def _count(frame: Frame, verdicts: tuple[Verdict, ...]) -> Any:
    """Cases of the period with one of the verdicts for which each unit is, or would be, liable; a waived breach spoils nothing."""
    total = np.zeros(frame.size, np.int64)
    for outcome in frame.logs.outcomes.of(*frame.logs.outcomes.by_code):
        counted = np.isin(outcome.final, [int(v) for v in verdicts])
        units = tree(frame.logs).rows(outcome.liable_org)[counted]
        total += np.bincount(units[units >= 0], minlength=frame.size)
    return total


@FACTS.fact("org_unit")
def cases_judged(frame: Frame) -> Any:
    return _count(frame, JUDGED)


@FACTS.fact("org_unit")
def cases_spoiling(frame: Frame) -> Any:
    """Breaches and indicators among them."""
    return _count(frame, SPOILS)


@FACTS.fact("org_unit")
def clean_minimum(frame: Frame) -> Any:
    return np.full(frame.size, frame.logs.parameter("clean_minimum", frame.logs.period.end_at), np.int64)


@FACTS.fact("org_unit")
def whole_quarter(frame: Frame) -> Any:
    """The period is one whole calendar quarter."""
    return np.full(frame.size, frame.logs.period.is_calendar_quarter, bool)
