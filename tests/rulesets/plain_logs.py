"""The logs read row by row in plain Python: what the independent implementations of the rulesets stand on.

Nothing here imports the auditor. Times are datetimes with zone, cut to whole seconds; numbers are Decimals. The readings are
those of the contract and of the catalogue's general part, written a second time, so that a wrong reading in the auditor shows.
"""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

LOCAL = ZoneInfo("Asia/Shanghai")
Row = dict[str, object]
Rows = dict[str, list[Row]]


@dataclass(frozen=True)
class Verdict:
    """One case as the comparison sees it; `counted_at` in local ISO text."""

    rule: str
    case_id: str
    verdict: str
    counted_at: str
    liable: str


def instant(text: object) -> datetime | None:
    """ISO 8601 text, without zone local, fractions dropped; None for a blank."""
    if text is None or not str(text).strip():
        return None
    moment = datetime.fromisoformat(str(text))
    return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).astimezone(LOCAL).replace(microsecond=0)


def is_blank(value: object) -> bool:
    return value is None or not str(value).strip()


@dataclass(frozen=True)
class Span:
    """A period of a duty or of the audit: its label, its first and its last second."""

    label: str
    start: datetime
    end: datetime


def day_start(year: int, month: int, day: int = 1) -> datetime:
    return datetime(year, month, day, tzinfo=LOCAL)


def end_of_day(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time(23, 59, 59), tzinfo=LOCAL)


def after_days(moment: datetime, days: int) -> datetime:
    """`days` whole days later on the clock (the zone knows no summer time in the years tested)."""
    return moment + timedelta(days=days)


def month(year: int, number: int) -> Span:
    last = months.monthrange(year, number)[1]
    return Span(f"{year}-{number:02d}", day_start(year, number), end_of_day(day_start(year, number, last)))


def quarter(year: int, number: int) -> Span:
    return Span(f"{year}Q{number}", month(year, 3 * number - 2).start, month(year, 3 * number).end)


def half_year(year: int, number: int) -> Span:
    return Span(f"{year}H{number}", month(year, 6 * number - 5).start, month(year, 6 * number).end)


def year(number: int) -> Span:
    return Span(str(number), month(number, 1).start, month(number, 12).end)


def spans(kind: str, first: int, last: int) -> Iterator[Span]:
    """Every month, quarter, half-year or year of the years from `first` to `last`."""
    for y in range(first, last + 1):
        if kind == "month":
            yield from (month(y, n) for n in range(1, 13))
        elif kind == "quarter":
            yield from (quarter(y, n) for n in range(1, 5))
        elif kind == "half":
            yield from (half_year(y, n) for n in (1, 2))
        else:
            yield year(y)


def month_of_label(label: object) -> Span | None:
    """The month that a label names; None for a label that names no month."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", str(label))
    return month(int(found[1]), int(found[2])) if found else None


def audit_period(label: str) -> Span:
    """2026 · 2026H1 · 2026Q3 · 2026-09 · 2026-09-01..2026-09-30."""
    if ".." in label:
        first, last = (datetime.fromisoformat(part).replace(tzinfo=LOCAL) for part in label.split(".."))
        return Span(label, first, end_of_day(last))
    if found := re.fullmatch(r"(\d{4})([HQ])(\d)", label):
        return half_year(int(found[1]), int(found[3])) if found[2] == "H" else quarter(int(found[1]), int(found[3]))
    return month_of_label(label) or year(int(label))


FIRST_YEAR, LAST_YEAR = 2004, 2026
"""The years whose working calendar is known."""


def working_days_after(start: datetime, days: int) -> datetime | None:
    """23:59:59 of the N-th working day after the day of `start`; None where a day of an unknown year is asked of."""
    day = start.date()
    while days:
        day += timedelta(days=1)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return None
        days -= chinese_calendar.is_workday(day)
    return datetime.combine(day, time(23, 59, 59), tzinfo=LOCAL)


ROLES = {
    "event": {
        "agreement": "signed_at",
        "claim": "reported_at",
        "disclosure": "at",
        "service_failure": "at",
        "duty_record": "done_at",
        "contact_attempt": "at",
        "commendation": "at",
        "rectification": "found_at",
        "team_member": "valid_from",
        "org_unit": "valid_from",
    },
    "ends": {"team_member": "valid_to", "org_unit": "valid_to"},
    "acts": {
        "manual_delivery": ("delivered_at",),
        "claim": ("declared_at", "group_joined_at", "closed_at"),
        "score_sheet": ("scored_at",),
        "service_failure": ("sanctioned_at",),
        "rectification": ("done_at",),
        "ticket": (
            "received_at",
            "dispatched_at",
            "accepted_at",
            "confirmed_at",
            "contacted_at",
            "crew_dispatched_at",
            "arrived_at",
            "arrival_reported_at",
            "restored_at",
            "handled_at",
            "fed_back_at",
            "closed_at",
            "revisited_at",
        ),
    },
    "plans": {"rectification": ("due_at",)},
}


class Logs:
    """The rows as they stand at as-of: later rows gone, later acts and later ends of validity null."""

    def __init__(self, rows: Rows, as_of: datetime) -> None:
        self.as_of = as_of
        self.rows = {record: [seen for row in lines if (seen := self._as_it_stands(record, row))] for record, lines in rows.items()}
        self.units = {str(u["org_id"]): u for u in self["org_unit"]}

    def __getitem__(self, record: str) -> list[Row]:
        return self.rows.get(record, [])

    def _as_it_stands(self, record: str, row: Row) -> Row | None:
        seen = {name: None if is_blank(value) else value for name, value in row.items()}
        event, end = ROLES["event"].get(record), ROLES["ends"].get(record)
        acts, plans = ROLES["acts"].get(record, ()), ROLES["plans"].get(record, ())
        for name in (event, end, *acts, *plans):
            if name:
                seen[name] = instant(row.get(name))
        if event and (when := seen[event]) and when > self.as_of:
            return None
        if record == "ticket" and (received := seen["received_at"]) and received > self.as_of:
            return None  # every ticket rule of these rulesets starts its clock with received_at
        for name in (end, *acts):
            if name and (when := seen[name]) and when > self.as_of:
                seen[name] = None
        return seen

    def kind(self, org_id: object) -> str | None:
        """The unit's kind; None where the unit is null or unknown, or has none."""
        unit = self.units.get(str(org_id)) if org_id is not None else None
        return None if unit is None or is_blank(unit.get("kind")) else str(unit["kind"])

    def in_force(self, row: Row, moment: datetime) -> bool:
        start, end = row.get("valid_from"), row.get("valid_to")
        return (start is None or start <= moment) and (end is None or moment < end)  # type: ignore[operator]

    def in_force_throughout(self, row: Row, first: datetime, last: datetime) -> bool:
        start, end = row.get("valid_from"), row.get("valid_to")
        return (start is None or start <= first) and (end is None or last < end)  # type: ignore[operator]

    def of_kind(self, *kinds: str) -> list[Row]:
        return [u for u in self.units.values() if u.get("kind") in kinds]

    def the_only(self, kind: str, moment: datetime) -> str:
        """The only unit of the kind in force then, or nobody."""
        found = [u for u in self.of_kind(kind) if self.in_force(u, moment)]
        return str(found[0]["org_id"]) if len(found) == 1 else ""

    def obliged(self, unit: Row, span: Span, tenure: int = 90) -> bool:
        return self.in_force_throughout(unit, max(span.start, after_days(span.end, -tenure)), span.end)

    def named(self, org_id: object) -> str:
        """The unit that a row cites, as the finding names it."""
        return "" if is_blank(org_id) else str(org_id)


def time_limit(due: datetime, done: datetime | None, as_of: datetime) -> str:
    if done is not None:
        return "compliant" if done <= due else "breach"
    return "breach" if as_of > due else "pending"


def earliest(moments: Iterator[datetime | None] | list[datetime | None]) -> datetime | None:
    return min((m for m in moments if m is not None), default=None)


class Audit:
    """Collects the verdicts whose instant lies in the period."""

    def __init__(self, rows: Rows, period: str, as_of: str) -> None:
        moment = instant(as_of)
        assert moment is not None
        self.as_of = moment
        self.logs = Logs(rows, moment)
        self.period = audit_period(period)
        self.audit_instant = min(moment, self.period.end)
        self.verdicts: list[Verdict] = []

    def add(self, rule: str, case_id: object, verdict: str, counted_at: datetime | None, liable: object) -> None:
        if counted_at is not None and self.period.start <= counted_at <= self.period.end:
            self.verdicts.append(Verdict(rule, str(case_id), verdict, counted_at.isoformat(timespec="seconds"), self.logs.named(liable)))

    def years(self) -> tuple[int, int]:
        """The years whose periods may fall due in the audited one."""
        return self.period.start.year - 3, self.period.end.year + 1

    def is_over(self, span: Span) -> bool:
        return self.as_of > span.end

    def duty_records(self, *duties: str) -> list[Row]:
        return [r for r in self.logs["duty_record"] if r["duty"] in duties]

    def handed_in(
        self,
        rule: str,
        duties: tuple[str, ...],
        unit: Row,
        span: Span,
        due: datetime,
        liable: object,
        subject: str | None = None,
        done: datetime | None = None,
        started: bool | None = None,
    ) -> None:
        """A duty handed in after its period: outside until the period is over."""
        if not (self.is_over(span) if started is None else started):
            return
        if done is None:
            done = earliest(
                [
                    r["done_at"]
                    for r in self.duty_records(*duties)
                    if r["org_id"] == unit["org_id"]
                    and r.get("period") == span.label
                    and (subject is None or r.get("subject_id") == subject)
                ]
            )
        case = ":".join([duties[0], str(unit["org_id"]), *([subject] if subject is not None else []), span.label])
        self.add(rule, case, time_limit(due, done, self.as_of), due, liable)

    def within(self, rule: str, duties: tuple[str, ...], unit: Row, span: Span, liable: object, subject: str | None = None) -> None:
        """A duty to be done once inside its period: pending while it runs."""
        if span.start > self.as_of:
            return
        done = earliest(
            [
                r["done_at"]
                for r in self.duty_records(*duties)
                if r["org_id"] == unit["org_id"]
                and span.start <= r["done_at"] <= span.end
                and (subject is None or r.get("subject_id") == subject)
            ]
        )
        case = ":".join([duties[0], str(unit["org_id"]), *([subject] if subject is not None else []), span.label])
        self.add(rule, case, time_limit(span.end, done, self.as_of), span.end, liable)

    def ticket_answer(self, rule: str, category: str, limit: int, liable_of: str | None) -> None:
        """A ticket answered within working days of its receipt; liable: the ticket's unit, or the only unit of the kind `liable_of`."""
        for t in self.logs["ticket"]:
            if t["category"] != category:
                continue
            answer = t["fed_back_at"]
            if t["received_at"] is None:
                shown = [t[name] for name in ("fed_back_at", "closed_at", "revisited_at") if t[name] is not None]
                if not shown:
                    continue
                counted = earliest([t[name] for name in ROLES["acts"]["ticket"]])
                verdict = "indeterminate"
            else:
                due = working_days_after(t["received_at"], limit)
                counted = due or t["received_at"]
                verdict = time_limit(due, answer, self.as_of) if due else "indeterminate"
            assert counted is not None
            self.add(
                rule, t["ticket_id"], verdict, counted, t.get("org_id") if liable_of is None else self.logs.the_only(liable_of, counted)
            )
