"""Articles 10 and 15: sanctions, and the best centre."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from auditor.derive import (
    NEVER,
    Frame,
    Logs,
    arrow_text,
    in_force,
    joined,
    positions,
    take,
)
from auditor.vocabulary.questions import Verdict

from .book import FACTS
from .money import MONEY, PART, decimals

# Article 15: sanctions

_WEIGHT_OF_SANCTION = {"warning": 1, "demerit": 2, "demotion": 3, "pay_cut": 3, "transfer": 4, "dismissal": 5}
_WEIGHT_OF_IMPACT = {"slight": 1, "moderate": 2, "serious": 3, "severe": 4, "grave": 5}


def _weights(column: Any, weights: dict[str, int]) -> Any:
    return np.select([np.asarray(column == code) for code in weights], list(weights.values()), 0)


@FACTS.fact("service_failure")
def fitting_sanction_at(frame: Frame) -> Any:
    """When a sanction not milder than the impact calls for was given; a harsher one is enough (15)."""
    fits = _weights(frame["sanction"], _WEIGHT_OF_SANCTION) >= _weights(frame["impact"], _WEIGHT_OF_IMPACT)
    return np.where(fits, frame["sanctioned_at"], NEVER)


# Article 10: the best centre


def _scored(logs: Logs) -> Any:
    """The scored sheets of the audited months, as rows."""
    sheets = logs["score_sheet"]
    return np.flatnonzero(
        np.asarray(sheets["period"].isin(list(logs.period.months()))) & (sheets["scored_at"] < NEVER) & ~sheets.blank("score")
    )


@FACTS.table("centre_period", "org_id", "sheets", "mean_score", "scored_high")
def centre_period(logs: Logs) -> dict[str, Any]:
    """Centres in force at the period's last second that have a scored sheet of every month, where the period is of whole months (10)."""
    sheets, org_units, months = logs["score_sheet"], logs["org_unit"], logs.period.months()
    end = logs.period.end_at
    rows = _scored(logs)
    frame = pa.table(
        {
            "unit": positions(org_units["org_id"], take(sheets["org_id"], rows)),
            "month": arrow_text(take(sheets["period"], rows)),
            "score": take(sheets["score"], rows),
        }
    )
    sums = frame.group_by("unit").aggregate([("month", "count_distinct"), ("score", "count"), ("score", "sum")]).sort_by("unit")
    unit = sums["unit"].to_numpy()
    centre = (unit >= 0) & take(np.asarray(org_units["kind"] == "service_center") & in_force(org_units, end), unit)
    chosen = sums.filter(pa.array(centre & (sums["month_count_distinct"].to_numpy() == len(months)))).combine_chunks()
    org_id = take(org_units["org_id"], chosen["unit"].to_numpy())
    total, number = chosen["score_sum"].combine_chunks().cast(MONEY), chosen["score_count"].combine_chunks()
    counted = number.cast(pa.decimal128(19, 0)).cast(pa.decimal256(19, 0))
    wanted = pc.multiply(counted, decimals(logs, "merit_score", np.full(len(counted), end, np.int64), PART))
    return {
        "case_id": joined(org_id, [logs.period.text] * len(counted)),
        "org_id": org_id,
        "sheets": number.to_numpy(),
        "mean_score": pc.round(pc.divide(total, counted), 2),
        "scored_high": pc.greater_equal(total, wanted).to_numpy(zero_copy_only=False),
    }


@FACTS.fact("centre_period")
def without_breach(frame: Frame) -> Any:
    """No breach of any rule in the period for which the centre is liable; a waived breach does not spoil it (10, 6.(9))."""
    outcomes = frame.logs.outcomes
    blamed = [o.liable_org[o.final == Verdict.BREACH] for o in outcomes.of(*sorted({*outcomes.by_code, *outcomes.not_auditable}))]
    return ~np.asarray(frame["org_id"].isin(pd.concat([pd.Series(org) for org in blamed]).dropna().unique()))


@FACTS.row("centre_period", of="score_sheet")
def scored_sheets(frame: Frame) -> Any:
    """The sheets of the period."""
    rows = _scored(frame.logs)
    centre = positions(frame["org_id"], take(frame.logs["score_sheet"]["org_id"], rows))
    return centre[centre >= 0], rows[centre >= 0]
