"""Dated tables that a ruleset keeps beside its parameters (a `NAME.toml`), and the rows that a site adds to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.errors import UsageError
from auditor.rulebook.ruleset import Ruleset, RulesetError
from auditor.toml_source import TomlSource


def check_tables(ruleset: Ruleset) -> None:
    """Raises RulesetError where the ruleset lacks a table that its facts read, or one of its tables cannot be used."""
    for name, check in ruleset.facts.checks.items():
        path = ruleset.folder / f"{name}.toml"
        if name not in ruleset.tables:
            raise RulesetError(f"{path}: there is no such file, though the facts read the table {name!r}")
        problem = check(ruleset.tables[name], ruleset.contract)
        if problem is not None:
            raise RulesetError(f"{path}: {problem}")


def with_site_rows(ruleset: Ruleset, site: Mapping[str, Any], place: TomlSource | None, *keys: str) -> dict[str, Any]:
    """The ruleset's tables with a site's rows behind its own, so that a later row can stand in place of an earlier one.

    `place` and `keys` tell where the site's configuration says it. Raises UsageError, naming that place, for a table that the ruleset does
    not have and for rows that cannot be used.
    """
    tables = dict(ruleset.tables)
    for name, rows in site.items():
        where = place.place(*keys, name, *_first_row(rows)) if place is not None else name
        if name not in tables:
            known = ", ".join(sorted(tables)) or "none"
            raise UsageError(f"{where}: {ruleset.name} has no table {name!r} that a site could add to; it has {known}")
        check = ruleset.facts.checks.get(name)
        # The site's rows are looked at alone, so that they are counted as the site counts them.
        problem = check(rows, ruleset.contract) if check is not None else None
        if problem is not None:
            raise UsageError(f"{where}: {problem}")
        tables[name] = _joined(tables[name], rows)
    return tables


def _first_row(rows: Any) -> tuple[str | int, ...]:
    """The key of the first row of the first list, whose line is nearer than the table's."""
    if isinstance(rows, Mapping):
        for key, value in rows.items():
            if isinstance(value, list) and value:
                return key, 0
    return ()


def _joined(own: Any, site: Any) -> Any:
    """Lists one after the other, tables key by key; anything else is the site's."""
    if isinstance(own, dict) and isinstance(site, dict):
        return {**own, **{key: _joined(own[key], value) if key in own else value for key, value in site.items()}}
    if isinstance(own, list) and isinstance(site, list):
        return [*own, *site]
    return site
