"""The dated numbers of a ruleset: each with a unit, the date from which it is in force, and its basis.

A site overrides values from a date on; before that date the ruleset's own apply.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from auditor.errors import UsageError
from auditor.toml_source import TomlSource, read_toml

SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
"""Units that run on the clock, in seconds."""

WHOLE_UNITS = (*SECONDS, "working_day", "count", "month", "year", "day_of_month")
DECIMAL_UNITS = ("ratio", "yuan", "score")
UNITS = (*WHOLE_UNITS, *DECIMAL_UNITS, "time_of_day", "text")

Value = int | Decimal | str


class ParameterError(UsageError):
    """A parameter that cannot be used; the text names file and line."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A value and the first day on which it is in force."""

    in_force_from: date
    value: Value
    site: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named value over time. `basis` is "clause" (the regulation states it) or "site" (our default, or the site's own)."""

    name: str
    unit: str
    basis: str
    clause: str
    values: tuple[Dated, ...]

    @property
    def overridden(self) -> bool:
        return any(v.site for v in self.values)


class Parameters:
    """The parameters of one ruleset at one site. The earliest value reaches back for ever."""

    def __init__(self, parameters: Mapping[str, Parameter], zone: ZoneInfo) -> None:
        self._parameters = dict(parameters)
        self._starts = {
            name: np.array([_midnight(v.in_force_from, zone) for v in p.values], np.int64) for name, p in self._parameters.items()
        }

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._parameters.values())

    def __contains__(self, name: object) -> bool:
        return name in self._parameters

    def __getitem__(self, name: str) -> Parameter:
        return self._parameters[name]

    def positions(self, name: str, instants: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Which of the parameter's dated values is in force at each instant."""
        return np.maximum(np.searchsorted(self._starts[name], instants, side="right") - 1, 0)

    def at(self, name: str, instants: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """The value in force at each instant: int64 (durations in seconds), or objects for decimals and texts."""
        parameter = self._parameters[name]
        if parameter.unit in WHOLE_UNITS:
            table = np.array([int(v.value) * SECONDS.get(parameter.unit, 1) for v in parameter.values], np.int64)
        else:
            table = np.array([v.value for v in parameter.values], object)
        if len(table) == 1:
            return np.broadcast_to(table[0], (len(instants),))  # read-only, in the memory of one
        return table[self.positions(name, instants)]

    def one(self, name: str, instant: int) -> Any:
        """The value in force at one instant, durations in seconds."""
        return self.at(name, np.array([instant], np.int64))[0]

    def entry(self, name: str, instant: int) -> Dated:
        """The dated value in force at one instant, as it is written."""
        parameter = self._parameters[name]
        return parameter.values[int(self.positions(name, np.array([instant], np.int64))[0])]


def load_parameters(
    path: Path, overrides: Mapping[str, Any] | None, place: TomlSource | None, zone: ZoneInfo, prefix: Sequence[str] = ()
) -> Parameters:
    """The parameters of a ruleset's `parameters.toml`, with a site's `overrides` (name → {unit, values}) on top.

    `place` and `prefix` tell where the overrides stand, for error messages. Raises ParameterError for a wrong unit or value, an overlap
    or a gap.
    """
    source = read_toml(path)
    parameters = {name: _parameter(source, name, table) for name, table in source.data.items()}
    for name, table in (overrides or {}).items():
        where = place.place(*prefix, name) if place else f"override of {name}"
        if name not in parameters:
            raise ParameterError(f"{where}: the ruleset has no parameter {name!r}; it has {', '.join(sorted(parameters))}")
        parameters[name] = _overridden(parameters[name], table, where)
    return Parameters(parameters, zone)


def _parameter(source: TomlSource, name: str, table: Any) -> Parameter:
    where = source.place(name)
    if not isinstance(table, dict):
        raise ParameterError(f"{where}: a parameter is a table with unit, basis and values")
    _check_keys(table, ("unit", "basis", "clause", "values"), where)
    unit, basis = table.get("unit"), table.get("basis")
    if unit not in UNITS:
        raise ParameterError(f"{where}: {unit!r} is no unit; use one of {', '.join(UNITS)}")
    if basis not in ("clause", "site"):
        raise ParameterError(f"{where}: the basis is clause (the regulation states the value) or site, not {basis!r}")
    values = _dated(table.get("values"), unit, where, site=False)
    return Parameter(name, unit, basis, str(table.get("clause", "")), values)


def _overridden(parameter: Parameter, table: Any, where: str) -> Parameter:
    if not isinstance(table, dict):
        table = {"values": table}
    _check_keys(table, ("unit", "values"), where)
    unit = table.get("unit", parameter.unit)
    if unit != parameter.unit:
        raise ParameterError(f"{where}: the unit of {parameter.name} is {parameter.unit}, not {unit}; give the value in {parameter.unit}")
    own = _dated(table.get("values"), parameter.unit, where, site=True)
    kept = tuple(v for v in parameter.values if v.in_force_from < own[0].in_force_from)
    return Parameter(parameter.name, parameter.unit, parameter.basis, parameter.clause, (*kept, *own))


def _dated(entries: Any, unit: str, where: str, *, site: bool) -> tuple[Dated, ...]:
    if not isinstance(entries, list) or not entries:
        raise ParameterError(f"{where}: values lists at least one {{ from = 2026-01-01, value = ... }}")
    values: list[Dated] = []
    until: date | None = None
    for number, entry in enumerate(entries, 1):
        if (
            not isinstance(entry, dict)
            or "value" not in entry
            or not isinstance(entry.get("from"), date)
            or isinstance(entry["from"], datetime)
        ):
            raise ParameterError(f"{where}: value {number} needs `from`, a date, and `value`")
        _check_keys(entry, ("from", "until", "value"), f"{where}, value {number}")
        start: date = entry["from"]
        if values and start <= values[-1].in_force_from or until is not None and start <= until:
            raise ParameterError(
                f"{where}: value {number}, from {start}, overlaps the one before it; write the values in order of their dates"
            )
        if until is not None and (start - until).days != 1:
            raise ParameterError(f"{where}: there is a gap between {until} and {start} in which no value is in force")
        until = entry.get("until")
        if until is not None and (not isinstance(until, date) or until < start):
            raise ParameterError(f"{where}: `until` of value {number} is no date at or after its `from`")
        values.append(Dated(start, _value(entry["value"], unit, f"{where}, value {number}"), site))
    if until is not None:
        raise ParameterError(f"{where}: the last value ends on {until}, and no value is in force after it")
    return tuple(values)


def _check_keys(table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    unknown = [key for key in table if key not in known]
    if unknown:
        raise ParameterError(f"{where}: {unknown[0]!r} is not understood here; there are {', '.join(known)}")


def _value(value: Any, unit: str, where: str) -> Value:
    if unit in WHOLE_UNITS:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ParameterError(f"{where}: {value!r} is no whole number of {unit}")
        return value
    if unit in DECIMAL_UNITS:
        try:
            number = Decimal(str(value)) if not isinstance(value, bool) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            raise ParameterError(f"{where}: {value!r} is no decimal number of {unit}")
        return number
    if not isinstance(value, str) or not value.strip():
        raise ParameterError(f"{where}: {value!r} is no {unit}; write it as text")
    return value


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
