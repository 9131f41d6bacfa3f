"""A provincial branch in the third quarter of 2026, in order but for the breaches planted in it.

Seventeen outlets under four branches, one of which goes live within the quarter; about two hundred accounts and ten thousand entries of the
access log. Every rule has at least one planted breach, indicator or merit, and nothing else is out of order.
"""

from __future__ import annotations

import random

from .organisation import Bank, found_bank
from .planted import plant
from .workdays import work

PERIOD = "2026Q3"
AS_OF = "2026-11-20T09:00:00"


def build(chance: random.Random) -> tuple[dict[str, list[dict[str, object]]], list[tuple[str, str]]]:
    """Rows of canonical records, and the (rule, case id) that an audit of PERIOD at AS_OF must find: these and no others."""
    bank = found_bank(chance)
    plant(bank)
    work(bank)
    planted = _number_the_log(bank)
    return bank.rows, sorted(planted)


def _number_the_log(bank: Bank) -> list[tuple[str, str]]:
    """Give the entries their numbers in the order in which they were written; case ids are known only then."""
    log = sorted(bank.log, key=lambda entry: (entry.written, entry.row["at"], entry.row["user_id"]))
    number = 500_000
    planted = list(bank.planted)
    for count, entry in enumerate(log, start=1):
        number += 3 if entry.after_gap else 1
        entry.row |= {"event_id": f"E{count:06}", "seq": number}
        planted += [(rule, str(number) if rule == "BK506" else f"E{count:06}") for rule in entry.breaks]
    bank.rows["access_event"] = [entry.row for entry in log]
    return planted
