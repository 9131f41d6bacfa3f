"""The sentence of a finding, in each language: what was due, when, and what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from auditor.instants import NEVER
from auditor.rulebook import LANGUAGES, Wording
from auditor.vocabulary.rules import INDICATOR, Deadline, Duty, Rule

_TIMES_KEPT = 10_000
"""Times of which a teller remembers the text: the same one stands in the sentences of all languages."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a sentence may speak of."""

    verdict: str
    case: str
    unit: str | None
    person: str | None
    counted_at: int
    due_at: int
    done_at: int
    reason: str | None
    blank_fields: tuple[str, ...]
    facts: Mapping[str, Any]


class Teller:
    """Tells the findings of one rule. `own` are the auditor's words, `wording` the ruleset's."""

    def __init__(self, rule: Rule, wording: Wording, own: Wording, as_of: int, zone: ZoneInfo) -> None:
        self._rule = rule
        self._wording = wording
        self._own = own
        self._as_of = as_of
        self._zone = zone
        self._templates: dict[tuple[str, str], str] = {}
        self._words: dict[tuple[str, str], str] = {}
        self._times: dict[int, str] = {}

    def tell(self, told: Told) -> dict[str, str]:
        """Language → one sentence."""
        return {language: self._sentence(language, told) for language in LANGUAGES}

    def duty(self, told: Told) -> dict[str, str]:
        """Language → what was to be done, as the sentence says it."""
        return {language: str(_Values(self, language, told)["duty"]) for language in LANGUAGES}

    def field_name(self, language: str, name: str) -> str:
        """A field or fact as a supervisor reads it."""
        return field_name(self._wording, self._own, language, name)

    def _sentence(self, language: str, told: Told) -> str:
        kind, variant = self._kind(told)
        if told.verdict == "waived":
            breach = self._sentence(language, _as_breach(told))
            return self._own.text(language, "messages", "waived", "waived").format(told=breach, reason=told.reason)
        return self._template(language, kind, variant, told.verdict).format_map(_Values(self, language, told))

    def _kind(self, told: Told) -> tuple[str, str]:
        """Which of the auditor's sentences fits."""
        if told.verdict == "indeterminate":
            reason = told.reason or ""
            return "indeterminate", "engine" if reason == "engine" else "calendar" if reason.startswith("calendar") else "field"
        if self._rule.severity is INDICATOR:
            return "indicator", "indicator"
        if told.verdict == "merit":
            return "merit", "merit"
        if isinstance(self._rule, Deadline | Duty):
            kind = "deadline" if isinstance(self._rule, Deadline) else "duty"
            # Late stands before incomplete: the clause's limit is the graver of the two.
            late = told.done_at > told.due_at
            return kind, ("undone" if told.done_at >= NEVER else "late") if late else "incomplete"
        return self._rule.kind, "breach"

    def _template(self, language: str, kind: str, variant: str, verdict: str) -> str:
        key = (language, f"{kind}.{variant}.{verdict}")
        if key not in self._templates:
            own = self._wording.get(language, "rules", self._rule.code, verdict)
            if own is None and kind in ("deadline", "duty"):
                own = self._wording.get(language, "rules", self._rule.code, variant)
            self._templates[key] = own or self._own.text(language, "messages", kind, variant)
        return self._templates[key]

    def value(self, language: str, name: str, told: Told, values: Mapping[str, Any]) -> Any:
        """What a sentence says where it names `name`."""
        match name:
            case "title":
                return self._word(language, name)
            case "deed" | "duty":
                text = self._word(language, name)
                return text.format_map(values) if "{" in text else text
            case "unit":
                return told.unit or self._own.text(language, "terms", "nobody")
            case "person":
                return told.person or ""
            case "case":
                return told.case
            case "due" | "done" | "counted":
                return self._time(language, getattr(told, name + "_at"))
            case "as_of":
                return self._time(language, self._as_of)
            case "overdue":
                overdue = (told.done_at if told.done_at < NEVER else self._as_of) - told.due_at if told.due_at < NEVER else 0
                return span_in_words(max(overdue, 0), language, self._own)
            case "reason":
                reason = told.reason or ""
                if told.verdict != "indeterminate":
                    return reason
                return reason.removeprefix("calendar ") if reason.startswith("calendar ") else self.field_name(language, reason)
            case "blank_fields":
                return self._own.text(language, "terms", "list").join(self.field_name(language, blank) for blank in told.blank_fields)
            case "period":
                return told.facts.get("period", "")
        # A sentence with a fact that this case does not have says a dash; the loader has checked that the name exists.
        return self._fact(language, name, told.facts.get(name))

    def _word(self, language: str, name: str) -> str:
        """The rule's title, deed or duty."""
        key = (language, name)
        if key not in self._words:
            find = self._wording.text if name == "title" else self._wording.get
            self._words[key] = find(language, "rules", self._rule.code, name) or ""
        return self._words[key]

    def _time(self, language: str, instant: int) -> str:
        if instant >= NEVER:
            return self._own.text(language, "terms", "unknown_time")
        if instant not in self._times:
            if len(self._times) >= _TIMES_KEPT:
                self._times.clear()
            self._times[instant] = datetime.fromtimestamp(instant, self._zone).isoformat(" ", "seconds")[:19]
        return self._times[instant]

    def _fact(self, language: str, name: str, value: Any) -> Any:
        """A fact as a sentence says it: a yes or no in words, a code by the ruleset's name for it."""
        if value is None:
            return "—"
        if isinstance(value, bool):
            return self._own.text(language, "terms", "yes" if value else "no")
        return self._wording.get(language, "codes", name, value) or value if isinstance(value, str) else value


class _Values(dict[str, Any]):
    """What a sentence may name, worked out when it does."""

    def __init__(self, teller: Teller, language: str, told: Told) -> None:
        self._teller = teller
        self._language = language
        self._told = told

    def __missing__(self, key: str) -> Any:
        self[key] = self._teller.value(self._language, key, self._told, self)
        return self[key]


def _as_breach(told: Told) -> Told:
    return Told(
        "breach", told.case, told.unit, told.person, told.counted_at, told.due_at, told.done_at, None, told.blank_fields, told.facts
    )


def field_name(wording: Wording, own: Wording, language: str, name: str) -> str:
    """A field or fact as a supervisor reads it: the ruleset's words first, then the auditor's, else its name in the record."""
    return wording.get(language, "facts", name, "name") or own.get(language, "fields", name) or name


def span_in_words(seconds: int, language: str, own: Wording) -> str:
    """`2 d 3 h`: the two largest units of a span."""
    parts: list[str] = []
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        number, seconds = divmod(seconds, length)
        if number:
            parts.append(own.text(language, "terms", unit).format(n=number))
        if len(parts) == 2:
            break
    return own.text(language, "terms", "joint").join(parts) or own.text(language, "terms", "second").format(n=0)
