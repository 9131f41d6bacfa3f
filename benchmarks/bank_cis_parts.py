"""The access log in parts that fit into memory, each judged alone: what makes the verdicts of the parts those of the whole.

An event is judged by its own account, customer, session, terminal and day, so the log is split by user; a user forced out by another is the
one thing that crosses users, so every part has all forced logouts, of which it judges its own users' alone. The running numbers are judged
by the entry before, so the log is split a second time by number, each part beginning with the last entry of the one before it. What is no
event is judged once; only the clean quarter adds up what all parts found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.derive import coded
from auditor.judge import Judged
from auditor.rulebook import Ruleset
from auditor.validate import Admitted

BY_NUMBER = ("BK506", "BK509")
OF_ALL = ("BK901",)
NUMBERS_ALONE = ("event_id", "seq", "at", "user_id", "action")
"""What the rules on the running numbers need of an entry, and what every entry must have."""


def by_user(ruleset: Ruleset) -> list[str]:
    """The rules judged user by user."""
    return [code for code, rule in ruleset.rules.items() if rule.record in ("access_event", "user_day") and code not in BY_NUMBER]


def once(ruleset: Ruleset) -> list[str]:
    """The rules that look at no event."""
    return [code for code in ruleset.rules if code not in (*by_user(ruleset), *BY_NUMBER, *OF_ALL)]


def part_of_users(events: pa.Table, part: int, parts: int) -> pa.Table:
    """The events of one user in `parts`, and every forced logout."""
    return events.filter(pc.or_(pa.array(of_part(events["user_id"], part, parts)), pc.equal(events["action"], "force_logout")))


def of_part(user_ids: Any, part: int, parts: int) -> npt.NDArray[np.bool_]:
    """Which of the user_ids belong to the part."""
    numbers, users = coded(user_ids)
    share = np.array([sum(user.encode()) % parts for user in users.to_pylist()], np.int64)
    return share[numbers] == part


def parts_of_numbers(events: pa.Table, as_of: int, parts: int) -> list[pa.Table]:
    """The numbered entries at as-of in order of their numbers, each part with the last entry of the one before it; rows ordered by key."""
    narrow = events.select([name for name in NUMBERS_ALONE if name in events.column_names])
    exists = pc.less_equal(narrow["at"].cast(pa.int64()), as_of)
    narrow = narrow.filter(pc.and_(narrow["seq"].is_valid(), exists)).sort_by([("seq", "ascending"), ("event_id", "ascending")])
    # Of equal numbers the first counts, so that a part never begins between two of them.
    seq = narrow["seq"].to_numpy()
    narrow = narrow.filter(pa.array(np.diff(seq, prepend=seq[0] - 1 if len(seq) else 0) != 0))
    cuts = np.linspace(0, narrow.num_rows, parts + 1).astype(int)
    return [narrow.slice(max(a - 1, 0), b - max(a - 1, 0)).sort_by("event_id") for a, b in pairwise(cuts.tolist())]


def with_events(admitted: Mapping[str, Admitted], events: pa.Table) -> dict[str, Admitted]:
    """The records with these events in place of all."""
    return {**admitted, "access_event": replace(admitted["access_event"], table=events)}


def own_cases(judged: Judged, part: int, parts: int) -> npt.NDArray[np.bool_]:
    """Which of the cases are of the part's users, and not a forced logout of somebody else's."""
    assert judged.cases is not None
    return of_part(judged.cases.frame["user_id"], part, parts)[judged.cases.view.rows]
