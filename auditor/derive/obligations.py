"""The obligation register: every obliged unit × every period of a duty, held against the records that prove it.

Catalogue, "Duties that repeat": a unit is obliged when it is in force from the later of the period's start and its end − duty_tenure
through its end, so that a unit founded last week is not accused, and one that never filed anything is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from auditor.calendar.local_time import end_of_day, start_of_day
from auditor.derive.coded_text import text_array
from auditor.derive.logs import Frame, Logs
from auditor.derive.verbs import take
from auditor.instants import NEVER, day_number
from auditor.masks import Mask
from auditor.parameters import SECONDS
from auditor.periods import enumerate_periods
from auditor.vocabulary.limits import AfterPeriod, FollowingMonth, FromPeriodStart, WithinPeriod
from auditor.vocabulary.rules import Cycle, Duty

TENURE = "duty_tenure"
"""The parameter that says how long a unit must have been in force at a period's end to be obliged."""

PROOF = "proof"
"""The column of the duty record that first fulfilled an obligation (-1: none)."""

_REACH_DAYS = 800
"""How far before the audited period a duty's own period may end so that it still falls due in it."""


@dataclass(frozen=True)
class DutyPeriods:
    """The periods of a duty around the audited period: labels, first and last second, clock's start and due (instants).

    A clock that starts at a period's end has begun once the period is over, that is when as-of is later than its last second (`begins`).
    """

    labels: list[str]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    clocks: npt.NDArray[np.int64]
    begins: npt.NDArray[np.int64]
    dues: npt.NDArray[np.int64]

    def keep(self, mask: Mask) -> DutyPeriods:
        labels = [label for label, kept in zip(self.labels, mask.tolist(), strict=True) if kept]
        return DutyPeriods(labels, self.starts[mask], self.ends[mask], self.clocks[mask], self.begins[mask], self.dues[mask])


def duty_periods(rule: Duty, logs: Logs) -> DutyPeriods:
    """The periods of the duty whose due lies in the audited period."""
    first = logs.period.first - timedelta(days=_REACH_DAYS)
    if isinstance(rule.every, Cycle):
        start, length = (int(logs.parameter(name, logs.period.end_at)) for name in (rule.every.start, rule.every.years))
        years = [y for y in range(first.year, logs.period.last.year + 2) if y >= start + length - 1 and (y - start + 1) % length == 0]
        spans = [(str(y), date(y - length + 1, 1, 1), date(y, 12, 31)) for y in years]
    else:
        spans = enumerate_periods(rule.every.value, first, logs.period.last + timedelta(days=1))
    if rule.only is not None:
        spans = [span for span in spans if span[0].endswith(rule.only)]
    first_days = np.array([day_number(a) for _, a, _ in spans], np.int64)
    last_days = np.array([day_number(b) for _, _, b in spans], np.int64)
    starts, ends = start_of_day(first_days, logs.zone), end_of_day(last_days, logs.zone)
    match rule.due:
        case AfterPeriod(limit=name):
            clocks, dues = ends, end_of_day(last_days + logs.parameter(name, ends) // SECONDS["d"], logs.zone)
        case FollowingMonth(day=name):
            clocks, dues = ends, end_of_day(last_days + logs.parameter(name, ends), logs.zone)
        case FromPeriodStart(days=name):
            clocks, dues = starts, end_of_day(first_days + logs.parameter(name, starts) // SECONDS["d"] - 1, logs.zone)
        case WithinPeriod():
            clocks, dues = starts, ends
    begins = np.where(clocks == ends, ends + 1, clocks)
    return DutyPeriods([label for label, _, _ in spans], starts, ends, clocks, begins, dues).keep(
        (dues >= logs.period.start_at) & (dues <= logs.period.end_at)
    )


def obligations(rule: Duty, logs: Logs) -> Frame:
    """The cases of a duty, as a frame of its own: unit, subject, period, clock, due and done."""
    name = f"obligation:{rule.code}"
    periods = duty_periods(rule, logs)
    unit_rows, period_rows = _obliged(rule, logs, rule.obliged.kinds, periods)
    org_ids = np.asarray(logs["org_unit"]["org_id"], object)
    columns: dict[str, Any] = {}
    if rule.about is not None:
        about_rows, about_periods = _obliged(rule, logs, rule.about.kinds, periods)
        pairs = pd.merge(
            pd.DataFrame({"unit": unit_rows, "period": period_rows}),
            pd.DataFrame({"subject": about_rows, "period": about_periods}),
            on="period",
        )
        unit_rows, period_rows = pairs["unit"].to_numpy(), pairs["period"].to_numpy()
        columns["subject_id"] = text_array(org_ids[pairs["subject"].to_numpy()].tolist())
    labels = np.array(periods.labels, object)[period_rows] if len(period_rows) else np.array([], object)
    columns |= {
        "org_id": text_array(org_ids[unit_rows].tolist()),
        "period": text_array(labels.tolist()),
        "period_start": periods.starts[period_rows],
        "period_end": periods.ends[period_rows],
        "clock_at": periods.clocks[period_rows],
        "begins_at": periods.begins[period_rows],
        "due_at": periods.dues[period_rows],
    }
    frame = logs.add(Frame(name, logs, len(period_rows), columns=columns))
    _prove(rule, logs, frame)
    frame.set("case_id", _case_ids(rule, frame))
    if rule.falls is None:
        return frame
    falls = logs.facts.functions[rule.falls](frame)
    rows = np.flatnonzero(falls)
    kept = {key: column[rows] for key, column in frame.own.items() if not isinstance(column, tuple)}
    return logs.add(Frame(name, logs, len(rows), columns=kept))


def _obliged(rule: Duty, logs: Logs, kinds: tuple[str, ...], periods: DutyPeriods) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The pairs of a unit of these kinds and a period in which it is obliged, as rows of both."""
    org_units = logs["org_unit"]
    of_kind = np.flatnonzero(np.asarray(org_units["kind"].isin(list(kinds))))
    start, end = org_units["valid_from"][of_kind], org_units["valid_to"][of_kind]
    start = np.where(start >= NEVER, -NEVER, start)
    if rule.in_force_at_due:
        since = through = periods.dues
    else:
        tenure = logs.parameter(TENURE, periods.clocks)
        since, through = np.maximum(periods.starts, periods.ends - tenure), periods.ends
    obliged = (start[:, None] <= since[None, :]) & (end[:, None] > through[None, :])
    rows, period_rows = np.nonzero(obliged)
    return of_kind[rows], period_rows


def _prove(rule: Duty, logs: Logs, frame: Frame) -> None:
    """When each obligation was first fulfilled (NEVER where nothing proves it), and by which duty record, where such prove it."""
    if rule.proofs is not None:
        frame.set("done_at", np.asarray(logs.facts.functions[rule.proofs](frame)))
        return
    cases, rows = duty_matches(logs, frame, rule.duties, within=isinstance(rule.due, WithinPeriod))
    done = logs["duty_record"]["done_at"]
    # Rows of a record are sorted by key, so the first in a stable order of time is the earliest, of equal ones that of the lower key.
    order = np.argsort(done[rows], kind="stable")[::-1]
    proof = np.full(frame.size, -1, np.int64)
    proof[cases[order]] = rows[order]
    frame.set(PROOF, proof)
    frame.set("done_at", take(done, proof))


def duty_done(
    logs: Logs, frame: Frame, duties: tuple[str, ...], *, within: bool, about: bool | None = None, among: Mask | None = None
) -> npt.NDArray[np.int64]:
    """The earliest done_at of the duty records of each obligation (see `duty_matches`); NEVER where there is none."""
    cases, rows = duty_matches(logs, frame, duties, within=within, about=about, among=among)
    result = np.full(frame.size, NEVER, np.int64)
    np.minimum.at(result, cases, logs["duty_record"]["done_at"][rows])
    return result


def duty_matches(
    logs: Logs, frame: Frame, duties: tuple[str, ...], *, within: bool, about: bool | None = None, among: Mask | None = None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The duty records of each obligation, as pairs of rows: by period label, or (`within`) by a done_at inside the period.

    `about`: the record must name the obligation's subject (default: where the frame has one). `among`: the duty records that count.
    """
    records = logs["duty_record"]
    mask = np.asarray(records["duty"].isin(list(duties)))
    rows = np.flatnonzero(mask if among is None else mask & among)
    keys = ["org_id"] if within else ["org_id", "period"]
    if about if about is not None else "subject_id" in frame:
        keys.append("subject_id")
    proofs = pd.DataFrame({key: np.asarray(records[key], object)[rows] for key in keys} | {"row": rows})
    owed = pd.DataFrame({key: np.asarray(frame[key], object) for key in keys} | {"case": np.arange(frame.size)})
    pairs = owed.merge(proofs.dropna(), on=keys)
    cases, found = pairs["case"].to_numpy(np.int64), pairs["row"].to_numpy(np.int64)
    if within:
        done = records["done_at"][found]
        inside = (done >= frame["period_start"][cases]) & (done <= frame["period_end"][cases])
        cases, found = cases[inside], found[inside]
    return cases, found


def period_matches(frame: Frame, org_ids: Any, periods: Any, among: Mask) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The rows of any record that bear an obligation's unit and period label, as pairs of rows.

    `org_ids` and `periods` are columns of the record, `among` the rows of it that count.
    """
    rows = np.flatnonzero(among)
    given = pd.DataFrame({"org": np.asarray(org_ids, object)[rows], "period": np.asarray(periods, object)[rows], "row": rows})
    owed = pd.DataFrame(
        {"org": np.asarray(frame["org_id"], object), "period": np.asarray(frame["period"], object), "case": np.arange(frame.size)}
    )
    pairs = owed.merge(given.dropna(), on=["org", "period"])
    return pairs["case"].to_numpy(np.int64), pairs["row"].to_numpy(np.int64)


def _case_ids(rule: Duty, frame: Frame) -> Any:
    parts = [np.asarray(frame[name], object) for name in (("org_id", "subject_id", "period") if rule.about else ("org_id", "period"))]
    return text_array([":".join((rule.duties[0], *row)) for row in zip(*parts, strict=True)])
