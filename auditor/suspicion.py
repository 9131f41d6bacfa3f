"""A rule that hits most of its population is likelier a fault of the mapping than of the people: check before you accuse.

Merits and indicators are not looked at. What is likeliest is told from the cases themselves: a column that shows nothing throughout, lags
that cluster at one whole hour (a time zone), a code that never occurs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from auditor.derive.cases import Cases
from auditor.derive.logs import NotAuditable
from auditor.instants import NEVER
from auditor.judge import Judged
from auditor.messages import field_name
from auditor.rulebook import LANGUAGES, Ruleset, Wording
from auditor.vocabulary.expressions import Compare, Expr, leaves
from auditor.vocabulary.questions import Verdict
from auditor.vocabulary.rules import INDICATOR, Content, Deadline, Forbidden, Merit, Rule, State

HIT_RATE = Fraction(60, 100)
"""Above this share of breaches a rule is suspect (a site's threshold)."""

POPULATION = 20
"""From this population on."""

_CLUSTER = Fraction(1, 2)
_FARTHEST_ZONE_HOURS = 14


def suspects(
    judged: Sequence[Judged], ruleset: Ruleset, own: Wording, hit_rate: Fraction = HIT_RATE, population: int = POPULATION
) -> list[dict[str, Any]]:
    """One entry for each suspect rule: its code, breaches, population, and what is likeliest, in each language."""
    found = []
    for one in judged:
        if one.verdict is None or one.cases is None or isinstance(one.rule, Merit) or one.rule.severity is INDICATOR:
            continue
        breaches = int((one.verdict == Verdict.BREACH).sum()) + int((one.verdict == Verdict.WAIVED).sum())
        if one.size >= population and Fraction(breaches, one.size) > hit_rate:
            found.append({"rule": one.rule.code, "breach": breaches, "population": one.size, "likeliest": _likeliest(one, ruleset, own)})
    return found


def _likeliest(judged: Judged, ruleset: Ruleset, own: Wording) -> dict[str, str]:
    cases = judged.cases
    assert cases is not None
    for kind, values in _signs(judged.rule, cases):
        names = {lang: field_name(ruleset.wording, own, lang, str(values.get("field", ""))) for lang in LANGUAGES}
        return {lang: own.text(lang, "suspicions", kind).format(**{**values, "name": names[lang]}) for lang in LANGUAGES}
    return own.all("suspicions", "none")


def _signs(rule: Rule, cases: Cases) -> Iterator[tuple[str, dict[str, Any]]]:
    """What speaks for a fault of the mapping, the plainest first."""
    for name in _must_show(rule):
        try:
            if cases.view.blank(name).all():
                yield "empty", {"field": name}
        except NotAuditable:
            continue
    if isinstance(rule, Deadline):
        hours = _whole_hours(cases)
        if hours:
            yield "zone", {"hours": hours}
    for leaf in _codes_asked(rule):
        column = cases.frame[leaf.field]
        if not np.asarray(column == leaf.value).any():
            yield "code", {"field": leaf.field, "code": leaf.value}


def _must_show(rule: Rule) -> list[str]:
    match rule:
        case Deadline():
            return list(rule.acts)
        case Content():
            return [name for item in rule.fields for name in ((item,) if isinstance(item, str) else item.fields)]
    return []


def _whole_hours(cases: Cases) -> int:
    """The whole number of hours at which half of the lags between clock and act stand, within ten minutes; 0 where there is none."""
    both = (cases.clock_at < NEVER) & (cases.done_at < NEVER)
    lags = cases.done_at[both] - cases.clock_at[both]
    if len(lags) < POPULATION // 2:
        return 0
    nearest = np.round(lags / 3600).astype(np.int64)
    close = (np.abs(lags - nearest * 3600) <= 600) & (nearest != 0) & (np.abs(nearest) <= _FARTHEST_ZONE_HOURS)
    hours, counts = np.unique(nearest[close], return_counts=True)
    if not len(hours) or Fraction(int(counts.max()), len(lags)) < _CLUSTER:
        return 0
    return int(hours[counts.argmax()])


def _codes_asked(rule: Rule) -> Iterator[Compare]:
    match rule:
        case Forbidden() | State():
            broken: Expr = rule.broken
        case Deadline():
            broken = rule.incomplete
        case _:
            return
    for leaf in leaves(broken):
        if isinstance(leaf, Compare) and isinstance(leaf.value, str) and leaf.op == "!=":
            yield leaf
