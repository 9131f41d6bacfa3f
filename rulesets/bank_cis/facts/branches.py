"""Branches: which are live, which stands above a unit, and what a going live rests on (articles 4, 10g, 12, 30)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from auditor.derive import NEVER, Frame, Logs, in_force, lists_item, take, text_array
from auditor.vocabulary import NO, UNSAID, YES

from .assignments import tree
from .book import FACTS

ITEMS = ("working_group", "bandwidth", "managers", "equipment", "risk_measures", "user_forms", "user_summary", "training_plan")


def live_since(logs: Logs) -> Any:
    """For each unit the earliest instant at which it went live as a branch; NEVER where it did not."""

    def compute() -> Any:
        lives = logs["branch_golive"]
        units = tree(logs).rows(lives["org_id"])
        since = np.full(logs["org_unit"].size, NEVER, np.int64)
        np.minimum.at(since, units[units >= 0], lives["live_at"][units >= 0])
        return since

    return logs.memo("live since", compute)


def _now(frame: Frame) -> Any:
    return np.full(frame.size, frame.logs.audit_instant, np.int64)


@FACTS.fact("org_unit")
def stands(frame: Frame) -> Any:
    """The unit is in force at the audit instant."""
    return in_force(frame, frame.logs.audit_instant)


@FACTS.fact("org_unit")
def branch_live(frame: Frame) -> Any:
    """The unit is a branch that is live at the audit instant."""
    return np.asarray(frame["kind"] == "branch") & (live_since(frame.logs) <= frame.logs.audit_instant)


@FACTS.fact("org_unit")
def branch_above_live(frame: Frame) -> Any:
    """Whether the branch above the unit is live at the audit instant: YES, NO (none above, or not live), UNSAID where it cannot be told."""
    rows, told = tree(frame.logs).above(np.arange(frame.size), "branch", _now(frame))
    live = take(frame["branch_live"], rows)
    return np.where(~told, UNSAID, np.where(live, YES, NO)).astype(np.int8)


@FACTS.row("access_event", of="org_unit")
def branch(frame: Frame) -> Any:
    """The branch above the user's unit at the event (10g)."""
    return _branch_above(frame)[0]


@FACTS.fact("access_event")
def branch_told(frame: Frame) -> Any:
    """Whether the branch above the user's unit can be told."""
    return _branch_above(frame)[1]


def _branch_above(frame: Frame) -> tuple[Any, Any]:
    def compute() -> tuple[Any, Any]:
        units = tree(frame.logs)
        home = units.rows(frame.logs["cis_user"]["org_id"])
        return units.above(take(home, frame["user"], -1), "branch", frame["at"])

    return frame.logs.memo("branch above users", compute)


@FACTS.fact("access_event")
def branch_org(frame: Frame) -> Any:
    return take(frame.logs["org_unit"]["org_id"], frame["branch"])


@FACTS.fact("access_event")
def branch_live_at(frame: Frame) -> Any:
    """When the branch first went live; not on record where it has not."""
    return take(live_since(frame.logs), frame["branch"])


def _below_quota(frame: Frame, outlets: str, quota: str) -> Any:
    """Whether the share of the outlets stays below the quota, in whole numbers: a share of exactly 70 % is enough."""
    ratios = [Decimal(str(dated.value)).as_integer_ratio() for dated in frame.logs.parameters[quota].values]
    chosen = frame.logs.parameters.positions(quota, frame["live_at"])
    top, bottom = (np.array([ratio[n] for ratio in ratios], np.int64)[chosen] for n in (0, 1))
    total = frame["outlets"]
    return frame[outlets] * bottom * np.sign(total) < top * np.abs(total)


@FACTS.fact("branch_golive")
def below_broadband_quota(frame: Frame) -> Any:
    """Fewer outlets with broadband than the quota asks for (10g.(1))."""
    return _below_quota(frame, "outlets_broadband", "broadband_quota")


@FACTS.fact("branch_golive")
def below_manager_quota(frame: Frame) -> Any:
    """Fewer outlets with a full-time manager than the quota asks for (10g.(2))."""
    return _below_quota(frame, "outlets_manager", "manager_quota")


@FACTS.fact("branch_golive")
def application_complete(frame: Frame) -> Any:
    """The application has all eight parts (12.(1))."""
    return np.logical_and.reduce([lists_item(frame["application_items"], item) for item in ITEMS])


@FACTS.fact("branch_golive")
def parts_missing(frame: Frame) -> Any:
    """The parts that the application lacks, by name."""
    lacks = np.stack([~lists_item(frame["application_items"], item) for item in ITEMS], axis=1)
    # There are 256 ways to lack parts, so each is spelled out once.
    ways, number = np.unique(np.packbits(lacks, axis=1, bitorder="little").ravel(), return_inverse=True)
    named = [", ".join(item for n, item in enumerate(ITEMS) if way >> n & 1) or None for way in ways.tolist()]
    return text_array(named).take(number)


@FACTS.fact("access_event")
def branch_found(frame: Frame) -> Any:
    """A branch stands above the user's unit."""
    return frame["branch"] >= 0
