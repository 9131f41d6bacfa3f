"""Articles 5.(4).1, 5.(6), 6.(4) and 6.(6): claims, briefs and monthly assessments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from auditor.derive import (
    NEVER,
    Frame,
    duty_done,
    duty_matches,
    lists_item,
    period_matches,
    positions,
)

from .book import FACTS

# Articles 5.(4).1 and 6.(4): claims


@FACTS.fact("claim")
def major(frame: Frame) -> Any:
    """The estimated loss reaches the amount of its line, itself included; False where there is no estimate (5.(4).1)."""
    logs, loss = frame.logs, frame["estimated_loss"]
    motor = np.asarray(frame["line"] == "motor")
    least = np.where(
        motor, logs.parameter("major_loss_motor", frame["reported_at"]), logs.parameter("major_loss_non_motor", frame["reported_at"])
    )
    return pc.greater_equal(loss, pa.array(least, loss.type)).fill_null(False).to_numpy(zero_copy_only=False)


@FACTS.function
def a_claim_was_reported(obligations: Frame) -> Any:
    """A claim was reported in the obligation's month (6.(4).2)."""
    reported = np.sort(obligations.logs["claim"]["reported_at"])
    before = np.searchsorted(reported, obligations["period_start"], side="left")
    return np.searchsorted(reported, obligations["period_end"], side="right") > before


@FACTS.function
def the_centre_had_a_claim(obligations: Frame) -> Any:
    """The centre had a claim reported in the obligation's month (6.(4).3)."""
    claims = obligations.logs["claim"]
    org_units = obligations.logs["org_unit"]["org_id"]
    claimant, reported = positions(org_units, claims["org_id"]), claims["reported_at"]
    centre = positions(org_units, obligations["subject_id"])
    found = pd.merge_asof(
        pd.DataFrame({"centre": centre, "at": obligations["period_start"], "case": np.arange(obligations.size)}).sort_values(
            "at", kind="stable"
        ),
        pd.DataFrame({"centre": claimant, "at": reported, "reported": reported}).sort_values("at", kind="stable"),
        on="at",
        by="centre",
        direction="forward",
    )
    next_claim = found.sort_values("case")["reported"].fillna(NEVER).to_numpy(np.int64)
    return next_claim <= obligations["period_end"]


# Articles 5.(6) and 6.(6): briefs and assessments


@FACTS.function
def brief_with_summary_and_analysis(obligations: Frame) -> Any:
    """When the period's briefs together held the summary of cover and the analysis of claims (5.(6).2)."""
    logs = obligations.logs
    items = logs["duty_record"]["items"]
    parts = (
        duty_done(logs, obligations, ("insurance_brief",), within=False, among=lists_item(items, item))
        for item in ("underwriting_summary", "claims_analysis")
    )
    return np.maximum.reduce(list(parts))


@FACTS.row("obligation:IB412", of="duty_record")
def briefs(obligations: Frame) -> Any:
    """The period's briefs, whatever they hold."""
    return duty_matches(obligations.logs, obligations, ("insurance_brief",), within=False)


@FACTS.row("obligation:IB404", of="duty_record")
def assessments(obligations: Frame) -> Any:
    """The centre's assessments for the month, its own records and those of others that name it (6.(6), 11)."""
    records = obligations.logs["duty_record"]
    assessed = np.asarray(records["duty"] == "monthly_assessment")
    own, named = (period_matches(obligations, records[name], records["period"], assessed) for name in ("org_id", "subject_id"))
    return tuple(np.concatenate(pair) for pair in zip(own, named, strict=True))


@FACTS.row("obligation:IB404", of="score_sheet")
def sheets_of_month(obligations: Frame) -> Any:
    """The centre's score sheets of the month that were scored (6.(6), 11)."""
    sheets = obligations.logs["score_sheet"]
    return period_matches(obligations, sheets["org_id"], sheets["period"], sheets["scored_at"] < NEVER)


@FACTS.function
def assessed_or_scored(obligations: Frame) -> Any:
    """The earliest assessment of the centre for the month, whoever recorded it, or its earliest score (6.(6), 11)."""
    logs = obligations.logs
    first = np.full(obligations.size, NEVER, np.int64)
    for (cases, rows), done in (
        (obligations["assessments"], logs["duty_record"]["done_at"]),
        (obligations["sheets_of_month"], logs["score_sheet"]["scored_at"]),
    ):
        np.minimum.at(first, cases, done[rows])
    return first
