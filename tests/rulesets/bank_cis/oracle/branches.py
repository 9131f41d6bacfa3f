"""Going live, reports, faults, and clean quarters."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

from .world import Row, Verdicts, World, end_of, start_of

ITEMS = {"working_group", "bandwidth", "managers", "equipment", "risk_measures", "user_forms", "user_summary", "training_plan"}


def judge_branches(world: World, verdicts: Verdicts) -> None:
    s = world.settings
    for g in world.rows["branch_golive"]:
        case, org = g["golive_id"], g["org_id"]
        if g["live_at"] is not None:
            quotas = (("BK701", "outlets_broadband", s["broadband_quota"]), ("BK702", "outlets_manager", s["manager_quota"]))
            for rule, field, quota in quotas:
                missing = g[field] is None or not g["outlets"]
                verdicts.put(rule, case, g["live_at"], None if missing else Fraction(g[field], g["outlets"]) < Fraction(quota, 100), org)
            verdicts.time_limit("BK703", case, g["live_at"], g["approved_at"], org)
        if g["applied_at"] is not None:
            verdicts.put("BK704", case, g["applied_at"], bool(ITEMS - set(g["application_items"] or ())), org)
    for i in world.rows["incident"]:
        verdicts.time_limit("BK707", i["incident_id"], i["occurred_at"] + s["incident_limit"], i["reported_at"], i["org_id"])
        if i["reported_at"] is not None:
            verdicts.time_limit("BK708", i["incident_id"], i["reported_at"] + s["incident_limit"], i["escalated_at"], i["org_id"])
    _duty(world, verdicts, "BK705", "report_backup", 1, s["backup_limit"])
    _duty(world, verdicts, "BK706", "security_check_circular", 3, s["check_limit"])
    _before_live(world, verdicts)


def _duty(world: World, verdicts: Verdicts, rule: str, duty: str, months: int, limit: int) -> None:
    done: dict[tuple[str, str], int] = {}
    for r in world.rows["duty_record"]:
        if r["duty"] == duty and r["done_at"] is not None and r["period"] is not None:
            key = (r["org_id"], r["period"])
            done[key] = min(done.get(key, r["done_at"]), r["done_at"])
    for year in range(world.first_day.year - 1, world.last_day.year + 1):
        for month in range(1, 13, months):
            first = date(year, month, 1)
            last = date(year + (month + months > 12), (month + months - 1) % 12 + 1, 1) - timedelta(days=1)
            label = f"{year}-{month:02}" if months == 1 else f"{year}Q{(month + 2) // 3}"
            if end_of(last) >= world.as_of:
                continue
            needed = max(start_of(first), end_of(last) - world.settings["duty_tenure"] * 86400)
            for u in world.rows["org_unit"]:
                old = (u["valid_from"] is None or u["valid_from"] <= needed) and (u["valid_to"] is None or end_of(last) < u["valid_to"])
                if u["kind"] == "province" and old:
                    due = end_of(last + timedelta(days=limit))
                    verdicts.time_limit(rule, f"{duty}:{u['org_id']}:{label}", due, done.get((u["org_id"], label)), u["org_id"])


def _before_live(world: World, verdicts: Verdicts) -> None:
    live = world.branches_live()
    for e in world.events:
        account: Row | None = world.users.get(e["user_id"])
        if e["action"] in ("login", "logout") or account is None or account["role"] in ("system_admin", "business_admin"):
            continue
        told, branch = world.branch_above(account["org_id"], e["at"])
        if not told:
            verdicts.put("BK709", e["event_id"], e["at"], None, "")
        elif branch:
            verdicts.put("BK709", e["event_id"], e["at"], branch not in live or e["at"] < live[branch], branch)


def judge_clean_quarters(world: World, verdicts: Verdicts) -> None:
    first, last = world.first_day, world.last_day
    next_quarter = date(first.year + (first.month == 10), (first.month + 2) % 12 + 1, 1)
    whole = first.day == 1 and first.month % 3 == 1 and last + timedelta(days=1) == next_quarter
    if not whole or world.as_of <= world.period[1]:
        return
    counts: dict[str, list[str]] = defaultdict(list)
    for verdict, _, liable in verdicts.of_the_period().values():
        counts[liable].append(verdict)
    for u in world.rows["org_unit"]:
        mine = counts[u["org_id"]]
        judged = sum(v in ("compliant", "breach", "indicator") for v in mine)
        if u["kind"] == "outlet" and judged >= world.settings["clean_minimum"] and not {"breach", "indicator"} & set(mine):
            verdicts.put("BK901", u["org_id"], world.period[1], True, u["org_id"], "merit")
