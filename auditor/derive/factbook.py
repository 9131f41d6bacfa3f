"""Where a ruleset's `facts.py` registers what it derives: facts of a frame, row facts, tables of cases, proofs of duties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.contract import Record


@dataclass(frozen=True, slots=True)
class Fact:
    """A derived column of a frame. `row_of`: it holds rows of that record (evidence), -1 for none."""

    name: str
    frame: str
    function: Callable[[Any], Any]
    row_of: str | None = None

    @property
    def place(self) -> tuple[str, int]:
        return self.function.__code__.co_filename, self.function.__code__.co_firstlineno


@dataclass(frozen=True, slots=True)
class CaseTable:
    """A table of cases that is no canonical record: columns by name, `case_id` among them."""

    name: str
    columns: tuple[str, ...]
    function: Callable[[Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Statement:
    """Rows that the report prints as a table for each unit, whatever their verdicts: the account that a rule checks.

    `holder` is the column that names the unit, `columns` what is printed (`money` with two decimals at least), `totals` those that are
    added up; `function(logs)` gives the rows of `frame`.
    """

    name: str
    rule: str
    frame: str
    holder: str
    columns: tuple[str, ...]
    money: tuple[str, ...]
    totals: tuple[str, ...]
    function: Callable[[Any], Any]


@dataclass
class FactBook:
    """The facts of one ruleset, by frame and name."""

    facts: dict[tuple[str, str], Fact] = field(default_factory=dict)
    tables: dict[str, CaseTable] = field(default_factory=dict)
    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)
    statements: dict[str, Statement] = field(default_factory=dict)
    checks: dict[str, Callable[[Any, Mapping[str, Record]], str | None]] = field(default_factory=dict)

    def fact(self, *frames: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
        """Registers `function(frame) -> column` as the fact of that name of the frames."""

        def register(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
            for frame in frames:
                self._add(Fact(function.__name__, frame, function))
            return function

        return register

    def row(self, *frames: str, of: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
        """Registers `function(frame)`, which gives rows of the record `of`: one a case (-1 for none), or (cases, rows) where there may be
        several."""

        def register(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
            for frame in frames:
                self._add(Fact(function.__name__, frame, function, of))
            return function

        return register

    def table(self, name: str, *columns: str) -> Callable[[Callable[[Any], dict[str, Any]]], Callable[[Any], dict[str, Any]]]:
        """Registers `function(logs) -> {column: array}` as the table of cases `name`, with these columns; `case_id` is added to them."""

        def register(function: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
            if name in self.tables:
                raise ValueError(f"the table of cases {name!r} is registered twice")
            self.tables[name] = CaseTable(name, ("case_id", *columns), function)
            return function

        return register

    def function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Registers a function that rules name (`proofs` and `falls` of a Duty)."""
        if function.__name__ in self.functions:
            raise ValueError(f"the function {function.__name__!r} is registered twice")
        self.functions[function.__name__] = function
        return function

    def statement(
        self, rule: str, frame: str, holder: str, columns: tuple[str, ...], *, money: tuple[str, ...] = (), totals: tuple[str, ...] = ()
    ) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
        """Registers `function(logs) -> rows of the frame` as a statement that the report prints."""

        def register(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
            name = function.__name__
            if name in self.statements:
                raise ValueError(f"the statement {name!r} is registered twice")
            self.statements[name] = Statement(name, rule, frame, holder, columns, money, totals, function)
            return function

        return register

    def check(self, table: str) -> Callable[[Callable[..., str | None]], Callable[..., str | None]]:
        """Registers `function(values, contract) -> what is wrong with them, or None` for the ruleset's table `table`, which a site may add
        rows to."""

        def register(function: Callable[..., str | None]) -> Callable[..., str | None]:
            self.checks[table] = function
            return function

        return register

    def _add(self, fact: Fact) -> None:
        key = (fact.frame, fact.name)
        if key in self.facts:
            raise ValueError(f"the fact {fact.name!r} of {fact.frame} is registered twice")
        self.facts[key] = fact
