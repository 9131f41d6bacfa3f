"""The sentence of a finding, in each language: what was due, when, and what happened.

Sentences are made for many cases at once: a template is read once, and what it names is made column by column, in all languages
from the same column where words do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from auditor.calendar.written_times import local_texts
from auditor.instants import NEVER
from auditor.rulebook import LANGUAGES, Wording
from auditor.vocabulary.rules import INDICATOR, Deadline, Duty, Rule

Instants = npt.NDArray[np.int64]

_NAME = re.compile(r"[^.\[]*")
"""Of `{name.part[key]}` the name."""

_BRACED = re.compile(r"\{([^{}.\[!:]*)")

_DASH = "—"

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


@dataclass(frozen=True)
class Told:
    """What the sentences of some cases may speak of: a column each, with one value a case.

    Instants are int64 seconds, NEVER where not on record.
    """

    verdict: Sequence[str]
    case: Sequence[str]
    unit: Sequence[str | None]
    person: Sequence[str | None]
    counted_at: Instants
    due_at: Instants
    done_at: Instants
    reason: Sequence[str | None]
    blank_fields: Sequence[tuple[str, ...]]
    facts: Mapping[str, Sequence[Any]]

    @property
    def size(self) -> int:
        return len(self.case)

    def at(self, places: Sequence[int] | slice) -> Told:
        """The cases at these places."""

        def taken(column: Any) -> Any:
            if isinstance(places, slice) or isinstance(column, np.ndarray):
                return column[places]
            return [column[place] for place in places]

        columns = {f.name: taken(getattr(self, f.name)) for f in fields(self) if f.name != "facts"}
        return Told(**columns, facts={name: taken(column) for name, column in self.facts.items()})


class Teller:
    """Tells the findings of one rule. `own` are the auditor's words, `wording` the ruleset's."""

    def __init__(self, rule: Rule, wording: Wording, own: Wording, as_of: int, zone: ZoneInfo) -> None:
        self._rule = rule
        self._wording = wording
        self._own = own
        self._as_of = as_of
        self._zone = zone

    @cached_property
    def names(self) -> set[str]:
        """The facts that the rule's sentences may name, and other names that stand in braces in its words."""
        texts = (text for language in LANGUAGES for text in self._wording.texts(language, "rules", self._rule.code).values())
        return {"period"}.union(*(_BRACED.findall(text) for text in texts))

    def tell(self, told: Told) -> list[dict[str, str]]:
        """For each case: language → one sentence."""
        alike: dict[tuple[str, str, str], list[int]] = {}
        for place, ((kind, variant), verdict) in enumerate(zip(self._kinds(told), told.verdict, strict=True)):
            alike.setdefault((kind, variant, verdict), []).append(place)
        if len(alike) == 1:
            return self._told_alike(*next(iter(alike)), told)
        sentences: list[dict[str, str]] = [{}] * told.size
        for key, places in alike.items():
            for place, sentence in zip(places, self._told_alike(*key, told.at(places)), strict=True):
                sentences[place] = sentence
        return sentences

    def duty(self, told: Told) -> list[dict[str, str]]:
        """For each case: language → what was to be done, as the sentence says it."""
        shared = _Shared(told, self._as_of, self._zone)
        return _by_language([[str(text) for text in self._values(language, shared)["duty"]] for language in LANGUAGES])

    def _told_alike(self, kind: str, variant: str, verdict: str, told: Told) -> list[dict[str, str]]:
        """The sentences of cases that one template tells. A waived case is told as the breach that it is, and why it is waived."""
        waived = verdict == "waived"
        spoken = replace(told, reason=[None] * told.size) if waived else told
        shared = _Shared(spoken, self._as_of, self._zone)
        columns: list[list[str]] = []
        for language in LANGUAGES:
            template = self._template(language, kind, variant, "breach" if waived else verdict)
            sentences = self._values(language, shared).fill(template)
            if waived:
                waiver = self._own.text(language, "messages", "waived", "waived")
                sentences = [waiver.format(told=breach, reason=reason) for breach, reason in zip(sentences, told.reason, strict=True)]
            columns.append(sentences)
        return _by_language(columns)

    def _values(self, language: str, shared: _Shared) -> _Values:
        return _Values(self._rule, self._wording, self._own, language, shared)

    def _kinds(self, told: Told) -> list[tuple[str, str]]:
        """Which of the auditor's sentences fits each case: kind and variant."""
        rule = self._rule
        if rule.severity is INDICATOR:
            usual = [("indicator", "indicator")] * told.size
        elif isinstance(rule, Deadline | Duty):
            kind = "deadline" if isinstance(rule, Deadline) else "duty"
            # Late stands before incomplete: the clause's limit is the graver of the two.
            variants = np.select([told.done_at <= told.due_at, told.done_at >= NEVER], ["incomplete", "undone"], "late")
            usual = [(kind, variant) for variant in variants.tolist()]
        else:
            usual = [(rule.kind, "merit" if rule.kind == "merit" else "breach")] * told.size
        return [
            _lack(reason or "") if verdict == "indeterminate" else said
            for said, verdict, reason in zip(usual, told.verdict, told.reason, strict=True)
        ]

    def _template(self, language: str, kind: str, variant: str, verdict: str) -> str:
        own = self._wording.get(language, "rules", self._rule.code, verdict)
        if own is None and kind in ("deadline", "duty"):
            own = self._wording.get(language, "rules", self._rule.code, variant)
        return own or self._own.text(language, "messages", kind, variant)


class _Shared:
    """What sentences say in every language alike, worked out when one names it."""

    def __init__(self, told: Told, as_of: int, zone: ZoneInfo) -> None:
        self.told = told
        self._as_of = as_of
        self._zone = zone

    @cached_property
    def counted(self) -> list[str | None]:
        return local_texts(self.told.counted_at, self._zone)

    @cached_property
    def due(self) -> list[str | None]:
        return local_texts(self.told.due_at, self._zone)

    @cached_property
    def done(self) -> list[str | None]:
        return local_texts(self.told.done_at, self._zone)

    @cached_property
    def as_of(self) -> list[str | None]:
        return local_texts(np.array([self._as_of], np.int64), self._zone) * self.told.size

    @cached_property
    def overdue(self) -> list[tuple[tuple[str, int], ...]]:
        """By how much each case is, or was, late, as `_span` gives it; nothing where the due instant is not known."""
        due, done = self.told.due_at, self.told.done_at
        over = np.where(due < NEVER, np.where(done < NEVER, done, self._as_of) - due, 0)
        return [_span(seconds) for seconds in np.maximum(over, 0).tolist()]


class _Values(dict[str, Sequence[Any]]):
    """What the sentences of some cases may name in one language: a column a name, made when it is first named."""

    def __init__(self, rule: Rule, wording: Wording, own: Wording, language: str, shared: _Shared) -> None:
        self._rule = rule
        self._wording = wording
        self._own = own
        self._language = language
        self._shared = shared

    def fill(self, template: str) -> list[str]:
        """The template with its names filled in, once a case."""
        names: dict[str, int] = {}
        sentence = _by_position(template, names)
        if not names:
            return [sentence.format()] * self._shared.told.size
        return list(map(sentence.format, *(self[name] for name in names)))

    def __missing__(self, key: str) -> Sequence[Any]:
        self[key] = self._column(key)
        return self[key]

    def _column(self, name: str) -> Sequence[Any]:
        told = self._shared.told
        match name:
            case "title":
                return [self._wording.text(self._language, "rules", self._rule.code, name)] * told.size
            case "deed" | "duty":
                text = self._wording.get(self._language, "rules", self._rule.code, name) or ""
                return self.fill(text) if "{" in text else [text] * told.size
            case "unit":
                nobody = self._term("nobody")
                return [unit or nobody for unit in told.unit]
            case "person":
                return [person or "" for person in told.person]
            case "case":
                return told.case
            case "due" | "done" | "counted" | "as_of":
                unknown = self._term("unknown_time")
                return [unknown if text is None else text for text in getattr(self._shared, name)]
            case "overdue":
                return _spans_in_words(self._shared.overdue, self._language, self._own)
            case "reason":
                said = {pair: self._reason(*pair) for pair in set(zip(told.verdict, told.reason, strict=True))}
                return [said[pair] for pair in zip(told.verdict, told.reason, strict=True)]
            case "blank_fields":
                between = self._term("list")
                lists = {names: between.join([self._field_name(name) for name in names]) for names in set(told.blank_fields)}
                return [lists[names] for names in told.blank_fields]
            case "period":
                return told.facts.get("period", [""] * told.size)
        return self._fact(name)

    def _term(self, name: str) -> str:
        return self._own.text(self._language, "terms", name)

    def _field_name(self, name: str) -> str:
        return field_name(self._wording, self._own, self._language, name)

    def _reason(self, verdict: str, reason: str | None) -> str:
        """What the case lacks, where it cannot be judged: a field by its name, a calendar by its year."""
        if verdict != "indeterminate" or reason is None:
            return reason or ""
        return reason.removeprefix("calendar ") if reason.startswith("calendar ") else self._field_name(reason)

    def _fact(self, name: str) -> Sequence[Any]:
        """A fact as a sentence says it: a yes or no in words, a code by the ruleset's name for it, a dash where a case does not have it.

        The loader has checked that the fact exists.
        """
        column = self._shared.told.facts.get(name)
        if column is None:
            return [_DASH] * self._shared.told.size
        codes = self._wording.texts(self._language, "codes", name)
        if not codes and set(map(type, column)) <= {str, int}:
            return column
        yes, no = self._term("yes"), self._term("no")

        def said(value: Any) -> Any:
            if value is None:
                return _DASH
            if isinstance(value, bool):
                return yes if value else no
            return codes.get(value) or value if isinstance(value, str) else value

        return list(map(said, column))


def _lack(reason: str) -> tuple[str, str]:
    """The sentence of a case that cannot be judged."""
    return "indeterminate", "engine" if reason == "engine" else "calendar" if reason.startswith("calendar") else "field"


def _by_language(columns: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    return [dict(zip(LANGUAGES, said, strict=True)) for said in zip(*columns, strict=True)]


def _by_position(template: str, names: dict[str, int]) -> str:
    """The template with the places of names instead of the names: `{1}` for `{due}`. A name that is new is added to `names`."""
    parts: list[str] = []
    for literal, name, spec, conversion in Formatter().parse(template):
        parts.append(literal.replace("{", "{{").replace("}", "}}"))
        if name is None:
            continue
        found = _NAME.match(name)
        assert found is not None, "the pattern fits the empty text too"
        place = names.setdefault(found[0], len(names))
        form = f"!{conversion}" if conversion else ""
        form += f":{_by_position(spec, names)}" if spec else ""
        parts.append(f"{{{place}{name[found.end() :]}{form}}}")
    return "".join(parts)


def field_name(wording: Wording, own: Wording, language: str, name: str) -> str:
    """A field or fact as a supervisor reads it: the ruleset's words first, then the auditor's, else its name in the record."""
    return wording.get(language, "facts", name, "name") or own.get(language, "fields", name) or name


def span_in_words(seconds: int, language: str, own: Wording) -> str:
    """`2 d 3 h`: the two largest units of a span."""
    return _spans_in_words([_span(seconds)], language, own)[0]


def _span(seconds: int) -> tuple[tuple[str, int], ...]:
    """The two largest units of a span that it has, with the number of each."""
    parts: list[tuple[str, int]] = []
    for unit, length in _UNITS:
        number, seconds = divmod(seconds, length)
        if number:
            parts.append((unit, number))
        if len(parts) == 2:
            break
    return tuple(parts) or (("second", 0),)


def _spans_in_words(spans: Sequence[tuple[tuple[str, int], ...]], language: str, own: Wording) -> list[str]:
    forms = {unit: own.text(language, "terms", unit) for unit, _ in _UNITS}
    words = {(unit, number): forms[unit].format(n=number) for unit, number in {part for span in spans for part in span}}
    joint = own.text(language, "terms", "joint")
    return [joint.join([words[part] for part in span]) for span in spans]
