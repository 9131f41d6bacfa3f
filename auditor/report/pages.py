"""The values that the report's pages are printed from: one per chapter, with the small sums that the templates ask for."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from auditor.report.causes import Pattern
from auditor.report.reading import JUDGED, VERDICTS, FinishedRun
from auditor.report.tallies import GroupTally, RuleTally, Tallies, finding_number

SHOWN_GROUPS = 10
"""Liable units listed under one rule."""
SHOWN_UNITS = 60
"""Units that get a section of their own."""
SHOWN_UNIT_FINDINGS = 8
SHOWN_SHEET_LINES = 5
SHOWN_BARS = 8
SHOWN_MULTIPLES = 6
SHOWN_PERSONS = 5
SHOWN_NULLS = 15
SHOWN_RULES = 12
SHOWN_REPLIES = 14
SHOWN_NUMBERS = 90
SHOWN_HOLDERS = 20
"""Units whose lines of a statement are printed; the rest stands in the spreadsheet."""


@dataclass(frozen=True)
class Bar:
    label: str
    anchor: str | None
    breach: int
    judged: int


@dataclass(frozen=True)
class RuleSection:
    """One kind of finding: the breaches of a rule, with who is liable, the worst cases, and what the facts show of the cause."""

    tally: RuleTally
    about: Mapping[str, Any]
    counts: Mapping[str, int]
    groups: Sequence[GroupTally]
    group_judged: Mapping[tuple[bool, str | None], int]
    weight: int
    patterns: Sequence[Pattern]
    anchor: str

    @property
    def severity(self) -> str:
        return str(self.about.get("severity", "minor"))

    @property
    def judged(self) -> int:
        return sum(self.counts[v] for v in JUDGED)

    @property
    def median_overdue(self) -> int:
        """The (lower) median of the overdue times, in seconds."""
        ordered = sorted(self.tally.overdue)
        return ordered[(len(ordered) - 1) // 2] if ordered else 0

    @property
    def rest_judged(self) -> int:
        """Judged cases of the units without a breach and of those that name no unit."""
        return self.judged - sum(self.group_judged.values())

    @property
    def named(self) -> int:
        """Liable units and contractors, those cases aside that name nobody."""
        return sum(g.liable is not None for g in self.groups)

    @property
    def nobody(self) -> int:
        return sum(g.breaches for g in self.groups if g.liable is None)

    @property
    def owners(self) -> list[GroupTally]:
        return [g for g in self.groups if g.liable is not None]

    def number(self, group: GroupTally) -> str:
        return finding_number(self.tally.rule, self.tally.clause, group.liable)


@dataclass(frozen=True)
class UnitSection:
    """One liable unit with a breach: its findings, sheet, persons and good practice."""

    line: Mapping[str, Any]
    anchor: str
    findings: Sequence[tuple[RuleSection, GroupTally, int]]
    sheet: Sequence[Mapping[str, Any]]
    sheet_more: int
    sheet_more_deducted: int
    good: Sequence[tuple[str, int]]
    merits: int
    persons: Sequence[tuple[str, int, int]]
    """Person, breaches, sheet."""

    @property
    def kept_judged(self) -> int:
        """Judged cases under the rules that the unit kept without a breach."""
        return int(self.line["judged"]) - sum(judged for _, _, judged in self.findings)

    def left_breaches(self, shown: int) -> int:
        """Breaches of the findings behind the first `shown`."""
        return sum(group.breaches for _, group, _ in self.findings[shown:])


@dataclass(frozen=True)
class RulesetPart:
    """The chapters of one regulation."""

    ruleset: str
    regulation: Mapping[str, Any]
    totals: Mapping[str, int]
    severities: Mapping[str, int]
    score: float | None
    grade: str | None
    units: Sequence[Mapping[str, Any]]
    unit_sections: Sequence[UnitSection]
    sections: Sequence[RuleSection]
    rules: Sequence[tuple[str, Mapping[str, Any], Mapping[str, int]]]
    not_auditable: Sequence[tuple[str, Mapping[str, Any], str]]
    indeterminate: Sequence[tuple[str, str, int]]
    others: Mapping[str, Sequence[Mapping[str, Any]]]
    nobody: int
    parties: int
    multiples: Sequence[tuple[RuleSection, Sequence[tuple[str, int, int]]]]

    @property
    def judged(self) -> int:
        return sum(self.totals[v] for v in JUDGED)

    @property
    def population(self) -> int:
        return sum(self.totals[v] for v in VERDICTS)

    @property
    def kept_rules(self) -> int:
        """Rules with judged cases and no breach."""
        return sum(1 for _, _, counts in self.rules if judged_cases(counts) and not counts["breach"])

    @property
    def pairs(self) -> int:
        """Pairs of a unit and a rule in the small multiples that have a judged case."""
        return sum(1 for _, counts in self.multiples for _, _, judged in counts if judged)

    def below(self, limit: int) -> int:
        """Those of the pairs whose compliance rate is below the limit (per cent)."""
        return sum(1 for _, counts in self.multiples for _, kept, judged in counts if judged and 100 * kept < limit * judged)

    def clause_of(self, number: str) -> Mapping[str, Any] | None:
        """The regulation's entry of a clause; of several that are cited, the first."""
        clauses = {c["number"]: c for c in self.regulation.get("clauses") or ()}
        first = number.split(",")[0].split(" (")[0].strip()
        return clauses.get(number) or clauses.get(first)

    @property
    def refusals(self) -> list[tuple[str, str, int]]:
        """(record, reason, rows), most rows first."""
        data = (self.regulation.get("data") or {}).get("quarantined") or {}
        return sorted(
            ((record, reason, rows) for record, by in data.items() for reason, rows in by.items()), key=lambda r: (-r[2], r[0], r[1])
        )

    @property
    def nulls(self) -> list[tuple[str, int, int]]:
        """(record.field, blank rows, rows), the blankest first; fields that are never blank are left out."""
        rates = (self.regulation.get("data") or {}).get("null_rates") or {}
        listed = []
        for record, fields in rates.items():
            for name, exact in fields.items():
                blank, _, rows = str(exact).partition("/")
                if int(blank):
                    listed.append((f"{record}.{name}", int(blank), int(rows or 1)))
        return sorted(listed, key=lambda x: (-Fraction(x[1], max(x[2], 1)), x[0]))

    @property
    def missing(self) -> list[tuple[str, str]]:
        """(record.field, why) of the columns that the source lacks."""
        data = (self.regulation.get("data") or {}).get("missing") or {}
        return sorted((f"{record}.{name}", why) for record, fields in data.items() for name, why in fields.items())

    @property
    def suspects(self) -> list[Mapping[str, Any]]:
        """Rules with so many breaches that the mapping may be at fault."""
        return list(self.regulation.get("suspect") or ())

    def waivers(self, unit: str | None) -> list[Mapping[str, Any]]:
        """The waivers; in a report for one unit those for it or for every unit."""
        return [v for v in self.regulation.get("waivers") or () if unit is None or v.get("unit") in (None, unit)]


@dataclass(frozen=True)
class Change:
    """A ruleset's breaches in this run and the last."""

    ruleset: str
    before: int
    judged_before: int
    now: int
    judged_now: int
    new: int
    gone: int
    scores: Sequence[tuple[str, float | None, float | None, int, int]]
    """Unit name, score then and now, breaches then and now."""


@dataclass(frozen=True)
class Report:
    """Everything that the templates print."""

    run: FinishedRun
    tallies: Tallies
    parts: Sequence[RulesetPart]
    bars: Sequence[Bar]
    bars_left: int
    heavy: tuple[int, int, int]
    """The k worst of n bars hold m breaches: the fewest that hold half of what all bars show."""
    open_until: datetime | None
    previous: FinishedRun | None = None
    changes: Sequence[Change] = field(default_factory=tuple)

    def term(self, what: str) -> datetime:
        return self.run.as_of + timedelta(days=self.run.terms[what])

    @property
    def totals(self) -> dict[str, int]:
        return {v: sum(p.totals[v] for p in self.parts) for v in VERDICTS}

    @property
    def judged(self) -> int:
        return sum(p.judged for p in self.parts)

    @property
    def sections(self) -> list[RuleSection]:
        return [s for p in self.parts for s in p.sections]

    @property
    def worst_rule(self) -> RuleSection | None:
        """The rule with the most breaches."""
        return min(self.sections, key=lambda s: (-s.tally.breaches, s.tally.rule), default=None)

    @property
    def not_auditable(self) -> list[str]:
        return [code for p in self.parts for code, _, _ in p.not_auditable]

    @property
    def suspects(self) -> list[Mapping[str, Any]]:
        return [s for p in self.parts for s in p.suspects] if self.run.unit is None else []

    @property
    def incomparable(self) -> bool:
        """One of the runs keyed its pseudonyms for itself."""
        runs = [self.run, self.previous] if self.previous else []
        return any((r.manifest.get("masking") or {}).get("own_key") for r in runs)

    def old_score(self, ruleset: str, org_id: str) -> float | None:
        if self.previous is None or ruleset not in self.previous.rulesets:
            return None
        return next((u["score"] for u in self.previous.units(ruleset) if u["org_id"] == org_id), None)

    def finding(self, finding_id: str) -> Mapping[str, Any] | None:
        """A finding that a sheet's printed line names."""
        return self.tallies.wanted.get(finding_id)

    @property
    def rows_read(self) -> int:
        return sum(self._rows("rows_read"))

    @property
    def rows_admitted(self) -> int:
        return sum(self._rows("admitted"))

    def _rows(self, what: str) -> list[int]:
        return [n for p in self.parts for n in ((p.regulation.get("data") or {}).get(what) or {}).values()]

    @property
    def source_rows(self) -> list[tuple[str, str]]:
        """(source, "record ← table, …") of every source."""
        rows = []
        for part in self.parts:
            for name, source in (part.regulation.get("sources") or {}).items():
                tables = source.get("tables") if isinstance(source, dict) else None
                rows.append((name, ", ".join(f"{r} ← {t}" for r, t in tables.items()) if isinstance(tables, dict) else str(source)))
        return sorted(set(rows))

    @property
    def rule_count(self) -> int:
        return sum(len(p.rules) for p in self.parts)

    @property
    def example(self) -> Mapping[str, Any] | None:
        """The case that the method page names."""
        return self.sections[0].tally.cases[0] if self.sections else None

    @property
    def not_done(self) -> int:
        return sum(s.tally.not_done for s in self.sections)

    @property
    def by_hand(self) -> int:
        return sum(c["coverage"] == "by_hand" for p in self.parts for c in p.regulation.get("clauses") or ())

    @property
    def site_parameters(self) -> list[str]:
        names = [row["name"] for p in self.parts for row in p.regulation.get("parameters") or () if row["basis"] == "site"]
        return list(dict.fromkeys(names))

    @property
    def numbers(self) -> list[tuple[RulesetPart, RuleSection, GroupTally]]:
        """Every numbered finding, in the order of the findings."""
        return [(part, section, group) for part in self.parts for section in part.sections for group in section.groups]

    @property
    def unit_title(self) -> str:
        """The name of the unit that the report is for."""
        return next((str(u["name"]) for p in self.parts for u in p.units if u["org_id"] == self.run.unit), str(self.run.unit))

    def left_breaches(self, shown: int) -> int:
        """Breaches of the numbered findings behind the first `shown`."""
        return sum(group.breaches for _, _, group in self.numbers[shown:])

    def change_of(self, ruleset: str) -> Change | None:
        return next((c for c in self.changes if c.ruleset == ruleset), None)

    @staticmethod
    def numeric(table: Mapping[str, Any], column: int) -> bool:
        """Every cell of a ruleset's own table in this column is a number (or blank)."""
        cells = [str(row[column]).strip() for row in table["rows"] if row[column] not in (None, "")]
        return bool(cells) and all(re.fullmatch(r"[+\-−]?[\d,]+(\.\d+)?%?", cell) for cell in cells)


def judged_cases(counts: Mapping[str, int]) -> int:
    """Compliant, in breach and waived."""
    return sum(counts[v] for v in JUDGED)


def nice_scale(largest: int) -> int:
    """The end of a bar's axis: the next 1, 2 or 5 times a power of ten."""
    power: int = 10 ** max(0, int(math.log10(max(largest, 1))))
    return int(next(step * power for step in (1, 2, 5, 10) if step * power >= largest))
