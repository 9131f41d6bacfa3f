"""Sheets of cases: a sentence, the records, the verdict. The tests judge them, and `rules show` lists them.

[base]                                  # rows that every case of the file has, by record
org_unit = [{ org_id = "DD", kind = "dispatch" }]

[[case]]
rule = "PW101"
says = "entered one second late"
as_of = "2026-09-20T00:00:00"
case_id = "N1"
verdict = "breach"                      # or "outside"; "not_auditable" where `lacks` takes away what the rule needs
period = "2026Q3"                       # default 2026
counted_at = "2026-09-03T08:00:00"      # these are checked where they are given
liable = "DD"
[case.records]
outage_notice = [{ notice_id = "N1", kind = "planned", entered_at = "2026-09-03T08:00:01", planned_off_at = "2026-09-10T08:00:00" }]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.rulebook.ruleset import Ruleset, RulesetError
from auditor.toml_source import TomlSource, read_toml
from auditor.vocabulary.questions import VERDICTS

SHEET_VERDICTS = (*VERDICTS, "outside", "not_auditable")

MANDATORY = ("rule", "says", "as_of", "case_id", "verdict")
CHECKED = ("counted_at", "due_at", "done_at", "liable", "staff", "subject", "reason")
"""What a case may say of its outcome beside the verdict."""

OPTIONAL = ("period", "records", "lacks", "parameters", "waivers", *CHECKED)


@dataclass(frozen=True)
class SheetCase:
    """One case of a sheet. `rows`: record → rows, the file's base included. `lacks`: records (`ticket`) and columns (`ticket.org_id`)."""

    ruleset: str
    rule: str
    says: str
    as_of: str
    period: str
    case_id: str
    verdict: str
    rows: Mapping[str, list[Mapping[str, Any]]]
    checked: Mapping[str, Any]
    lacks: tuple[str, ...]
    parameters: Mapping[str, Any]
    waivers: tuple[Mapping[str, Any], ...]
    place: str


def sheets_folder(ruleset: Ruleset) -> Path | None:
    """Where the ruleset's sheets lie: in its own folder (a wheel, a ruleset from elsewhere), or among the source tree's tests; None where
    it has none."""
    for place in (ruleset.folder / "sheets", ruleset.folder.parent.parent / "tests" / "rulesets" / ruleset.name / "sheets"):
        if place.is_dir():
            return place
    return None


def read_sheets(ruleset: Ruleset) -> tuple[SheetCase, ...]:
    """Every case of the ruleset's sheets, in the order of files and lines. Raises RulesetError, with file and line, for one that says too
    little or what the ruleset does not have."""
    folder = sheets_folder(ruleset)
    return tuple(case for path in sorted(folder.glob("*.toml")) for case in read_sheet(ruleset, path)) if folder is not None else ()


def read_sheet(ruleset: Ruleset, path: Path) -> list[SheetCase]:
    """The cases of one file."""
    source = read_toml(path)
    unknown = set(source.data) - {"base", "case"}
    if unknown:
        raise RulesetError(f"{path}: a sheet has [base] and [[case]], not {', '.join(sorted(unknown))}")
    base: Mapping[str, Any] = source.data.get("base", {})
    _check_rows(ruleset, base, f"{path}, [base]")
    return [_case(ruleset, source, number, entry, base) for number, entry in enumerate(source.data.get("case", []))]


def _case(ruleset: Ruleset, source: TomlSource, number: int, entry: Mapping[str, Any], base: Mapping[str, Any]) -> SheetCase:
    place = source.place("case", number)
    missing = [name for name in MANDATORY if name not in entry]
    if missing:
        raise RulesetError(f"{place}: the case has no {', '.join(missing)}")
    unknown = set(entry) - {*MANDATORY, *OPTIONAL}
    if unknown:
        raise RulesetError(f"{place}: {', '.join(sorted(unknown))} is no part of a case; it has {', '.join((*MANDATORY, *OPTIONAL))}")
    if entry["rule"] not in ruleset.rules:
        raise RulesetError(f"{place}: {ruleset.name} has no rule {entry['rule']}")
    if entry["verdict"] not in SHEET_VERDICTS:
        raise RulesetError(f"{place}: {entry['verdict']!r} is no verdict; use one of {', '.join(SHEET_VERDICTS)}")
    own: Mapping[str, Any] = entry.get("records", {})
    _check_rows(ruleset, own, place)
    return SheetCase(
        ruleset=ruleset.name,
        rule=entry["rule"],
        says=entry["says"],
        as_of=str(entry["as_of"]),
        period=str(entry.get("period", "2026")),
        case_id=entry["case_id"],
        verdict=entry["verdict"],
        rows={n: _merged(base.get(n, []), own.get(n, []), ruleset.contract[n].key.name) for n in dict.fromkeys((*base, *own))},
        checked={name: entry[name] for name in CHECKED if name in entry},
        lacks=tuple(entry.get("lacks", ())),
        parameters=entry.get("parameters", {}),
        waivers=tuple(entry.get("waivers", ())),
        place=place,
    )


def _check_rows(ruleset: Ruleset, rows: Mapping[str, Any], place: str) -> None:
    for record, lines in rows.items():
        if record not in ruleset.regulation.reads:
            raise RulesetError(f"{place}: {record!r} is no record that {ruleset.name} reads")
        for name in dict.fromkeys(field for line in lines for field in line):
            if name not in ruleset.contract[record]:
                raise RulesetError(f"{place}: {record} has no field {name!r}")


def _merged(base: list[Mapping[str, Any]], own: list[Mapping[str, Any]], key: str) -> list[Mapping[str, Any]]:
    """The base's rows and the case's; a row of the case stands in for the base's row of the same key."""
    replaced = {row[key] for row in own if key in row}
    return [*(row for row in base if row.get(key) not in replaced), *own]
