"""Every heating rule, case by case."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from .logs import MILESTONES, Logs, Row, local_day, one_month_on, working_days_after

MINUTE, HOUR, DAY = 60, 3600, 86400
BURST = ("burst", "valve_leak")
URGENT_SOURCES = ("mayor_hotline", "housing_bureau", "media", "company")
URGENT_SUBJECTS = ("activation", "no_heat", "burst", "valve_leak", "tampering", "quality", "manhole")
REPEATING_SUBJECTS = ("no_heat", "room_temperature", "quality", "facility_damage")
NAMED = ("superior", "named_complaint")


@dataclass(frozen=True)
class Case:
    rule: str
    case_id: str
    verdict: str
    counted_at: int
    org: str | None = None
    party: str | None = None

    @property
    def liable(self) -> str:
        return self.party or self.org or ""


def cases_of_period(logs: Logs) -> list[Case]:
    """Every case of the period."""
    first = [*_tickets(logs), *_events(logs), *_calls(logs), *_repeats(logs), *_stops(logs), *_meters(logs), *_conduct(logs)]
    cases = [*first, *_on_others(logs, first), *_praise(logs)]
    start, end = logs.period
    counted = [c for c in cases if start <= c.counted_at <= end]
    return [*counted, *_clean_quarters(logs, counted)]


def _emergency(t: Row) -> bool:
    return t.get("level") == "major" or t.get("source") in URGENT_SOURCES or t.get("subject") in URGENT_SUBJECTS


def _heat(logs: Logs) -> list[Row]:
    return [t for t in logs.rows["ticket"].values() if t["category"] in ("heat_repair", "heat_event")]


def _owner(row: Row, warranty: bool = False) -> dict[str, str | None]:
    if warranty and row.get("in_warranty"):
        return {"party": row.get("contractor")}
    return {"org": row.get("org_id")}


def _limit(logs: Logs, rule: str, case_id: str, due: int, done: int | None, **liable: str | None) -> Case:
    if done is not None:
        verdict = "compliant" if done <= due else "breach"
    else:
        verdict = "breach" if logs.as_of > due else "pending"
    return Case(rule, case_id, verdict, due, **liable)


def _from_report(logs: Logs, rule: str, t: Row, limit: int, done: int | None, last_act: str, warranty: bool = False) -> Iterator[Case]:
    """A limit that runs from received_at."""
    if t["received_later"]:
        return
    owner = _owner(t, warranty)
    if t.get("received_at") is not None:
        yield _limit(logs, rule, t["ticket_id"], t["received_at"] + limit, done, **owner)
    elif done is not None or any(t.get(step) is not None for step in MILESTONES[MILESTONES.index(last_act) + 1 :]):
        yield Case(rule, t["ticket_id"], "indeterminate", min(t[s] for s in MILESTONES if t.get(s) is not None), **owner)


def _tickets(logs: Logs) -> Iterator[Case]:
    for t in _heat(logs):
        key, own = t["ticket_id"], _owner(t)
        burst, urgent, repair, long_talks = (
            t.get("subject") in BURST,
            _emergency(t),
            t["category"] == "heat_repair",
            bool(t.get("long_coordination")),
        )
        visited = not t.get("no_visit_needed")
        word = next((e["at"] for e in logs.events(key, "delay_notice") if e.get("reason")), None)
        if t.get("dispatched_at") is not None:
            yield _limit(logs, "HT101", key, t["dispatched_at"] + 30 * MINUTE, t.get("accepted_at"), **own)
        received = t.get("received_at")
        if received is not None:
            yield from _received(logs, t, received)
        if repair and not burst and visited:
            yield from _from_report(logs, "HT201", t, 60 * MINUTE, t.get("arrived_at"), "arrived_at")
        if repair and not urgent and not long_talks:
            for case in _from_report(logs, "HT202", t, 24 * HOUR, t.get("closed_at"), "closed_at"):
                told = received is not None and word is not None and word <= received + 24 * HOUR
                yield Case("HT202", key, "compliant", case.counted_at, **own) if told else case
        if burst and visited:
            yield from _from_report(logs, "HT203", t, 40 * MINUTE, t.get("arrived_at"), "arrived_at")
        if burst and t.get("severity") != "large":
            yield from _from_report(logs, "HT204", t, 24 * HOUR, t.get("restored_at"), "restored_at", warranty=True)
        if urgent and not burst and not long_talks:
            yield from _from_report(logs, "HT205", t, 12 * HOUR, t.get("handled_at"), "handled_at")
        if t["category"] == "heat_event" and not urgent and not long_talks:
            yield from _from_report(logs, "HT206", t, 24 * HOUR, t.get("handled_at"), "handled_at")
        if t.get("handled_at") is not None:
            yield _limit(logs, "HT209", key, t["handled_at"] + 2 * HOUR, t.get("fed_back_at"), **own)
        if t.get("closed_at") is not None:
            yield _follow_up(logs, t)
        if t.get("source") in ("mayor_hotline", "housing_bureau", "media", "web") and not long_talks:
            both = t.get("handled_at") is not None and t.get("fed_back_at") is not None
            yield from _from_report(
                logs, "HT211", t, (12 if urgent else 24) * HOUR, max(t["handled_at"], t["fed_back_at"]) if both else None, "fed_back_at"
            )
        if burst and t.get("arrived_at") is not None:
            verdict = {True: "compliant", False: "breach", None: "indeterminate"}[t.get("site_attended")]
            yield Case("HT212", key, verdict, t["arrived_at"], **own)
            if t.get("severity") == "large":
                yield _left(logs, t)


def _received(logs: Logs, t: Row, received: int) -> Iterator[Case]:
    key, own = t["ticket_id"], _owner(t)
    if not t.get("no_visit_needed"):
        due = received + 10 * MINUTE
        yield _limit(logs, "HT107", key, due, t.get("dispatched_at"), org=logs.only_unit("dispatch", due))
    if t.get("level") == "major":
        yield _limit(logs, "HT108", key, received + HOUR, _first(logs.events(key, "escalate")), **own)
    if t.get("in_warranty"):
        due = received + 24 * HOUR
        urged = logs.events(key, "supervise")
        by_dispatch = [e for e in urged if logs.kind_of(e.get("org_id")) == "dispatch"]
        by_nobody_known = [e for e in urged if logs.kind_of(e.get("org_id")) is None]
        case = _limit(logs, "HT109", key, due, _first(by_dispatch), org=logs.only_unit("dispatch", due))
        unclear = case.verdict != "compliant" and any(e["at"] <= due for e in by_nobody_known)
        yield Case("HT109", key, "indeterminate", due, case.org) if unclear else case
    if t.get("long_coordination"):
        yield _limit(logs, "HT207", key, received + 8 * HOUR, _first(logs.events(key, "written_report")), **own)


def _first(events: list[Row]) -> int | None:
    return events[0]["at"] if events else None


def _follow_up(logs: Logs, t: Row) -> Case:
    own = _owner(t)
    visits = [e["at"] for e in logs.events(t["ticket_id"], "revisit") if e["at"] >= t["closed_at"]]
    visits += [t["revisited_at"]] if t.get("revisited_at") is not None else []
    due = working_days_after(t["closed_at"], 3)
    if due is None:
        return Case("HT210", t["ticket_id"], "indeterminate", t["closed_at"], **own)
    return _limit(logs, "HT210", t["ticket_id"], due, min(visits, default=None), **own)


def _left(logs: Logs, t: Row) -> Case:
    key, arrived, restored = t["ticket_id"], t["arrived_at"], t.get("restored_at")
    handed_over = [e["at"] for e in logs.events(key, "handover") if e["at"] >= arrived]
    for e in logs.events(key, "leave_site"):
        if arrived <= e["at"] and (restored is None or e["at"] < restored) and not any(h <= e["at"] for h in handed_over):
            return Case("HT216", key, "breach", e["at"], t.get("org_id"))
    return Case("HT216", key, "compliant", arrived, t.get("org_id"))


def _events(logs: Logs) -> Iterator[Case]:
    leave: dict[str, int] = {}
    for a in logs.rows["approval"].values():
        if a["kind"] == "return_order" and a.get("result") == "approved" and a.get("approved_at") is not None:
            leave[a["subject_id"]] = min(a["approved_at"], leave.get(a["subject_id"], a["approved_at"]))
    for e in logs.rows["ticket_event"].values():
        key, at, own, ticket = e["event_id"], e["at"], _owner(e), e["ticket_id"]
        if e["action"] == "refuse":
            explained = any(o["at"] <= at for o in logs.events(ticket, "out_of_scope_found"))
            yield Case("HT102", key, "compliant" if explained else "breach", at, **own)
        elif e["action"] == "transfer":
            yield Case("HT103", key, "compliant" if e.get("reason") and e.get("to_org_id") else "breach", at, **own)
        elif e["action"] == "return":
            approved = e.get("outcome") == "approved" or leave.get(ticket, at + 1) <= at
            yield Case("HT104", key, "compliant" if approved else "breach" if e.get("outcome") else "indeterminate", at, **own)


def _calls(logs: Logs) -> Iterator[Case]:
    def unit_and_day(a: Row) -> tuple[str, str]:
        return a["org_id"], local_day(a["at"]).isoformat()

    attempts = sorted(logs.rows["contact_attempt"].values(), key=lambda a: (*unit_and_day(a), a["at"], a["attempt_id"]))
    for (org, day), calls in itertools.groupby(attempts, key=unit_and_day):
        missed = 0
        for call in calls:
            missed = 0 if call["outcome"] == "answered" else missed + 1
            if missed == 3:
                break
        yield Case("HT105", f"{org}:{day}", "breach" if missed == 3 else "compliant", call["at"], org)
    for c in logs.rows["duty_roster_change"].values():
        yield _limit(logs, "HT106", c["change_id"], c["changed_at"] + 24 * HOUR, c.get("notified_in_writing_at"), **_owner(c))


def _repeats(logs: Logs) -> Iterator[Case]:
    def matter(t: Row) -> tuple[str, str]:
        return t["customer_id"], t["subject"]

    heat = {t["ticket_id"] for t in _heat(logs)}
    asked = [
        t
        for t in logs.rows["ticket"].values()
        if (t["category"] == "complaint" or (t["ticket_id"] in heat and t.get("subject") in REPEATING_SUBJECTS))
        and None not in (t.get("customer_id"), t.get("subject"), t.get("received_at"))
    ]
    asked.sort(key=lambda t: (*matter(t), t["received_at"], t["ticket_id"]))
    for _, tickets in itertools.groupby(asked, key=matter):
        for before, again in itertools.pairwise(tickets):
            if again["received_at"] - before["received_at"] > 60 * MINUTE:
                settled = before.get("handled_at") if before.get("handled_at") is not None else before.get("closed_at")
                broken = settled is None or again["received_at"] <= settled + 30 * DAY
                yield Case("HT213", again["ticket_id"], "breach" if broken else "compliant", again["received_at"], before.get("org_id"))
    repairs = sorted(logs.rows["leak_repair"].values(), key=lambda r: (r["leak_point_id"], r["repaired_at"], r["repair_id"]))
    for _, of_point in itertools.groupby(repairs, key=lambda r: str(r["leak_point_id"])):
        for before, again in itertools.pairwise(of_point):
            broken = again["repaired_at"] <= one_month_on(before["repaired_at"])
            yield Case(
                "HT214", again["repair_id"], "breach" if broken else "compliant", again["repaired_at"], **_owner(before, warranty=True)
            )


def _stops(logs: Logs) -> Iterator[Case]:
    posted = {p["stop_id"] for p in logs.rows["heat_stop_posting"].values()}
    for s in logs.rows["heat_stop"].values():
        key, at, own, begun = s["stop_id"], s["stopped_at"], _owner(s), s["stopped_at"] <= logs.as_of
        if s["kind"] == "planned":
            if s.get("scope") != "small":
                if begun:
                    yield _limit(logs, "HT301", key, at, s.get("approved_at"), **own)
                told = _both(s.get("written_notice_cs_at"), s.get("written_notice_dispatch_at"))
                if begun or told is not None:
                    yield _limit(logs, "HT302", key, at - 24 * HOUR, told, **own)
            if begun:
                due = working_days_after(at, 3)
                yield (
                    Case("HT304", key, "indeterminate", at, **own)
                    if due is None
                    else _limit(logs, "HT304", key, due, s.get("filed_at"), **own)
                )
        else:
            if begun:
                told = _both(s.get("reported_cs_at"), s.get("reported_dispatch_at"))
                yield _limit(logs, "HT312", key, at + 10 * MINUTE, told, **own)
            if s.get("reported_cs_at") is not None:
                complete = None not in (s.get("pipe_diameter"), s.get("valves"), s.get("area"), s.get("planned_restore_at"))
                yield Case("HT311", key, "compliant" if complete else "breach", s["reported_cs_at"], **own)
            if s.get("restored_at") is not None:
                yield _limit(logs, "HT314", key, s["restored_at"] + HOUR, s.get("restore_reported_at"), **own)
        if begun:
            yield Case("HT305", key, "compliant" if key in posted else "breach", at, **own)
    for p in logs.rows["heat_stop_posting"].values():
        stop = logs.rows["heat_stop"].get(p["stop_id"])
        if stop is None:
            continue
        begun = stop["stopped_at"] <= logs.as_of
        if stop["kind"] == "planned" and (begun or p.get("posted_at") is not None):
            yield _limit(logs, "HT303", p["posting_id"], stop["stopped_at"] - 24 * HOUR, p.get("posted_at"), **_owner(stop))
        elif stop["kind"] == "emergency" and begun:
            yield _limit(logs, "HT313", p["posting_id"], stop["stopped_at"] + 2 * HOUR, p.get("posted_at"), **_owner(stop))


def _both(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)


def _meters(logs: Logs) -> Iterator[Case]:
    for s in logs.rows["meter_swap"].values():
        key, at, own = s["swap_id"], s["at"], _owner(s)
        if at <= logs.as_of:
            present = [s.get("reader_present"), s.get("customer_present"), s.get("third_party_present")]
            yield Case("HT401", key, "breach" if False in present else "indeterminate" if None in present else "compliant", at, **own)
            yield _limit(logs, "HT402", key, at, s.get("formalities_done_at"), **own)
        if s.get("periodic") and (at <= logs.as_of or s.get("notice_posted_at") is not None):
            yield _limit(logs, "HT403", key, at - 24 * HOUR, s.get("notice_posted_at"), **own)


def _conduct(logs: Logs) -> Iterator[Case]:
    rules = {
        "misconduct_extortion": "HT503",
        "negligence_damage": "HT504",
        "unsafe_site_injury": "HT505",
        "unreported_major_event": "HT506",
    }
    found = {True: "breach", False: "compliant", None: "indeterminate"}
    for c in logs.rows["conduct_case"].values():
        verdict = found[c.get("verified")]
        if c["kind"] == "media_exposure":
            yield Case("HT501", c["case_id"], verdict, c["at"], **_owner(c))
        elif c["kind"] == "bribery":
            yield Case("HT507", c["case_id"], verdict, c["at"])
        elif c.get("origin") in NAMED:
            yield Case(rules[c["kind"]], c["case_id"], verdict, c["at"], **_owner(c))
    for i in logs.rows["inspection"].values():
        yield Case("HT502", i["inspection_id"], "compliant" if i["finding"] == "none" else found[i.get("verified")], i["at"], **_owner(i))


def _on_others(logs: Logs, cases: list[Case]) -> Iterator[Case]:
    dues: dict[str, dict[str, int]] = {}
    for c in cases:
        if c.verdict == "breach" and c.rule in ("HT201", "HT202", "HT203", "HT204", "HT205", "HT206"):
            dues.setdefault(c.case_id, {})[c.rule] = c.counted_at
    for key, broken in dues.items():
        t = logs.rows["ticket"][key]
        late = [broken[r] for r in ("HT204", "HT205", "HT206") if r in broken]
        if late:
            told = any(e.get("reason") and e["at"] <= late[0] for e in logs.events(key, "delay_notice"))
            yield Case("HT208", key, "compliant" if told else "breach", late[0], t.get("org_id"))
        if t.get("loss_amount") is not None:
            yield Case("HT215", key, "breach" if t["loss_amount"] > 0 else "compliant", min(broken.values()), t.get("org_id"))


def _praise(logs: Logs) -> Iterator[Case]:
    for c in logs.rows["commendation"].values():
        if not c.get("verified"):
            continue
        if c["kind"] in ("media_city", "media_province", "media_national"):
            yield Case("HT901", c["commendation_id"], "merit", c["at"], **_owner(c))
        elif c["kind"] in ("circular_bureau", "circular_city", "circular_province"):
            yield Case("HT902", c["commendation_id"], "merit", c["at"], **_owner(c))
        elif c["kind"] == "violation_caught" and (c.get("loss_avoided") or Decimal(0)) > 0:
            yield Case("HT903", c["commendation_id"], "merit", c["at"], **_owner(c))


def _clean_quarters(logs: Logs, counted: list[Case]) -> Iterator[Case]:
    start, end = logs.period
    first, last = local_day(start), local_day(end)
    whole = (
        first.day == 1
        and first.month % 3 == 1
        and (last.year, last.month) == (first.year, first.month + 2)
        and local_day(end + 1).month != last.month
    )
    if not whole or logs.as_of <= end:
        return
    for org in logs.rows["org_unit"]:
        judged = [c.verdict for c in counted if c.org == org and c.rule < "HT9" and c.verdict in ("compliant", "breach")]
        if len(judged) >= 30 and "breach" not in judged:
            yield Case("HT904", org, "merit", end, org)


__all__ = ["Case", "cases_of_period"]
