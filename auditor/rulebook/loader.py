"""Loads a ruleset's folder into one value, checked.

Files: `__init__.py` (REGULATION), `records.toml`, `clauses.toml`, `parameters.toml`, `facts` (FACTS), `chapter_*.py` (rules), `wording/`.
"""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

from auditor.contract import SHARED_RECORDS, load_contract
from auditor.derive.factbook import FactBook
from auditor.errors import UsageError
from auditor.rulebook.checks import check_ruleset
from auditor.rulebook.locate import import_ruleset, rulesets_available
from auditor.rulebook.ruleset import Clause, Ruleset, RulesetError, place
from auditor.rulebook.wording import load_wording
from auditor.toml_source import read_toml
from auditor.vocabulary.regulation import Regulation
from auditor.vocabulary.rules import Rule

_LOADED: dict[str, Ruleset] = {}


def load_ruleset(name: str) -> Ruleset:
    """The ruleset of that name. Raises RulesetError, with file and line, for any mistake in it; UsageError where there is none."""
    if name not in _LOADED:
        ruleset = _read(name)
        check_ruleset(ruleset)
        _LOADED[name] = ruleset
    return _LOADED[name]


def _read(name: str) -> Ruleset:
    available = rulesets_available()
    folder = available.get(name)
    chapters = sorted(p.stem for p in folder.glob("chapter_*.py")) if folder is not None else []
    try:
        modules = import_ruleset(name, "", "facts", *chapters)
    except UsageError:
        raise
    except Exception as error:  # a rule file is somebody's program: whatever it does wrong is told with its place
        raise RulesetError(f"{_where(error, folder)}: {error}") from error
    assert folder is not None
    regulation = getattr(modules[""], "REGULATION", None)
    if not isinstance(regulation, Regulation):
        raise RulesetError(f"{folder / '__init__.py'}, line 1: there is no REGULATION = Regulation(...)")
    facts = getattr(modules["facts"], "FACTS", None)
    if not isinstance(facts, FactBook):
        raise RulesetError(f"{folder / 'facts.py'}, line 1: there is no FACTS = FactBook()")
    rules: dict[str, Rule] = {}
    for chapter in chapters:
        _check_names(folder / f"{chapter}.py")
        for rule in _rules_of(modules[chapter]):
            if rule.code in rules:
                raise RulesetError(f"{place(rule)}: the code stands at {place(rules[rule.code])} already; a code is never used twice")
            rules[rule.code] = rule
    return Ruleset(
        name=name,
        folder=folder,
        regulation=regulation,
        rules=dict(sorted(rules.items())),
        facts=facts,
        contract=load_contract(SHARED_RECORDS, folder / "records.toml"),
        clauses=_clauses(folder / "clauses.toml"),
        wording=load_wording(folder / "wording"),
        tables={path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in _tables(folder)},
    )


def _rules_of(module: ModuleType) -> list[Rule]:
    rules = []
    for attribute, value in vars(module).items():
        if isinstance(value, Rule) and value.written_at[0] == module.__file__:
            if attribute != value.code:
                raise RulesetError(f"{place(value)}: the rule is assigned to {attribute}; name it {value.code}")
            rules.append(value)
    return rules


def _check_names(path: Path) -> None:
    """No name is given twice in a chapter: Python would drop the first rule without a word."""
    given: dict[str, int] = {}
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        for target in statement.targets if isinstance(statement, ast.Assign) else ():
            if isinstance(target, ast.Name):
                if target.id in given:
                    raise RulesetError(f"{path}, line {statement.lineno}: {target.id} stands in line {given[target.id]} already")
                given[target.id] = statement.lineno


def _tables(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*.toml") if p.stem not in ("records", "clauses", "parameters"))


def _clauses(path: Path) -> tuple[Clause, ...]:
    source = read_toml(path)
    entries: list[dict[str, Any]] = source.data.get("clause", [])
    clauses = []
    for number, entry in enumerate(entries):
        if set(entry) != {"number", "coverage"} or entry["coverage"] not in ("by_rule", "by_hand", "no_duty"):
            raise RulesetError(f"{source.place('clause', number)}: a clause has a number and a coverage, one of by_rule, by_hand, no_duty")
        clauses.append(Clause(str(entry["number"]), entry["coverage"], source.line_of("clause", number)))
    return tuple(clauses)


def _where(error: BaseException, folder: Path | None) -> str:
    """File and line of the ruleset at which an import failed."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    found = str(folder)
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if folder is not None and file.startswith(str(folder)):
            found = f"{file}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return found
