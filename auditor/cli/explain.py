"""`auditor explain`."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import instant, open_site, record_unmasking


@click.command()
@click.argument("ruleset")
@click.argument("rule")
@click.argument("case_id")
@click.option("--source", metavar="URL", help="Database in canonical tables, as an SQLAlchemy URL.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="The site's configuration (TOML).")
@click.option("--period", "period_text", metavar="PERIOD", help="Audited period (default: the calendar quarter of as-of).")
@click.option("--as-of", metavar="TIME", help="Judge as things stood at this time (default: now).")
@click.option("--unmask", is_flag=True, help="Show personal data; needs --reason.")
@click.option("--reason", metavar="TEXT", help="Why personal data are shown; it is recorded.")
def explain(
    ruleset: str,
    rule: str,
    case_id: str,
    source: str | None,
    config: Path | None,
    period_text: str | None,
    as_of: str | None,
    unmask: bool,
    reason: str | None,
) -> None:
    """Show why CASE_ID got its verdict under RULE of RULESET, step by step."""
    from datetime import datetime

    from auditor import explain as explanation
    from auditor.audit import Request
    from auditor.errors import UsageError
    from auditor.masking import Masker
    from auditor.periods import parse_period
    from auditor.rulebook import OWN_WORDING, load_wording

    if unmask and not (reason or "").strip():
        raise UsageError("--unmask needs --reason TEXT: why personal data are shown")
    site = open_site(config, source, [ruleset])
    if unmask:
        record = record_unmasking(config.parent if config else Path(), site.zone, f"explain {ruleset} {rule}", str(reason))
        click.echo(f"Personal data are shown; it is recorded in {record}", err=True)
    try:
        moment = instant(as_of, site.zone)
        local = datetime.fromtimestamp(moment, site.zone)
        period = parse_period(period_text or f"{local.year}Q{(local.month + 2) // 3}", site.zone)
        request = Request(site.inputs, period, moment, Path(), Masker(site.key, unmask), site.zone, calendars=site.calendars)
        result = explanation.explain(site.inputs[0], request, rule, case_id, load_wording(OWN_WORDING))
    finally:
        site.close()
    for line in explanation.lines(result):
        click.echo(line)
