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


def _counts(frame: Frame) -> Any:
    """Cases of the period by the unit that is, or would be, liable (a row) and the verdict (a column); waived breaches count as such."""

    def compute() -> Any:
        span = len(Verdict)
        total = np.zeros((frame.size, span), np.int64)
        for outcome in frame.logs.outcomes.of(*frame.logs.outcomes.by_code):
            units = tree(frame.logs).rows(outcome.liable_org)
            known = units >= 0
            total += np.bincount(units[known] * span + outcome.final[known], minlength=total.size).reshape(total.shape)
        return total

    return frame.logs.memo("verdicts by unit", compute)


@FACTS.fact("org_unit")
def cases_judged(frame: Frame) -> Any:
    return _counts(frame)[:, list(JUDGED)].sum(1)


@FACTS.fact("org_unit")
def cases_spoiling(frame: Frame) -> Any:
    """Breaches and indicators among them."""
    return _counts(frame)[:, list(SPOILS)].sum(1)


@FACTS.fact("org_unit")
def clean_minimum(frame: Frame) -> Any:
    return np.full(frame.size, frame.logs.parameter("clean_minimum", frame.logs.period.end_at), np.int64)


@FACTS.fact("org_unit")
def whole_quarter(frame: Frame) -> Any:
    """The period is one whole calendar quarter."""
    return np.full(frame.size, frame.logs.period.is_calendar_quarter, bool)
