"""Outage notices, outages and changes of their times (2.1)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from auditor.derive import Frame, NotAuditable, add, first_on_record, group, kind_of, no_text, positions, rows_of, take

from .facts_book import FACTS


@FACTS.fact("outage_notice")
def reporter_kind(frame: Frame) -> Any:
    """Kind of the unit that reported the notice, whatever the dates of its row (2.1.(1))."""
    return kind_of(frame.logs, frame["org_id"])


@FACTS.row("outage", "outage_change", of="outage_notice")
def notice(frame: Frame) -> Any:
    """The notice that the outage or the change names."""
    return rows_of(frame, "notice_id", "outage_notice")


@FACTS.fact("outage", "outage_change")
def notice_known(frame: Frame) -> Any:
    """The notice that is named exists (2.1.(4))."""
    return frame["notice"] >= 0


@FACTS.fact("outage")
def notice_entered_at(frame: Frame) -> Any:
    """When the outage's notice was entered; not on record where there is no notice (2.1.(1))."""
    return take(frame.logs["outage_notice"]["entered_at"], frame["notice"])


@FACTS.fact("outage")
def notice_planned_off_at(frame: Frame) -> Any:
    """When the notice says that supply goes off (2.1.(4))."""
    return take(frame.logs["outage_notice"]["planned_off_at"], frame["notice"])


@FACTS.fact("outage")
def notice_planned_on_at(frame: Frame) -> Any:
    """When the notice says that supply comes back (2.1.(4))."""
    return take(frame.logs["outage_notice"]["planned_on_at"], frame["notice"])


@FACTS.fact("outage")
def stopped_early(frame: Frame) -> Any:
    """Switched off earlier than planned, beyond the tolerance of the schedule (2.1.(4))."""
    planned = frame["notice_planned_off_at"]
    return ~frame.blank("notice_planned_off_at") & (frame["off_at"] < planned - frame.logs.parameter("schedule_tolerance", planned))


@FACTS.fact("outage")
def restored_late(frame: Frame) -> Any:
    """Not switched on by the planned time, beyond the tolerance: restored later, or still off at as-of (2.1.(4))."""
    planned = frame["notice_planned_on_at"]
    limit = add(planned, frame.logs.parameter("schedule_tolerance", planned))
    return ~frame.blank("notice_planned_on_at") & (frame["on_at"] > limit) & (frame.logs.as_of > limit)


def _change_told_at(frame: Frame, kind: str) -> Any:
    changes = group(frame.logs, "outage_change", "notice_id", "outage_notice", time="notified_at")
    first = changes.first(np.asarray(changes.child["kind"] == kind))
    return take(take(changes.child["notified_at"], first), frame["notice"])


@FACTS.fact("outage")
def early_stop_told_at(frame: Frame) -> Any:
    """The first report of an earlier stop of the outage's notice (2.1.(4))."""
    return _change_told_at(frame, "early_off")


@FACTS.fact("outage")
def late_restoration_told_at(frame: Frame) -> Any:
    """The first report of a later restoration of the outage's notice (2.1.(4))."""
    return _change_told_at(frame, "late_on")


@FACTS.fact("outage_change")
def announced_before_change(frame: Frame) -> Any:
    """The notice had been made public when the change was reported (2.1.(4))."""
    return take(frame.logs["outage_notice"]["announced_at"], frame["notice"]) < frame["notified_at"]


@FACTS.fact("outage_change")
def special_users_named(frame: Frame) -> Any:
    """The notice does not say that no special-transformer or important user is affected: anything but "none", a blank too."""
    users = pd.Series(take(frame.logs["outage_notice"]["special_users"], frame["notice"]))
    return (users.str.strip().str.lower() != "none").to_numpy(bool)


@FACTS.fact("outage_change")
def carrying_unit(frame: Frame) -> Any:
    """The unit of the notice's earliest outage that names one, else the notice's (2.1.(4)).

    Outages are found by the id of the notice, so that one that names a notice not on record still tells who carried it out.
    """
    return first_on_record(_carried_out_by(frame), _reported_by(frame))


def _carried_out_by(frame: Frame) -> Any:
    try:
        outages = frame.logs["outage"]
        order = np.argsort(outages["off_at"], kind="stable")
        named = order[~(outages.blank("org_id") | outages.blank("notice_id"))[order]]
        first = named[~pd.Series(outages["notice_id"][named]).duplicated().to_numpy()]
        return take(outages["org_id"][first], positions(outages["notice_id"][first], frame["notice_id"]))
    except NotAuditable:
        # Who is liable is no part of the verdict: a site without outages still has its changes judged.
        return no_text(frame.size)


def _reported_by(frame: Frame) -> Any:
    try:
        return take(frame.logs["outage_notice"].optional("org_id"), frame["notice"])
    except NotAuditable:
        return no_text(frame.size)
