"""Writes docs/rulesets/*.md (every clause, rule and number of each ruleset) and docs/commands.md from what the program itself says.

`python tools/make_docs.py` writes them; a test fails where they are stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from auditor.cli import COMMANDS, group
from auditor.instants import DEFAULT_ZONE
from auditor.parameters import Parameter, load_parameters
from auditor.rulebook import Clause, Ruleset, load_ruleset, rulesets_available
from auditor.vocabulary.expressions import ALWAYS, NEVER_TRUE, Expr, show
from auditor.vocabulary.rules import Rule

DOCS = Path(__file__).resolve().parents[1] / "docs"
GENERATED = "<!-- Made by `make docs`; change the ruleset or the command instead. -->"
WIDTH = 110
"""Columns of the commands' help, whatever the terminal."""
COVERAGE = {"by_rule": "by rule", "by_hand": "by hand", "no_duty": "no duty"}


def pages() -> dict[Path, str]:
    """Every generated page, and its text."""
    rulesets = [load_ruleset(name) for name in rulesets_available()]
    texts = {DOCS / "rulesets" / f"{ruleset.name}.md": ruleset_page(ruleset) for ruleset in rulesets}
    return {**texts, DOCS / "rulesets" / "README.md": index_page(rulesets), DOCS / "commands.md": commands_page()}


def index_page(rulesets: Sequence[Ruleset]) -> str:
    """The rulesets, and how much of each regulation is judged."""
    rows = []
    for ruleset in rulesets:
        count = {coverage: sum(clause.coverage == coverage for clause in ruleset.clauses) for coverage in COVERAGE}
        title = ruleset.wording.text("en", "regulation", "title")
        rows.append((f"[{ruleset.name}]({ruleset.name}.md)", title, len(ruleset.rules), len(ruleset.clauses), *count.values()))
    table_of = table(("ruleset", "regulation", "rules", "clauses", *COVERAGE.values()), rows)
    return page("Rulesets", table_of)


def ruleset_page(ruleset: Ruleset) -> str:
    """One ruleset: what it is, its clauses, rules and numbers."""
    words, regulation = ruleset.wording, ruleset.regulation
    until = f" to {regulation.in_force_to}" if regulation.in_force_to else ""
    issuer = words.text("en", "regulation", "issuer")
    parameters = load_parameters(ruleset.folder / "parameters.toml", None, None, DEFAULT_ZONE)
    return page(
        ruleset.name,
        words.text("zh-Hant", "regulation", "title"),
        words.text("en", "regulation", "title"),
        f"Issuer: {issuer} · version {regulation.version} · in force from {regulation.in_force_from}{until}",
        "## Clauses",
        "Every clause is listed: judged *by rule*, to be looked at *by hand*, or stating *no duty*.",
        table(("clause", "covered", "rules", "摘要", "summary"), (clause_row(ruleset, clause) for clause in ruleset.clauses)),
        "## Rules",
        *(part for rule in ruleset.rules.values() for part in rule_parts(ruleset, rule)),
        "## Parameters",
        "A value holds from its date on; the earliest reaches back. Basis: the clause states it, or it is our default for the site to set.",
        table(("parameter", "名稱", "unit", "values", "basis"), (parameter_row(ruleset, parameter) for parameter in parameters)),
    )


def clause_row(ruleset: Ruleset, clause: Clause) -> tuple[str, ...]:
    """Number, coverage, rules and summary; for a clause to look at by hand also what to look at."""
    codes = ", ".join(f"[{code}](#{code.lower()})" for code in ruleset.rules_of(clause.number))
    texts = []
    for language in ("zh-Hant", "en"):
        check = ruleset.wording.get(language, "clauses", clause.number, "check")
        summary = ruleset.wording.text(language, "clauses", clause.number, "summary")
        texts.append(f"{summary}<br>*{check}*" if check else summary)
    return clause.number, COVERAGE[clause.coverage], codes, *texts


def rule_parts(ruleset: Ruleset, rule: Rule) -> Iterator[str]:
    """A rule's heading, words and conditions."""
    yield f"### {rule.code}"
    yield f"`{rule.name}` · clause {rule.clause} · {rule.severity.value} · {rule.kind} · judged: `{rule.record}`"
    words = ruleset.wording
    rows = [
        (key, words.text("zh-Hant", "rules", rule.code, key), words.text("en", "rules", rule.code, key))
        for key in ("title", "duty", "deed", "effect", "remedy")
        if words.get("en", "rules", rule.code, key)
    ]
    yield table(rows[0], rows[1:])
    asked = ruleset.asked[rule.code]
    lines = [
        *condition("population", rule.population, ALWAYS),
        *(f"- indeterminate ({reason}): `{show(when)}`" for reason, when in asked.reasons if when != NEVER_TRUE),
        *condition("broken", asked.questions.broken, NEVER_TRUE),
        *condition("still open", asked.questions.open, NEVER_TRUE),
    ]
    names = ruleset.parameters_of(rule)
    yield "\n".join([*lines, f"- parameters: {', '.join(f'`{name}`' for name in names)}"] if names else lines)


def condition(name: str, value: Expr, silent: Expr) -> list[str]:
    """The line of a condition, or none where it says nothing."""
    return [] if value == silent else [f"- {name}: `{show(value)}`"]


def parameter_row(ruleset: Ruleset, parameter: Parameter) -> tuple[str, ...]:
    """Name, title, unit, dated values and basis."""
    values = "<br>".join(f"{dated.value} from {dated.in_force_from}" for dated in parameter.values)
    basis = f"{parameter.basis} {parameter.clause}".strip()
    return f"`{parameter.name}`", ruleset.wording.text("zh-Hant", "parameters", parameter.name, "name"), parameter.unit, values, basis


def commands_page() -> str:
    """The help of every command and of its subcommands."""
    root = click.Context(group, info_name="auditor", terminal_width=WIDTH, max_content_width=WIDTH)
    parts: list[str] = [f"```\n{group.get_help(root)}\n```"]
    for name in COMMANDS:
        command = group.get_command(root, name)
        assert command is not None, name
        parts += command_parts(command, root, name)
    return page("Commands", *parts)


def command_parts(command: click.Command, parent: click.Context, name: str) -> Iterator[str]:
    """Heading and help of a command, then those of the commands below it."""
    context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH)
    yield f"## {context.command_path}"
    yield f"```\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None, below
            yield from command_parts(found, context, below)


def page(title: str, *parts: str) -> str:
    """A Markdown page."""
    return "\n\n".join([GENERATED, f"# {title}", *parts]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; a bar in a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines)


def main() -> None:
    texts = pages()
    for path in set((DOCS / "rulesets").glob("*.md")) - set(texts):
        path.unlink()
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
