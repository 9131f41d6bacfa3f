"""Obligations as an iCalendar file (RFC 5545): an event at each due instant, with an alarm before those that are still pending."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from auditor import __version__
from auditor.duties import Obligation
from auditor.instants import NEVER
from auditor.rulebook import OWN_WORDING, Wording, load_wording

_LINE = 75
"""Octets of a line, the break not counted."""


def calendar_text(obligations: Iterable[Obligation], *, as_of: int, zone: ZoneInfo, language: str, name: str, remind_days: int) -> str:
    """The calendar's text. The same obligations at the same as-of give the same bytes; an obligation keeps its UID from file to file, so
    that a calendar which reads the next one updates its entry instead of doubling it."""
    words = load_wording(OWN_WORDING)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//auditor//{__version__}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
    ]
    for obligation in obligations:
        entry = _Entry(obligation, as_of, zone, words, language)
        lines += _event(entry, obligation, as_of, remind_days)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


class _Entry:
    """One obligation in the words of a language."""

    def __init__(self, obligation: Obligation, as_of: int, zone: ZoneInfo, words: Wording, language: str) -> None:
        def word(key: str, **values: str) -> str:
            return words.text(language, "register", key).format(**values)

        duty = obligation.duty[language] + (f" ({obligation.period})" if obligation.period else "")
        state = word(obligation.state)
        self.summary = word("entry", state=state, unit=obligation.unit or words.text(language, "terms", "nobody"), duty=duty)
        told = [
            word("rule", rule=f"{obligation.ruleset} {obligation.rule}", clause=obligation.clause),
            word("case", case=obligation.case_id),
            word("stands", as_of=_local(as_of, zone), state=state),
        ]
        if obligation.done_at < NEVER:
            told.append(word("done_at", done=_local(obligation.done_at, zone)))
        self.description = "\n".join(told)


def _event(entry: _Entry, obligation: Obligation, as_of: int, remind_days: int) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(obligation)}"
    yield f"DTSTAMP:{_utc(as_of)}"
    yield f"DTSTART:{_utc(obligation.due_at)}"
    yield f"SUMMARY:{_escaped(entry.summary)}"
    yield f"DESCRIPTION:{_escaped(entry.description)}"
    yield f"CATEGORIES:{_escaped(obligation.ruleset)},{_escaped(obligation.rule)},{_escaped(obligation.state)}"
    yield "TRANSP:TRANSPARENT"
    if obligation.state == "pending" and remind_days > 0:
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"TRIGGER:-P{remind_days}D"
        yield f"DESCRIPTION:{_escaped(entry.summary)}"
        yield "END:VALARM"
    yield "END:VEVENT"


def _uid(obligation: Obligation) -> str:
    named = "\n".join((obligation.ruleset, obligation.rule, obligation.case_id))
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}@auditor"


def _utc(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y%m%dT%H%M%SZ")


def _local(instant: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(instant, zone).strftime("%Y-%m-%d %H:%M:%S")


def _escaped(text: str) -> str:
    """Text with what separates values in a calendar made plain."""
    for sign in ("\\", ";", ","):
        text = text.replace(sign, "\\" + sign)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets, each after the first begun with a space, no character cut."""
    part, room = "", _LINE
    for sign in line:
        size = len(sign.encode())
        if size > room:
            yield part
            part, room = " ", _LINE - 1
        part += sign
        room -= size
    yield part
