"""Writes docs/rulesets/*.md (every clause, rule and number of each ruleset) and docs/commands.md from what the program itself says.

`python tools/make_docs.py` writes them; a test fails where they are stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from auditor.cli import COMMANDS, group
from auditor.rule_reference import reference
from auditor.rulebook import Ruleset, load_ruleset, rulesets_available

DOCS = Path(__file__).resolve().parents[1] / "docs"
GENERATED = "<!-- Made by `make docs`; change the ruleset or the command instead. -->"
WIDTH = 110
"""Columns of the commands' help, whatever the terminal."""
COVERAGE = {"by_rule": "by rule", "by_hand": "by hand", "no_duty": "no duty"}


def pages() -> dict[Path, str]:
    """Every generated page, and its text."""
    rulesets = [load_ruleset(name) for name in rulesets_available()]
    texts = {DOCS / "rulesets" / f"{ruleset.name}.md": reference(ruleset.name) for ruleset in rulesets}
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


def commands_page() -> str:
    """The help of every command and of its subcommands."""
    root = click.Context(group, info_name="auditor", **{**group.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH})
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
