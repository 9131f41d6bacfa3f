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


@dataclass(frozen=True)
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

    def tell(self, told: Told) -> dict[str, str]:
        """Language → one sentence."""
        return {language: self._sentence(language, told) for language in LANGUAGES}

    def duty(self, told: Told) -> dict[str, str]:
        """Language → what was to be done, as the sentence says it."""
        return {language: str(self._values(language, told)["duty"]) for language in LANGUAGES}

    def field_name(self, language: str, name: str) -> str:
        """A field or fact as a supervisor reads it."""
        return field_name(self._wording, self._own, language, name)

    def _sentence(self, language: str, told: Told) -> str:
        kind, variant = self._kind(told)
        values = _Values(self._values(language, told))
        if told.verdict == "waived":
            breach = self._sentence(language, _as_breach(told))
            return self._own.text(language, "messages", "waived", "waived").format(told=breach, reason=told.reason)
        return self._template(language, kind, variant, told.verdict).format_map(values)

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

    def _values(self, language: str, told: Told) -> dict[str, Any]:
        terms = self._own
        words = self._wording
        code = self._rule.code
        reason = told.reason or ""
        if told.verdict == "indeterminate":
            reason = reason.removeprefix("calendar ") if reason.startswith("calendar ") else self.field_name(language, reason)
        overdue = (told.done_at if told.done_at < NEVER else self._as_of) - told.due_at if told.due_at < NEVER else 0
        values: dict[str, Any] = {name: self._fact(language, name, value) for name, value in told.facts.items()}
        values |= {
            "title": words.text(language, "rules", code, "title"),
            "duty": words.get(language, "rules", code, "duty") or "",
            "deed": words.get(language, "rules", code, "deed") or "",
            "unit": told.unit or terms.text(language, "terms", "nobody"),
            "person": told.person or "",
            "case": told.case,
            "due": self._time(language, told.due_at),
            "done": self._time(language, told.done_at),
            "counted": self._time(language, told.counted_at),
            "as_of": self._time(language, self._as_of),
            "overdue": span_in_words(max(overdue, 0), language, terms),
            "reason": reason,
            "blank_fields": terms.text(language, "terms", "list").join(self.field_name(language, name) for name in told.blank_fields),
        }
        values["period"] = told.facts.get("period", "")
        if "{" in values["deed"] or "{" in values["duty"]:
            values["deed"] = values["deed"].format_map(_Values(values))
            values["duty"] = values["duty"].format_map(_Values(values))
        return values

    def _time(self, language: str, instant: int) -> str:
        if instant >= NEVER:
            return self._own.text(language, "terms", "unknown_time")
        return datetime.fromtimestamp(instant, self._zone).strftime("%Y-%m-%d %H:%M:%S")

    def _fact(self, language: str, name: str, value: Any) -> Any:
        """A fact as a sentence says it: a yes or no in words, a code by the ruleset's name for it."""
        if value is None:
            return "—"
        if isinstance(value, bool):
            return self._own.text(language, "terms", "yes" if value else "no")
        return self._wording.get(language, "codes", name, value) or value if isinstance(value, str) else value


class _Values(dict[str, Any]):
    """A sentence with a fact that this case does not have says a dash; the loader has checked that the name exists."""

    def __missing__(self, key: str) -> str:
        return "—"


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
