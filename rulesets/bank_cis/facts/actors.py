"""Who acted: the account behind an event, in force at that moment or whatever its dates."""

from __future__ import annotations

from typing import Any

import numpy as np

from auditor.derive import NEVER, Frame, Logs, end_of_day, first_on_record, rows_of, same_text, take

from .book import FACTS

LOOK_UPS = ("query_summary", "query_detail", "query_transactions", "query_credit")
CHANGES = (
    "modify_customer",
    "modify_customer_level",
    "assign_customer",
    "create_service_record",
    "modify_service_record",
    "delete_service_record",
    "approve_card",
)


def active(logs: Logs, users: Any, at: Any) -> Any:
    """The rows of `users` whose account is active at the moment (registered_at ≤ t < deregistered_at); -1 for the others."""
    accounts = logs["cis_user"]
    since, until = take(accounts["registered_at"], users), take(accounts["deregistered_at"], users)
    return np.where((since <= at) & (at < until), users, -1)


@FACTS.row("access_event", of="cis_user")
def user(frame: Frame) -> Any:
    """The account's row, whatever its dates."""
    return rows_of(frame, "user_id", "cis_user")


@FACTS.row("access_event", of="cis_user")
def account(frame: Frame) -> Any:
    """The account, where it was active at the event."""
    return active(frame.logs, frame["user"], frame["at"])


@FACTS.fact("access_event")
def user_known(frame: Frame) -> Any:
    return frame["user"] >= 0


@FACTS.fact("access_event")
def account_active(frame: Frame) -> Any:
    return frame["account"] >= 0


@FACTS.fact("access_event")
def role(frame: Frame) -> Any:
    """Role of the active account; an actor without one has no role."""
    return take(frame.logs["cis_user"]["role"], frame["account"])


@FACTS.fact("access_event")
def level(frame: Frame) -> Any:
    return take(frame.logs["cis_user"]["level"], frame["account"])


@FACTS.fact("access_event")
def user_role(frame: Frame) -> Any:
    """Role of the user's row, whatever its dates."""
    return take(frame.logs["cis_user"]["role"], frame["user"])


@FACTS.fact("access_event")
def holder_org(frame: Frame) -> Any:
    """Unit of the user's row: it answers for what the user does."""
    return take(frame.logs["cis_user"]["org_id"], frame["user"])


@FACTS.fact("access_event")
def holder(frame: Frame) -> Any:
    """The person behind the user; where none is on record, the user itself."""
    return first_on_record(take(frame.logs["cis_user"]["staff_id"], frame["user"]), frame["user_id"])


@FACTS.fact("access_event")
def look_up(frame: Frame) -> Any:
    """The event looks at a customer."""
    return np.asarray(frame["action"].isin(list(LOOK_UPS)))


@FACTS.fact("access_event")
def change(frame: Frame) -> Any:
    """The event changes a customer, or takes one's data out."""
    export = np.asarray(frame["action"] == "export")
    return np.asarray(frame["action"].isin(list(CHANGES))) | (export & ~frame.blank("customer_id"))


@FACTS.row("access_event", of="staff")
def holder_staff(frame: Frame) -> Any:
    """The staff row of the user."""
    return take(rows_of(frame.logs["cis_user"], "staff_id", "staff"), frame["user"], -1)


@FACTS.fact("access_event")
def holder_known(frame: Frame) -> Any:
    """The user has a staff row."""
    return frame["holder_staff"] >= 0


@FACTS.fact("access_event")
def post_ended_at(frame: Frame) -> Any:
    """23:59:59 of the last day in the post that the account was given for (9b.(1)); not on record while the person holds it."""
    staff = frame.logs["staff"]
    return take(end_of_day(staff["left_on"], frame.logs.zone), frame["holder_staff"], NEVER)


@FACTS.row("access_event", of="cis_user")
def target(frame: Frame) -> Any:
    """The account acted upon, whatever its dates."""
    return rows_of(frame, "target_id", "cis_user")


@FACTS.fact("access_event")
def target_known(frame: Frame) -> Any:
    return frame["target"] >= 0


@FACTS.fact("access_event")
def target_role(frame: Frame) -> Any:
    return take(frame.logs["cis_user"]["role"], frame["target"])


@FACTS.fact("access_event")
def own_account(frame: Frame) -> Any:
    """The actor acted upon the actor's own account."""
    return same_text(frame["target_id"], frame["user_id"])


@FACTS.fact("access_event")
def customer_given(frame: Frame) -> Any:
    """The event names a customer."""
    return ~frame.blank("customer_id")
