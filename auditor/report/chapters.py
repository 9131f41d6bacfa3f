"""A finished run → the values of every chapter, before they are set in words and type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from auditor.report.causes import earlier_breaches, patterns
from auditor.report.pages import (
    SHOWN_BARS,
    SHOWN_MULTIPLES,
    SHOWN_PERSONS,
    SHOWN_SHEET_LINES,
    Bar,
    Change,
    Report,
    RuleSection,
    RulesetPart,
    UnitSection,
    judged_cases,
)
from auditor.report.reading import BREACH_SEVERITIES, FinishedRun
from auditor.report.tallies import GroupTally, Tallies, tally_findings
from auditor.score import MERIT, SAME_ACT, whole_score


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
            (False, g.liable): judged_cases(run.unit_counts(ruleset, code, g.liable))
            for g in groups
            if not g.is_party and g.liable is not None
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
            if breachable and counts["compliant"] >= model.minimum_cases and counts["compliant"] == judged_cases(counts):
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
        result.append((section, [(name, judged_cases(c) - c["breach"], judged_cases(c)) for name, c in counts]))
    return result


def _change(run: FinishedRun, previous: FinishedRun, ruleset: str) -> Change:
    now = {f["finding_id"] for f in run.findings() if f["ruleset"] == ruleset and f["verdict"] == "breach"}
    then = {f["finding_id"] for f in previous.findings() if f["ruleset"] == ruleset and f["verdict"] == "breach"}
    old = {u["org_id"]: u for u in previous.units(ruleset)}
    scores = []
    for unit in run.units(ruleset):
        before = old.get(unit["org_id"], {})
        scores.append((str(unit["name"]), before.get("score"), unit["score"], before.get("breaches", 0), unit["breaches"]))
    judged = [judged_cases(r.totals(ruleset)) for r in (previous, run)]
    scores.sort(key=lambda s: (-s[4], s[0]))
    return Change(ruleset, len(then), judged[0], len(now), judged[1], len(now - then), len(then - now), scores)
