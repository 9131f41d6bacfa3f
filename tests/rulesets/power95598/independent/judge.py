"""Every case of a period under every rule, by the catalogue's own words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from tests.rulesets.plain_logs import Rows, Verdict, audit_period, instant, working_days_after
from tests.rulesets.power95598.independent.logs import Logs

JUDGED_CHAPTERS = "1234567"
CLEAN_MINIMUM = 30


@dataclass
class Case:
    """One case, whatever its period."""

    verdict: str
    at: datetime
    liable: str
    done: datetime | None


class Book:
    """The cases found so far, by rule and case id."""

    def __init__(self, logs: Logs) -> None:
        self.logs = logs
        self.as_of = logs.as_of
        self.cases: dict[tuple[str, str], Case] = {}

    def put(self, rule: str, case_id: str, verdict: str, at: datetime | None, liable: str | None, done: datetime | None = None) -> None:
        if at is not None:
            assert (rule, case_id) not in self.cases
            self.cases[rule, case_id] = Case(verdict, at, liable or "", done)

    def limit(self, rule: str, case_id: str, due: datetime, done: datetime | None, liable: str | None) -> None:
        if done is not None:
            verdict = "compliant" if done <= due else "breach"
        else:
            verdict = "pending" if self.as_of <= due else "breach"
        self.put(rule, case_id, verdict, due, liable, done)

    def working_limit(self, rule: str, case_id: str, start: datetime, days: int, done: datetime | None, liable: str | None) -> None:
        due = working_days_after(start, days)
        if due is None:
            self.put(rule, case_id, "indeterminate", start, liable)
        else:
            self.limit(rule, case_id, due, done, liable)

    def filled_in(self, rule: str, case_id: str, complete: bool, at: datetime, liable: str | None) -> None:
        self.put(rule, case_id, "compliant" if complete else "breach", at, liable)

    def with_content(
        self, rule: str, case_id: str, due: datetime | None, done: datetime | None, complete: bool, liable: str | None
    ) -> None:
        """An act by due, with content that must be there once due is past."""
        if due is None:
            return
        if done is not None and done > due:
            verdict = "breach"
        elif done is not None and complete:
            verdict = "compliant"
        else:
            verdict = "pending" if self.as_of <= due else "breach"
        self.put(rule, case_id, verdict, due, liable, done)


def judge_rows(rows: Rows, period: str, as_of: str) -> list[Verdict]:
    """Every case of the period under every rule."""
    from tests.rulesets.power95598.independent import follow_up, outages, repairs, tickets, units

    moment = instant(as_of)
    assert moment is not None
    logs = Logs(rows, moment)
    book = Book(logs)
    span = audit_period(period)
    outages.judge(book)
    tickets.judge(book)
    repairs.judge(book)
    units.judge(book, span)
    follow_up.judge(book)
    inside = {key: case for key, case in book.cases.items() if span.start <= case.at <= span.end}
    found = [Verdict(rule, case_id, c.verdict, c.at.isoformat(timespec="seconds"), c.liable) for (rule, case_id), c in inside.items()]
    if _is_quarter(span.start, span.end) and moment > span.end:
        judged = Counter(c.liable for (rule, _), c in inside.items() if rule[2] in JUDGED_CHAPTERS and c.verdict in ("compliant", "breach"))
        broken = {c.liable for (rule, _), c in inside.items() if rule[2] in JUDGED_CHAPTERS and c.verdict == "breach"}
        at = span.end.isoformat(timespec="seconds")
        found += [Verdict("PW902", unit, "merit", at, unit) for unit in logs.units if judged[unit] >= CLEAN_MINIMUM and unit not in broken]
    return found


def _is_quarter(start: datetime, end: datetime) -> bool:
    return any(span == (start, end) for span in ((q.start, q.end) for q in (audit_period(f"{start.year}Q{n}") for n in (1, 2, 3, 4))))
