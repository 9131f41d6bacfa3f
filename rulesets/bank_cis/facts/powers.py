"""Numbers and powers of administrators and heads (articles 5, 9b, 10, 16, 20)."""

from __future__ import annotations

from typing import Any

import numpy as np

from auditor.derive import Frame, Logs, Pairs, choose, coded, in_force, kind_of, no_text, pairs_by_key, take, text_array
from auditor.vocabulary import NO, UNSAID, YES

from .assignments import tree, within_own_institution
from .book import FACTS, PROVINCE

_NONE = np.zeros(0, np.int64)


def _holders(logs: Logs, role: str) -> Any:
    """Rows of the accounts of the role that are active at the audit instant."""
    users = logs["cis_user"]
    return np.flatnonzero(users["active_now"] & np.asarray(users["role"] == role))


def _held(frame: Frame, role: str) -> Any:
    """Active accounts of the role with that unit, for each unit."""
    units = tree(frame.logs).rows(frame.logs["cis_user"]["org_id"].take(_holders(frame.logs, role)))
    return np.bincount(units[units >= 0], minlength=frame.size)


@FACTS.fact("org_unit")
def system_admins(frame: Frame) -> Any:
    """Active system administrators, wherever they are (10.(8))."""
    return np.full(frame.size, len(_holders(frame.logs, "system_admin")), np.int64)


@FACTS.fact("org_unit")
def system_admins_below(frame: Frame) -> Any:
    """Those of them whose level is on record and not the province's."""
    levels = frame.logs["cis_user"]["level"].take(_holders(frame.logs, "system_admin"))
    return np.full(frame.size, int((~np.asarray(levels == PROVINCE) & ~np.asarray(levels.isna())).sum()), np.int64)


@FACTS.fact("org_unit")
def system_admins_unsaid(frame: Frame) -> Any:
    """Those of them whose level is not on record."""
    levels = frame.logs["cis_user"]["level"].take(_holders(frame.logs, "system_admin"))
    return np.full(frame.size, int(np.asarray(levels.isna()).sum()), np.int64)


@FACTS.fact("org_unit")
def business_admins(frame: Frame) -> Any:
    return _held(frame, "business_admin")


@FACTS.fact("org_unit")
def outlet_heads(frame: Frame) -> Any:
    return _held(frame, "account_manager_head")


@FACTS.fact("org_unit")
def outlet_managers(frame: Frame) -> Any:
    return _held(frame, "account_manager")


def _tongda_heads(frame: Frame, answer: int) -> Any:
    """Active Tongda heads for whom "within the branch?" is answered so, for each unit that is a live branch."""
    logs = frame.logs
    units = tree(logs)
    homes = units.rows(logs["cis_user"]["org_id"].take(_holders(logs, "tongda_head")))
    branches = np.flatnonzero(frame["branch_live"])
    heads, roots = np.tile(homes, len(branches)), np.repeat(branches, len(homes))
    answers = units.within(heads, roots, np.full(len(heads), logs.audit_instant, np.int64))
    return np.bincount(roots[answers == answer], minlength=frame.size)


@FACTS.fact("org_unit")
def tongda_heads(frame: Frame) -> Any:
    """Active Tongda heads within the branch (10.(5))."""
    return _tongda_heads(frame, YES)


@FACTS.fact("org_unit")
def tongda_heads_at_most(frame: Frame) -> Any:
    """The same, with those whose unit cannot be placed."""
    return frame["tongda_heads"] + _tongda_heads(frame, UNSAID)


@FACTS.fact("org_unit")
def studios(frame: Frame) -> Any:
    """Studios in force at the audit instant whose parent is the unit (10.(5))."""
    counted = np.asarray(frame["kind"] == "studio") & frame["stands"]
    parents = tree(frame.logs).parents[counted]
    return np.bincount(parents[parents >= 0], minlength=frame.size)


@FACTS.table("tongda_member", "specialists", "org_id")
def tongda_member(logs: Logs) -> dict[str, Any]:
    """The Tongda members at the audit instant: how many specialists their assignment rows in force name, and the outlet that all of them
    name (10.(6))."""
    frame = logs["customer_assignment"]
    current = np.flatnonzero(in_force(frame, logs.audit_instant))
    customer, customers = coded(frame["customer_id"].take(current))
    member = np.zeros(len(customers), bool)
    member[customer[np.asarray(frame["tongda"].take(current) == "member")]] = True
    rows = current[member[customer]]
    case = (np.cumsum(member) - 1)[customer[member[customer]]]
    size = int(member.sum())
    outlets, outlet = _distinct(frame["org_id"].take(rows), case, size)
    # The pairs of case and row are evidence, not a column.
    logs.memo("tongda members' assignments", lambda: (case, rows))
    return {
        "case_id": text_array(customers.filter(member)),
        "specialists": _distinct(frame["specialist_id"].take(rows), case, size)[0],
        "org_id": choose(outlets == 1, take(frame["org_id"], take(rows, outlet, -1)), no_text(size)),
    }


def _distinct(texts: Any, case: Any, size: int) -> tuple[Any, Any]:
    """How many distinct texts each case has, and the place of one of them (-1: none)."""
    number, known = coded(texts)
    there = np.flatnonzero(number >= 0)
    _, first = np.unique(case[there] * (len(known) + 1) + number[there], return_index=True)
    place = np.full(size, -1, np.int64)
    place[case[there]] = there
    return np.bincount(case[there[first]], minlength=size), place


@FACTS.row("tongda_member", of="customer_assignment")
def member_assignments(frame: Frame) -> Any:
    """The assignment rows of the member in force at the audit instant."""
    return frame.logs.memo("tongda members' assignments", lambda: (_NONE, _NONE))


def approvals(frame: Frame, kind: str, actions: tuple[str, ...]) -> Pairs:
    """The approvals of the kind, granted for the event's target, that are valid at the event (10.(8), 20)."""
    granted = frame.logs["approval"]
    of_kind = np.asarray(granted["kind"] == kind) & np.asarray(granted["result"] == "approved")
    since = granted["approved_at"]
    until = since + frame.logs.parameter("approval_validity", since)

    def holds(events: Any, rows: Any) -> Any:
        return of_kind[rows] & (since[rows] <= frame["at"][events]) & (frame["at"][events] <= until[rows])

    return pairs_by_key(frame, "target_id", granted, "subject_id", holds, among=np.asarray(frame["action"].isin(list(actions))))


@FACTS.row("access_event", of="approval")
def role_approvals(frame: Frame) -> Any:
    pairs = approvals(frame, "role_change", ("add_role", "change_role_permission"))
    return pairs.owners, pairs.found


@FACTS.fact("access_event")
def role_change_approved(frame: Frame) -> Any:
    """An approval of the role's change was valid at the event."""
    return _owned(frame, "role_approvals")


@FACTS.row("access_event", of="approval")
def param_approvals(frame: Frame) -> Any:
    pairs = approvals(frame, "param_change", ("change_business_param",))
    return pairs.owners, pairs.found


@FACTS.fact("access_event")
def param_change_approved(frame: Frame) -> Any:
    """Whether the province's approval of the parameter's change was valid at the event: YES, NO, or UNSAID where the kind of the unit that
    approved is not known."""
    owners, found = frame["param_approvals"]
    kind = kind_of(frame.logs, frame.logs["approval"]["approver_org_id"])
    by_province, unknown = np.zeros(frame.size, bool), np.zeros(frame.size, bool)
    by_province[owners[np.asarray(kind == PROVINCE)[found]]] = True
    unknown[owners[np.asarray(kind.isna())[found]]] = True
    return np.where(by_province, YES, np.where(unknown, UNSAID, NO)).astype(np.int8)


def _owned(frame: Frame, rows: str) -> Any:
    result = np.zeros(frame.size, bool)
    result[frame[rows][0]] = True
    return result


@FACTS.fact("access_event")
def target_within(frame: Frame) -> Any:
    """Whether the account acted upon is within the actor's own institution: YES, NO or UNSAID (10.(9))."""
    users = frame.logs["cis_user"]
    rows = np.flatnonzero(frame["target"] >= 0)
    answers = np.full(frame.size, UNSAID, np.int8)
    answers[rows] = within_own_institution(frame.logs, users["org_id"], frame["target"][rows], frame["account"][rows], frame["at"][rows])
    return answers
