"""Due instants: a limit value over the rows of a frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from auditor.calendar.local_time import end_of_day, start_of_day
from auditor.derive.logs import Logs, View, same
from auditor.derive.verbs import add
from auditor.instants import NEVER
from auditor.masks import Mask
from auditor.parameters import SECONDS
from auditor.vocabulary.limits import After, Before, By, Given, Limit


@dataclass(frozen=True, slots=True)
class Due:
    """The clock's start, the due instant, the calendar year that was missing (0: none), and where no parameter fits."""

    clock: npt.NDArray[np.int64]
    due: npt.NDArray[np.int64]
    year_unknown: npt.NDArray[np.int64]
    limit_known: Mask


def due_of(limit: Limit, view: View, logs: Logs) -> Due:
    """When each row of the view falls due."""
    none = same(0, view.size)
    every = np.ones(view.size, bool)
    match limit:
        case Before(event=event, limit=name):
            clock = view[event]
            return Due(clock, clock if name is None else add(clock, -logs.parameter(name, clock)), none, every)
        case Given(due=given, start=start, year_unknown=year_fact):
            clock = view[start] if start is not None else same(logs.as_of, view.size)
            return Due(clock, view[given], none if year_fact is None else view[year_fact], every)
        case After(start=start, limit=name, from_day_end=from_day_end):
            clock = view[start]
            if from_day_end and isinstance(name, str):
                # A date exists from its first second, though the limit is counted from its last.
                return Due(start_of_day(clock, logs.zone), *elapse(logs, name, end_of_day(clock, logs.zone)), every)
            if not isinstance(name, By):
                return Due(clock, *elapse(logs, name, clock), every)
            due, year, known = np.full(view.size, NEVER, np.int64), np.zeros(view.size, np.int64), ~every
            for code, parameter in name.parameters.items():
                chosen = np.asarray(view[name.field] == code)
                due[chosen], year[chosen] = elapse(logs, parameter, clock[chosen])
                known |= chosen
            return Due(clock, due, year, known)


def elapse(logs: Logs, parameter: str, clock: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """When a limit that starts at `clock` falls due, and the calendar year that was missing for it (0: none)."""
    unit = logs.parameters[parameter].unit
    amount = logs.parameter(parameter, clock)
    if unit in SECONDS:
        return add(clock, amount), same(0, len(clock))
    if unit == "working_day":
        return logs.calendar.due_after(clock, amount, logs.zone)
    raise ValueError(f"the parameter {parameter} is in {unit}, which measures no time limit")
