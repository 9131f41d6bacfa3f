"""Random rows that are harsh on purpose: blanks, unknown ids, acts out of order, times at a limit and one second beside it."""

from __future__ import annotations

import random as random_module
from datetime import datetime, timedelta

from tests.rulesets.plain_logs import LOCAL, Row

LIMITS = [timedelta(**span) for span in ({"minutes": 10}, {"minutes": 30}, {"minutes": 40}, {"minutes": 60}, {"hours": 2}, {"hours": 8})]
LIMITS += [timedelta(hours=hours) for hours in (1, 12, 24)] + [timedelta(days=days) for days in (1, 3, 5, 30, 31)]
BLANKS = (None, "", " \t", "　")
UNITS = ("D1", "D2", "S1", "S2", "G1", "J1", "BLANK-KIND", "FUTURE", "UNKNOWN")
EVENT_ACTIONS = (
    *(
        "delay_notice",
        "delay_notice",
        "supervise",
        "supervise",
        "escalate",
        "written_report",
        "refuse",
        "out_of_scope_found",
        "transfer",
        "return",
    ),
    *("revisit", "handover", "leave_site", "note"),
)
SUBJECTS = (
    "routine",
    "burst",
    "valve_leak",
    "no_heat",
    "facility_damage",
    "manhole",
    "room_temperature",
    "activation",
    "quality",
    "other",
    "burst",
)
SOURCES = ("phone", "system", "mayor_hotline", "housing_bureau", "media", "web", "company", "walk_in")


class Harsh:
    """Rows around an instant."""

    def __init__(self, seed: int, as_of: datetime, days_back: int) -> None:
        self.random = random_module.Random(seed)
        self.as_of = as_of
        self.days_back = days_back
        self.rows: dict[str, list[Row]] = {}

    def maybe(self, value: object, blank: float = 0.2) -> object:
        return self.random.choice(BLANKS) if self.random.random() < blank else value

    def pick(self, *values: object, blank: float = 0.12) -> object:
        return self.maybe(self.random.choice(values), blank)

    def flag(self, blank: float = 0.25) -> object:
        return self.pick("true", "false", "1", "0", blank=blank)

    def moment(self) -> datetime:
        """Some instant up to as-of, or a little after it; sometimes as-of itself, midnight, or the end of a month."""
        moment = self.as_of - timedelta(seconds=self.random.randint(-3 * 86400, self.days_back * 86400))
        kind = self.random.random()
        if kind < 0.04:
            return self.as_of + timedelta(seconds=self.random.choice((-1, 0, 1)))
        if kind < 0.12:
            return moment.replace(hour=0, minute=0, second=0) + timedelta(seconds=self.random.choice((-1, 0, 1)))
        if kind < 0.16:
            return moment.replace(day=1) - timedelta(seconds=self.random.choice((0, 1, 86400)))
        return moment

    def beside(self, start: datetime) -> datetime:
        """An instant at a limit from another, a second beside it, or anywhere near."""
        if self.random.random() < 0.6:
            span = self.random.choice(LIMITS) * self.random.choice((1, 1, 1, 1, -1))
            return start + span + timedelta(seconds=self.random.choice((-1, 0, 0, 1)))
        return start + timedelta(seconds=self.random.randint(-7200, 5 * 86400))

    def time(self, moment: datetime, blank: float = 0.0) -> object:
        form = self.random.random()
        text = moment.isoformat(sep=" ") if form < 0.2 else moment.isoformat() + ("+08:00" if form < 0.8 else "")
        if form > 0.9:
            text = (moment - timedelta(hours=8)).isoformat() + ".750Z"
        return self.maybe(text, blank)

    def add(self, record: str, **fields: object) -> None:
        self.rows.setdefault(record, []).append(fields)


def harsh_rows(seed: int, as_of_text: str, days_back: int = 100, size: int = 60) -> dict[str, list[Row]]:
    """Rows of every record that the regulation reads, for the months before `as_of_text` (local time)."""
    harsh = Harsh(seed, datetime.fromisoformat(as_of_text), days_back)
    _units(harsh)
    _clean(harsh)
    for number in range(size):
        _ticket(harsh, number)
    for number in range(size // 2):
        _works(harsh, number)
        _people(harsh, number)
    for number in range(size * 2):
        moment = harsh.moment().replace(hour=harsh.random.choice((0, 9, 23)), minute=harsh.random.choice((0, 59)))
        outcome = harsh.random.choice(("answered", "no_answer", "refused", "unreachable"))
        harsh.add(
            "contact_attempt",
            attempt_id=f"CA{number}",
            org_id=harsh.random.choice(("S1", "UNKNOWN")),
            at=harsh.time(moment),
            outcome=outcome,
        )
    return harsh.rows


def _units(harsh: Harsh) -> None:
    change = harsh.moment()
    for org_id, kind, start, end in (
        ("D1", "dispatch", None, change),
        ("D2", "dispatch", change + timedelta(seconds=harsh.random.choice((-86400, 0, 86400))), None),
        ("S1", "service_center", None, None),
        ("S2", "service_center", None, harsh.as_of + timedelta(days=1)),
        ("G1", "pipe_station", None, None),
        ("J1", "metering", None, None),
        ("N29", "service_center", None, None),
        ("N30", "automation", None, harsh.as_of - timedelta(days=100)),
        ("N31", None, None, None),
        ("BLANK-KIND", " ", None, None),
        ("FUTURE", "dispatch", harsh.as_of + timedelta(seconds=1), None),
    ):
        harsh.add(
            "org_unit",
            org_id=org_id,
            name=org_id,
            kind=kind,
            valid_from=start.isoformat() if start else None,
            valid_to=end.isoformat() if end else None,
        )


def _ticket(harsh: Harsh, number: int) -> None:
    received = harsh.moment()
    category = harsh.random.choice(("heat_repair", "heat_repair", "heat_event", "heat_event", "complaint", "inquiry"))
    row: Row = {
        "ticket_id": f"T{number:03}",
        "category": category,
        "subject": harsh.pick(*SUBJECTS),
        "level": harsh.pick("major", "general", "minor", "general"),
        "source": harsh.pick(*SOURCES),
        "customer_id": harsh.pick("C1", "C2", "C3"),
        "org_id": harsh.pick(*UNITS),
        "received_at": harsh.time(received, 0.12),
    }
    for name in (
        *(
            "dispatched_at",
            "accepted_at",
            "confirmed_at",
            "arrived_at",
            "eta_restore_at",
            "restored_at",
            "handled_at",
            "fed_back_at",
            "closed_at",
        ),
        "revisited_at",
    ):
        row[name] = harsh.time(harsh.beside(received), 0.3)
    row |= {name: harsh.flag() for name in ("no_visit_needed", "long_coordination", "site_attended", "in_warranty")}
    row |= {
        "severity": harsh.pick("ordinary", "large", "large"),
        "loss_amount": harsh.pick("0", "-1", "0.01", "500"),
        "contractor": harsh.pick("甲隊", "乙隊"),
    }
    harsh.add("ticket", **row)
    for place in range(harsh.random.randint(0, 7)):
        _event(harsh, f"E{number:03}-{place}", f"T{number:03}" if harsh.random.random() < 0.95 else "T-GONE", received)
    if row["subject"] in ("burst", "valve_leak"):
        _shifts(harsh, number, row["arrived_at"])
    if harsh.random.random() < 0.4:
        harsh.add(
            "approval",
            approval_id=f"A{number}",
            kind=harsh.random.choice(("return_order", "return_order", "planned_stop")),
            subject_id=f"T{number:03}",
            approved_at=harsh.time(harsh.beside(received), 0.15),
            result=harsh.pick("approved", "approved", "rejected"),
        )


def _event(harsh: Harsh, event_id: str, ticket_id: str, received: datetime) -> None:
    harsh.add(
        "ticket_event",
        event_id=event_id,
        ticket_id=ticket_id,
        action=harsh.random.choice(EVENT_ACTIONS),
        at=harsh.time(harsh.beside(received)),
        org_id=harsh.pick(*UNITS),
        to_org_id=harsh.pick("S1", "UNKNOWN", blank=0.4),
        outcome=harsh.pick("approved", "rejected", "unreachable", blank=0.4),
        reason=harsh.pick("因備件", blank=0.4),
    )


def _shifts(harsh: Harsh, number: int, arrived: object) -> None:
    """Who left and who took over at a burst, by the hour, also at one second."""
    if not isinstance(arrived, str) or not arrived.strip():
        return
    start = datetime.fromisoformat(arrived).replace(microsecond=0)
    start = start.astimezone(LOCAL).replace(tzinfo=None) if start.tzinfo else start
    for place in range(harsh.random.randint(1, 3)):
        moment = start + timedelta(hours=harsh.random.randint(0, 3), seconds=harsh.random.choice((-1, 0, 0)))
        action = harsh.random.choice(("leave_site", "leave_site", "handover"))
        harsh.add("ticket_event", event_id=f"S{number:03}-{place}", ticket_id=f"T{number:03}", action=action, at=harsh.time(moment))


def _clean(harsh: Harsh) -> None:
    """Units at the least number of judged cases that a clean quarter needs, with and without a breach."""
    for org_id, changes, late in (("N29", 29, 0), ("N30", 30, 0), ("N31", 31, 1), ("D2", 40, 0)):
        for number in range(changes):
            changed = harsh.as_of - timedelta(days=harsh.random.randint(10, 60))
            notified = changed + timedelta(days=1, seconds=1 if number < late else 0)
            harsh.add(
                "duty_roster_change",
                change_id=f"{org_id}-{number}",
                org_id=org_id,
                changed_at=harsh.time(changed),
                notified_in_writing_at=harsh.time(notified),
            )


def _works(harsh: Harsh, number: int) -> None:
    repaired = harsh.moment()
    for place in range(harsh.random.randint(1, 3)):
        month_on = repaired + timedelta(days=harsh.random.choice((28, 29, 30, 31)), seconds=harsh.random.choice((-1, 0, 1)))
        harsh.add(
            "leak_repair",
            repair_id=f"L{number}-{place}",
            leak_point_id=f"P{number}",
            org_id=harsh.pick(*UNITS),
            repaired_at=harsh.time(repaired if place != 1 else month_on),
            in_warranty=harsh.flag(),
            contractor=harsh.pick("甲隊"),
        )
    stopped = harsh.moment()
    stop: Row = {
        "stop_id": f"H{number}",
        "kind": harsh.random.choice(("planned", "emergency")),
        "scope": harsh.pick("large", "small"),
        "org_id": harsh.pick(*UNITS),
        "stopped_at": harsh.time(stopped),
        "planned_restore_at": harsh.time(harsh.beside(stopped), 0.2),
    }
    for name in (
        *("approved_at", "restored_at", "written_notice_cs_at", "written_notice_dispatch_at", "reported_cs_at", "reported_dispatch_at"),
        *("restore_reported_at", "filed_at"),
    ):
        ahead = stopped - timedelta(days=1, seconds=harsh.random.choice((-1, 0, 1)))
        stop[name] = harsh.time(harsh.random.choice((stopped, ahead, harsh.beside(stopped))), 0.15)
    stop |= {name: harsh.pick("有", blank=0.15) for name in ("pipe_diameter", "valves", "area")}
    harsh.add("heat_stop", **stop)
    for place in range(harsh.random.randint(0, 2)):
        harsh.add(
            "heat_stop_posting",
            posting_id=f"HP{number}-{place}",
            stop_id=harsh.random.choice((f"H{number}", "H-GONE")),
            community="小區",
            posted_at=harsh.time(harsh.random.choice((stopped - timedelta(days=1), harsh.beside(stopped))), 0.3),
        )
    swapped = harsh.moment()
    harsh.add(
        "meter_swap",
        swap_id=f"M{number}",
        org_id=harsh.pick(*UNITS),
        at=harsh.time(swapped),
        formalities_done_at=harsh.time(harsh.random.choice((swapped, harsh.beside(swapped))), 0.3),
        notice_posted_at=harsh.time(harsh.beside(swapped), 0.3),
        **{name: harsh.flag(0.15) for name in ("reader_present", "customer_present", "third_party_present", "periodic")},
    )


def _people(harsh: Harsh, number: int) -> None:
    changed = harsh.moment()
    harsh.add(
        "duty_roster_change",
        change_id=f"R{number}",
        org_id=harsh.random.choice(UNITS),
        changed_at=harsh.time(changed),
        notified_in_writing_at=harsh.time(harsh.beside(changed), 0.3),
    )
    harsh.add(
        "inspection",
        inspection_id=f"I{number}",
        org_id=harsh.random.choice(UNITS),
        at=harsh.time(harsh.moment()),
        finding=harsh.random.choice(("flush_incomplete", "dirt_introduced", "water_sampling_gap", "water_sample_false", "none", "none")),
        verified=harsh.flag(),
    )
    harsh.add(
        "conduct_case",
        case_id=f"CC{number}",
        org_id=harsh.random.choice(UNITS),
        staff_id=harsh.pick("P1"),
        at=harsh.time(harsh.moment()),
        kind=harsh.random.choice(
            ("media_exposure", "misconduct_extortion", "negligence_damage", "unsafe_site_injury", "unreported_major_event", "bribery")
        ),
        origin=harsh.pick("superior", "named_complaint", "media", "inspection"),
        verified=harsh.flag(),
    )
    harsh.add(
        "commendation",
        commendation_id=f"Q{number}",
        at=harsh.time(harsh.moment()),
        org_id=harsh.pick(*UNITS),
        kind=harsh.random.choice(
            (
                "media_city",
                "media_province",
                "media_national",
                "circular_bureau",
                "circular_city",
                "circular_province",
                "violation_caught",
                "customer_praise",
            )
        ),
        verified=harsh.flag(),
        loss_avoided=harsh.pick("0", "-5", "0.5", "1200"),
    )
