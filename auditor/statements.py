"""Statements of a run: the account that a rule checks, line by line for each unit, whatever the verdicts (`statements.json`).

Figures are exact decimals as text, money with two decimals at least, so that the report, the spreadsheet and the file print one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Any

from auditor.derive.factbook import Statement
from auditor.derive.logs import Logs, NotAuditable
from auditor.findings import plain_values
from auditor.messages import field_name
from auditor.rulebook import LANGUAGES, Ruleset, Wording

_DIGITS = 100
"""More than any sum of admitted figures has."""


def statements_of(ruleset: Ruleset, logs: Logs, own: Wording) -> list[dict[str, Any]]:
    """Every statement of the ruleset: name, rule, title, note, columns, and per holder its rows and totals; or why it is not available."""
    return [_statement(statement, ruleset, logs, own) for _, statement in sorted(ruleset.facts.statements.items())]


def _statement(statement: Statement, ruleset: Ruleset, logs: Logs, own: Wording) -> dict[str, Any]:
    words = ruleset.wording
    told: dict[str, Any] = {
        "name": statement.name,
        "rule": statement.rule,
        "title": {language: words.text(language, "statements", statement.name, "title") for language in LANGUAGES},
        "note": {language: words.text(language, "statements", statement.name, "note") for language in LANGUAGES},
        "columns": [
            {
                "name": name,
                "title": {language: field_name(words, own, language, name) for language in LANGUAGES},
                "number": name in statement.money,
                "total": name in statement.totals,
            }
            for name in statement.columns
        ],
        "not_available": None,
        "holders": [],
    }
    try:
        frame, rows = logs[statement.frame], statement.function(logs)
        holders = plain_values(frame[statement.holder], rows, statement.holder, logs.zone)
        columns = [_figures(statement, name, plain_values(frame[name], rows, name, logs.zone)) for name in statement.columns]
    except NotAuditable as lack:
        return told | {"not_available": str(lack)}
    lines = list(zip(*columns, strict=True))
    order = sorted(range(len(lines)), key=lambda i: (str(holders[i]), *(str(v) for v in lines[i][:1]), i))
    by_holder: dict[str | None, list[Sequence[Any]]] = {}
    for i in order:
        by_holder.setdefault(holders[i], []).append(lines[i])
    told["columns"] = [column | {"number": all(_is_number(line[place]) for line in lines)} for place, column in enumerate(told["columns"])]
    told["holders"] = [
        {"org_id": org_id, "rows": [list(line) for line in found], "totals": _totals(statement, found)}
        for org_id, found in by_holder.items()
    ]
    return told


def _figures(statement: Statement, name: str, values: list[Any]) -> list[Any]:
    if name not in statement.money:
        return values
    return [None if value is None else money(Decimal(value)) for value in values]


def _totals(statement: Statement, lines: Sequence[Sequence[Any]]) -> list[str | None]:
    """The sum of each column to be added up, over the lines that show them all, so that the sums agree with each other; None elsewhere."""
    added = [name in statement.totals for name in statement.columns]
    whole = [line for line in lines if all(line[place] is not None for place, wanted in enumerate(added) if wanted)]
    with localcontext() as context:
        context.prec = _DIGITS
        return [money(sum((Decimal(line[place]) for line in whole), Decimal(0))) if wanted else None for place, wanted in enumerate(added)]


def money(value: Decimal) -> str:
    """The exact value in plain digits, with two decimals at least."""
    with localcontext() as context:
        context.prec = _DIGITS
        plain = value.normalize()
        exponent = plain.as_tuple().exponent
        assert isinstance(exponent, int)
        return format(plain if exponent <= -2 else plain.quantize(Decimal("0.01")), "f")


def _is_number(value: Any) -> bool:
    if value is None or isinstance(value, int | float) and not isinstance(value, bool):
        return True
    try:
        return Decimal(str(value)).is_finite() and not isinstance(value, bool)
    except ArithmeticError:
        return False
