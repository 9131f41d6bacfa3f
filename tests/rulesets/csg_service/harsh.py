"""Random rows of the grid company's records."""

from __future__ import annotations

import json
from random import Random

from tests.rulesets.csg_service.independent import BRIEF, PLAN
from tests.rulesets.harsh_rows import Harsh
from tests.rulesets.insurance_brokerage.harsh import ticket
from tests.rulesets.plain_logs import Row, Rows, after_days, month_of_label, year

DUTIES = (
    "service_brief",
    "service_brief",
    "service_brief",
    "annual_service_plan",
    "key_customer_forum",
    "key_customer_visit",
    "conduct_supervisor_meeting",
    "service_training",
    "annual_summary",
    "service_inspection",
    "service_inspection",
    "window_assessment",
    "annual_results",
    "theme_campaign",
    "circular",
    "circular",
    "minutes",
)
YEARLY = ("annual_service_plan", "annual_summary", "annual_results")


def build(seed: int, as_of: str) -> Rows:
    """Rows of every record."""
    h = Harsh(Random(seed), as_of)
    r = h.random
    units = h.units(
        {"HO": ("head_office", 2), "SU": ("subsidiary", 6), "UN": ("supply_unit", 9), "OF": ("office", 2)},
        {"SU": ("HO", "SU", "OF"), "UN": ("SU", "SU", "UN", "OF"), "OF": ("SU",)},
    )
    ids = [str(u["org_id"]) for u in units]
    anyone = [*ids, "NOBODY"]
    rectifications = []
    for _ in range(80):
        found, due = h.moment(), h.moment()
        rectifications.append(
            {
                "org_id": r.choice(anyone),
                "period": h.label(),
                "problem": "p",
                "found_at": h.maybe(found),
                "measure": h.maybe("m", 0.4),
                "due_at": h.maybe(due),
                "done_at": h.maybe(h.near(due, 0), 0.3),
            }
        )
    return {
        "org_unit": units,
        "staff": [{"staff_id": "S1"}],
        "duty_record": h.rows("record", "record_id", [_duty(h, anyone) for _ in range(r.choice((150, 500, 1200)))]),
        "service_kpi": h.rows("kpi", "kpi_id", _figures(h, [i for i in anyone if i[0] in "SUN"])),
        "rectification": h.rows("rectification", "rectification_id", rectifications),
        "ticket": h.rows("ticket", "ticket_id", [ticket(h, anyone, 14, 10, 12, 16) for _ in range(80)]),
        "commendation": h.rows(
            "commendation",
            "commendation_id",
            [
                {
                    "at": h.moment(),
                    "org_id": h.maybe(r.choice(anyone)),
                    "staff_id": h.maybe("S1"),
                    "kind": "customer_praise",
                    "verified": h.maybe(r.choice((0, 1, "true", "false"))),
                }
                for _ in range(30)
            ],
        ),
    }


def _duty(h: Harsh, anyone: list[str]) -> Row:
    duty = h.random.choice(DUTIES)
    label = h.label("y" if duty in YEARLY else "mqhy" if duty == "circular" else "m")
    span = month_of_label(label)
    done = h.moment()
    if span and h.chance(0.8):
        following = after_days(span.end, 1)
        done = h.near(span.end, 15, 20) if duty != "circular" else h.near(following.replace(month=1, day=31, year=following.year + 1), 0)
    elif str(label).isdigit() and h.chance(0.8):
        last = int(str(label)) - (duty == "annual_service_plan")
        done = h.near(year(last).end, 31)
    wanted = sorted(BRIEF if duty == "service_brief" else PLAN["head_office"] | PLAN["subsidiary"])
    items = [i for i in wanted if not h.chance(0.02)]
    return {
        "duty": duty,
        "org_id": h.random.choice([a for a in anyone if a[0] in "HS"] if h.chance(0.9) else anyone),
        "period": label,
        "done_at": done,
        "subject_id": h.maybe(h.random.choice(anyone)),
        "items": h.maybe(json.dumps(items), 0.1),
    }


def _figures(h: Harsh, orgs: list[str]) -> list[Row]:
    rows: list[Row] = []
    labels = [f"{y}-{n:02d}" for y in (2024, 2025, 2026) for n in range(1, 13)]
    for org in orgs:
        kept, good = 0.03 if h.chance(0.6) else 0.3, h.chance(0.5)
        for label in labels:
            for _ in range(h.random.choice((1, 1, 1, 2)) if not h.chance(kept) else 0):
                rows.append(_figure(h, org, label, good))
    rows += [_figure(h, h.random.choice(orgs), str(h.label() or "none"), False) for _ in range(20)]
    return rows


def _figure(h: Harsh, org: str, label: str, good: bool) -> Row:
    nulls = 0.0 if good else 0.06
    rates = ("0.95", "1", "0.96") if good else ("0.95", "0.95", "1", "0.9499999", "0.949999999999999999")
    waits = ("20", "19", "0") if good else ("20", "20", "19.999", "20.000001")
    return {
        "org_id": org,
        "period": label,
        "connection_rate": h.maybe(h.random.choice(rates), nulls),
        "reply_rate": h.maybe(h.random.choice(rates), nulls),
        "average_wait_s": h.maybe(h.random.choice(waits), nulls),
        "target_connection_rate": h.maybe("0.95", 0.1),
        "target_reply_rate": h.maybe("0.95", 0.1),
        "target_average_wait_s": h.maybe("20", 0.1),
    }
