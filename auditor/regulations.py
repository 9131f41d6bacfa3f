"""What a finished run says of its regulations, so that report and packs need nothing but the run's folder (`regulations.json`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from auditor.derive.logs import Logs, NotAuditable
from auditor.instants import to_iso
from auditor.judge import Judged
from auditor.messages import field_name
from auditor.parameters import SECONDS, Parameters
from auditor.rulebook import LANGUAGES, Ruleset, Wording
from auditor.validate import Admitted
from auditor.vocabulary.limits import After, By
from auditor.vocabulary.rules import Deadline


def describe(
    ruleset: Ruleset,
    logs: Logs,
    own: Wording,
    admitted: Mapping[str, Admitted],
    refusals: Mapping[str, Mapping[str, int]],
    judged: Sequence[Judged],
) -> dict[str, Any]:
    """One ruleset's part of `regulations.json`, as docs/architecture.md lays it down."""
    regulation, wording = ruleset.regulation, ruleset.wording
    return {
        "title": wording.all("regulation", "title"),
        "short": wording.all_or_none("regulation", "short"),
        "issuer": wording.all("regulation", "issuer"),
        "version": regulation.version,
        "in_force_from": regulation.in_force_from.isoformat() if regulation.in_force_from else None,
        "in_force_to": regulation.in_force_to.isoformat() if regulation.in_force_to else None,
        "clauses": describe_clauses(ruleset),
        "rules": describe_rules(ruleset),
        "parameters": describe_parameters(ruleset, logs.parameters, logs.period.end_at),
        "fields": {name: {lang: field_name(wording, own, lang, name) for lang in LANGUAGES} for name in _named(ruleset)},
        "org_units": org_units(logs),
        "data": {
            "rows_read": {name: a.rows_read for name, a in sorted(admitted.items())},
            "admitted": {name: a.table.num_rows for name, a in sorted(admitted.items())},
            "quarantined": {name: dict(sorted(reasons.items())) for name, reasons in sorted(refusals.items())},
            "null_rates": {name: _null_rates(a) for name, a in sorted(admitted.items())},
            "use": {name: rows_in_use(name, a, logs, judged) for name, a in sorted(admitted.items())},
            "missing": {name: dict(a.missing) for name, a in sorted(admitted.items()) if a.missing},
        },
        "calendar": {"version": logs.calendar.version, "years": [int(year) for year in logs.calendar.known_years]},
        "open_until": open_until(ruleset, logs),
    }


def rows_in_use(record: str, admitted: Admitted, logs: Logs, judged: Sequence[Judged]) -> dict[str, int]:
    """Where the rows read of a record went; the numbers add up to the rows read.

    `judged`: a rule judged the row itself in this period. `looked_up`: it exists at as-of and no rule judged it (another period's, outside
    every population, or read only for what other rows say). `later`: it begins later than as-of. `refused`: it is in quarantine.
    """
    existing = logs[record].rows
    assert existing is not None
    touched = np.zeros(len(existing), bool)
    for one in judged:
        if one.cases is not None and one.cases.frame.name == record:
            touched[one.cases.view.rows] = True
    rows = int(touched.sum())
    return {
        "judged": rows,
        "looked_up": len(existing) - rows,
        "later": admitted.table.num_rows - len(existing),
        "refused": admitted.rows_refused,
    }


def describe_clauses(ruleset: Ruleset) -> list[dict[str, Any]]:
    """Every clause of the regulation in its order, and how it is covered."""
    wording = ruleset.wording
    return [
        {
            "number": clause.number,
            "coverage": clause.coverage,
            "rules": list(ruleset.rules_of(clause.number)),
            "summary": wording.all("clauses", clause.number, "summary"),
            "check": wording.all_or_none("clauses", clause.number, "check"),
        }
        for clause in ruleset.clauses
    ]


def describe_rules(ruleset: Ruleset) -> dict[str, dict[str, Any]]:
    """Every rule: its clause, kind, severity, words and parameters."""
    wording = ruleset.wording
    return {
        code: {
            "name": rule.name,
            "clause": rule.clause,
            "clauses": list(ruleset.clauses_of(rule)),
            "severity": rule.severity.value,
            "kind": rule.kind,
            "record": rule.record,
            "title": wording.all("rules", code, "title"),
            "duty": wording.all_or_none("rules", code, "duty") or wording.all("rules", code, "deed"),
            "effect": wording.all("rules", code, "effect"),
            "remedy": wording.all("rules", code, "remedy"),
            "parameters": list(ruleset.parameters_of(rule)),
        }
        for code, rule in ruleset.rules.items()
    }


def describe_parameters(ruleset: Ruleset, parameters: Parameters, at: int) -> list[dict[str, Any]]:
    """Every value of every parameter, the one in force at `at` marked, the site's own told from the ruleset's."""
    users: dict[str, list[str]] = {}
    for code, rule in ruleset.rules.items():
        for name in ruleset.parameters_of(rule):
            users.setdefault(name, []).append(code)
    described = []
    for parameter in parameters:
        current = parameters.entry(parameter.name, at)
        for dated in parameter.values:
            described.append(
                {
                    "name": parameter.name,
                    "title": ruleset.wording.all("parameters", parameter.name, "name"),
                    "unit": parameter.unit,
                    "value": dated.value if isinstance(dated.value, int | str) else str(dated.value),
                    "in_force_from": dated.in_force_from.isoformat(),
                    "basis": "site" if dated.site else parameter.basis,
                    "clause": parameter.clause,
                    "overridden": dated.site,
                    "in_force": dated == current,
                    "rules": users.get(parameter.name, []),
                }
            )
    return described


def org_units(logs: Logs) -> dict[str, dict[str, Any]]:
    """org_id → name and kind, of every unit on record."""
    if not logs.has("org_unit"):
        return {}
    units = logs["org_unit"]
    names, kinds = (_texts(units, name) for name in ("name", "kind"))
    ids = np.asarray(units["org_id"], object).tolist()
    return {org: {"name": name or org, "kind": kind} for org, name, kind in zip(ids, names, kinds, strict=True)}


def open_until(ruleset: Ruleset, logs: Logs) -> str | None:
    """The instant by which the last limit that looks ahead from the period's end has run out, where as-of is earlier; else None."""
    end = np.array([logs.period.end_at], np.int64)
    latest = logs.period.end_at
    for rule in ruleset.rules.values():
        if not isinstance(rule, Deadline) or not isinstance(rule.due, After):
            continue
        names = rule.due.limit.parameters.values() if isinstance(rule.due.limit, By) else (rule.due.limit,)
        for name in names:
            amount = logs.parameters.at(name, end)
            if logs.parameters[name].unit in SECONDS:
                latest = max(latest, int(end[0] + amount[0]))
            else:
                due, unknown = logs.calendar.due_after(end, amount, logs.zone)
                if not unknown[0]:
                    latest = max(latest, int(due[0]))
    return to_iso(latest, logs.zone) if logs.as_of < latest else None


def _null_rates(admitted: Admitted) -> dict[str, str]:
    rows = admitted.table.num_rows
    return {name: f"{admitted.table[name].null_count}/{rows}" for name in admitted.table.column_names} if rows else {}


def _named(ruleset: Ruleset) -> list[str]:
    names = {name for record in ruleset.regulation.reads for name in ruleset.contract[record].names}
    return sorted(names | {name for _, name in ruleset.facts.facts})


def _texts(frame: Any, name: str) -> list[str | None]:
    try:
        return [v if isinstance(v, str) else None for v in np.asarray(frame[name], object).tolist()]
    except NotAuditable:
        return [None] * frame.size
