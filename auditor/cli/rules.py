"""`auditor rules list, show, coverage`."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import LANGUAGES


@click.group()
def rules() -> None:
    """List and show rules, and the clause-by-clause coverage of a regulation."""


@rules.command("list")
@click.argument("rulesets", nargs=-1, metavar="[RULESET]...")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True)
def list_rules(rulesets: tuple[str, ...], language: str) -> None:
    """Every rule: code, severity, clause, kind, title."""
    from auditor.rulebook import load_ruleset, rulesets_available

    for name in rulesets or tuple(rulesets_available()):
        ruleset = load_ruleset(name)
        click.echo(f"{name}: {ruleset.wording.text(language, 'regulation', 'title')} ({len(ruleset.rules)} rules)")
        for code, rule in ruleset.rules.items():
            title = ruleset.wording.text(language, "rules", code, "title")
            click.echo(f"  {code}  {rule.severity.value:<9} {rule.kind:<9} {rule.clause:<18} {rule.name}: {title}")


@rules.command("show")
@click.argument("code")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Show the parameters of this site.")
@click.option("--at", "day", metavar="DATE", help="Mark the parameters in force on this day (default: today).")
def show_rule(code: str, language: str, config: Path | None, day: str | None) -> None:
    """One rule in full: clause, population, condition, parameters in force, sheet of cases."""
    from auditor.cli.options import instant
    from auditor.instants import DEFAULT_ZONE
    from auditor.rule_reference import find_rule, rule_text
    from auditor.rulebook import load_ruleset

    ruleset = load_ruleset(find_rule(code))
    if config is None:
        click.echo(rule_text(ruleset, code, language, None, None, (), DEFAULT_ZONE, instant(day, DEFAULT_ZONE)))
        return
    from auditor.cli.configured import site_parameters

    overrides, place, keys, zone = site_parameters(config, ruleset.name)
    click.echo(rule_text(ruleset, code, language, overrides, place, keys, zone, instant(day, zone)))


@rules.command("coverage")
@click.argument("ruleset")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True)
def coverage(ruleset: str, language: str) -> None:
    """Each clause of the regulation, in its order: by rule (which), by hand (what to look at), or no duty."""
    from auditor.rulebook import load_ruleset
    from auditor.rulebook.checks import check_complete

    loaded = load_ruleset(ruleset)
    check_complete(loaded)
    wording = loaded.wording
    counts: dict[str, int] = {}
    for clause in loaded.clauses:
        counts[clause.coverage] = counts.get(clause.coverage, 0) + 1
        how = {"by_rule": "by rule: " + ", ".join(loaded.rules_of(clause.number)), "by_hand": "by hand", "no_duty": "no duty"}[
            clause.coverage
        ]
        click.echo(f"{clause.number:<14} {how}")
        click.echo(f"               {wording.text(language, 'clauses', clause.number, 'summary')}")
        if clause.coverage == "by_hand":
            click.echo(f"               look at: {wording.text(language, 'clauses', clause.number, 'check')}")
    click.echo("; ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items()))
