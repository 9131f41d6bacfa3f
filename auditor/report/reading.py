"""The finished run that a report is made of: its files, read once, and the counts that every page draws on.

Beside the contract's files it reads `regulations.json`, and from `manifest.json`, where these stand in it: `program.version`,
`read_at`, `site`, `audited` and `auditor` (text or language → text), `state` (draft, for_reply, final), `terms` (days after as-of:
reply, critical, major, minor), `masking` ({"unmasked": null or {"who", "when", "why"}, "own_key"}).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditor.errors import RunError
from auditor.score import ScoringModel

VERDICTS = ("compliant", "breach", "pending", "indeterminate", "waived", "indicator", "merit")
JUDGED = ("compliant", "breach", "waived")
BREACH_SEVERITIES = ("critical", "major", "minor")

_INSTALLED = Path(__file__).parents[1] / "reports"
ASSETS = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[2] / "reports"
"""Templates and wording: inside the package where it is installed, at the top of the work tree else."""

PROVEN_FILES = ("findings.jsonl", "quarantine.jsonl", "summary.json")
"""The files that the fingerprint is taken over, in this order: those that are byte-identical on a second run."""

TERMS: Mapping[str, int] = MappingProxyType({"reply": 10, "critical": 7, "major": 15, "minor": 30})
"""Days after as-of for the reply and for putting right a breach of each severity; a site sets its own."""


class ReportError(RunError):
    """The report cannot be made; the text names the file or the package that is missing and the remedy."""


class Told(dict[str, Any]):
    """A JSON object of the run; what a run does not tell is None, not an error, as sites differ in what they tell."""

    def __missing__(self, key: str) -> None:
        return None


Counts = Mapping[str, int]
"""Verdict → number of cases."""


@dataclass(frozen=True)
class FinishedRun:
    """One run's folder. With `unit` every count is of that unit's cases alone."""

    folder: Path
    unit: str | None
    summary: Mapping[str, Any]
    regulations: Mapping[str, Any]
    manifest: Mapping[str, Any]
    by_unit: Mapping[tuple[str, str, str | None], Counts]
    """(ruleset, rule, liable unit or None) → verdict counts."""
    reasons: Mapping[tuple[str, str], Mapping[str, int]]
    """(ruleset, rule) → reason → indeterminate cases."""
    staff_breaches: Mapping[tuple[str, str | None, str], int]
    """(ruleset, liable unit or None, person) → breaches."""

    @property
    def rulesets(self) -> tuple[str, ...]:
        return tuple(self.summary["rulesets"])

    @property
    def period(self) -> str:
        return str(self.summary["period"])

    @cached_property
    def as_of(self) -> datetime:
        return datetime.fromisoformat(self.summary["as_of"])

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over findings.jsonl, quarantine.jsonl and summary.json, one after the other, as 64 hex digits."""
        digest = hashlib.sha256()
        for name in PROVEN_FILES:
            with (self.folder / name).open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        return digest.hexdigest()

    @property
    def run_id(self) -> str:
        """Period and day of as-of: what tells runs apart on paper, wherever their folders lie."""
        return f"{self.period}-{self.as_of:%Y%m%d}"

    @property
    def terms(self) -> Mapping[str, int]:
        return {**TERMS, **(self.manifest.get("terms") or {})}

    def rules(self, ruleset: str) -> Mapping[str, Any]:
        """Code → what the regulation says of the rule; also of those that a site's summary alone knows."""
        return dict(self.regulations.get(ruleset, {}).get("rules", {}))

    def model(self, ruleset: str) -> ScoringModel:
        """The scoring numbers of the run: `scoring` in regulations.json where it stands there, else the published ones."""
        given = dict(self.regulations.get(ruleset, {}).get("scoring") or {})
        if "grades" in given:
            given["grades"] = tuple((name, limit) for name, limit in given["grades"])
        known = set(ScoringModel.__dataclass_fields__)
        return ScoringModel(**{name: value for name, value in given.items() if name in known})

    def rule_counts(self, ruleset: str, rule: str) -> dict[str, int]:
        """Verdict counts of a rule: of all its cases, with `unit` of that unit's."""
        if self.unit is not None:
            return self.unit_counts(ruleset, rule, self.unit)
        told = self.summary["rulesets"][ruleset]["rules"][rule]
        return {verdict: told[verdict] for verdict in VERDICTS}

    def unit_counts(self, ruleset: str, rule: str, org_id: str | None) -> dict[str, int]:
        """Verdict counts of a rule's cases for which the unit is, or would be, liable (None: those that name no unit)."""
        counts = self.by_unit.get((ruleset, rule, org_id), {})
        return {verdict: counts.get(verdict, 0) for verdict in VERDICTS}

    def totals(self, ruleset: str) -> dict[str, int]:
        """Verdict counts of all rules of a ruleset."""
        counts = [self.rule_counts(ruleset, rule) for rule in self.summary["rulesets"][ruleset]["rules"]]
        return {verdict: sum(c[verdict] for c in counts) for verdict in VERDICTS}

    def units(self, ruleset: str) -> list[dict[str, Any]]:
        """The summary's lines of units (with `unit`: its line alone), each with name, kind and number of breaches."""
        known = self.regulations.get(ruleset, {}).get("org_units", {})
        lines = []
        for line in self.summary["rulesets"][ruleset]["units"]:
            if self.unit is None or line["org_id"] == self.unit:
                row = known.get(line["org_id"], {})
                breaches = self._unit_breaches[ruleset, line["org_id"]]
                lines.append({**line, "name": row.get("name") or line["org_id"], "kind": row.get("kind"), "breaches": breaches})
        return lines

    @cached_property
    def _unit_breaches(self) -> Counter[tuple[str, str | None]]:
        found: Counter[tuple[str, str | None]] = Counter()
        for (ruleset, _, org), counts in self.by_unit.items():
            found[ruleset, org] += counts.get("breach", 0)
        return found

    def persons(self, ruleset: str) -> list[dict[str, Any]]:
        """The summary's lines of persons (with `unit`: of those whom one of its breaches names)."""
        named = {staff for (r, _, staff) in self.staff_breaches if r == ruleset}
        lines = self.summary["rulesets"][ruleset]["persons"]
        return [line for line in lines if self.unit is None or line["staff_id"] in named]

    def statements(self, ruleset: str) -> list[dict[str, Any]]:
        """The ruleset's statements with at least one line (with `unit`: that unit's lines alone), the largest of the last total first."""
        listed = []
        for statement in self._statements.get(ruleset, ()):
            holders = [h for h in statement["holders"] if self.unit is None or h["org_id"] == self.unit]
            if holders:
                listed.append({**statement, "holders": sorted(holders, key=_by_last_total)})
        return listed

    @cached_property
    def _statements(self) -> Mapping[str, Any]:
        return _json(self.folder, "statements.json") if (self.folder / "statements.json").exists() else {}

    def unit_name(self, ruleset: str, org_id: str) -> str:
        return str(self.regulations.get(ruleset, {}).get("org_units", {}).get(org_id, {}).get("name") or org_id)

    def findings(self, start: int = 0, end: int | None = None) -> Iterator[dict[str, Any]]:
        """Every line of findings.jsonl (with `unit`: those for which that unit answers), or those between two places of the file."""
        with (self.folder / "findings.jsonl").open("rb") as lines:
            lines.seek(start)
            for line in lines:
                finding = json.loads(line, object_hook=Told)
                if self.unit is None or finding["liable_org"] == self.unit:
                    yield finding
                start += len(line)
                if end is not None and start >= end:
                    return

    def middle(self, beside_bytes: int = 0) -> tuple[int, int, int]:
        """Where a line of findings.jsonl begins before which stands half of it, the lines before it, and the lines from it on.

        With `beside_bytes`: before which stands half of the file and these bytes, less these.
        """
        path, before, after = self.folder / "findings.jsonl", 0, 0
        whole = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max((whole - beside_bytes) // 2, 0))
            file.readline()
            middle = file.tell()
            file.seek(0)
            for size in (middle, whole - middle):
                lines = 0
                while size:
                    piece = file.read(min(size, 1 << 20))
                    size -= len(piece)
                    lines += piece.count(b"\n")
                before, after = after, lines
        return middle, before, after


def read_run(folder: Path, unit: str | None = None, must_know: bool = True, manifest: Mapping[str, Any] | None = None) -> FinishedRun:
    """Read a finished run; `manifest` where its manifest.json is not written yet, as that holds the report's own digest.

    Raises ReportError where a file is missing, does not agree with another, or (with `must_know`) no case names the unit.
    """
    summary = _json(folder, "summary.json")
    if manifest is None:
        manifest = _json(folder, "manifest.json") if (folder / "manifest.json").exists() else {}
    run = FinishedRun(folder, unit, summary, _json(folder, "regulations.json"), _told(manifest), *_verdict_counts(folder, unit))
    if unit is None:
        _agree(run)
    elif must_know and not any(line["org_id"] == unit for r in run.rulesets for line in summary["rulesets"][r]["units"]):
        raise ReportError(f"no case of the run in {folder} names the unit {unit!r}: give the org_id of a unit that its summary.json lists")
    if not (folder / "findings.jsonl").exists():
        raise ReportError(f"{folder} has no findings.jsonl: give the folder of a finished run")
    return run


def _by_last_total(holder: Mapping[str, Any]) -> tuple[Decimal, str]:
    totals = [t for t in holder["totals"] if t is not None]
    return -abs(Decimal(totals[-1])) if totals else Decimal(0), str(holder["org_id"])


def _told(value: Any) -> Any:
    """The value with every object lenient, as those that are read from a file."""
    if isinstance(value, Mapping):
        return Told({key: _told(below) for key, below in value.items()})
    return [_told(below) for below in value] if isinstance(value, (list, tuple)) else value


def _json(folder: Path, name: str) -> dict[str, Any]:
    try:
        value = json.loads((folder / name).read_text("utf-8"), object_hook=Told)
    except FileNotFoundError:
        raise ReportError(f"{folder} has no {name}: give the folder of a finished run") from None
    except ValueError as error:
        raise ReportError(f"{folder / name} is not JSON ({error}): run the audit again") from None
    return Told(value)


_CountTables = tuple[
    dict[tuple[str, str, str | None], dict[str, int]],
    dict[tuple[str, str], dict[str, int]],
    dict[tuple[str, str | None, str], int],
]


def _verdict_counts(folder: Path, unit: str | None) -> _CountTables:
    by_unit: dict[tuple[str, str, str | None], dict[str, int]] = {}
    reasons: dict[tuple[str, str], dict[str, int]] = {}
    people: Counter[tuple[str, str | None, str]] = Counter()
    for table in _verdict_parts(folder):
        if unit is not None:
            table = table.filter(pc.equal(table["liable_org"], unit))
        for row in table.group_by(["ruleset", "rule", "liable_org", "verdict"]).aggregate([([], "count_all")]).to_pylist():
            counts = by_unit.setdefault((row["ruleset"], row["rule"], row["liable_org"]), {})
            counts[row["verdict"]] = counts.get(row["verdict"], 0) + row["count_all"]
        unknown = table.filter(pc.equal(table["verdict"], "indeterminate"))
        for row in unknown.group_by(["ruleset", "rule", "reason"]).aggregate([([], "count_all")]).to_pylist():
            counts = reasons.setdefault((row["ruleset"], row["rule"]), {})
            counts[row["reason"] or ""] = counts.get(row["reason"] or "", 0) + row["count_all"]
        named = table.filter(pc.and_(pc.equal(table["verdict"], "breach"), pc.is_valid(table["liable_staff"])))
        for row in named.group_by(["ruleset", "liable_org", "liable_staff"]).aggregate([([], "count_all")]).to_pylist():
            people[row["ruleset"], row["liable_org"], row["liable_staff"]] += row["count_all"]
    return by_unit, reasons, dict(people)


_GROUPS = 16

_COUNTED = ["ruleset", "rule", "verdict", "liable_org", "liable_staff", "reason"]


def _verdict_parts(folder: Path) -> Iterator[pa.Table]:
    """What is counted of verdicts.parquet, some million cases at a time."""
    try:
        # What repeats is read as numbers and a table of texts, as the file holds it.
        with pq.ParquetFile(folder / "verdicts.parquet", read_dictionary=_COUNTED) as file:
            for start in range(0, file.num_row_groups, _GROUPS):
                some = range(start, min(start + _GROUPS, file.num_row_groups))
                yield file.read_row_groups(list(some), columns=_COUNTED).unify_dictionaries()
    except FileNotFoundError:
        raise ReportError(f"{folder} has no verdicts.parquet: give the folder of a finished run") from None
    except (pa.ArrowInvalid, OSError) as error:
        raise ReportError(f"{folder / 'verdicts.parquet'} cannot be read ({error}): run the audit again") from None


def _agree(run: FinishedRun) -> None:
    """The summary and the table of verdicts tell the same counts, or no report is made."""
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for (ruleset, rule, _), counts in run.by_unit.items():
        into = counted.setdefault((ruleset, rule), {})
        for verdict, cases in counts.items():
            into[verdict] = into.get(verdict, 0) + cases
    for ruleset in run.rulesets:
        for rule, told in run.summary["rulesets"][ruleset]["rules"].items():
            for verdict in VERDICTS:
                found = counted.get((ruleset, rule), {}).get(verdict, 0)
                if told[verdict] != found:
                    raise ReportError(
                        f"{run.folder}: summary.json says {told[verdict]} {verdict} cases of {ruleset} {rule}, verdicts.parquet {found}: "
                        "the folder was changed after the run; run the audit again"
                    )
