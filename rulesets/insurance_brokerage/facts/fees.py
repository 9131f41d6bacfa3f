"""Article 16: fees."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.compute as pc

from auditor.derive import (
    Frame,
    Logs,
    due_after_month,
    month_end,
)

from .book import FACTS
from .money import MONEY, PART, decimals

# Article 16: fees


@FACTS.fact("score_sheet")
def coefficient(frame: Frame) -> Any:
    """The part of the base fee that the score earns; nothing where there is no score (16)."""
    logs, at, score = frame.logs, frame["scored_at"], frame["score"]
    part = decimals(logs, "fee_coefficient_fail", at, PART)
    for step in ("pass", "fair", "good", "full"):
        reached = pc.greater_equal(score, decimals(logs, f"fee_score_{step}", at, score.type))
        part = pc.if_else(reached, decimals(logs, f"fee_coefficient_{step}", at, PART), part)
    return part


@FACTS.fact("score_sheet")
def due_fee(frame: Frame) -> Any:
    """Base fee × coefficient, to the last digit (16)."""
    return pc.multiply(frame["base_fee"].cast(MONEY), frame["coefficient"])


@FACTS.fact("score_sheet")
def fee_difference(frame: Frame) -> Any:
    """Paid fee less due fee (16)."""
    return pc.subtract(frame["paid_fee"].cast(MONEY), frame["due_fee"])


@FACTS.fact("score_sheet")
def fee_off(frame: Frame) -> Any:
    """The paid fee differs from the due fee by more than the tolerance; False where a figure is missing (16)."""
    tolerance = decimals(frame.logs, "fee_tolerance", frame["scored_at"], MONEY)
    return pc.greater(pc.abs(frame["fee_difference"]), tolerance).fill_null(False).to_numpy(zero_copy_only=False)


@FACTS.statement(
    "IB601",
    "score_sheet",
    "org_id",
    ("period", "score", "base_fee", "coefficient", "due_fee", "paid_fee", "fee_difference"),
    money=("base_fee", "due_fee", "paid_fee", "fee_difference"),
    totals=("due_fee", "paid_fee", "fee_difference"),
)
def fees(logs: Logs) -> Any:
    """The sheets scored in the audited period, paid or not (16)."""
    scored = logs["score_sheet"]["scored_at"]
    return np.flatnonzero((scored >= logs.period.start_at) & (scored <= logs.period.end_at))


@FACTS.fact("score_sheet")
def month_end_at(frame: Frame) -> Any:
    """The last second of the sheet's month; not on record where its period is no month."""
    return month_end(frame.logs, frame["period"])


@FACTS.fact("score_sheet")
def month_is_over(frame: Frame) -> Any:
    return frame["month_end_at"] < frame.logs.as_of


@FACTS.fact("score_sheet")
def fee_due_at(frame: Frame) -> Any:
    """23:59:59 of the last day of the time for settling, counted from the month's last day (16)."""
    return due_after_month(frame.logs, frame["period"], "fee_limit")
