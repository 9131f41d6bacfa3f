"""`auditor init`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("site"))
@click.option("--ruleset", "rulesets", multiple=True, metavar="NAME", help="Ruleset that the site audits (repeatable; default: all).")
@click.option("--inspect", "url", metavar="URL", help="Propose a mapping from this database: its tables, columns, and sample values.")
@click.option("--schema", metavar="NAME", help="Schema of the database to inspect.")
def init(folder: Path, rulesets: tuple[str, ...], url: str | None, schema: str | None) -> None:
    """Make a commented site FOLDER: configuration, mapping, site key.

    Nothing is overwritten, and nothing is sent anywhere. What --inspect is not sure of stays a question in the file.
    """
    from auditor.config import has_literal_secret
    from auditor.errors import UsageError
    from auditor.instants import DEFAULT_ZONE
    from auditor.load import open_source
    from auditor.propose import propose
    from auditor.rulebook import load_ruleset, rulesets_available
    from auditor.site import CONFIGURATION, make_site

    if url is not None and has_literal_secret(url):
        raise UsageError("--inspect: the password stands in the URL; put it into an environment variable and write ${NAME} in its place")
    names = rulesets or tuple(rulesets_available())
    records = {}
    for name in names:
        ruleset = load_ruleset(name)
        records[name] = [ruleset.contract[r] for r in ruleset.regulation.reads]
    proposals = None
    if url is not None:
        source = open_source(url, schema=schema)
        try:
            distinct = {r.name: r for of in records.values() for r in of}
            found = {p.record.name: p for p in propose(source, list(distinct.values()), DEFAULT_ZONE)}
        finally:
            source.close()
        proposals = {name: [found[r.name] for r in of] for name, of in records.items()}
    for path in make_site(folder, records, url=url, schema=schema, proposals=proposals):
        click.echo(f"made {path}")
    click.echo(f"Next: fill in the source and the mapping, then run  auditor check --config {folder / CONFIGURATION}")
