"""What a ruleset may import, and what the auditor may not know. (The layers within the auditor: [tool.importlinter] in pyproject.toml.)"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RULESETS = sorted(path.parent.name for path in (ROOT / "rulesets").glob("*/records.toml"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every module that a file imports; `from a import b` counts as a; relative ones are left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, node.module or ""


def within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def allowed(path: Path) -> tuple[str, ...]:
    """Facts are derived from columns; every other file of a ruleset is read by a compliance officer beside the clause."""
    if any(part.startswith("facts") for part in path.relative_to(ROOT / "rulesets").parts):
        return ("auditor.derive", "auditor.vocabulary", "numpy", "pandas", "pyarrow")
    return ("auditor.vocabulary",)


@pytest.mark.parametrize("ruleset", RULESETS)
def test_a_ruleset_imports_the_vocabulary_and_its_facts_the_verbs_and_nothing_else_of_the_auditor(ruleset: str) -> None:
    own = (f"auditor.rulesets.{ruleset}",)
    strangers = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in sorted((ROOT / "rulesets" / ruleset).rglob("*.py"))
        for line, module in imports(path)
        if module.partition(".")[0] not in sys.stdlib_module_names and not within(module, own + allowed(path))
    ]
    assert strangers == []


def test_every_ruleset_was_looked_at() -> None:
    assert len(RULESETS) >= 5


@pytest.mark.parametrize("ruleset", RULESETS)
def test_the_auditor_names_no_regulation(ruleset: str) -> None:
    files = [path for path in (ROOT / "auditor").rglob("*") if path.suffix in (".py", ".toml", ".json", ".html", ".css")]
    assert [str(path.relative_to(ROOT)) for path in files if ruleset in path.read_text(encoding="utf-8")] == []
