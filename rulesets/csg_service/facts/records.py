"""Parts 3.1 to 3.4: what briefs and plans contain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from auditor.derive import Frame, kind_of, lists_item, text_array

from .book import FACTS

ITEMS = (
    "inquiry",
    "fault_repair",
    "complaint",
    "business",
    "praise_and_suggestion",
    "return_visit",
    "outage_reminder",
    "bill_reminder",
    "connection_rate",
    "reply_rate",
    "average_wait",
    "problem_analysis",
    "rectification",
    "window_building",
    "service_inspection",
    "theme_campaign",
    "assessment",
    "key_customer_visits",
)
"""What a brief (3.3) or a plan (3.1, 3.2) may contain."""


@FACTS.fact("duty_record", "service_kpi")
def org_kind(frame: Frame) -> Any:
    """Kind of the unit, whatever the dates of its row; blank where it is unknown or has none."""
    return kind_of(frame.logs, frame["org_id"])


def _register(item: str) -> None:
    def listed(frame: Frame) -> Any:
        return text_array(pa.array(np.where(lists_item(frame["items"], item), item, None), pa.string()))

    listed.__name__ = f"item_{item}"
    listed.__doc__ = f"The item {item}, where the record lists it; blank where it does not."
    FACTS.fact("duty_record")(listed)


for _item in ITEMS:
    _register(_item)
