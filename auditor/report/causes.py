"""What the facts show of the cause of a rule's breaches; nothing is said that a count does not carry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditor.report.reading import FinishedRun
from auditor.report.tallies import RuleTally

NOTABLE = 3
"""A pattern is named from this many cases on,"""
SHARE = 3
"""and from one in this many of the rule's breaches on (for off-hours: one in two)."""
WORK_FROM, WORK_TO = 8, 18


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern among a rule's breaches: `cases` of `of` show it; `what` names the rule, person or day."""

    kind: str
    cases: int
    of: int
    what: str = ""


def earlier_breaches(run: FinishedRun) -> dict[tuple[str, str], tuple[str, int]]:
    """(ruleset, rule) → (the rule most often broken on the same subject before it, breaches that it preceded)."""
    table = pq.read_table(
        Path(run.folder) / "verdicts.parquet", columns=["ruleset", "rule", "verdict", "counted_at", "liable_org", "subject"]
    )
    mask = pc.and_(pc.equal(table["verdict"], "breach"), pc.is_valid(table["subject"]))
    if run.unit is not None:
        mask = pc.and_(mask, pc.equal(table["liable_org"], run.unit))
    frame = table.filter(mask).select(["ruleset", "rule", "counted_at", "subject"]).to_pandas()
    if frame.empty:
        return {}
    first = frame.groupby(["ruleset", "subject", "rule"], as_index=False)["counted_at"].min()
    shared = first[first.duplicated(["ruleset", "subject"], keep=False)]
    pairs = frame.merge(shared, on=["ruleset", "subject"], suffixes=("", "_before"))
    pairs = pairs[(pairs["rule"] != pairs["rule_before"]) & (pairs["counted_at_before"] < pairs["counted_at"])]
    counts: pd.Series = pairs.groupby(["ruleset", "rule", "rule_before"]).size()
    best: dict[tuple[str, str], tuple[str, int]] = {}
    for (ruleset, rule, before), cases in counts.items():
        if cases > best.get((ruleset, rule), ("", 0))[1]:
            best[ruleset, rule] = (before, int(cases))
    return best


def patterns(tally: RuleTally, before: tuple[str, int] | None) -> list[Pattern]:
    """The patterns that the data show, the commonest first; empty where the cause is not established."""
    found = []
    if before and _notable(before[1], tally.breaches):
        found.append(Pattern("earlier", before[1], tally.breaches, before[0]))
    off_hours = sum(n for hour, n in tally.hours.items() if not WORK_FROM <= hour < WORK_TO)
    if off_hours >= NOTABLE and off_hours * 2 > tally.timed:
        found.append(Pattern("off_hours", off_hours, tally.timed))
    for kind, counter in (("day", tally.days), ("person", tally.staff)):
        if counter:
            what, cases = min(counter.items(), key=lambda item: (-item[1], item[0]))
            if _notable(cases, tally.breaches):
                found.append(Pattern(kind, cases, tally.breaches, what))
    return sorted(found, key=lambda p: -p.cases * 1000 // max(p.of, 1))


def _notable(cases: int, of: int) -> bool:
    return cases >= NOTABLE and cases * SHARE >= of
