"""A loaded ruleset."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from auditor.contract import Record
from auditor.derive.factbook import FactBook
from auditor.derive.questions import Asked, ask
from auditor.errors import UsageError
from auditor.rulebook.wording import Wording
from auditor.vocabulary.limits import After, AfterPeriod, Before, By, FollowingMonth, FromPeriodStart, Given
from auditor.vocabulary.regulation import Regulation
from auditor.vocabulary.rules import Cycle, Deadline, Duty, Merit, Rule


class RulesetError(UsageError):
    """A mistake in a ruleset; the text names file and line."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the regulation, in its order."""

    number: str
    coverage: str
    """by_rule, by_hand or no_duty."""
    line: int


@dataclass(frozen=True)
class Ruleset:
    """A regulation as code: its rules, facts, clauses, parameters and words."""

    name: str
    folder: Path
    regulation: Regulation
    rules: Mapping[str, Rule]
    facts: FactBook
    contract: Mapping[str, Record]
    clauses: tuple[Clause, ...]
    wording: Wording
    tables: Mapping[str, Any] = field(default_factory=dict)
    """Dated tables beside the parameters (a `NAME.toml` that the regulation lists), by name."""

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the ruleset's files, so that a run says by which rules it judged; sheets judge nothing."""
        digest = hashlib.sha256()
        files = {p.relative_to(self.folder).as_posix(): p for p in self.folder.rglob("*") if p.suffix in (".py", ".toml")}
        for name, path in sorted(files.items()):
            if not name.startswith("sheets/"):
                digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    @cached_property
    def asked(self) -> dict[str, Asked]:
        """The questions of each rule."""
        return {code: ask(rule) for code, rule in self.rules.items()}

    @cached_property
    def ordered(self) -> tuple[Rule, ...]:
        """The rules, each after those whose outcome it reasons on."""
        done: dict[str, Rule] = {}

        def visit(rule: Rule, path: tuple[str, ...]) -> None:
            if rule.code in path:
                raise RulesetError(
                    f"{place(rule)}: {' → '.join((*path, rule.code))}: rules that reason on each other's outcome in a circle"
                )
            for code in rule.reasons_on:
                if code not in done:
                    visit(self.rules[code], (*path, rule.code))
            done[rule.code] = rule

        for rule in self.rules.values():
            if rule.code not in done:
                visit(rule, ())
        return tuple(done.values())

    @cached_property
    def looked_at(self) -> frozenset[str]:
        """The rules whose outcome another rule reasons on, whatever its period. A merit of a whole period asks of the cases of that period
        alone, so it makes nothing more be judged."""
        asking = [rule for rule in self.rules.values() if not (isinstance(rule, Merit) and rule.at is None)]
        return frozenset(code for rule in asking for code in rule.reasons_on)

    def closure(self, code: str) -> frozenset[str]:
        """The rule, and those that it reasons on, directly or through others."""
        found = {code}
        for other in self.rules[code].reasons_on:
            found |= self.closure(other)
        return frozenset(found)

    @cached_property
    def _cited(self) -> dict[str, tuple[str, ...]]:
        numbers = [c.number for c in self.clauses]
        return {code: _clauses_cited(rule.clause, numbers) for code, rule in self.rules.items()}

    def clauses_of(self, rule: Rule) -> tuple[str, ...]:
        """The clauses that a rule cites, ranges written out: `10.(3) to 10.(6)`, `21.(1)-(3)`."""
        return self._cited[rule.code]

    def rules_of(self, clause: str) -> tuple[str, ...]:
        """The codes of the rules that cite a clause; where only the larger clause it is part of is cited, those that cite that."""
        exact = tuple(code for code, cited in self._cited.items() if clause in cited)
        if exact or not any(c.number == clause and c.coverage == "by_rule" for c in self.clauses):
            return exact
        above = [c.number for c in self.clauses if clause.startswith(c.number + ".")]
        return self.rules_of(max(above, key=len)) if above else ()

    def parameters_of(self, rule: Rule) -> tuple[str, ...]:
        """The parameters that a rule's verdict depends on."""
        names: list[str] = []
        if isinstance(rule, Deadline):
            match rule.due:
                case After(limit=By(parameters=chosen)):
                    names.extend(chosen.values())
                case After(limit=str(name)) | Before(limit=str(name)):
                    names.append(name)
                case Given(parameters=given):
                    names.extend(given)
        if isinstance(rule, Duty):
            match rule.due:
                case AfterPeriod(limit=name) | FollowingMonth(day=name) | FromPeriodStart(days=name):
                    names.append(name)
            if not rule.in_force_at_due:
                names.append("duty_tenure")
            if isinstance(rule.every, Cycle):
                names += [rule.every.start, rule.every.years]
        names.extend(rule.parameters)
        return tuple(dict.fromkeys(names))


def _clauses_cited(text: str, numbers: list[str]) -> tuple[str, ...]:
    cited: list[str] = []
    for part in text.split(", "):
        first, _, last = part.partition(" to ")
        if not last and "-" in part:
            first, _, tail = part.partition("-")
            last = first[: first.rindex(tail[0])] + tail if tail and tail[0] in first else ""
        if last and first in numbers and last in numbers:
            # A range speaks of clauses of its own rank, not of what stands below each of them.
            within = numbers[numbers.index(first) : numbers.index(last) + 1]
            cited.extend(number for number in within if _rank(number) == _rank(first))
        else:
            cited.append(part)
    return tuple(cited)


def _rank(number: str) -> int:
    return len(re.findall(r"\w+", number))


def place(rule: Rule) -> str:
    """`chapter_2_1.py, line 12, PW101`."""
    file, line = rule.written_at
    return f"{file}, line {line}, {rule.code}"
