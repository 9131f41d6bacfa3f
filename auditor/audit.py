"""The way of the data on one screen: load, validate, derive, screen, adjudicate, score, report."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from auditor import __version__, citations, verdicts
from auditor.adjudicate import Adjudicator
from auditor.calendar.working_calendar import WorkingCalendar
from auditor.citations import EvidenceBook
from auditor.contract import Record
from auditor.derive.logs import Logs
from auditor.errors import SourceError, UsageError
from auditor.findings import Publisher
from auditor.instants import DEFAULT_ZONE, to_iso
from auditor.judge import Judged, judge_each
from auditor.load import Absent, RawRecord
from auditor.masking import Masker, looks_personal
from auditor.memory import give_back, give_back_beyond, kept_for_reuse
from auditor.parameters import load_parameters
from auditor.periods import Period
from auditor.regulations import describe
from auditor.rulebook import OWN_WORDING, Ruleset, load_ruleset, load_wording, with_site_rows
from auditor.run_folder import RunFolder
from auditor.score import Scores, ScoringModel
from auditor.statements import statements_of
from auditor.suspicion import HIT_RATE, POPULATION, suspects
from auditor.telling import Tellers, Telling
from auditor.toml_source import TomlSource
from auditor.validate import Admitted, TypedRecord, read_typed
from auditor.verdicts import rule_counts, verdict_table
from auditor.waivers import Waivers, read_waivers

OWN_CALENDAR = Path(__file__).with_name("calendar") / "china.toml"

Read = Callable[[Mapping[str, Record], Sequence[str]], Iterable[RawRecord | Absent]]
"""Gives the records of a ruleset from its sources: (contract, names) → raw records, or why one is absent."""

Progress = Callable[[str], None]

KEPT_BYTES = 900_000_000
"""So much of what records and rules needed stays with the process for those that come."""

Write = Callable[[pa.Table], None]
"""Takes the next part of a table that is written."""


@dataclass(frozen=True)
class Input:
    """One ruleset to audit: where its records come from, and what the site says about it."""

    ruleset: str
    read: Read
    sources: Mapping[str, str]
    """Name → URL without secrets."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    waivers: Sequence[Mapping[str, Any]] = ()
    tables: Mapping[str, Any] = field(default_factory=dict)
    place: TomlSource | None = None
    keys: tuple[str, ...] = ()
    """Where the site's configuration says it, for error messages."""


@dataclass(frozen=True)
class Request:
    """An audit to run."""

    inputs: Sequence[Input]
    period: Period
    as_of: int
    out: Path
    masker: Masker
    zone: ZoneInfo = DEFAULT_ZONE
    language: str = "zh-Hant"
    workers: int = 1
    pdf: bool = True
    unmasked: Mapping[str, str] | None = None
    """Who unmasked, when, and why; None where masking is on."""
    calendars: Sequence[Path] = ()
    model: ScoringModel = field(default_factory=ScoringModel)
    unit: str | None = None
    previous: Path | None = None
    site: str = ""
    read_at: int | None = None
    """When the sources are read, by the clock of the command line."""
    hit_rate: Fraction = HIT_RATE
    """Above this share of breaches a rule's mapping is suspect,"""
    hit_population: int = POPULATION
    """from this population on."""


@dataclass
class Audited:
    """One ruleset judged: what the run's files are written from."""

    ruleset: Ruleset
    logs: Logs
    admitted: Mapping[str, Admitted]
    refusals: pa.Table
    judged: Sequence[Judged]
    scores: Scores
    telling: Telling
    waivers: Waivers
    sources: Mapping[str, str]


def run_audit(request: Request, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Runs the audit and leaves its folder at `request.out`; returns the summary.

    Raises AuditorError; then nothing stands under `request.out` that was not there before.
    """
    with RunFolder(request.out) as folder:
        with Tellers(folder.path, request.workers) as tellers:
            layout = verdicts.schema(str(request.zone))
            with Adjudicator(request.workers) as adjudicator:
                with kept_for_reuse(), folder.table("verdicts.parquet", layout, verdicts.REPEATING) as write:
                    audited, unreached = _audit_all(request, adjudicator, tellers, write, progress)
                adjudicator.dismiss()
                progress("findings")
                summary = _publish(audited, unreached, request, folder)
        _check_unit(request.unit, summary)
        manifest = _manifest(audited, request)
        held = sum(a.table.nbytes for one in audited for a in one.admitted.values())
        audited.clear()  # the report is made from the folder alone, and needs memory of its own
        give_back(held)
        _report(folder, request, manifest, progress)
        folder.seal(manifest)
    return summary


def _audit_all(
    request: Request, adjudicator: Adjudicator, tellers: Tellers, write: Write, progress: Progress
) -> tuple[list[Audited], dict[str, str]]:
    """The rulesets audited, by name, and those whose source did not answer, with the reason: one that is down must not cost the others."""
    audited: list[Audited] = []
    unreached: dict[str, str] = {}
    for source in sorted(request.inputs, key=lambda one: one.ruleset):
        try:
            audited.append(audit_ruleset(source, request, adjudicator, tellers, write, progress))
        except SourceError as error:
            if len(request.inputs) == 1:
                raise
            unreached[source.ruleset] = str(error)
    if not audited:
        raise SourceError(" ".join(unreached.values()))
    return audited, unreached


def admit(
    source: Input, ruleset: Ruleset, zone: ZoneInfo, progress: Progress = lambda _: None
) -> tuple[dict[str, Admitted], dict[str, str], pa.Table]:
    """Load and validate: the admitted records, why others are absent, and the refused rows.

    While one record is put in order, the next is read already.
    """
    absent: dict[str, str] = {}
    settled: list[Future[tuple[Admitted, pa.Table]]] = []
    with ThreadPoolExecutor(1, "auditor-admit") as thread:
        for raw in source.read(ruleset.contract, ruleset.regulation.reads):
            if isinstance(raw, Absent):
                absent[raw.record.name] = raw.reason
                continue
            progress(f"{ruleset.name}: {raw.record.name}")
            settled.append(thread.submit(_settled, read_typed(raw, zone), ruleset.name))
        found = [one.result() for one in settled]
    admitted = {one.record.name: one for one, _ in found}
    return admitted, absent, pa.concat_tables(refused for _, refused in found) if found else validate_schema().empty_table()


def _settled(record: TypedRecord, ruleset: str) -> tuple[Admitted, pa.Table]:
    admitted, refused = record.admitted(ruleset)
    give_back_beyond(KEPT_BYTES)
    return admitted, refused


def logs_of(source: Input, ruleset: Ruleset, request: Request, admitted: Mapping[str, Admitted], absent: Mapping[str, str]) -> Logs:
    """The records as they stand at as-of, with the parameters, calendar and tables in force at the site."""
    return Logs(
        admitted,
        contract=ruleset.contract,
        absent=absent,
        facts=ruleset.facts,
        parameters=load_parameters(
            ruleset.folder / "parameters.toml", source.parameters, source.place, request.zone, (*source.keys, "parameters")
        ),
        calendar=WorkingCalendar.from_files(OWN_CALENDAR, *request.calendars),
        period=request.period,
        as_of=request.as_of,
        zone=request.zone,
        data=with_site_rows(ruleset, source.tables, source.place, *source.keys, "tables"),
    )


def audit_ruleset(
    source: Input, request: Request, adjudicator: Adjudicator, tellers: Tellers, write: Write, progress: Progress = lambda _: None
) -> Audited:
    """Load → validate → derive → screen → adjudicate, for one ruleset; each rule's verdicts are written and counted as they come."""
    adjudicator.start_ahead()
    ruleset = load_ruleset(source.ruleset)
    waivers = read_waivers(source.waivers, ruleset.name, request.zone, source.place, *source.keys, "waivers")
    admitted, absent, refusals = admit(source, ruleset, request.zone, progress)
    logs = logs_of(source, ruleset, request, admitted, absent)
    telling = tellers.telling(publisher_of(ruleset, logs, admitted, request))
    tables = _Verdicts(telling, request, sorted(ruleset.rules), write)
    judged = []
    several = request.workers > 1
    for one in judge_each(ruleset, logs, waivers, adjudicator, lambda code: progress(f"{ruleset.name}: {code}"), ahead=several):
        judged.append(one)
        tables.add(one)
        give_back_beyond(KEPT_BYTES)
    judged.sort(key=lambda one: one.rule.code)
    return Audited(ruleset, logs, admitted, refusals, judged, tables.scores, telling, waivers, source.sources)


class _Verdicts:
    """Makes the table of each rule's verdicts, counts it, and writes it in the order of codes; puts by what becomes findings."""

    def __init__(self, telling: Telling, request: Request, codes: list[str], write: Write) -> None:
        self.scores = Scores(request.model)
        self._telling, self._request, self._codes, self._write = telling, request, codes, write
        self._held: dict[str, pa.Table | None] = {}

    def add(self, judged: Judged) -> None:
        """Takes the next rule."""
        self._held[judged.rule.code] = None if judged.cases is None else self._table(judged)
        while self._codes and self._codes[0] in self._held:
            table = self._held.pop(self._codes.pop(0))
            if table is not None:
                self._write(table)

    def _table(self, judged: Judged) -> pa.Table:
        publisher, masker = self._telling.publisher, self._request.masker
        ids: dict[int, str] = {}
        if (chosen := publisher.chosen(judged)) is not None:
            ids = dict(zip(chosen.places.tolist(), chosen.ids, strict=True))
            self._telling.add(chosen)
        case_ids = publisher.case_ids(judged)
        subjects = case_ids if judged.rule.case_personal and not masker.unmask else judged.subject
        table = verdict_table(publisher.ruleset.name, judged, case_ids, ids, subjects, str(self._request.zone))
        self.scores.add(table)
        judged.forget()
        return table


def publisher_of(ruleset: Ruleset, logs: Logs, admitted: Mapping[str, Admitted], request: Request) -> Publisher:
    """What the findings of a ruleset are made with."""
    book = EvidenceBook(ruleset.name, admitted, logs, request.masker)
    return Publisher(ruleset, logs, request.masker, request.model, load_wording(OWN_WORDING), book, request.zone)


def validate_schema() -> pa.Schema:
    """The columns of the refusals."""
    from auditor.validate import REFUSALS

    return REFUSALS


def _publish(audited: Sequence[Audited], unreached: Mapping[str, str], request: Request, folder: RunFolder) -> dict[str, Any]:
    """Writes findings, evidence, quarantine, summary and the regulations' description; returns the summary."""
    own = load_wording(OWN_WORDING)
    summary: dict[str, Any] = {"period": request.period.text, "as_of": to_iso(request.as_of, request.zone), "rulesets": {}}
    if unreached:
        summary["unreached"] = dict(sorted(unreached.items()))
    regulations: dict[str, Any] = {}
    for one in audited:
        one.telling.share()
    for one in audited:
        publisher = one.telling.publisher
        description = describe(one.ruleset, one.logs, own, one.admitted, _reasons(one.refusals), one.judged)
        regulations[one.ruleset.name] = description | {
            "not_listed": dict(sorted(publisher.cut.items())),
            "suspect": suspects(one.judged, one.ruleset, own, request.hit_rate, request.hit_population),
            "sources": dict(one.sources),
            "waivers": [w.described(request.zone) for w in one.waivers.waivers],
            "scoring": request.model.described(),
            "warnings": one.waivers.warnings(one.ruleset.rules, description["org_units"]),
        }
        summary["rulesets"][one.ruleset.name] = _summary(one, description["org_units"])
    folder.write_lines("quarantine.jsonl", (row for one in audited for row in _quarantine(one, request.masker)))
    folder.write_json("summary.json", summary)
    folder.write_json("regulations.json", regulations)
    statements = {one.ruleset.name: statements_of(one.ruleset, one.logs, own) for one in audited if one.ruleset.facts.statements}
    if statements:
        folder.write_json("statements.json", statements)
    folder.write("findings.jsonl", (piece for one in audited for piece in one.telling.lines()))
    evidence = [citations.EVIDENCE_SCHEMA.empty_table(), *(one.telling.publisher.evidence.table() for one in audited)]
    with folder.table("evidence.parquet", citations.EVIDENCE_SCHEMA, citations.REPEATING) as write_evidence:
        write_evidence(pa.concat_tables(evidence))
    return summary


def _summary(one: Audited, units: Mapping[str, Any]) -> dict[str, Any]:
    scores = one.scores.result({org: (unit["name"], unit["kind"]) for org, unit in units.items()})
    return {
        "rules": {judged.rule.code: rule_counts(judged) for judged in one.judged},
        "units": scores["units"],
        "persons": scores["persons"],
        "rows": {name: a.rows_read for name, a in sorted(one.admitted.items())},
        "quarantined": {name: a.rows_refused for name, a in sorted(one.admitted.items())},
    }


def _reasons(refusals: pa.Table) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for line in refusals.group_by(["record", "reason"]).aggregate([([], "count_all")]).to_pylist():
        counts.setdefault(line["record"], {})[line["reason"]] = line["count_all"]
    return counts


def _quarantine(one: Audited, masker: Masker) -> Iterator[dict[str, Any]]:
    """The refused rows, ordered as validation gives them, with personal values masked."""
    for row in one.refusals.to_pylist():
        record = one.ruleset.contract[row["record"]]
        tag = record.field(row["field"]).personal if row["field"] in record else ""
        # What was refused often stands in the wrong column: a phone is one wherever it stands.
        tag = tag or looks_personal(row["value"])
        yield row | {"value": masker.value(tag, row["value"]) if row["value"] is not None else None}


def _report(folder: RunFolder, request: Request, manifest: Mapping[str, Any], progress: Progress) -> None:
    # The renderer takes a second to import; a run without a PDF need not wait for it.
    from auditor.report import build_pdf, build_xlsx

    progress("findings.xlsx")
    xlsx = folder.path / "findings.xlsx"
    build_xlsx(folder.path, request.language, request.unit, out=xlsx, manifest=manifest, processes=request.workers)
    if request.pdf:
        progress("report.pdf")
        build_pdf(
            folder.path,
            request.language,
            request.unit,
            request.previous,
            out=folder.path / "report.pdf",
            manifest=manifest,
            progress=progress,
        )


def _check_unit(unit: str | None, summary: Mapping[str, Any]) -> None:
    """Raises UsageError where the report is asked for a unit that no case names."""
    known = sorted({u["org_id"] for ruleset in summary["rulesets"].values() for u in ruleset["units"]})
    if unit is not None and unit not in known:
        raise UsageError(f"--unit {unit}: no case of this audit names that unit; its cases name {', '.join(known) or 'none'}")


def _manifest(audited: Sequence[Audited], request: Request) -> dict[str, Any]:
    libraries = ("durable-rules", "numpy", "pandas", "pyarrow", "sqlalchemy", "weasyprint", "jinja2", "xlsxwriter")
    return {
        "program": {"name": "auditor", "version": __version__},
        "site": request.site,
        "read_at": to_iso(request.read_at, request.zone) if request.read_at is not None else None,
        "period": request.period.text,
        "as_of": to_iso(request.as_of, request.zone),
        "zone": str(request.zone),
        "language": request.language,
        "rulesets": {
            one.ruleset.name: {"version": one.ruleset.regulation.version, "fingerprint": one.ruleset.fingerprint} for one in audited
        },
        "libraries": {name: version(name) for name in libraries} | {"python": platform.python_version()},
        "parameters": {
            one.ruleset.name: {
                p.name: [
                    {"value": str(v.value), "unit": p.unit, "in_force_from": v.in_force_from.isoformat(), "site": v.site} for v in p.values
                ]
                for p in one.logs.parameters
            }
            for one in audited
        },
        "sources": {
            one.ruleset.name: {"urls": dict(one.sources), "rows": {n: a.rows_read for n, a in sorted(one.admitted.items())}}
            for one in audited
        },
        "calendar": {one.ruleset.name: one.logs.calendar.version for one in audited},
        "masking": {
            "on": not request.masker.unmask,
            "unmasked": dict(request.unmasked) if request.unmasked else None,
            "own_key": request.masker.own_key,
        },
    }
