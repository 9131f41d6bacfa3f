"""`auditor demo`."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    metavar="DIR",
    help="Folder for the site and its runs.",
)
@click.option(
    "--lang",
    "language",
    type=click.Choice(("zh-Hant", "zh-Hans", "en")),
    default="zh-Hant",
    show_default=True,
    help="Language of the report.",
)
@click.option("--no-pdf", is_flag=True, help="Leave out report.pdf.")
def demo(out: Path, language: str, no_pdf: bool) -> None:
    """Build a demonstration site with known breaches for every ruleset, audit it, and say which files to open."""
    from auditor.audit import Request, run_audit
    from auditor.cli.options import instant, open_site
    from auditor.cli.progress import progress_line
    from auditor.demo import demonstrations, write_database
    from auditor.instants import DEFAULT_ZONE, from_iso
    from auditor.masking import Masker
    from auditor.periods import parse_period

    site = out / "site"
    site.mkdir(parents=True, exist_ok=True)
    opened: list[str] = []
    shown = demonstrations()
    for one in shown:
        database = site / f"{one.ruleset}.db"
        database.unlink(missing_ok=True)
        write_database(one, database)
        source = open_site(None, f"sqlite:///{database}", [one.ruleset])
        run = out / one.ruleset
        request = Request(
            inputs=source.inputs,
            period=parse_period(one.period),
            as_of=from_iso(one.as_of, DEFAULT_ZONE),
            out=run,
            masker=Masker(b"the key of the demonstration site", False),
            language=language,
            workers=os.cpu_count() or 1,
            pdf=not no_pdf,
            site="demonstration",
            read_at=instant(None, DEFAULT_ZONE),
        )
        try:
            with progress_line() as progress:
                summary = run_audit(request, progress)
        finally:
            source.close()
        rules = summary["rulesets"][one.ruleset]["rules"].values()
        found = sum(rule["breach"] + rule["indicator"] + rule["merit"] for rule in rules)
        click.echo(
            f"{one.ruleset}: {found} breaches, indicators and merits of {sum(r['population'] for r in rules)} cases "
            f"({len(one.planted)} planted)"
        )
        opened.extend(str(run / name) for name in (("findings.xlsx",) if no_pdf else ("report.pdf", "findings.xlsx")))
    click.echo("Open:")
    for path in opened:
        click.echo(f"  {path}")
    click.echo(f"The databases are in {site}; audit one yourself:")
    click.echo(
        f"  auditor audit --source sqlite:///{site}/{shown[0].ruleset}.db --ruleset {shown[0].ruleset} "
        f"--period {shown[0].period} --as-of {shown[0].as_of} --out my-run"
    )
