"""A site as its configuration describes it, ready to be audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from auditor.audit import Input
from auditor.cli.options import Site, site_key
from auditor.config import RulesetSite, SiteConfig, load_site
from auditor.errors import UsageError
from auditor.load import RulesetSources
from auditor.rulebook import rulesets_available
from auditor.toml_source import TomlSource


def configured_site(config: Path, rulesets: Sequence[str]) -> Site:
    """The rulesets (all that the configuration gives sources, where none is named) with their sources.

    Nothing is opened yet: a source that is down fails its own ruleset. Raises UsageError for a mistake in the configuration.
    """
    site = load_site(config)
    chosen = chosen_rulesets(site, rulesets)
    sources = {one.name: RulesetSources(one, site.zone) for one in chosen}

    def close() -> None:
        for opened in sources.values():
            opened.close()

    return Site(
        inputs=[
            Input(
                one.name,
                sources[one.name].read,
                sources[one.name].safe_urls(),
                parameters=one.config.parameters,
                waivers=one.config.waivers,
                tables=one.config.tables,
                place=site.place,
                keys=one.keys,
            )
            for one in chosen
        ],
        zone=site.zone,
        calendars=site.calendars,
        key=site_key(site.key_file),
        name=site.name,
        scoring=site.scoring,
        place=site.place,
        suspect_above=Fraction(str(site.check.suspect_above)),
        suspect_population=site.check.suspect_population,
        close=close,
    )


def site_parameters(config: Path, ruleset: str) -> tuple[Mapping[str, Any], TomlSource, tuple[str, ...], ZoneInfo]:
    """What the site sets of a ruleset's parameters, where it says so, and its zone: for `rules show`.

    Raises UsageError where the configuration gives the ruleset no sources.
    """
    site = load_site(config)
    one = chosen_rulesets(site, [ruleset])[0]
    return one.config.parameters, site.place, one.keys, site.zone


def chosen_rulesets(site: SiteConfig, rulesets: Sequence[str]) -> list[RulesetSite]:
    """The site's rulesets that are asked for. Raises UsageError for one that the site or the auditor does not have."""
    available = rulesets_available()
    for name, one in site.rulesets.items():
        if name not in available:
            known = ", ".join(sorted(available))
            raise UsageError(f"{site.place.place(*one.keys)}: there is no ruleset {name!r}; there is {known}")
    for name in rulesets:
        if name not in site.rulesets:
            known = ", ".join(site.rulesets)
            raise UsageError(f"{site.place.path} gives no sources for the ruleset {name!r}; it gives them for {known}")
    return [one for name, one in site.rulesets.items() if not rulesets or name in rulesets]
