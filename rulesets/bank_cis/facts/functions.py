"""The functions of the roles (article 10): a dated table, in `functions.toml` and on top of it in a site's configuration."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from auditor.derive import Frame, Logs, positions, start_of_day, take, text_array
from auditor.vocabulary import NO, UNSAID, YES

from .book import FACTS


@FACTS.check("functions")
def functions_usable(table: Any, contract: Any) -> str | None:
    """What is wrong with the table of functions, told by its row: a misspelt function would take a right away without a word."""
    codes = {
        name: contract[record].field(name).codes
        for record, name in (("cis_user", "role"), ("cis_user", "level"), ("access_event", "action"))
    }
    if set(table) - {"grant"}:
        return f"there is no {', '.join(sorted(set(table) - {'grant'}))}; a row is a [[...functions.grant]]"
    for number, grant in enumerate(table.get("grant", ()), start=1):
        lists = grant.get("values") or ()
        named = [("role", grant.get("role")), *(("level", level) for level in grant.get("levels", ()))]
        named += [("action", function) for dated in lists for function in dated.get("functions", ())]
        for what, code in named:
            if code not in codes[what]:
                return f"row {number} of grant names the {what} {code!r}; there are {', '.join(codes[what])}"
        if not lists or not all(type(dated.get("from")) is date and "functions" in dated for dated in lists):
            return f"row {number} of grant, {grant['role']}: values lists at least one {{ from = 2026-01-01, functions = [...] }}"
    return None


@FACTS.fact("access_event")
def function_granted(frame: Frame) -> Any:
    """Whether the action is among the functions of the account's role and level when it happened: YES, NO, or UNSAID where the account has
    no level and the levels of its role differ on the action."""
    logs = frame.logs
    users = logs["cis_user"]
    roles, levels, actions = (
        logs.contract[r].field(f).codes for r, f in (("cis_user", "role"), ("cis_user", "level"), ("access_event", "action"))
    )
    starts, granted = logs.memo("functions of roles", lambda: _matrix(logs, roles, levels, actions))
    epoch = np.maximum(np.searchsorted(starts, frame["at"], side="right") - 1, 0)
    role = take(_numbers(users["role"], roles), frame["account"], -1)
    level = take(_numbers(users["level"], levels), frame["account"], -1)
    answers = granted[epoch, role, level, _numbers(frame["action"], actions)]
    return np.where(role >= 0, answers, NO).astype(np.int8)


def _matrix(logs: Logs, roles: tuple[str, ...], levels: tuple[str, ...], actions: tuple[str, ...]) -> tuple[Any, Any]:
    """The instants from which a list holds, and the answers by (list, role, level, action); the last level stands for a blank one."""
    grants = logs.data["functions"]["grant"]
    days = sorted({value["from"] for grant in grants for value in grant["values"]})
    starts = start_of_day(np.array([(day - date(1970, 1, 1)).days for day in days], np.int64), logs.zone)
    answers = np.full((len(days), len(roles), len(levels) + 1, len(actions)), NO, np.int8)
    for number, day in enumerate(days):
        for grant in grants:
            in_force = [value for value in grant["values"] if value["from"] <= day]
            if in_force:
                # A later row, such as a site's, stands in place of an earlier one for the same role and level.
                rows = [levels.index(level) for level in grant.get("levels", levels)]
                newest = max(in_force, key=lambda value: value["from"])
                answers[number, roles.index(grant["role"]), rows] = [YES if action in newest["functions"] else NO for action in actions]
    known = answers[:, :, :-1]
    answers[:, :, -1] = np.where(known.min(2) == known.max(2), known.max(2), UNSAID)
    return starts, answers


def _numbers(column: Any, codes: tuple[str, ...]) -> Any:
    """The place of each code in the contract's list; -1 where it is blank."""
    return positions(text_array(list(codes)), column)
