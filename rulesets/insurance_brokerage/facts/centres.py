"""Articles 4 and 8.2: project teams and the service phone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from auditor.derive import (
    Frame,
    Group,
    Logs,
    days_of_attempts,
    group,
    in_force,
    rows_of,
    take,
)

from .book import FACTS

# Article 4: project teams


@FACTS.fact("org_unit")
def in_force_at_audit(frame: Frame) -> Any:
    return in_force(frame, frame.logs.audit_instant)


def _teams(logs: Logs) -> tuple[Group, npt.NDArray[np.bool_]]:
    """Members by centre, and which of them are in force at the audit instant."""
    teams = group(logs, "team_member", "org_id", "org_unit", time="valid_from")
    return teams, in_force(teams.child, logs.audit_instant)


def _heads(logs: Logs, role: str) -> Any:
    """How many people of a role each unit's team has: distinct persons, and a member without a person on record is one by itself."""
    teams, now = _teams(logs)
    rows = np.flatnonzero(now & np.asarray(teams.child["role"] == role) & (teams.parent_rows >= 0))
    persons = pd.Series(np.asarray(teams.child["staff_id"], object)[rows])
    own = pd.Series(np.asarray(teams.child["member_id"], object)[rows])
    person = pd.factorize(("person " + persons).fillna("member " + own))[0]
    pairs = pd.DataFrame({"unit": teams.parent_rows[rows], "person": person}).drop_duplicates()
    return np.bincount(pairs["unit"], minlength=teams.size).astype(np.int64)


@FACTS.fact("org_unit")
def leads(frame: Frame) -> Any:
    """Leads of the centre's team at the audit instant (4)."""
    return _heads(frame.logs, "lead")


@FACTS.fact("org_unit")
def service_members(frame: Frame) -> Any:
    """Service members of the centre's team at the audit instant (4)."""
    return _heads(frame.logs, "service")


@FACTS.fact("org_unit")
def team_complete(frame: Frame) -> Any:
    """One lead and one or two service members (4)."""
    now = frame.logs.audit_instant
    wanted, least, most = (frame.logs.parameter(name, now) for name in ("team_leads", "service_members_least", "service_members_most"))
    return (frame["leads"] == wanted) & (frame["service_members"] >= least) & (frame["service_members"] <= most)


@FACTS.fact("org_unit")
def licensed_member(frame: Frame) -> Any:
    """A member of the team in force holds a broker's licence (4)."""
    teams, now = _teams(frame.logs)
    staff = rows_of(teams.child, "staff_id", "staff")
    licensed = ~frame.logs["staff"].blank("broker_licence")
    return teams.any(now & take(licensed, staff))


@FACTS.fact("org_unit")
def member_without_staff_row(frame: Frame) -> Any:
    """A member in force names no person, or one of whom nothing is on record: whether there is a licence is not known (4)."""
    teams, now = _teams(frame.logs)
    return teams.any(now & (rows_of(teams.child, "staff_id", "staff") < 0))


@FACTS.row("org_unit", of="team_member")
def members(frame: Frame) -> Any:
    """The team in force."""
    teams, now = _teams(frame.logs)
    rows = np.flatnonzero(now & (teams.parent_rows >= 0))
    return teams.parent_rows[rows], rows


# Article 8.2: the service phone


@FACTS.table("phone_day", "org_id", "judged_at", "limit_reached", "attempts", "failed_attempts")
def phone_day(logs: Logs) -> dict[str, Any]:
    """A unit's attempts of one local day, judged at the attempt that reaches the limit first, else at the day's last (8.2)."""
    days = days_of_attempts(logs, limit="unreachable_limit")
    at = logs["contact_attempt"]["at"]
    return {
        "case_id": days.case_id,
        "org_id": days.org_id,
        "limit_reached": days.reached >= 0,
        "judged_at": take(at, np.where(days.reached >= 0, days.reached, days.last)),
        "attempts": days.attempts,
        "failed_attempts": days.missed,
    }


@FACTS.row("phone_day", of="contact_attempt")
def calls(frame: Frame) -> Any:
    """The day's attempts."""
    days = days_of_attempts(frame.logs, limit="unreachable_limit")
    return days.days, days.rows
