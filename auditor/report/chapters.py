"""What stands on the report's pages: the rows and figures of each chapter, before they are set in words and type."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from auditor.report.causes import Pattern, earlier_breaches, patterns
from auditor.report.reading import BREACH_SEVERITIES, JUDGED, VERDICTS, FinishedRun
from auditor.report.tallies import GroupTally, RuleTally, Tallies, finding_number, tally_findings
from auditor.score import MERIT, SAME_ACT, whole_score

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
        return sum(1 for _, _, counts in self.rules if _judged(counts) and not counts["breach"])

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


def compose(run: FinishedRun, previous: FinishedRun | None, progress: Callable[[str], None]) -> Report:
    """Work out all chapters of a run."""
    printed = [line for r in run.rulesets for unit in run.units(r) for line in unit["sheet"]["lines"][:SHOWN_SHEET_LINES]]
    wanted = {line["finding_id"] for line in printed if line["finding_id"]} | {_charged(line) for line in printed} - {""}
    tallies = tally_findings(run, wanted, progress)
    before = earlier_breaches(run)
    parts = [_part(run, r, tallies, before) for r in run.rulesets]
    bars = _bars(run, parts)
    total = sum(bar.breach for bar in bars)
    k = reached = 0
    for bar in bars:
        if 2 * reached >= total:
            break
        k, reached = k + 1, reached + bar.breach
    changes = [_change(run, previous, r) for r in run.rulesets if r in previous.rulesets] if previous else []
    heavy = (k, len(bars), reached)
    return Report(run, tallies, parts, bars[:SHOWN_BARS], max(0, len(bars) - SHOWN_BARS), heavy, _open_until(run), previous, changes)


def _charged(line: Mapping[str, Any]) -> str:
    """The finding that a sheet's line of 0 points names as the one charged."""
    head, _, charged = line["reason"].partition(":")
    return charged if head == SAME_ACT else ""


def _open_until(run: FinishedRun) -> datetime | None:
    """The instant until which limits of the period are open, where as-of is earlier."""
    ends = [datetime.fromisoformat(e) for r in run.rulesets if (e := run.regulations.get(r, {}).get("open_until"))]
    latest = max(ends, default=None)
    return latest if latest is not None and latest > run.as_of else None


def _part(run: FinishedRun, ruleset: str, tallies: Tallies, before: Mapping[tuple[str, str], tuple[str, int]]) -> RulesetPart:
    about, model = run.rules(ruleset), run.model(ruleset)
    told = run.summary["rulesets"][ruleset]["rules"]
    weights = model.weights
    sections = []
    for code in told:
        tally = tallies.rules.get((ruleset, code))
        if tally is None:
            continue
        rule = about.get(code) or {"name": code, "clause": tally.clause, "severity": "minor", "title": code}
        groups = sorted(tally.groups.values(), key=lambda g: (-g.breaches, -(g.longest or 0), g.liable or ""))
        judged: dict[tuple[bool, str | None], int] = {
            (False, g.liable): _judged(run.unit_counts(ruleset, code, g.liable)) for g in groups if not g.is_party and g.liable is not None
        }
        weight = weights.get(str(rule.get("severity")), 0) * tally.breaches
        found = patterns(tally, before.get((ruleset, code)))
        sections.append(RuleSection(tally, rule, run.rule_counts(ruleset, code), groups, judged, weight, found, f"r-{ruleset}-{code}"))
    order = {name: i for i, name in enumerate(BREACH_SEVERITIES)}
    sections.sort(key=lambda s: (order.get(s.severity, 9), -s.tally.breaches, s.tally.rule))
    units = sorted(run.units(ruleset), key=lambda u: (u["score"] is None, -(u["score"] or 0), -u["judged"], u["org_id"]))
    severity_of = {code: str(rule.get("severity", "")) for code, rule in about.items()}
    counts = {(code, v): n for code in told for v, n in run.rule_counts(ruleset, code).items()}
    by_severity: dict[tuple[str, str], int] = {}
    for (code, verdict), cases in counts.items():
        key = (severity_of.get(code, ""), verdict)
        by_severity[key] = by_severity.get(key, 0) + cases
    score = whole_score(by_severity, model)
    return RulesetPart(
        ruleset=ruleset,
        regulation=run.regulations.get(ruleset, {}),
        totals=run.totals(ruleset),
        severities={s: by_severity.get((s, "breach"), 0) for s in BREACH_SEVERITIES},
        score=score,
        grade=None if score is None else model.grade(score),
        units=units,
        unit_sections=_unit_sections(run, ruleset, units, sections),
        sections=sections,
        rules=[(code, about.get(code, {}), run.rule_counts(ruleset, code)) for code in told if told[code]["not_auditable"] is None],
        not_auditable=[
            (code, about.get(code, {}), told[code]["not_auditable"]) for code in told if told[code]["not_auditable"] is not None
        ],
        indeterminate=_indeterminate(run, ruleset),
        others=tallies.others[ruleset],
        nobody=sum(g.breaches for s in sections for g in s.groups if g.liable is None),
        parties=sum(g.breaches for s in sections for g in s.groups if g.is_party),
        multiples=_multiples(run, ruleset, units, sections),
    )


def _indeterminate(run: FinishedRun, ruleset: str) -> list[tuple[str, str, int]]:
    """(rule, reason, cases), most cases first."""
    listed = [(rule, reason, cases) for (r, rule), by in run.reasons.items() if r == ruleset for reason, cases in by.items()]
    return sorted(listed, key=lambda x: (-x[2], x[0], x[1]))


def _judged(counts: Mapping[str, int]) -> int:
    return sum(counts[v] for v in JUDGED)


def _unit_sections(
    run: FinishedRun, ruleset: str, units: Sequence[Mapping[str, Any]], sections: Sequence[RuleSection]
) -> list[UnitSection]:
    model = run.model(ruleset)
    about = run.rules(ruleset)
    persons = _persons(run, ruleset)
    found: dict[str, list[tuple[RuleSection, GroupTally, int]]] = {}
    for section in sections:
        for group in section.groups:
            if group.liable is not None and not group.is_party:
                found.setdefault(group.liable, []).append((section, group, section.group_judged[False, group.liable]))
    anchors = {u["org_id"]: f"u-{ruleset}-{i}" for i, u in enumerate(sorted(run.units(ruleset), key=lambda u: str(u["org_id"])))}
    result = []
    for unit in sorted((u for u in units if u["breaches"]), key=lambda u: (-u["breaches"], u["org_id"])):
        lines = unit["sheet"]["lines"]
        # Limits and merits close the sheet; of the breaches the heaviest are shown, and the rest is one line.
        breaches = [x for x in lines if x["finding_id"] and x["reason"] != MERIT]
        shown = breaches[:SHOWN_SHEET_LINES]
        rest = breaches[SHOWN_SHEET_LINES:]
        merits = [x for x in lines if x["reason"] == MERIT]
        closing = [x for x in lines if not x["finding_id"]]
        if merits:
            added = sum(x["deducted"] for x in merits)
            closing = [{"finding_id": None, "weight": model.merit, "deducted": added, "reason": MERIT, "count": len(merits)}, *closing]
        good = []
        for code in run.summary["rulesets"][ruleset]["rules"]:
            counts = run.unit_counts(ruleset, code, unit["org_id"])
            breachable = about.get(code, {}).get("severity") in BREACH_SEVERITIES
            if breachable and counts["compliant"] >= model.minimum_cases and counts["compliant"] == _judged(counts):
                good.append((code, counts["compliant"]))
        result.append(
            UnitSection(
                line=unit,
                anchor=anchors[unit["org_id"]],
                findings=sorted(found.get(unit["org_id"], []), key=lambda f: -f[0].weight * f[1].breaches // max(f[0].tally.breaches, 1)),
                sheet=[*shown, *closing],
                sheet_more=len(rest),
                sheet_more_deducted=sum(x["deducted"] for x in rest),
                good=sorted(good, key=lambda g: -g[1])[:3],
                merits=len(merits),
                persons=persons.get(unit["org_id"], []),
            )
        )
    return result


def _persons(run: FinishedRun, ruleset: str) -> dict[str, list[tuple[str, int, int]]]:
    """Unit → its worst persons as (staff_id, breaches, sheet total); a person stands under the unit that the breach names."""
    sheets = {p["staff_id"]: p["sheet"]["total"] for p in run.summary["rulesets"][ruleset]["persons"]}
    by_unit: dict[str, list[tuple[str, int, int]]] = {}
    for (r, org, staff), breaches in run.staff_breaches.items():
        if r == ruleset and org is not None:
            by_unit.setdefault(org, []).append((staff, breaches, sheets.get(staff, 0)))
    return {org: sorted(people, key=lambda p: (-p[1], p[0]))[:SHOWN_PERSONS] for org, people in by_unit.items()}


def _bars(run: FinishedRun, parts: Sequence[RulesetPart]) -> list[Bar]:
    """Breaches by unit, or, in a report for one unit, by rule; the longest first."""
    bars: list[Bar] = []
    for part in parts:
        if run.unit is not None:
            bars += [Bar(s.tally.number, s.anchor, s.tally.breaches, s.judged) for s in part.sections]
        else:
            bars += [Bar(str(s.line["name"]), s.anchor, s.line["breaches"], s.line["judged"]) for s in part.unit_sections]
    return sorted(bars, key=lambda b: (-b.breach, b.label))


def _multiples(
    run: FinishedRun, ruleset: str, units: Sequence[Mapping[str, Any]], sections: Sequence[RuleSection]
) -> list[tuple[RuleSection, list[tuple[str, int, int]]]]:
    """For the rules most often broken, compliant and judged cases of the same units in the same order."""
    if run.unit is not None:
        return []
    busiest = sorted(units, key=lambda u: (-u["breaches"], u["org_id"]))[:SHOWN_BARS]
    result = []
    for section in sorted(sections, key=lambda s: (-s.tally.breaches, s.tally.rule))[:SHOWN_MULTIPLES]:
        counts = [(str(u["name"]), run.unit_counts(ruleset, section.tally.rule, u["org_id"])) for u in busiest]
        result.append((section, [(name, _judged(c) - c["breach"], _judged(c)) for name, c in counts]))
    return result


def _change(run: FinishedRun, previous: FinishedRun, ruleset: str) -> Change:
    now = {f["finding_id"] for f in run.findings() if f["ruleset"] == ruleset and f["verdict"] == "breach"}
    then = {f["finding_id"] for f in previous.findings() if f["ruleset"] == ruleset and f["verdict"] == "breach"}
    old = {u["org_id"]: u for u in previous.units(ruleset)}
    scores = []
    for unit in run.units(ruleset):
        before = old.get(unit["org_id"], {})
        scores.append((str(unit["name"]), before.get("score"), unit["score"], before.get("breaches", 0), unit["breaches"]))
    judged = [_judged(r.totals(ruleset)) for r in (previous, run)]
    scores.sort(key=lambda s: (-s[4], s[0]))
    return Change(ruleset, len(then), judged[0], len(now), judged[1], len(now - then), len(then - now), scores)


def nice_scale(largest: int) -> int:
    """The end of a bar's axis: the next 1, 2 or 5 times a power of ten."""
    power: int = 10 ** max(0, int(math.log10(max(largest, 1))))
    return int(next(step * power for step in (1, 2, 5, 10) if step * power >= largest))
