"""Accounts and the people behind them (articles 5, 9b, 10g, 13 to 15, 23, 25)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.derive import NEVER, NEVER_DAY, Frame, add, add_months, coded, kind_of, latest, local_day, rows_of, take
from auditor.vocabulary import YES

from .actors import active
from .book import FACTS, PROVINCE


@FACTS.fact("cis_user")
def active_now(frame: Frame) -> Any:
    """The account is active at the audit instant."""
    return (frame["registered_at"] <= frame.logs.audit_instant) & (frame.logs.audit_instant < frame["deregistered_at"])


@FACTS.row("cis_user", of="staff")
def person(frame: Frame) -> Any:
    return rows_of(frame, "staff_id", "staff")


@FACTS.fact("cis_user")
def person_known(frame: Frame) -> Any:
    """The account has a staff row."""
    return frame["person"] >= 0


@FACTS.fact("cis_user")
def left_on(frame: Frame) -> Any:
    """The last day in the post that the account was given for (9b.(1))."""
    return take(frame.logs["staff"]["left_on"], frame["person"], NEVER_DAY)


@FACTS.fact("cis_user")
def dept_kind(frame: Frame) -> Any:
    return take(frame.logs["staff"]["dept_kind"], frame["person"])


@FACTS.fact("cis_user")
def employment(frame: Frame) -> Any:
    return take(frame.logs["staff"]["employment"], frame["person"])


@FACTS.fact("cis_user")
def misconduct(frame: Frame) -> Any:
    return take(frame.logs["staff"]["misconduct"], frame["person"])


@FACTS.fact("cis_user")
def hired_on(frame: Frame) -> Any:
    return take(frame.logs["staff"]["hired_on"], frame["person"], NEVER_DAY)


@FACTS.fact("cis_user")
def appointment_doc(frame: Frame) -> Any:
    return take(frame.logs["staff"]["appointment_doc"], frame["person"])


@FACTS.fact("cis_user")
def registered_on(frame: Frame) -> Any:
    """The local day of the registration."""
    return local_day(frame["registered_at"], frame.logs.zone)


@FACTS.fact("cis_user")
def tenure_reached_on(frame: Frame) -> Any:
    """The day on which the person has been with the bank for the calendar years that a credit investigator needs (9b.(5))."""
    return add_months(frame["hired_on"], 12 * frame.logs.parameter("tenure", frame["registered_at"]))


@FACTS.fact("cis_user")
def department_unfit(frame: Frame) -> Any:
    """The person's department is on record and has no credit investigators (9b.(5))."""
    return ~frame.blank("dept_kind") & ~np.asarray(frame["dept_kind"].isin(["personal_loan", "collection", "credit_card"]))


@FACTS.fact("cis_user")
def employment_unfit(frame: Frame) -> Any:
    """The person's employment is on record and not a formal one (9b.(5).3)."""
    return ~frame.blank("employment") & ~np.asarray(frame["employment"] == "formal")


@FACTS.fact("cis_user")
def tenure_short(frame: Frame) -> Any:
    """At the registration the person had been with the bank for too short a time (9b.(5).3)."""
    return ~frame.blank("hired_on") & (frame["tenure_reached_on"] > frame["registered_on"])


@FACTS.fact("cis_user")
def ineligible(frame: Frame) -> Any:
    """Something on record rules the person out as a credit investigator (9b.(5))."""
    return frame["department_unfit"] | (frame["misconduct"] == YES) | frame["employment_unfit"] | frame["tenure_short"]


def _of_person(frame: Frame, *roles: str) -> Any:
    """Active accounts of the same person at the audit instant, of the roles named (all, where none is)."""
    persons, known = coded(frame["staff_id"])
    counted = frame["active_now"] & (persons >= 0)
    if roles:
        counted &= np.asarray(frame["role"].isin(list(roles)))
    return take(np.bincount(persons[counted], minlength=len(known)), persons, 0)


@FACTS.fact("cis_user")
def accounts_of_person(frame: Frame) -> Any:
    """How many active accounts the same person has at the audit instant (9b)."""
    return _of_person(frame)


@FACTS.fact("cis_user")
def heads_both(frame: Frame) -> Any:
    """The person's accounts are exactly one of a department head and one of a Tongda head, which is lawful (10.(5))."""
    both = (_of_person(frame, "dept_head") == 1) & (_of_person(frame, "tongda_head") == 1)
    return both & (frame["accounts_of_person"] == 2)


@FACTS.fact("cis_user")
def password_set_at(frame: Frame) -> Any:
    """When the password in use at the audit instant was set (23)."""
    changes = (frame["registered_at"], frame["initial_password_changed_at"], frame["password_changed_at"])
    return latest(*(np.where(change <= frame.logs.audit_instant, change, NEVER) for change in changes))


@FACTS.fact("cis_user")
def password_expires_at(frame: Frame) -> Any:
    return add(frame["password_set_at"], frame.logs.parameter("password_age", frame["password_set_at"]))


@FACTS.row("cis_user", of="approval")
def application(frame: Frame) -> Any:
    """The approval that the account names, if it is one of a user's application (13, 15)."""
    approvals = frame.logs["approval"]
    named = rows_of(frame, "application_id", "approval")
    return np.where(take(np.asarray(approvals["kind"] == "user_application"), named), named, -1)


@FACTS.fact("cis_user")
def approver_kind(frame: Frame) -> Any:
    """Kind of the unit that approved the application, whatever the dates of its row."""
    return kind_of(frame.logs, take(frame.logs["approval"]["approver_org_id"], frame["application"]))


@FACTS.fact("cis_user")
def application_approved_at(frame: Frame) -> Any:
    """When the province, or a unit of unknown kind, approved the application; not on record where it was rejected."""
    approvals = frame.logs["approval"]
    approved = take(np.asarray(approvals["result"] == "approved"), frame["application"])
    by_province = np.asarray(frame["approver_kind"] == PROVINCE) | frame.blank("approver_kind")
    return take(approvals["approved_at"], np.where(approved & by_province, frame["application"], -1))


def _granted(frame: Frame, prefix: str, column: str) -> tuple[Any, Any]:
    """Whether the application's details hold items with the prefix, and whether the account's column is among them."""
    details = frame.logs["approval"]["details"]
    details = details.combine_chunks() if isinstance(details, pa.ChunkedArray) else details
    owner = pc.list_parent_indices(details).to_numpy()
    item = pc.list_flatten(details)
    chosen = pc.starts_with(item, prefix).fill_null(False).to_numpy(zero_copy_only=False)
    granted, texts = owner[chosen], pc.utf8_slice_codeunits(item.filter(pa.array(chosen)), len(prefix))
    holds_items = np.zeros(len(details), bool)
    holds_items[granted] = True
    values, known = coded(frame[column])
    span = len(known) + 1
    allowed = granted * span + pc.index_in(texts.cast(known.type), value_set=known).fill_null(len(known)).to_numpy()
    asked = frame["application"] * span + values
    named = (frame["application"] >= 0) & (values >= 0)
    return take(holds_items, frame["application"]), named & np.isin(asked, allowed)


@FACTS.fact("cis_user")
def role_not_granted(frame: Frame) -> Any:
    """The application was for other roles than the account's."""
    listed, among = _granted(frame, "role:", "role")
    return listed & ~among


@FACTS.fact("cis_user")
def unit_not_granted(frame: Frame) -> Any:
    """The application was for other units than the account's."""
    listed, among = _granted(frame, "org:", "org_id")
    return listed & ~among & ~frame.blank("org_id")


@FACTS.fact("cis_user")
def unit_unclear(frame: Frame) -> Any:
    """The application was for certain units, and the account's unit is not on record."""
    return _granted(frame, "org:", "org_id")[0] & frame.blank("org_id")


@FACTS.fact("cis_user")
def approval_in_time(frame: Frame) -> Any:
    return frame["application_approved_at"] <= frame["registered_at"]


@FACTS.row("customer_assignment", of="cis_user")
def confirmer(frame: Frame) -> Any:
    """The account that confirmed the assignment, where it was active when the assignment began (10.(1), 10.(3), 10.(5))."""
    return active(frame.logs, rows_of(frame, "confirmed_by", "cis_user"), frame["valid_from"])


@FACTS.fact("customer_assignment")
def confirmer_role(frame: Frame) -> Any:
    return take(frame.logs["cis_user"]["role"], frame["confirmer"])
