"""`auditor duties`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from auditor.cli.options import LANGUAGES, instant, open_site, period_options, source_options

STATES = ("done", "late", "missing", "pending", "unknown", "waived")
EVERY = ("month", "quarter", "half_year", "year", "cycle", "event")


@click.command()
@source_options
@period_options
@click.option("--state", "states", type=click.Choice(STATES), multiple=True, help="Only duties that stand so (repeatable).")
@click.option("--every", type=click.Choice(EVERY), multiple=True, help="Only duties that fall due so often (repeatable; event: once).")
@click.option("--unit", "units", metavar="ORG", multiple=True, help="Only duties that this unit answers for (repeatable).")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="zh-Hant", show_default=True, help="Language of the duties.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of lines.")
@click.option("--ics", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the list as an iCalendar file as well.")
@click.option("--remind", type=click.IntRange(0, 365), default=7, show_default=True, metavar="DAYS", help="Alarm so long before due.")
def duties(
    config: Path | None,
    source: str | None,
    rulesets: tuple[str, ...],
    period_text: str,
    as_of: str | None,
    states: tuple[str, ...],
    every: tuple[str, ...],
    units: tuple[str, ...],
    language: str,
    as_json: bool,
    ics: Path | None,
    remind: int,
) -> None:
    """List the duties that fall due in a period: when, for whom, and whether done, late, missing or still pending."""
    from auditor.audit import Request
    from auditor.calendar_file import calendar_text
    from auditor.duties import Obligation, register
    from auditor.masking import Masker
    from auditor.periods import parse_period

    site = open_site(config, source, rulesets)
    found: list[Obligation] = []
    not_listed: list[tuple[str, str]] = []
    try:
        period = parse_period(period_text, site.zone)
        moment = instant(as_of, site.zone)
        request = Request(site.inputs, period, moment, Path(), Masker(site.key, False), site.zone, calendars=site.calendars)
        for one in site.inputs:
            listed = register(one, request, events=not every or "event" in every)
            found += listed.obligations
            not_listed += [(code, why) for code, why in sorted(listed.not_auditable.items())]
    finally:
        site.close()
    found = [
        o
        for o in sorted(found, key=lambda o: (o.due_at, o.ruleset, o.rule, o.case_id))
        if (not states or o.state in states) and (not every or o.every in every) and (not units or o.org_id in units)
    ]
    if ics is not None:
        name = f"{site.name or ', '.join(i.ruleset for i in site.inputs)} {period.text}"
        text = calendar_text(found, as_of=moment, zone=site.zone, language=language, name=name, remind_days=remind)
        _write(ics, text)
    if as_json:
        click.echo(json.dumps([_plain(o, site.zone) for o in found], ensure_ascii=False, indent=1))
    else:
        _tell(found, language, site.zone)
        counts = ", ".join(f"{sum(o.state == state for o in found)} {state}" for state in STATES)
        click.echo(f"{len(found)} duties fall due in {period.text}: {counts}")
    for code, why in not_listed:
        click.echo(f"{code} is not listed, for it is not auditable: {why}", err=True)
    if ics is not None:
        click.echo(f"The calendar is in {ics}", err=as_json)


def _tell(found: Sequence[Any], language: str, zone: Any) -> None:
    for o in found:
        done = f", {_local(o.done_at, zone)}" if o.state in ("done", "late") and _local(o.done_at, zone) else ""
        period = f" ({o.period})" if o.period else ""
        click.echo(f"{_local(o.due_at, zone)}  {o.state:<8} {o.rule}  {o.unit or '—'}: {o.duty[language]}{period}{done}  [{o.case_id}]")


def _plain(o: Any, zone: Any) -> dict[str, Any]:
    from auditor.instants import to_iso

    return {
        "ruleset": o.ruleset,
        "rule": o.rule,
        "name": o.name,
        "clause": o.clause,
        "severity": o.severity,
        "every": o.every,
        "case_id": o.case_id,
        "org_id": o.org_id,
        "unit": o.unit,
        "subject_id": o.subject_id,
        "period": o.period,
        "due_at": to_iso(o.due_at, zone),
        "done_at": to_iso(o.done_at, zone),
        "state": o.state,
        "duty": dict(o.duty),
    }


def _local(moment: int, zone: Any) -> str:
    from auditor.instants import to_iso

    return (to_iso(moment, zone) or "")[:19].replace("T", " ")


def _write(path: Path, text: str) -> None:
    from auditor.errors import UsageError

    try:
        path.write_bytes(text.encode())
    except OSError as error:
        raise UsageError(f"{path}: the calendar cannot be written ({error.strerror}); name another file with --ics") from None
