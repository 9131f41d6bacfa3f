"""`auditor check`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from auditor.cli.options import instant, source_options


@click.command()
@source_options
@click.option("--sql", is_flag=True, help="Print the statements that an audit sends and the grants that they need; read no row.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def check(config: Path | None, source: str | None, rulesets: tuple[str, ...], sql: bool, as_json: bool) -> None:
    """Try configuration, sources and mappings without auditing.

    Says per record: rows, blanks, codes that the contract does not know, times that cannot be, and which rules will not be auditable.
    """
    from auditor.check import check_ruleset
    from auditor.errors import SourceError
    from auditor.parameters import load_parameters

    results = []
    failed = []
    for tried in _tried(config, source, rulesets):
        try:
            result = check_ruleset(
                tried.ruleset,
                tried.read,
                tried.urls,
                parameters=load_parameters(tried.ruleset.folder / "parameters.toml", tried.parameters, tried.place, tried.zone, tried.keys),
                calendar=tried.calendar,
                zone=tried.zone,
                now=instant(None, tried.zone),
                data=tried.tables,
                rows=not sql,
            )
        finally:
            tried.close()
        results.append(result)
        failed += result.failures
        if not as_json:
            click.echo(_sql_text(result, tried.users) if sql else _text(result))
    if as_json:
        click.echo(json.dumps([asdict(result) for result in results], ensure_ascii=False, indent=2))
    if failed:
        raise SourceError("; ".join(dict.fromkeys(failed)))


@dataclass
class _Tried:
    """One ruleset to check, from --source or from a configuration."""

    ruleset: Any
    read: Callable[[Any], Any]
    urls: Mapping[str, str]
    users: Mapping[str, tuple[str, str]]
    """Source → (dialect, user)."""
    zone: ZoneInfo
    calendar: Any
    close: Callable[[], None]
    parameters: Mapping[str, Any]
    tables: Mapping[str, Any]
    place: Any = None
    keys: tuple[str, ...] = ()


def _tried(config: Path | None, source: str | None, rulesets: tuple[str, ...]) -> Iterator[_Tried]:
    from auditor.calendar.working_calendar import WorkingCalendar
    from auditor.cli.options import open_site
    from auditor.config import check_mapping, load_site
    from auditor.instants import DEFAULT_ZONE
    from auditor.load import RulesetSources, open_source, parse_url, read_record
    from auditor.rulebook import load_ruleset, with_site_rows

    if config is None or source is not None:
        if config is not None or source is None or len(rulesets) != 1:
            open_site(config, source, rulesets)  # says what is wrong
        assert source is not None
        ruleset = load_ruleset(rulesets[0])
        opened = open_source(source)
        yield _Tried(
            ruleset,
            lambda record: read_record(opened, record),
            {opened.name: opened.safe_url()},
            {opened.name: (opened.dialect, opened.url.username or "")},
            DEFAULT_ZONE,
            WorkingCalendar.from_files(),
            opened.close,
            {},
            {},
        )
        return
    from auditor.cli.configured import chosen_rulesets

    site = load_site(config)
    for one in chosen_rulesets(site, rulesets):
        ruleset = load_ruleset(one.name)
        check_mapping(one, ruleset.contract, ruleset.regulation.reads)
        sources = RulesetSources(one, site.zone)
        urls = {name: parse_url(s.url) for name, s in one.sources.items()}
        yield _Tried(
            ruleset,
            sources.read_one,
            sources.safe_urls(),
            {name: (_dialect(url.get_backend_name()), url.username or "") for name, url in urls.items()},
            site.zone,
            WorkingCalendar.from_files(*site.calendars),
            sources.close,
            one.config.parameters,
            with_site_rows(ruleset, one.config.tables, site.place, *one.keys, "tables"),
            site.place,
            one.keys,
        )


def _dialect(backend: str) -> str:
    return "mysql" if backend == "mariadb" else backend


def _text(result: Any) -> str:
    lines = [f"{result.ruleset}: " + ", ".join(f"{name} {url}" for name, url in result.sources.items())]
    for record in result.records:
        lines += _record_lines(record)
    if result.absent:
        lines.append("  Records that the site does not have:")
        lines += [f"    {name}: {reason}" for name, reason in result.absent.items()]
    if result.not_auditable:
        lines.append(f"  Not auditable: {len(result.not_auditable)} rules")
        lines += [f"    {code}: {reason}" for code, reason in result.not_auditable.items()]
    else:
        lines.append("  Every rule is auditable.")
    if result.calendar:
        lines.append(f"  Calendar: {result.calendar}")
    return "\n".join(lines)


def _record_lines(record: Any) -> list[str]:
    rows = record.read - record.refused
    lines = [f"  {record.record} from {record.source}, {record.table}: {record.read} rows, {record.refused} to quarantine"]
    for name, reasons in record.reasons.items():
        lines.append(f"    refused for {name}: " + ", ".join(f"{reason} {count}" for reason, count in reasons.items()))
    for name, codes in record.unknown_codes.items():
        lines.append(f"    unknown codes in {name}: " + ", ".join(f"{code!r} {count}" for code, count in codes.items()))
    if record.odd_periods:
        lines.append("    no periods: " + ", ".join(f"{text!r} {count}" for text, count in record.odd_periods.items()))
    for column in record.columns:
        share = f"{100 * column.blank / rows:5.1f} % blank" if rows else "no rows"
        line = f"    {column.name:<28} {column.kind:<5} {share}"
        if column.earliest:
            line += f"   {column.earliest} to {column.latest}"
        line += f"   {column.future} in the future" if column.future else ""
        line += f"   {column.before_start} before the row's first step" if column.before_start else ""
        line += "   ALWAYS BLANK: is it mapped to the right column?" if rows and column.blank == rows else ""
        lines.append(line)
    lines += [f"    {name:<28} missing: {reason}" for name, reason in record.missing.items()]
    return lines


def _sql_text(result: Any, users: Mapping[str, tuple[str, str]]) -> str:
    from auditor.check import grants

    lines = [f"-- {result.ruleset}"]
    for name, (dialect, user) in users.items():
        lines.append(f"-- grants for source {name} ({result.sources[name]})")
        lines += grants(dialect, [table for source, table in result.tables if source == name], user)
    for record, statement in result.statements:
        lines += [f"-- {record}", f"{statement};"]
    lines += [f"-- {name}: {reason}" for name, reason in result.absent.items()]
    return "\n".join(lines)
