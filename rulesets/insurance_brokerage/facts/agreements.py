"""Article 5.(1) and (2): manuals and training after an agreement."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from auditor.derive import (
    NEVER,
    Frame,
    Logs,
    elapse,
    group,
    joined,
    positions,
    rows_of,
    take,
)

from .book import FACTS

# Article 5.(1) and (2): manuals and training after an agreement


def _branches(logs: Logs, limit: str) -> dict[str, Any]:
    """Every agreement with every client branch in force from its signature until the limit has run out."""
    agreements, org_units = logs["agreement"], logs["org_unit"]
    of_kind = np.flatnonzero(np.asarray(org_units["kind"].isin(["client_branch_1", "client_branch_2"])))
    signed = agreements["signed_at"]
    due, unknown_year = elapse(logs, limit, signed)
    through = np.where(unknown_year == 0, due, signed)
    start, end = org_units["valid_from"][of_kind], org_units["valid_to"][of_kind]
    served = ((start >= NEVER) | (start <= signed[:, None])) & (through[:, None] < end)
    rows, branches = np.nonzero(served)
    agreement_id, org_id = take(agreements["agreement_id"], rows), take(org_units["org_id"], of_kind[branches])
    return {
        "case_id": joined(agreement_id, org_id),
        "agreement_id": agreement_id,
        "org_id": org_id,
        "signed_at": signed[rows],
        "agreement_row": rows,
        "branch_row": of_kind[branches],
    }


def _pairs(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.int64]:
    """One number for two rows (-1 where either is)."""
    return np.where((first >= 0) & (second >= 0), first * max(width, 1) + second, -1)


@FACTS.table("manual_branch", "agreement_id", "org_id", "signed_at")
def manual_branch(logs: Logs) -> dict[str, Any]:
    """Agreement × client branch in force from the signature until the manual is due (5.(1))."""
    return _branches(logs, "manual_limit")


@FACTS.table("training_branch", "agreement_id", "org_id", "signed_at")
def training_branch(logs: Logs) -> dict[str, Any]:
    """Agreement × client branch in force from the signature until the training is due (5.(2))."""
    return _branches(logs, "training_limit")


@FACTS.row("manual_branch", "training_branch", of="agreement")
def agreement(frame: Frame) -> Any:
    """The agreement."""
    return frame["agreement_row"]


@FACTS.row("manual_branch", of="manual_delivery")
def delivery(frame: Frame) -> Any:
    """The earliest delivery of that agreement to that branch."""
    deliveries, width = frame.logs["manual_delivery"], frame.logs["org_unit"].size
    made = _pairs(rows_of(deliveries, "agreement_id", "agreement"), rows_of(deliveries, "org_id", "org_unit"), width)
    return _first_of(
        _pairs(frame["agreement_row"], frame["branch_row"], width), made, deliveries["delivered_at"], deliveries["delivered_at"] < NEVER
    )


@FACTS.fact("manual_branch")
def delivered_at(frame: Frame) -> Any:
    """When the branch first received the manual (5.(1))."""
    return take(frame.logs["manual_delivery"]["delivered_at"], frame["delivery"])


def _first_of(wanted: Any, given: Any, times: Any, mask: Any) -> npt.NDArray[np.int64]:
    """For each wanted number, the earliest row of the mask that bears it; -1 where there is none."""
    rows = np.flatnonzero(mask & (given >= 0))
    rows = rows[np.lexsort((times[rows], given[rows]))]
    numbers = given[rows]
    place = np.searchsorted(numbers, wanted, side="left")
    found = take(rows, np.where(place < len(rows), place, -1), -1)
    return np.where(take(given, found, -1) == wanted, found, -1)


@FACTS.row("training_branch", of="duty_record")
def training(frame: Frame) -> Any:
    """The earliest training of the branch from the signature on; an earlier one belongs to an earlier agreement (5.(2))."""
    records = frame.logs["duty_record"]
    rows = np.flatnonzero(np.asarray(records["duty"] == "central_training"))
    trained = pd.DataFrame(
        {
            "branch": positions(frame.logs["org_unit"]["org_id"], take(records["subject_id"], rows)),
            "at": records["done_at"][rows],
            "row": rows,
        }
    )
    owed = pd.DataFrame({"branch": frame["branch_row"], "at": frame["signed_at"], "case": np.arange(frame.size)})
    found = pd.merge_asof(
        owed.sort_values("at", kind="stable"), trained.sort_values("at", kind="stable"), on="at", by="branch", direction="forward"
    )
    return found.sort_values("case")["row"].fillna(-1).to_numpy(np.int64)


@FACTS.fact("training_branch")
def trained_at(frame: Frame) -> Any:
    """When the branch was trained for this agreement (5.(2))."""
    return take(frame.logs["duty_record"]["done_at"], frame["training"])


def _copies(logs: Logs) -> pd.DataFrame:
    """Deliveries to units of the kind client_head_office, by agreement in order of time: row, owner, time, and the running total of copies.

    The receiver is not the unit that acted, so a delivery to a unit without kind simply does not count.
    """

    def add_up() -> pd.DataFrame:
        deliveries = group(logs, "manual_delivery", "agreement_id", "agreement", time="delivered_at")
        child = deliveries.child
        units = logs["org_unit"]
        to_head_office = np.asarray(take(units["kind"], rows_of(child, "org_id", "org_unit")) == "client_head_office")
        rows = deliveries.order[(to_head_office & (child["delivered_at"] < NEVER))[deliveries.order]]
        number = child["copies"][rows]
        owner = deliveries.parent_rows[rows]
        frame = pd.DataFrame(
            {"row": rows, "agreement": owner, "at": child["delivered_at"][rows], "copies": np.where(child.blank("copies")[rows], 0, number)}
        )
        frame["total"] = frame.groupby("agreement")["copies"].cumsum()
        return frame

    return logs.memo("copies for the client's head office", add_up)  # type: ignore[no-any-return]


@FACTS.fact("agreement")
def copies_complete_at(frame: Frame) -> Any:
    """The delivery with which the client's head office had its copies together (5.(1))."""
    copies = _copies(frame.logs)
    wanted = frame.logs.parameter("manual_copies", frame["signed_at"])
    enough = copies[copies["total"].to_numpy() >= wanted[copies["agreement"].to_numpy()]].drop_duplicates("agreement")
    complete = np.full(frame.size, NEVER, np.int64)
    complete[enough["agreement"]] = enough["at"]
    return complete


@FACTS.fact("agreement")
def copies_delivered(frame: Frame) -> Any:
    """Copies that the client's head office has received by as-of (5.(1))."""
    copies = _copies(frame.logs)
    return np.bincount(copies["agreement"], weights=copies["copies"], minlength=frame.size).astype(np.int64)


@FACTS.row("agreement", of="manual_delivery")
def copies(frame: Frame) -> Any:
    """The deliveries to the client's head office."""
    delivered = _copies(frame.logs)
    return delivered["agreement"].to_numpy(), delivered["row"].to_numpy()
