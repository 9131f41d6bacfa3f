"""`auditor audit`."""

from __future__ import annotations

import getpass
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from auditor.cli.options import LANGUAGES, instant, open_site, period_options, source_options
from auditor.errors import SourceError, UsageError

SEVERITIES = ("minor", "major", "critical")


@click.command()
@source_options
@period_options
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the run (default: runs/PERIOD).")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="zh-Hant", show_default=True, help="Language of the report.")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="Processes that judge (default: one a core).")
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="End with 1 where there is a breach of that severity or above.")
@click.option("--no-pdf", is_flag=True, help="Leave out report.pdf.")
@click.option("--unit", metavar="ORG", help="Report and spreadsheet for one unit alone, to hand to it.")
@click.option(
    "--previous", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="RUN", help="An earlier run to compare with."
)
@click.option("--unmask", is_flag=True, help="Show personal data; needs --reason.")
@click.option("--reason", metavar="TEXT", help="Why personal data are shown; it is recorded.")
def audit(
    config: Path | None,
    source: str | None,
    rulesets: tuple[str, ...],
    period_text: str,
    as_of: str | None,
    out: Path | None,
    language: str,
    workers: int | None,
    fail_on: str | None,
    no_pdf: bool,
    unit: str | None,
    previous: Path | None,
    unmask: bool,
    reason: str | None,
) -> int:
    """Audit one period and leave findings, scores and the report in a folder."""
    if unmask and not (reason or "").strip():
        raise UsageError("--unmask needs --reason TEXT: why personal data are shown is recorded in the manifest")
    if reason and not unmask:
        raise UsageError("--reason says why personal data are shown; it goes with --unmask")
    from auditor.audit import Request, run_audit
    from auditor.cli.progress import progress_line
    from auditor.masking import Masker
    from auditor.periods import parse_period
    from auditor.scoring import scoring_model

    site = open_site(config, source, rulesets)
    try:
        period = parse_period(period_text, site.zone)
        request = Request(
            inputs=site.inputs,
            period=period,
            as_of=instant(as_of, site.zone),
            out=out or Path("runs") / period_text,
            masker=Masker(site.key, unmask),
            zone=site.zone,
            language=language,
            workers=workers or os.cpu_count() or 1,
            pdf=not no_pdf,
            unmasked={"who": getpass.getuser(), "when": datetime.now(site.zone).isoformat(timespec="seconds"), "why": str(reason)}
            if unmask
            else None,
            calendars=site.calendars,
            unit=unit,
            previous=previous,
            site=site.name,
            read_at=instant(None, site.zone),
            model=scoring_model(site.scoring, site.place, site.zone, period.end_at),
            hit_rate=site.suspect_above,
            hit_population=site.suspect_population,
        )
        with progress_line() as progress:
            summary = run_audit(request, progress)
    finally:
        site.close()
    regulations = json.loads((request.out / "regulations.json").read_text(encoding="utf-8"))
    _tell(summary, regulations, request)
    if "unreached" in summary:
        return SourceError.exit_code
    return 1 if fail_on is not None and _met(summary, regulations, fail_on) else 0


def _tell(summary: dict[str, Any], regulations: dict[str, Any], request: Any) -> None:
    for name, ruleset in summary["rulesets"].items():
        rules = ruleset["rules"].values()
        counts = {
            verdict: sum(rule[verdict] for rule in rules)
            for verdict in ("population", "breach", "indeterminate", "pending", "indicator", "merit", "waived")
        }
        refused = sum(ruleset["quarantined"].values())
        missing = sum(1 for rule in rules if rule["not_auditable"])
        click.echo(
            f"{name}: {counts['breach']} breaches of {counts['population']} cases judged; {counts['indeterminate']} indeterminate, "
            f"{counts['pending']} pending, {counts['waived']} waived, {counts['indicator']} indicators, {counts['merit']} merits; "
            f"{refused} rows in quarantine, {missing} rules not auditable"
        )
        for warning in regulations[name]["warnings"]:
            click.echo(f"auditor: {warning}", err=True)
    for name, why in summary.get("unreached", {}).items():
        click.echo(f"auditor: {name} was not audited: {why}", err=True)
    if request.masker.own_key:
        click.echo(
            "No site key is set (AUDITOR_KEY, or a key file): pseudonyms and digests of this run compare with no other run.", err=True
        )
    click.echo(f"The run is in {request.out}" + (": open report.pdf, findings.xlsx" if request.pdf else ": open findings.xlsx"))


def _met(summary: dict[str, Any], regulations: dict[str, Any], severity: str) -> bool:
    rank = SEVERITIES.index(severity)
    return any(
        counts["breach"] and SEVERITIES.index(regulations[name]["rules"][code]["severity"]) >= rank
        for name, ruleset in summary["rulesets"].items()
        for code, counts in ruleset["rules"].items()
        if regulations[name]["rules"][code]["severity"] in SEVERITIES
    )
