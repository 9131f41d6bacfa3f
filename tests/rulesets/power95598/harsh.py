"""Random rows that lie where readings differ: blanks, unknown ids, acts out of order or at one second, times beside a limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from tests.rulesets.plain_logs import LOCAL, Rows, end_of_day

BLANKS = (None, "", " ", "\t", "\u3000")
STATIONS = ("S1", "S2", "S3", "RC")
ANYBODY = (*STATIONS, "S1", "S2", "KF", "KF2", "KF3", "DD", "YX", "OFF", "NOKIND", "LATER", "NOBODY")
CENTERS = ("KF", "KF2", "KF3", "KF", "S1", "NOKIND", "LATER", "NOBODY")
CATEGORIES = ("business_application", "inquiry", "complaint", "report", "suggestion", "praise", "dispatch", "heat_repair")
LIMITS = [timedelta(minutes=n) for n in (5, 10, 30, 45, 90, 120)] + [timedelta(hours=24), timedelta(days=3), timedelta(days=4)]
ACTIONS = (
    *("dispatch", "dispatch", "accept", "accept", "return", "return", "transfer", "reassign", "jurisdiction_ruling"),
    *("urge", "urge", "supervise", "escalate", "out_of_scope_found", "handover", "leave_site", "note", "three_way_call"),
)
NOTICE_TEXTS = ("line", "area", "construction_unit", "work_content", "leader", "leader_phone")
AHEAD = {"planned": timedelta(days=7), "temporary": timedelta(days=2), "rationing": timedelta(hours=24)}


class Harsh:
    """A source of rows of a county bureau, gathered around as-of."""

    def __init__(self, seed: int, as_of: str, days_back: int) -> None:
        self.random = Random(seed)
        self.as_of = datetime.fromisoformat(as_of).replace(tzinfo=LOCAL)
        self.days_back = days_back

    def chance(self, part: float) -> bool:
        return self.random.random() < part

    def maybe(self, value: object, blank: float = 0.12) -> object:
        return self.random.choice(BLANKS) if self.chance(blank) else value

    def moment(self) -> datetime:
        """An instant up to as-of or a little after it; now and then as-of itself or the end of a day."""
        moment = self.as_of - timedelta(seconds=self.random.randint(-86400, self.days_back * 86400))
        if self.chance(0.06):
            return self.as_of + timedelta(seconds=self.random.choice((-1, 0, 1)))
        if self.chance(0.1):
            return end_of_day(moment) + timedelta(seconds=self.random.choice((-1, 0, 1)))
        if self.chance(0.1):
            # So that a limit that runs from here ends at as-of.
            return self.as_of - self.random.choice(LIMITS) + timedelta(seconds=self.random.choice((-1, 0, 1)))
        return moment

    def beside(self, start: datetime, *limits: timedelta) -> datetime:
        """At a limit from the start, a second beside it, at the start itself, or anywhere near."""
        kind = self.random.random()
        if kind < 0.55:
            return start + self.random.choice(limits or LIMITS) + timedelta(seconds=self.random.choice((-1, 0, 0, 1)))
        if kind < 0.65:
            return start + timedelta(seconds=self.random.choice((-1, 0, 1)))
        return start + timedelta(seconds=self.random.randint(-3600, 3 * 86400))

    def end_of_a_day(self, start: datetime, most: int) -> datetime:
        """About the end of one of the days that follow."""
        if self.chance(0.25):
            return start + timedelta(seconds=self.random.randint(-3600, most * 86400))
        return end_of_day(start + timedelta(days=self.random.randint(0, most))) + timedelta(seconds=self.random.choice((-1, 0, 0, 1)))

    def written(self, value: object) -> object:
        """A time in one of the notations of ISO 8601, a flag in one of those of flags."""
        if isinstance(value, bool):
            return self.random.choice(("1", "true") if value else ("0", "false"))
        if not isinstance(value, datetime):
            return value
        match self.random.randrange(5):
            case 0:
                return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
            case 1:
                return value.replace(tzinfo=None).isoformat(sep=" ")
            case 2:
                return value.replace(microsecond=999999).isoformat()
        return value.isoformat()

    def numbered(self, key: str, made: list[dict[str, object]]) -> list[dict[str, object]]:
        """The rows shuffled and numbered, so that the order of keys is not that of time."""
        self.random.shuffle(made)
        return [{key: f"{key[0].upper()}{n:04d}"} | self.written_row(row) for n, row in enumerate(made)]

    def written_row(self, row: dict[str, object]) -> dict[str, object]:
        return {name: self.written(value) for name, value in row.items()}

    def units(self) -> list[dict[str, object]]:
        kinds = dict.fromkeys(("S1", "S2", "S3"), "supply_station") | {"RC": "repair_center", "DD": "dispatch", "OFF": "office"}
        kinds |= {"YX": "marketing", "KF": "service_center", "SJ": "production", "ND": "rural_power"}
        made: list[dict[str, object]] = [{"org_id": org, "kind": kind} for org, kind in kinds.items()]
        made.append({"org_id": "NOKIND", "kind": self.random.choice(BLANKS)})
        made.append({"org_id": "LATER", "kind": "service_center", "valid_from": self.as_of + timedelta(seconds=1)})
        for org, kind in (("KF2", "service_center"), ("KF3", "service_center"), ("SJ2", "production"), ("YX2", "marketing")):
            start, end = sorted((self.moment(), self.moment()))
            made.append({"org_id": org, "kind": kind, "valid_from": self.maybe(start, 0.3), "valid_to": self.maybe(end, 0.3)})
        return [{"name": str(row["org_id"])} | self.written_row(row) for row in made]

    def outages(self) -> Rows:
        notices, outages, changes = [], [], []
        hour = timedelta(hours=1)
        for number in range(90):
            kind = self.random.choice(("planned", "temporary", "rationing", "fault", "arrears", "emergency", "other"))
            off = self.moment()
            on = self.beside(off, 2 * hour, 4 * hour)
            ahead = AHEAD.get(kind, timedelta(minutes=30)) if self.chance(0.8) else timedelta(0)
            entered = off - ahead + timedelta(seconds=self.random.choice((-1, 0, 1))) if self.chance(0.8) else self.moment()
            told = self.beside(off, -hour, 3 * hour)
            notices.append(
                {
                    "kind": kind,
                    "org_id": self.maybe(self.random.choice(ANYBODY)),
                    "entered_at": self.maybe(entered),
                    "planned_off_at": self.maybe(off, 0.07),
                    "planned_on_at": self.maybe(on, 0.07),
                    **{name: self.maybe("x", 0.05) for name in NOTICE_TEXTS},
                    "requirement": self.maybe("x"),
                    "special_users": self.maybe(self.random.choice(("none", " NONE ", "x", "None"))),
                    "announced_at": self.maybe(told + timedelta(seconds=self.random.choice((-1, 0, 1))), 0.3),
                }
            )
            notice = f"N{self.random.randrange(96):04d}" if self.chance(0.2) else f"N{number:04d}"
            for _ in range(self.random.choice((0, 1, 1, 2))):
                outages.append(
                    {
                        "notice_id": self.maybe(notice if self.chance(0.95) else "N9999"),
                        "kind": kind if self.chance(0.8) else "fault",
                        "org_id": self.maybe(self.random.choice(ANYBODY)),
                        "off_at": self.beside(off, timedelta(0), -timedelta(minutes=5), -hour),
                        "on_at": self.maybe(self.beside(on, timedelta(minutes=5), hour), 0.2),
                    }
                )
            for _ in range(self.random.choice((0, 1, 1, 2))):
                changed = self.random.choice((off, on, told))
                changes.append(
                    {
                        "notice_id": notice if self.chance(0.9) else "N9999",
                        "kind": self.random.choice(("early_off", "late_on")),
                        "notified_at": self.maybe(self.beside(changed, -hour, -hour - timedelta(minutes=5), timedelta(0))),
                        "reason": self.maybe("x"),
                        "users_notified_at": self.maybe(self.moment(), 0.3),
                    }
                )
        rows = [{"notice_id": f"N{n:04d}"} | self.written_row(row) for n, row in enumerate(notices)]
        return {"outage_notice": rows, "outage": self.numbered("outage_id", outages), "outage_change": self.numbered("change_id", changes)}

    def desk_ticket(self) -> dict[str, object]:
        received = self.moment()
        sent = self.beside(received, timedelta(minutes=10))
        done = self.end_of_a_day(sent, 14)
        return {
            "category": self.random.choice(CATEGORIES),
            "customer_id": self.maybe("K1", 0.3),
            "received_at": self.maybe(received),
            "dispatched_at": self.maybe(sent),
            "org_id": self.maybe(self.random.choice(ANYBODY)),
            "contacted_at": self.maybe(self.end_of_a_day(sent, 6), 0.3),
            "handled_at": self.maybe(self.end_of_a_day(sent, 8), 0.3),
            "handler_org_id": self.maybe(self.random.choice(ANYBODY), 0.4),
            "fed_back_at": self.maybe(done, 0.35),
            "closed_at": self.maybe(self.moment(), 0.6),
            "revisited_at": self.maybe(self.moment(), 0.8),
            **{name: self.maybe("x", 0.1) for name in ("handler_staff_id", "investigation", "opinion", "customer_feedback")},
        }

    def repair(self) -> dict[str, object]:
        received = self.moment()
        sent = self.beside(received, timedelta(minutes=10))
        accepted = self.beside(sent, timedelta(minutes=5))
        crew = self.beside(accepted, timedelta(minutes=30))
        arrived = self.beside(self.random.choice((received, sent)), *LIMITS[3:6])
        handled = self.beside(arrived, timedelta(hours=3))
        closed = self.beside(handled, timedelta(hours=30))
        return {
            "category": "fault_repair",
            "area_type": self.maybe(self.random.choice(("urban", "rural", "remote"))),
            "received_at": self.maybe(received),
            "dispatched_at": self.maybe(sent),
            "org_id": self.maybe(self.random.choice(ANYBODY)),
            "accepted_at": self.maybe(accepted, 0.2),
            "confirmed_at": self.maybe(self.random.choice((crew, handled)) + timedelta(seconds=self.random.choice((-1, 0, 1)))),
            "jurisdiction": self.maybe(self.random.choice(("own", "own", "other", "undetermined")), 0.2),
            "crew_dispatched_at": self.maybe(crew, 0.3),
            "arrived_at": self.maybe(arrived, 0.3),
            "arrival_reported_at": self.maybe(self.beside(arrived, timedelta(minutes=30))),
            "initial_finding": self.maybe("x", 0.15),
            "eta_restore_at": self.maybe(self.moment(), 0.3),
            "handled_at": self.maybe(handled, 0.3),
            "handler_org_id": self.maybe(self.random.choice(ANYBODY), 0.4),
            "fed_back_at": self.maybe(self.beside(handled, timedelta(hours=24), timedelta(hours=48)), 0.3),
            "closed_at": self.maybe(closed, 0.4),
            "revisited_at": self.maybe(self.moment(), 0.8),
            "no_visit_needed": self.maybe(self.chance(0.2), 0.4),
            **{name: self.maybe("x", 0.1) for name in ("handler_staff_id", "cause", "result")},
        }

    def events(self, tickets: list[dict[str, object]]) -> list[dict[str, object]]:
        """Events of the tickets: stories in their usual order, and others in any, many of them at a limit from one before."""
        made: list[dict[str, object]] = []
        for ticket in tickets:
            moments = [value for value in ticket.values() if isinstance(value, datetime)] or [self.moment()]
            for _ in range(self.random.choice((0, 1, 1, 2))):
                made += self.story(ticket, self.random.choice(moments))
            last = self.random.choice(moments)
            for _ in range(self.random.choice((0, 0, 1, 4))):
                last = last if self.chance(0.15) else self.beside(last, *LIMITS[1:3], *LIMITS[6:])
                made.append(self.event(ticket, self.random.choice(ACTIONS), last))
        return self.numbered("event_id", made)

    def story(self, ticket: dict[str, object], since: datetime) -> list[dict[str, object]]:
        """Some acts that belong together, by one unit or another."""
        unit = ticket["org_id"] if self.chance(0.5) else self.random.choice(STATIONS)
        half_hour, day = LIMITS[2], LIMITS[6]
        match self.random.randrange(4):
            case 0:
                back = self.beside(since, half_hour)
                steps = [("accept", since, unit), ("return", back, unit), ("dispatch", self.beside(back, half_hour), "KF")]
                return [self.event(ticket, action, at, org) for action, at, org in steps]
            case 1:
                left = self.beside(since, half_hour)
                taken_over = self.random.choice((since, left)) + timedelta(seconds=self.random.choice((-1, 0, 1)))
                steps = [("out_of_scope_found", since, unit), ("handover", taken_over, "S1"), ("leave_site", left, unit)]
                steps.append(("return", self.beside(since, day), unit))
                return [self.event(ticket, action, at, org) for action, at, org in steps if self.chance(0.85)]
            case 2:
                accepted = ticket.get("accepted_at")
                at = self.beside(accepted if isinstance(accepted, datetime) else since, half_hour)
                return [self.event(ticket, "return", at, ticket["org_id"])]
        urged = self.beside(since, day, LIMITS[7]) if ticket["category"] == "fault_repair" else self.end_of_a_day(since, 6)
        escalated = self.beside(urged, LIMITS[7], LIMITS[8])
        steps = [("urge", urged, self.random.choice(CENTERS)), ("escalate", escalated, self.random.choice(CENTERS))]
        return [self.event(ticket, action, at, org) for action, at, org in steps if self.chance(0.85)]

    def event(self, ticket: dict[str, object], action: str, at: datetime, org_id: object = None) -> dict[str, object]:
        follows_up = action in ("urge", "supervise", "escalate")
        return {
            "ticket_id": ticket["ticket_id"] if self.chance(0.97) else "T9999",
            "action": action,
            "at": at,
            "org_id": self.maybe(org_id or self.random.choice(CENTERS if follows_up else STATIONS)),
            "to_org_id": self.maybe(self.random.choice(STATIONS), 0.2),
            "outcome": self.maybe(self.random.choice(("accepted", "refused", "unreachable")), 0.3),
            "reason": self.maybe("x"),
            "user_owned": self.maybe(self.chance(0.4), 0.4),
            "customer_name": self.maybe("x", 0.3),
            "customer_phone": self.maybe("x", 0.3),
        }

    def departments(self) -> Rows:
        issues = [
            {
                "org_id": self.random.choice(ANYBODY),
                "found_at": (found := self.moment()),
                "own_remit": self.maybe(self.chance(0.6), 0.2),
                "reported_at": self.maybe(self.end_of_a_day(found, 5), 0.2),
                "assessed_at": self.maybe(self.end_of_a_day(found, 8), 0.2),
                "measures": self.maybe("x", 0.25),
            }
            for _ in range(60)
        ]
        assets = [
            {
                "asset_id": "A1",
                "kind": self.random.choice(("line_10kv", "urban_transformer", "rural_transformer")),
                "changed_at": (changed := self.moment()),
                "reported_at": self.maybe(self.end_of_a_day(changed, 8), 0.2),
            }
            for _ in range(40)
        ]
        publications = [
            {
                "kind": self.maybe(self.random.choice(("marketing_policy", "marketing_rule", "marketing_notice", "other"))),
                "published_at": (published := self.moment()),
                "reviewed_by_org_id": self.maybe(self.random.choice(("YX", "YX2", *ANYBODY))),
                "reviewed_at": self.maybe(self.beside(published, timedelta(0)), 0.25),
            }
            for _ in range(40)
        ]
        approvals = [
            {
                "kind": self.random.choice(("permission", "permission", "golive")),
                "subject_id": "P1",
                "approver_org_id": self.maybe(self.random.choice(("YX", "YX2", *ANYBODY))),
                "approved_at": self.maybe(self.moment()),
                "result": self.maybe(self.random.choice(("approved", "approved", "rejected"))),
            }
            for _ in range(40)
        ]
        commendations = [
            {
                "at": self.moment(),
                "org_id": self.maybe(self.random.choice(ANYBODY)),
                "ticket_id": self.maybe("T0001", 0.6),
                "kind": self.random.choice(("customer_praise", "customer_praise", "media_city")),
                "verified": self.maybe(self.chance(0.7)),
            }
            for _ in range(30)
        ]
        return {
            "hot_issue": self.numbered("issue_id", issues),
            "grid_asset": self.numbered("change_id", assets),
            "publication": self.numbered("publication_id", publications),
            "approval": self.numbered("approval_id", approvals),
            "commendation": self.numbered("commendation_id", commendations),
            "duty_record": self.numbered("record_id", [self.report() for _ in range(80)]),
        }

    def report(self) -> dict[str, object]:
        month = self.moment().replace(day=1)
        return {
            "duty": self.random.choice(("monthly_service_report", "monthly_service_report", "monthly_service_report", "other")),
            "org_id": self.random.choice(("KF", "KF2", "KF3", "S1", "NOBODY")),
            "period": self.maybe(f"{month:%Y-%m}", 0.1),
            "done_at": self.end_of_a_day(month + timedelta(days=31), 12),
        }

    def build(self) -> Rows:
        """Rows of every record."""
        made = [self.desk_ticket() for _ in range(160)] + [self.repair() for _ in range(220)]
        self.random.shuffle(made)
        tickets = [{"ticket_id": f"T{n:04d}"} | row for n, row in enumerate(made)]
        rows: Rows = {"org_unit": self.units(), **self.outages(), **self.departments(), "ticket_event": self.events(tickets)}
        rows["ticket"] = [self.written_row(ticket) for ticket in tickets]
        return rows


def build(seed: int, as_of: str, days_back: int = 60) -> Rows:
    """Rows of every record, from the seed."""
    return Harsh(seed, as_of, days_back).build()
