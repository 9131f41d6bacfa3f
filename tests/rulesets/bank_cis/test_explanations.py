"""What is looked up before a person is asked: counted per day, and never in the way of the verdict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from auditor.derive import Logs
from auditor.instants import DEFAULT_ZONE, from_iso
from auditor.judge import judge
from auditor.periods import parse_period
from auditor.rulebook import load_ruleset
from auditor.waivers import Waivers
from tests.rulesets.sheet_runner import InProcess, logs_of_rows

RULESET = load_ruleset("bank_cis")


def look(event: str, at: str, user: str = "U1", customer: str | None = "C1", action: str = "query_detail", **more: Any) -> dict[str, Any]:
    return {"event_id": event, "at": at, "user_id": user, "customer_id": customer, "action": action, **more}


ROWS: dict[str, list[dict[str, Any]]] = {
    "cis_user": [{"user_id": f"U{n}", "role": "account_manager", "registered_at": "2025-01-01T00:00:00"} for n in (1, 2, 3)],
    "customer_assignment": [
        {"customer_id": "C1", "org_id": "O1", "manager_id": "U1", "valid_from": "2026-01-01T00:00:00", "valid_to": "2026-08-05T21:30:00"},
        {"customer_id": "C2", "org_id": "O1", "specialist_id": "U1", "valid_from": "2026-01-01T00:00:00"},
    ],
    "access_event": [
        look("E1", "2026-08-05T21:00:00"),
        look("E2", "2026-08-05T22:00:00"),
        look("E3", "2026-08-05T22:05:00", customer="C2"),
        look("E4", "2026-08-05T22:10:00", customer="C3"),
        look("E5", "2026-08-05T22:15:00", customer=None),
        look("E6", "2026-08-05T10:00:00", user="U2", customer="C1", action="create_service_record"),
        look("E7", "2026-08-05T10:05:00", user="U2", customer="C9"),
        look("E8", "2026-08-06T21:00:00", user="U2", customer="C9"),
        look("E9", "2026-08-05T09:00:00", user="U3", customer=None, action="login"),
    ],
    "ticket": [
        {"ticket_id": "T1", "category": "inquiry", "customer_id": "C3", "received_at": "2026-08-05T09:00:00"},
        {"ticket_id": "T2", "category": "inquiry", "customer_id": "C2", "received_at": "2026-08-06T00:00:00"},
        {"ticket_id": "T3", "category": "inquiry", "customer_id": "C9"},
    ],
}


def logs(*lacks: str) -> Logs:
    return logs_of_rows(RULESET, ROWS, parse_period("2026"), from_iso("2026-11-20T09:00:00", DEFAULT_ZONE), lacks)  # type: ignore[arg-type]


def of_days(site: Logs, *names: str) -> dict[str, tuple[int, ...]]:
    frame = site["user_day"]
    ids = np.asarray(frame["case_id"], object).tolist()
    return {day: tuple(int(frame[name][n]) for name in names) for n, day in enumerate(ids)}


def test_assigned_then_and_served_that_day_are_counted_look_up_by_look_up() -> None:
    # C1 was the user's until half past nine, and had a service record that day; C3 a ticket; C2 is the user's, with a ticket next day.
    assert of_days(logs(), "look_ups", "look_ups_assigned", "look_ups_served") == {
        "U1:2026-08-05": (5, 2, 3),
        "U2:2026-08-05": (1, 0, 0),
        "U2:2026-08-06": (1, 0, 0),
    }


def test_the_base_rate_counts_the_users_of_the_day() -> None:
    assert of_days(logs(), "working_day", "users_looking", "users_off_hours", "users_mass") == {
        "U1:2026-08-05": (1, 2, 1, 0),
        "U2:2026-08-05": (1, 2, 1, 0),
        "U2:2026-08-06": (1, 1, 1, 0),
    }


def test_a_login_shows_what_its_user_looked_at_that_day() -> None:
    frame = logs()["access_event"]
    shown = [int(frame[name][8]) for name in ("user_look_ups", "users_logged_in", "users_in_two_places", "day_worked")]
    assert shown == [0, 1, 0, 1]
    assert [int(frame[name][0]) for name in ("user_look_ups", "user_look_ups_assigned", "user_look_ups_served")] == [5, 2, 3]


@pytest.mark.parametrize(
    ("lack", "served"), [("ticket", 2), ("ticket.customer_id", 2), ("customer_assignment", 3), ("customer_assignment.manager_id", 3)]
)
def test_what_the_site_does_not_have_explains_nothing_and_stops_nothing(lack: str, served: int) -> None:
    site = logs(lack)
    judged = judge(RULESET, site, Waivers(), InProcess(), only=["BK503", "BK507", "BK508"])  # type: ignore[arg-type]
    assert [one.not_auditable for one in judged] == [None] * 3
    assert of_days(site, "look_ups_served")["U1:2026-08-05"] == (served,)
