"""Who managed the customer at the moment of the event, and whether that unit lies within the account's own institution (articles 7, 10)."""

from __future__ import annotations

from typing import Any

import numpy as np

from auditor.derive import Frame, Logs, Pairs, Tree, choose, in_force_pairs, rows_of, same_text, take, unit_tree
from auditor.vocabulary import NO, UNSAID, YES

from .book import FACTS, PROVINCE


def tree(logs: Logs) -> Tree:
    return unit_tree(logs, PROVINCE)


def in_force(frame: Frame) -> Pairs:
    """The customer's assignment rows in force at each look-up and change."""

    def join() -> Pairs:
        return in_force_pairs(frame, "customer_id", "customer_assignment", "customer_id", among=frame["look_up"] | frame["change"])

    return frame.logs.memo("assignments in force", join)


def within_own_institution(logs: Logs, org_ids: Any, rows: Any, accounts: Any, at: Any) -> Any:
    """Whether the units `org_ids[rows]` lie within the own institution of the accounts (rows of cis_user): YES, NO or UNSAID.

    That is the account's unit and all below; for a studio its parent branch and all below; for a unit without kind that unit alone, and of
    all else nothing can be told.
    """
    units, users = tree(logs), logs["cis_user"]
    home = units.rows(users["org_id"])
    kinds = take(units.kinds, home)
    studio = np.asarray(kinds == "studio")
    parent_ids = take(logs["org_unit"]["parent_id"], home)
    root = np.maximum(np.where(studio, take(units.parents, home, -1), home), -1)
    unit, of_account = take(units.rows(org_ids), rows, -1), take(root, accounts, -1)
    answers = units.within(unit, of_account, at)
    # Two ids that no unit bears may still be the same.
    lost = np.flatnonzero((unit < 0) & (of_account < 0) & (accounts >= 0))
    root_ids = choose(studio, parent_ids, users["org_id"]).take(accounts[lost])
    same = (unit == of_account) & (unit >= 0)
    same[lost] = same_text(org_ids.take(rows[lost]), root_ids)
    answers = np.where(same, YES, answers)
    unclear = (take(np.asarray(kinds.isna()), accounts) & ~same) | (take(studio, accounts) & ~units.in_force(take(home, accounts, -1), at))
    return np.where(unclear, UNSAID, answers).astype(np.int8)


@FACTS.row("access_event", of="customer_assignment")
def assignments(frame: Frame) -> Any:
    """The customer's assignment rows in force at the event."""
    pairs = in_force(frame)
    return pairs.owners, pairs.found


@FACTS.fact("access_event")
def assignment_known(frame: Frame) -> Any:
    """At least one assignment row was in force."""
    return in_force(frame).count() > 0


@FACTS.fact("access_event")
def customer_within(frame: Frame) -> Any:
    """Whether the customer is managed within the account's own institution (7): one assignment row within is enough; without one, a row
    that cannot be placed leaves it untold, as does a customer without a row."""
    pairs = in_force(frame)
    rows = frame.logs["customer_assignment"]
    owners = pairs.owners
    answers = within_own_institution(frame.logs, rows["org_id"], pairs.found, frame["account"][owners], frame["at"][owners])
    inside, unplaced = pairs.any(answers == YES), pairs.any(answers == UNSAID)
    return np.where(inside, YES, np.where(unplaced | ~frame["assignment_known"], UNSAID, NO)).astype(np.int8)


def _names_user(frame: Frame, field: str) -> Any:
    """One of the customer's assignment rows names the user in the field."""
    pairs = in_force(frame)
    named = rows_of(frame.logs["customer_assignment"], field, "cis_user")[pairs.found]
    return pairs.any((named >= 0) & (named == frame["user"][pairs.owners]))


@FACTS.fact("access_event")
def user_is_manager(frame: Frame) -> Any:
    """The customer was assigned to the user as account manager (10.(4))."""
    return _names_user(frame, "manager_id")


@FACTS.fact("access_event")
def user_is_specialist(frame: Frame) -> Any:
    """The customer was assigned to the user as Tongda specialist (10.(6))."""
    return _names_user(frame, "specialist_id")


def _tongda(frame: Frame, *values: str) -> Any:
    pairs = in_force(frame)
    mask = np.asarray(frame.logs["customer_assignment"]["tongda"].isin(list(values)))
    return pairs.any(mask[pairs.found])


@FACTS.fact("access_event")
def tongda_member(frame: Frame) -> Any:
    """One of the rows in force says that the customer is a Tongda member."""
    return _tongda(frame, "member")


@FACTS.fact("access_event")
def tongda_standard(frame: Frame) -> Any:
    """One of the rows in force says that the customer is of Tongda standard or a member."""
    return _tongda(frame, "standard", "member")


@FACTS.fact("access_event")
def tongda_unsaid(frame: Frame) -> Any:
    """One of the rows in force does not say whether the customer is of Tongda standard; or there is none."""
    pairs = in_force(frame)
    blank = frame.logs["customer_assignment"].blank("tongda")
    return pairs.any(blank[pairs.found]) | ~frame["assignment_known"]
