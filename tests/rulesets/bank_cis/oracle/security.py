"""Sessions, terminals, the log itself, and what a user looks at in a day."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from .world import LOOK_UPS, Row, UnknownYearError, Verdicts, World, local


def judge_security(world: World, verdicts: Verdicts) -> None:
    _two_places(world, verdicts)
    _idle(world, verdicts)
    _internet(world, verdicts)
    _log(world, verdicts)
    _days(world, verdicts)


def _session(event: Row) -> tuple[str, str] | None:
    return (event["user_id"], event["session_id"]) if event["session_id"] is not None else None


def _two_places(world: World, verdicts: Verdicts) -> None:
    idle = world.settings["session_idle"]
    past: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    forced: dict[str, int] = {}
    for position, event in enumerate(world.events):
        event["position"] = position
        user = event["user_id"]
        if event["action"] == "login":
            answers: list[bool | None] = []
            for session, events in past[user].items():
                logins = [e for e in events if e["action"] == "login"]
                if session == event["session_id"] or not logins:
                    continue
                last = logins[-1]
                ended = any(e["action"] == "logout" and e["position"] > last["position"] for e in events)
                ended = ended or forced.get(user, -1) > last["position"]
                if ended or event["at"] - events[-1]["at"] > idle:
                    continue
                if event["terminal"] is None or last["terminal"] is None:
                    answers.append(None)
                elif event["terminal"] != last["terminal"]:
                    answers.append(True)
            broken = True if True in answers else None if answers else False
            verdicts.put("BK503", event["event_id"], event["at"], broken, world.holder(user), "indicator")
        if event["session_id"] is not None:
            past[user][event["session_id"]].append(event)
        if event["action"] == "force_logout" and event["target_id"] is not None:
            forced[event["target_id"]] = position


def _idle(world: World, verdicts: Verdicts) -> None:
    last: dict[tuple[str, str], int] = {}
    for event in world.events:
        session = _session(event)
        if session is None:
            continue
        if event["action"] not in ("login", "logout"):
            broken = None if session not in last else event["at"] - last[session] > world.settings["session_idle"]
            verdicts.put("BK504", event["event_id"], event["at"], broken, world.the_province(event["at"]))
        last[session] = event["at"]


def _internet(world: World, verdicts: Verdicts) -> None:
    changes: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for change in world.rows["terminal_event"]:
        if change["kind"] != "malware":
            changes[change["terminal"]].append((change["at"], change["kind"] == "internet_connected"))
    for event in world.events:
        if event["terminal"] is not None:
            before = [c for c in changes.get(event["terminal"], ()) if c[0] <= event["at"]]
            verdicts.put("BK505", event["event_id"], event["at"], bool(before) and max(before)[1], world.holder(event["user_id"]))


def _log(world: World, verdicts: Verdicts) -> None:
    numbered: dict[int, Row] = {}
    for event in sorted(world.events, key=lambda e: e["event_id"]):
        if event["seq"] is not None:
            numbered.setdefault(event["seq"], event)
    order = sorted(numbered)
    for before, seq in pairwise(order):
        event = numbered[seq]
        province = world.the_province(event["at"])
        verdicts.put("BK506", str(seq), event["at"], seq != before + 1, province)
        verdicts.put("BK509", event["event_id"], event["at"], numbered[before]["at"] - event["at"] > world.settings["clock_skew"], province)


def _days(world: World, verdicts: Verdicts) -> None:
    days: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for event in world.events:
        if event["action"] in LOOK_UPS:
            days[event["user_id"], local(event["at"]).date().isoformat()].append(event)
    for (user, day), events in days.items():
        case, liable = f"{user}:{day}", world.holder(user)
        _off_hours(world, verdicts, case, events, liable)
        customers: set[str] = set()
        reached = None
        named = [e for e in events if e["customer_id"] is not None]
        for event in named:
            customers.add(event["customer_id"])
            if reached is None and len(customers) > world.settings["mass_limit"]:
                reached = event["at"]
        if named:
            verdicts.put("BK508", case, reached or named[-1]["at"], reached is not None, liable, "indicator")


def _off_hours(world: World, verdicts: Verdicts, case: str, events: list[Row], liable: str) -> None:
    minimum = world.settings["off_hours_minimum"]
    certain, perhaps = [], []
    for event in events:
        stamp = local(event["at"])
        clock = stamp.hour * 3600 + stamp.minute * 60 + stamp.second
        if not world.settings["working_hours_from"] <= clock <= world.settings["working_hours_to"]:
            certain.append(event)
            continue
        try:
            if not world.is_working_day(stamp.date()):
                certain.append(event)
        except UnknownYearError:
            perhaps.append(event)
    both = sorted(certain + perhaps, key=lambda e: e["position"])
    if len(certain) >= minimum:
        verdicts.put("BK507", case, certain[minimum - 1]["at"], True, liable, "indicator")
    elif len(both) >= minimum:
        verdicts.put("BK507", case, both[minimum - 1]["at"], None, liable)
    elif certain:
        verdicts.put("BK507", case, certain[-1]["at"], False, liable)
    elif perhaps:
        verdicts.put("BK507", case, perhaps[-1]["at"], None, liable)
