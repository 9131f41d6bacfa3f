"""One pass over a run's findings: what each rule's pages and each unit's pages show, in memory that does not grow with the run."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from auditor.report.reading import FinishedRun

SHOWN_CASES = 3
"""Cases printed of one rule; the others are counted and stand in findings.xlsx."""
SHOWN_OTHERS = 12
"""Indicators, merits and waived cases printed of one ruleset."""
_TRIM_AT = 200


def rule_number(rule: str, clause: str) -> str:
    """The number of a kind of finding: regulation and rule by the code, then the (first) clause: `PW308-2.3.(4)`."""
    first = re.split(r"[,，;；、]| \(", clause.strip(), maxsplit=1)[0].strip()
    return f"{rule}-{first}" if first else rule


def finding_number(rule: str, clause: str, liable: str | None) -> str:
    """The number under which the breaches of one rule by one liable unit stand everywhere, in this run and in the next.

    It is made of the rule, the clause and the unit's id, none of which another finding can move: `PW308-2.3.(4)-S03`.
    """
    return f"{rule_number(rule, clause)}-{_short(liable)}"


def _short(liable: str | None) -> str:
    if liable is None:
        return "0"
    return liable if len(liable) <= 16 and liable.isprintable() else f"{liable[:8].strip()}~{sha256(liable.encode()).hexdigest()[:4]}"


def liable_of(finding: dict[str, Any]) -> str | None:
    """Who answers for a finding: the unit's id, else the contractor's name, else nobody."""
    who = finding["liable_org"] or finding["liable_party"]
    return None if who is None else str(who)


def worst_first(finding: dict[str, Any]) -> tuple[Any, ...]:
    """The order of cases: overdue longest first, then oldest, then by id."""
    return (-(finding["overdue_seconds"] or 0), finding["breach_at"] or "", finding["case_id"])


@dataclass
class GroupTally:
    """The breaches of one rule for which one unit (or contractor, or nobody) answers."""

    liable: str | None
    is_party: bool
    breaches: int = 0
    not_done: int = 0
    longest: int | None = None


@dataclass
class RuleTally:
    """The breaches of one rule."""

    ruleset: str
    rule: str
    clause: str
    breaches: int = 0
    not_done: int = 0
    overdue: list[int] = field(default_factory=list)
    groups: dict[tuple[bool, str | None], GroupTally] = field(default_factory=dict)
    hours: Counter[int] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    staff: Counter[str] = field(default_factory=Counter)
    timed: int = 0
    """Breaches whose clock start is known (those that `hours` counts)."""
    cases: list[dict[str, Any]] = field(default_factory=list)

    @property
    def number(self) -> str:
        return rule_number(self.rule, self.clause)

    def add(self, finding: dict[str, Any]) -> None:
        self.breaches += 1
        late = finding["overdue_seconds"]
        never = finding["due_at"] is not None and finding["done_at"] is None
        self.not_done += never
        if late is not None:
            self.overdue.append(late)
        party = finding["liable_org"] is None and finding["liable_party"] is not None
        group = self.groups.setdefault((party, liable_of(finding)), GroupTally(liable_of(finding), party))
        group.breaches += 1
        group.not_done += never
        group.longest = late if group.longest is None else max(group.longest, late or 0)
        start = clock_start(finding)
        if start is not None:
            self.timed += 1
            self.hours[start.hour] += 1
        self.days[finding["counted_at"][:10]] += 1
        if finding["liable_staff"]:
            self.staff[finding["liable_staff"]] += 1
        _keep(self.cases, finding, SHOWN_CASES)


@dataclass
class Tallies:
    """All that the report takes from findings.jsonl."""

    rules: dict[tuple[str, str], RuleTally]
    others: dict[str, dict[str, list[dict[str, Any]]]]
    """Ruleset → indicator, merit, waived → the first cases of each."""
    wanted: dict[str, dict[str, Any]]
    """The findings that were asked for by id."""
    read: int = 0
    indeterminate: int = 0


def tally_findings(run: FinishedRun, wanted: Collection[str], progress: Callable[[str], None]) -> Tallies:
    """Read findings.jsonl once. `wanted`: ids of findings to keep (those printed in the units' sheets)."""
    rules: dict[tuple[str, str], RuleTally] = {}
    others: dict[str, dict[str, list[dict[str, Any]]]] = {r: defaultdict(list) for r in run.rulesets}
    kept: dict[str, dict[str, Any]] = {}
    ids = set(wanted)
    read = indeterminate = 0
    for finding in run.findings():
        read += 1
        if read % 50_000 == 0:
            progress(f"findings read: {read}")
        if finding["finding_id"] in ids:
            kept[finding["finding_id"]] = finding
        if finding["verdict"] == "breach":
            key = (finding["ruleset"], finding["rule"])
            rules.setdefault(key, RuleTally(*key, finding["clause"])).add(finding)
        elif finding["verdict"] == "indeterminate":
            indeterminate += 1
        else:
            _keep(others[finding["ruleset"]][finding["verdict"]], finding, SHOWN_OTHERS)
    for tally in rules.values():
        tally.cases = sorted(tally.cases, key=worst_first)[:SHOWN_CASES]
    for by_verdict in others.values():
        for verdict, cases in by_verdict.items():
            by_verdict[verdict] = sorted(cases, key=worst_first)[:SHOWN_OTHERS]
    return Tallies(rules, others, kept, read, indeterminate)


def _keep(cases: list[dict[str, Any]], finding: dict[str, Any], most: int) -> None:
    cases.append(finding)
    if len(cases) > _TRIM_AT:
        cases.sort(key=worst_first)
        del cases[most:]


def clock_start(finding: dict[str, Any]) -> datetime | None:
    """When the finding's clock started: as its `clock` says; None where it does not."""
    start = (finding.get("clock") or {}).get("start_at")
    return datetime.fromisoformat(start) if start else None
