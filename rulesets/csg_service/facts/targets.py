"""Parts 2.4.10, 3.3 and 4.4: the month's figures against their targets, and what a year of them leads to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from auditor.derive import (
    NEVER,
    Frame,
    Logs,
    due_after_month,
    joined,
    month_end,
    nearest_in_force,
    period_matches,
    positions,
    take,
    text_array,
    year_of_label,
)
from auditor.vocabulary.questions import Verdict

from .book import FACTS

FIGURES = ("connection_rate", "reply_rate", "average_wait_s")


@FACTS.fact("service_kpi")
def month_end_at(frame: Frame) -> Any:
    """The last second of the row's month; not on record where its period is no month."""
    return month_end(frame.logs, frame["period"])


@FACTS.fact("service_kpi")
def month_is_over(frame: Frame) -> Any:
    return frame["month_end_at"] < frame.logs.as_of


@FACTS.fact("service_kpi")
def has_target(frame: Frame) -> Any:
    """At least one target is set (2.4.10)."""
    return np.logical_or.reduce([~frame.blank(f"target_{figure}") for figure in FIGURES])


@FACTS.fact("service_kpi")
def misses_a_target(frame: Frame) -> Any:
    """A rate on record lies below its target, or the average wait above it (2.4.10)."""
    missed = (
        pc.less(frame["connection_rate"], frame["target_connection_rate"]),
        pc.less(frame["reply_rate"], frame["target_reply_rate"]),
        pc.greater(frame["average_wait_s"], frame["target_average_wait_s"]),
    )
    return np.logical_or.reduce([column.fill_null(False).to_numpy(zero_copy_only=False) for column in missed])


@FACTS.row("obligation:GR308", of="service_kpi")
def figures_of_month(obligations: Frame) -> Any:
    """The unit's rows of the month, whole or not (3.3)."""
    figures = obligations.logs["service_kpi"]
    return period_matches(obligations, figures["org_id"], figures["period"], np.ones(figures.size, bool))


@FACTS.function
def figures_on_record(obligations: Frame) -> Any:
    """A row of the unit and month with all three figures; it has no time of filing, so it counts as in time (3.3)."""
    figures = obligations.logs["service_kpi"]
    whole = ~np.logical_or.reduce([figures.blank(figure) for figure in FIGURES])
    cases, rows = obligations["figures_of_month"]
    on_record = np.full(obligations.size, NEVER, np.int64)
    on_record[cases[whole[rows]]] = obligations["period_end"][cases[whole[rows]]]
    return on_record


def _judged_months(logs: Logs) -> pd.DataFrame:
    """What GR305 found, case by case: row of service_kpi, row of the unit, month, year, verdict."""

    def look_up() -> pd.DataFrame:
        (outcome,) = logs.outcomes.of("GR305")
        figures = logs["service_kpi"]
        month = np.asarray(figures["period"], object)[outcome.rows]
        return pd.DataFrame(
            {
                "row": outcome.rows,
                "unit": positions(logs["org_unit"]["org_id"], figures["org_id"])[outcome.rows],
                "month": month,
                "year": [label[:4] for label in month.tolist()],
                "missed": outcome.breach,
                "met": outcome.verdict == Verdict.COMPLIANT,
            }
        )

    return logs.memo("months judged by GR305", look_up)  # type: ignore[no-any-return]


def _years(logs: Logs, **columns: tuple[str, str]) -> pd.DataFrame:
    """The judged months added up by unit and year, for supply units in force at the end of a year that is over."""
    months = _judged_months(logs)
    years = months[months["unit"] >= 0].groupby(["unit", "year"], as_index=False).agg(**columns)
    org_units = logs["org_unit"]
    unit = years["unit"].to_numpy(np.int64)
    end = month_end(logs, text_array([f"{label}-12" for label in years["year"].tolist()]))
    start, until = take(org_units["valid_from"], unit), take(org_units["valid_to"], unit)
    in_force = ((start <= end) | (start >= NEVER)) & (end < until)
    return years.assign(end=end)[np.asarray(take(org_units["kind"], unit) == "supply_unit") & in_force & (end < logs.as_of)]


@FACTS.table("missed_year", "org_id", "months_missed", "year_end_at", "circular_due_at", "subsidiary_id")
def missed_year(logs: Logs) -> dict[str, Any]:
    """Supply unit × year in which it missed a target, and the subsidiary that had to circulate it (4.4)."""
    years = _years(logs, missed=("missed", "sum"))
    years = years[years["missed"] > 0]
    unit = years["unit"].to_numpy(np.int64)
    ids, year = logs["org_unit"]["org_id"], years["year"].tolist()
    due = due_after_month(logs, text_array([f"{label}-12" for label in year]), "circular_limit")
    org_id = take(ids, unit)
    return {
        "case_id": joined(text_array(["circular"] * len(unit)), org_id, text_array(year)),
        "org_id": org_id,
        "unit": unit,
        "year": np.array(year, np.int64),
        "months_missed": years["missed"].to_numpy(np.int64),
        "year_end_at": years["end"].to_numpy(np.int64),
        "circular_due_at": due,
        "subsidiary_id": take(ids, nearest_in_force(logs, unit, "subsidiary", due)),
    }


@FACTS.row("missed_year", of="duty_record")
def circular(frame: Frame) -> Any:
    """The earliest circular of the subsidiary that names the unit, for the year or a part of it (4.4)."""
    records = frame.logs["duty_record"]
    rows = np.flatnonzero(np.asarray(records["duty"] == "circular"))
    issued = pd.DataFrame(
        {
            "by": np.asarray(records["org_id"], object)[rows],
            "unit": np.asarray(records["subject_id"], object)[rows],
            "year": year_of_label(records["period"])[rows],
            "at": records["done_at"][rows],
            "row": rows,
        }
    )
    issued = issued.dropna().sort_values("at", kind="stable").drop_duplicates(["by", "unit", "year"])
    owed = pd.DataFrame(
        {"by": np.asarray(frame["subsidiary_id"], object), "unit": np.asarray(frame["org_id"], object), "year": frame["year"]}
    )
    return owed.merge(issued, on=["by", "unit", "year"], how="left")["row"].fillna(-1).to_numpy(np.int64)


@FACTS.fact("missed_year")
def circulated_at(frame: Frame) -> Any:
    """When the unit's missed targets were circulated (4.4)."""
    return take(frame.logs["duty_record"]["done_at"], frame["circular"])


@FACTS.row("missed_year", of="service_kpi")
def figures_missed(frame: Frame) -> Any:
    """The months that missed a target."""
    months = _judged_months(frame.logs)
    return _rows_of_years(frame, months[months["missed"]])


@FACTS.table("unit_year", "org_id", "year_end_at", "all_targets_met")
def unit_year(logs: Logs) -> dict[str, Any]:
    """Supply unit × year of which every month has a row with a target (2.4.10)."""
    years = _years(logs, months=("month", "nunique"), all_met=("met", "all"))
    years = years[years["months"] == 12]
    unit = years["unit"].to_numpy(np.int64)
    org_id = take(logs["org_unit"]["org_id"], unit)
    return {
        "case_id": joined(org_id, text_array(years["year"].tolist())),
        "org_id": org_id,
        "unit": unit,
        "year": years["year"].to_numpy(np.int64),
        "year_end_at": years["end"].to_numpy(np.int64),
        "all_targets_met": years["all_met"].to_numpy(bool),
    }


@FACTS.row("unit_year", of="service_kpi")
def figures_of_year(frame: Frame) -> Any:
    """The year's months."""
    return _rows_of_years(frame, _judged_months(frame.logs))


def _rows_of_years(frame: Frame, months: pd.DataFrame) -> Any:
    cases = pd.DataFrame({"unit": frame["unit"], "year": frame["year"], "case": np.arange(frame.size)})
    found = cases.merge(months.assign(year=months["year"].astype(np.int64)), on=["unit", "year"])
    return found["case"].to_numpy(np.int64), found["row"].to_numpy(np.int64)
