"""A rule and a ruleset in words that a compliance officer can hold against the clause: `rules show`, and the reference in docs/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from auditor.errors import UsageError
from auditor.instants import DEFAULT_ZONE
from auditor.messages import field_name
from auditor.parameters import Parameters, load_parameters
from auditor.rulebook import OWN_WORDING, Ruleset, Wording, load_ruleset, load_wording, read_sheets, rulesets_available
from auditor.toml_source import TomlSource
from auditor.vocabulary.expressions import ALWAYS, NEVER_TRUE, show
from auditor.vocabulary.liability import Liable
from auditor.vocabulary.limits import After, AfterPeriod, Before, By, FollowingMonth, FromPeriodStart, Given
from auditor.vocabulary.rules import Content, Cycle, Deadline, Duty, Every, Forbidden, Merit, Rule, State


def find_rule(code: str) -> str:
    """The name of the ruleset that has the rule. Raises UsageError where none has."""
    for name in rulesets_available():
        if code in load_ruleset(name).rules:
            return name
    raise UsageError(f"no ruleset has a rule {code!r}; `auditor rules list` shows them all")


def rule_text(
    ruleset: Ruleset,
    code: str,
    language: str,
    overrides: Mapping[str, Any] | None,
    place: TomlSource | None,
    keys: tuple[str, ...],
    zone: ZoneInfo,
    at: int,
) -> str:
    """The whole of one rule as plain text."""
    rule = ruleset.rules[code]
    parameters = load_parameters(ruleset.folder / "parameters.toml", overrides, place, zone, (*keys, "parameters"))
    words = ruleset.wording
    lines = [
        f"{code} {rule.name} — {words.text(language, 'rules', code, 'title')}",
        f"{words.text(language, 'regulation', 'title')}, clause {rule.clause}; {rule.severity.value}; {rule.kind}",
        "",
    ]
    for number in ruleset.clauses_of(rule):
        lines.append(f"Clause {number}: {words.get(language, 'clauses', number, 'summary') or ''}")
    lines += ["", *(f"{name}: {text}" for name, text in conditions(rule, ruleset, language))]
    lines += ["", "Parameters (* in force):"]
    lines += parameter_lines(rule, ruleset, parameters, language, at) or ["  none"]
    lines += [
        "",
        f"Effect: {words.text(language, 'rules', code, 'effect')}",
        f"Remedy: {words.text(language, 'rules', code, 'remedy')}",
    ]
    sheet = [f"  {case.verdict:<13} {case.says}" for case in read_sheets(ruleset) if case.rule == code]
    if sheet:
        lines += ["", "Sheet of cases:", *sheet]
    return "\n".join(lines)


def conditions(rule: Rule, ruleset: Ruleset, language: str) -> list[tuple[str, str]]:
    """What the rule asks, as (what, words)."""
    own = load_wording_once()

    def name(field: str) -> str:
        return field_name(ruleset.wording, own, language, field)

    told = [
        ("Judges", f"each row of {rule.record}"),
        ("Population", "every row" if rule.population == ALWAYS else show(rule.population, name)),
    ]
    match rule:
        case Deadline():
            if rule.acts:
                told.append(("Act", " and ".join(name(act) for act in rule.acts)))
            told.append(("Due", due_text(rule.due, name)))
            if rule.incomplete != NEVER_TRUE:
                told.append((f"{'Also broken' if rule.acts else 'Broken'} once due is past, where", show(rule.incomplete, name)))
        case Content():
            told += [("At", name(rule.at)), ("Broken where", show(rule.broken, name))]
        case Forbidden():
            told += [("At", name(rule.at)), ("Broken where", show(rule.broken, name))]
        case State():
            told += [
                ("At", "the audit instant (the earlier of as-of and the period's last second)"),
                ("Broken where", show(rule.broken, name)),
            ]
        case Merit():
            told += [("At", name(rule.at) if rule.at else "the period's last second, once it is over")]
            if rule.earned != ALWAYS:
                told.append(("Earned where", show(rule.earned, name)))
        case Duty():
            told[0] = (
                "Judges",
                f"each unit of kind {', '.join(rule.obliged.kinds)} × {every_text(rule.every)}"
                + (f" × each {', '.join(rule.about.kinds)}" if rule.about else ""),
            )
            told.append(("Duty", ", ".join(rule.duties)))
            told.append(("Due", period_due_text(rule)))
    for reason, condition in rule.unknown.items():
        told.append((f"Indeterminate ({reason})", show(condition, name)))
    told.append(("Liable", liable_text(rule.liable, name)))
    if rule.reasons_on:
        told.append(("Reasons on the outcome of", ", ".join(rule.reasons_on)))
    return told


def due_text(due: After | Before | Given, name: Any) -> str:
    """The limit of a time limit in words."""
    match due:
        case After(start=start, limit=By(field=field, parameters=chosen)):
            return f"{name(start)} + " + ", ".join(f"{parameter} ({name(field)} {code})" for code, parameter in chosen.items())
        case After(start=start, limit=limit, from_day_end=from_day_end):
            return f"{'the end of ' if from_day_end else ''}{name(start)} + {limit}"
        case Before(event=event, limit=limit):
            return name(event) if limit is None else f"{name(event)} − {limit}"
        case Given(due=given, start=start):
            return f"{name(given)} (clock starts at {name(start)})" if start is not None else str(name(given))


def every_text(every: Every | Cycle) -> str:
    """How often a duty repeats, in words."""
    if isinstance(every, Cycle):
        return f"cycle of {every.years} from {every.start}"
    return every.value.replace("_", "-")


def period_due_text(rule: Duty) -> str:
    """The limit of a duty that repeats, in words."""
    match rule.due:
        case AfterPeriod(limit=limit):
            return f"the end of the period + {limit}"
        case FollowingMonth(day=day):
            return f"the {day} of the following month"
        case FromPeriodStart(days=days):
            return f"the start of the period + {days}"
    return "within the period"


def liable_text(liable: Liable, name: Any) -> str:
    """Who answers, in words."""
    if liable.sole_kind is not None:
        return f"the only unit of kind {liable.sole_kind} in force at the case's instant"
    told = ", else ".join(name(field) for field in liable.units) or "no unit"
    if liable.staff:
        told += "; person: " + ", else ".join(name(field) for field in liable.staff)
    if liable.warranty:
        told += f"; under warranty ({name(liable.warranty)}) the {name(str(liable.contractor))} alone"
    return told


def parameter_lines(rule: Rule, ruleset: Ruleset, parameters: Parameters, language: str, at: int | None) -> list[str]:
    """One line a dated value; the value in force marked, the site's own said so."""
    lines = []
    for name in ruleset.parameters_of(rule):
        parameter = parameters[name]
        current = None if at is None else parameters.entry(name, at)
        for dated in parameter.values:
            basis = (
                "set by this site"
                if dated.site
                else {"clause": f"clause {parameter.clause}", "site": "our default, for the site to confirm"}[parameter.basis]
            )
            mark = "*" if dated == current else " "
            title = ruleset.wording.get(language, "parameters", name, "name") or ""
            lines.append(f" {mark} {name} = {dated.value} {parameter.unit}, from {dated.in_force_from} ({basis}) {title}".rstrip())
    return lines


_OWN: list[Wording] = []


def load_wording_once() -> Wording:
    """The auditor's own words."""
    if not _OWN:
        _OWN.append(load_wording(OWN_WORDING))
    return _OWN[0]


def reference(name: str) -> str:
    """The reference of a ruleset as Markdown, generated from its code."""
    ruleset = load_ruleset(name)
    words = ruleset.wording
    parameters = load_parameters(ruleset.folder / "parameters.toml", None, None, DEFAULT_ZONE)
    lines = [
        f"# {name}",
        "",
        f"{words.text('en', 'regulation', 'title')} ({words.text('zh-Hant', 'regulation', 'title')}).",
        "Generated from the ruleset by `make docs`; do not edit.",
        "",
        "## Rules",
    ]
    for code, rule in ruleset.rules.items():
        lines += [
            "",
            f"### {code} {rule.name}",
            "",
            f"{words.text('en', 'rules', code, 'title')} · {words.text('zh-Hant', 'rules', code, 'title')}",
            "",
            f"Clause {rule.clause} · {rule.severity.value} · {rule.kind}",
            "",
            *(f"- **{what}**: {_escaped(told)}" for what, told in conditions(rule, ruleset, "en")),
            *(
                f"- Parameter `{line.strip().split(' = ')[0]}` = {line.split(' = ')[1]}"
                for line in parameter_lines(rule, ruleset, parameters, "en", None)
            ),
        ]
    lines += ["", "## Clauses", "", "| clause | coverage | rules | summary |", "| --- | --- | --- | --- |"]
    for clause in ruleset.clauses:
        summary = words.text("en", "clauses", clause.number, "summary")
        lines.append(
            f"| {clause.number} | {clause.coverage.replace('_', ' ')} | {', '.join(ruleset.rules_of(clause.number))} "
            f"| {_escaped(summary)} |"
        )
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
